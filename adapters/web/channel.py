"""The web as the worker sees it: a Channel that writes each message's events for whoever waits for them."""

from __future__ import annotations

import logging

from adapters.web.events import Events
from adapters.web.files import WebFiles
from adapters.web.inbound import PLATFORM
from adapters.web.render import answer_event, progress_event
from bot.messages import IncomingMessage, Progress, Reply, SentFile
from rag.errors import DeliveryError, MemoryStoreError

logger = logging.getLogger(__name__)


class WebChannel:
    """Posts into the stream that the message's `reply_to` names."""

    platform = PLATFORM

    def __init__(self, events: Events, files: WebFiles) -> None:
        self._events, self._files = events, files

    async def progress(self, message: IncomingMessage, progress: Progress) -> None:
        """Write the text so far; a lost one is made good by the next."""
        try:
            await self._events.add(message.reply_to["events"], progress_event(progress))
        except MemoryStoreError as error:
            logger.info("progress not written: %s", error)

    async def file(self, message: IncomingMessage, sent: SentFile) -> bytes:
        """What the caller sent before the question; see WebFiles.data."""
        return await self._files.data(message, sent)

    async def post(self, message: IncomingMessage, reply: Reply) -> None:
        """Write the answer, once. When the conversation is to be forgotten, what was streamed before goes too."""
        key = message.reply_to["events"]
        try:
            if await self._events.answered(key):
                return
            if message.command == "forget":
                await self._events.forget_conversation(message.key, keep=key)
            await self._events.add(key, answer_event(reply))
        except MemoryStoreError as error:
            raise DeliveryError(str(error), retry_after=1.0) from error
