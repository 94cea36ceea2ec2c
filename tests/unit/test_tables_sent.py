"""Tables that are sent and cannot be calculated with: the reason is told in time, and their first rows can be asked about."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
from redis.asyncio import Redis

from bot.messages import SentFile
from bot.shelf import Shelf, dropped_by, fetched_file
from config.company import SourceConfig
from rag.ingest.build import build
from rag.ingest.parse.formats import parse
from rag.ingest.sync import Parse
from rag.models import Document, Passage
from rag.ports import Batch, Embedder, Fetched, PassageStore, Vectors
from tests.answer_fixtures import said
from tests.desk_world import DeskWorld


class Held:
    """An embedder and an index that count what they are given."""

    dimension, name = 2, "none"

    def __init__(self) -> None:
        self.passages = 0

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """No time at all."""
        return np.zeros((len(texts), 2), np.float32)

    async def write(self, batches: Sequence[Batch]) -> None:
        """Keeps the number of passages."""
        self.passages = sum(len(one.passages) for one in batches)


@asynccontextmanager
async def here() -> AsyncIterator[Parse]:
    """A parser in this process."""

    async def parsed(source: SourceConfig, fetched: Fetched) -> tuple[Document, list[Passage]]:
        return build(source, fetched, parse(fetched, ()))

    yield cast(Parse, parsed)


async def test_a_long_table_is_indexed_as_far_as_time_allows() -> None:
    """Its beginning at least; with time enough, and of any other document, all of it."""
    held = Held()
    shelf = Shelf(cast(Redis, None), cast(PassageStore, held), cast(Embedder, held), here)
    data = "\n".join(["Fecha;Consumo (kWh)", *(f"01/01/2025;1.{200 + n % 700}" for n in range(2000))]).encode()
    for seconds, whole in ((0.0, False), (60.0, True), (None, True)):
        async with shelf.several() as put:
            written = await put(dropped_by("c", "p", "m"), fetched_file("x", "horas.csv", data, "text/csv"), seconds)
        assert (written.whole, held.passages) == (whole, len(written.passages))
        assert whole == (held.passages > 2)


async def test_a_reason_outlives_a_table_that_cannot_be_indexed(redis: Redis, tmp_path: Path) -> None:
    """It is told, whatever becomes of the document."""
    world = DeskWorld(redis, home=tmp_path)
    world.channel.files["vacia.csv"] = b"\x00\x01\x02"
    reply = await world.ask(replace(said("", direct=True), files=(SentFile("vacia.csv", 10, "", "x"),)))
    assert "No calculo con «vacia.csv»" in reply.text
