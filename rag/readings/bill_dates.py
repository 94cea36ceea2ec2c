"""The days that each bill of a table is for: from and to, a month, a quarter, two months. Pure; what fits twice is asked."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from statistics import median

import pandas as pd

from rag.analyse import fold
from rag.errors import InputError
from rag.readings import headers, table, times
from rag.readings.bill_text import MONTHS

SHORTEST, LONGEST = 20, 100
"""Days of a bill, on the median."""
Span = tuple[date, date]
_FINER = re.compile(r"^(fecha|date|dia|day|hora|hour|timestamp|datetime|fechahora|fechayhora|dateandtime|time)$")
_DAY = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
_TWO = re.compile(rf"^({_DAY})\s*(?:-|–|a|al|to|hasta)\s*({_DAY})$")
_QUARTER = re.compile(r"(?:\b[tq]|\btrim\w*\.? ?|\bquarter ?)([1-4])\b|\b([1-4])(?:er|o|º|th|st|nd|rd|\.º)? ?(?:t\b|q\b|trim)")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")


def by_month(read: table.Table) -> bool:
    """Whether its rows tell a month (a quarter, a period) and no day or hour."""
    return bool(read.one(table.MONTH)) and not (read.one(table.FROM) and read.one(table.TO)) and not read.one(_FINER)


def by_span(read: table.Table) -> bool:
    """Whether its rows tell from and to, weeks or months apart."""
    first, last = read.one(table.FROM), read.one(table.TO)
    if not first or not last or any(headers.plain(one) in {"hora", "hour"} for one in read.header):
        return False
    told = [(a, b) for a, b in zip(read.column(first), read.column(last), strict=True) if a and b][:50]
    try:
        days = [(b - a).days for a, b in _between([a for a, _ in told], [b for _, b in told], day_first=True)]
    except InputError:
        return True  # which of its dates is none will be told
    return not days or median(days) >= SHORTEST / 2


def spans(read: table.Table, name: str) -> list[Span]:
    """The first and the last day of each row, both included."""
    first, last = read.one(table.FROM), read.one(table.TO)
    try:
        if first and last:
            return _between(read.column(first), read.column(last), day_first=read.spanish)
        column = read.column(read.one(table.MONTH))
        years = read.column(year) if (year := read.one(table.YEAR)) else [""] * len(column)
        if all(_TWO.match(fold(cell)) for cell in column):
            pairs = [_TWO.match(fold(cell)) for cell in column]
            return _between(*([one.group(n) for one in pairs if one] for n in (1, 2)), day_first=read.spanish)
        return [_months(cell, year) for cell, year in zip(column, years, strict=True)]
    except InputError as error:
        raise InputError(f"{name}: {error}") from None


def _between(first: Sequence[str], last: Sequence[str], *, day_first: bool) -> list[Span]:
    """Days by from and to: in the order of day and month in which they are bills, one after the other."""
    starts, ends = times.orders(times.naive(first)), times.orders(times.naive(last))
    found = {order: _pairs(starts[order], ends[order]) for order in starts if order in ends}
    if not found:  # one column has no day above the 12th: it is written as the other is
        raise InputError(f"{next(iter(last))[:30]!r} is no date")
    fitting = [order for order, told in found.items() if _are_bills(told)] or list(found)
    return found[times.one_order(fitting, first, day_first=day_first)]


def _pairs(first: pd.DatetimeIndex, last: pd.DatetimeIndex) -> list[Span]:
    return [(pd.Timestamp(a).date(), pd.Timestamp(b).date()) for a, b in zip(first, last, strict=True)]


def _are_bills(told: Sequence[Span]) -> bool:
    """Whether none ends before it begins or goes on into the next, and they are of weeks or months."""
    ordered = sorted(told)
    apart = all(after[0] >= earlier[1] for earlier, after in pairwise(ordered))
    days = [(last - first).days + 1 for first, last in told]
    return apart and min(days) > 0 and SHORTEST <= median(days) <= LONGEST


def _months(cell: str, year: str) -> Span:
    """«2025-03», «03/2025», «marzo 2025», "Mar-25", «1T 2025», «Enero-Febrero 2025», or any day of a month."""
    said = fold(cell)
    told = _YEAR.search(said) or re.search(r"(?<!\d)(\d\d)$", said) or _YEAR.search(year)
    words = [word[:3] for word in re.findall(r"[a-z]{3,}", said)]
    months = [MONTHS[word] for word in words if word in MONTHS]
    if told and len(months) == len(words) and 1 <= len(months) <= 2:
        return _span(int(told.group(1)) % 100 + 2000, months[0], months[-1], cell)
    quarter = _QUARTER.search(said)
    if quarter and (of := _YEAR.search(said) or _YEAR.search(year)):
        last = 3 * int(quarter.group(1) or quarter.group(2))
        return _span(int(of.group(1)), last - 2, last, cell)
    numbered = re.fullmatch(r"(20\d\d)[-/ ]?(\d{1,2})|(\d{1,2})[-/ ](20\d\d)", said if _YEAR.search(said) else f"{said} {year}")
    if numbered or (numbered := re.fullmatch(r"(20\d\d)(\d\d)|(\d{1,2})/(\d\d)", said)):
        a, b, c, d = numbered.groups()
        month = int(b or c)
        return _span(int(a or d) % 100 + 2000, month, month, cell)
    if not words:
        day = times.parsed([cell], day_first=True)[0]
        if times.parsed([cell], day_first=False)[0].month == day.month:
            return _span(day.year, day.month, day.month, cell)
    raise InputError(f"{cell[:30]!r} is no date")


def _span(year: int, first: int, last: int, cell: str) -> Span:
    if not (1 <= first <= last <= 12 and last - first <= 2):
        raise InputError(f"{cell[:30]!r} is no date")
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])
