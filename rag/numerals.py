"""Numerals in Spanish and English text, compared by value: «1.234,5», "1,234.5" and «tres» against "3". Pure."""

from __future__ import annotations

import re

from rag.analyse import fold

_NUMERAL = re.compile(r"(?<![\w.,])[+\-−±]?\d+(?:[.,'\u00a0\u202f ]\d{3})*(?:[.,]\d+)*(?!\w*\d)")
_RAISED = re.compile("\\d[⁻⁰¹²³⁴-⁹]+")
"""What is raised beside a number is an exponent or a footnote's mark, and no digit of it."""
_MARK = re.compile(r"\[\d{1,3}\]")
_ES = "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete dieciocho"
_EN = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen"
_TENS = {
    "diecinueve": 19, "veinte": 20, "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70,
    "ochenta": 80, "noventa": 90, "cien": 100, "ciento": 100, "mil": 1000,
    "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90, "hundred": 100, "thousand": 1000, "primero": 1, "primer": 1, "primera": 1, "first": 1,
}  # fmt: skip
_WORDS = {**{word: n for words in (_ES, _EN) for n, word in enumerate(words.split())}, **_TENS}
_NOT_COUNTS = frozenset({"uno", "one", "primero", "primer", "primera", "first"})
"""Words that are pronouns or order as often as numbers: they may support a numeral, but need no support."""
_NO_VALUES = frozenset({"nan", "inf", "infinity", "infinito"})
"""What a failed computation prints where a number should stand."""


def value(token: str, language: str) -> float | None:
    """What a numeral means in a language: «1.234» is 1234 in Spanish and 1.234 in English. None if it is no number (1.2.3).

    A sign is ignored. What only one reading makes sense of is read so in both: 0.143, 1,234.5, 12,75.
    """
    digits = re.sub(r"[+\-−±'\u00a0\u202f ]", "", token)
    own, other = (".", ",") if language == "es" else (",", ".")
    for group, point in ((own, other), (other, own)):
        grouped = re.fullmatch(rf"[1-9]\d{{0,2}}(\{group}\d{{3}})+(\{point}\d+)?", digits)
        plain = re.fullmatch(rf"\d+(\{point}\d+)?", digits)
        if grouped or plain:
            return float(digits.replace(group, "").replace(point, "."))
    return None


def numerals(text: str) -> list[str]:
    """The numerals of a text in order, citation marks left out."""
    return [match.group().strip() for match in _NUMERAL.finditer(_MARK.sub(" ", text))]


def all_values(text: str, language: str) -> frozenset[float]:
    """Every value that a numeral or a number word of the text has."""
    written = (value(token, language) for token in numerals(text))
    spoken = (float(_WORDS[word]) for word in re.findall(r"[a-z]+", fold(text)) if word in _WORDS)
    return frozenset(one for one in written if one is not None) | frozenset(spoken)


def unsupported(claim: str, language: str, evidence: str, evidence_language: str) -> list[str]:
    """The numerals and number words of a claim whose value stands nowhere in the evidence; empty if all hold."""
    known = all_values(evidence, evidence_language)
    missing = [power for power in _RAISED.findall(claim) if power not in evidence]
    for token in numerals(claim):
        meaning = value(token, language)
        if not (meaning in known if meaning is not None else token in evidence):
            missing.append(token)
    for word in re.findall(r"[a-z]+", fold(_MARK.sub(" ", claim))):
        if word in _WORDS and word not in _NOT_COUNTS and float(_WORDS[word]) not in known:
            missing.append(word)
        if word in _NO_VALUES and word not in evidence.casefold():
            missing.append(word)
    return missing
