"""Parses in a child process with limits: a hostile file costs one child and ends as a DocumentError, never the adviser.

The child (rag.ingest.parse.child) starts with the first file and reads one after the other. A request is a JSON header and the
file; the answer is what the document says of itself, its passages in portions, and an end with the reason if it cannot be read.
Each message is its length in four bytes and JSON: nothing that could run code on this side.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import TracebackType
from typing import Any

from rag.errors import DependencyError, DocumentError
from rag.ingest.build import Source, blank, content_hash
from rag.ingest.parse import confine
from rag.ingest.parse.formats import seconds_for_ocr
from rag.models import Document, Locator, Passage
from rag.ports import Fetched

log = logging.getLogger(__name__)
SECONDS = 20.0
"""For one file, on the clock. The child stops its clock while OCR runs, which has its own; the parent's allows for both."""
_START_SECONDS, _REAP_SECONDS = 60.0, 5.0
_MOST_ANSWERED = 100_000_000
"""Bytes of an answer. The child keeps to fewer; this holds if what answers is no longer our own code."""
_CHUNK = 1_000_000
_BROKEN = (asyncio.IncompleteReadError, ConnectionError, ValueError, TypeError, KeyError)
"""What a child that died, or answers nonsense, gives."""


class IsolatedParser:
    """Reads files in a child process; an async context manager, which ends it. Calls wait for one another.

    `passwords` of a source, by its name, are tried on its encrypted files. `notes`, by source and uri, say of each document that
    was read what of it could not be.
    Where there is no `resource` module (Windows) only the time is limited.
    """

    def __init__(self, passwords: Mapping[str, Sequence[str]] | None = None, *, seconds: float = SECONDS) -> None:
        self._passwords, self._seconds = dict(passwords or {}), seconds
        self.notes: defaultdict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
        self._child: Process | None = None
        self._one_at_a_time = asyncio.Lock()

    async def __aenter__(self) -> IsolatedParser:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        """End the child; another file would start the next one."""
        async with self._one_at_a_time:
            await self._end()

    async def __call__(self, source: Source, fetched: Fetched) -> tuple[Document, list[Passage]]:
        """The document with its passages; DocumentError with the reason if it cannot be read within the limits."""
        async with self._one_at_a_time:
            usable = False
            try:
                child = await self._running()
                async with asyncio.timeout(self._seconds + seconds_for_ocr(fetched)):
                    answer = await self._exchange(child, source, fetched)
                usable = not answer.last
            except TimeoutError:
                raise DocumentError(_too_long(self._seconds)) from None
            except _BROKEN:
                raise DocumentError(await _why(child, self._seconds)) from None
            finally:
                if not usable:  # also if cancelled: the rest of this answer must not be taken for the next one
                    await self._end()
        if answer.error:
            raise DocumentError(answer.error)
        self.notes[source.name][fetched.item.uri] = answer.notes
        for note in answer.notes:
            log.info("%s: %s", fetched.item.uri, note)
        return answer.document, answer.passages

    async def _running(self) -> Process:
        """The child, started if there is none; DependencyError if it does not come up."""
        if self._child is None:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable, "-B", "-m", "rag.ingest.parse.child",
                stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=confine.environment(), cwd=confine.ROOT, start_new_session=True,
            )  # fmt: skip
            try:
                async with asyncio.timeout(_START_SECONDS):
                    await _receive(self._child)
            except (TimeoutError, *_BROKEN) as error:  # no document's fault
                raise DependencyError("the process that parses does not start") from error
        return self._child

    async def _exchange(self, child: Process, source: Source, fetched: Fetched) -> _Answer:
        """Send a file and gather the answer, piece by piece: the loop stays free for whoever asks meanwhile."""
        passwords = list(self._passwords.get(source.name, ()))
        await _send(child, source, fetched, {"passwords": passwords, "seconds": self._seconds})
        answer = _Answer(replace(blank(source, fetched.item), content_hash=await asyncio.to_thread(content_hash, fetched.data)))
        size = 0
        while size < _MOST_ANSWERED:
            message, length = await _receive(child)
            size += length
            if answer.add(message):
                return answer
            await asyncio.sleep(0)  # what has come already is read without a pause else
        raise ValueError("an answer without end")

    async def _end(self) -> None:
        """Kill the child with whatever it started, and wait for it."""
        child, self._child = self._child, None
        if child is None:
            return
        if child.stdin is not None:
            child.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            if sys.platform == "win32":
                child.kill()
            else:
                os.killpg(child.pid, signal.SIGKILL)
        await child.wait()


@dataclass(slots=True)
class _Answer:
    """What has come of an answer. Identity and labels of the document are the parent's."""

    document: Document
    passages: list[Passage] = field(default_factory=list)
    error: str = ""
    notes: tuple[str, ...] = ()
    last: bool = True
    _begun: bool = False

    def add(self, message: Any) -> bool:
        """Take the next message; whether it was the last. ValueError, TypeError or KeyError if it is none."""
        if isinstance(message, dict):
            self.error, self.notes, self.last = str(message["error"]), tuple(message["notes"]), bool(message["last"])
            return True
        if self._begun:
            self.passages += [self._passage(*fields) for fields in message]
            return False
        title, when, language, licence = message
        date_ = date.fromisoformat(when) if when else None
        self.document = replace(self.document, title=title, date=date_, language=language, licence=licence)
        self._begun = True
        return False

    def _passage(self, id_: str, text: str, place: list[Any], language: str, position: int) -> Passage:
        page, headings, article, sheet, rows = place
        locator = Locator(page, tuple(headings), article, sheet, (rows[0], rows[1]) if rows else None)
        return Passage(id_, self.document, text, locator, language, position)


async def _send(child: Process, source: Source, fetched: Fetched, how: Mapping[str, object]) -> None:
    assert child.stdin is not None  # noqa: S101 - a pipe was asked for
    item = fetched.item
    about = {"uri": item.uri, "name": item.name, "media_type": fetched.media_type, **how}
    of = {"name": source.name, "licence": source.licence}
    header = json.dumps(about | {"source": of, "size": len(fetched.data)}).encode()
    child.stdin.write(len(header).to_bytes(4, "big") + header)
    for start in range(0, len(fetched.data), _CHUNK):  # a write of all at once would copy the file
        child.stdin.write(fetched.data[start : start + _CHUNK])
        await child.stdin.drain()


async def _receive(child: Process) -> tuple[Any, int]:
    """The next message with its size."""
    assert child.stdout is not None  # noqa: S101 - a pipe was asked for
    size = int.from_bytes(await child.stdout.readexactly(4), "big")
    if size > _MOST_ANSWERED:
        raise ValueError("an answer without end")
    return json.loads(await child.stdout.readexactly(size)), size


def _too_long(seconds: float) -> str:
    return f"took longer than {seconds:g} s: split the file or save it anew"


async def _why(child: Process, seconds: float) -> str:
    """Why a child does not answer. One that has died is given time to be reaped; its code is minus the signal's number."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_REAP_SECONDS):
            await child.wait()
    code = child.returncode or 0
    name = signal.Signals(-code).name if code < 0 else ""
    if name == "SIGALRM":
        return _too_long(seconds)
    if name == "SIGXCPU":
        return "took too much computing time: split the file or save it anew"
    return f"the parser crashed{name and f' ({name})'}: a broken or hostile file, or one that needs more than 256 MB of memory"
