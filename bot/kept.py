"""Short texts by name, for channels that must remember what their platform does not tell again. Implements bot.ports.Kept.

In Redis they outlive restarts and serve several processes; in this process they serve one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis

from bot.ports import Kept
from bot.redis_calls import answering

KEPT_SECONDS = 90 * 24 * 3600
"""Of what belongs to an answer: as long as exchanges are kept for review."""
_REMEMBERED = 20_000


class KeptHere:
    """Kept in this process, bounded; the oldest goes first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, str] = OrderedDict()

    async def get(self, name: str) -> str:
        """What was kept; empty if nothing."""
        return self._kept.get(name, "")

    async def set(self, name: str, value: str, seconds: int) -> None:
        """Keep it until too much is kept."""
        self._kept[name] = value
        self._kept.move_to_end(name)
        while len(self._kept) > _REMEMBERED:
            self._kept.popitem(last=False)

    async def add(self, name: str, value: str, seconds: int) -> bool:
        """Keep it unless something is kept."""
        if name in self._kept:
            return False
        await self.set(name, value, seconds)
        return True

    async def remove(self, name: str) -> None:
        """Forget it."""
        self._kept.pop(name, None)


@dataclass(frozen=True, slots=True)
class KeptInRedis:
    """Kept in Redis: `client` decodes responses."""

    client: Redis

    async def get(self, name: str) -> str:
        """What was kept; empty if nothing."""
        async with answering():
            return str(await self.client.get(name) or "")

    async def set(self, name: str, value: str, seconds: int) -> None:
        """Keep it with an expiry."""
        async with answering():
            await self.client.set(name, value, ex=seconds)

    async def add(self, name: str, value: str, seconds: int) -> bool:
        """Keep it with an expiry, unless something is kept."""
        async with answering():
            return bool(await self.client.set(name, value, ex=seconds, nx=True))

    async def remove(self, name: str) -> None:
        """Delete it."""
        async with answering():
            await self.client.delete(name)


@asynccontextmanager
async def once(kept: Kept, name: str, seconds: int) -> AsyncIterator[bool]:
    """Whether something is still to be done, in a while, by anybody; what fails within may be done when it comes again."""
    done, first = False, await kept.add(name, "1", seconds)
    try:
        yield first
        done = True
    finally:
        if first and not done:
            await kept.remove(name)
