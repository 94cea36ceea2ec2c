"""How much e5, USE and BM25 should each count, and passages of another language: `python -m bench.fusion DATA [--cache FOLDER]`.

DATA holds the BEIR folders xquad-es-es, xquad-es-en (English corpus) and xquad-en-es. Values are fitted on the questions with
even numbers and reported on those with odd ones. Cells are nDCG@10/R@1. See docs/decisions/fusion.md.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.common import LANGUAGES, Embedded, Floats, Parallel, Scored, arguments, embedded, parallel, scored, table
from rag.analyse import terms
from rag.bm25 import bm25, ceiling, holders
from rag.embed.embedded import E5_SHARE
from rag.fuse import LEXICAL_WEIGHT
from rag.ground import EMBEDDED

SHARES = (0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
LEXICAL = (0.0, 0.04, 0.08, 0.10, 0.12, 0.14, 0.16, 0.20, 0.30)
OFFSETS = (0.0, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.10)
_RRF = 60
_SEEDS = range(5)


@dataclass(frozen=True, slots=True)
class Case:
    """Questions of one language against passages: similarities by each model and BM25, shape (questions, passages)."""

    name: str
    meaning: Floats
    short: Floats
    words: Floats
    full: Floats  # what a full match of each question's words would score, shape (questions, 1)
    same: Floats  # 1 where passage and question share their language
    gold: tuple[int, ...]

    def fused(self, share: float, weight: float, offset: float) -> Floats:
        """As rag.fuse does it."""
        scaled = self.words * self.same / np.maximum(self.full, 1e-9)
        fused: Floats = share * self.meaning + (1 - share) * self.short + weight * scaled + offset * (1 - self.same)
        return fused

    def half(self, scores: Floats, odd: bool) -> Scored:
        """Scored on the questions with even or odd numbers."""
        return scored(scores[int(odd) :: 2], self.gold[int(odd) :: 2])

    def part(self, rows: Sequence[bool]) -> Case:
        """Some of its questions."""
        keep = np.flatnonzero(rows)
        gold = tuple(self.gold[one] for one in keep)
        return Case(self.name, self.meaning[keep], self.short[keep], self.words[keep], self.full[keep], self.same[keep], gold)


class Bench:
    """Texts and vectors, each made once."""

    def __init__(self, data: Parallel, cache: Path) -> None:
        self.data = data
        self._passages = {
            language: embedded(
                [f"{data.titles[language][key]}\n{data.texts[language][key]}" for key in data.keys],
                cache / f"passages-{language}.npz",
                queries=False,
            )
            for language in LANGUAGES
        }
        self._asked = {
            language: embedded([one.text for one in data.questions[language]], cache / f"questions-{language}.npz", queries=True)
            for language in LANGUAGES
        }

    def case(self, asked: str, languages: Sequence[str], name: str) -> Case:
        """Questions in `asked` against the passages, the n-th in the n-th of `languages`."""
        data = self.data
        rows = list(enumerate(zip(data.keys, languages, strict=True)))
        passages = Embedded(
            np.array([self._passages[language].meaning[place] for place, (_, language) in rows]),
            np.array([self._passages[language].short[place] for place, (_, language) in rows]),
        )
        texts = [terms(f"{data.titles[language][key]} {data.texts[language][key]}") for _, (key, language) in rows]
        words = np.array([bm25(terms(one.text), texts) for one in data.questions[asked]])
        held = holders(texts)
        full = np.array([[ceiling(terms(one.text), held, len(texts))] for one in data.questions[asked]])
        same = np.tile(np.array([float(language == asked) for language in languages]), (len(words), 1))
        places = {key: place for place, key in enumerate(data.keys)}
        questions = self._asked[asked]
        return Case(
            name,
            (questions.meaning @ passages.meaning.T).astype(np.float64),
            (questions.short @ passages.short.T).astype(np.float64),
            words,
            full,
            same,
            tuple(places[one.paragraph] for one in data.questions[asked]),
        )


def reciprocal_ranks(case: Case, share: float) -> Floats:
    """Plain reciprocal rank fusion of the dense and the BM25 ranking, for comparison."""
    dense, words = case.fused(share, 0.0, 0.0), case.words
    ranks = [np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1, kind="stable") for scores in (dense, words)]
    fused: Floats = 1 / (_RRF + 1.0 + ranks[0]) + np.where(words > 0, 1 / (_RRF + 1.0 + ranks[1]), 0.0)
    return fused


def single(cases: Sequence[Case]) -> None:
    """Each kind of evidence alone, and the usual way of joining them."""
    rows = [
        (
            case.name,
            *(scored(each, case.gold) for each in (case.words, case.meaning, case.short)),
            scored(reciprocal_ranks(case, E5_SHARE), case.gold),
            scored(case.fused(E5_SHARE, LEXICAL_WEIGHT, 0.0), case.gold),
        )
        for case in cases
    ]
    print("\n## Alone and joined, all questions\n")
    print(table(("question -> passages", "BM25", "e5", "USE", "RRF", "chosen"), rows))


def weights(cases: Sequence[Case]) -> None:
    """Share of e5 against weight of words, and what is best on the fit half."""
    for case in cases:
        print(f"\n## {case.name}: share of e5 down, weight of words across; even questions\n")
        columns = LEXICAL if case.same.any() else (0.0,)  # across languages words count nothing, whatever their weight
        cells = [(share, *(case.half(case.fused(share, w, 0.0), odd=False) for w in columns)) for share in SHARES]
        print(table(("", *map(str, columns)), cells))

    def mean(pair: tuple[float, float], odd: bool) -> float:
        return float(np.mean([case.half(case.fused(*pair, 0.0), odd).ndcg for case in cases]))

    grid = [(share, weight) for share in SHARES for weight in LEXICAL]
    best = max(grid, key=lambda one: mean(one, False))
    chosen = (E5_SHARE, LEXICAL_WEIGHT)
    print("\n## Mean nDCG@10 of the four, share and weight\n")
    rows = [
        (name, *one, f"{mean(one, False):.4f}", f"{mean(one, True):.4f}")
        for name, one in (("in the code", chosen), ("best on even", best))
    ]
    print(table(("", "share of e5", "weight of words", "even (fit)", "odd (held out)"), rows))


def mixed(bench: Bench) -> None:
    """Each paragraph in one language only, chosen at random: what the offset for the other language does."""
    count = len(bench.data.keys)
    cases, crossing = [], []
    for seed in _SEEDS:
        chance = random.Random(seed)
        languages = [chance.choice(LANGUAGES) for _ in range(count)]
        for asked in LANGUAGES:
            case = bench.case(asked, languages, f"{asked}, seed {seed}")
            cases.append(case)
            crossing.append([languages[gold] != asked for gold in case.gold])

    def means(offset: float, odd: bool, which: str) -> Scored:
        found = []
        for case, cross in zip(cases, crossing, strict=True):
            wanted = [place % 2 == int(odd) and (which == "all" or one == (which == "other")) for place, one in enumerate(cross)]
            part = case.part(wanted)
            found.append(scored(part.fused(E5_SHARE, LEXICAL_WEIGHT, offset), part.gold))
        return Scored(float(np.mean([one.ndcg for one in found])), float(np.mean([one.first for one in found])))

    header = ("offset", "all, even", "all, odd", "answer in the question's language, odd", "in the other one, odd")
    rows = [
        (
            offset,
            means(offset, False, "all"),
            *(means(offset, True, which) for which in ("all", "own", "other")),
        )
        for offset in OFFSETS
    ]
    print(f"\n## Both languages in one index, {len(_SEEDS)} random choices: cross-language offset\n")
    print(table(header, rows))
    best = max(OFFSETS, key=lambda offset: means(offset, False, "all").ndcg)
    print(f"\nin the code {EMBEDDED.cross_language}, best on even questions {best}")


def main() -> None:
    """Command line."""
    parser = arguments(__doc__)
    parser.add_argument("--cache", type=Path, help="folder to keep the vectors in")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        bench = Bench(parallel(chosen.data), chosen.cache or Path(temporary))
        count = len(bench.data.keys)
        cases = [bench.case(asked, [language] * count, f"{asked} -> {language}") for asked in LANGUAGES for language in LANGUAGES]
        single(cases)
        weights(cases)
        mixed(bench)


if __name__ == "__main__":
    main()
