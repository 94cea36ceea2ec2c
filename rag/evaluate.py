"""Retrieval metrics on a data set in BEIR layout (corpus.jsonl, queries.jsonl, qrels/test.tsv), through the real index."""

from __future__ import annotations

import csv
import json
import math
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import InputError
from rag.ground import Calibration
from rag.ingest.language import detect
from rag.models import Document, Locator, Passage, Scope
from rag.ports import Batch, Embedder, PassageStore, Query

AUDIENCE = "everyone"
_BATCH = 16


@dataclass(frozen=True, slots=True)
class DataSet:
    """A BEIR folder: texts by id, questions by id, and for each question the ids that answer it."""

    corpus: Mapping[str, tuple[str, str]]  # id -> (title, text)
    queries: Mapping[str, str]
    relevant: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Metrics:
    """Means over the questions; latencies in milliseconds, embedding of the question included."""

    questions: int
    documents: int
    ndcg_at_10: float
    recall_at_1: float
    recall_at_5: float
    recall_at_10: float
    mrr_at_10: float
    query_p50_ms: float
    query_p95_ms: float


def load(folder: Path) -> DataSet:
    """The data set of a folder; InputError if it is not one."""
    try:
        corpus = {row["_id"]: (row.get("title", ""), row["text"]) for row in _rows(folder / "corpus.jsonl")}
        queries = {row["_id"]: row["text"] for row in _rows(folder / "queries.jsonl")}
        relevant: dict[str, set[str]] = {}
        with (folder / "qrels" / "test.tsv").open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file, delimiter="\t"):
                if len(row) == 3 and row[2].strip().isdigit() and int(row[2]) > 0:
                    relevant.setdefault(row[0], set()).add(row[1])
    except (OSError, KeyError, ValueError) as error:
        raise InputError(f"{folder} is not a BEIR folder (corpus.jsonl, queries.jsonl, qrels/test.tsv): {error}") from error
    return DataSet(corpus, queries, {query: frozenset(ids) for query, ids in relevant.items() if query in queries})


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


async def index(data: DataSet, embedder: Embedder, store: PassageStore, on_done: Callable[[int], None]) -> None:
    """Put the corpus into a store, one passage a document, `on_done` told how many more are in."""
    texts = list(passages(data))
    for start in range(0, len(texts), _BATCH):
        part = texts[start : start + _BATCH]
        vectors = await embedder.embed_passages([f"{passage.context}\n{passage.text}".strip() for passage in part])
        await store.write([Batch(passage.document, "1", (passage,), vectors[n : n + 1]) for n, passage in enumerate(part)])
        on_done(len(part))
    await store.optimize()


def passages(data: DataSet) -> Iterator[Passage]:
    """The corpus as passages, one a document, with the corpus's ids."""
    return (_passage(one, *text) for one, text in data.corpus.items())


def _passage(one: str, title: str, body: str) -> Passage:
    language = detect(body)
    document = Document(one, "beir", one, title, frozenset({AUDIENCE}), language=language)
    return Passage(one, document, body, Locator(), language, 0)


async def evaluate(data: DataSet, embedder: Embedder, store: PassageStore, calibration: Calibration) -> Metrics:
    """Ask every question that has an answer and measure what comes back."""
    scope = Scope(frozenset({AUDIENCE}))

    async def ask(question: str) -> list[str]:
        vector = await embedder.embed_query(question)
        query = Query(question, detect(question), vector, 10, calibration.cross_language)
        return [hit.passage.id for hit in await store.search(query, scope)]

    return await measure(data, ask)


async def measure(data: DataSet, ask: Callable[[str], Awaitable[Sequence[str]]]) -> Metrics:
    """Metrics of any way of answering a question with ids, best first."""
    rows, seconds = [], []
    for query, relevant in data.relevant.items():
        started = time.perf_counter()
        found = await ask(data.queries[query])
        seconds.append(time.perf_counter() - started)
        rows.append(_scores(found, relevant))
    if not rows:
        raise InputError("no question of the data set has an answer in it")
    ndcg, first, five, ten, reciprocal = (float(mean) for mean in np.mean(rows, axis=0))
    p50, p95 = (float(1000 * value) for value in np.percentile(seconds, [50, 95]))
    return Metrics(len(rows), len(data.corpus), ndcg, first, five, ten, reciprocal, p50, p95)


def _scores(found: Sequence[str], relevant: frozenset[str]) -> tuple[float, float, float, float, float]:
    """nDCG@10, recall@1, @5, @10 and reciprocal rank of one question, binary relevance."""
    ranks = [rank for rank, one in enumerate(found[:10]) if one in relevant]
    ideal = sum(1 / math.log2(rank + 2) for rank in range(min(10, len(relevant))))
    gained = sum(1 / math.log2(rank + 2) for rank in ranks)
    recalls = [sum(rank < k for rank in ranks) / len(relevant) for k in (1, 5, 10)]
    return gained / ideal, recalls[0], recalls[1], recalls[2], 1 / (ranks[0] + 1) if ranks else 0.0
