"""Documents that a newer one of the same name says it replaces, and what the newer one says of the same. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rag.analyse import content_words, terms
from rag.ingest.dates import parse_date
from rag.ingest.sentences import sentences
from rag.models import Document, Hit

_REPLACES = re.compile(
    r"\b(?:sustituye|reemplaza|deroga|anula|dejan? sin efecto|replac|supersed|repeal|revok|cancels)\w*", re.IGNORECASE
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_NAMED_ALIKE, _SAID_ALIKE = 0.5, 0.4
"""Shares of words, of the shorter of two titles or sentences, that both hold."""


def replaced(hits: Sequence[Hit]) -> Mapping[str, str]:
    """For each document that another found with it says it replaces, by its date or year, the id of the newer one."""
    documents = {hit.passage.document.id: hit.passage.document for hit in hits}
    newer: dict[str, str] = {}
    for hit in hits:
        own = hit.passage.document
        for said in sentences(hit.passage.text):
            found = _REPLACES.search(said)
            for other in documents.values() if found else ():
                if _is_older(other, own) and _names_date(said[found.end() :] if found else "", other):
                    newer[other.id] = own.id
    return newer


def said_now(text: str, newer: str, hits: Sequence[Hit]) -> tuple[str, Hit] | None:
    """The sentence of the newer document that is most like what the older one says; None if it says nothing like it."""
    said = [
        (_alike(text, one), one, hit) for hit in hits if hit.passage.document.id == newer for one in sentences(hit.passage.text)
    ]
    share, sentence, hit = max(said, key=lambda one: one[0], default=(0.0, "", None))
    return (sentence, hit) if hit and share >= _SAID_ALIKE else None


def _is_older(other: Document, own: Document) -> bool:
    dated = other.date is not None and own.date is not None and other.date < own.date
    return dated and _alike(other.title, own.title) >= _NAMED_ALIKE


def _names_date(said: str, other: Document) -> bool:
    if other.date is None:
        return False
    date, years = parse_date(said), _YEAR.findall(said)
    return date == other.date if date else str(other.date.year) in years[:1]


def _alike(one: str, other: str) -> float:
    mine, theirs = set(terms(one)), set(terms(other))
    fewer = min(len(set(content_words(one))), len(set(content_words(other))))
    return len(mine & theirs) / max(1, min(len(mine), len(theirs))) if fewer > 1 else 0.0
