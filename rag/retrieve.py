"""Finds passages for a standalone question: embed, search within the scope, weigh how strong the evidence is."""

from __future__ import annotations

from dataclasses import dataclass

from rag.ground import Strength, strength
from rag.models import Hit, Scope
from rag.ports import Embedder, PassageStore, Query

_LIMIT = 60
"""Hits asked for: the first few are evidence, the rest tells how rare the question's words are."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The hits of a question, best first, and how strong they are as evidence."""

    hits: tuple[Hit, ...]
    strength: Strength


class Retriever:
    """Hybrid search over a PassageStore. Raises EmbeddingError or StoreError."""

    def __init__(self, embedder: Embedder, store: PassageStore) -> None:
        self._embedder = embedder
        self._store = store

    async def retrieve(self, question: str, language: str, scope: Scope) -> Retrieved:
        """The passages that the scope may see, best first."""
        vector = await self._embedder.embed_query(question)
        hits = await self._store.search(Query(question, language, vector, _LIMIT), scope)
        background = await self._store.background()
        return Retrieved(tuple(hits), strength(question, language, vector, hits, background))
