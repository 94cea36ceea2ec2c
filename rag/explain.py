"""Quantities and calculations in words: numbers with units by locale, formulas with their values, one line to quote. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from config import texts
from rag.measures.model import Calculation, Quantity
from rag.models import Language, Range
from rag.readings.series import Finding, Series

Grade = Literal["high", "medium", "low"]
_SIGNIFICANT: Mapping[Grade, int] = {"high": 3, "medium": 2, "low": 2}
"""Digits that an estimate of this confidence deserves; more would promise what it cannot keep."""
_NUMBERED = re.compile(r"(.+_p)(\d+)$")
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
    spoken = unit_name(unit, language)
    return f"{number} {spoken}" if spoken else number


def quantity(one: Quantity, language: Language) -> str:
    """A quantity's value with its unit."""
    return shown(one.value, one.unit, language)


def estimate(value: Range, unit: str, language: Language, grade: Grade) -> str:
    """A range as people say it: the middle, and the ends in brackets where they differ once rounded."""
    low, mid, high = (significant(one, language, _SIGNIFICANT[grade]) for one in (value.low, value.mid, value.high))
    middle = _with_unit(mid, unit, language)
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


def formula(calculation: Calculation, language: Language) -> str:
    """The formula with the quantities' names."""
    return _filled(calculation, {one.key: name(one.key, language) for one in (*calculation.inputs, *calculation.results)})


def with_values(calculation: Calculation, language: Language) -> str:
    """The formula with the inputs' values."""
    return _filled(calculation, {one.key: quantity(one, language) for one in calculation.inputs})


def _filled(calculation: Calculation, words: Mapping[str, str]) -> str:
    side = calculation.formula.partition("=")[2].strip() or calculation.formula
    spoken = _SYMBOL.sub(lambda found: words.get(found.group(), found.group()), side)
    return re.sub(r"\s*\*\s*", " × ", spoken.replace("**", "^")).replace(" / ", " ÷ ")


def lines(calculation: Calculation, language: Language) -> tuple[list[Line], list[Line]]:
    """(inputs, results) for a page or a report."""

    def line(one: Quantity) -> Line:
        return Line(name(one.key, language), quantity(one, language), texts.text(language, f"numbers.{one.origin}") + _of(one))

    return [line(one) for one in calculation.inputs], [line(one) for one in calculation.results]


def _of(one: Quantity) -> str:
    return f": {one.source}" if one.source else ""


def title(calculation: Calculation, language: Language) -> str:
    """What a citation of it is called: "Cálculo: carga base"."""
    return texts.text(language, "numbers.calculation", method=texts.text(language, f"methods.{calculation.method}"))


def quote(calculation: Calculation, language: Language) -> str:
    """The calculation in one line: what came out, and of what."""
    results = "; ".join(f"{name(one.key, language)} = {quantity(one, language)}" for one in calculation.results)
    inputs = "; ".join(f"{name(one.key, language)} {quantity(one, language)}" for one in calculation.inputs)
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
