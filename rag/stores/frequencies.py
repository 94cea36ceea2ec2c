"""How many passages of the index hold each term, counted on a sample: what a full match of a question's words would score."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from typing import Any

from rag.bm25 import holders
from rag.stores.lance_indexes import indexed

_SAMPLE = 20_000
"""Passages that are counted at most; of a larger index, this many by chance."""
_KEPT_SECONDS = 60.0
_GROWN = 0.05
"""The counts are made again when the index has grown or shrunk by this share."""


class Frequencies:
    """The counts of one table with a column `terms`, kept while the table is about as large as it was.

    indexed  for how many passages the index of its vectors was made, when that was looked at last
    """

    def __init__(self) -> None:
        self._counts: tuple[Counter[str], int] = (Counter(), 0)
        self._rows, self._until = -1, 0.0
        self.indexed = 0
        self._lock = asyncio.Lock()

    async def get(self, table: Any) -> tuple[Counter[str], int]:
        """(passages that hold a term, by term; passages counted), for rag.bm25.ceiling."""
        async with self._lock:
            if time.monotonic() >= self._until:
                rows = await table.count_rows()
                if abs(rows - self._rows) > _GROWN * max(self._rows, 0):
                    self._counts, self._rows = await self._count(table, rows), rows
                self.indexed = await indexed(table)
                self._until = time.monotonic() + _KEPT_SECONDS if rows >= _SAMPLE else 0.0
            return self._counts

    async def _count(self, table: Any, rows: int) -> tuple[Counter[str], int]:
        chosen = sorted(random.Random(rows).sample(range(rows), _SAMPLE)) if rows > _SAMPLE else range(rows)  # noqa: S311  # a sample, no secret
        found = await table.take_offsets(list(chosen)).select(["terms"]).to_arrow()
        texts = [text.split() for text in found["terms"].to_pylist()]
        return await asyncio.to_thread(holders, texts), len(texts)
