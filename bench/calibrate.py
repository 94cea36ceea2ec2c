"""When is the evidence strong enough to answer? `python -m bench.calibrate DATA LAWS [--every N]`.

DATA holds the BEIR folders of XQuAD (see bench/fusion.py), LAWS a folder of documents on something else. Through the real index
and retriever it measures (rag.ground.Measures) questions that a paragraph answers, the same with that paragraph taken out, and
questions put to an index of something else; fits rag.ground's gates on half of them and reports the shares answered on
the other half. See docs/decisions/not-found.md.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np

from bench.common import LANGUAGES, Floats, Parallel, arguments, parallel, table
from config.company import SourceConfig
from rag.connectors.folder import FolderConnector
from rag.embed.embedded import EmbeddedEmbedder
from rag.embed.use import SentenceEncoder
from rag.ground import EMBEDDED, OTHER, Gate, Measures
from rag.ingest.language import detect
from rag.ingest.parse.isolate import IsolatedParser
from rag.ingest.split import split
from rag.ingest.sync import passage_text, sync
from rag.models import Document, Hit, Locator, Scope
from rag.ports import Batch, Block, Query
from rag.retrieve import Retriever
from rag.stores.lance import LanceStore

_EVERYONE = frozenset({"everyone"})
_NAMES = [one.name for one in fields(Measures)]
_WEIGHT = {"answered": 1.0, "taken out": 0.3, "elsewhere": 1.0}
"""A paragraph on the same subject often holds an answer too, so "taken out" is a softer no."""
_RIDGE = 1 / 3
_ELSEWHERE_EVERY = 4
_DEMO = Path("demo/documents")


@dataclass(frozen=True, slots=True)
class Sample:
    """What was measured for one question, and what it was."""

    kind: str  # a key of _WEIGHT
    language: str
    same: bool  # the best passage is in the question's language
    measures: Measures


class HidingStore(LanceStore):
    """The index as if one document were not in it."""

    hidden = ""

    async def search(self, query: Query, scope: Scope) -> list[Hit]:
        return [hit for hit in await super().search(query, scope) if hit.passage.document.id != self.hidden]


class Bench:
    """Indexes in a folder, and what is measured in them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._encoder = SentenceEncoder()
        self._embedder = EmbeddedEmbedder(self._encoder)

    def _store(self, name: str) -> HidingStore:
        return HidingStore(self._folder / name, self._embedder.dimension, self._embedder.name)

    async def mixed(self, data: Parallel) -> HidingStore:
        """Each paragraph as a document, in one language chosen at random."""
        store, chance = self._store("mixed"), random.Random(5)
        for key in data.keys:
            language = chance.choice(LANGUAGES)
            document = Document(key, "xquad", key, data.titles[language][key], _EVERYONE, language)
            passages = split([Block(data.texts[language][key], Locator())], document, "es" if language == "es" else "en")
            vectors = await self._embedder.embed_passages([passage_text(passage) for passage in passages])
            await store.write([Batch(document, "1", tuple(passages), vectors)])
        await store.optimize()
        return store

    async def folder(self, name: str, path: Path) -> HidingStore:
        """The documents of a folder."""
        store = self._store(name)
        async with IsolatedParser() as parse:
            await sync(SourceConfig(name=name), FolderConnector(path), parse, self._embedder, store)
        return store

    async def measure(self, kind: str, question: str, store: HidingStore, hidden: str = "") -> Sample:
        """One question, put to a store."""
        store.hidden = hidden
        language = detect(question)
        retriever = Retriever(self._embedder, store, self._encoder, EMBEDDED)
        found = await retriever.retrieve(question, language, Scope(_EVERYONE))
        same = found.hits[0].passage.language == language
        return Sample(kind, language, same, found.strength.measures)


