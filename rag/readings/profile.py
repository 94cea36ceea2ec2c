"""What a year of readings shows of a load: base, nights, weekends, peaks, duration. Pure; the caller checks `Series.blocked`.

Definitions: base load as the median over days of the least three-hour mean, which an outage does not pull down (ours; the fifth
percentile stands beside it); load factor and duration curve as in any textbook of power systems.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rag.measures.model import Calculation, Quantity
from rag.readings.quantities import computed, metered, yearly
from rag.readings.series import Series
from rag.readings.tariffs import working_hours

NIGHT = (0, 6)
DAY = (8, 18)
"""Hours, from and to."""


def base_load(series: Series) -> Calculation:
    """What always runs, what runs at night, and its share of the day's: kW (or m3/h), %, and what the base is in a year."""
    hourly = series.rate.resample("1h").mean() if series.hours < 1 else series.rate
    unit = "kW" if series.unit == "kWh" else "m3/h"
    rate, index = hourly.to_numpy(dtype=np.float64), pd.DatetimeIndex(hourly.index)
    days, hours = _local(index)
    calm = np.full(len(rate), np.nan)
    calm[2:] = (rate[2:] + rate[1:-1] + rate[:-2]) / 3
    least = pd.Series(calm).groupby(days).min()
    base = float(least.median())
    night, day = (float(np.nanmean(rate[(hours >= first) & (hours < last)])) for first, last in (NIGHT, DAY))
    annual = yearly(series)
    return Calculation(
        f"base_load.{series.meter}",
        "base_load",
        "base_share = 100 * base_rate * 8760 / annual",
        "CalTRACK 2.0 §2.2; median of the daily minima of three-hour means",
        (metered("base_rate", base, unit, series), metered("annual", annual, f"{series.unit}/year", series)),
        (
            computed("base_share", 100 * base * 8760 / annual, "%"),
            metered("night_rate", night, unit, series),
            metered("day_rate", day, unit, series),
            computed("night_of_day", 100 * night / day if day else 0.0, "%"),
        ),
    )


def overview(series: Series) -> Calculation:
    """All that was read, and what its bills say that it cost: kWh (or m3), EUR, and EUR for each."""
    total = float(series.values.sum())
    told = [metered("overview_total", total, series.unit, series)]
    if series.cost_eur is not None and total > 0:
        told.append(metered("overview_paid", series.cost_eur, "EUR", series))
        told.append(computed("mean_price", series.cost_eur / total, f"EUR/{series.unit}"))
    formula = "mean_price = overview_paid / overview_total" if len(told) > 1 else ""
    if formula and series.energy_eur is not None:
        told.append(metered("energy_paid", series.energy_eur, "EUR", series))
        told.append(computed("energy_only_price", series.energy_eur / total, f"EUR/{series.unit}"))
        formula += "; energy_only_price = energy_paid / overview_total"
    read = computed("overview_days", float(series.values.notna().sum()) * series.hours / 24, "day")
    return Calculation(f"overview.{series.meter}", "overview", formula, "sum of what was read", (read,), tuple(told))


def per(series: Series, of: str, amount: float, unit: str) -> Calculation:
    """A year's consumption for each square metre or person of the site (`of`: "area" or "people")."""
    annual = metered("annual", yearly(series), f"{series.unit}/year", series)
    size = Quantity(of, amount, unit, "advisor.yaml", "configured")
    result = computed(f"per_{of}", annual.value / amount, f"{series.unit}/{unit}/year")
    return Calculation(
        f"per_{of}.{series.meter}",
        f"per_{of}",
        f"per_{of} = annual / {of}",
        "ISO 50006, energy performance indicators: ratio",
        (annual, size),
        (result,),
    )


def per_unit(series: Series, units: float, unit: str) -> Calculation:
    """What one unit that the site makes or serves takes: `units` a year of a `unit` ("vehicle", "unit")."""
    annual = metered("annual", yearly(series), f"{series.unit}/year", series)
    made = Quantity("units", units, f"{unit}/year", "advisor.yaml", "configured")
    result = computed("per_unit", annual.value / units, f"{series.unit}/{unit}")
    reference = "ISO 50006, energy performance indicators: ratio"
    return Calculation(f"per_unit.{series.meter}", "per_unit", "per_unit = annual / units", reference, (annual, made), (result,))


def load_shape(series: Series) -> Calculation:
    """Mean and highest rate, load factor, and the duration curve's points."""
    rate = series.rate.dropna()
    unit = "kW" if series.unit == "kWh" else "m3/h"
    mean, highest = float(rate.mean()), float(rate.max())
    points = {f"p{share}": float(np.quantile(rate, share / 100)) for share in (95, 50, 5)}
    return Calculation(
        f"load_shape.{series.meter}",
        "load_shape",
        "load_factor = 100 * mean_rate / highest_rate",
        "IEC 60050-691:1973, load factor and load duration curve",
        (metered("mean_rate", mean, unit, series), metered("highest_rate", highest, unit, series)),
        (
            computed("load_factor", 100 * mean / highest if highest else 0.0, "%"),
            *(metered(f"duration_{name}", value, unit, series) for name, value in points.items()),
        ),
    )


def weekend(series: Series) -> Calculation:
    """The mean day off against the mean working day (weekends and national holidays)."""
    working = working_hours(pd.DatetimeIndex(series.values.index))
    on, off = (float(series.rate[working == yes].mean()) * 24 for yes in (True, False))
    unit = f"{series.unit}/day"
    return Calculation(
        f"weekend.{series.meter}",
        "weekend",
        "weekend_share = 100 * day_off / working_day",
        "CNMC, Circular 3/2020, art. 7, working days",
        (metered("working_day", on, unit, series), metered("day_off", off, unit, series)),
        (computed("weekend_share", 100 * off / on if on else 0.0, "%"),),
    )


def by_hour(series: Series, working: bool | None = None) -> pd.Series[float]:
    """The mean rate of each hour of the day, 0 to 23; of working days, days off, or all."""
    rate = series.rate
    if working is not None:
        rate = rate[working_hours(pd.DatetimeIndex(rate.index)) == working]
    return rate.groupby(pd.DatetimeIndex(rate.index).hour).mean()


def _local(index: pd.DatetimeIndex) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(Days since 1970, hours of the day) by local time, each in whole numbers."""
    naive = index.tz_localize(None) if index.tz is not None else index
    seconds = naive.as_unit("s").asi8
    return seconds // 86_400, seconds % 86_400 // 3_600
