"""Lines that say of a document who wrote it, when and for whom, and nothing of its matter: no answer unless asked for. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

_LABELS = (
    "fecha|date|autor(?:a|es|as)?|authors?|versi[oó]n|rev(?:isi[oó]n|ision)?\\.?|referencia|reference|ref\\.?|responsables?|owner|"
    "lugar|place|venue|asistentes|attendees|present(?:es)?|participants|participantes|preparado por|prepared by|elaborado por|"
    "redactado por|written by|aprobado por|approved by|revisado por|reviewed by|destinatarios?|para|de|to|from|cc|asunto|subject|"
    "expediente|clasificaci[oó]n|classification|distribuci[oó]n|distribution"
)
_LABELLED = re.compile(rf"^\W*(?:{_LABELS})\W{{0,3}}:\W{{0,3}}\s*\S", re.IGNORECASE)
_REVIEWED = re.compile(
    r"^\W*(?:last )?(?:reviewed|updated|revised|issued)(?: on)? \d|^\W*(?:[uú]ltima )?(?:revisi[oó]n|actualizaci[oó]n|revisado|"
    r"actualizado)(?: el)?:? \d",
    re.IGNORECASE,
)
_CODED = re.compile(
    r"^\W*(?:referencia|reference|ref\.|c[oó]digo|code|versi[oó]n|edici[oó]n|edition|rev(?:isi[oó]n|ision|\.))\s+"
    r"(?-i:[A-Z0-9][A-Z0-9./-]*)(?:\W.{0,40})?$",
    re.IGNORECASE,
)
_CONTENTS = re.compile(r"^\W*\d+(?:\.\d+)*\.?\s.{3,80}(?:\((?:p[aá]gina|p[aá]g\.|page|p\.) \d+\)|\.{3,}\s*\d+)$", re.IGNORECASE)
"""A line of a table of contents: «2. Descripción general (página 3)»."""
_MADE = re.compile(
    r"^\W*(?:(?:redactad|elaborad|revisad|aprobad|preparad)[oa]|autor|edici[oó]n|rev(?:isi[oó]n|\.)?|versi[oó]n"
    r"|author|issue|revision|version|edition|prepared|reviewed|checked|approved)(?: (?:por|by))?\W*$",
    re.IGNORECASE,
)
_WHEN = re.compile(r"^\W*(?:fecha|motivo|firma|cambios?|date|reason|changes?|signature)\W*$", re.IGNORECASE)
"""Columns of a document's table of revisions: how it was made, and what stands beside that."""
_PARTS = re.compile(r"\s*(?:[·|;\n]|\s[-–—]\s)\s*")
_ASKED = re.compile(
    r"\b(qui[eé]n(?:es)?|autor\w*|asist\w+|fecha|versi[oó]n|referencia|responsable|who|whose|authors?|attend\w*|date[ds]?|version|"
    r"reference|owner|written|escrit[oa]|firm\w+|signed)\b",
    re.IGNORECASE,
)


def is_metadata(sentence: str) -> bool:
    """Whether most parts of a sentence are such labels with values: «Fecha: 2018-05-11 · Autor: Talleres», «Código PR-7»."""
    parts = [part for part in _PARTS.split(sentence.strip()) if part]
    return sum(any(one.match(part) for one in (_LABELLED, _REVIEWED, _CODED, _CONTENTS)) for part in parts) * 2 > len(parts)


def is_control(names: Sequence[str]) -> bool:
    """Whether most columns of a table, by their names, tell how a document came about: «Rev. | Fecha | Motivo | Redactado»."""
    told = [name for name in names if name.strip()]
    made, when = (sum(one.match(name) is not None for name in told) for one in (_MADE, _WHEN))
    return made > 0 and len(told) > 1 and (made + when) * 3 >= len(told) * 2


def asks_for_metadata(question: str) -> bool:
    """Whether a question asks who wrote or attended, when a document is of, or the like."""
    return _ASKED.search(question) is not None
