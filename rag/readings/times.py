"""The many ways in which files tell the time of a reading, into starts of intervals in UTC. Pure.

A column's dates are written in one order: the one in which all of them are dates and, of several, the one under which the
series is regular; what fits twice is asked. Hours are labelled by their end (Datadis and the distributors: 1 to 24, 01:00 to
24:00) or by their start (0 to 23). On the day on which clocks go back Datadis repeats 03:00; others count on to 25. On the day
on which they go forward an hour is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from rag.errors import InputError

Hour = Literal["", "start", "end"]
Order = Literal["ymd", "dmy", "mdy"]
_OFFSET = re.compile(r"(?<=:\d\d)(?:\.\d+)?\s*(Z|[+-]\d\d:?\d\d)$")
_PARTS = re.compile(
    r"^(?:(?P<first>\d{4}|\d{1,2})(?P<mark>[-/.])(?P<second>\d{1,2})[-/.](?P<third>\d{4}|\d{1,2})(?!\d)|(?P<eight>\d{8}))"
    r"(?:[ T,]*(?P<hour>\d{1,2}):?(?P<minute>\d\d)(?::?(?P<seconds>\d\d)(?:[.,]\d+)?)?\s*(?P<half>[ap]\.?\s?m\.?)?)?$",
    re.IGNORECASE,
)
_MIDNIGHT = re.compile(r"\D24:?00(?::?00)?$")
_YEARS = (1990, 2100)
_REGULAR = 0.9
"""Of a regular series' starts that are there, at least."""


def from_stamps(cells: Sequence[str], zone: str, hour: Hour, *, day_first: bool) -> tuple[pd.DatetimeIndex, int]:
    """Starts, from one column with date and time, and how many of its hours never were: clocks in this zone skip them.

    With offsets it is exact; without, local time in order. `day_first`: how dates are read that fit either way.
    """
    offsets = [found.group(1) if (found := _OFFSET.search(cell)) else "" for cell in cells]
    if any(offsets) and not all(offsets):
        raise InputError("some readings have an offset to UTC and some have none")
    if all(offsets) and offsets:
        naive = parsed([cell[: cell.rindex(offset)] for cell, offset in zip(cells, offsets, strict=True)], day_first=day_first)
        return (naive - pd.to_timedelta([_offset(one) for one in offsets], unit="min")).tz_localize("UTC"), 0
    naive = parsed(cells, day_first=day_first)
    never = int(pd.isna(naive.tz_localize(zone, ambiguous=np.ones(len(naive), dtype=np.bool_), nonexistent="NaT")).sum())
    local = _local(naive, zone)
    ends = hour == "end" or (not hour and any(map(_MIDNIGHT.search, cells)))
    return (local - _step(local) if ends else local), never


def from_dates(dates: Sequence[str], hours: Sequence[str] | None, zone: str, hour: Hour, *, day_first: bool) -> pd.DatetimeIndex:
    """Starts, from a column of dates and one of hours or of the number of the interval in the day; without hours, days."""
    days = parsed(dates, day_first=day_first)
    if hours is None:
        return _local(days, zone)
    days = days.normalize()
    if all(re.fullmatch(r"\d{1,3}", cell) for cell in hours):
        return _numbered(days, [int(cell) for cell in hours], zone, hour)
    if all(re.fullmatch(r"\d{1,2} ?- ?\d{1,2}", cell) for cell in hours):  # 0-1, 1-2: from and to
        return _numbered(days, [int(re.split(r" ?- ?", cell)[0]) for cell in hours], zone, "start")
    minutes = [_minutes(cell) for cell in hours]
    ends = _by_end(minutes, 24 * 60, hour)
    starts = days + pd.to_timedelta(minutes, unit="min")
    if ends:
        steps = pd.Series(minutes).diff()
        starts -= pd.Timedelta(minutes=float(steps[steps > 0].mode().iloc[0]))
    return _local(starts, zone)


def parsed(cells: Sequence[str], *, day_first: bool) -> pd.DatetimeIndex:
    """Wall times of one column. InputError for what is no date, and where its order cannot be told."""
    found = orders(cells)
    if len(found) == 1:
        return next(iter(found.values()))
    regular = {order: _share(index) for order, index in found.items()}
    best = [order for order, share in regular.items() if share >= min(_REGULAR, max(regular.values()) / 2)]
    return found[one_order(best, cells, day_first=day_first)]


def one_order(possible: Sequence[Order], cells: Sequence[str], *, day_first: bool) -> Order:
    """The order of dates that may be read in several. InputError where neither language nor mark tells it."""
    if len(possible) == 1:
        return possible[0]
    first = next(cell for cell in cells if cell)
    if "dmy" in possible and (day_first or "." in first.split(" ")[0]):
        return "dmy"
    raise InputError(f"does {first[:30]!r} begin with its day or its month? Write dates as 2025-03-31")