async def collect(bench: Bench, data: Parallel, laws: Path, every: int) -> list[Sample]:
    """Every n-th question as answerable and with its paragraph taken out; others put to documents on something else."""
    mixed = await bench.mixed(data)
    elsewhere = [await bench.folder("laws", laws), await bench.folder("demo", _DEMO)]
    samples = []
    for language in LANGUAGES:
        for place, one in enumerate(data.questions[language]):
            if place % every == 0:
                samples.append(await bench.measure("answered", one.text, mixed))
                samples.append(await bench.measure("taken out", one.text, mixed, one.paragraph))
            if place % _ELSEWHERE_EVERY == 1:
                samples.append(await bench.measure("elsewhere", one.text, elsewhere[place // _ELSEWHERE_EVERY % 2]))
    return samples


def halves(samples: Sequence[Sample]) -> tuple[list[Sample], list[Sample]]:
    """To fit on and to report: every other block of twenty, so that a paragraph's questions mostly stay together."""
    parts: tuple[list[Sample], list[Sample]] = ([], [])
    for place, one in enumerate(samples):
        parts[place // 20 % 2].append(one)
    return parts


def fit(samples: Sequence[Sample], names: Sequence[str], threshold: float) -> Gate:
    """Weighted ridge logistic regression of "a passage answers" on the named measures, by Newton's method."""
    columns = [_NAMES.index(name) for name in names]
    found = _matrix(samples)[:, columns]
    mean, spread = found.mean(axis=0), found.std(axis=0) + 1e-9
    x = np.column_stack([np.ones(len(found)), (found - mean) / spread])
    y = np.array([float(one.kind == "answered") for one in samples])
    weight = np.array([_WEIGHT[one.kind] for one in samples])
    penalty = np.diag([0.0, *[_RIDGE] * len(names)])
    beta = np.zeros(x.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ beta))
        gradient = x.T @ (weight * (p - y)) + penalty @ beta
        hessian = (x * (weight * p * (1 - p))[:, None]).T @ x + penalty
        beta -= np.linalg.solve(hessian, gradient)
    slopes = dict.fromkeys(_NAMES, 0.0) | dict(zip(names, beta[1:] / spread, strict=True))
    intercept = float(beta[0] - (beta[1:] * mean / spread).sum())
    return Gate(intercept, **{name: float(value) for name, value in slopes.items()}, threshold=threshold)


def _matrix(samples: Sequence[Sample]) -> Floats:
    return np.array([astuple(one.measures) for one in samples])


def shares(samples: Sequence[Sample], gate: Gate) -> list[str]:
    """Of each kind, how many the gate lets through."""
    cells = []
    for kind in _WEIGHT:
        some = [one for one in samples if one.kind == kind]
        through = sum(gate.probability(one.measures) >= gate.threshold for one in some)
        cells.append(f"{through}/{len(some)} ({through / max(1, len(some)):.0%})")
    return cells


def report(title: str, samples: Sequence[Sample], in_code: Gate, names: Sequence[str]) -> None:
    """The gate in the code and the one fitted, side by side, on the half that was not fitted; and one fitted on all."""
    fitted, held = halves(samples)
    gates = {"in the code": in_code, "fitted on one half": fit(fitted, names, in_code.threshold)}
    rows = [(name, *_numbers(gate), gate.threshold, *shares(held, gate)) for name, gate in gates.items()]
    whole = fit(samples, names, in_code.threshold)
    rows.append(("fitted on all", *_numbers(whole), whole.threshold, "", "", ""))
    print(f"\n## {title}: shares answered on the held-out half\n")
    print(table(("gate", "intercept", *_NAMES, "threshold", *_WEIGHT), rows))


def _numbers(gate: Gate) -> list[str]:
    return [f"{getattr(gate, name):.1f}" for name in ("intercept", *_NAMES)]


async def run(data: Path, laws: Path, every: int) -> None:
    """Measure, fit, print."""
    with tempfile.TemporaryDirectory() as folder:
        samples = await collect(Bench(Path(folder)), parallel(data), laws, every)
    same, other = ([one for one in samples if one.same == which] for which in (True, False))
    report("Embedded, one language", same, EMBEDDED.monolingual, _NAMES)
    report("Embedded, across languages", other, EMBEDDED.crosslingual, ("passage", "sentence", "unknown"))
    report("Other embedders, one language", same, OTHER.monolingual, ("sentence", "covered", "unknown"))
    report("Other embedders, across languages", other, OTHER.crosslingual, ("sentence", "unknown"))


def main() -> None:
    """Command line."""
    parser = arguments(__doc__, "laws")
    parser.add_argument("--every", type=int, default=3, help="take every n-th question of XQuAD (3)")
    chosen = parser.parse_args()
    asyncio.run(run(chosen.data, chosen.laws, chosen.every))


if __name__ == "__main__":
    main()
