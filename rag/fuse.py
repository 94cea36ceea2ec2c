"""Dense and lexical evidence into one score: a weighted sum, with no lexical weight across languages. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from rag.models import Hit, Passage
from rag.ports import Query
from rag.tables import by_words

LEXICAL_WEIGHT = 0.12
"""What a full lexical match adds to the dense similarity (a cosine). Fitted by bench/fusion.py; see docs/decisions/fusion.md."""


def fuse(candidates: Iterable[tuple[Passage, float, float]], query: Query, full: float) -> list[Hit]:
    """The best hits of a query, best first, of (passage, dense similarity, BM25 score or 0).

    BM25's height depends on the corpus and on the question's length, so it counts as a share of `full`, the score of a text
    that holds every word of the question (rag.bm25.ceiling). A share of the best score found would make a full match of what
    shares one word. Words of another language match by accident only: there they count for nothing. Tables among the hits then
    change places with each other by their words (rag.tables).
    """
    hits = []
    for passage, dense, bm25 in candidates:
        total, lexical = score(query, dense, bm25, full, passage.language)
        hits.append(Hit(passage, total, dense, lexical))
    best = sorted(hits, key=lambda hit: (-hit.score, hit.passage.id))[: query.limit]
    return by_words(best, query.text, query.language)


def score(query: Query, dense: float, bm25: float, full: float, language: str) -> tuple[float, float]:
    """(what a passage of a language is ordered by, its words' share of a full match)."""
    if language != query.language:
        return dense + query.cross_language, 0.0
    lexical = min(1.0, bm25 / full) if full > 0 else 0.0
    return dense + LEXICAL_WEIGHT * lexical, lexical
