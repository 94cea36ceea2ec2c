"""Bills as readings: a table with one row a bill becomes a series of days, each with its bill's daily mean. Pure.

The totals of such a series are those of the bills. What needs hours or days is blocked, and the finding says so: a month does not
tell when anything was consumed (CalTRACK 2.0 §2.2.3 takes billing data for models by month alone).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import PurePath

import pandas as pd

from config.company import MeterConfig
from rag.analyse import fold
from rag.errors import InputError
from rag.readings import bill_dates, checks, green_button, headers, marks, table
from rag.readings.headers import Header
from rag.readings.parts import is_period, is_total, without_parts
from rag.readings.series import Carrier, Finding, Series
from rag.readings.units import Scale, scale_of

NEED_HOURS = frozenset(
    {"base_load", "tariff_periods", "night_flow", "specific_energy", "specific", "weather", "realised", "odd_days"}
)
"""Methods that a bill cannot feed (the names that `Series.blocked` is asked with)."""
_PAID = re.compile(r"\b(?:importe|coste?|costo|cost|amount|total|bill)\b")
_TAXES = frozenset("iva impuestos vat tax taxes".split())
_VAT = frozenset({"iva", "vat"})
_WITH = frozenset("con incluido incluidos incl with including included inc".split())
_OTHER_WORDS = (
    "importe coste costo cost costs amount total factura facturas facturado bill bills invoice billed due paid pagar pagado a de "
    "la del of the eur euro euros € electricidad electricity luz gas agua water"
)
_OF_MONEY = frozenset(_OTHER_WORDS.split()) | _TAXES | _WITH
"""The words of a column that holds all that a bill costs: any other makes it a part of it, a price or another money."""
_NET = re.compile(r"\b(?:sin iva|base imponible|ex(?:cl|cluding)? ?vat|before (?:vat|tax)|without vat)\b")
"""Of a column that holds all that a bill costs but its VAT."""
_EURO = re.compile(r"€|\beur(?:os?)?\b")
_CURRENCY = re.compile(r"^(moneda|divisa|currency)$")
MOST_AMOUNTS = 6


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
    return bool(_each(read)) and (bill_dates.by_span(read) or bill_dates.by_month(read))


def series_in(read: table.Table, name: str, site: str) -> list[Series]:
    """A series for each amount that the bills tell. InputError with the reason if they cannot be read."""
    amounts, others = _amounts(read, name)
    if not amounts:
        raise InputError(f"{name}: no column of readings among {', '.join(read.header)}")
    stem, found = PurePath(name).stem, list[Series]()
    for n, one in enumerate(amounts[:MOST_AMOUNTS], start=1):
        called = stem if len(amounts) == 1 else f"{stem}, {one.name}"
        carrier = headers.carrier_of(one.unit, one.name, name)
        found.append(series(_bills(read, name, one, amounts), site, f"m{n}", called, carrier, one.unit, name))
    left = headers.left_out(others)
    return [replace(found[0], findings=(*left, *found[0].findings)), *found[1:]] if left else found


def of_meter(meter: MeterConfig, data: bytes, name: str) -> list[Bill]:
    """The bills in a file of a configured meter; none if the file holds anything else. InputError as `series_in`."""
    if green_button.looks_like(data) or not looks_like(read := table.read(data, name)):
        return []
    unit = scale_of(meter.unit, timedelta(days=1)).unit
    among = [] if meter.column else _amounts(read, name)[0]
    amounts = [one for one in (_each(read) if meter.column else among) if one.unit == unit]
    amounts = [one for one in amounts if meter.column in {"", one.name}]
    if len(amounts) != 1:
        found = ", ".join(one.name for one in amounts) if amounts else "none of " + ", ".join(read.header)
        raise InputError(f"{name}: which column holds the readings ({found})? Set `column` of the meter in advisor.yaml")
    return _bills(read, name, amounts[0], among or _whole(read, name), meter.decimal)


def _whole(read: table.Table, name: str) -> list[Amount]:
    """What the bills tell; nothing if a column has to be chosen first."""
    try:
        return _amounts(read, name)[0]
    except InputError:
        return []


def _bills(read: table.Table, name: str, amount: Amount, among: Sequence[Amount], decimal: str = "") -> list[Bill]:
    """One a row. What was paid is known if the bills tell one `amount` alone: of a part of it, or of several, it is not."""
    what = table.Columns(amount.columns[0], read.one(table.FROM), read.one(table.TO, table.MONTH), read.one(table.YEAR))
    table.of_one_meter(read, what, name)
    spans, (paid_in, paid_for) = bill_dates.spans(read, name), _cost(read)
    mark = decimal or read.mark([*amount.columns, *([paid_in] if paid_in else [])], name)
    paid: Sequence[float | None] = [None] * len(spans)
    if paid_in and list(among) == [amount]:
        paid = marks.numbers(read.column(paid_in), name, mark)
    told = [marks.numbers(read.column(one), name, mark) for one in amount.columns]
    told = [one for one in told if not all(map(math.isnan, one))] or told[:1]  # P4 to P6 of a tariff that has three
    bills = [
        Bill(*span, sum(row) * amount.size, cost, paid_for=paid_for if cost is not None else ())
        for span, row, cost in zip(spans, zip(*told, strict=True), paid, strict=True)
    ]
    for one in bills:
        if one.amount < 0 or (one.cost is not None and one.cost < 0):
            raise InputError(
                f"{name}: the bill of {one.first} is negative: leave out what it takes back, and the bill it corrects"
            )
    return bills


def series(bills: list[Bill], site: str, meter: str, called: str, carrier: Carrier, unit: str, file: str) -> Series:
    """The bills as days. InputError if they overlap, or are of days or years."""
    ordered = sorted((one for one in bills if one.amount == one.amount), key=lambda one: one.first)
    if not ordered:
        raise InputError(f"{file}: no bill tells an amount")
    median = sorted(one.days for one in ordered)[len(ordered) // 2]
    if not bill_dates.SHORTEST <= median <= bill_dates.LONGEST or any(one.days < 1 for one in ordered):
        raise InputError(f"{file}: bills of {median} days are not read; {bill_dates.SHORTEST} to {bill_dates.LONGEST} are")
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


def _cost(read: table.Table) -> tuple[str, tuple[str, ...]]:
    """(The column of what each bill costs in all, in euros, else in all but VAT; what it is for beside the energy).

    "" if none tells it, or several do.
    """
    currencies = {fold(cell) for column in read.header if _CURRENCY.match(headers.plain(column)) for cell in read.column(column)}
    whole, net = list[tuple[str, tuple[str, ...]]](), list[tuple[str, tuple[str, ...]]]()
    for one in read.judged:
        without = bool(_NET.search(one.words))
        words = set(_NET.sub(" ", one.words).split())
        named = without or _PAID.search(one.words)
        part = one.unit or not named or not words <= _OF_MONEY or (words & _TAXES and not words & _WITH)
        if part or currencies - {"eur", "euro", "euros", "€"}:
            continue
        cells = [cell for cell in read.column(one.text) if cell]
        euros = currencies or _EURO.search(one.words) or all(_EURO.search(fold(cell)) for cell in cells)
        if euros and cells and all(map(marks.is_number, cells)):
            paid_for = ("net",) if without else ("vat",) if words & _VAT else ()
            (net if without else whole).append((one.text, paid_for))
    found = whole or net
    return found[0] if len(found) == 1 else ("", ())


def _amounts(read: table.Table, name: str) -> tuple[list[Amount], list[Header]]:
    """(What the bills tell, each thing once: a total alone if there is one, the tariff periods together; what is left out)."""
    found, parts = without_parts([one for one in read.judged if _is_amount(one, read)], read, name)
    for total in [one for one in found if is_total(one)]:  # the bill's: what stands beside it is a part of it
        beside = [one for one in found if one.unit == total.unit and not is_total(one)]
        parts += [replace(one, why="part") for one in beside]
        found = [one for one in found if one not in beside]
    kept = list[Amount]()
    for held in dict.fromkeys(map(_held, found)):
        alike = [one for one in found if _held(one) == held]
        together = [alike] if len(alike) > 1 and all(map(is_period, alike)) else [[one] for one in alike]
        kept += [Amount(tuple(one.text for one in each), held.unit, held.factor) for each in together]
    paid, _ = _cost(read)
    told = [one for one in read.judged if one.text != paid and any(read.column(one.text))]
    numbers = [one for one in told if all(map(marks.is_number, read.column(one.text)))]
    others = [one for one in numbers if one.why or (one.unit and not _is_amount(one, read))]
    reasons = [one if one.why else replace(one, why="register" if one.counter else "statistic") for one in others]
    return kept, [*reasons, *parts]


def _each(read: table.Table) -> list[Amount]:
    """Every column of amounts."""
    return [Amount((one.text,), _held(one).unit, _held(one).factor) for one in read.judged if _is_amount(one, read)]


def _is_amount(one: Header, read: table.Table) -> bool:
    """Whether a column holds what each bill is for: no rate, but for one a month of months; no meter's register."""
    monthly = one.unit.endswith("/month") and bill_dates.by_month(read)
    return not one.why and not one.counter and (bool(one.amount) or monthly)


def _held(one: Header) -> Scale:
    return scale_of(one.unit.removesuffix("/month"), timedelta(days=1))
