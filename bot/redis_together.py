"""Calls that come at the same time go to Redis as one: a burst of five hundred costs a few round trips, not five hundred."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_MOST = 64
"""Calls in one: what that many need of Redis is a few milliseconds, so the first of a burst wait little for the last."""


class Together(Generic[Item, Result]):
    """Collects what is asked while an earlier call is under way, and sends it as one when that is back."""

    def __init__(self, send: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]]) -> None:
        """`send` has a result for each item, in their order; what it raises reaches all who asked in that call."""
        self._send = send
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._sending: asyncio.Task[None] | None = None

    async def quiet(self, seconds: float) -> None:
        """Return once nothing is under way or waits, or after `seconds`."""
        if self._sending is not None:
            await asyncio.wait({self._sending}, timeout=seconds)

    async def __call__(self, item: Item) -> Result:
        """The result for one item. Whoever no longer waits does not stop the others; what was not sent yet is not."""
        result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, result))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send_all())
        return await result

    async def _send_all(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
            wanted = [(item, result) for item, result in asked if not result.done()]
            if not wanted:
                continue
            [found] = await asyncio.gather(self._send([item for item, _ in wanted]), return_exceptions=True)
            for number, (_, result) in enumerate(wanted):
                if result.done():
                    continue
                if isinstance(found, BaseException):
                    result.set_exception(found)
                else:
                    result.set_result(found[number])
