"""Readings that no load has: a few in a row, far beyond all others, at no hour at which they come again. Pure.

The rule is ours. A reading is a fault if it is more than five times the highest of all others, of which there are at least a
week's and most above nothing; if no more than three follow each other, and no more than one in two hundred (eight in all) are
so far; and if nothing of it comes again at the same time of the day (of daily readings: of the week), for what comes again is an
event. What was saved up while nothing was read is a sum and no fault. Less far ones stay: they are told (CalTRACK 2.0 §2.3.6).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rag.readings.series import Finding, Series

TIMES = 5.0
_IN_A_ROW, _MOST, _ONE_IN = 3, 8, 200
_LEAST_DAYS, _LEAST_READINGS = 7, 28


def without_spikes(series: Series) -> tuple[pd.Series[float], tuple[Finding, ...]]:
    """The values with nothing in place of such readings, and a finding of each: its time, its value and the limit's factor."""
    places = _places(series)
    if not len(places):
        return series.values, ()
    unit = "m³" if series.unit == "m3" else series.unit
    found = tuple(
        Finding(
            "spike",
            "warning",
            {"first": f"{series.values.index[n]:%Y-%m-%d %H:%M}", "value": float(series.values.iloc[n]), "unit": unit},
        )
        for n in places
    )
    kept = series.values.copy()
    kept.iloc[places] = np.nan
    return kept, found


def _places(series: Series) -> NDArray[np.int64]:
    values = series.values.to_numpy(dtype=np.float64)
    known = values[~np.isnan(values)]
    nothing = np.array([], dtype=np.int64)
    if series.carrier == "temperature" or len(known) < _LEAST_READINGS or len(known) * series.hours < 24 * _LEAST_DAYS:
        return nothing
    most = max(1, min(_MOST, len(known) // _ONE_IN))
    ordered = np.sort(known)[::-1][: most + 1]
    count = max((n for n in range(1, most + 1) if ordered[n - 1] > TIMES * ordered[n] > 0), default=0)
    if not count or np.median(known) <= 0:
        return nothing
    highest = float(ordered[count])
    places = np.flatnonzero(np.nan_to_num(values, nan=-np.inf) > TIMES * highest)
    runs = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    if any(len(one) > _IN_A_ROW for one in runs) or _comes_again(series, runs):
        return nothing
    return np.concatenate([one for one in runs if not _saved_up(values, one, highest)] or [nothing])


def _comes_again(series: Series, runs: list[NDArray[np.int64]]) -> bool:
    """Whether two begin at the same time of the day, or on the same day of the week where readings are of days."""
    starts = [pd.Timestamp(series.values.index[one[0]]) for one in runs]
    when = {(one.weekday() if series.hours >= 24 else one.time()) for one in starts}
    return len(when) < len(starts)


def _saved_up(values: NDArray[np.floating[Any]], run: NDArray[np.int64], highest: float) -> bool:
    """Whether a reading may be what ran while nothing was read before it."""
    before = values[: run[0]]
    known = np.flatnonzero(~np.isnan(before))
    gap = len(before) - (int(known[-1]) + 1 if len(known) else 0)
    return len(run) == 1 and gap > 0 and float(values[run[0]]) <= highest * (gap + 1)
