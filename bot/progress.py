"""Progress of one message on its way to the channel: showing it never slows the work, and never comes after the reply."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from types import TracebackType

from bot.ending import end
from bot.messages import IncomingMessage, Progress
from bot.ports import Channel
from rag.errors import AdvisorError

log = logging.getLogger(__name__)

_CALL_SECONDS = 5.0
_LAST_SECONDS = 2.0
"""How long the reply waits for a progress call under way, which might otherwise land after it."""


class ProgressRelay:
    """Call it with each progress; what the channel is too slow for is skipped, since each progress replaces the one before."""

    def __init__(self, channel: Channel, message: IncomingMessage) -> None:
        self._channel, self._message = channel, message
        self._latest: Progress | None = None
        self._news = asyncio.Event()
        self._calling = asyncio.Lock()

    async def __call__(self, progress: Progress) -> None:
        """Returns at once."""
        self._latest = progress
        self._news.set()

    async def __aenter__(self) -> ProgressRelay:
        self._pump = asyncio.create_task(self._show())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if kind is not asyncio.CancelledError:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LAST_SECONDS), self._calling:
                        self._latest = None
        finally:
            await end(self._pump)
            if not self._pump.cancelled() and (failure := self._pump.exception()):
                log.error("progress failed platform=%s", self._message.platform, exc_info=failure)

    async def _show(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            async with self._calling:
                latest, self._latest = self._latest, None
                if latest is None:
                    continue
                try:
                    async with asyncio.timeout(_CALL_SECONDS):
                        await self._channel.progress(self._message, latest)
                except (TimeoutError, AdvisorError) as failure:
                    log.info("progress not shown platform=%s error=%s", self._message.platform, type(failure).__name__)
