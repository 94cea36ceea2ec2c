"""Quantities and calculations in words: numbers with units by locale, formulas with their values, one line to quote. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from config import texts
from rag.measures.model import Calculation, Quantity
from rag.models import Language, Range
from rag.readings.series import Finding, Series

Grade = Literal["high", "medium", "low"]
_SIGNIFICANT: Mapping[Grade, int] = {"high": 3, "medium": 2, "low": 2}
"""Digits that an estimate of this confidence deserves; more would promise what it cannot keep."""
_NUMBERED = re.compile(r"(.+_p)(\d+)$")
PART = "part_"
"""How the keys begin of quantities that are told side by side: their source says which of them each is."""
_SPAN = re.compile(r"(\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d)")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)")
_DAYS, _MONTH, _HOUR = re.compile(r"\d{4}-\d\d-\d\d(,\d{4}-\d\d-\d\d)*"), re.compile(r"(\d{4}-\d\d)"), re.compile(r"(\d{1,2})h")
_HOURS = re.compile(r"(\d{1,2})-(\d{1,2})h")
_WEEKDAYS = re.compile(r"wd[0-6](,[0-6])*")
_SYMBOL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Line:
    """A quantity for a reader: name, value with unit, and where it comes from."""

    name: str
    value: str
    source: str


def shown(value: float, unit: str, language: Language) -> str:
    """A value with its unit by locale: "151.110 kWh/año", "69,1 kW", "0,091 €/kWh", "61 %". Decimals by its size."""
    if unit == "%":
        return f"{texts.number(value, language, 1)} %"
    return _with_unit(texts.number(value, language, _decimals(value)), unit, language)


def _decimals(value: float) -> int:
    size = abs(value)
    return 0 if size >= 1000 else 1 if size >= 10 else 2 if size >= 1 else 4


def _with_unit(number: str, unit: str, language: Language) -> str:
    spoken = texts.text(language, "units.year") if (number, unit) == ("1", "year") else unit_name(unit, language)
    return f"{number} {spoken}" if spoken else number


def quantity(one: Quantity, language: Language) -> str:
    """A quantity's value with its unit."""
    return shown(one.value, one.unit, language)


def estimate(value: Range, unit: str, language: Language, grade: Grade) -> str:
    """A range as people say it: the middle, and the ends in brackets where they differ once rounded; less than a year: months."""
    if unit == "year" and value.mid > 0 and whole_months(value.mid) < 12:
        return _months(value, language)
    low, mid, high = (significant(one, language, _SIGNIFICANT[grade]) for one in (value.low, value.mid, value.high))
    middle = _with_unit(mid, unit, language)
    return middle if low == high else texts.text(language, "numbers.range", mid=middle, low=low, high=high)


def whole_months(years: float) -> float:
    """A time as it is told where it is less than a year: evidence holds this value, too."""
    return float(round(12 * years))


def _months(value: Range, language: Language) -> str:
    """A time of less than a year: nobody says 0.09 years."""
    low, mid, high = (texts.number(whole_months(one), language) for one in (value.low, value.mid, value.high))
    if mid == "0":
        return texts.text(language, "numbers.within_a_month")
    middle = f"{mid} {texts.text(language, 'units.month' if mid == '1' else 'units.months')}"
    return middle if low == high else texts.text(language, "numbers.range", mid=middle, low=low, high=high)


def significant(value: float, language: Language, digits: int) -> str:
    """A number rounded to so many significant digits: an estimate shows no more than it knows."""
    if value == 0 or not math.isfinite(value):
        return texts.number(value, language)
    places = digits - 1 - math.floor(math.log10(abs(value)))
    return texts.number(round(value, places), language, max(0, places))


def unit_name(unit: str, language: Language) -> str:
    """A unit as it is written in a language: "kWh/year" is "kWh/año"; what has no other name stays as it is."""
    if unit in {"", "1", "dimensionless"}:
        return ""
    if unit == "year":
        return texts.text(language, "units.years")
    spelled = unit.replace("**", "").replace("*", "·").replace("m3", "m³").replace("m2", "m²")
    return _SYMBOL.sub(lambda found: _unit_word(found.group(), language), spelled)


def _unit_word(word: str, language: Language) -> str:
    key = f"units.{word}"
    return texts.text(language, key) if key in texts.keys(language) else word


def name(key: str, language: Language) -> str:
    """A quantity's name for a reader; of one for each period ("energy_p3") or percentile ("duration_p95"), with its number."""
    numbered = _NUMBERED.match(key)
    if numbered is None:
        return texts.text(language, f"quantities.{key}")
    number = int(numbered.group(2))
    return texts.text(language, f"quantities.{numbered.group(1)}", n=number, rest=100 - number)


def said(value: str, language: Language) -> str:
    """A time as a figure's value holds it, in words: a span, a moment, days, a month, an hour, weekdays; else as it stands.

    Of several with a bar between them each.
    """
    if "|" in value:
        return ", ".join(said(part, language) for part in value.split("|"))
    if found := _SPAN.fullmatch(value):
        return span(date.fromisoformat(found.group(1)), date.fromisoformat(found.group(2)), language)
    if found := _MOMENT.fullmatch(value):
        day = texts.day(date.fromisoformat(found.group(1)), language)
        return texts.text(language, "numbers.moment", day=day, time=found.group(2))
    if _DAYS.fullmatch(value):
        return ", ".join(texts.day(date.fromisoformat(one), language) for one in value.split(","))
    if found := _MONTH.fullmatch(value):
        return texts.month(date.fromisoformat(f"{value}-01"), language)
    if _WEEKDAYS.fullmatch(value):
        return ", ".join(texts.text(language, f"weekdays.on_{one}") for one in value[2:].split(","))
    if found := _HOURS.fullmatch(value):
        return texts.text(language, "numbers.hours", first=int(found.group(1)), last=int(found.group(2)))
    if found := _HOUR.fullmatch(value):
        return texts.text(language, "numbers.hour", first=int(found.group(1)), last=int(found.group(1)) + 1)
    return value


