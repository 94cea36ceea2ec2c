"""A message of ours that a press or a form makes: shown once, however often the same comes.

Where it stands is kept by its name. Slack is asked only if that was lost, by a process that died between post and record or by
a call without a clear answer: to read a channel or a thread is what it allows least, and an app may not have the right to it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from weakref import WeakValueDictionary

from adapters.slack.client import SlackClient, UnsureError
from adapters.slack.pace import Pace, patiently
from adapters.slack.render import SlackMessage
from bot.ports import Kept
from bot.redis_calls import digest
from rag.errors import DeliveryError, MemoryStoreError

log = logging.getLogger(__name__)
KEPT_SECONDS = 24 * 3600
"""As long as the inbox knows a message again."""
PATIENCE_SECONDS, READ_SECONDS = 1.1, 1.0
"""For the channel's turn (one message before it), and for what stands there: who presses gets an answer within three."""
_CLOCKS_SECONDS = 10.0
"""By how much Slack's clock may be before ours."""


class Once:
    """Over what all processes keep; `kept` has a message's place, or since when somebody is about to post it."""

    def __init__(self, client: SlackClient, pace: Pace, kept: Kept) -> None:
        self._client, self._pace, self._kept = client, pace, kept
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def place(self, name: str, channel: str, said: SlackMessage, thread: str = "") -> tuple[str, str]:
        """The channel and ts of the message with this name: posted by an earlier try, or now.

        MemoryStoreError: nothing can be kept now, and nothing was shown. DeliveryError: it cannot be shown now.
        """
        key = _key(name)
        turn = self._turns.setdefault(key, asyncio.Lock())
        async with turn:  # the same, sent twice at once
            first = await self._kept.add(key, f"{time.time():.6f}", KEPT_SECONDS)
            before = "" if first else await self._kept.get(key)
            at, _, ts = before.partition("/")
            if ts:
                return at, ts
            found = await self._read(name, channel, thread, float(before)) if before else None
            placed = found or await self._post(key, name, channel, said, thread, first=first)
            with suppress(MemoryStoreError):  # Slack is asked if it comes again
                await self._kept.set(key, "/".join(placed), KEPT_SECONDS)
            return placed

    async def take_back(self, name: str, channel: str, ts: str) -> None:
        """It is not to stand there any more."""
        await self._kept.remove(_key(name))
        await patiently(lambda: self._client.remove(channel, ts))

    async def _read(self, name: str, channel: str, thread: str, since: float) -> tuple[str, str] | None:
        """Where an earlier try left it. If Slack does not tell, nowhere: better twice than never."""
        try:
            async with asyncio.timeout(READ_SECONDS):
                marks = await self._client.marks(channel, thread, f"{since - _CLOCKS_SECONDS:.6f}")
        except (DeliveryError, TimeoutError) as error:
            log.warning("cannot tell whether it was shown before: %s", error)
            return None
        return next(((channel, str(mark["ts"])) for mark in marks if mark.get("once") == name), None)

    async def _post(self, key: str, name: str, channel: str, said: SlackMessage, thread: str, *, first: bool) -> tuple[str, str]:
        try:
            await self._pace.wait(channel, PATIENCE_SECONDS)
            return await self._client.place(channel, said, thread=thread, mark={"once": name})
        except DeliveryError as error:
            if first and not isinstance(error, UnsureError):  # surely not shown: the next try need not ask
                with suppress(MemoryStoreError):
                    await self._kept.remove(key)
            raise


def _key(name: str) -> str:
    return f"slack:once:{digest(name)}"
