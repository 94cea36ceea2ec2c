"""The worker's loop: order, isolation of failures, leases, a stop that loses nothing."""

from __future__ import annotations

import asyncio
import time

import pytest
from redis.asyncio import Redis

from bot.inbox import RedisInbox
from bot.messages import IncomingMessage, Progress, Reply
from bot.ports import Lease, OnProgress
from rag.errors import DeliveryError, InputError, MemoryStoreError
from tests.worker_world import Recorder, reply, said, working


async def test_replies_are_posted_and_the_inbox_is_empty(redis: Redis) -> None:
    """Messages of several conversations are answered once each and then gone; metrics count them."""
    async with working(redis) as world:
        for n in range(20):
            await world.inbox.put(said(n, f"c{n % 4}"))
        await world.channel.until(20)
        await world.empty()
        assert sorted(world.channel.posted, key=int) == [str(n) for n in range(20)]
        assert 'advisor_answers_total{platform="test",status="answered"} 20.0' in world.health.exposition().decode()


async def test_a_hanging_conversation_holds_up_nobody_else(redis: Redis) -> None:
    """One conversation's slow answer delays only its own next message."""
    gate = asyncio.Event()

    async def respond(message: IncomingMessage, on_progress: OnProgress) -> Reply:
        if message.id == "m0":
            await gate.wait()
        return reply(message.text)

    async with working(redis, respond) as world:
        for n, conversation in enumerate(["slow", "slow", "a", "b", "c"]):
            await world.inbox.put(said(n, conversation))
        await world.channel.until(3)
        assert sorted(world.channel.posted) == ["2", "3", "4"]
        gate.set()
        await world.channel.until(5)
        assert world.channel.posted[3:] == ["0", "1"]


async def test_work_longer_than_the_lease_is_done_once(redis: Redis) -> None:
    """The lease is renewed while the answer is made."""
    calls = 0

    async def respond(message: IncomingMessage, on_progress: OnProgress) -> Reply:
        nonlocal calls
        calls += 1
        await asyncio.sleep(1.0)
        return reply("late")

    async with working(redis, respond, lease=0.4) as world:
        await world.inbox.put(said(1))
        await world.channel.until(1)
        await world.empty()
    assert (calls, world.channel.posted) == (1, ["late"])


async def test_lost_lease_posts_nothing(redis: Redis) -> None:
    """When another worker has answered meanwhile, this one drops its work."""
    started = asyncio.Event()

    async def respond(message: IncomingMessage, on_progress: OnProgress) -> Reply:
        started.set()
        await asyncio.sleep(0.5)
        return reply("too late")

    async with working(redis, respond) as world:
        await world.inbox.put(said(1))
        await started.wait()
        # another worker's `done` for the same message, by its entry
        (entry,) = await redis.hkeys("{inbox}:messages")
        await RedisInbox(redis).done(Lease(said(1), f"{entry}/other", 1))
        await asyncio.sleep(1.0)
        assert world.channel.posted == []


async def test_deadline_ends_in_a_stated_reason(redis: Redis) -> None:
    """An answer that takes too long is cut, and the asker is told."""

    async def respond(message: IncomingMessage, on_progress: OnProgress) -> Reply:
        await asyncio.sleep(60)
        return reply("never")

    async with working(redis, respond, deadline=0.3) as world:
        started = time.monotonic()
        await world.inbox.put(said(1))
        await world.channel.until(1)
        assert time.monotonic() - started < 1.0
        assert world.channel.posted == ["1: TimeoutError"]
        await world.empty()


async def test_explained_failure_is_told_at_once(redis: Redis) -> None:
    """What the chain raises as its own error becomes a reply without another try."""
    calls = 0

    async def respond(message: IncomingMessage, on_progress: OnProgress) -> Reply:
        nonlocal calls
        calls += 1
        raise InputError("nope")

    async with working(redis, respond) as world:
        await world.inbox.put(said(1))
        await world.channel.until(1)
        await world.empty()
    assert (calls, world.channel.posted) == (1, ["1: InputError"])
    assert await world.inbox.parked() == []


