"""BM25 over candidates."""

from __future__ import annotations

import pytest

from rag.bm25 import bm25, ceiling, holders


def test_rare_words_count_more_than_common_ones() -> None:
    """A text with the question's rare word beats one with its common word."""
    texts = [["bombeo", "agua"], ["bombeo", "soplante"], ["bombeo", "red"], ["agua", "red"]]
    scores = bm25(["soplante", "bombeo"], texts)
    assert max(range(4), key=scores.__getitem__) == 1
    assert scores[1] > scores[0] > scores[3] == 0.0


def test_known_value() -> None:
    """One term once in one of two texts of equal length: idf ln 2 and no length correction."""
    assert bm25(["x"], [["x", "y"], ["z", "y"]]) == pytest.approx([0.6931, 0.0], abs=1e-4)


def test_long_texts_gain_nothing_by_length() -> None:
    """The same single match counts less in a longer text."""
    short, long = bm25(["x"], [["x", "y"], ["x", "y", "y", "y", "y", "y"]])
    assert short > long > 0


def test_nothing_to_score() -> None:
    """No texts, empty texts and an empty question are no error."""
    assert bm25(["x"], []) == []
    assert bm25(["x"], [[], []]) == [0.0, 0.0]
    assert bm25([], [["x"]]) == [0.0]


def test_the_ceiling_is_neared_and_never_passed() -> None:
    """A text that holds every asked term very often comes close to a full match; no text goes beyond it."""
    texts = [["x", "y"] * 500, ["x"], ["z", "y"], ["z"]]
    full = ceiling(["x", "y", "x"], holders(texts), len(texts))
    scores = bm25(["x", "y", "x"], texts)
    assert 0.9 * full < scores[0] <= full
    assert all(score <= full for score in scores)
    assert ceiling([], holders(texts), len(texts)) == 0.0
