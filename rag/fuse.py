"""Dense and lexical evidence into one score: a weighted sum, with no lexical weight across languages. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from rag.models import Hit, Passage
from rag.ports import Query

LEXICAL_WEIGHT = 0.03
"""What a full lexical match adds to the dense similarity (a cosine). Fitted by bench/fusion.py; see docs/decisions/fusion.md."""


def fuse(candidates: Iterable[tuple[Passage, float, float]], query: Query) -> list[Hit]:
    """The best hits of a query, best first, of (passage, dense similarity, BM25 score or 0).

    BM25 is scaled by the best score among the candidates of the question's language: its absolute height depends on the
    corpus and on the question's length. Words of another language match by accident only, so they count for nothing there.
    """
    rows = list(candidates)
    top = max((bm25 for passage, _, bm25 in rows if passage.language == query.language), default=0.0)
    hits = []
    for passage, dense, bm25 in rows:
        if passage.language == query.language:
            lexical = bm25 / top if top > 0 else 0.0
            hits.append(Hit(passage, dense + LEXICAL_WEIGHT * lexical, dense, lexical))
        else:
            hits.append(Hit(passage, dense + query.cross_language, dense, 0.0))
    return sorted(hits, key=lambda hit: (-hit.score, hit.passage.id))[: query.limit]
