"""The highest power of a quarter of an hour that a sentence states: it is billed, and hourly readings do not show it. Pure."""

from __future__ import annotations

import re

from rag.numerals import value

_QUARTER = re.compile(
    r"\b(cuarto-?\s?horari[oa]s?|quarter-?\s?hour(ly)?|(15|quince|fifteen)[- ]min\w*|max[ií]metros?|maximeters?"
    r"|maximum demand)\b",
    re.IGNORECASE,
)
_HIGHEST = re.compile(r"\b(m[aá]xim[oa]s?|mayor|punta|pico|highest|maximum|peak(ed)?)\b", re.IGNORECASE)
_KW = re.compile(r"(?<![\w.,])(\d[\d.,]*)\s*kW\b")


def quarter_hour_peak(sentence: str, language: str) -> float | None:
    """The first power, kW, that stands behind the word of the maximum; None where no maximum of quarter hours is told."""
    highest = _HIGHEST.search(sentence)
    if highest is None or not _QUARTER.search(sentence):
        return None
    told = _KW.search(sentence, highest.end())
    return value(told.group(1).rstrip(".,"), language) if told else None
