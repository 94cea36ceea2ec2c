"""An index of another embedder beside the one that answers, from its passages: nothing is fetched or parsed again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Protocol

import numpy as np

from rag.ingest.report import OnProgress, Progress, Report
from rag.ingest.sync import passage_text
from rag.ports import Batch, Embedder, IndexedDocument, PassageStore, Vectors

_DOCUMENTS = 16
_PASSAGES = 32


class Readable(Protocol):
    """The index that answers."""

    async def documents(self, source: str | None = None) -> list[IndexedDocument]: ...

    async def batches(self, documents: Sequence[IndexedDocument]) -> list[Batch]:
        """These documents as they were written, without vectors."""
        ...


async def reembed(old: Readable, new: PassageStore, embedder: Embedder, on_progress: OnProgress) -> Report:
    """Make `new` hold what `old` holds. What an interrupted run wrote stays; what `old` takes in meanwhile is caught up with."""
    started, report = time.monotonic(), Report("index")
    while True:
        have = await old.documents()
        known = {one.document.id: one for one in await new.documents()}
        work = [one for one in have if not _same(known.get(one.document.id), one, embedder)]
        gone = sorted(known.keys() - {one.document.id for one in have})
        if not work and not gone:
            break
        await new.delete(gone)
        total, done = sum(one.passages for one in work), 0
        waiting = iter(work)
        while documents := list(islice(waiting, _DOCUMENTS)):
            await new.write([await _embedded(batch, embedder) for batch in await old.batches(documents)])
            done += sum(one.passages for one in documents)
            on_progress(Progress(0, len(work), done, total, documents[-1].document.uri))
        report = replace(report, added=report.added + len(work), passages=report.passages + done)
        await new.optimize()
    return replace(report, seconds=time.monotonic() - started)


def _version(one: IndexedDocument, embedder: Embedder) -> str:
    """As sync would have it, so that the next run over the source finds the document unchanged."""
    before, mark, _ = one.version.rpartition(";embedder=")
    return f"{before}{mark}{embedder.name}" if mark else one.version


def _same(known: IndexedDocument | None, one: IndexedDocument, embedder: Embedder) -> bool:
    return known is not None and (known.version, known.document, known.error) == (
        _version(one, embedder),
        one.document,
        one.error,
    )


async def _embedded(batch: Batch, embedder: Embedder) -> Batch:
    texts = [passage_text(passage) for passage in batch.passages]
    parts: list[Vectors] = [await embedder.embed_passages(texts[at : at + _PASSAGES]) for at in range(0, len(texts), _PASSAGES)]
    one = IndexedDocument(batch.document, batch.version, len(texts), "")
    vectors = np.concatenate(parts) if parts else np.zeros((0, embedder.dimension), dtype=np.float32)
    return replace(batch, version=_version(one, embedder), vectors=vectors)
