"""The many ways in which files tell the time of a reading, into starts of intervals in UTC. Pure.

Hours are labelled by their end (Datadis and the distributors: 1 to 24, 01:00 to 24:00) or by their start (0 to 23). On the day on
which clocks go back Datadis repeats 03:00; others count on to 25. On the day on which they go forward an hour is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from rag.errors import InputError

Hour = Literal["", "start", "end"]
_OFFSET = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")
_YEAR_FIRST = re.compile(r"^\d{4}[-/.]")


def from_stamps(cells: Sequence[str], zone: str, hour: Hour) -> pd.DatetimeIndex:
    """Starts, from one column with date and time. With an offset it is exact; without, local time in order."""
    if all(_OFFSET.search(cell) for cell in cells if cell):
        return pd.DatetimeIndex(pd.to_datetime(pd.Series(cells), utc=True, format="ISO8601"))
    local = _local(_parsed(cells), zone)
    return local - _step(local) if hour == "end" else local


def never_happened(cells: Sequence[str], zone: str) -> int:
    """How many stamps name an hour that clocks in this zone skip: a file in local time has none. With offsets nothing is told."""
    if all(_OFFSET.search(cell) for cell in cells if cell):
        return 0
    naive = _parsed(cells)
    return int(pd.isna(naive.tz_localize(zone, ambiguous=np.ones(len(naive), dtype=np.bool_), nonexistent="NaT")).sum())


def from_dates(dates: Sequence[str], hours: Sequence[str] | None, zone: str, hour: Hour) -> pd.DatetimeIndex:
    """Starts, from a column of dates and one of hours or of the number of the interval in the day; without hours, days."""
    days = _parsed(dates)
    if hours is None:
        return _local(days, zone)
    if all(re.fullmatch(r"\d{1,3}", cell) for cell in hours):
        return _numbered(days, [int(cell) for cell in hours], zone, hour)
    minutes = [_minutes(cell) for cell in hours]
    ends = _by_end(minutes, 24 * 60, hour)
    starts = days + pd.to_timedelta(minutes, unit="min")
    if ends:
        steps = pd.Series(minutes).diff()
        starts -= pd.Timedelta(minutes=float(steps[steps > 0].mode().iloc[0]))
    return _local(starts, zone)


def _numbered(days: pd.DatetimeIndex, labels: Sequence[int], zone: str, hour: Hour) -> pd.DatetimeIndex:
    """Interval n of a day that has 23, 24 or 25 hours begins n - 1 intervals after its midnight."""
    highest = max(labels)
    per_hour = 4 if highest > 25 else 1
    ends = _whole_day(days, labels, per_hour, zone) or _by_end(labels, 24 * per_hour, hour)
    offset = pd.to_timedelta([(label - (1 if ends else 0)) * 60 / per_hour for label in labels], unit="min")
    midnight = days.tz_localize(zone).tz_convert("UTC")
    return pd.DatetimeIndex(midnight + offset)


def _whole_day(days: pd.DatetimeIndex, labels: Sequence[int], per_hour: int, zone: str) -> bool:
    """Whether the first day is told from 1 to the number of its intervals: a day of 23 hours ends with 23."""
    told = sorted(label for day, label in zip(days, labels, strict=True) if day == days[0])
    length = (days[0] + pd.Timedelta(days=1)).tz_localize(zone) - days[0].tz_localize(zone)
    return told == list(range(1, round(length / pd.Timedelta(hours=1)) * per_hour + 1))


def _by_end(labels: Sequence[int], last: int, hour: Hour) -> bool:
    if hour:
        return hour == "end"
    if max(labels) >= last:
        return True
    if min(labels) == 0:
        return False
    raise InputError("are the hours labelled by their start or their end? Set `hour: start` or `hour: end` of the meter")


def _minutes(cell: str) -> int:
    found = re.match(r"^(\d{1,2}):(\d\d)", cell)
    if not found:
        raise InputError(f"{cell[:20]!r} is no hour")
    return 60 * int(found.group(1)) + int(found.group(2))


def _parsed(cells: Sequence[str]) -> pd.DatetimeIndex:
    first = next((cell for cell in cells if cell), "")
    try:
        return pd.DatetimeIndex(pd.to_datetime(pd.Series(cells), dayfirst=not _YEAR_FIRST.match(first), format="mixed"))
    except (ValueError, OverflowError):
        raise InputError(f"{first[:30]!r} is no date") from None


def _local(naive: pd.DatetimeIndex, zone: str) -> pd.DatetimeIndex:
    """Local wall times in order to UTC; an hour that is told once though it happened twice is the first of the two."""
    if naive.hasnans:
        raise InputError("a reading without a date")
    second = naive.duplicated() if naive.is_monotonic_increasing else pd.Series(naive).duplicated().to_numpy()
    try:
        return naive.tz_localize(zone, ambiguous=~second, nonexistent="shift_forward").tz_convert("UTC")
    except (ValueError, KeyError):
        raise InputError(f"unknown time zone {zone}") from None


def _step(index: pd.DatetimeIndex) -> pd.Timedelta:
    steps = pd.Series(index).diff().dropna()
    return pd.Timedelta(steps.mode().iloc[0]) if len(steps) else pd.Timedelta(0)
