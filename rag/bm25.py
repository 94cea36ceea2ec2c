"""BM25 over a handful of texts at hand, for indexes that have no full text of their own. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

_K1 = 1.2
_B = 0.75


def bm25(question: Sequence[str], texts: Sequence[Sequence[str]], k1: float = _K1) -> list[float]:
    """The score of each text for the question, both given as terms (rag.analyse.terms); 0 where they share none.

    Okapi BM25 with the never-negative idf that Lucene uses. Rarity is taken over the given texts, so scores are comparable
    only among them. `k1` says how much repetition counts: nothing at 0.
    """
    counts = [Counter(text) for text in texts]
    average = sum(map(len, texts)) / len(texts) if texts else 0.0
    scores = [0.0] * len(texts)
    for term in dict.fromkeys(question):
        holders = [index for index, count in enumerate(counts) if term in count]
        rare = rarity(len(holders), len(texts))
        for index in holders:
            often = counts[index][term]
            scores[index] += rare * often * (k1 + 1) / (often + k1 * (1 - _B + _B * len(texts[index]) / average))
    return scores


def rarity(holders: int, texts: int) -> float:
    """Inverse document frequency of a term that `holders` of `texts` hold."""
    return math.log(1 + (texts - holders + 0.5) / (holders + 0.5))


def ceiling(question: Sequence[str], holders: Mapping[str, int], texts: int, k1: float = _K1) -> float:
    """The score that no text exceeds, which one nears that holds every term of the question often: what a full match is."""
    return (k1 + 1) * sum(rarity(holders.get(term, 0), texts) for term in dict.fromkeys(question))


def holders(texts: Sequence[Sequence[str]]) -> Counter[str]:
    """How many of the texts hold each term."""
    return Counter(term for text in texts for term in set(text))
