"""Passages that are tables, and how they are ordered among themselves: by words more than by vectors. Pure.

A vector of a table is mostly of its numbers, which say little about what it is a table of; the words that its labels share with
the question say it. Fitted and measured by bench/tables.py; see docs/decisions/tables.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.analyse import terms
from rag.bm25 import bm25, ceiling, holders
from rag.headings import CELL
from rag.models import Hit

WORDS = 0.6
"""What a full match of words adds to a table's similarity when tables are ordered; fitted on half of the questions."""
_YEARLESS = 0.2
"""What a table loses that has not every year asked for: it hardly answers, however much its rows are called alike."""
_K1 = 0.3
"""How much repetition counts: a table repeats its words for layout, not for emphasis."""
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def is_table(text: str) -> bool:
    """Whether most lines of a passage are rows, as parsers write them (rag.ports.Block)."""
    lines = text.split("\n")
    return len(lines) > 1 and 2 * sum(CELL in line for line in lines) > len(lines)


def by_words(hits: Sequence[Hit], question: str, language: str) -> list[Hit]:
    """The hits, best first, with the tables of the question's language in the order of their words, years and similarity.

    They only change places among themselves: what stands between them stays where it is, and scores fall as before.
    """
    places = [place for place, hit in enumerate(hits) if hit.passage.language == language and is_table(hit.passage.text)]
    if len(places) < 2:
        return list(hits)
    texts = [f"{hits[place].passage.context} {hits[place].passage.text}" for place in places]
    said, asked, years = [terms(text) for text in texts], terms(question), _YEAR.findall(question)
    full = ceiling(asked, holders(said), len(said), k1=_K1) or 1.0
    worth = {
        place: hits[place].dense + WORDS * words / full - (_YEARLESS if any(year not in text for year in years) else 0.0)
        for place, text, words in zip(places, texts, bm25(asked, said, k1=_K1), strict=True)
    }
    order = sorted(places, key=lambda place: -worth[place])
    moved = {place: replace(hits[source], score=hits[place].score) for place, source in zip(places, order, strict=True)}
    return [moved.get(place, hit) for place, hit in enumerate(hits)]
