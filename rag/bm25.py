"""BM25 over a handful of texts at hand, for indexes that have no full text of their own. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

_K1 = 1.2
_B = 0.75


def bm25(question: Sequence[str], texts: Sequence[Sequence[str]]) -> list[float]:
    """The score of each text for the question, both given as terms (rag.analyse.terms); 0 where they share none.

    Okapi BM25 with the never-negative idf that Lucene uses. Rarity is taken over the given texts, so scores are comparable
    only among them.
    """
    counts = [Counter(text) for text in texts]
    average = sum(map(len, texts)) / len(texts) if texts else 0.0
    scores = [0.0] * len(texts)
    for term in dict.fromkeys(question):
        holders = [index for index, count in enumerate(counts) if term in count]
        rarity = math.log(1 + (len(texts) - len(holders) + 0.5) / (len(holders) + 0.5))
        for index in holders:
            often = counts[index][term]
            scores[index] += rarity * often * (_K1 + 1) / (often + _K1 * (1 - _B + _B * len(texts[index]) / average))
    return scores
