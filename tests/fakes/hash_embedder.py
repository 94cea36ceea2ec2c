"""An embedder that takes no time: words hashed into a small vector, so that texts that share words are near."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from rag.analyse import terms
from rag.errors import EmbeddingError
from rag.ports import Vectors


class HashEmbedder:
    """Embedder for tests. Deterministic; counts what it embeds; `fail_after` lets it break down in the middle of a run."""

    def __init__(self, name: str = "hash", dimension: int = 32) -> None:
        self._name, self._dimension = name, dimension
        self.embedded: list[str] = []
        self.fail_after: int | None = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimension(self) -> int:
        return self._dimension

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if self.fail_after is not None and len(self.embedded) + len(texts) > self.fail_after:
            raise EmbeddingError("the embedder broke down")
        self.embedded += texts
        return np.array([self._vector(text) for text in texts], dtype=np.float32).reshape(-1, self._dimension)

    async def embed_query(self, text: str) -> Vectors:
        return self._vector(text)

    def _vector(self, text: str) -> Vectors:
        vector = np.full(self._dimension, 1e-3, dtype=np.float32)
        for term in terms(text):
            vector[crc32(term.encode()) % self._dimension] += 1
        unit: Vectors = vector / np.linalg.norm(vector)
        return unit
