"""Dense and lexical scores into one order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.fuse import LEXICAL_WEIGHT, fuse
from rag.ports import Query
from tests.answer_fixtures import passage


def query(limit: int = 10, cross: float = 0.06) -> Query:
    """A Spanish question."""
    return Query("¿q?", "es", np.zeros(2, dtype=np.float32), limit, cross)


def test_words_add_their_share_of_a_full_match() -> None:
    """A full match adds the whole weight, others their share, and none more than the whole."""
    hits = fuse([(passage("a", 1), 0.8, 0.0), (passage("b", 2), 0.8, 10.0), (passage("c", 3), 0.8, 5.0)], query(), 10.0)
    assert [hit.passage.id for hit in hits] == ["p2", "p3", "p1"]
    assert [hit.score for hit in hits] == pytest.approx([0.8 + LEXICAL_WEIGHT, 0.8 + LEXICAL_WEIGHT / 2, 0.8])


def test_another_languages_words_count_for_nothing() -> None:
    """An accidental match in English scores nothing; its similarity is raised instead."""
    hits = fuse([(passage("a", 1, "en"), 0.8, 99.0), (passage("b", 2), 0.8, 1.0)], query(), 1.0)
    assert {hit.passage.id: (hit.score, hit.lexical) for hit in hits} == {
        "p1": (pytest.approx(0.86), 0.0),
        "p2": (pytest.approx(0.8 + LEXICAL_WEIGHT), 1.0),
    }


@given(st.lists(st.tuples(st.booleans(), st.floats(-1, 1), st.floats(0, 50)), max_size=20), st.integers(0, 8))
def test_order_and_limit(rows: list[tuple[bool, float, float]], limit: int) -> None:
    """Best first, no more than asked for, lexical shares between 0 and 1, the cosine kept as it was."""
    given_rows = [(passage("x", n, "es" if own else "en"), dense, bm25) for n, (own, dense, bm25) in enumerate(rows)]
    hits = fuse(given_rows, query(limit), 40.0)
    assert len(hits) == min(limit, len(rows))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0 <= hit.lexical <= 1 and hit.dense == rows[int(hit.passage.id[1:])][1] for hit in hits)


def test_equal_scores_keep_one_order() -> None:
    """Ties are broken by id, so that a question asked twice is answered the same."""
    rows = [(passage("x", n), 0.5, 0.0) for n in (3, 1, 2)]
    assert [hit.passage.id for hit in fuse(rows, query(), 0.0)] == ["p1", "p2", "p3"]
    assert fuse([], query(), 1.0) == []
