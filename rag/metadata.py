"""Lines that say of a document who wrote it, when and for whom, and nothing of its matter: no answer unless asked for. Pure."""

from __future__ import annotations

import re

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
_PARTS = re.compile(r"\s*(?:[·|;\n]|\s[-–—]\s)\s*")
_ASKED = re.compile(
    r"\b(qui[eé]n(?:es)?|autor\w*|asist\w+|fecha|versi[oó]n|referencia|responsable|who|whose|authors?|attend\w*|date[ds]?|version|"
    r"reference|owner|written|escrit[oa]|firm\w+|signed)\b",
    re.IGNORECASE,
)


def is_metadata(sentence: str) -> bool:
    """Whether most parts of a sentence are such labels with values: «Fecha: 2018-05-11 · Autor: Talleres», «Código PR-7»."""
    parts = [part for part in _PARTS.split(sentence.strip()) if part]
    return sum(any(one.match(part) for one in (_LABELLED, _REVIEWED, _CODED)) for part in parts) * 2 > len(parts)


def asks_for_metadata(question: str) -> bool:
    """Whether a question asks who wrote or attended, when a document is of, or the like."""
    return _ASKED.search(question) is not None
