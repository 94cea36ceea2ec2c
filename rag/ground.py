"""Is the evidence strong enough to answer? How near the best passages and their best sentence are, weighed by a fitted model."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rag.analyse import stems, terms
from rag.models import Hit

TOP = 3
"""How many of the best hits speak for the evidence."""


@dataclass(frozen=True, slots=True)
class Read:
    """A hit, its sentences in order, and each sentence's cosine to the question."""

    hit: Hit
    sentences: tuple[str, ...]
    cosines: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """A logistic model of whether the best hits hold the answer; a question is answered from `threshold` on."""

    intercept: float
    passage: float
    sentence: float
    threshold: float

    def probability(self, passage: float, sentence: float) -> float:
        """Of the similarity of the best passage and the cosine of the best sentence; between 0 and 1."""
        return 1 / (1 + math.exp(-(self.intercept + self.passage * passage + self.sentence * sentence)))


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was fitted for an embedder: how much nearer it puts texts of one language, and the gates for either case."""

    cross_language: float
    monolingual: Gate
    crosslingual: Gate


# Fitted by bench/calibrate.py on XQuAD: questions that a paragraph answers, the same with that paragraph taken out, and
# questions put to an index of something else; docs/decisions/not-found.md has the figures.
EMBEDDED = Calibration(0.06, Gate(-23.57, 28.23, 6.24, 0.5), Gate(-23.86, 31.24, 4.88, 0.5))
OTHER = Calibration(0.0, Gate(-4.0, 0.0, 13.0, 0.5), Gate(-3.8, 0.0, 13.0, 0.5))
"""For embedders whose similarities were not calibrated: the sentences alone decide, which the local encoder compares."""


@dataclass(frozen=True, slots=True)
class Strength:
    """How strong the evidence is: both measures, the fitted probability that it answers, and whether that suffices."""

    passage: float
    sentence: float
    probability: float
    sufficient: bool


def strength(language: str, reads: Sequence[Read], calibration: Calibration) -> Strength:
    """Weigh what was read for a question of this language, best hit first."""
    top = [read for read in reads[:TOP] if read.cosines]
    if not top:
        return Strength(0.0, 0.0, 0.0, False)
    gate = calibration.monolingual if top[0].hit.passage.language == language else calibration.crosslingual
    passage = max(read.hit.dense for read in top)
    sentence = max(cosine for read in top for cosine in read.cosines)
    probability = gate.probability(passage, sentence)
    return Strength(passage, sentence, probability, probability >= gate.threshold)


def rarity(words: Sequence[str], hits: Sequence[Hit]) -> dict[str, float]:
    """How much each word tells (its inverse document frequency), over all hits of the question.

    The full-text search brings every passage that holds a rare word of the question, so a word that is in none of the hits
    is nowhere in scope and weighs most.
    """
    held = [frozenset(terms(f"{hit.passage.context} {hit.passage.text}")) for hit in hits]
    frequency = Counter(term for passage in held for term in passage)
    count = {word: max(frequency[stem] for stem in stems(word)) for word in words}
    return {word: math.log(1 + (len(hits) - n + 0.5) / (n + 0.5)) for word, n in count.items()}
