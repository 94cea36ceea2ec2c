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
_TOTAL = re.compile(r"\btotal\b")
_PERIOD = re.compile(r"\bp[1-6]\b|punta|llano|valle|\bpeak|off.?peak|shoulder")
_OTHER_YEAR = re.compile(r"anterior|previous|pasado|last year|acumulad|cumulative")
_NET, _WITH_VAT = (
    re.compile(r"sin iva|base imponible|ex(cl)?\.? ?vat|before (vat|tax)|without vat"),
    re.compile(r"con iva|iva incl|incl?\.? ?vat|with vat"),
)
_FOREIGN = re.compile(r"\$|£|usd|gbp|pence|\(p\)|chf|mxn|clp|\bcop\b")
"""Of money that is not euros: no price is made of it."""
_YEAR = re.compile(r"^(ano|year|ejercicio)$")
_YEARS = range(2000, 2101)
MOST_AMOUNTS = 6
_SHORTEST, _LONGEST = 20, 100
"""Days of a bill, on the median."""


@dataclass(frozen=True, slots=True)
class Amount:
    """What bills tell of one thing, in one column or in one for each tariff period; `size` makes `unit` of a number in it."""

    columns: tuple[str, ...]
    unit: str
    size: float

    @property
    def name(self) -> str:
        """Its column's header; of several, how they begin."""
        return self.columns[0] if len(self.columns) == 1 else " + ".join(self.columns)


@dataclass(frozen=True, slots=True)
class Bill:
    """What one bill tells: its first and last day, both included, the amount, and what it cost in EUR, if told.

    `energy_cost` is of the energy alone, `paid_for` what else is in the cost (see Series).
    """

    first: date
    last: date
    amount: float
    cost: float | None = None
    energy_cost: float | None = None
    paid_for: tuple[str, ...] = ()

    @property
    def days(self) -> int:
        """How many it is for."""
        return (self.last - self.first).days + 1


