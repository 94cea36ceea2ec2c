"""At most one message a second and channel, and nothing before the time that Slack has named for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from adapters.slack.client import UnsureError
from rag.errors import DeliveryError

GAP_SECONDS = 1.05
"""Slack's rate limits page, seen 2025: about one message a second and channel; short bursts are borne, not promised. Slack counts
when they arrive: a twentieth more, since the first of several may be on its way for longer than the next.
"""
PATIENCE_SECONDS = 3.2
"""Three messages before one's own."""
TRIES = 3
_REMEMBERED = 2000


class Pace:
    """When each channel may be written to next. Of one process; what several do at once, Slack's 429 holds back."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next: dict[str, float] = {}

    async def wait(self, channel: str, patience: float = PATIENCE_SECONDS) -> None:
        """Wait for the channel's turn. DeliveryError with the time to come again if that is more than `patience` seconds."""
        now = self._clock()
        turn = max(now, self._next.get(channel, 0.0))
        if turn - now > patience:
            raise DeliveryError("channel is being written to", retry_after=turn - now)
        self._keep(channel, turn + GAP_SECONDS)
        await asyncio.sleep(turn - now)

    def hold(self, channel: str, seconds: float) -> None:
        """Nothing more to a channel for so long."""
        self._keep(channel, max(self._clock() + seconds, self._next.get(channel, 0.0)))

    def _keep(self, channel: str, turn: float) -> None:
        self._next[channel] = turn
        if len(self._next) > _REMEMBERED:
            now = self._clock()
            self._next = {one: when for one, when in self._next.items() if when > now}


async def patiently(call: Callable[[], Awaitable[object]]) -> None:
    """A call that nobody waits for: what Slack refuses for now is asked again when it says, a few times. Errors as the call's."""
    for left in reversed(range(TRIES)):
        try:
            await call()
            return
        except DeliveryError as error:
            if not (left and error.retryable) or isinstance(error, UnsureError):
                raise
            wait = error.retry_after or GAP_SECONDS
        await asyncio.sleep(wait)
