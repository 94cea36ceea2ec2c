"""What a run has had embedded, kept on this machine until the run ends well: one that was cut off embeds nothing again.

So are the vectors of what a run removes: a file that was moved or renamed comes again, in the same run or after it was cut off.
A document enters the index whole or not at all, so a run that is killed leaves vectors of documents that were not whole yet. The
journal keeps each batch's as soon as it is there, by hash: no text of a document lies in it. It serves an index in a bucket or at
Pinecone as well, but only the machine that ingests has it; another embeds those few documents again.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import numpy as np

from rag.errors import StoreError
from rag.ports import Embedder, Vectors

_WAIT_SECONDS = 20
"""For another process that writes into the same journal."""

T = TypeVar("T")


@asynccontextmanager
async def journaled(embedder: Embedder, path: Path) -> AsyncIterator[Embedder]:
    """The embedder, asked only for what the journal at `path` does not hold; emptied when the block ends without an exception.

    StoreError if the journal cannot be used.
    """
    journal = _Journal(path)
    await journal.do(journal.open)
    try:
        yield _Journaled(embedder, journal)
        await journal.do(journal.empty)
    finally:
        await journal.do(journal.close)


class _Journal:
    """The file. Its methods block, and wait for each other: who was cut off may still be writing while it is closed."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        self._kept: sqlite3.Connection  # once it is open

    async def do(self, work: Callable[[], T]) -> T:
        """What `work` gives; StoreError that names the file if the disk is full, say, or the file is broken."""

        def alone() -> T:
            with self._lock:
                return work()

        try:
            return await asyncio.to_thread(alone)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"the journal of what is embedded, {self._path}: {error}", retryable=False) from error

    def open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._kept = sqlite3.connect(self._path, timeout=_WAIT_SECONDS, check_same_thread=False)
        try:
            self._kept.execute("PRAGMA auto_vacuum = FULL")  # emptied, the file is small again
            self._kept.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL)")
        except sqlite3.Error:
            self._kept.close()
            raise

    def read(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        rows = (self._kept.execute("SELECT key, vector FROM vectors WHERE key = ?", (key,)).fetchone() for key in keys)
        return {row[0]: np.frombuffer(row[1], dtype=np.float32) for row in rows if row}

    def write(self, vectors: Mapping[bytes, Vectors]) -> None:
        rows = [(key, vector.astype(np.float32).tobytes()) for key, vector in vectors.items()]
        with self._kept as kept:
            kept.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

    def empty(self) -> None:
        with self._kept as kept:
            kept.execute("DELETE FROM vectors")

    def close(self) -> None:
        self._kept.close()


class _Journaled:
    """An Embedder that remembers."""

    def __init__(self, embedder: Embedder, journal: _Journal) -> None:
        self._embedder, self._journal = embedder, journal

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def dimension(self) -> int:
        return self._embedder.dimension

    async def embed_query(self, text: str) -> Vectors:
        """As the embedder does; questions are not kept."""
        return await self._embedder.embed_query(text)

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Each text's vector, from the journal or else from the embedder, once for those that are alike."""
        keys = [self._key(text) for text in texts]
        found = await self._journal.do(lambda: self._journal.read(keys))
        fresh = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if fresh:
            made = dict(zip(fresh, await self._embedder.embed_passages(list(fresh.values())), strict=True))
            await self._journal.do(lambda: self._journal.write(made))
            found.update(made)
        return np.array([found[key] for key in keys], dtype=np.float32).reshape(-1, self.dimension)

    async def keep(self, texts: Sequence[str], vectors: Vectors) -> None:
        """What was embedded in an earlier run and is about to leave the index."""
        kept = dict(zip(map(self._key, texts), vectors, strict=True))
        await self._journal.do(lambda: self._journal.write(kept))

    def _key(self, text: str) -> bytes:
        """Of text and embedder: vectors of two are never mixed."""
        return hashlib.sha256(f"{self.name}\0{text}".encode("utf-8", "surrogatepass")).digest()
