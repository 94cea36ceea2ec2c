"""A bill as a document says it: its period, what was consumed, what it cost. Pure; what is not told plainly is not taken.

Bills of electricity, gas and water name the same three: the period that is billed, the consumption in it, the total to pay. Each
quantity is known by its label: the words between it and the quantity before, or the beginning of its line. A label that speaks of
another period, a mean or a part makes it another quantity. The words looked for are ours, of Spanish and English bills.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from rag.analyse import fold
from rag.errors import InputError
from rag.readings import marks
from rag.readings.series import Carrier

MONTHS = {
    name: number
    for names in ("ene feb mar abr may jun jul ago sep oct nov dic", "jan feb mar apr may jun jul aug sep oct nov dec")
    for number, name in enumerate(names.split(), start=1)
}
"""Numbers of months by the first three letters of their names, in Spanish and English."""
_DAY = r"(?:\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{4}-\d{2}-\d{2}|\d{1,2} (?:de )?[a-z]{3,10}\.? (?:de )?\d{4})"
_DATE = re.compile(_DAY)
_PERIOD = re.compile(rf"({_DAY})\s*(?:-|–|a|al|to|hasta(?: el)?|until|,)\s*(?:el )?({_DAY})")
_BILLED = re.compile(r"periodo|factura|billing|period|consumo|consumption|\bdesde\b|\bfrom\b|\bdel?\b")
_SURELY_BILLED = re.compile(r"factura|billing|billed")
_QUANTITY = re.compile(
    r"(?P<before>(?:€|\beur)\s*-?)?(?<![\w.,])(?P<number>\d[\d.,]*(?<![.,]))\s*"
    r"(?:(?P<unit>mwh|kwh|m3)\b|(?P<after>€|eur(?:os?)?\b))?(?P<rate>\s*(?:/|por |per |al dia|a day))?"
)
_MINUS = re.compile(r"(?:^|[^\w)\s])\s*-\s*$|\s-$")
"""Of what stands before a number: its sign, and no dash between words."""
_CONSUMED = re.compile(r"consum|energia activa|volumen|\busage\b|\bused\b")
_OTHER = re.compile(
    r"medi[oa]\b|\bmean\b|\baverage|anterior|previous|\bprior\b|mism[oa]|\bsame\b|similar|vecin|hogares|\bhomes\b|\banual|annual"
    r"|\byear|\bano\b|ultim|\blast\b|estimad|diari|daily|acumulad|cumulative|to date|histor|\bmeses\b|\bmonths\b|contrat"
    r"|contract|preced|prevision|forecast|lectura|\breading|contador|\bmeter\b|ahorr|saving|\b20\d\d\b"
)
"""Of a label: another period than the bill's, a mean, a register; a year that is none of a date."""
_PART = re.compile(
    r"punta|llano|valle|peak|shoulder|\bp ?[1-6]\b|periodo [1-6]\b|\bday\b|\bnight\b|\bdia\b|\bnoche\b|\b(?:high|low) rate\b"
    r"|excedent|vertid|export|generad|generat|autoconsum|reactiv|suministro [a-z1-9]\b|supply [a-z1-9]\b"
)
_TO_PAY = re.compile(
    r"a pagar|a abonar|importe total|total(?: de la)? factura|total importe|importe(?: de la)? factura|amount due|amount payable"
    r"|total amount|total due|total payable|invoice total|total to pay"
)
_NOT_ALL = re.compile(
    r"anterior|previous|last|energia|energy|potencia|\bpower\b|termino|alquiler|rental|peaje|\bsin\b"
    r"|without|excl|before tax|\bbase\b"
    r"|impuesto|pendiente|saldo|balance|deuda|overdue|(?<!con )\b(?:iva|vat)\b(?! ?\(?(?:incl|\d))"
)
_ENERGY_PAID = re.compile(
    r"(?:termino (?:de |variable (?:de )?)?(?:la )?energia|importe (?:de la |por )?energia|energy (?:charges?|term|cost|total)|"
    r"total energia|energia total|total energy)\D{0,40}$"
)
_NOT_ENERGY = re.compile(r"potencia|\bpower\b|standing|reactiv|impuesto|\btax|\biva\b|\bvat\b|peaje|\btolls?\b|alquiler|rental")
_PARTS = {
    "power": re.compile(r"\b(?:termino (?:de |fijo (?:de )?)?(?:la )?potencia|importe (?:de la |por )?potencia"
                        r"|power (?:charge|term)|standing charge)"),
    "reactive": re.compile(r"\b(?:energia reactiva|reactive energy)"),
    "tax": re.compile(r"\b(?:impuesto (?:de |especial (?:de |sobre (?:la )?))?(?:la )?electric|electricity tax"
                      r"|climate change levy)"),
    "vat": re.compile(r"(?<!sin )(?<!without )(?<!before )(?<!excluding )(?<!excl )(?<!excl\. )(?<!ex )"
                      r"\b(?:iva|vat|igic|ipsi)\b"),
}  # fmt: skip
"""What else a bill's total pays for, by the label of an amount of money."""
_OWED = re.compile(r"\bsaldo\b|a su favor|\bbalance\b|pendiente de pago|importe pendiente|\bdeuda\b|overdue|arrears")
"""Of a bill whose amount to pay is not what the period cost."""
_TAKES_BACK = re.compile(r"rectificativ|factura de abono|nota de (?:abono|credito)|\(abono\)|credit note|credit memo")
_CUPS = re.compile(r"\bes\d{16}[a-z]{2}")
_TITLE = re.compile(
    r"(?:factura|recibo|bill|invoice)[^\n]{0,20}?\b(gas|electri\w*|luz|agua|water)\b"
    r"|\b(gas|electricity|water) (?:bill|invoice)"
)
_GAS, _POWER = re.compile(r"\bgas\b"), re.compile(r"\belectri|\bluz\b")
_SHORTEST, _LONGEST = 5, 130
"""Days of a bill."""


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


