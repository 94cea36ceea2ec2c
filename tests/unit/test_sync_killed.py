"""A run that is killed outright: the next one asks the embedder only for what it never answered."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.connectors.folder import FolderConnector
from rag.errors import EmbeddingError, StoreError
from rag.ingest.build import Source as Labels
from rag.ingest.build import build
from rag.ingest.journal import journaled
from rag.ingest.parse.formats import parse
from rag.ingest.sync import sync
from rag.models import Document, Passage
from rag.ports import Fetched, Vectors
from rag.stores.lance import LanceStore
from tests.fakes.hash_embedder import HashEmbedder
from tests.unit.test_sync import Source

STALL_AT = 3
"""The batch that the embedder never answers while the run is killed."""


class Noting(HashEmbedder):
    """Writes down each text that it is sent, before it answers; says so and stalls at the third batch if it is told to."""

    def __init__(self, sent: Path, *, stalls: bool) -> None:
        super().__init__()
        self.sent, self.stalls, self.calls = sent, stalls, 0

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.calls += 1
        with self.sent.open("a", encoding="utf-8") as file:
            file.writelines(f"{text!r}\n" for text in texts)
        if self.stalls and self.calls == STALL_AT:
            sys.stdout.write("stalled\n")
            sys.stdout.flush()
            await asyncio.Event().wait()
        return await super().embed_passages(texts)


async def read(source: Labels, fetched: Fetched) -> tuple[Document, list[Passage]]:
    """Parser of the run, in its own process."""
    return build(source, fetched, parse(fetched))


async def run(home: Path, *, stalls: bool) -> int:
    """The run as the product makes it; how many documents it added."""
    embedder = Noting(home / f"sent-{stalls}", stalls=stalls)
    store = LanceStore(home / "index", embedder.dimension, embedder.name)
    async with journaled(embedder, home / "state" / "journal") as kept:
        report = await sync(Source(), FolderConnector(home / "documents"), read, kept, store)
    return report.added


def sent(home: Path, *, stalls: bool) -> list[str]:
    """The texts that the embedder was sent by one of the runs."""
    return (home / f"sent-{stalls}").read_text("utf-8").splitlines()


async def test_a_killed_run_embeds_nothing_twice(tmp_path: Path) -> None:
    """SIGKILL in the third batch, within a document: the next run sends that batch again, for no answer came, and no other."""
    (tmp_path / "documents").mkdir()
    for name in "ab":
        text = "\n\n".join(f"# Sección {name}{n}\n\nLa bomba {name}{n} eleva agua al depósito alto." for n in range(70))
        (tmp_path / "documents" / f"{name}.md").write_text(text, "utf-8")
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.unit.test_sync_killed",
        str(tmp_path),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout is not None
    assert await child.stdout.readline() == b"stalled\n"
    child.send_signal(signal.SIGKILL)
    assert await child.wait() == -signal.SIGKILL
    before = sent(tmp_path, stalls=True)
    assert len(before) == STALL_AT * 32
    assert await run(tmp_path, stalls=False) == 2
    after = sent(tmp_path, stalls=False)
    in_flight = before[-32:]
    assert after[:32] == in_flight
    assert Counter(before[:-32] + after) == Counter(set(before + after)), "each once"
    assert len(before[:-32] + after) == 140


async def test_a_run_that_ends_well_empties_the_journal_and_one_that_does_not_keeps_it(tmp_path: Path) -> None:
    """What is kept serves the same text of the same embedder alone; alike texts are sent once; vectors come in their order."""
    embedder, other = HashEmbedder(), HashEmbedder(name="other")
    embedder.fail_after = 2

    async def breaks_down() -> None:
        async with journaled(embedder, tmp_path / "j") as kept:
            await kept.embed_passages(["uno", "dos", "uno"])
            await kept.embed_passages(["tres"])

    with pytest.raises(EmbeddingError):
        await breaks_down()
    embedder.fail_after = None
    async with journaled(embedder, tmp_path / "j") as kept:
        assert (kept.name, kept.dimension) == ("hash", 32)
        found = await kept.embed_passages(["tres", "dos"])
        assert embedder.embedded == ["uno", "dos", "tres"]
        assert np.array_equal(found, [await kept.embed_query("tres"), await kept.embed_query("dos")])
        async with journaled(other, tmp_path / "j") as others:
            await others.embed_passages(["dos"])
    assert other.embedded == ["dos"]
    async with journaled(embedder, tmp_path / "j") as kept:
        await kept.embed_passages(["dos"])
    assert embedder.embedded == ["uno", "dos", "tres", "dos"], "emptied by the run before"


async def test_a_journal_that_is_no_journal_is_named(tmp_path: Path) -> None:
    """The file's name is in the words, so that it can be removed."""
    (tmp_path / "j").write_bytes(b"not a journal" * 100)
    with pytest.raises(StoreError, match=r"journal of what is embedded, .*/j: file is not a database"):
        async with journaled(HashEmbedder(), tmp_path / "j"):
            pass


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), stalls=True))