def looks_like(read: table.Table) -> bool:
    """Whether a table has a row a bill: from and to of weeks or months, or a month, and an amount."""
    if not _amounts(read) or any(table.plain(one) in {"hora", "hour"} for one in read.header):
        return False
    if not (_column(read, _FROM) and _column(read, _TO)):
        return bool(_column(read, _MONTH))
    try:
        days = sorted((last - first).days for first, last in _spans(replace(read, rows=read.rows[:50]), ""))
    except InputError:
        return True  # which of its dates is none will be told
    return not days or days[len(days) // 2] >= _SHORTEST / 2


def series_in(read: table.Table, name: str, site: str) -> list[Series]:
    """A series for each amount that the bills tell. InputError with the reason if they cannot be read."""
    amounts, stem, found = _amounts(read), PurePath(name).stem, list[Series]()
    for n, one in enumerate(amounts[:MOST_AMOUNTS], start=1):
        called = stem if len(amounts) == 1 else f"{stem}, {one.name}"
        carrier = table.carrier_of(one.unit, f"{one.name} {name}")
        found.append(series(_bills(read, name, one, len(amounts)), site, f"m{n}", called, carrier, one.unit, name))
    return found


def of_meter(meter: MeterConfig, data: bytes, name: str) -> list[Bill]:
    """The bills in a file of a configured meter; none if the file holds anything else. InputError as `series_in`."""
    if green_button.looks_like(data) or not looks_like(read := table.read(data, name)):
        return []
    unit = scale_of(meter.unit, timedelta(days=1)).unit
    amounts = [one for one in (_each(read) if meter.column else _amounts(read)) if one.unit == unit]
    amounts = [one for one in amounts if meter.column in {"", one.name}]
    if len(amounts) != 1:
        found = ", ".join(one.name for one in amounts) if amounts else "none of " + ", ".join(read.header)
        raise InputError(f"{name}: which column holds the readings ({found})? Set `column` of the meter in advisor.yaml")
    return _bills(read, name, amounts[0], len(_amounts(read)))


def _bills(read: table.Table, name: str, amount: Amount, among: int) -> list[Bill]:
    """One a row. Of several amounts (`among`) none is known to be the one that was paid for."""
    spans, mark = _spans(read, name), _decimal(read, name)
    costs = [one for one in read.header if _MONEY.search(fold(one)) and not _unit(one)]
    told = len(costs) == among == 1 and not _FOREIGN.search(fold(costs[0]).lower())
    paid = table.numbers(read.column(costs[0]), name, mark) if told else [None] * len(spans)
    numbers = [sum(row) for row in zip(*(table.numbers(read.column(one), name, mark) for one in amount.columns), strict=True)]
    header = fold(costs[0]).lower() if told else ""
    paid_for = ("net",) if _NET.search(header) else ("vat",) if _WITH_VAT.search(header) else ()
    return [
        Bill(*span, number * amount.size, cost, paid_for=paid_for)
        for span, number, cost in zip(spans, numbers, paid, strict=True)
    ]


def series(bills: list[Bill], site: str, meter: str, called: str, carrier: Carrier, unit: str, file: str) -> Series:
    """The bills as days. InputError if they overlap, or are of days or years."""
    ordered = sorted((one for one in bills if one.amount == one.amount), key=lambda one: one.first)
    if not ordered:
        raise InputError(f"{file}: no bill tells an amount")
    median = sorted(one.days for one in ordered)[len(ordered) // 2]
    if not _SHORTEST <= median <= _LONGEST or any(one.days < 1 for one in ordered):
        raise InputError(f"{file}: bills of {median} days are not read; {_SHORTEST} to {_LONGEST} are")
    if any(after.first == earlier.last for earlier, after in pairwise(ordered)):
        # such bills tell the days on which the meter was read: the first one is the earlier bill's
        ordered = [replace(one, first=one.first + timedelta(days=1)) for one in ordered]
    for earlier, after in pairwise(ordered):
        if after.first <= earlier.last:
            raise InputError(f"{file}: the bills of {earlier.first} and {after.first} overlap")
    days: dict[date, float] = {}
    for one in ordered:
        held = [one.first + timedelta(days=n) for n in range(one.days)]
        days |= dict.fromkeys(held, one.amount / len(held))
    values = pd.Series(days, dtype=float)
    values.index = pd.DatetimeIndex(values.index).tz_localize("Europe/Madrid")
    values = values.reindex(pd.date_range(values.index[0], values.index[-1], freq="D"))
    made = Series(
        site, meter, called, carrier, unit, timedelta(days=1), values, values.isna() & False, (file,),
        cost_eur=_added([one.cost for one in ordered]), energy_eur=_added([one.energy_cost for one in ordered]),
        paid_for=tuple(part for part in ordered[0].paid_for if all(part in one.paid_for for one in ordered)),
    )  # fmt: skip
    return checks.with_findings(made, [Finding("bills", "error", {"count": len(ordered)}, NEED_HOURS)])


def _added(amounts: list[float | None]) -> float | None:
    """Their sum, if each bill tells one."""
    known = [one for one in amounts if one is not None and one == one]
    return sum(known) if len(known) == len(amounts) else None


def _decimal(read: table.Table, name: str) -> str:
    """The decimal mark of the amounts and the money: one column of «12.345» does not tell, «2.345,67» beside it does."""
    columns = [one for one in read.header if _unit(one) or _MONEY.search(fold(one))]
    return table.decimal_mark([cell for one in columns for cell in read.column(one) if cell], name)


def _spans(read: table.Table, name: str) -> list[tuple[date, date]]:
    first, last, month = _column(read, _FROM), _column(read, _TO), _column(read, _MONTH)
    if first and last:
        return [(_date(a, name), _date(b, name)) for a, b in zip(read.column(first), read.column(last), strict=True)]
    years = read.column(year) if (year := _column(read, _YEAR)) else [""] * len(read.rows)
    starts = [_month(f"{cell} {of}".strip(), name) for cell, of in zip(read.column(month), years, strict=True)]
    return [(start, (start.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)) for start in starts]


def _date(cell: str, name: str) -> date:
    year_first = bool(re.match(r"\d{4}", cell))
    found = pd.to_datetime(cell, dayfirst=not year_first, errors="coerce")
    if pd.isna(found) or found.year not in _YEARS:
        raise InputError(f"{name}: {cell[:30]!r} is no date")
    return pd.Timestamp(found).date()


def _month(cell: str, name: str) -> date:
    """«2025-03», «03/2025», «marzo 2025», "Mar-25", or any day of it."""
    said = fold(cell)
    word = re.search(r"[a-z]{3,}", said)
    year = re.search(r"(?<!\d)(20\d\d)(?!\d)", said) or re.search(r"(?<!\d)(\d\d)$", said)
    if word and word.group()[:3] in MONTHS and year:
        return date(int(year.group(1)) % 100 + 2000, MONTHS[word.group()[:3]], 1)
    if numbered := re.fullmatch(r"(20\d\d)[-/ ](\d{1,2})|(\d{1,2})[-/ ](20\d\d)", said):
        a, b, c, d = numbered.groups()
        if 1 <= int(b or c) <= 12:
            return date(int(a or d), int(b or c), 1)
    return _date(cell, name).replace(day=1)


def _column(read: table.Table, pattern: re.Pattern[str]) -> str:
    return next((one for one in read.header if pattern.match(table.plain(one))), "")


def _amounts(read: table.Table) -> list[Amount]:
    """What the bills tell, each thing once: a total alone if there is one, the tariff periods together, no earlier year."""
    found = [one for one in _each(read) if not _OTHER_YEAR.search(fold(one.name).lower())]
    kept = list[Amount]()
    for unit in dict.fromkeys(one.unit for one in found):
        of_unit = [one for one in found if one.unit == unit]
        totals = [one for one in of_unit if _TOTAL.search(fold(one.name).lower())]
        periods = [one for one in of_unit if _PERIOD.search(fold(one.name).lower())]
        if len(totals) == 1:
            kept += totals
        elif len(periods) == len(of_unit) > 1 and len({one.size for one in periods}) == 1:
            kept.append(Amount(tuple(one.name for one in periods), unit, periods[0].size))
        else:
            kept += of_unit
    return kept


def _each(read: table.Table) -> list[Amount]:
    """Every column of amounts."""
    return [Amount((one,), *told) for one in read.header if (told := _unit(one)) and not table.is_export(one)]


def _unit(header: str) -> tuple[str, float] | None:
    said = table.plain(header)
    if re.search(r"eur|precio|price|potencia|power|max", said) or "€" in header:
        return None
    return next(((unit, size) for unit, pattern, size in _AMOUNTS if pattern.search(said)), None)