@dataclass(frozen=True, slots=True)
class _Quantity:
    """A number with its unit (kwh, mwh, m3, €; "" of a rate) and its label. Not `clear`: 1 410 is one number, or two."""

    label: str
    number: str
    unit: str
    negative: bool
    clear: bool


def told_in(text: str, language: str) -> Told | None:
    """The bill that a text is; None for any other text, for one that takes something back, and where its numbers do not tell.

    `language` is the text's: in Spanish ("es"), and where euros are paid, dates begin with the day if both readings are possible.
    """
    plain = fold(text).replace("³", "3").replace("−", "-")
    period, found = _period(plain, day_first=language == "es" or "€" in plain), list(_quantities(plain))
    back = any(one.negative and one.unit and (one.unit != "€" or _TO_PAY.search(one.label)) for one in found)
    if (
        period is None
        or back
        or not all(one.clear for one in found)
        or _TAKES_BACK.search(plain)
        or len(set(_CUPS.findall(plain))) > 1
    ):
        return None
    try:
        mark = marks.decimal_mark([[one.number for one in found]], [], "")
        amounts = _amounts(found, mark)
        paid, energy, parts = _paid(found, mark), _energy_paid(found, mark), _paid_for(found)
    except InputError:  # 1.410 may be a thousand or a decimal, and nothing in the text tells which
        return None
    if len(amounts) != 1:
        return None
    (number, unit) = amounts.pop()
    carrier = _carrier(plain, unit)
    cost = paid.pop() if len(paid) == 1 and not _OWED.search(plain) else None
    if carrier is None or not cost:
        return Told(*period, number, unit, carrier, None) if carrier else None
    energy_cost = energy.pop() if len(energy) == 1 else 0.0
    return Told(*period, number, unit, carrier, cost, energy_cost if 0 < energy_cost <= cost else None, parts)


def _quantities(plain: str) -> Iterator[_Quantity]:
    """Numbers with a unit, in order; that of a rate (€/kWh, kWh per day) is "". Those of a date have none and are left out."""
    for line in plain.split("\n"):
        begin = 0
        for match in _QUANTITY.finditer(line):
            money = bool(match.group("before") or match.group("after"))
            if not match.group("unit") and not money:
                continue
            before, label = line[: match.start("number")], line[begin : match.start()]
            begin = match.end()
            rate = match.group("rate") or before.rstrip().endswith("/") or (money and re.match(r"\s*[x×*]", line[begin:]))
            number = match.group("number")
            apart = re.search(r"\d $", before) and re.fullmatch(r"\d{3}(?:[.,]\d{1,2})?", number)
            negative = _MINUS.search(re.sub(r"(?:€|eur)\s*$", "", before)) is not None
            yield _Quantity(label, number, "" if rate else "€" if money else match.group("unit"), negative, not apart)


