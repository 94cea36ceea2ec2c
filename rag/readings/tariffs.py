"""Spain's tariff periods, and what the readings are in them: energy, highest power, cost.

Sources: CNMC Circular 3/2020, consolidated (BOE-A-2020-1066), art. 7: seasons, hours, and the national holidays with a fixed date
that no region may move, which leaves Good Friday out. The hours of the islands, Ceuta and Melilla were read in one public
implementation only: compare them with the official table before billing by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from config.company import SiteConfig
from rag.measures.model import Calculation, Quantity
from rag.readings.quantities import computed, metered
from rag.readings.series import Series

Numbers = NDArray[np.int64]
REFERENCE = "CNMC, Circular 3/2020, art. 7 (BOE-A-2020-1066)"
_HOLIDAYS = frozenset({(1, 1), (1, 6), (5, 1), (8, 15), (10, 12), (11, 1), (12, 6), (12, 8), (12, 25)})
_SEASONS = {
    "peninsula": {"A": (1, 2, 7, 12), "B": (3, 11), "B1": (6, 8, 9), "C": (4, 5, 10)},
    "canarias": {"A": (7, 8, 9, 10), "B": (11, 12), "B1": (1, 2, 3), "C": (4, 5, 6)},
    "baleares": {"A": (6, 7, 8, 9), "B": (5, 10), "B1": (1, 2, 12), "C": (3, 4, 11)},
    "ceuta": {"A": (1, 2, 8, 9), "B": (7, 10), "B1": (3, 11, 12), "C": (4, 5, 6)},
    "melilla": {"A": (1, 7, 8, 9), "B": (2, 12), "B1": (6, 10, 11), "C": (3, 4, 5)},
}
"""Months of each season; the six periods follow from it."""
_HIGH = {
    "peninsula": ((9, 14), (18, 22)), "baleares": ((10, 15), (18, 22)), "canarias": ((10, 15), (18, 22)),
    "ceuta": ((10, 15), (19, 23)), "melilla": ((10, 15), (19, 23)),
}  # fmt: skip
"""From and to the hour, of a working day; the other hours between 8 and 24 are the middle ones."""
_PERIODS = {
    "peninsula": {"A": (1, 2), "B": (2, 3), "B1": (3, 4), "C": (4, 5)},
    "baleares": {"A": (1, 2), "B": (2, 3), "B1": (3, 4), "C": (4, 5)},
    "canarias": {"A": (1, 3), "B": (2, 3), "B1": (2, 4), "C": (4, 5)},
    "ceuta": {"A": (1, 4), "B": (2, 3), "B1": (2, 4), "C": (3, 5)},
    "melilla": {"A": (1, 2), "B": (2, 3), "B1": (3, 4), "C": (4, 5)},
}
"""High hours' and middle hours' period in each season."""
_SMALL_HIGH = {True: ((11, 15), (19, 23)), False: ((10, 14), (18, 22))}
"""2.0TD, in Ceuta and Melilla or elsewhere."""


def periods(index: pd.DatetimeIndex, toll: str, territory: str = "peninsula") -> pd.Series[float]:
    """The period (1 to 6; 1 to 3 in 2.0TD) of each local start of an interval. KeyError for an unknown territory."""
    return pd.Series(_numbers(index, toll, territory), index=index)


def _numbers(index: pd.DatetimeIndex, toll: str, territory: str) -> Numbers:
    """The same as numbers alone. Sites that are read at the same times share them."""
    return _kept(index.asi8.tobytes(), index.unit, str(index.tz), toll.upper(), territory)


@lru_cache(maxsize=16)
def _kept(stamps: bytes, unit: str, zone: str, toll: str, territory: str) -> Numbers:
    naive = pd.DatetimeIndex(np.frombuffer(stamps, dtype=np.int64).view(f"M8[{unit}]"))
    found = _of_times(naive if zone == "None" else naive.tz_localize("UTC").tz_convert(zone), toll, territory)
    found.flags.writeable = False
    return found


def _of_times(index: pd.DatetimeIndex, toll: str, territory: str) -> Numbers:
    hours = index.hour.to_numpy()
    rest = _rest_day(index)
    if toll == "2.0TD":
        small = territory in {"ceuta", "melilla"}
        high = _within(hours, _SMALL_HIGH[small])
        return np.where(rest | (hours < 8), 3, np.where(high, 1, 2))
    months = {month: season for season, held in _SEASONS[territory].items() for month in held}
    pairs = np.array([_PERIODS[territory][months[month]] for month in range(1, 13)])[index.month.to_numpy() - 1]
    high = _within(hours, _HIGH[territory])
    return np.where(rest | (hours < 8), 6, np.where(high, pairs[:, 0], pairs[:, 1]))


def _rest_day(index: pd.DatetimeIndex) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    fixed = {100 * month + day for month, day in _HOLIDAYS}
    dates = index.month.to_numpy() * 100 + index.day.to_numpy()
    rest: np.ndarray[tuple[int], np.dtype[np.bool_]] = (index.day_of_week.to_numpy() >= 5) | np.isin(dates, list(fixed))
    return rest


def working_hours(index: pd.DatetimeIndex) -> pd.Series[bool]:
    """Whether an interval lies in a day that is neither at the weekend nor a national holiday."""
    return pd.Series(~_rest_day(index), index=index)


def _within(
    hours: np.ndarray[tuple[int], np.dtype[np.int64]], spans: tuple[tuple[int, int], ...]
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    found = np.zeros(len(hours), dtype=np.bool_)
    for first, last in spans:
        found |= (hours >= first) & (hours < last)
    return found


def prices(index: pd.DatetimeIndex, tariff: Mapping[str, object]) -> pd.Series[float] | None:
    """EUR/kWh of each interval by the site's own contract; None if it is not given for every period that occurs."""
    by_period = tariff.get("energy_eur_per_kwh")
    if not isinstance(by_period, Mapping):
        return None
    found = _numbers(index, str(tariff.get("toll", "")), str(tariff.get("territory", "peninsula")))
    table = np.array([by_period.get(f"P{number}", np.nan) for number in range(7)], dtype=np.float64)
    eur = table[found]
    return None if np.isnan(eur).any() else pd.Series(eur, index=index)


def by_period(series: Series, site: SiteConfig) -> Calculation:
    """Energy a year, highest power and mean price in each period: where the money goes."""
    index = pd.DatetimeIndex(series.values.index)
    toll, territory = str(site.tariff.get("toll", "")), str(site.tariff.get("territory", "peninsula"))
    found = _numbers(index, toll, territory)
    amounts = series.values.to_numpy(dtype=np.float64)
    known = ~np.isnan(amounts)
    scale = 8760 / (known.sum() * series.hours)
    results: list[Quantity] = []
    for number in np.flatnonzero(np.bincount(found)).tolist():
        held = amounts[(found == number) & known]
        if len(held):
            results.append(metered(f"energy_p{number}", float(held.sum()) * scale, "kWh/year", series))
            results.append(metered(f"highest_p{number}", float(held.max()) / series.hours, "kW", series))
    price = prices(index, site.tariff)
    if price is not None:
        cost = float(np.nansum(amounts * price.to_numpy())) * scale
        results.append(computed("energy_cost", cost, "EUR/year"))
        results.append(computed("mean_price", cost / (float(np.nansum(amounts)) * scale), "EUR/kWh"))
    return Calculation(f"by_period.{series.meter}", "tariff_periods", "", f"{REFERENCE}; {toll}", (), tuple(results))
