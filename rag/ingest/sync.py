"""Brings the index up to date with a source: adds, changes and removes documents; what is unchanged costs nothing.

Parsing runs ahead of the embedder, which is the slow part and is never kept waiting, and writing behind it. A document is written
as soon as its vectors are there, so that a run that is cut off goes on where it was.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np

from rag.errors import DocumentError
from rag.ingest.build import Source, blank, content_hash, label
from rag.ingest.parse.formats import VERSION
from rag.ingest.report import OnProgress, Progress, Report
from rag.models import Document, Passage
from rag.ports import (
    Batch,
    Connector,
    Embedder,
    Fetched,
    IndexedDocument,
    Item,
    Keeps,
    MayMiss,
    PassageStore,
    Recalls,
    Relabels,
    Vectors,
)

_EMBEDDED_AT_ONCE = 32
"""Passages in a call of the embedder, gathered across documents."""
_RECALLED_AT_ONCE = 1000
"""Passages whose vectors are taken out of the index together, but for a longer document: 4 MB."""
_PARSED_AHEAD = 32
"""Documents that wait for the embedder at most."""
UNREAD = "cannot be read"
"""How reasons begin that pass: the next run tries again, and until then what was read before stays."""
_locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)


Parse = Callable[[Source, Fetched], Awaitable[tuple[Document, list[Passage]]]]
"""Reads a file of a source: rag.ingest.parse.isolate.IsolatedParser where anybody may have written it."""


def passage_text(passage: Passage) -> str:
    """What is embedded of a passage: its text under its headings, which often hold the word that a question uses."""
    return f"{passage.context}\n{passage.text}".strip()


async def sync(
    source: Source,
    connector: Connector,
    parse: Parse,
    embedder: Embedder,
    store: PassageStore,
    on_progress: OnProgress = lambda progress: None,
    *,
    retry: bool = False,
) -> Report:
    """Synchronise one source. `retry` reads again what failed before, though unchanged.

    EmbeddingError and StoreError end the run, InputError if the source cannot be listed; what was written before stays.
    """
    async with _locks[source.name]:
        started = time.monotonic()
        run = _Run(source, connector, parse, embedder, store, on_progress)
        await run.plan(retry)
        await run.apply()
        return replace(run.report, failures=tuple(sorted(run.failures)), seconds=time.monotonic() - started)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A document that waits for its vectors, with those that the index holds already, by text."""

    document: Document
    version: str
    passages: tuple[Passage, ...]
    held: Mapping[str, Vectors]


