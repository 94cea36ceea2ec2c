"""The worker's end and Redis' absences: what is under way is finished or handed back, and nothing is posted twice."""

from __future__ import annotations

import asyncio
import time

import pytest
from redis.asyncio import Redis

from bot import handling
from bot.messages import IncomingMessage, Reply
from bot.ports import OnProgress
from tests.fakes.redis_proc import RedisProcess
from tests.worker_world import Recorder, echo, reply, said, working


async def test_stop_waits_for_what_is_under_way(redis: Redis) -> None:
    """An answer that is nearly ready is posted; what waits stays in the inbox for the next worker."""
    begun = asyncio.Event()

    async def respond(message: IncomingMessage, on_progress: OnProgress) -> Reply:
        begun.set()
        await asyncio.sleep(0.4)
        return reply(message.text)

    async with working(redis, respond) as world:
        await world.inbox.put(said(1))
        await world.inbox.put(said(2))
        await begun.wait()
        await world.worker.stop(5.0)
        assert world.channel.posted == ["1"]
    lease = await world.inbox.take(1)
    assert lease
    assert (lease.message.id, lease.attempt) == ("m2", 1)


async def test_stop_hands_back_what_does_not_end(redis: Redis) -> None:
    """Hanging work is cut after the time given; its message waits, without delay and without a counted attempt."""

    async def respond(message: IncomingMessage, on_progress: OnProgress) -> Reply:
        await asyncio.sleep(60)
        return reply("never")

    async with working(redis, respond, deadline=60) as world:
        for n in range(8):
            await world.inbox.put(said(n, f"c{n}"))
        await asyncio.sleep(0.3)
        started = time.monotonic()
        await world.worker.stop(0.5)
        assert time.monotonic() - started < 1.5
    leases = [await world.inbox.take(0) for _ in range(8)]
    assert sorted((lease.message.id, lease.attempt) for lease in leases if lease) == [(f"m{n}", 1) for n in range(8)]


async def test_stop_returns_while_redis_is_frozen(redis_process: RedisProcess) -> None:
    """A Redis that does not answer cannot hold the process."""

    async def respond(message: IncomingMessage, on_progress: OnProgress) -> Reply:
        await asyncio.sleep(60)
        return reply("never")

    async with working(redis_process.client(), respond, deadline=60) as world:
        await world.inbox.put(said(1))
        await asyncio.sleep(0.2)
        redis_process.freeze()
        started = time.monotonic()
        await world.worker.stop(1.0)
        assert time.monotonic() - started < 3.5


@pytest.mark.parametrize("patience", [60.0, 0.3])
async def test_redis_restart_costs_no_message_and_no_double(
    redis_process: RedisProcess, monkeypatch: pytest.MonkeyPatch, patience: float
) -> None:
    """Redis dies between the post and its record: recorded when it is back, or when the message comes again; posted once."""
    monkeypatch.setattr(handling, "RECORD_SECONDS", patience)
    channel, both = Recorder(), asyncio.Event()

    async def kill_redis(message: IncomingMessage) -> None:
        if message.id == "m1":
            await both.wait()
            await redis_process.kill()

    channel.before_post = kill_redis
    async with working(redis_process.client(), echo, channel, lease=1.0) as world:
        await world.inbox.put(said(1))
        await world.inbox.put(said(2))
        both.set()
        await channel.until(1)
        await asyncio.sleep(1.5)  # longer than the lease
        await redis_process.start()
        await channel.until(2)
        await world.empty()
        await asyncio.sleep(0.3)
        assert channel.posted == ["1", "2"]
