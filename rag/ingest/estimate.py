"""What a run over a source would do and cost, without doing it: the real run, with an index and an embedder that only count.

What is new or changed is fetched, parsed and split for real, so that the counts are those of the run that follows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.embed.tokens import tokens
from rag.ingest.build import Source
from rag.ingest.report import OnProgress, Report
from rag.ingest.sync import Parse, sync
from rag.models import Document, Hit, Passage, Scope
from rag.ports import Batch, Connector, Embedder, Fetched, IndexedDocument, PassageStore, Query, Recalls, Relabels, Vectors
from rag.stores.pinecone_words import listed
from rag.stores.rows import document_row, passage_row


@dataclass(frozen=True, slots=True)
class Estimated:
    """What one source's run would do, as the report of it, and what it would take.

    `tokens` by OpenAI's counting, about; `read_bytes` of the files that would be parsed, `index_bytes` of the records that would
    be written (vectors of four bytes a number, and all that is kept beside them).
    """

    report: Report
    tokens: int = 0
    read_bytes: int = 0
    index_bytes: int = 0


async def estimate(
    source: Source,
    connector: Connector,
    parse: Parse,
    embedder: Embedder,
    store: PassageStore | None,
    on_progress: OnProgress = lambda progress: None,
    *,
    retry: bool = False,
) -> Estimated:
    """What `sync` with the same arguments would do. `embedder` and `store` are asked what they are and hold, nothing else.

    `store` is None where there is no index yet. Raises what `sync` raises, but never EmbeddingError.
    """
    known = await store.documents(source.name) if store else []
    counting = _Counting(embedder)
    embedded = store if isinstance(store, Recalls) else None
    index = (
        _Relabelled(known, embedder.dimension, embedded)
        if store is None or isinstance(store, Relabels)
        else _Index(known, embedder.dimension, embedded)
    )
    read = 0

    async def reading(of: Source, fetched: Fetched) -> tuple[Document, list[Passage]]:
        nonlocal read
        read += len(fetched.data)
        return await parse(of, fetched)

    report = await sync(source, connector, reading, counting, index, on_progress, retry=retry)
    return Estimated(report, counting.tokens, read, index.written)


class _Counting:
    """An Embedder that counts what it is given."""

    def __init__(self, embedder: Embedder) -> None:
        self.name, self.dimension = embedder.name, embedder.dimension
        self.tokens = 0
        self._kept: set[bytes] = set()

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.tokens += sum(tokens(text) for text in texts if _digest(text) not in self._kept)
        return np.zeros((len(texts), self.dimension), dtype=np.float32)

    async def embed_query(self, text: str) -> Vectors:
        return np.zeros(self.dimension, dtype=np.float32)

    async def keep(self, texts: Sequence[str], vectors: Vectors) -> None:
        """What would not be embedded again."""
        self._kept.update(map(_digest, texts))


class _Index:
    """A PassageStore that holds the manifest it was given, and only measures what is written to it; `recalls` is the real one."""

    def __init__(self, known: Sequence[IndexedDocument], dimension: int, recalls: Recalls | None) -> None:
        self._known = list(known)
        self._recalls = recalls
        self._vector = 4 * dimension
        self.written = 0

    async def documents(self, source: str | None = None) -> list[IndexedDocument]:
        return [one for one in self._known if source in (None, one.document.source)]

    async def write(self, batches: Sequence[Batch]) -> None:
        for batch in batches:
            self.written += self._vector + _size(document_row(batch.document))
            self.written += sum(self._vector + _size(_row(passage)) for passage in batch.passages)

    async def embedded(self, document_ids: Sequence[str]) -> list[tuple[Passage, Vectors]]:
        return await self._recalls.embedded(document_ids) if self._recalls else []

    async def delete(self, document_ids: Sequence[str]) -> None:
        """Nothing is deleted."""

    async def search(self, query: Query, scope: Scope) -> list[Hit]:
        return []

    async def passage(self, passage_id: str, scope: Scope) -> list[Passage]:
        return []

    async def optimize(self) -> None:
        """Nothing was written."""


class _Relabelled(_Index):
    """The same, of an index that relabels documents in place."""

    async def relabel(self, document: Document, version: str) -> None:
        """Nothing is relabelled."""


def _row(passage: Passage) -> dict[str, object]:
    return {**passage_row(passage), "terms": listed(f"{passage.context} {passage.text}")}


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _size(row: dict[str, object]) -> int:
    return len(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace"))
