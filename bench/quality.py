"""Retrieval quality of each part alone and of the default, on BEIR folders: `python -m bench.quality DATA [--cache FOLDER]`.

DATA holds folders in BEIR layout (corpus.jsonl, queries.jsonl, qrels/test.tsv). BM25 is over our own terms (folded, without
function words, stemmed); "default" is the real index as the adviser searches it. Cells are nDCG@10; the last columns are of
the default. The table stands in docs/quality.md.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.common import Embedded, Floats, arguments, embedded, table
from rag.analyse import terms
from rag.bm25 import bm25
from rag.embed.embedded import E5_SHARE, EmbeddedEmbedder, join
from rag.embed.use import SentenceEncoder
from rag.evaluate import DataSet, Metrics, evaluate, load, measure, passages
from rag.ground import EMBEDDED
from rag.ports import Batch
from rag.stores.lance import LanceStore

HEADER = ("data", "questions", "passages", "BM25", "e5", "USE", "e5 + USE", "default", "recall@10", "first", "p50/p95 ms")


class Folder:
    """One data set with its vectors."""

    def __init__(self, path: Path, cache: Path) -> None:
        self.name = path.name
        self.data: DataSet = load(path)
        self.passages = list(passages(self.data))
        texts = [f"{one.context}\n{one.text}".strip() for one in self.passages]
        self.vectors = embedded(texts, cache / f"{path.name}-passages.npz", queries=False)
        asked = [self.data.queries[one] for one in self.data.relevant]
        vectors = embedded(asked, cache / f"{path.name}-questions.npz", queries=True)
        self._asked = {
            text: Embedded(meaning, short) for text, meaning, short in zip(asked, vectors.meaning, vectors.short, strict=True)
        }

    async def alone(self, part: str) -> Metrics:
        """What one part finds, without any index: exhaustive."""
        texts = [terms(f"{one.context} {one.text}") for one in self.passages] if part == "bm25" else []

        async def ask(question: str) -> Sequence[str]:
            scores = np.asarray(bm25(terms(question), texts)) if part == "bm25" else self._dense(question, part)
            return [self.passages[place].id for place in np.argsort(-scores, kind="stable")[:10]]

        return await measure(self.data, ask)

    def _dense(self, question: str, part: str) -> Floats:
        asked = self._asked[question]
        meaning, short = self.vectors.meaning @ asked.meaning, self.vectors.short @ asked.short
        share = {"e5": 1.0, "use": 0.0, "both": E5_SHARE}[part]
        scores: Floats = (share * meaning + (1 - share) * short).astype(np.float64)
        return scores

    async def default(self, embedder: EmbeddedEmbedder) -> Metrics:
        """What the adviser's index finds."""
        joined = join(self.vectors.meaning, self.vectors.short)
        with tempfile.TemporaryDirectory() as folder:
            store = LanceStore(Path(folder), embedder.dimension, embedder.name)
            rows = list(zip(self.passages, joined, strict=True))
            for start in range(0, len(rows), 1000):
                part = rows[start : start + 1000]
                await store.write([Batch(passage.document, "1", (passage,), vector[None]) for passage, vector in part])
            await store.optimize()
            return await evaluate(self.data, embedder, store, EMBEDDED)


async def row(folder: Folder, embedder: EmbeddedEmbedder) -> tuple[object, ...]:
    """A data set's line of the table."""
    parts = [await folder.alone(part) for part in ("bm25", "e5", "use", "both")]
    default = await folder.default(embedder)
    cells = [f"{one.ndcg_at_10:.3f}" for one in parts]
    speed = f"{default.query_p50_ms:.0f}/{default.query_p95_ms:.0f}"
    last = (f"**{default.ndcg_at_10:.3f}**", f"{default.recall_at_10:.3f}", f"{default.recall_at_1:.3f}", speed)
    return (folder.name, default.questions, default.documents, *cells, *last)


async def rows(folders: Sequence[Folder]) -> list[tuple[object, ...]]:
    """The lines of some data sets."""
    embedder = EmbeddedEmbedder(SentenceEncoder())
    return [await row(folder, embedder) for folder in folders]


def main() -> None:
    """Command line."""
    parser = arguments(__doc__)
    parser.add_argument("--cache", type=Path, help="folder to keep the vectors in")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        cache = chosen.cache or Path(temporary)
        folders = [Folder(path, cache) for path in sorted(chosen.data.iterdir()) if (path / "corpus.jsonl").exists()]
        print(table(HEADER, asyncio.run(rows(folders))))


if __name__ == "__main__":
    main()
