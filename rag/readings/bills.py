"""Bills as readings: a table with one row a bill becomes a series of days, each with its bill's daily mean. Pure.

The totals of such a series are those of the bills. What needs hours or days is blocked, and the finding says so: a month does not
tell when anything was consumed (CalTRACK 2.0 §2.2.3 takes billing data for models by month alone).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import PurePath

import pandas as pd

from config.company import MeterConfig
from rag.analyse import fold
from rag.errors import InputError
from rag.readings import checks, green_button, table
from rag.readings.bill_text import MONTHS
from rag.readings.series import Carrier, Finding, Series
from rag.readings.units import scale_of

NEED_HOURS = frozenset(
    {"base_load", "tariff_periods", "night_flow", "specific_energy", "specific", "weather", "realised", "odd_days"}
)
"""Methods that a bill cannot feed (the names that `Series.blocked` is asked with)."""
_FROM = re.compile(r"^(desde|from|inicio|start|fechainicio|startdate|fechadesde)$")
_TO = re.compile(r"^(hasta|to|fin|end|fechafin|enddate|fechahasta)$")
_MONTH = re.compile(r"^(mes|month|periodo(de)?(facturacion|consumo)?|billingperiod)$")
_MONEY = re.compile(r"€|eur|importe|coste|cost|amount|total a pagar")
_AMOUNTS = (("kWh", re.compile(r"kwh"), 1.0), ("kWh", re.compile(r"mwh"), 1000.0), ("m3", re.compile(r"m3"), 1.0))
_TOTAL = re.compile(r"^(total|suma|sum)\b")
_GAS = re.compile(r"\bgas\b")
_SHORTEST, _LONGEST = 20, 100
"""Days of a bill, on the median."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What one bill tells: its first and last day, both included, the amount, and what it cost in EUR, if told."""

    first: date
    last: date
    amount: float
    cost: float | None = None

    @property
    def days(self) -> int:
        """How many it is for."""
        return (self.last - self.first).days + 1


def looks_like(read: table.Table) -> bool:
    """Whether a table has a row a bill: from and to, or a month, and an amount."""
    spans = _column(read, _FROM) and _column(read, _TO)
    return bool((spans or _column(read, _MONTH)) and _amounts(read)) and not any(
        table.plain(one) in {"hora", "hour"} for one in read.header
    )


def series_in(read: table.Table, name: str, site: str) -> list[Series]:
    """A series for each amount that the bills tell. InputError with the reason if they cannot be read."""
    amounts, stem, found = _amounts(read), PurePath(name).stem, list[Series]()
    for n, (column, unit, _) in enumerate(amounts, start=1):
        called = stem if len(amounts) == 1 else f"{stem}, {column}"
        carrier = _carrier(unit, f"{column} {name}")
        found.append(series(_bills(read, name, column), site, f"m{n}", called, carrier, unit, name))
    return found


def of_meter(meter: MeterConfig, data: bytes, name: str) -> list[Bill]:
    """The bills in a file of a configured meter; none if the file holds anything else. InputError as `series_in`."""
    if green_button.looks_like(data) or not looks_like(read := table.read(data, name)):
        return []
    unit = scale_of(meter.unit, timedelta(days=1)).unit
    columns = [column for column, told, _ in _amounts(read) if told == unit and meter.column in {"", column}]
    if len(columns) != 1:
        found = ", ".join(columns) if columns else "none of " + ", ".join(read.header)
        raise InputError(f"{name}: which column holds the readings ({found})? Set `column` of the meter in advisor.yaml")
    return _bills(read, name, columns[0])


def _bills(read: table.Table, name: str, column: str) -> list[Bill]:
    """One a row, without the row of the total."""
    rows = tuple(row for row in read.rows if not any(_TOTAL.match(fold(cell)) for cell in row))
    read = replace(read, rows=rows)
    spans, mark, amounts = _spans(read, name), _decimal(read, name), _amounts(read)
    costs = [one for one in read.header if _MONEY.search(fold(one)) and not _unit(one)]
    told = len(costs) == len(amounts) == 1  # of several amounts none is known to be the one that was paid for
    paid = table.numbers(read.column(costs[0]), name, mark) if told else [None] * len(spans)
    size = next(size for held, _, size in amounts if held == column)
    numbers = table.numbers(read.column(column), name, mark)
    return [Bill(*span, number * size, cost) for span, number, cost in zip(spans, numbers, paid, strict=True)]


