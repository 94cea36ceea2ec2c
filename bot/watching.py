"""Watches folders of sources: whose files have changed since they were last read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from config.company import SourceConfig

log = logging.getLogger(__name__)

_RETRY_SECONDS = 30.0


class Watching:
    """`changed` holds the names of sources to read; whoever reads one takes its name out."""

    def __init__(self) -> None:
        self.changed: set[str] = set()
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}

    def follow(self, sources: Sequence[SourceConfig]) -> None:
        """Watch these and no others. What is new counts as changed: nobody saw what happened to it before."""
        wanted = {(source.name, str(source.options.get("path", ""))) for source in sources}
        for gone in self._tasks.keys() - wanted:
            self._tasks.pop(gone).cancel()
        for name, path in wanted - self._tasks.keys():
            self.changed.add(name)
            self._tasks[name, path] = asyncio.create_task(self._watch(name, path))
        self.changed &= {name for name, _ in wanted}

    async def stop(self) -> None:
        """End all watches."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _watch(self, name: str, path: str) -> None:
        """Note changes until cancelled; where the system has no more watches to give, look around every now and then."""
        from watchfiles import awatch  # most installations watch nothing

        polling: bool | None = None
        while True:
            try:
                async for _ in awatch(Path(path), watch_filter=None, force_polling=polling, poll_delay_ms=5000):
                    self.changed.add(name)
            except (OSError, RuntimeError) as error:  # the folder is away, or inotify's limit is reached
                log.warning("source %s cannot be watched: %s", name, error)
                polling = None if isinstance(error, FileNotFoundError) else True
            await asyncio.sleep(_RETRY_SECONDS)
            self.changed.add(name)