def _amounts(found: Iterable[_Quantity], mark: str) -> set[tuple[float, str]]:
    """What the bill says was consumed: the total if one is called so, else an amount beside which there is no other."""
    totals, plain, rest = set[tuple[float, str]](), set[tuple[float, str]](), set[tuple[float, str]]()
    for one in found:
        label = _DATE.sub(" ", one.label)
        if one.unit in {"€", ""} or _OTHER.search(label):
            continue
        (number,) = marks.numbers([one.number], "", mark)
        amount = (number * 1000.0 if one.unit == "mwh" else number, "m3" if one.unit == "m3" else "kWh")
        if _PART.search(label) or not _CONSUMED.search(label):
            rest.add(amount)
        elif "total" in label:
            totals.add(amount)
        else:
            plain.add(amount)
    return totals or (plain | rest if plain else set())


def _paid(found: Iterable[_Quantity], mark: str) -> set[float]:
    """What the bill says is to be paid for all of it, in euros."""
    whole = [one for one in found if one.unit == "€" and _TO_PAY.search(one.label[-80:]) and not _NOT_ALL.search(one.label[-80:])]
    return set(marks.numbers([one.number for one in whole], "", mark))


def _energy_paid(found: Iterable[_Quantity], mark: str) -> set[float]:
    """What the bill says the energy alone costs, in euros; less than nothing if it is taken off."""
    paid = set[float]()
    for one in found:
        label = _DATE.sub(" ", one.label[-80:])
        others = _NOT_ENERGY.search(label) or _PART.search(label) or _OTHER.search(label)
        if one.unit == "€" and _ENERGY_PAID.search(label) and not others:
            (number,) = marks.numbers([one.number], "", mark)
            paid.add(-number if one.negative else number)
    return paid


def _paid_for(found: Iterable[_Quantity]) -> tuple[str, ...]:
    """The keys of _PARTS for which the bill asks money: an amount in euros, or a price by which one is reckoned."""
    asked = [one.label[-80:] for one in found if one.unit in {"€", ""} and re.search(r"[1-9]", one.number)]
    return tuple(part for part, words in _PARTS.items() if any(words.search(label) for label in asked))


def _carrier(plain: str, unit: str) -> Carrier | None:
    """What the bill is of: its title says it, else what it speaks of, of one thing alone; None if of both."""
    titles = {one for match in _TITLE.finditer(plain) for one in match.groups() if one}
    gas, power = bool(_GAS.search(plain)), bool(_POWER.search(plain))
    if titles:
        gas, power = "gas" in titles, any(one.startswith(("electri", "luz")) for one in titles)
    if unit == "m3":
        return "gas" if gas else "water"
    return None if gas and power else "gas" if gas else "electricity"


def _period(plain: str, *, day_first: bool) -> tuple[date, date] | None:
    """The days that are billed, both included; None if no label says so, or different ones do."""
    found: dict[bool, set[tuple[date, date]]] = {True: set(), False: set()}
    for match in _PERIOD.finditer(plain):
        line = plain[plain.rfind("\n", 0, match.start()) + 1 : match.start()]
        label = re.split(r"\d", line)[-1][-60:]
        days = _between(*match.groups(), day_first=day_first)
        if days and _BILLED.search(label) and not _OTHER.search(label):
            found[bool(_SURELY_BILLED.search(label))].add(days)
    told = found[True] or found[False]
    return told.pop() if len(told) == 1 else None


def _between(first: str, last: str, *, day_first: bool) -> tuple[date, date] | None:
    """Two days in the order in which they are a bill's; None if they are none, or in either order and nothing tells which."""
    possible = [(a, b) for month_first in (False, True) if (a := _date(first, month_first)) and (b := _date(last, month_first))]
    fitting = list(dict.fromkeys((a, b) for a, b in possible if _SHORTEST <= (b - a).days <= _LONGEST))
    return fitting[0] if len(fitting) == 1 or (fitting and day_first) else None


def _date(cell: str, month_first: bool) -> date | None:
    numbers = [int(one) for one in re.findall(r"\d+", cell)]
    word = re.search(r"[a-z]{3,}", cell.replace(" de ", " "))
    if word:
        numbers.insert(1, MONTHS.get(word.group()[:3], 0))
    year, month, day = numbers if numbers[0] > 31 else numbers[::-1]
    if month_first and not word and numbers[0] <= 31:
        month, day = day, month
    try:
        return date(year if year > 99 else 2000 + year, month, day)
    except ValueError:
        return None
