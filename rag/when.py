"""The times that a text names, in Spanish and English, and the days that they are: days, months, years, ranges. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rag.analyse import fold

_ES = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()
_EN = "january february march april may june july august september october november december".split()
MONTHS = {name: number for names in (_ES, _EN) for number, name in enumerate(names, start=1)} | {"setiembre": 9}
_SHORT = {name[:3]: number for name, number in MONTHS.items()} | {"sept": 9}
_LONG = "|".join(sorted(MONTHS.keys() - {"may"}, key=len, reverse=True))
_ANY = "|".join(sorted(MONTHS.keys() | _SHORT.keys(), key=len, reverse=True))
_YEAR = r"20[0-4]\d"
_OF = r"(?:(?:de|del|of|,)\s*)?"
_POINTS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<![\d-])(?P<y>{_YEAR})-(?P<m>\d\d)-(?P<d>\d\d)(?![\d-])",
        rf"(?<![\d/.])(?P<d>\d{{1,2}})[/.](?P<m>\d{{1,2}})[/.](?P<y>{_YEAR})(?![\d/])",
        rf"(?<![\w.,])(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+{_OF}(?P<n>{_ANY})\b\.?(?:\s+{_OF}(?P<y>{_YEAR})\b)?",
        rf"\b(?P<n>{_ANY})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?![\d.,:]*\d)(?!\s*(?:%|kwh|kw|m3|h\b))(?:,?\s+(?P<y>{_YEAR})\b)?",
        rf"(?<![\d-])(?P<y>{_YEAR})-(?P<m>\d\d)(?![\d-])",
        rf"(?<![\d/])(?P<m>\d\d?)/(?P<y>{_YEAR})(?![\d/])",
        rf"\b(?P<n>{_ANY})\b\.?\s+{_OF}(?P<y>{_YEAR})\b",
        rf"\b(?P<n>{_LONG})\b",
        r"\b(?:in|of|for|and|during|since|from|to|until|between|vs|with)\s+(?P<n>may)\b",
        r"\b(?P<n>may)\s+(?=consumption|usage|use\b|electricity|energy|peak|cost)",
        rf"\b(?:(?P<q>[1-4])(?:er|o|st|nd|rd|th)?|(?P<w>primer|segundo|tercer|cuarto|first|second|third|fourth))\s+(?:trimestre|quarter)"
        rf"(?:\s+{_OF}(?P<y>{_YEAR})\b)?",
        rf"\bq(?P<q>[1-4])\b(?:\s+{_OF}(?P<y>{_YEAR})\b)?",
        rf"(?<![\w.,/-])(?P<y>{_YEAR})(?![\w/-]|[.,]\d|\s*(?:€|%|eur|kwh|kw\b|m3|h\b))",
    )
)
"""Earlier ones win where two begin at one place or overlap."""
_ORDINAL = re.compile(r"\b(?P<w>primer|segundo|tercer|cuarto|first|second|third|fourth)o?\b(?!\s+\w+mestre)")
"""A quarter where one is named beside it: «el primer trimestre comparado con el segundo»."""
_QUARTERS = {"primer": 1, "segundo": 2, "tercer": 3, "cuarto": 4, "first": 1, "second": 2, "third": 3, "fourth": 4}
_QUARTER = re.compile(r"\b(?:trimestre|quarter)\b")
_RELATIVE = {
    "month": r"(?:(?:el|del)\s+)?mes\s+(?:pasado|anterior)|(?:el\s+|del\s+)?ultimo\s+mes(?:\s+completo)?"
    r"|(?:the\s+)?(?:last|previous)\s+(?:complete\s+|full\s+|whole\s+)?month",
    "year": r"(?:(?:el|del)\s+)?ano\s+(?:pasado|anterior)|(?:the\s+)?(?:last|previous)\s+year",
    "this_year": r"este\s+ano|this\s+year",
    "this_month": r"este\s+mes|this\s+month",
    "yesterday": r"\bayer\b|\byesterday\b",
    "today": r"\bhoy\b(?!\s+(?:en\s+)?dia)|\btoday\b",
    "week": r"(?:la\s+)?semana\s+pasada|(?:the\s+)?(?:last|previous)\s+week",
}
_BARE_DAY = re.compile(
    r"(?:del|desde el|from|between|entre el)\s+(?:the\s+)?(\d{1,2})(?:st|nd|rd|th)?\s+(?:al|y el|y|to|and)\s+$"
)
_RANGE_OPENS = re.compile(r"(?:entre|between|de|del|desde|from)\s+(?:el\s+|the\s+)?$")
_JOINS = re.compile(r"\s*(?:y|and|a|al|to|hasta|until|through|-|–)\s*(?:el\s+|the\s+)?")
_TO = re.compile(r"\s*(?:a|al|to|hasta|until|through|-|–)\s*(?:el\s+|the\s+)?")
_SINCE, _UNTIL = re.compile(r"(?:desde|since)\s+(?:el\s+|the\s+)?$"), re.compile(r"(?:hasta|until)\s+(?:el\s+|the\s+)?$")
_WEEK = ("lunes martes miercoles jueves viernes sabado domingo monday tuesday wednesday thursday friday saturday sunday").split()
_WEEKDAY = re.compile(rf"\b(?:(?:los|el|un|on|a|each|every|cada)\s+)?({'|'.join(_WEEK)})s?\b")
_MOST = 4
"""Times of one question."""


@dataclass(frozen=True, slots=True)
class Point:
    """A day, a month, a quarter or a year as it is said: 0 for what is not."""

    year: int = 0
    month: int = 0
    day: int = 0
    quarter: int = 0


@dataclass(frozen=True, slots=True)
class When:
    """From the beginning of one point to the end of another; None is the beginning or the end of what there is.

    `relative` is a time that is told from today (a key of _RELATIVE) and has no points.
    """

    first: Point | None = None
    last: Point | None = None
    relative: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    when: When
    start: int
    end: int


def times(text: str) -> tuple[tuple[When, ...], str]:
    """The times that a text names, in order, and the folded text without them."""
    plain = fold(text)
    found = sorted((*_ranges(plain, list(_points(plain))), *_relatives(plain)), key=lambda one: one.start)[:_MOST]
    rest = plain
    for one in reversed(found):
        rest = f"{rest[: one.start]} {rest[one.end :]}"
    return tuple(one.when for one in found), rest


def _points(plain: str) -> Iterator[tuple[Point, int, int]]:
    taken: list[tuple[int, int]] = []
    for pattern in (*_POINTS, *([_ORDINAL] if _QUARTER.search(plain) else [])):
        for match in pattern.finditer(plain):
            start, end = match.span()
            if any(start < last and first < end for first, last in taken) or (point := _point(match)) is None:
                continue
            taken.append((start, end))
            yield point, start, end


def _point(match: re.Match[str]) -> Point | None:
    """None for a month or day that is none."""
    said = match.groupdict()
    name, quarter = said.get("n") or "", said.get("q") or ""
    month = MONTHS.get(name) or _SHORT.get(name) or int(said.get("m") or 0)
    day, year = int(said.get("d") or 0), int(said.get("y") or 0)
    if month > 12 or (day and not _is_day(year or 2024, month, day)) or (said.get("m") and not month):
        return None
    return Point(year, month, day, int(quarter) if quarter else _QUARTERS.get(said.get("w") or "", 0))


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        return bool(date(year, month, day))
    except ValueError:
        return False


def _ranges(plain: str, points: list[tuple[Point, int, int]]) -> Iterator[_Found]:
    """Points, two of them together where the words around say so; what has no year takes the one beside it."""
    ordered = sorted(points, key=lambda one: one[1])
    place = 0
    while place < len(ordered):
        point, start, end = ordered[place]
        before = plain[:start]
        after = ordered[place + 1] if place + 1 < len(ordered) else None
        between = plain[end : after[1]] if after else ""
        opens = _RANGE_OPENS.search(before)
        if after and (_TO.fullmatch(between) or (opens and _JOINS.fullmatch(between))):
            yield _Found(_range(point, after[0]), opens.start() if opens else start, after[2])
            place += 2
            continue
        if (bare := _BARE_DAY.search(before)) and point.day:
            yield _Found(When(replace(point, day=int(bare.group(1))), point), bare.start(), end)
        elif since := _SINCE.search(before):
            yield _Found(When(point, None), since.start(), end)
        elif until := _UNTIL.search(before):
            yield _Found(When(None, point), until.start(), end)
        else:
            said = point if point.year or after is None or not after[0].year else replace(point, year=after[0].year)
            yield _Found(When(said, said), start, end)
        place += 1


def _range(first: Point, last: Point) -> When:
    if last.year and not first.year and first != last:
        earlier = (first.month, first.day) > (last.month, last.day) and bool(first.month and last.month)
        return When(replace(first, year=last.year - earlier), last)
    return When(first, last if last.year or not first.year else replace(last, year=first.year))


def _relatives(plain: str) -> Iterator[_Found]:
    for name, pattern in _RELATIVE.items():
        for match in re.finditer(pattern, plain):
            yield _Found(When(relative=name), *match.span())


def weekdays(plain: str) -> tuple[tuple[int, ...], str]:
    """The days of the week that a folded text names, Monday as 0, and the text without them."""
    found = list(_WEEKDAY.finditer(plain))
    rest = _WEEKDAY.sub(" ", plain)
    return tuple(sorted({_WEEK.index(match.group(1)) % 7 for match in found})), rest


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
        return _of_today(when.relative, read, today)
    last = _ends(when.last, read.last)[1] if when.last else read.last
    first = _ends(when.first, last)[0] if when.first else read.first
    return Days(min(first, last), last)


def _ends(point: Point, until: date) -> tuple[date, date]:
    """The first and the last day of a point."""
    month = point.month or (3 * point.quarter - 2 if point.quarter else 0)
    year = point.year or (
        until.year if not month or date(until.year, month, min(point.day, 28) or 1) <= until else until.year - 1
    )
    if not month:
        return date(year, 1, 1), date(year, 12, 31)
    if point.day:
        day = date(year, month, point.day) if _is_day(year, month, point.day) else date(year, month, 28)
        return day, day
    return date(year, month, 1), _month_end(year, month + 2 if point.quarter else month)


def _month_end(year: int, month: int) -> date:
    return (date(year, month, 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _of_today(relative: str, read: Days, today: date) -> Days:
    month = today.replace(day=1)
    if relative == "month":
        asked = Days((month - timedelta(days=1)).replace(day=1), month - timedelta(days=1))
        return asked if asked.within(read) == asked else last_complete_month(read)
    year = today.year - 1 if relative == "year" else today.year
    monday = today - timedelta(days=today.weekday() + 7)
    yesterday = today - timedelta(days=1)
    return {
        "year": Days(date(year, 1, 1), date(year, 12, 31)),
        "this_year": Days(date(year, 1, 1), today),
        "this_month": Days(month, today),
        "yesterday": Days(yesterday, yesterday),
        "today": Days(today, today),
        "week": Days(monday, monday + timedelta(days=6)),
    }[relative]


def last_complete_month(read: Days) -> Days:
    """The last month that ends within what was read."""
    after = (read.last + timedelta(days=1)).replace(day=1)
    return Days((after - timedelta(days=1)).replace(day=1), after - timedelta(days=1))
