"""Reads a file of readings that somebody sent in a process of its own, which a hostile file may take down and nothing else."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from typing import TYPE_CHECKING

from rag.errors import InputError
from rag.ingest.parse import confine

if TYPE_CHECKING:
    from rag.readings.series import Series

ENDINGS = (".csv", ".tsv", ".xlsx", ".xml")
"""Of files that may hold readings."""
_SECONDS = 25.0
"""The child ends itself before; this allows for its start on a busy machine."""
_MOST_ANSWERED = 60_000_000


async def series_in(data: bytes, name: str, site: str) -> list[Series]:
    """The series of a file (see rag.readings.guess); InputError with the reason if it holds none that can be read."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-B", "-m", "rag.readings.child", name, site,
        stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=confine.environment(), cwd=confine.ROOT, start_new_session=True,
    )  # fmt: skip
    try:
        async with asyncio.timeout(_SECONDS):
            answer, _ = await child.communicate(data)
    except TimeoutError:
        raise InputError(f"{name}: took longer than {_SECONDS:g} s: split the file") from None
    finally:
        await _end(child)
    return await asyncio.to_thread(_understood, answer, name)


def _understood(answer: bytes, name: str) -> list[Series]:
    from rag.readings.kept import loaded  # pandas takes a second to load, and few conversations bring readings

    try:
        told = json.loads(answer) if len(answer) <= _MOST_ANSWERED else None
    except ValueError:
        told = None
    if isinstance(told, dict):
        raise InputError(str(told.get("reason", "")))
    if not isinstance(told, list):
        raise InputError(f"{name}: needs more memory or time than is given to one file: split it")
    return [loaded(json.dumps(one)) for one in told]


async def _end(child: Process) -> None:
    with suppress(ProcessLookupError):
        if sys.platform == "win32":
            child.kill()
        else:
            os.killpg(child.pid, signal.SIGKILL)
    await child.wait()
