"""The index as it may be read now: what an audience was narrowed to counts at once, not with the next run over the source."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.models import Document, Hit, Passage, Scope
from rag.ports import Batch, IndexedDocument, PassageStore, Query


class CurrentAudiences:
    """A PassageStore around another. Reads are checked twice: by the labels in the index, then by those that hold now.

    `audience_of` tells who may read a document now; nobody (an empty set) if its source is no longer configured.
    """

    def __init__(self, store: PassageStore, audience_of: Callable[[Document], frozenset[str]]) -> None:
        self._store, self._audience_of = store, audience_of

    def over(self, store: PassageStore) -> CurrentAudiences:
        """The same check around another index."""
        return CurrentAudiences(store, self._audience_of)

    def use(self, store: PassageStore) -> None:
        """Stand for another index from now on."""
        self._store = store

    async def search(self, query: Query, scope: Scope) -> list[Hit]:
        hits = await self._store.search(query, scope)
        return [hit for hit in hits if self._audience_of(hit.passage.document) & scope.audiences]

    async def passage(self, passage_id: str, scope: Scope) -> list[Passage]:
        found = await self._store.passage(passage_id, scope)
        return [passage for passage in found if self._audience_of(passage.document) & scope.audiences]

    async def write(self, batches: Sequence[Batch]) -> None:
        await self._store.write(batches)

    async def delete(self, document_ids: Sequence[str]) -> None:
        await self._store.delete(document_ids)

    async def documents(self, source: str | None = None) -> list[IndexedDocument]:
        return await self._store.documents(source)

    async def optimize(self) -> None:
        await self._store.optimize()
