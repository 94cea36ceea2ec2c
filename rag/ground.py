"""Is the evidence strong enough to answer? Two measures of the best hits, weighed by a logistic model fitted on data. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.analyse import content_words, stems, terms
from rag.models import Hit
from rag.ports import Vectors

TOP = 3
"""How many of the best hits are read as a whole when asking whether they cover the question's words."""


@dataclass(frozen=True, slots=True)
class Strength:
    """How strong the evidence is.

    standout  how far the best hit stands above unrelated passages, in standard deviations of their similarity
    coverage  share of the question's content words, weighted by rarity, that the best hits hold (0..1)
    monolingual  whether question and best hit are of one language: only then do words tell anything
    probability  that the best hits hold the answer, by the fitted model
    """

    standout: float
    coverage: float
    monolingual: bool
    probability: float


@dataclass(frozen=True, slots=True)
class Gate:
    """A logistic model: intercept, weights, and the probability from which a question is answered."""

    intercept: float
    standout: float
    coverage: float
    threshold: float

    def probability(self, standout: float, coverage: float) -> float:
        """Between 0 and 1."""
        return 1 / (1 + math.exp(-(self.intercept + self.standout * standout + self.coverage * coverage)))


# Fitted by bench/calibrate.py on XQuAD (half of the questions, each once with and once without the paragraph that answers
# it), checked on the other half; docs/decisions/not-found.md has the figures.
MONOLINGUAL = Gate(intercept=-14.7, standout=2.9, coverage=4.2, threshold=0.5)
CROSSLINGUAL = Gate(intercept=-10.0, standout=2.5, coverage=0.0, threshold=0.35)


def strength(question: str, language: str, vector: Vectors, hits: Sequence[Hit], background: Vectors) -> Strength:
    """Weigh the hits of a question; `background` has the vectors of unrelated passages, shape (n, dimension)."""
    if not hits:
        return Strength(0.0, 0.0, True, 0.0)
    best = hits[0]
    noise = background @ vector if len(background) else np.zeros(1, dtype=np.float32)
    spread = max(float(noise.std()), 0.01)
    standout = (max(hit.dense for hit in hits[:TOP]) - float(noise.mean())) / spread
    monolingual = best.passage.language == language
    gate = MONOLINGUAL if monolingual else CROSSLINGUAL
    covered = coverage(question, hits)
    return Strength(standout, covered, monolingual, gate.probability(standout, covered))


def sufficient(evidence: Strength) -> bool:
    """Whether to answer at all."""
    gate = MONOLINGUAL if evidence.monolingual else CROSSLINGUAL
    return evidence.probability >= gate.threshold


def coverage(question: str, hits: Sequence[Hit]) -> float:
    """Share of the question's words that the best hits hold, rare words counting more."""
    weights = rarity(content_words(question), hits)
    near = frozenset(term for hit in hits[:TOP] for term in _held(hit))
    total = sum(weights.values())
    return sum(weight for word, weight in weights.items() if any(stem in near for stem in stems(word))) / total if total else 0.0


def rarity(words: Sequence[str], hits: Sequence[Hit]) -> dict[str, float]:
    """How much each word tells (its inverse document frequency), over all hits of the question.

    The full-text search brings every passage that holds a rare word of the question, so a word that is in none of the hits
    is nowhere in scope and weighs most.
    """
    frequency = Counter(term for hit in hits for term in _held(hit))
    count = {word: max(frequency[stem] for stem in stems(word)) for word in words}
    return {word: math.log(1 + (len(hits) - n + 0.5) / (n + 0.5)) for word, n in count.items()}


def _held(hit: Hit) -> frozenset[str]:
    return frozenset(terms(f"{hit.passage.context} {hit.passage.text}"))
