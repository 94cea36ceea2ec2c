"""What ingest makes of folders, and how fast: `python -m bench.ingest [--embed] PATH ...`.

Prints for each path its documents, passages, failures with reasons, and seconds; with --embed also the embedder's rate.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from config.company import SourceConfig
from rag.connectors.folder import FolderConnector
from rag.embed.embedded import EmbeddedEmbedder
from rag.embed.use import SentenceEncoder
from rag.errors import DocumentError
from rag.ingest.build import build
from rag.ingest.parse.formats import parse
from rag.ingest.parse.isolate import IsolatedParser
from rag.ingest.sync import sync
from rag.models import Passage
from rag.stores.lance import LanceStore


async def read(path: Path) -> None:
    """Parse and split only."""
    source = SourceConfig(name="bench")
    connector = FolderConnector(path)
    passages: list[Passage] = []
    failures, documents, started = [], 0, time.monotonic()
    async for item in connector.items():
        try:
            fetched = await connector.fetch(item)
            passages += build(source, fetched, parse(fetched))[1]
            documents += 1
        except DocumentError as error:
            failures.append((item.name, str(error)))
    lengths = [len(passage.text) for passage in passages] or [0]
    print(
        f"{path}: {documents} documents, {len(passages)} passages, {len(failures)} failures, {time.monotonic() - started:.2f} s; "
        f"characters a passage: {min(lengths)} least, {statistics.median(lengths):.0f} median, {max(lengths)} most"
    )
    for name, reason in failures:
        print(f"    {name}: {reason}")


async def embed(path: Path) -> None:
    """The whole run, twice: the second costs what an unchanged source costs."""
    embedder = EmbeddedEmbedder(SentenceEncoder())
    with tempfile.TemporaryDirectory() as folder:
        store = LanceStore(Path(folder), embedder.dimension, embedder.name)
        for run in ("first", "second"):
            async with IsolatedParser() as isolated:
                report = await sync(SourceConfig(name="bench"), FolderConnector(path), isolated, embedder, store)
            rate = f"{report.passages / report.seconds:.1f} a second"
            print(f"    {run} run: {report.passages} passages in {report.seconds:.1f} s, {rate}; {report.unchanged} unchanged")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--embed", action="store_true")
    arguments = parser.parse_args()
    for path in arguments.paths:
        asyncio.run(read(path))
        if arguments.embed:
            asyncio.run(embed(path))


if __name__ == "__main__":
    main()
