"""The inbox while Redis is frozen, gone, full or killed: told in time, nothing lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from bot.health import Health
from bot.inbox import RedisInbox
from bot.ports import Lease
from rag.errors import MemoryStoreError
from tests.contract.test_inbox import said, taken
from tests.fakes.redis_proc import RedisProcess

Call = Callable[[RedisInbox, Lease], Awaitable[object]]
CALLS: dict[str, Call] = {
    "put": lambda inbox, lease: inbox.put(said(77)),
    "take": lambda inbox, lease: inbox.take(5),
    "renew": lambda inbox, lease: inbox.renew(lease),
    "done": lambda inbox, lease: inbox.done(lease),
    "release": lambda inbox, lease: inbox.release(lease),
    "park": lambda inbox, lease: inbox.park(lease, "r"),
    "depth": lambda inbox, lease: inbox.depth(),
    "backlog": lambda inbox, lease: inbox.backlog(),
}


@pytest.mark.parametrize("state", ["frozen", "gone"])
async def test_redis_away_is_told_within_a_second(redis_process: RedisProcess, state: str) -> None:
    """Every call ends in MemoryStoreError in at most a second, also 200 at once; afterwards all is as before."""
    inbox = RedisInbox(redis_process.client())
    await inbox.put(said(1))
    lease = await taken(inbox)
    redis_process.freeze() if state == "frozen" else await redis_process.kill()

    async def refused(call: Call) -> float:
        started = time.monotonic()
        with pytest.raises(MemoryStoreError):
            await call(inbox, lease)
        return time.monotonic() - started

    waits = await asyncio.gather(*(refused(call) for call in CALLS.values()))
    waits += await asyncio.gather(*(refused(CALLS["put"]) for _ in range(200)))
    assert max(waits) < 2.0  # a second, and what a busy test machine adds
    if state == "frozen":
        redis_process.thaw()
    else:
        await redis_process.start()
    assert not await inbox.put(said(1))


async def test_metrics_of_an_inbox_that_is_away_are_no_number(redis_process: RedisProcess) -> None:
    """/metrics shows the depth as it is when asked, and NaN, not the last known, when Redis does not answer."""
    inbox = RedisInbox(redis_process.client())
    health = Health({}, backlog=inbox.backlog)
    await inbox.put(said(1))
    await health.look()
    assert "advisor_inbox_depth 1.0" in health.exposition().decode()
    await redis_process.kill()
    await health.look()
    shown = health.exposition().decode()
    assert "advisor_inbox_depth NaN" in shown
    assert "advisor_inbox_waited_seconds NaN" in shown


async def test_full_redis_takes_no_message_but_drains(redis_process: RedisProcess) -> None:
    """Over its memory limit `put` fails, so the platform keeps the message; what was stored is still taken and finished."""
    inbox = RedisInbox(redis_process.client())
    await inbox.put(said(1))
    await inbox.put(said(2))
    await redis_process.fill()
    with pytest.raises(MemoryStoreError, match="OutOfMemory"):
        await inbox.put(said(3))
    lease = await taken(inbox)
    assert await inbox.renew(lease)
    await inbox.release(lease)
    await inbox.done(await taken(inbox))
    await inbox.park(await taken(inbox), "r")
    assert await inbox.depth() == 0


async def test_failover_is_told_and_passes(redis_process: RedisProcess) -> None:
    """A server that has become a replica refuses writes: told, nothing half stored; as a primary again it goes on at once."""
    inbox = RedisInbox(redis_process.client())
    await inbox.put(said(1))
    client = redis_process.client()
    await client.replicaof("127.0.0.1", "1")
    refusals: list[Awaitable[object]] = [inbox.put(said(2)), inbox.take(0.1)]
    for refused in refusals:
        with pytest.raises(MemoryStoreError):
            await refused
    await client.replicaof("NO", "ONE")
    assert await inbox.put(said(2))
    assert [(await taken(inbox)).message.id for _ in range(1)] == ["m1"]
    assert await inbox.depth() == 2


async def test_stored_messages_survive_kill_9_of_redis(redis_process: RedisProcess) -> None:
    """What was acknowledged is there after the server died and came back, in order, and still known as seen."""
    inbox = RedisInbox(redis_process.client())
    for n in range(20):
        await inbox.put(said(n))
    await redis_process.kill()
    await redis_process.start()
    assert not await inbox.put(said(7))
    for n in range(20):
        lease = await taken(inbox)
        assert lease.message.id == f"m{n}"
        await inbox.done(lease)
