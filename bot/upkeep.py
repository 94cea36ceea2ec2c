"""Has each source read again when it is due: its time has come, its files or its configuration changed, or somebody asked.

Reading is another process' work (`ingest` starts one): a hostile file or a leak there never harms the answers given here.
Two sources are read at once at most, so that a long crawl does not hold up a folder; of several processes that serve, one starts
each run.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from bot.ending import end
from bot.runs import Runs, fingerprint
from bot.source_state import Run
from bot.watching import Watching
from config.company import SourceConfig
from rag.errors import AdvisorError, MemoryStoreError

log = logging.getLogger(__name__)

_AT_ONCE = 2
_END_SECONDS = 4.0
"""Longer than a run takes to end when it is told to."""
_UNITS = {"m": 60, "h": 3600, "d": 86400}

Ingest = Callable[[SourceConfig, bool], Awaitable[bool]]
"""Read a source, with what failed before or without; False if another process was reading it."""


def next_run(source: SourceConfig, last: Run | None, now: float) -> float | None:
    """When the source is read again (unix time), if it is without being asked; a first run is due at once."""
    if not source.every:
        return None
    return now if last is None else last.started + int(source.every[:-1]) * _UNITS[source.every[-1]]


class Upkeep:
    """Runs beside the worker. `sources` are those of advisor.yaml now; `tidy` removes what belongs to none of them."""

    def __init__(
        self,
        runs: Runs,
        sources: Callable[[], Sequence[SourceConfig]],
        ingest: Ingest,
        tidy: Callable[[], Awaitable[None]],
        *,
        tick_seconds: float = 2.0,
        pause_seconds: float = 10.0,
    ) -> None:
        """`pause_seconds` lie at least between two runs of a source whose files keep changing."""
        self._runs, self._sources, self._ingest, self._tidy = runs, sources, ingest, tidy
        self._tick, self._pause = tick_seconds, pause_seconds
        self._handled: dict[str, str] = {}
        self._configured: tuple[SourceConfig, ...] | None = None
        self._watching = Watching()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._reading: dict[str, asyncio.Task[None]] = {}

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End; a run under way is ended too, and goes on where it was with the next start."""
        self._stopping.set()
        if self._task is not None:
            await end(self._task, _END_SECONDS)
        await asyncio.gather(*(end(one, _END_SECONDS) for one in self._reading.values()))
        await self._watching.stop()

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._round()
            except AdvisorError as error:
                log.warning("upkeep waits: %s", error)
            except Exception:  # the connector loop: whatever one round met, sources are kept current by the next
                log.exception("upkeep")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._tick)

    async def _round(self) -> None:
        sources = tuple(self._sources())
        if sources != self._configured:
            self._watching.follow([source for source in sources if source.watch])
            await self._tidy()
            self._configured = sources
        for source in sources:
            self._reading = {name: task for name, task in self._reading.items() if not task.done()}
            if len(self._reading) >= _AT_ONCE:
                return
            if source.name in self._reading or not await self._due(source) or not await self._runs.claim(source.name):
                continue
            if not self._stopping.is_set():
                self._reading[source.name] = asyncio.create_task(self._read(source))

    async def _due(self, source: SourceConfig) -> bool:
        last, now = await self._runs.last(source.name), time.time()
        at = next_run(source, last, now)
        if (at is not None and at <= now) or await self._runs.wanted(source.name):
            return True
        if source.name in self._watching.changed and (last is None or now - last.started >= self._pause):
            return True
        # Each process acts once on what its own file says: else two whose files differ would undo each other's work forever.
        of = fingerprint(source)
        if last is None or last.of == of or self._handled.get(source.name) == of:
            self._handled[source.name] = of
            return False
        return True

    async def _read(self, source: SourceConfig) -> None:
        changed = source.name in self._watching.changed
        self._watching.changed.discard(source.name)
        retry = await self._runs.take_request(source.name)
        done = False
        try:
            done = await self._ingest(source, retry)
        except AdvisorError as error:
            log.warning("source %s: %s", source.name, error)
        except Exception:  # the connector loop: whatever one run met, the source is read again by the next
            log.exception("source %s", source.name)
        finally:
            if done:
                self._handled[source.name] = fingerprint(source)
            else:
                await self._again(source.name, changed, retry)

    async def _again(self, name: str, changed: bool, retry: bool) -> None:
        """What this run was for still waits to be done."""
        if changed:
            self._watching.changed.add(name)
        if retry:
            with suppress(MemoryStoreError):
                await self._runs.want(name)