async def test_unexpected_failure_is_tried_three_times_told_once_and_parked(redis: Redis) -> None:
    """A message that always fails ends aside with its reason; the asker hears it once; the next message is answered."""
    calls: list[str] = []

    async def respond(message: IncomingMessage, on_progress: OnProgress) -> Reply:
        calls.append(message.id)
        if message.id == "m1":
            raise ZeroDivisionError
        return reply(message.text)

    async with working(redis, respond, deadline=20) as world:
        await world.inbox.put(said(1))
        await world.inbox.put(said(2))
        await world.channel.until(2, 15)
        await world.empty()
        assert world.channel.posted == ["1: ZeroDivisionError", "2"]
        assert calls == ["m1", "m1", "m1", "m2"]
        ((_, reason),) = await world.inbox.parked()
        assert reason == "ZeroDivisionError 3 times"
        assert 'advisor_parked_total{platform="test"} 1.0' in world.health.exposition().decode()


async def test_short_absence_of_memory_is_tried_again(redis: Redis) -> None:
    """A Redis that fails once while the answer is made is no reason to apologise."""
    calls = 0

    async def respond(message: IncomingMessage, on_progress: OnProgress) -> Reply:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise MemoryStoreError("away")
        return reply("here")

    async with working(redis, respond) as world:
        await world.inbox.put(said(1))
        await world.channel.until(1)
    assert world.channel.posted == ["here"]


@pytest.mark.parametrize("attempt", [4, 5])
async def test_message_that_ended_the_process_three_times_is_given_up(redis: Redis, attempt: int) -> None:
    """The fourth time it is not tried but told and parked; if telling ended the process too, only parked."""
    await RedisInbox(redis).put(said(1))
    short = RedisInbox(redis, lease_seconds=0.01)
    for _ in range(attempt - 1):
        assert await short.take(1)
        await asyncio.sleep(0.02)
    async with working(redis) as world:
        await world.empty()
        assert world.channel.posted == (["1: GivenUpError"] if attempt == 4 else [])
        assert len(await world.inbox.parked()) == 1


async def test_message_of_an_unknown_platform_is_parked(redis: Redis) -> None:
    """A channel that was switched off leaves no message that comes again for ever."""
    async with working(redis) as world:
        await world.inbox.put(said(1, platform="gone"))
        await world.empty()
        ((_, reason),) = await world.inbox.parked()
        assert reason == "no channel for its platform"


async def test_progress_is_shown_but_never_after_the_reply(redis: Redis) -> None:
    """A slow channel skips progress instead of slowing the answer, and the reply comes last."""
    log: list[str] = []

    async def slow(progress: Progress) -> None:
        await asyncio.sleep(0.2)
        log.append(progress.text or progress.stage)

    async def note(message: IncomingMessage) -> None:
        log.append("reply")

    async def respond(message: IncomingMessage, on_progress: OnProgress) -> Reply:
        for n in range(50):
            await on_progress(Progress("answer", f"text {n}"))
            await asyncio.sleep(0.01)
        return reply("whole")

    async with working(redis, respond, Recorder(before_progress=slow, before_post=note)) as world:
        started = time.monotonic()
        await world.inbox.put(said(1))
        await world.channel.until(1)
        assert time.monotonic() - started < 1.5
        await asyncio.sleep(0.4)
    assert log[0] in {"retrieve", "text 0"}
    assert 2 <= len(log) <= 5
    assert log[-1] == "reply"


async def test_failing_progress_does_not_touch_the_answer(redis: Redis) -> None:
    """Neither a refused nor a broken progress call costs the asker the reply."""

    async def broken(progress: Progress) -> None:
        raise DeliveryError("429") if progress.stage == "retrieve" else KeyError("ts")

    async def respond(message: IncomingMessage, on_progress: OnProgress) -> Reply:
        await asyncio.sleep(0.05)
        await on_progress(Progress("answer", "x"))
        await asyncio.sleep(0.05)
        return reply("whole")

    async with working(redis, respond, Recorder(before_progress=broken)) as world:
        await world.inbox.put(said(1))
        await world.channel.until(1)
    assert world.channel.posted == ["whole"]
