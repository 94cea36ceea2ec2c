"""Is the evidence strong enough to answer? A few measures of the best passages, weighed by a model fitted on data. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import takewhile

from rag.analyse import content_words, names, stems, terms, words
from rag.models import Hit

TOP = 3
"""How many of the best hits speak for the evidence."""
ALIKE = 0.56
"""Cosine of two words from which on one may mean the other."""
SAME = 0.8
"""Cosine of two words from which on one is taken for the other's translation."""
_HELD = 0.75
"""Share of a question's words in a passage that tells of the very thing."""
NEARLY = 0.09
"""How far below its threshold a probability may lie if each word of the question is there in translation."""
_BEFORE_THINGS = frozenset(
    "el la los las un una unos unas del al de mi su sus nuestro nuestra nuestros nuestras cuanta cuantos cuantas "
    "the a an of my our your its their many much".split()
)
"""Words behind which a thing is named."""


@dataclass(frozen=True, slots=True)
class Read:
    """A hit, its sentences in order, and each sentence's cosine to the question."""

    hit: Hit
    sentences: tuple[str, ...]
    cosines: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Measures:
    """What is measured of the evidence for a question.

    passage   similarity of the best passage (0..1)
    sentence  cosine of the question and the best sentence of the best passages
    covered   share of the question's content words that the best passages hold (0..1)
    unknown   1 if the question names something (a name, a number) that no passage found for it holds, else 0
    english   1 if the question is in English, whose similarities lie a little lower, else 0
    absent    1 if it names a thing in its own language that what was found does not mean in any words, else 0
    """

    passage: float
    sentence: float
    covered: float
    unknown: float
    english: float
    absent: float = 0.0


@dataclass(frozen=True, slots=True)
class Gate:
    """A logistic model of whether the best passages hold the answer: weights of the measures, and where "yes" begins."""

    intercept: float
    passage: float
    sentence: float
    covered: float
    unknown: float
    english: float
    threshold: float
    absent: float = 0.0

    def probability(self, found: Measures) -> float:
        """Between 0 and 1."""
        weighed = self.passage * found.passage + self.sentence * found.sentence
        weighed += self.covered * found.covered + self.unknown * found.unknown + self.english * found.english
        weighed += self.absent * found.absent
        return 1 / (1 + math.exp(-(self.intercept + weighed)))


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was fitted for an embedder: how much nearer it puts texts of one language, and the gates for either case."""

    cross_language: float
    monolingual: Gate
    crosslingual: Gate


# Fitted by bench/calibrate.py on XQuAD: questions that a paragraph answers, the same with that paragraph taken out, and
# questions put to an index of something else; docs/decisions/not-found.md has the figures.
EMBEDDED = Calibration(
    cross_language=0.05,
    monolingual=Gate(-24.2, passage=26.3, sentence=4.0, covered=5.2, unknown=-1.9, english=0.9, threshold=0.42, absent=-2.5),
    crosslingual=Gate(-23.5, passage=29.4, sentence=6.9, covered=0.0, unknown=-1.0, english=0.0, threshold=0.55),
)
OTHER = Calibration(
    cross_language=0.0,
    monolingual=Gate(-5.2, passage=0.0, sentence=10.0, covered=4.0, unknown=-1.9, english=0.0, threshold=0.5, absent=-2.5),
    crosslingual=Gate(-3.8, passage=0.0, sentence=13.0, covered=0.0, unknown=-1.0, english=0.0, threshold=0.5),
)
"""For embedders whose similarities were not calibrated: sentences and words decide, which are compared locally."""


@dataclass(frozen=True, slots=True)
class Strength:
    """How strong the evidence is: what was measured, the fitted probability that it answers, and whether that suffices."""

    measures: Measures
    probability: float
    sufficient: bool
    missed: float = 0.0
    """How far the probability lies below the threshold."""


def strength(
    question: str, language: str, hits: Sequence[Hit], reads: Sequence[Read], calibration: Calibration, *, absent: bool = False
) -> Strength:
    """Weigh what was found for a question of this language: all hits, and the best of them as read; `absent` as measured."""
    top = [read for read in reads[:TOP] if read.cosines]
    if not top:
        return Strength(Measures(0.0, 0.0, 0.0, 0.0, 0.0), 0.0, False)
    held = [_terms(hit) for hit in hits]
    near, anywhere = frozenset().union(*held[:TOP]), frozenset().union(*held)
    asked = set(content_words(question))
    measures = Measures(
        passage=max(read.hit.dense for read in top),
        sentence=max(cosine for read in top for cosine in read.cosines),
        covered=sum(_in(word, near) for word in asked) / len(asked) if asked else 0.0,
        unknown=float(any(not _in(name, anywhere) for name in names(question))),
        english=float(language == "en"),
        absent=float(absent),
    )
    gate = calibration.monolingual if top[0].hit.passage.language == language else calibration.crosslingual
    probability = gate.probability(measures)
    return Strength(measures, probability, probability >= gate.threshold, max(0.0, gate.threshold - probability))


def unheld(question: str, language: str, hits: Sequence[Hit]) -> list[tuple[str, ...]]:
    """The things that a question names and no hit holds, each by the words that may be its name.

    A thing is named behind an article, «de» or «cuántos»: by the first word in Spanish («el comedor»), in English by any of
    those that follow each other («the new gas sensors»), one of which being held suffices. Numbers are left to `unknown`.
    """
    said, telling, anywhere = words(question), set(content_words(question)), frozenset().union(*map(_terms, hits))
    missing = []
    for place, word in enumerate(said):
        behind = list(takewhile(telling.__contains__, said[place + 1 :])) if word in _BEFORE_THINGS else []
        named = tuple(behind[:1] if language == "es" else behind)
        if named and not any(_in(one, anywhere) or one.isdigit() for one in named):
            missing.append(named)
    return missing


def names_together(question: str, reads: Sequence[Read], known: Collection[str]) -> bool:
    """Whether one sentence or row of the passages that were read holds all names of a question, two at least, beside those
    that are `known` to stand everywhere, and its passage nearly all words: it tells of the very thing.
    """
    asked = set(content_words(question))
    named = {name for name in names(question) if name not in known and name in asked}
    if len(named) < 2:
        return False
    for read in reads:
        held = _terms(read.hit)
        whole = sum(_in(word, held) for word in asked) >= _HELD * len(asked)
        if whole and any(all(_in(name, frozenset(terms(said))) for name in named) for said in read.sentences):
            return True
    return False


def told(reads: Sequence[Read]) -> list[str]:
    """The different words of the best passages, with those of their titles and headings."""
    passages = [read.hit.passage for read in reads[:TOP]]
    return list(dict.fromkeys(word for one in passages for word in content_words(f"{one.context} {one.text}")))


def _terms(hit: Hit) -> frozenset[str]:
    return frozenset(terms(f"{hit.passage.context} {hit.passage.text}"))


def _in(word: str, held: frozenset[str]) -> bool:
    return any(stem in held for stem in stems(word))


def rarity(words: Sequence[str], hits: Sequence[Hit]) -> dict[str, float]:
    """How much each word tells (its inverse document frequency), over all hits of the question.

    The full-text search brings every passage that holds a rare word of the question, so a word that is in none of the hits
    is nowhere in scope and weighs most.
    """
    frequency = Counter(term for hit in hits for term in _terms(hit))
    count = {word: max(frequency[stem] for stem in stems(word)) for word in words}
    return {word: math.log(1 + (len(hits) - n + 0.5) / (n + 0.5)) for word, n in count.items()}
