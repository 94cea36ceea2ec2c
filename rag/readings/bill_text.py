"""A bill as a document says it: its period, what was consumed, what it cost. Pure; what is not told plainly is not taken.

Bills of electricity, gas and water name the same three: the period that is billed, the consumption in it, the total to pay. The
words looked for are ours, of Spanish and English bills.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from rag.analyse import fold
from rag.numerals import value
from rag.readings.series import Carrier

_DAY = r"(\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{4}-\d{2}-\d{2}|\d{1,2} (?:de )?[a-z]{3,10}\.? (?:de )?\d{4})"
_BETWEEN = r"\s*(?:-|–|a|al|to|hasta(?: el)?|until|,)\s*"
_PERIOD = re.compile(
    rf"(?:periodo|facturaci|consumo|billing|period|desde|del?\b|from)[^\d\n]{{0,40}}{_DAY}{_BETWEEN}(?:el )?{_DAY}", re.IGNORECASE
)
_AMOUNT = re.compile(
    r"(?:consumo|energia (?:activa )?consumida|energia activa|volumen|consumption|usage|(?:energy|electricity|water) used)"
    r"(?P<between>[^\d\n]{0,50}?)(?P<number>\d[\d.,]*)\s*(?P<unit>mwh|kwh|m3)\b"
)
_PAID = re.compile(
    r"(?:total a pagar|importe total|total(?: de la)? factura|total importe(?: factura)?|importe(?: de la)? factura|amount due|"
    r"total amount|total due|invoice total)[^\d\n]{0,40}(?P<number>\d[\d.,]*)\s*(?:€|eur)?"
)
_ENERGY_PAID = re.compile(
    r"(?:termino (?:de |variable (?:de )?)?(?:la )?energia|importe (?:de la |por )?energia|energy (?:charges?|term|cost|total)|"
    r"total energia|energia total|total energy)(?![^\d\n]{0,40}\d[\d.,]*\s*(?:mwh|kwh))"
    r"[^\d\n]{0,40}(?P<number>\d[\d.,]*)\s*(?:€|eur)"
)
_PARTS = {
    "power": r"\b(?:termino (?:de |fijo (?:de )?)?(?:la )?potencia|importe (?:de la |por )?potencia|power (?:charge|term)|"
    r"standing charge)",
    "reactive": r"\b(?:energia reactiva|reactive energy)",
    "tax": r"\b(?:impuesto (?:de |especial (?:de |sobre (?:la )?))?(?:la )?electric|electricity tax|climate change levy)",
    "vat": r"\b(?:iva|vat|igic|ipsi)\b",
}
"""What else a bill's total pays for, by what stands in the bill with an amount of money behind it."""
_GAS = re.compile(r"\bgas natural\b|\bnatural gas\b|factura de gas|gas bill")
_MEAN = re.compile(
    r"medi[oa]|mean|average|anterior|previous|mismo|same|anual|annual|ultim|last|estimad|diari|daily|acumulad|cumulative|"
    r"del ano|year to date|punta|llano|valle|peak|shoulder|\bp[1-6]\b"
)
_ANY = re.compile(r"(?P<before>[^\n]{0,40}?)(?P<number>\d[\d.,]*)\s*(?P<unit>mwh|kwh|m3)\b(?!\s*/)")
_FOREIGN = re.compile(r"[$£]|\busd\b|\bgbp\b|pence|\bchf\b")
MONTHS = {
    name: number
    for names in ("ene feb mar abr may jun jul ago sep oct nov dic", "jan feb mar apr may jun jul aug sep oct nov dec")
    for number, name in enumerate(names.split(), start=1)
}
"""Numbers of months by the first three letters of their names, in Spanish and English."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a bill's text tells. `unit` is "kWh" or "m3"; `cost` is in EUR, and of it `energy_cost` for the energy alone.

    `paid_for` are the keys of _PARTS that the total is also for.
    """

    first: date
    last: date
    amount: float
    unit: str
    carrier: Carrier
    cost: float | None
    energy_cost: float | None = None
    paid_for: tuple[str, ...] = ()


def told_in(text: str, language: str) -> Told | None:
    """The bill that a text is; None for any other text, and for one of whose amounts none is said to be the total."""
    plain = fold(text).replace("³", "3")
    period = _PERIOD.search(plain)
    days = [_date(one) for one in period.groups()] if period else []
    first, last = days if len(days) == 2 else (None, None)
    amounts = list(_amounts(plain, language))
    if first is None or last is None or not amounts:
        return None
    totals = {amount for amount, total in amounts if total}
    if not totals:  # of one amount alone it need not be said that it is the total; beside others it may be a part of them
        totals = {amount for amount, _ in amounts} | set(_others(plain, language))
    if len(totals) != 1:
        return None
    (number, unit) = totals.pop()
    paid = {
        value(match.group("number"), language)
        for match in _PAID.finditer(plain)
        if not _FOREIGN.search(plain[match.start() : match.end() + 5])
    }
    gas = unit == "kWh" and _GAS.search(plain) is not None
    carrier: Carrier = "gas" if gas else "water" if unit == "m3" else "electricity"
    cost = paid.pop() if len(paid) == 1 else None
    energy = {value(match.group("number"), language) for match in _ENERGY_PAID.finditer(plain)}
    energy_cost = energy.pop() if len(energy) == 1 else None
    if cost is None or energy_cost is None or energy_cost > cost:
        energy_cost = None
    return Told(first, last, number, unit, carrier, cost, energy_cost, _paid_for(plain) if cost is not None else ())


def _paid_for(plain: str) -> tuple[str, ...]:
    return tuple(part for part, words in _PARTS.items() if re.search(rf"{words}[^\n]{{0,60}}\d[\d.,]*\s*(?:€|eur)", plain))


def _amounts(plain: str, language: str) -> Iterator[tuple[tuple[float, str], bool]]:
    """Each amount with its unit, and whether it is said to be the total; means and those of other periods are left out."""
    for match in _AMOUNT.finditer(plain):
        number = value(match.group("number").rstrip(".,"), language)
        if number is None or _MEAN.search(match.group("between")):
            continue
        yield (
            _sized(number, match.group("unit")),
            "total" in match.group("between") or "total" in plain[max(0, match.start() - 12) : match.start()],
        )


def _others(plain: str, language: str) -> Iterator[tuple[float, str]]:
    """Every amount with a unit, whatever it is called, but for means and those of other years."""
    for match in _ANY.finditer(plain):
        number = value(match.group("number").rstrip(".,"), language)
        period = re.search(r"punta|llano|valle|peak|shoulder|\bp[1-6]\b", match.group("before"))
        if number is not None and (period or not _MEAN.search(match.group("before"))):
            yield _sized(number, match.group("unit"))


def _sized(number: float, unit: str) -> tuple[float, str]:
    return (number * 1000.0, "kWh") if unit == "mwh" else (number, "kWh" if unit == "kwh" else "m3")


def _date(cell: str) -> date | None:
    numbers = [int(one) for one in re.findall(r"\d+", cell)]
    word = re.search(r"[a-z]{3,}", cell.replace(" de ", " "))
    if word:
        numbers.insert(1, MONTHS.get(word.group()[:3], 0))
    year, month, day = numbers if numbers[0] > 31 else reversed(numbers)
    try:
        return date(year if year > 99 else 2000 + year, month, day)
    except ValueError:
        return None
