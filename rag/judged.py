"""Whether a value that was told is much or little: asked for in these words alone, and what of documents it can be held against.

Nothing here judges: an aim, a limit, a design or a former value of the same thing is told beside it, or that none is known. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.analyse import content_words, fold, stems, terms, words
from rag.asides import doubts
from rag.asked import Asked
from rag.beside import ANY, Beside
from rag.extract import Span
from rag.facility import Facility
from rag.headings import is_row
from rag.ingest.sentences import sentences
from rag.models import Language, Passage, Turn
from rag.numerals import numerals, value
from rag.table_rows import named
from rag.when import Point

_UNITS = {
    "kwh/m3": {r"kwh\s*/\s*m3|kwh (?:por|per) (?:m3|metro cubico|cubic met\w+)": 1.0},
    "kwh/m2": {r"kwh\s*/\s*m2": 1.0},
    "kwh/day": {r"kwh\s*/\s*d\w*|kwh (?:al|por) dia|kwh (?:a|per) day": 1.0},
    "kwh/year": {r"kwh\s*/\s*(?:ano|year)": 1.0, r"mwh\s*/\s*(?:ano|year)": 1e3},
    "kwh": {r"kwh(?!\s*/)": 1.0, r"mwh(?!\s*/)": 1e3, r"gwh(?!\s*/)": 1e6},
    "kw": {r"kw(?!\w|\s*/)": 1.0, r"mw(?!\w|\s*/)": 1e3},
    "m2": {r"m2(?!\s*/)": 1.0},
    "m3/h": {r"m3\s*/\s*h\w*": 1.0},
    "m3/day": {r"m3\s*/\s*d\w*|m3 (?:al|por) dia|m3 (?:a|per) day": 1.0},
    "m3": {r"(?<!h)m3(?!\s*/)": 1.0, r"hm3(?!\s*/)": 1e6},
    "l/s": {r"l\s*/\s*s\b": 1.0},
    "mg/l": {r"mg\s*/\s*l\b": 1.0},
    "eur/kwh": {r"(?:€|eur)\s*/\s*kwh": 1.0},
    "eur/m3": {r"(?:€|eur)\s*/\s*m3": 1.0},
    "eur": {r"€(?!\s*/)|euros?\b|eur\b(?!\s*/)": 1.0},
    "bar": {r"bar\b": 1.0},
    "%": {r"%": 1.0},
    "degc": {r"[°o]\s*c\b": 1.0},
}
"""What is measured by the folded units for it, each with what it is of the first: an amount in MWh is held against one in kWh."""
_ALL = [(name, size, pattern) for name, spelled in _UNITS.items() for pattern, size in spelled.items()]
_ANY_UNIT = "|".join(f"(?P<u{n}>{pattern})" for n, (_, _, pattern) in enumerate(_ALL))
_VALUE, _HEADED = re.compile(rf"(?P<number>\d[\d.,]*)\s*(?:{_ANY_UNIT})"), re.compile(rf"(?<![\w/])(?:{_ANY_UNIT})")
_KINDS = tuple(
    re.compile(rf"\b(?:{words})\b")
    for words in (
        r"objetivos?|metas?|targets?|goals?|previst\w+|planned|expected|esperad\w+",
        r"limit\w*|maxim\w+|minim\w+|alarm\w*|alert\w*|contratad\w+|contracted|consignas?|set ?points?",
        r"disen\w+|design\w*|garanti\w+|guarant\w+|nominal\w*|rated|recepcion|commissioning",
        r"referencias?|reference|benchmark\w*|normal\w*|cuartil\w*|quartile\w*|tipic\w+|typical\w*|habitual\w*",
        r"(?:19|20)\d\d|anterior\w*|previous|former|antes|before",
    )
)
"""What a value is held against: an aim, a limit, a design, what is usual, what it was."""
_SAVED = re.compile(r"\b(?:ahorr\w+|savings?|saves?|saved|reduc\w+)\b")
_FAR = 3.0
"""What is so many times larger or smaller is of something else."""
_MOST, _SUNDAY = 3, 6


def judges(said: str, history: Sequence[Turn]) -> bool:
    """Whether it is asked of what was told last if that is much or little, and nothing else; not of a list of measures."""
    last = next((turn for turn in reversed(history) if turn.role == "assistant"), None)
    return doubts(said) and last is not None and not (last.recommended or last.aside) and bool(numerals(last.text))


@dataclass(frozen=True, slots=True)
class Value:
    """An amount, in the first of the units for what it measures."""

    of: str
    amount: float


def values(said: str, language: Language, headings: str = "") -> list[Value]:
    """What a text tells with units, in order; of a row all numbers, each with the units that its headings or cells have."""
    found = list[Value]()
    plain = re.sub(r"\[\d+\]", " ", fold(said))
    for match in _VALUE.finditer(plain):
        number = value(match["number"].rstrip(".,"), language)
        found += [Value(*_unit(match, number))] if number is not None else []
    if headings:
        over = list(_HEADED.finditer(fold(f"{headings} {said}")))
        bare = (value(one, language) for one in numerals(said))
        found += [Value(*_unit(match, number)) for number in bare if number is not None for match in over]
    return found


def _unit(match: re.Match[str], number: float) -> tuple[str, float]:
    name, size, _ = _ALL[int((match.lastgroup or "u0")[1:])]
    return name, size * number


def told(value_said: str, last: str, behind: str, facility: Facility, language: Language) -> Value | None:
    """The value that was told: the meters'; or what the first thing of an answer says, if all of it is measured alike or what was
    asked about stands before it.
    """
    first = value_said or last.strip().split("\n\n")[0]
    found = values(first, language)
    if not found or value_said or len({one.of for one in found}) == 1:
        return found[0] if found else None
    start = _VALUE.search(fold(first))
    return found[0] if start and _topic(behind, facility) & set(terms(first[: start.start()])) else None


def _topic(behind: str, facility: Facility) -> set[str]:
    """What a question is about, in stems, beside the facility."""
    said = {stem for word in content_words(behind) if word.isalpha() for stem in stems(word)}
    return said - {stem for name in facility.names for stem in terms(name)}


def yardsticks(wanted: Asked) -> tuple[Asked, ...]:
    """What readings themselves hold against a value of some time: the most, the least and what is usual; or the value of all."""
    if len(wanted.times) != 1 or wanted.weekdays or wanted.hours or wanted.periods:
        return ()
    when, always = wanted.times[0], replace(wanted, times=(), units=())
    if wanted.metric not in {"used", "cost"}:
        return (always,) if wanted.metric in {"specific", "night", "mean", "peak", "night_flow"} else ()
    point = when.first
    if point is None or point != when.last or not point.month or point.part > _SUNDAY:
        return ()
    most = replace(always, metric="most", grain="day" if point.day or point.nth else "month", each="", money="")
    return (most, replace(most, metric="least"))


def against(held: Value, wanted: Asked, behind: str, facility: Facility) -> Beside | None:
    """Which sentences and rows of documents a value can be held against: an aim, a limit or the like that is measured as it is,
    and of its size.

    `wanted` is what was asked of meters, nothing if the value is quoted: then, and of a row, something of the question `behind`
    must be said; and of what was used in all, the facility's name. None for an amount of some days or months: documents tell
    those of years.
    """
    amount = wanted.metric in {"used", "cost"}
    if wanted.metric == "leak":
        return None  # what it runs at is of no other leak's size
    if amount and any(one.relative or _within_year(one.first) for one in wanted.times):
        return None
    topic = _topic(behind, facility)

    def holds(passage: Passage, said: str) -> bool:
        names = _names(passage, said)
        around = f"{names} {said}"
        if _SAVED.search(fold(said)) or not kinds(around):
            return False
        like = (one for one in values(said, "en" if passage.language == "en" else "es", names) if one.of == held.of)
        if not any(held.amount / _FAR <= one.amount <= held.amount * _FAR for one in like):
            return False
        called, about = _called(facility, passage, said), bool(topic & {*terms(around), *terms(passage.context)})
        if facility.site and (amount or passage.document.site != facility.site):
            return called
        return called or about or bool(wanted.metric and not names)

    return Beside(holds, ANY)


def kinds(said: str) -> set[int]:
    """The kinds of what a sentence gives to hold a value against."""
    return {place for place, kind in enumerate(_KINDS) if kind.search(fold(said))}


def varied(found: Sequence[Span]) -> list[Span]:
    """Of the spans, best first, those that each give another kind of thing to hold a value against."""
    kept, given = list[Span](), set[int]()
    for span in sorted(found, key=lambda one: -one.score):
        if new := kinds(f"{span.header} {span.text}") - given:
            kept.append(span)
            given |= new
    return kept[:_MOST]


def _within_year(point: Point | None) -> bool:
    return point is not None and bool(point.month or point.quarter or point.season)


def _names(passage: Passage, said: str) -> str:
    """A row's headings."""
    first = said.split("\n")[0]
    if not is_row(first):
        return ""
    part = sentences(passage.text)
    return named(part, part.index(first)) if first in part else ""


def _called(facility: Facility, passage: Passage, said: str) -> bool:
    spaced = f" {' '.join(words(' '.join((*passage.locator.headings, said))))} "
    return any(f" {' '.join(words(name))} " in spaced for name in facility.names)
