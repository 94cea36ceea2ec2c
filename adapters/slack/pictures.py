"""The pictures of an answer in Slack: uploaded beneath it, once, and taken away with it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from adapters.slack.bounded import Bounded
from adapters.slack.client import SlackClient
from adapters.slack.kept import Remembered
from adapters.slack.pace import Pace
from adapters.slack.place import Place
from bot.messages import Actor, IncomingMessage
from rag.models import Picture

log = logging.getLogger(__name__)
SETTLE_SECONDS = 3.0
"""How long a correction waits for the pictures of what it corrects, so as to take them away too."""
Drawn = Callable[[Actor, str], Awaitable[Sequence[Picture]]]
_Key = tuple[str, str, str]


class PicturesBelow:
    """`drawn` draws what belongs to an answer; without it none is shown."""

    def __init__(self, client: SlackClient, pace: Pace, remembered: Remembered, drawn: Drawn | None) -> None:
        self._client, self._pace, self._remembered, self._drawn = client, pace, remembered, drawn
        self._showing: Bounded[_Key, asyncio.Task[None] | None] = Bounded()

    async def show(self, message: IncomingMessage, place: Place, exchange: str) -> None:
        """The pictures of an answer. Tried once: the answer says all that they show."""
        if not (self._drawn and exchange and (drawn := await self._drawn(message.actor, exchange))):
            return
        key = (message.tenant, message.conversation, message.said)
        self._showing[key] = asyncio.current_task()
        try:
            await self._pace.wait(place.channel)
            files = await self._client.show(place.channel, place.thread, drawn)
            await self._remembered.note_files(message, files)
        finally:
            self._showing.pop(key, None)

    async def settled(self, message: IncomingMessage) -> None:
        """Nothing more is shown beneath the answer to what a message replaces."""
        if task := self._showing.get((message.tenant, message.conversation, message.replaces)):
            await asyncio.wait([task], timeout=SETTLE_SECONDS)