def series(bills: list[Bill], site: str, meter: str, called: str, carrier: Carrier, unit: str, file: str) -> Series:
    """The bills as days. InputError if they overlap, or are of days or years."""
    ordered = sorted((one for one in bills if one.amount == one.amount), key=lambda one: one.first)
    if not ordered:
        raise InputError(f"{file}: no bill tells an amount")
    median = sorted(one.days for one in ordered)[len(ordered) // 2]
    if not _SHORTEST <= median <= _LONGEST or any(one.days < 1 for one in ordered):
        raise InputError(f"{file}: bills of {median} days are not read; {_SHORTEST} to {_LONGEST} are")
    for earlier, after in pairwise(ordered):
        if after.first <= earlier.last - timedelta(days=1):  # many bills begin on the day on which the last one ended
            raise InputError(f"{file}: the bills of {earlier.first} and {after.first} overlap")
    days: dict[date, float] = {}
    for one, begins in zip(ordered, [*(after.first for after in ordered[1:]), date.max], strict=True):
        last = min(one.last, begins - timedelta(days=1))
        held = [one.first + timedelta(days=n) for n in range((last - one.first).days + 1)]
        days |= dict.fromkeys(held, one.amount / len(held))
    values = pd.Series(days, dtype=float)
    values.index = pd.DatetimeIndex(values.index).tz_localize("Europe/Madrid")
    values = values.reindex(pd.date_range(values.index[0], values.index[-1], freq="D"))
    known = [one.cost for one in ordered if one.cost is not None and one.cost == one.cost]
    made = Series(
        site, meter, called, carrier, unit, timedelta(days=1), values, values.isna() & False, (file,),
        cost_eur=sum(known) if len(known) == len(ordered) else None,
    )  # fmt: skip
    return checks.with_findings(made, [Finding("bills", "error", {"count": len(ordered)}, NEED_HOURS)])


def _decimal(read: table.Table, name: str) -> str:
    """The decimal mark of the amounts and the money: one column of «12.345» does not tell, «2.345,67» beside it does."""
    columns = [one for one in read.header if _unit(one) or _MONEY.search(fold(one))]
    cells = [cell for one in columns for cell in read.column(one) if cell]
    for mark in ",.":
        if any(re.search(rf"\{mark}(\d{{1,2}}|\d{{4,}})$", cell) for cell in cells):
            return mark
    unclear = next((cell for cell in cells for mark in ",." if table.grouped(cell, mark)), "")
    if unclear:
        raise InputError(f"{name}: is {unclear} a thousand or a decimal? Export it with a decimal mark")
    return "."


def _spans(read: table.Table, name: str) -> list[tuple[date, date]]:
    first, last, month = _column(read, _FROM), _column(read, _TO), _column(read, _MONTH)
    if first and last:
        return [(_date(a, name), _date(b, name)) for a, b in zip(read.column(first), read.column(last), strict=True)]
    starts = [_month(cell, name) for cell in read.column(month)]
    return [(start, (start.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)) for start in starts]


def _date(cell: str, name: str) -> date:
    year_first = bool(re.match(r"\d{4}", cell))
    found = pd.to_datetime(cell, dayfirst=not year_first, errors="coerce")
    if pd.isna(found):
        raise InputError(f"{name}: {cell[:30]!r} is no date")
    return pd.Timestamp(found).date()


def _month(cell: str, name: str) -> date:
    """«2025-03», «03/2025», «marzo 2025», "Mar-25", or any day of it."""
    said = fold(cell)
    word = re.search(r"[a-z]{3,}", said)
    year = re.search(r"(?<!\d)(20\d\d)(?!\d)", said) or re.search(r"(?<!\d)(\d\d)$", said)
    if word and word.group()[:3] in MONTHS and year:
        return date(int(year.group(1)) % 100 + 2000, MONTHS[word.group()[:3]], 1)
    if numbered := re.fullmatch(r"(20\d\d)[-/](\d{1,2})|(\d{1,2})[-/](20\d\d)", said):
        a, b, c, d = numbered.groups()
        if 1 <= int(b or c) <= 12:
            return date(int(a or d), int(b or c), 1)
    return _date(cell, name).replace(day=1)


def _column(read: table.Table, pattern: re.Pattern[str]) -> str:
    return next((one for one in read.header if pattern.match(table.plain(one))), "")


def _amounts(read: table.Table) -> list[tuple[str, str, float]]:
    """(column, unit, what a number in it is multiplied with) of each amount."""
    return [(one, *told) for one in read.header if (told := _unit(one)) and not table.is_export(one)]


def _unit(header: str) -> tuple[str, float] | None:
    said = table.plain(header)
    if re.search(r"eur|precio|price|potencia|power|max", said) or "€" in header:
        return None
    return next(((unit, size) for unit, pattern, size in _AMOUNTS if pattern.search(said)), None)


def _carrier(unit: str, hint: str) -> Carrier:
    if _GAS.search(fold(re.sub(r"[_-]", " ", hint))):
        return "gas"
    return "water" if unit == "m3" else "electricity"
