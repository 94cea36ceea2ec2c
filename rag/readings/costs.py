"""What days of the week, days and months used and cost: means of some weekdays, the dearest month, amounts a month. Pure.

The caller checks `Series.blocked` and cuts the series.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from config.company import SiteConfig
from rag.days import Days
from rag.figure import Figure
from rag.measures.formula import calculate
from rag.measures.model import Calculation, Quantity
from rag.readings import amounts, shapes
from rag.readings.quantities import computed, metered
from rag.readings.series import Series
from rag.when import Hours

_DAYS = {"day": 1.0, "month": 365 / 12}


def on_weekdays(series: Series, weekdays: Sequence[int]) -> Series:
    """The series with the readings of some days of the week alone."""
    index = pd.DatetimeIndex(series.values.index)
    return replace(series, values=series.values.where(np.isin(index.day_of_week, list(weekdays))))


def in_hours(series: Series, hours: Hours) -> Series:
    """The series with the readings from one hour of the day up to another alone, over midnight too."""
    first, last = hours
    at = pd.DatetimeIndex(series.values.index).hour
    kept = (at >= first) & (at < last) if first < last else (at >= first) | (at < last)
    return replace(series, values=series.values.where(kept))


def spelled(span: Days, weekdays: Sequence[int], hours: Hours | None = None) -> str:
    """A span and the days of the week and hours in it, as a figure's value holds them."""
    days = [f"wd{','.join(map(str, weekdays))}"] if weekdays else []
    return "|".join([amounts.spelled(span), *days, *([f"{hours[0]}-{hours[1]}h"] if hours else [])])


def used_in(whole: Series, part: Series, span: Days, weekdays: Sequence[int], hours: Hours) -> Figure | None:
    """The mean rate in some hours of the day (`part` is of them alone) against that of all; None if none was read."""
    if not part.values.notna().any():
        return None
    unit = "kW" if whole.unit == "kWh" else "m3/h"
    inputs = (
        metered("hours_total", float(part.values.sum()), whole.unit, whole),
        computed("hours_read", float(part.values.notna().sum()) * part.hours, "h"),
        metered("usual_mean", float(whole.rate.mean()), unit, whole),
    )
    made = calculate(
        f"hours.{amounts.named(whole, span)}.{hours[0]}-{hours[1]}.{''.join(map(str, weekdays))}", "hours",
        "hours_mean = hours_total / hours_read", "mean of what was read", inputs, {"hours_mean": unit},
    )  # fmt: skip
    return Figure("used_hours", whole.name, (made,), {"span": spelled(span, weekdays, hours)})


def used_on(whole: Series, part: Series, span: Days, weekdays: Sequence[int]) -> Figure | None:
    """The mean of some days of the week (`part` is of them alone) against that of all; None if none was read."""
    read = float(part.values.notna().sum()) * part.hours / 24
    if read <= 0:
        return None
    unit = f"{whole.unit}/day"
    inputs = (
        metered("overview_total", float(part.values.sum()), whole.unit, whole), computed("overview_days", read, "day"),
        metered("usual_mean", float(whole.rate.mean()) * 24, unit, whole),
    )  # fmt: skip
    name = f"weekday.{amounts.named(whole, span)}.{''.join(map(str, weekdays))}"
    formula = "weekday_mean = overview_total / overview_days"
    made = calculate(name, "weekday", formula, "mean of what was read", inputs, {"weekday_mean": unit})
    return Figure("used_weekdays", whole.name, (made,), {"span": spelled(span, weekdays)})


def each(figure: Figure, part: Series, span: Days, length: Literal["day", "month"]) -> Figure:
    """A figure of an amount, and maybe of its cost, with what that is a day or a month of what was read."""
    held = {one.key: one for made in figure.calculations for one in (*made.inputs, *made.results)}
    total, cost = held.get("overview_total"), held.get("energy_cost")
    read = float(part.values.notna().sum()) * part.hours / 24
    if total is None or read <= 0:
        return figure
    inputs = [total, computed("overview_days", read, "day"), computed("each_days", _DAYS[length], "day")]
    formula, units = "each_amount = overview_total * each_days / overview_days", {"each_amount": part.unit}
    if cost is not None:
        inputs.append(cost)
        formula += "; each_cost = energy_cost * each_days / overview_days"
        units["each_cost"] = "EUR"
    name = f"each.{amounts.named(part, span)}.{length}"
    made = calculate(name, "each", formula, "share of what was read", inputs, units)
    key = f"each_{'used' if cost is None else 'cost'}_{length}"
    return replace(figure, calculations=(*figure.calculations, made), also=(*figure.also, key))


def dearest(
    series: Series, site: SiteConfig, span: Days, grain: Literal["day", "month"], price: float | None, *, most: bool
) -> Figure | None:
    """The day or month that cost most or least; None where no price is known or there are not two to compare."""
    costs = _costs(series, site, price)
    found = shapes.extreme(costs, span, grain, most=most) if costs is not None else None
    if found is None:
        return None
    made = _cost_of(series, site, _days(found.values["which"], grain), price)
    if made is None:
        return None
    compared = replace(found.calculations[0], id=f"dearest.{amounts.named(series, span)}.{grain}")
    return Figure(f"{'dear' if most else 'cheap'}_{grain}", series.name, (made, compared), found.values)


def with_cost(
    found: Figure, series: Series, site: SiteConfig, grain: Literal["day", "month"], price: float | None
) -> list[Figure]:
    """The day or month that was found, and what it cost."""
    span = _days(found.values["which"], grain)
    return [found, amounts.used(amounts.cut(series, span), site, span, price, money=True)]


def _days(which: str, grain: str) -> Days:
    """The days of a day or a month as a figure's value holds it."""
    if grain == "day":
        return Days(date.fromisoformat(which), date.fromisoformat(which))
    first = date.fromisoformat(f"{which}-01")
    return Days(first, (pd.Timestamp(first) + pd.offsets.MonthEnd(0)).date())


def _costs(series: Series, site: SiteConfig, price: float | None) -> Series | None:
    """What each interval cost, EUR; None where the price is not known."""
    flat = amounts.one_price(series, site)
    if price is not None or flat is not None:
        each_price = price if price is not None else flat.value if flat else 0.0
        return replace(series, values=series.values * each_price, unit="EUR")
    told = site.tariff.get("energy_eur_per_kwh")
    if (
        series.carrier != "electricity"
        or series.blocked("tariff_periods")
        or not isinstance(told, dict)
        or not site.tariff.get("toll")
    ):
        return None
    numbers = amounts.period_numbers(series, site)
    prices = np.array([float(told.get(f"P{number}", np.nan)) for number in numbers.tolist()])
    return replace(series, values=series.values * prices, unit="EUR")


def _cost_of(series: Series, site: SiteConfig, span: Days, price: float | None) -> Calculation | None:
    part = amounts.cut(series, span)
    if price is not None:
        return amounts.at_price(part, span, Quantity("price", price, f"EUR/{series.unit}", "conversation", "asked"))
    if made := amounts.by_contract(part, site, span):
        return made
    flat = amounts.one_price(part, site)
    return amounts.at_price(part, span, flat) if flat else None