def naive(cells: Sequence[str]) -> list[str]:
    """Stamps as wall times: without their offsets."""
    return [_OFFSET.sub("", cell) for cell in cells]


def orders(cells: Sequence[str]) -> Mapping[Order, pd.DatetimeIndex]:
    """The orders in which all cells are dates, each with what they are in it. InputError if there is none."""
    text = pd.Series(list(cells), dtype=str).str.strip()
    parts = text.str.extract(_PARTS)
    strange = parts["first"].isna() & parts["eight"].isna()
    if (text == "").any():
        raise InputError("a reading without a date")
    if strange.all() and text.str.contains("[A-Za-z]{3}").all():  # a month's name: its order does not matter
        try:
            return {"dmy": pd.DatetimeIndex(pd.to_datetime(text, dayfirst=True, format="mixed"))}
        except (ValueError, OverflowError):
            pass
    if strange.any():
        raise InputError(f"{text[strange].iloc[0][:30]!r} is no date")
    fields, minutes = _fields(parts), _of_day(parts)
    if minutes.max() > 24 * 60:
        raise InputError(f"{text[minutes > 24 * 60].iloc[0][:30]!r} is no hour")
    found: dict[Order, pd.DatetimeIndex] = {}
    every: tuple[Order, ...] = ("ymd", "dmy", "mdy")
    for order in every:
        days = _days(fields, order)
        if days is not None and not any(days.equals(other) for other in found.values()):
            found[order] = days
    if not found:
        raise InputError(f"{text.iloc[0][:30]!r} is no date")
    since_midnight = pd.TimedeltaIndex(pd.to_timedelta(minutes.to_numpy(), unit="min"))
    return {order: days + since_midnight for order, days in found.items()}


def _fields(parts: pd.DataFrame) -> pd.DataFrame:
    """Three columns of text in the order in which they are written; of eight digits as far as a year's four tell it."""
    eight = parts["eight"].fillna("")
    year_first = eight.str[:4].between("1990", "2100")
    cut = [eight.str[:4].where(year_first, eight.str[:2]), eight.str[4:6].where(year_first, eight.str[2:4]),
           eight.str[6:].where(year_first, eight.str[4:])]  # fmt: skip
    return pd.concat([parts[name].fillna(one) for name, one in zip(("first", "second", "third"), cut, strict=True)], axis=1)


def _days(fields: pd.DataFrame, order: Order) -> pd.DatetimeIndex | None:
    """The days that fields are in an order; None if one of them is none. Four digits are a year's."""
    held = {letter: fields.iloc[:, place] for place, letter in enumerate(order)}
    if any((held[letter].str.len() > 2).any() for letter in "dm"):
        return None
    year = held["y"].astype(int)
    year = year.where(held["y"].str.len() == 4, year + 2000)
    if not year.between(*_YEARS).all():
        return None
    made = pd.to_datetime(
        pd.DataFrame({"year": year, "month": held["m"].astype(int), "day": held["d"].astype(int)}), errors="coerce"
    )
    return None if made.isna().any() else pd.DatetimeIndex(made)


def _of_day(parts: pd.DataFrame) -> pd.Series[float]:
    """Minutes since midnight."""
    hour, minute, second = (parts[name].fillna("0").astype(int) for name in ("hour", "minute", "seconds"))
    half = parts["half"].fillna("").str[:1].str.lower()
    hour = (hour % 12).where(half != "", hour) + 12 * (half == "p")
    return hour * 60 + minute + second / 60


def _share(index: pd.DatetimeIndex) -> float:
    """How many of the starts of a regular series from the first to the last are there."""
    once = index.unique().sort_values()
    span = (once[-1] - once[0]) / (_step(once) or pd.Timedelta(days=1))
    return len(once) / (span + 1)


def _offset(text: str) -> int:
    if text == "Z":
        return 0
    digits = text[1:].replace(":", "")
    return (60 * int(digits[:2]) + int(digits[2:])) * (-1 if text[0] == "-" else 1)


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
        if min(labels) == 0:
            raise InputError(
                "the hours run from 0 and to 24: are they labelled by their start or their end? Set `hour` of the meter"
            )
        return True
    if min(labels) == 0:
        return False
    raise InputError("are the hours labelled by their start or their end? Set `hour: start` or `hour: end` of the meter")


def _minutes(cell: str) -> int:
    found = re.match(r"^(\d{1,2}):(\d\d)(?::\d\d)?\s*([ap])?", cell, re.IGNORECASE)
    if not found:
        raise InputError(f"{cell[:20]!r} is no hour")
    hour, half = int(found.group(1)), (found.group(3) or "").lower()
    return 60 * (hour % 12 + (12 if half == "p" else 0) if half else hour) + int(found.group(2))


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
