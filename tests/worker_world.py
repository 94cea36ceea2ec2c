"""A worker on a real inbox with a channel that keeps what it is given: for tests of the worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from redis.asyncio import Redis

from bot.handling import Respond
from bot.health import Health
from bot.inbox import RedisInbox
from bot.messages import IncomingMessage, Progress, Reply
from bot.ports import OnProgress
from bot.worker import Worker
from rag.errors import MemoryStoreError
from rag.models import Answer


def said(n: int | str, conversation: str = "c", platform: str = "test") -> IncomingMessage:
    """A message whose text is its number."""
    return IncomingMessage(f"m{n}", platform, "T1", conversation, "ana", str(n))


def reply(text: str, status: str = "answered") -> Reply:
    """A reply that says `text`."""
    return Reply(Answer(status, "es", text))  # type: ignore[arg-type]  # a status


async def echo(message: IncomingMessage, on_progress: OnProgress) -> Reply:
    """Answers at once with the message's text."""
    return reply(message.text)


def failed(message: IncomingMessage, error: BaseException, attempt: int) -> Reply:
    """Words an error by its type."""
    return reply(f"{message.text}: {type(error).__name__}", "failed")


@dataclass
class Recorder:
    """A channel that records. `before_post` may refuse or delay."""

    platform: str = "test"
    posted: list[str] = field(default_factory=list)
    shown: list[Progress] = field(default_factory=list)
    before_post: Callable[[IncomingMessage], Awaitable[None]] | None = None
    before_progress: Callable[[Progress], Awaitable[None]] | None = None

    async def progress(self, message: IncomingMessage, progress: Progress) -> None:
        if self.before_progress:
            await self.before_progress(progress)
        self.shown.append(progress)

    async def post(self, message: IncomingMessage, reply: Reply) -> None:
        if self.before_post:
            await self.before_post(message)
        self.posted.append(reply.text)

    async def until(self, count: int, seconds: float = 5.0) -> None:
        """Wait until so many replies are posted."""
        async with asyncio.timeout(seconds):
            while len(self.posted) < count:  # noqa: ASYNC110 - the test waits from outside
                await asyncio.sleep(0.01)


@dataclass
class World:
    """What a test holds."""

    inbox: RedisInbox
    channel: Recorder
    worker: Worker
    health: Health

    async def empty(self, seconds: float = 3.0) -> None:
        """Wait until the inbox is empty; a Redis that is only just back may still refuse."""
        async with asyncio.timeout(seconds):
            while await self._depth():  # noqa: ASYNC110 - the test waits from outside
                await asyncio.sleep(0.01)

    async def _depth(self) -> int:
        try:
            return await self.inbox.depth()
        except MemoryStoreError:
            return 1


@asynccontextmanager
async def working(
    redis: Redis, respond: Respond = echo, channel: Recorder | None = None, *, lease: float = 2.0, deadline: float = 5.0
) -> AsyncIterator[World]:
    """A worker that runs, with short leases; stopped at the end."""
    channel = channel or Recorder()
    inbox, health = RedisInbox(redis, lease_seconds=lease), Health({})
    worker = Worker(
        inbox, respond, failed, {channel.platform: channel}, concurrency=8, deadline_seconds=deadline,
        renew_seconds=lease / 4, metrics=health.metrics,
    )  # fmt: skip
    running = asyncio.create_task(worker.run())
    try:
        yield World(inbox, channel, worker, health)
    finally:
        await worker.stop(1.0)
        await asyncio.wait_for(running, 2)
