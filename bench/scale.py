"""How search grows with the index: hybrid queries from a thousand passages to a million, against plain baselines.

`python -m bench.scale [--sizes 1000,10000] [--picture docs/pictures/scale.png]` (`make scale SIZES=...`). Vectors and texts
are synthetic, of the real dimension: clustered unit vectors in two languages, and words by Zipf's law, so that a million fits in
minutes; the searches are the real ones, scope, fusion and all. Each size is written by one process and asked by another, whose
resident memory is told. Recall is that of the ten best by similarity in the question's language, without words, against an exact
search.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import bm25s  # type: ignore[import-untyped]  # it has none
import numpy as np
import pyarrow as pa
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import InMemoryVectorStore

from bench.common import table
from rag.models import Document, Locator, Passage, Scope
from rag.ports import Query, Vectors
from rag.stores.lance import LanceStore, passage_rows

DIMENSION, CLUSTERS, WORDS, VOCABULARY = 896, 2000, 60, 40_000
QUERIES, LIMIT = 120, 60
BATCH = 20_000
PLAIN_MOST = 100_000
"""Baselines hold everything in memory; beyond this the comparison would be of the machine's swap."""
EVERYONE = Scope(frozenset({"everyone"}))


@dataclass(frozen=True, slots=True)
class Run:
    """One size: milliseconds of a query, resident megabytes, seconds to write and to index, recall of the ten best."""

    passages: int
    p50: float
    p95: float
    resident: float
    writing: float
    indexing: float
    recall: float
    langchain: float = 0.0
    brute: float = 0.0


def corpus(size: int, seed: int = 7) -> Iterator[tuple[list[str], list[str], Vectors]]:
    """Batches of (texts, languages, vectors): passages of a cluster share its words, those of one language its direction."""
    chance = np.random.default_rng(seed)
    centres = _unit(np.random.default_rng(1).standard_normal((CLUSTERS, DIMENSION)).astype(np.float32))
    tongue = _unit(np.random.default_rng(2).standard_normal((2, DIMENSION)).astype(np.float32))
    for first in range(0, size, BATCH):
        count = min(BATCH, size - first)
        cluster, language = chance.integers(0, CLUSTERS, count), chance.integers(0, 2, count)
        noise = chance.standard_normal((count, DIMENSION)).astype(np.float32) / np.sqrt(DIMENSION)
        vectors = _unit(centres[cluster] + 0.3 * tongue[language] + 0.8 * noise)
        ranks = np.minimum(chance.zipf(1.3, (count, WORDS)), VOCABULARY)
        texts = [" ".join(f"w{rank}" for rank in row) + f" tema{one}" for row, one in zip(ranks, cluster, strict=True)]
        yield texts, ["es" if one == 0 else "en" for one in language], vectors


def questions() -> list[Query]:
    """Queries near passages that are not in the corpus."""
    asked = []
    for texts, languages, vectors in corpus(QUERIES, seed=99):
        for text, language, vector in zip(texts, languages, vectors, strict=True):
            words = text.split()
            asked.append(Query(" ".join([*words[:6], words[-1]]), language, vector, LIMIT, 0.05))
    return asked


def _unit(rows: Vectors) -> Vectors:
    lengths: Vectors = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / lengths


async def fill(store: LanceStore, size: int) -> tuple[float, float]:
    """Write through the store's own rows; seconds of writing and of `optimize`."""
    started = time.perf_counter()
    number = 0
    for texts, languages, vectors in corpus(size):
        rows = []
        for text, language, vector in zip(texts, languages, vectors, strict=True):
            document = Document(f"d{number // 20}", "s", f"file:///{number // 20}", "Título", frozenset({"everyone"}), language)
            rows += passage_rows([Passage(f"p{number}", document, text, Locator(), language, number % 20)], vector[None, :])
            number += 1
        await store.append(pa.Table.from_pylist(rows, schema=store.passage_schema()))
    written = time.perf_counter()
    await store.optimize()
    return written - started, time.perf_counter() - written


async def measure(size: int, folder: Path, filled: tuple[float, float], *, plain: bool) -> Run:
    """Ask, compare."""
    asked = questions()
    fresh = LanceStore(folder, DIMENSION, "bench")
    for one in asked[:10]:
        await fresh.search(one, EVERYONE)
    times, found = [], []
    for one in asked:
        started = time.perf_counter()
        await fresh.search(one, EVERYONE)
        times.append(1000 * (time.perf_counter() - started))
    for one in asked:  # without words, so that what is found is the vectors' alone
        hits = await fresh.search(replace(one, text=""), EVERYONE)
        own = [hit for hit in hits if hit.passage.language == one.language]
        found.append([hit.passage.id for hit in sorted(own, key=lambda hit: -hit.dense)][:10])
    resident = _resident()
    recall, brute, langchain = exact(size, asked, found, plain=plain)
    return Run(size, _at(times, 50), _at(times, 95), resident, *filled, recall, langchain, brute)


