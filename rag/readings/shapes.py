"""What readings were like between two days: night and day, highest, the day, month or hour of most use. Pure.

The caller checks `Series.blocked` and cuts the series.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from config.company import SiteConfig
from rag.days import Days
from rag.figure import Figure
from rag.measures.formula import calculate
from rag.measures.model import Calculation
from rag.readings import profile, water
from rag.readings.amounts import named, period_numbers, spelled
from rag.readings.quantities import computed, metered
from rag.readings.series import Series

_WHOLE = 0.95
"""Share of a day or month that must have been read for it to be compared with others."""


def _rate_unit(series: Series) -> str:
    return "kW" if series.unit == "kWh" else "m3/h"


def night(series: Series, span: Days | None) -> Figure:
    """The mean of the night and of the day; over all that was read with the base load."""
    if span is None:
        return Figure("nights", series.name, (profile.base_load(series),), {})
    hours = pd.DatetimeIndex(series.rate.index).hour
    means = [float(series.rate[(hours >= first) & (hours < last)].mean()) for first, last in (profile.NIGHT, profile.DAY)]
    unit = _rate_unit(series)
    inputs = (metered("night_rate", means[0], unit, series), metered("day_rate", means[1], unit, series))
    formula = "night_of_day = 100 * night_rate / day_rate" if means[1] else "night_of_day = 0 * night_rate"
    made = calculate(f"night.{named(series, span)}", "night", formula, "means of the hours", inputs, {"night_of_day": "%"})
    return Figure("night_in", series.name, (made,), {"span": spelled(span)})


def mean(series: Series, span: Days) -> Figure:
    """The mean rate, and what that is a day."""
    rate = metered("mean_rate", float(series.rate.mean()), _rate_unit(series), series)
    units = {"daily_mean": f"{series.unit}/day"}
    made = calculate(
        f"mean.{named(series, span)}", "mean", "daily_mean = mean_rate * 24", "mean of what was read", (rate,), units
    )
    return Figure("mean_in", series.name, (made,), {"span": spelled(span)})


def peak(series: Series, site: SiteConfig, span: Days, periods: tuple[int, ...]) -> Figure | None:
    """The highest rate and when it was; of some tariff periods alone, if any are given. None if none of them occurs."""
    rate, toll = series.rate, site.tariff.get("toll") and series.carrier == "electricity" and series.hours <= 1
    numbers = period_numbers(series, site) if toll else None
    if periods:
        if numbers is None:
            return None
        rate = rate[np.isin(numbers, periods)]
    if rate.dropna().empty:
        return None
    when, unit = pd.DatetimeIndex(rate.index)[int(rate.argmax())], _rate_unit(series)
    inputs = (metered("mean_rate", float(rate.mean()), unit, series), metered("highest_rate", float(rate.max()), unit, series))
    formula = "load_factor = 100 * mean_rate / highest_rate" if inputs[1].value else "load_factor = 0 * mean_rate"
    reference = "IEC 60050-691:1973, load factor"
    made = calculate(f"peak.{named(series, span)}", "load_shape", formula, reference, inputs, {"load_factor": "%"})
    values = {"span": spelled(span), "moment": f"{when:%Y-%m-%dT%H:%M}"}
    if numbers is None:
        return Figure("peak_in", series.name, (made,), values)
    at = int(numbers[pd.DatetimeIndex(series.values.index).get_loc(when)])
    return Figure("peak_in_period", series.name, (made,), {**values, "period": f"P{at}"})


def extreme(series: Series, span: Days, grain: Literal["hour", "day", "month"], *, most: bool) -> Figure | None:
    """The day, month or hour of the day of most or least use. None if there are not two of them to compare."""
    groups = _by_hour(series) if grain == "hour" else _whole(series, "D" if grain == "day" else "MS")
    if len(groups) < 2:
        return None
    at, usual = int(groups.argmax() if most else groups.argmin()), float(groups.mean())
    unit = _rate_unit(series) if grain == "hour" else series.unit
    inputs = (metered("most_amount", float(groups.iloc[at]), unit, series), metered("usual_mean", usual, unit, series))
    formula = "off_mean = 100 * (most_amount - usual_mean) / usual_mean" if usual else "off_mean = 0 * most_amount"
    made = calculate(
        f"extreme.{named(series, span)}.{grain}", "extreme", formula, "sums of what was read", inputs, {"off_mean": "%"}
    )
    values = {"span": spelled(span), "which": _spelled(groups.index[at], grain)}
    return Figure(f"{'most' if most else 'least'}_{grain}", series.name, (made,), values)


def _by_hour(series: Series) -> pd.Series[float]:
    return profile.by_hour(series) if series.hours <= 1 else pd.Series(dtype=float)


def _whole(series: Series, frequency: str) -> pd.Series[float]:
    """Sums of the days or months that were read as a whole."""
    grouped = series.values.resample(frequency)
    sums, read = grouped.sum(), grouped.count() * series.hours
    starts = pd.DatetimeIndex(sums.index)
    ends = starts + (pd.offsets.MonthBegin(1) if frequency == "MS" else pd.DateOffset(days=1))
    return sums[(read / ((ends - starts).total_seconds() / 3600)).to_numpy() >= _WHOLE]


def _spelled(place: object, grain: str) -> str:
    if grain == "hour":
        return f"{place}h"
    stamp = pd.Timestamp(place)  # type: ignore[arg-type]  # a label of an index of times
    return f"{stamp:%Y-%m-%d}" if grain == "day" else f"{stamp:%Y-%m}"


def night_flow(series: Series, span: Days | None) -> Figure:
    """The minimum night flow: of the last four weeks, or of the days that were asked for."""
    if span is None:
        return Figure("night_flow", series.name, (water.night_flow(series),), {})
    made = replace(water.night_flow(series), id=f"night_flow.{series.meter}")
    return Figure("night_flow_in", series.name, (made,), {"span": spelled(span)})


def specific(power: Series, flow: Series, span: Days | None) -> Figure | None:
    """Energy over water between two days, else over all that was read and how it has changed; None without a time in common."""
    try:
        whole = water.specific_energy(power, flow)
    except ValueError:
        return None
    if span is None:
        return Figure("specific", power.name, (whole,), {})
    result = computed("specific", whole.result("specific").value, "kWh/m3")
    made = Calculation(f"specific.{named(power, span)}", whole.method, whole.formula, whole.reference, whole.inputs, (result,))
    return Figure("specific_in", power.name, (made,), {"span": spelled(span)})
