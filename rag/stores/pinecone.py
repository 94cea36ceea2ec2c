"""The index of a company on Pinecone: a namespace for each tenant, scoped by a metadata filter on every read.

Pinecone has no transactions. A document is replaced by writing its new passages under a new generation, then pointing the
manifest at that generation, then deleting the old one; readers drop passages of any other generation than the manifest's.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

import httpx
from pinecone import (
    ApiError,
    AsyncIndex,
    FetchByMetadataResponse,
    ListResponse,
    NotFoundError,
    PineconeError,
    PineconeTypeError,
    PineconeValueError,
    RateLimitError,
    ScoredVector,
    ServiceError,
    Vector,
)

from rag.analyse import terms
from rag.bm25 import bm25, ceiling, holders
from rag.breaker import Breaker
from rag.errors import StoreError
from rag.fuse import fuse
from rag.models import Document, Hit, Passage, Scope
from rag.ports import Batch, IndexedDocument, Query
from rag.stores.pinecone_records import (
    document_key,
    document_record,
    generation_of,
    indexed_of,
    namespaces,
    new_generation,
    numbers,
    passage_of,
    passage_records,
    record_id,
    relabelled,
    scope_filter,
    split_id,
    upserts,
)
from rag.stores.pinecone_words import codes, missed

T = TypeVar("T")
P = TypeVar("P", ListResponse, FetchByMetadataResponse)
_CANDIDATES = 2
"""Passages fetched in each language for each hit that is wanted: words can reorder them, other generations be dropped."""
_MAX_CANDIDATES = 400
"""A result may have 4 MB, a passage with its metadata has about 4 KB."""
_PAGE = 100
_DELETE = 1000
_TOGETHER = 4


class PineconeStore:
    """PassageStore on one Pinecone index (dense, cosine or dotproduct, `dimension` of the embedder's).

    A read waits `timeout` seconds, a write `write_timeout` for each request. The SDK retries (three times, with a budget for
    the process) within that time; nothing here retries again. One ingest at a time for each tenant.
    """

    def __init__(
        self,
        api_key: str,
        host: str,
        tenant: str,
        dimension: int,
        embedder_name: str,
        *,
        timeout: float = 5.0,
        write_timeout: float = 30.0,
        breaker: Breaker | None = None,
    ) -> None:
        self._index = AsyncIndex(host=host, api_key=api_key, timeout=write_timeout)
        self._passages, self._manifest = namespaces(tenant, embedder_name)
        self._dimension = dimension
        self._timeout = timeout
        self._write_timeout = write_timeout
        self._generations: dict[str, str] = {}
        self._slots = asyncio.Semaphore(_TOGETHER)
        self.breaker = breaker or Breaker()

    async def write(self, batches: Sequence[Batch]) -> None:
        generation = new_generation()
        await self._upsert((record for batch in batches for record in passage_records(batch, generation)), self._passages)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        lines = [IndexedDocument(batch.document, batch.version, len(batch.passages), now, batch.error) for batch in batches]
        await self._commit(lines, generation)

    async def relabel(self, document: Document, version: str) -> None:
        """As a new generation, so that a narrowed audience holds for all passages at once; vectors are copied, not made."""
        key, generation = document_key(document.id), new_generation()
        line = (await self._fetch([key], self._manifest)).get(key)
        if line is None:
            return
        known = indexed_of(line.metadata)
        records = await self._fetch(await self._ids(f"{key}#{generation_of(line.metadata)}#"), self._passages)
        if len(records) != known.passages:
            raise StoreError("Pinecone: the document's passages cannot all be seen yet")
        await self._upsert((relabelled(record, document, generation) for record in records.values()), self._passages)
        await self._commit([replace(known, document=document, version=version)], generation)

    async def delete(self, document_ids: Sequence[str]) -> None:
        keys = [document_key(document_id) for document_id in document_ids]
        await asyncio.gather(*(self._remove_passages(key) for key in keys))
        await self._delete(keys, self._manifest)  # last: a deletion that fails half-way is still listed, and done again
        for key in keys:
            self._generations.pop(key, None)

    async def search(self, query: Query, scope: Scope) -> list[Hit]:
        # Each language has a request of its own: else the question's own would crowd the other out of the candidates.
        languages = ({"language": {sign: query.language}} for sign in ("$eq", "$ne"))
        wide = (self._nearest(query, scope, where, _CANDIDATES * query.limit) for where in languages)
        found = _candidates(await asyncio.gather(*wide, *self._holding(query, scope, codes(query.text))))
        own = (terms(_words(passage)) for passage, _ in found.values() if passage.language == query.language)
        words = missed(query.text, own) if found else []
        found |= _candidates(await asyncio.gather(*self._holding(query, scope, words)))
        live = await self._live(found)
        kept = [found[identifier] for identifier in found if identifier in live]
        texts = [terms(_words(passage)) for passage, _ in kept]
        question = terms(query.text)
        scores, full = bm25(question, texts), ceiling(question, holders(texts), len(texts))
        return fuse(((passage, dense, score) for (passage, dense), score in zip(kept, scores, strict=True)), query, full)

    def _holding(
        self, query: Query, scope: Scope, words: Sequence[tuple[str, ...]]
    ) -> Iterator[Coroutine[Any, Any, list[ScoredVector]]]:
        """For each word the nearest passages that hold it: words count only within a language, so only in the question's."""
        own = {"language": {"$eq": query.language}}
        wanted = ({"$and": [own, {"terms": {"$in": list(alternatives)}}]} for alternatives in words)
        return (self._nearest(query, scope, where, query.limit) for where in wanted)

    async def _nearest(self, query: Query, scope: Scope, where: dict[str, Any], count: int) -> list[ScoredVector]:
        ask = partial(self._index.query, top_k=min(count, _MAX_CANDIDATES), namespace=self._passages, include_metadata=True)
        scoped = {"$and": [scope_filter(scope), where]}
        return (await self._call(partial(ask, vector=numbers(query.vector), filter=scoped))).matches

    async def passage(self, passage_id: str, scope: Scope) -> list[Passage]:
        where = {"$and": [{"id": {"$eq": passage_id}}, scope_filter(Scope(scope.audiences))]}
        records = await self._matching(where, self._passages)
        live = await self._live(records)
        chosen = next((identifier for identifier in records if identifier in live), None)
        if chosen is None:
            return []
        position = passage_of(records[chosen].metadata).position
        near = [record_id(*split_id(chosen), place) for place in range(max(position - 1, 0), position + 2)]
        around = await self._fetch(near, self._passages)
        return [passage_of(around[identifier].metadata) for identifier in near if identifier in around]

    async def documents(self, source: str | None = None) -> list[IndexedDocument]:
        where = {"kind": {"$eq": "document"}} if source is None else {"source": {"$eq": source}}
        records = await self._matching(where, self._manifest)
        found = (indexed_of(record.metadata) for record in records.values())
        return sorted(found, key=lambda one: (one.document.source, one.document.uri))

    async def optimize(self) -> None:
        """Nothing to do: Pinecone indexes by itself."""

    async def check(self) -> None:
        """StoreError, not retryable, if the index does not fit the embedder; for start-up and `doctor`."""
        stats = await self._call(self._index.describe_index_stats)
        if stats.dimension not in (None, self._dimension):
            message = f"Pinecone: the index has dimension {stats.dimension}, the embedder {self._dimension}"
            raise StoreError(message, retryable=False)
        if stats.metric not in (None, "cosine", "dotproduct"):
            raise StoreError(f"Pinecone: the index measures {stats.metric}; cosine or dotproduct is needed", retryable=False)

    async def close(self) -> None:
        """Close connections."""
        await self._index.close()

    async def _commit(self, lines: Sequence[IndexedDocument], generation: str) -> None:
        """Make a generation count whose passages are written, then remove what it replaces."""
        await self._upsert((document_record(line, generation, self._dimension) for line in lines), self._manifest)
        keys = [document_key(line.document.id) for line in lines]
        self._generations.update(dict.fromkeys(keys, generation))
        await asyncio.gather(*(self._remove_passages(key, keep=generation) for key in keys))

    async def _live(self, identifiers: Iterable[str]) -> set[str]:
        """Those of the given records whose generation counts. The manifest is read only for generations not known to count."""
        by_key = {identifier: split_id(identifier) for identifier in identifiers}
        unsure = sorted({key for key, generation in by_key.values() if self._generations.get(key) != generation})
        if unsure:
            lines = await self._fetch(unsure, self._manifest)
            self._generations.update({key: generation_of(lines[key].metadata) if key in lines else "" for key in unsure})
        known = self._generations
        return {identifier for identifier, (key, generation) in by_key.items() if generation and known[key] == generation}

    async def _remove_passages(self, key: str, keep: str = "") -> None:
        async with self._slots:
            ids = await self._ids(f"{key}#")
            await self._delete([identifier for identifier in ids if split_id(identifier)[1] != keep], self._passages)

    async def _upsert(self, records: Iterable[dict[str, Any]], namespace: str) -> None:
        for part in upserts(records):
            await self._call(partial(self._index.upsert, vectors=part, namespace=namespace), self._write_timeout)

    async def _delete(self, ids: Sequence[str], namespace: str) -> None:
        for start in range(0, len(ids), _DELETE):
            await self._call(partial(_delete, self._index, ids[start : start + _DELETE], namespace), self._write_timeout)

    async def _fetch(self, ids: Sequence[str], namespace: str) -> dict[str, Vector]:
        found: dict[str, Vector] = {}
        for start in range(0, len(ids), _PAGE):
            reply = await self._call(partial(self._index.fetch, ids=ids[start : start + _PAGE], namespace=namespace))
            found.update(reply.vectors)
        return found

    async def _ids(self, prefix: str) -> list[str]:
        """All ids of passages with a prefix."""
        ask = partial(self._index.list_paginated, prefix=prefix, namespace=self._passages, limit=_PAGE)
        return [item.id async for page in self._pages(ask) for item in page.vectors if item.id]

    async def _matching(self, where: dict[str, Any], namespace: str) -> dict[str, Vector]:
        found: dict[str, Vector] = {}
        ask = partial(self._index.fetch_by_metadata, filter=where, namespace=namespace, limit=_PAGE)
        async for page in self._pages(ask):
            found.update(page.vectors)
        return found

    async def _pages(self, ask: Callable[..., Awaitable[P]]) -> AsyncIterator[P]:
        token: str | None = None
        while True:
            page = await self._call(partial(ask, pagination_token=token))
            yield page
            token = page.pagination.next if page.pagination else None
            if not token:
                return

    async def _call(self, ask: Callable[[], Awaitable[T]], seconds: float | None = None) -> T:
        """One request. The asyncio timeout is what bounds it: the SDK's counts for each of its tries anew."""
        if not self.breaker.allows():
            raise StoreError("Pinecone failed repeatedly, not asked again yet", retry_after=1.0)
        try:
            async with asyncio.timeout(seconds or self._timeout):
                reply = await ask()
        except (PineconeError, httpx.HTTPError, TimeoutError) as error:
            raise self._failed(error) from error
        self.breaker.record(True)
        return reply

    def _failed(self, error: Exception) -> StoreError:
        """What a failure means. The service's own words stay out of the message: they may repeat what was sent."""
        status = f"HTTP {error.status_code}" if isinstance(error, ApiError) else type(error).__name__
        refused = isinstance(error, (PineconeValueError, PineconeTypeError))
        transient = not isinstance(error, ApiError) or isinstance(error, (RateLimitError, ServiceError))
        self.breaker.record(refused or (not transient and status not in ("HTTP 401", "HTTP 403")))
        wait = error.retry_after if isinstance(error, RateLimitError) else None
        return StoreError(f"Pinecone: {status}", retryable=transient and not refused, retry_after=wait)


def _candidates(parts: Iterable[Iterable[ScoredVector]]) -> dict[str, tuple[Passage, float]]:
    """Passages with their similarity, by record, each once."""
    return {match.id: (passage_of(match.metadata), float(match.score)) for part in parts for match in part}


def _words(passage: Passage) -> str:
    return f"{passage.context} {passage.text}"


async def _delete(index: AsyncIndex, ids: Sequence[str], namespace: str) -> None:
    """Deleting from a namespace that was never written to is answered 404: nothing to delete, then."""
    try:
        await index.delete(ids=ids, namespace=namespace)
    except NotFoundError:
        return