class _Run:
    """One run over one source."""

    def __init__(
        self, source: Source, connector: Connector, parse: Parse, embedder: Embedder, store: PassageStore, on_progress: OnProgress
    ) -> None:
        self._source, self._connector, self._parse = source, connector, parse
        self._embedder, self._store, self._on_progress = embedder, store, on_progress
        self._suffix = f";parser={VERSION};embedder={embedder.name}"
        self._known: dict[str, IndexedDocument] = {}
        self._work: list[Item] = []
        self._read = self._found = self._done = 0
        self.failures: list[tuple[str, str]] = []
        self.report = Report(source.name)

    async def plan(self, retry: bool) -> None:
        """List the source, remove what has gone, relabel what is labelled otherwise now, and note what has to be read."""
        items = [item async for item in self._connector.items()]
        self._known = {one.document.uri: one for one in await self._store.documents(self._source.name)}
        listed = {item.uri for item in items}
        missed = self._connector if isinstance(self._connector, MayMiss) and not self._connector.complete else None
        gone = {
            one.document.id for uri, one in self._known.items() if uri not in listed and (missed is None or missed.is_gone(uri))
        }
        if listed - self._known.keys():
            await self._remember(gone)
        await self._store.delete(sorted(gone))
        self._known = {uri: one for uri, one in self._known.items() if one.document.id not in gone}
        self._count(removed=len(gone))
        for item in items:
            known = self._known.get(item.uri)
            again = known is not None and known.error and (retry or known.error.startswith(UNREAD))
            if known is None or again or known.version != self._version(item):
                self._work.append(item)
            elif known.error:
                self.failures.append((item.uri, known.error))
            elif label(known.document, self._source) == known.document:
                self._count(unchanged=1)
            elif await self._relabel(known, item):
                self._count(changed=1)
            else:
                self._work.append(item)

    async def apply(self) -> None:
        """Read, embed and write what has to be; tidy the index up if anything changed."""
        queue: asyncio.Queue[_Ready | None] = asyncio.Queue(_PARSED_AHEAD)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._read_all(queue))
                tasks.create_task(self._embed_all(queue))
        except ExceptionGroup as errors:  # callers know EmbeddingError and StoreError, not a group of one
            raise errors.exceptions[0] from None
        if self._work or self.report.removed or self.report.changed:
            await self._store.optimize()

    async def _read_all(self, queue: asyncio.Queue[_Ready | None]) -> None:
        for item in self._work:
            try:
                ready = await self._read_one(item)
            except DocumentError as error:
                await self._fail(item, str(error))
                ready = None
            self._read += 1
            if ready is None:
                self._progress(item.uri)
                continue
            self._found += len(ready.passages)
            await queue.put(ready)
        await queue.put(None)

    async def _read_one(self, item: Item) -> _Ready | None:
        """The document with its passages; None if its bytes turn out to be those that are indexed."""
        fetched = await self._connector.fetch(item)
        known = self._known.get(item.uri)
        same = known and not known.error and known.version.endswith(self._suffix)
        if known and same and known.document.content_hash == content_hash(fetched.data) and await self._relabel(known, item):
            self._count(unchanged=1)
            return None
        document, passages = await self._parse(self._source, fetched)
        if not passages:
            raise DocumentError("no text found")
        return _Ready(document, self._version(item), tuple(passages), await self._held(item, document.content_hash))

    async def _remember(self, gone: Set[str]) -> None:
        """Have the vectors of documents that are gone kept: a file that was moved or renamed is one, and comes again."""
        if not isinstance(self._embedder, Keeps):
            return
        waiting = [one for one in self._known.values() if one.document.id in gone and one.passages]
        while waiting:
            totals = accumulate(one.passages for one in waiting)
            count = max(1, sum(total <= _RECALLED_AT_ONCE for total in totals))
            recalled, waiting = await self._recalled(waiting[:count]), waiting[count:]
            if recalled:
                texts = [passage_text(passage) for passage, _ in recalled]
                await self._embedder.keep(texts, np.stack([vector for _, vector in recalled]))

    async def _held(self, item: Item, content: str) -> Mapping[str, Vectors]:
        """The vectors of what is indexed of the document itself, or of one with the same content, by text."""
        known = self._known.get(item.uri)
        alike = (one for one in self._known.values() if one.document.content_hash == content and not one.error)
        one = known or next(alike, None)
        return {passage_text(passage): vector for passage, vector in await self._recalled([one] if one else [])}

    async def _recalled(self, documents: Sequence[IndexedDocument]) -> list[tuple[Passage, Vectors]]:
        """The passages of these with their vectors, if this embedder made them and the index gives them back."""
        ours = [one.document.id for one in documents if one.version.endswith(f";embedder={self._embedder.name}")]
        return await self._store.embedded(ours) if isinstance(self._store, Recalls) and ours else []

    async def _embed_all(self, queue: asyncio.Queue[_Ready | None]) -> None:
        """Embed in even batches across documents; write each document when its last vector is there, while the next is embedded.

        What was embedded is written also when the embedder breaks down or the run is cut off.
        """
        waiting: list[_Ready] = []
        vectors: list[Vectors] = []
        pending: list[tuple[Passage, Vectors | None]] = []  # passages of `waiting` that are still to be embedded, unless held
        writing = asyncio.create_task(self._write([]))
        ended = False
        try:
            while not ended or pending:
                while not ended and len(pending) < _EMBEDDED_AT_ONCE and not (pending and queue.empty()):
                    ready = await queue.get()
                    ended = ready is None
                    if ready is not None:
                        waiting.append(ready)
                        pending.extend((one, ready.held.get(passage_text(one))) for one in ready.passages)
                batch, pending = pending[:_EMBEDDED_AT_ONCE], pending[_EMBEDDED_AT_ONCE:]
                if batch:
                    vectors.append(await self._embedded(batch))
                    self._done += len(batch)
                    await writing
                    complete, waiting, vectors = _complete(waiting, vectors)
                    writing = asyncio.create_task(self._write(complete))
                    self._progress(batch[-1][0].document.uri)
        finally:
            await writing

    async def _embedded(self, batch: Sequence[tuple[Passage, Vectors | None]]) -> Vectors:
        fresh = [passage_text(passage) for passage, vector in batch if vector is None]
        made = iter(await self._embedder.embed_passages(fresh) if fresh else ())
        return np.stack([next(made) if vector is None else vector for _, vector in batch])

    async def _write(self, batches: list[Batch]) -> None:
        await self._store.write(batches)
        for batch in batches:
            known = self._known.get(batch.document.uri)
            added = known is None or bool(known.error)
            self._count(added=added, changed=not added, passages=len(batch.passages))
            self._progress(batch.document.uri)

    async def _fail(self, item: Item, reason: str) -> None:
        """Record the failure, unless a version that could be read is indexed and this one could only not be fetched."""
        self.failures.append((item.uri, reason))
        known = self._known.get(item.uri)
        if known and not known.error and reason.startswith(UNREAD):
            return
        await self._store.write([Batch(blank(self._source, item), self._version(item), error=reason)])

    async def _relabel(self, known: IndexedDocument, item: Item) -> bool:
        """Give an indexed document its labels and version of now; False if the store cannot without its vectors."""
        if not isinstance(self._store, Relabels):
            return False
        await self._store.relabel(label(known.document, self._source), self._version(item))
        return True

    def _version(self, item: Item) -> str:
        return item.version + self._suffix

    def _count(self, **more: int) -> None:
        self.report = replace(self.report, **{name: getattr(self.report, name) + count for name, count in more.items()})

    def _progress(self, uri: str) -> None:
        total = len(self._work)
        expected = round(self._found * total / self._read) if self._read else 0
        written = self.report.added + self.report.changed + self.report.unchanged + len(self.failures)
        self._on_progress(Progress(min(written, total), total, self._done, max(expected, self._done), uri))


def _complete(waiting: list[_Ready], vectors: list[Vectors]) -> tuple[list[Batch], list[_Ready], list[Vectors]]:
    """The documents whose vectors are all there; what is left of both."""
    have = sum(len(part) for part in vectors)
    if have < len(waiting[0].passages):
        return [], waiting, vectors
    joined = np.concatenate(vectors)
    batches: list[Batch] = []
    place = 0
    while len(batches) < len(waiting) and place + len(waiting[len(batches)].passages) <= have:
        ready = waiting[len(batches)]
        end = place + len(ready.passages)
        batches.append(Batch(ready.document, ready.version, ready.passages, joined[place:end]))
        place = end
    return batches, waiting[len(batches) :], [joined[place:]] if place < have else []
