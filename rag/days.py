"""The days that a time is: from one to another, by the readings that there are and by today. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from rag.when import SEASONS, WEEK, Point, When

_WEEKS, _WEEKENDS, _HALF = 7, 8, 9
"""Of `Point.part`."""


@dataclass(frozen=True, slots=True)
class Days:
    """From one day to another, both included."""

    first: date
    last: date

    def within(self, other: Days) -> Days | None:
        """What it has in common with another; None if nothing."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Days(first, last) if first <= last else None


def days(when: When, read: Days, today: date) -> Days:
    """The days that are meant. A month or day without a year is the last one that began before the readings `read` end."""
    if when.relative:
        return _of_today(when.relative, today)
    last = _ends(when.last, read.last, read)[1] if when.last else read.last
    first = _ends(when.first, last, read)[0] if when.first else read.first
    return Days(min(first, last), last)


def absent(when: When, read: Days) -> Point | None:
    """The day that a time names and that there is not, with the year that is meant: 30 February."""
    for point in (when.first, when.last):
        if point and point.day and not _is_day(year := _year(point, read.last, read), point.month, point.day):
            return replace(point, year=year)
    return None


def _ends(point: Point, until: date, read: Days) -> tuple[date, date]:
    """The first and the last day of a point; of a day that there is not, of its month's last."""
    if point.season:
        return _season(point, until, read)
    year, month = _year(point, until, read), _month(point)
    if not month:
        return date(year, 1, 1), date(year, 12, 31)
    if point.nth:
        return _part(point, date(year, month, 1), _month_end(year, month))
    if point.day:
        day = min(date(year, month, 1) + timedelta(days=point.day - 1), _month_end(year, month))
        return day, day
    return date(year, month, 1), _month_end(year, month + 2 if point.quarter else month)


def _part(point: Point, first: date, last: date) -> tuple[date, date]:
    """One of the parts of a month from its first day to its last."""
    if point.part == _HALF:
        middle = first + timedelta(days=14)
        return (first, middle) if point.nth == 1 else (middle + timedelta(days=1), last)
    long = {_WEEKS: 7, _WEEKENDS: 2}.get(point.part, 1)
    if point.part == _WEEKS:
        begins = last - timedelta(days=6) if point.nth < 0 else first + timedelta(days=7 * (point.nth - 1))
    else:
        weekday = 5 if point.part == _WEEKENDS else point.part
        if point.nth < 0:
            begins = last - timedelta(days=(last.weekday() - weekday) % 7)
        else:
            begins = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (point.nth - 1))
    return begins, begins + timedelta(days=long - 1)


def _month(point: Point) -> int:
    return point.month or (3 * point.quarter - 2 if point.quarter else 0)


def _year(point: Point, until: date, read: Days) -> int:
    """The year that is said, or else the last in which it began before a day; of 29 February the last leap year that was read."""
    month = _month(point)
    year = point.year or (
        until.year if not month or date(until.year, month, min(point.day, 28) or 1) <= until else until.year - 1
    )
    if point.year or (month, point.day) != (2, 29):
        return year
    years = range(year, read.first.year - 1, -1)
    return next((one for one in years if _is_day(one, 2, 29) and date(one, 2, 29) >= read.first), year)


def _season(point: Point, until: date, read: Days) -> tuple[date, date]:
    """Without a year the one of which most was read, of those that began before a day."""
    if point.year:
        return _months_of(point.season, point.year)
    begun = _begun(point.season, until)
    return max(begun, key=lambda ends: (min(ends[1], read.last) - max(ends[0], read.first)).days)


def _begun(season: int, until: date) -> list[tuple[date, date]]:
    """Those that began before a day, the last one first."""
    found = [_months_of(season, year) for year in range(until.year + 1, until.year - 3, -1)]
    return [ends for ends in found if ends[0] <= until]


def _months_of(season: int, year: int) -> tuple[date, date]:
    month = 3 * season - 3 or 12
    return date(year - (season == 1), month, 1), _month_end(year, month % 12 + 2)


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        return bool(date(year, month, day))
    except ValueError:
        return False


def _month_end(year: int, month: int) -> date:
    return (date(year, month, 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _of_today(relative: str, today: date) -> Days:
    which, _, named = relative.partition(" ")
    if named in SEASONS:
        begun = _begun(SEASONS[named], today)
        return Days(*next(ends for ends in begun if which == "this" or ends[1] < today))
    yesterday = today - timedelta(days=1)
    if named:
        day = yesterday - timedelta(days=(yesterday.weekday() - WEEK.index(named)) % 7)
        return Days(day, day)
    month = today.replace(day=1)
    year = today.year - 1 if relative == "year" else today.year
    monday = today - timedelta(days=today.weekday() + 7)
    saturday = monday + timedelta(days=5)
    return {
        "month": Days((month - timedelta(days=1)).replace(day=1), month - timedelta(days=1)),
        "year": Days(date(year, 1, 1), date(year, 12, 31)),
        "this_year": Days(date(year, 1, 1), today),
        "this_month": Days(month, today),
        "before_yesterday": Days(yesterday - timedelta(days=1), yesterday - timedelta(days=1)),
        "yesterday": Days(yesterday, yesterday),
        "today": Days(today, today),
        "this_week": Days(monday + timedelta(days=7), today),
        "week": Days(monday, monday + timedelta(days=6)),
        "weekend": Days(saturday, saturday + timedelta(days=1)),
    }[relative]


def last_complete_month(read: Days) -> Days:
    """The last month that ends within what was read."""
    after = (read.last + timedelta(days=1)).replace(day=1)
    return Days((after - timedelta(days=1)).replace(day=1), after - timedelta(days=1))
