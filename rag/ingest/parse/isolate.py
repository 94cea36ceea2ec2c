"""Parses in a child process with limits: a hostile file costs one child and ends as a DocumentError, never the adviser.

The child (rag.ingest.parse.child) starts with the first file and reads one after the other. A request is a JSON header and the
file; the answer is lists of blocks, then an object with the rest or with the reason why not. Each message is its length in four
bytes and JSON: nothing that could run code on this side.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any

from rag.errors import DocumentError
from rag.models import Locator
from rag.ports import Block, Fetched, Parsed

SECONDS = 20.0
"""For one file, on the clock."""
_START_SECONDS = 60.0
_MOST_ANSWERED = 100_000_000
"""Bytes of an answer. The child keeps to fewer; this holds if what answers is no longer our own code."""
_CHUNK = 1_000_000
_ROOT = Path(__file__).resolve().parents[3]
_BROKEN = (asyncio.IncompleteReadError, ConnectionError, ValueError, TypeError, KeyError)
"""What a child that died, or answers nonsense, gives."""


class IsolatedParser:
    """Reads files in a child process; an async context manager, which ends it. Calls wait for one another.

    `passwords` are tried on encrypted files. Where there is no `resource` module (Windows) only the time is limited.
    """

    def __init__(self, passwords: Sequence[str] = (), *, seconds: float = SECONDS) -> None:
        self._passwords, self._seconds = tuple(passwords), seconds
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

    async def __call__(self, fetched: Fetched) -> Parsed:
        """What the file says; DocumentError with the reason if it cannot be read within the limits."""
        async with self._one_at_a_time:
            usable = False
            try:
                child = await self._running()
                async with asyncio.timeout(self._seconds):
                    blocks, rest = await self._exchange(child, fetched)
                usable = not rest["last"]
                return _parsed(blocks, rest)
            except TimeoutError:
                raise DocumentError(f"took longer than {self._seconds:g} s: split the file or save it anew") from None
            except _BROKEN:
                raise DocumentError(_end_reason(await self._end())) from None
            finally:
                if not usable:  # also if cancelled: the rest of this answer must not be taken for the next one
                    await self._end()

    async def _running(self) -> Process:
        """The child, started if there is none."""
        if self._child is None:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable, "-B", "-m", "rag.ingest.parse.child",
                stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=_environment(), cwd=_ROOT, start_new_session=True,
            )  # fmt: skip
            async with asyncio.timeout(_START_SECONDS):
                await _receive(self._child)
        return self._child

    async def _exchange(self, child: Process, fetched: Fetched) -> tuple[list[Block], dict[str, Any]]:
        """Send a file and gather the answer, piece by piece: the loop stays free for whoever asks meanwhile."""
        await _send(child, fetched, self._passwords)
        blocks: list[Block] = []
        answered = 0
        while answered < _MOST_ANSWERED:
            message, size = await _receive(child)
            answered += size
            if isinstance(message, dict):
                return blocks, message
            blocks += [_block(*fields) for fields in message]
            await asyncio.sleep(0)  # what has come already is read without a pause else
        raise ValueError("an answer without end")

    async def _end(self) -> int:
        """Kill the child with whatever it started, and wait for it: its exit code, 0 if there was none."""
        child, self._child = self._child, None
        if child is None:
            return 0
        if child.stdin is not None:
            child.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            if sys.platform == "win32":
                child.kill()
            else:
                os.killpg(child.pid, signal.SIGKILL)
        return await child.wait()


def _environment() -> dict[str, str]:
    """No secrets, no proxies: what Python needs to find our code and its packages, and one thread for each library."""
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    system = {"SYSTEMROOT": os.path.expandvars("%SYSTEMROOT%")} if sys.platform == "win32" else {}
    path = os.pathsep.join([str(_ROOT), *filter(None, sys.path)])
    return {"PYTHONPATH": path, "PYTHONUTF8": "1", "PATH": os.defpath, **one_thread, **system}


async def _send(child: Process, fetched: Fetched, passwords: Sequence[str]) -> None:
    assert child.stdin is not None  # noqa: S101 - a pipe was asked for
    item = fetched.item
    about = {"uri": item.uri, "name": item.name, "media_type": fetched.media_type, "passwords": passwords}
    header = json.dumps(about | {"size": len(fetched.data)}).encode()
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


def _block(text: str, is_table: bool, place: list[Any]) -> Block:
    page, headings, article, sheet, rows = place
    return Block(text, Locator(page, tuple(headings), article, sheet, (rows[0], rows[1]) if rows else None), is_table)


def _parsed(blocks: list[Block], rest: dict[str, Any]) -> Parsed:
    if rest["error"]:
        raise DocumentError(rest["error"])
    when = date.fromisoformat(rest["date"]) if rest["date"] else None
    return Parsed(tuple(blocks), rest["title"], when, rest["licence"])


def _end_reason(code: int) -> str:
    """Why a child ended by itself, from its exit code: minus the signal's number on POSIX."""
    if code >= 0:
        return "the parser crashed: broken or hostile file"
    name = signal.Signals(-code).name
    if name == "SIGXCPU":
        return "took too much computing time: split the file or save it anew"
    return f"the parser crashed ({name}): broken or hostile file"
