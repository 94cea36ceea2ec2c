"""Reads files in a child from tests that are not asynchronous, as hypothesis wants them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rag.errors import DocumentError
from rag.ingest.parse.isolate import IsolatedParser
from rag.ports import Fetched, Item
from tests.unit.test_sync import Source


async def outcome(parser: IsolatedParser, name: str, data: bytes) -> str:
    """«read: » and how the first passage begins, or the reason why not, as `sync` would have it."""
    try:
        _, passages = await parser(Source(), Fetched(Item(name, name, "1"), data))
    except DocumentError as error:
        return str(error)
    return f"read: {passages[0].text[:60]}" if passages else "no text found"


class Reader:
    """One parser on an event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._parser = IsolatedParser()

    def read(self, name: str, data: bytes) -> str:
        """The outcome for one file."""
        return asyncio.run_coroutine_threadsafe(outcome(self._parser, name, data), self._loop).result()

    def close(self) -> None:
        """End child, loop and thread."""
        asyncio.run_coroutine_threadsafe(self._parser.close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@contextmanager
def reader() -> Iterator[Reader]:
    """A reader that is closed afterwards."""
    made = Reader()
    try:
        yield made
    finally:
        made.close()