def exact(size: int, asked: list[Query], found: list[list[str]], *, plain: bool) -> tuple[float, float, float]:
    """Recall of what was found, and milliseconds of a query by brute force with bm25s, and by LangChain's store in memory."""
    best: list[list[tuple[float, str]]] = [[] for _ in asked]
    number, held, texts_ = 0, [], list[str]()
    matrix = np.stack([one.vector for one in asked])
    for texts, languages, vectors in corpus(size):
        scores = matrix @ vectors.T
        for place, one in enumerate(asked):
            mask = np.array([language == one.language for language in languages])
            masked = np.where(mask, scores[place], -2.0)
            for index in np.argpartition(-masked, min(10, len(masked) - 1))[:10]:
                best[place].append((float(masked[index]), f"p{number + index}"))
            best[place] = sorted(best[place], reverse=True)[:10]
        number += len(texts)
        if plain:
            held.append(vectors)
            texts_ += texts
    right = [len({name for _, name in wanted} & set(got)) / 10 for wanted, got in zip(best, found, strict=True)]
    if not plain:
        return float(np.mean(right)), 0.0, 0.0
    return float(np.mean(right)), _brute(np.concatenate(held), texts_, asked), _langchain(np.concatenate(held), asked[:10])


def _brute(vectors: Vectors, texts: list[str], asked: list[Query]) -> float:
    index = bm25s.BM25()
    index.index([text.split() for text in texts], show_progress=False)
    times = []
    for one in asked:
        started = time.perf_counter()
        dense = vectors @ one.vector
        lexical = index.get_scores(one.text.split())
        np.argsort(-(dense + 0.01 * lexical))[:LIMIT]
        times.append(1000 * (time.perf_counter() - started))
    return float(np.percentile(times, 50))


class _Given(Embeddings):
    def __init__(self, vectors: list[list[float]]) -> None:
        self._vectors = vectors

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self._vectors[: len(texts)]

    def embed_query(self, text: str) -> list[float]:
        return self._vectors[0]


def _langchain(vectors: Vectors, asked: list[Query]) -> float:
    most = min(len(vectors), 20_000)  # lists of Python numbers: more would not fit; its time is linear, so it is scaled
    store = InMemoryVectorStore(_Given(vectors[:most].tolist()))
    store.add_texts([str(n) for n in range(most)])
    times = []
    for one in asked:
        started = time.perf_counter()
        store.similarity_search_by_vector(one.vector.tolist(), k=LIMIT)
        times.append(1000 * (time.perf_counter() - started))
    return float(np.percentile(times, 50)) * len(vectors) / most


def _at(times: list[float], share: float) -> float:
    return float(np.percentile(times, share))


def _resident() -> float:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _fill(size: int, folder: str, out: str) -> None:
    Path(out).write_text(json.dumps(asyncio.run(fill(LanceStore(Path(folder), DIMENSION, "bench"), size))), encoding="utf-8")


def _ask(size: int, folder: str, out: str) -> None:
    filled = json.loads(Path(out).read_text("utf-8"))
    run = asyncio.run(measure(size, Path(folder), filled, plain=size <= PLAIN_MOST))
    Path(out).write_text(json.dumps(asdict(run)), encoding="utf-8")


def draw(runs: list[Run], path: Path) -> None:
    """Query time and memory over the size, logarithmic both ways, with the targets."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), dpi=150, facecolor="white", layout="constrained")
    left, right = figure.subplots(1, 2)
    sizes = [run.passages for run in runs]
    left.loglog(sizes, [run.p95 for run in runs], "o-", color="#0b6e99", label="hybrid query, p95")
    left.loglog(sizes, [run.p50 for run in runs], "o--", color="#0b6e99", alpha=0.6, label="hybrid query, p50")
    for name, colour in (("brute", "#d97706"), ("langchain", "#b91c1c")):
        known = [(run.passages, getattr(run, name)) for run in runs if getattr(run, name)]
        if known:
            left.loglog(*zip(*known, strict=True), "o-", color=colour, label=f"{name}, p50")
    left.plot([100_000, 1_000_000], [50, 150], "kv", markerfacecolor="none", label="target, p95")
    left.set(xlabel="passages", ylabel="ms")
    right.semilogx(sizes, [run.resident for run in runs], "o-", color="#0b6e99")
    right.set(xlabel="passages", ylabel="resident MB", ylim=(0, None))
    left.legend(frameon=False, fontsize=8)
    for axes in (left, right):
        axes.grid(alpha=0.3)
    figure.savefig(path)


def main() -> None:
    """Each size in a process of its own; a table, and the picture if one is wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    runs = []
    for size in (int(one) for one in options.sizes.split(",")):
        with tempfile.TemporaryDirectory(prefix="scale-") as folder:
            out = Path(folder) / "run.json"
            for step in (_fill, _ask):
                process = multiprocessing.get_context("spawn").Process(target=step, args=(size, folder, str(out)))
                process.start()
                process.join()
            runs.append(Run(**json.loads(out.read_text("utf-8"))))
        print(runs[-1], flush=True)
    heads = ["passages", "p50 ms", "p95 ms", "MB", "write s", "index s", "recall@10", "brute force + bm25s", "LangChain"]
    rows = [
        [
            f"{one.passages:,}",
            *(f"{value:.1f}" for value in (one.p50, one.p95, one.resident, one.writing, one.indexing)),
            f"{one.recall:.3f}",
            *(f"{value / one.p50:.1f} x" if value else "-" for value in (one.brute, one.langchain)),
        ]
        for one in runs
    ]
    print(table(heads, rows))
    if options.picture:
        draw(runs, options.picture)


if __name__ == "__main__":
    main()
