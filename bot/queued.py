"""Tells who waits for a free worker that their message is kept and will be answered: once, while others are answered first."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Protocol

from bot.messages import IncomingMessage, Progress
from bot.ports import Channel
from rag.errors import AdvisorError

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 2.0
"""Who waits less sees soon enough that work goes on."""
_LOOK_SECONDS = 0.5
_MOST = 20
"""At one look: what a flood costs in calls to the platforms is bounded, and their pace is the channels' to keep."""
_CALL_SECONDS = 5.0


class ShowsQueue(Protocol):
    """An inbox that tells who waits."""

    async def queued(self, seconds: float, most: int) -> list[IncomingMessage]:
        """Messages that have waited so long for a free worker, each told once. MemoryStoreError if that cannot be known."""
        ...


class Queued:
    """Looks twice a second until it is cancelled."""

    def __init__(self, inbox: ShowsQueue, channels: Mapping[str, Channel]) -> None:
        self._inbox, self._channels = inbox, channels

    async def run(self) -> None:
        """Tell, and look again."""
        while True:
            try:
                waiting = await self._inbox.queued(PATIENCE_SECONDS, _MOST)
            except AdvisorError:
                waiting = []
            await asyncio.gather(*(self._tell(message) for message in waiting))
            await asyncio.sleep(_LOOK_SECONDS)

    async def _tell(self, message: IncomingMessage) -> None:
        channel = self._channels.get(message.platform)
        if channel is None or message.command == "retract":
            return
        try:
            async with asyncio.timeout(_CALL_SECONDS):
                await channel.progress(message, Progress("queued"))
        except (TimeoutError, AdvisorError) as error:
            log.info("not told that it waits platform=%s error=%s", message.platform, type(error).__name__)