def span(first: date, last: date, language: Language) -> str:
    """From one day to another as people say it: a year, a month, a day, or both days."""
    if first == last:
        return texts.day(first, language)
    if (first.month, first.day, last.month, last.day, first.year) == (1, 1, 12, 31, last.year):
        return f"{first.year}"
    if first.day == 1 and (last + timedelta(days=1)).day == 1 and (first.year, first.month) == (last.year, last.month):
        return texts.month(first, language)
    return f"{texts.day(first, language)} - {texts.day(last, language)}"


def by_period(quantities: Iterable[Quantity], language: Language) -> str:
    """Values of tariff periods, those alike together: "160 kW (P1-P5), 180 kW (P6)"; "" if none is of a period."""
    groups: list[tuple[str, list[int]]] = []
    for one in quantities:
        if numbered := _NUMBERED.match(one.key):
            value, number = quantity(one, language), int(numbered.group(2))
            if groups and groups[-1][0] == value:
                groups[-1][1].append(number)
            else:
                groups.append((value, [number]))
    return ", ".join(f"{value} ({'-'.join(f'P{n}' for n in dict.fromkeys((held[0], held[-1])))})" for value, held in groups)


def _named(one: Quantity, language: Language) -> str:
    """A quantity's name; of a part of a sum or comparison what it is of."""
    return said(one.source, language) if one.key.startswith(PART) else name(one.key, language)


def formula(calculation: Calculation, language: Language) -> str:
    """The formula with the quantities' names."""
    return _filled(calculation, {one.key: _named(one, language) for one in (*calculation.inputs, *calculation.results)})


def equations(calculation: Calculation, language: Language) -> str:
    """The whole formula with the quantities' names, what comes out of each step included."""
    words = {one.key: name(one.key, language) for one in (*calculation.inputs, *calculation.results)}
    return _spelled(calculation.formula, words)


def with_values(calculation: Calculation, language: Language) -> str:
    """The formula with the inputs' values."""
    return _filled(calculation, {one.key: quantity(one, language) for one in calculation.inputs})


def _filled(calculation: Calculation, words: Mapping[str, str]) -> str:
    return _spelled(calculation.formula.partition("=")[2].strip() or calculation.formula, words)


def _spelled(formula: str, words: Mapping[str, str]) -> str:
    spoken = _SYMBOL.sub(lambda found: words.get(found.group(), found.group()), formula)
    return re.sub(r"\s*\*\s*", " × ", spoken.replace("**", "^")).replace(" / ", " ÷ ")


def lines(calculation: Calculation, language: Language) -> tuple[list[Line], list[Line]]:
    """(inputs, results) for a page or a report."""

    def line(one: Quantity) -> Line:
        return Line(_named(one, language), quantity(one, language), texts.text(language, f"numbers.{one.origin}") + _of(one))

    return [line(one) for one in calculation.inputs], [line(one) for one in calculation.results]


def _of(one: Quantity) -> str:
    return f": {one.source}" if one.source else ""


def title(calculation: Calculation, language: Language) -> str:
    """What a citation of it is called: "Cálculo: carga base"; of what advisor.yaml tells, "Dato: potencia contratada"."""
    stated = not calculation.inputs and all(one.origin == "configured" for one in calculation.results)
    key = "numbers.given" if calculation.method == "given" else "numbers.stated" if stated else "numbers.calculation"
    return texts.text(language, key, method=texts.text(language, f"methods.{calculation.method}"))


def quote(calculation: Calculation, language: Language) -> str:
    """The calculation in one line: what came out, and of what."""
    results = "; ".join(f"{_named(one, language)} = {quantity(one, language)}" for one in calculation.results)
    inputs = "; ".join(f"{_named(one, language)} {quantity(one, language)}" for one in calculation.inputs)
    return texts.text(language, "numbers.quote", results=results, inputs=inputs) if inputs else results


def caveats(calculation: Calculation, language: Language) -> list[str]:
    """What limits it, in sentences."""
    return [texts.text(language, f"caveats.{key}", **values) for key, values in calculation.caveats]


def finding(one: Finding, language: Language) -> str:
    """What a check found, in a sentence."""
    values = {
        key: texts.number(value, language, 2) if isinstance(value, int | float) else value for key, value in one.values.items()
    }
    return texts.text(language, f"readings.findings.{one.rule}", **values)


def wrong_with(readings: Iterable[Series], language: Language) -> list[str]:
    """What was wrong with readings, a sentence a meter, for who is told numbers that rest on them."""
    told = []
    for series in readings:
        wrong = "; ".join(finding(one, language) for one in series.findings if one.severity != "info")
        if wrong:
            files = ", ".join(series.files)
            told.append(texts.text(language, "facility.warning", meter=series.name, files=files, what=wrong))
    return told
