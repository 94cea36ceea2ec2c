"""The embedder of a company: OpenAI's embeddings, or any compatible server's, in requests that fit its limits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence

import numpy as np
import openai

from rag.breaker import Breaker
from rag.embed.tokens import tokens
from rag.errors import EmbeddingError
from rag.llm.openai_errors import FAILURES, failure
from rag.ports import Vectors

_DIMENSIONS = {"text-embedding-3-large": 3072, "text-embedding-3-small": 1536, "text-embedding-ada-002": 1536}
_MAX_INPUTS = 2048
_MAX_REQUEST_TOKENS = 200_000
"""By our estimate (rag.embed.tokens), so that the 300 000 of the limit are never reached."""
_MAX_INPUT_TOKENS = 5_500
"""By our estimate, of 8191; what is longer loses its end (passages and questions are far shorter)."""
_SURELY_FITS = 8_191
"""A token has at least one byte, so a text of no more bytes needs no estimate."""
_PAUSE = 0.5


class OpenAIEmbedder:
    """Embedder over an OpenAI-compatible server. `dimension` may shorten a text-embedding-3 model's vectors, and must be
    given for a model that is not OpenAI's own. A question waits `query_timeout` seconds at most, a request of passages
    `timeout`; both include one retry after 429, 5xx or a lost connection, if the server's Retry-After fits in.
    """

    def __init__(
        self,
        api_key: str,
        model: str,
        base_url: str = "https://api.openai.com/v1",
        *,
        dimension: int | None = None,
        timeout: float = 60.0,
        query_timeout: float = 6.0,
        connect_timeout: float = 3.0,
        breaker: Breaker | None = None,
    ) -> None:
        size = dimension or _DIMENSIONS.get(model)
        if size is None:
            raise ValueError(f"the dimension of {model!r} is not known: give it")
        self._model = model
        self._dimension = size
        self._timeout = timeout
        self._query_timeout = query_timeout
        self._shorten = size if model.startswith("text-embedding-3") else openai.omit
        self.breaker = breaker or Breaker()
        limits = openai.Timeout(timeout, connect=connect_timeout)
        self._client = openai.AsyncOpenAI(api_key=api_key, base_url=base_url, timeout=limits, max_retries=0)

    @property
    def name(self) -> str:
        return f"{self._model}@{self._dimension}"

    @property
    def dimension(self) -> int:
        return self._dimension

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        parts = [await self._request(batch, self._timeout) for batch in batches(texts)]
        return np.concatenate(parts) if parts else np.zeros((0, self._dimension), dtype=np.float32)

    async def embed_query(self, text: str) -> Vectors:
        vectors = await self._request([acceptable(text)], self._query_timeout)
        first: Vectors = vectors[0]
        return first

    async def close(self) -> None:
        """Close connections."""
        await self._client.close()

    async def _request(self, texts: list[str], seconds: float) -> Vectors:
        deadline = time.monotonic() + seconds
        try:
            return await self._once(texts, deadline)
        except EmbeddingError as error:
            pause = _PAUSE if error.retry_after is None else error.retry_after
            if not error.retryable or time.monotonic() + pause >= deadline:
                raise
        await asyncio.sleep(pause)
        return await self._once(texts, deadline)

    async def _once(self, texts: list[str], deadline: float) -> Vectors:
        if not self.breaker.allows():
            raise EmbeddingError("embeddings: they failed repeatedly, not asked again yet", retryable=False)
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                reply = await self._client.embeddings.create(model=self._model, input=texts, dimensions=self._shorten)
            vectors = self._unit([item.embedding for item in sorted(reply.data, key=lambda item: item.index)], len(texts))
        except FAILURES as error:
            found = failure(error)
            self.breaker.record(found.healthy)
            message = f"embeddings: {found.message}"
            raise EmbeddingError(message, retryable=found.retryable, retry_after=found.retry_after) from error
        self.breaker.record(True)
        return vectors

    def _unit(self, rows: list[list[float]], count: int) -> Vectors:
        """Unit length also for servers that do not normalise; ValueError for anything that would poison an index."""
        vectors = np.array(rows, dtype=np.float32)
        if vectors.shape != (count, self._dimension):
            raise ValueError(f"expected {count} vectors of {self._dimension}")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not (np.isfinite(lengths).all() and (lengths > 0).all()):
            raise ValueError("vectors without a direction")
        unit: Vectors = (vectors / lengths).astype(np.float32)
        return unit


def batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """The texts in order, in lists that one request may hold."""
    batch: list[str] = []
    size = 0
    for text in map(acceptable, texts):
        cost = tokens(text)
        if batch and (len(batch) == _MAX_INPUTS or size + cost > _MAX_REQUEST_TOKENS):
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += cost
    if batch:
        yield batch


def acceptable(text: str) -> str:
    """The text as the service takes it: encodable, not empty, not too long."""
    text = text.encode("utf-8", "replace").decode()
    while len(text.encode()) > _SURELY_FITS and (count := tokens(text)) > _MAX_INPUT_TOKENS:
        text = text[: min(len(text) - 1, len(text) * _MAX_INPUT_TOKENS // count)]
    return text or " "
