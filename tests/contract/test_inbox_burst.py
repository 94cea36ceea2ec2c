"""The inbox when many messages come at once: few calls to Redis, each judged alone, all acknowledged before one is answered."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.inbox import RedisInbox
from rag.errors import MemoryStoreError
from tests.contract.test_inbox import said, taken
from tests.fakes.redis_proc import RedisProcess


@pytest.fixture
def inbox(redis: Redis) -> RedisInbox:
    return RedisInbox(redis)


async def test_a_burst_is_stored_in_few_calls_and_in_order(inbox: RedisInbox, redis: Redis) -> None:
    """300 messages of 30 conversations, each also delivered twice: 300 stored, in their conversations' order, in few calls."""
    await inbox.put(said("first"))
    await redis.config_resetstat()
    sent = [said(n, f"c{n % 30}") for n in range(300) for _ in range(2)]
    stored = await asyncio.gather(*(inbox.put(one) for one in sent))
    calls = await redis.info("commandstats")
    assert stored == [True, False] * 300
    assert calls["cmdstat_evalsha"]["calls"] <= 30
    await inbox.done(await taken(inbox))
    seen: dict[str, list[int]] = {}
    while lease := await inbox.take(0):
        seen.setdefault(lease.message.conversation, []).append(int(lease.message.id[1:]))
        await inbox.done(lease)
    assert seen == {f"c{n}": list(range(n, 300, 30)) for n in range(30)}


async def test_correction_in_the_same_burst_replaces(inbox: RedisInbox) -> None:
    """A question, its correction and a neighbour, all at once: only the question that it names is replaced."""
    asked = [replace(said(n, "c"), said=f"{n}") for n in range(3)]
    await asyncio.gather(*(inbox.put(one) for one in [*asked, replace(said(3, "c"), replaces="1"), said(4, "d")]))
    left: Counter[str] = Counter()
    while lease := await inbox.take(0):
        left[lease.message.id] += 1
        await inbox.done(lease)
    assert left == Counter(["m0", "m2", "m3", "m4"])


async def awake(redis_process: RedisProcess) -> bool:
    """Whether Redis answers."""
    try:
        async with asyncio.timeout(1.0):
            return bool(await redis_process.client().ping())
    except (RedisError, TimeoutError):
        return False


async def test_who_gives_up_waiting_holds_up_nobody(redis_process: RedisProcess) -> None:
    """Redis freezes in a burst and comes back: those cancelled meanwhile and those refused disturb no later message."""
    inbox = RedisInbox(redis_process.client())
    await inbox.put(said(0))
    redis_process.freeze()
    waiting = [asyncio.create_task(inbox.put(said(n, f"c{n}"))) for n in range(1, 100)]
    await asyncio.sleep(0.1)
    for one in waiting[::2]:
        one.cancel()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(one) for one in outcomes[::2]} == {asyncio.CancelledError}
    assert {type(one) for one in outcomes[1::2]} == {MemoryStoreError}
    redis_process.thaw()
    for _ in range(200):  # a busy machine needs its time to wake it
        if await awake(redis_process):
            break
        await asyncio.sleep(0.05)
    assert await inbox.put(said(100))
    await asyncio.gather(*(inbox.put(said(n, f"c{n}")) for n in range(1, 100)))  # as the platform does after a refusal
    assert await inbox.depth() == 101


async def test_answering_waits_for_a_burst_but_not_for_long(redis_process: RedisProcess) -> None:
    """A taker gets nothing before a burst is stored; when storing hangs it is not held longer than it wanted to wait."""
    inbox = RedisInbox(redis_process.client())
    order: list[str] = []

    async def put(n: int) -> None:
        await inbox.put(said(n, f"c{n}"))
        order.append("put")

    async def take() -> None:
        await taken(inbox)
        order.append("taken")

    burst = asyncio.gather(*(put(n) for n in range(200)))
    await asyncio.sleep(0)
    await asyncio.gather(burst, take())
    assert order == ["put"] * 200 + ["taken"]
    redis_process.freeze()
    hanging = asyncio.create_task(inbox.put(said(200)))
    await asyncio.sleep(0.05)
    async with asyncio.timeout(1.5):
        with pytest.raises(MemoryStoreError):
            await inbox.take(0.1)
    redis_process.thaw()
    await asyncio.gather(hanging, return_exceptions=True)
