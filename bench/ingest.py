"""What ingest makes of folders, and how fast: `python -m bench.ingest PATH ...`.

For each path its documents, passages and failures with reasons; then passages a second of each stage alone and of the whole run,
against a plain loop (read, embed and write one document after the other); the share of the run in which the embedder waited; and
how many passages were embedded twice by a run that was cut off halfway, the one that went on, and one more over the same.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bench.common import table
from config.company import SourceConfig
from rag.connectors.folder import FolderConnector
from rag.embed.embedded import EmbeddedEmbedder
from rag.embed.use import SentenceEncoder
from rag.errors import DocumentError
from rag.ingest.build import build
from rag.ingest.journal import journaled
from rag.ingest.parse.formats import parse
from rag.ingest.parse.isolate import IsolatedParser
from rag.ingest.report import Report
from rag.ingest.sync import passage_text, sync
from rag.models import Passage
from rag.ports import Batch, Vectors
from rag.stores.lance import LanceStore

SOURCE = SourceConfig(name="bench")


class Watched(EmbeddedEmbedder):
    """The embedder, with what it was given and when it worked; `most` calls, then the run is cut off."""

    def __init__(self, most: int = 0) -> None:
        super().__init__(SentenceEncoder())
        self.given: Counter[str] = Counter()
        self.busy, self.first, self.last = 0.0, 0.0, 0.0
        self._most, self._calls = most, 0

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """As the embedder does."""
        self._calls += 1
        if self._most and self._calls > self._most:
            raise asyncio.CancelledError
        started = time.monotonic()
        self.first = self.first or started
        found = await super().embed_passages(texts)
        self.last = time.monotonic()
        self.busy += self.last - started
        self.given.update(texts)
        return found


async def read(path: Path) -> list[tuple[str, list[Passage]]]:
    """Parse and split only; the passages of each document."""
    connector = FolderConnector(path)
    documents: list[tuple[str, list[Passage]]] = []
    failures, started = [], time.monotonic()
    async for item in connector.items():
        try:
            fetched = await connector.fetch(item)
            documents.append((item.uri, build(SOURCE, fetched, parse(fetched))[1]))
        except DocumentError as error:
            failures.append((item.name, str(error)))
    lengths = [len(passage.text) for _, passages in documents for passage in passages] or [0]
    seconds = time.monotonic() - started
    print(
        f"{path}: {len(documents)} documents, {len(lengths)} passages, {len(failures)} failures, {seconds:.2f} s; characters"
        f" a passage: {min(lengths)} least, {statistics.median(lengths):.0f} median, {max(lengths)} most"
    )
    for name, reason in failures:
        print(f"    {name}: {reason}")
    return documents


async def plain(path: Path) -> tuple[float, list[tuple[str, float]], int]:
    """One document after the other, in this process: seconds in all and of each stage, passages."""
    embedder, connector, seconds, count = EmbeddedEmbedder(SentenceEncoder()), FolderConnector(path), dict[str, float](), 0
    with tempfile.TemporaryDirectory() as folder:
        store = LanceStore(Path(folder), embedder.dimension, embedder.name)
        await store.documents()
        await embedder.embed_passages(["warm"])
        started = time.monotonic()
        async for item in connector.items():
            times = [time.monotonic()]
            try:
                fetched = await connector.fetch(item)
                document, passages = build(SOURCE, fetched, parse(fetched))
            except DocumentError:
                continue
            times.append(time.monotonic())
            vectors = await embedder.embed_passages([passage_text(one) for one in passages])
            times.append(time.monotonic())
            await store.write([Batch(document, "1", tuple(passages), vectors)])
            times.append(time.monotonic())
            count += len(passages)
            for stage, first, last in zip(("parse and split", "embed", "write"), times, times[1:], strict=False):
                seconds[stage] = seconds.get(stage, 0.0) + last - first
        return time.monotonic() - started, list(seconds.items()), count


async def run(path: Path, folder: str, embedder: Watched) -> Report | None:
    """The product's run, parsers in a child process; None if it was cut off."""
    store = LanceStore(Path(folder), embedder.dimension, embedder.name)
    async with IsolatedParser() as isolated:
        try:
            async with journaled(embedder, Path(folder) / "journal") as kept:
                return await sync(SOURCE, FolderConnector(path), isolated, kept, store)
        except asyncio.CancelledError:
            return None


async def measure(path: Path) -> None:
    """The tables of a path."""
    await read(path)
    whole, stages, count = await plain(path)
    watched = Watched()
    with tempfile.TemporaryDirectory() as folder:
        report = await run(path, folder, watched)
    assert report is not None, "nothing cuts it off"
    rows = [(stage, f"{count / seconds:.0f}", f"{seconds:.1f}") for stage, seconds in stages]
    rows += [("plain loop", f"{count / whole:.0f}", f"{whole:.1f}")]
    rows += [("ingest, with its child process and tidying", f"{report.passages / report.seconds:.0f}", f"{report.seconds:.1f}")]
    print(table(("stage", "passages a second", "seconds"), rows))
    span = watched.last - watched.first
    print(f"the embedder waited {1 - watched.busy / span:.1%} of the time between its first and its last passage")
    calls = sum(watched.given.values()) // 32 // 2
    with tempfile.TemporaryDirectory() as folder:
        cut, rest = Watched(most=max(1, calls)), Watched()
        await run(path, folder, cut)
        await run(path, folder, rest)
        goes_on = Counter(rest.given)
        await run(path, folder, rest)
    twice = cut.given + goes_on - watched.given
    print(
        f"cut off after {cut.given.total()} of {watched.given.total()} passages: {twice.total()} embedded twice;"
        f" once more over the same: {(rest.given - goes_on).total()} embedded"
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    for path in parser.parse_args().paths:
        asyncio.run(measure(path))


if __name__ == "__main__":
    main()
