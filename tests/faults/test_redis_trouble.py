"""Redis freezes and comes back under load: the event loop goes on, everybody is told in time, and work resumes at once."""

from __future__ import annotations

import asyncio
import time

import pytest

from rag.errors import MemoryStoreError
from tests.fakes.redis_proc import RedisProcess
from tests.worker_world import Recorder, said, working

_FROZEN_SECONDS = 3.0


async def _lags(stop: asyncio.Event) -> list[float]:
    """How late the loop was, in seconds, each time it should have woken us."""
    lags = []
    while not stop.is_set():
        expected = time.monotonic() + 0.01
        await asyncio.sleep(0.01)
        lags.append(time.monotonic() - expected)
    return lags


@pytest.mark.faults
async def test_frozen_redis_never_stops_the_loop(redis_process: RedisProcess) -> None:
    """3 s frozen under 100 messages a second: lag p99 <= 100 ms, refusals within a second, back in 2 s, none lost or twice."""
    channel, stop = Recorder(), asyncio.Event()
    kept: set[str] = set()
    refused: list[float] = []

    async def put(number: int) -> None:
        began = time.monotonic()
        for _ in range(3):  # the platform delivers again
            try:
                await world.inbox.put(said(number, f"c{number % 10}"))
            except MemoryStoreError:
                refused.append(time.monotonic() - began)
                await asyncio.sleep(2)
                began = time.monotonic()
            else:
                kept.add(str(number))
                return

    async with working(redis_process.client(), channel=channel, lease=6.0) as world:
        lagging = asyncio.create_task(_lags(stop))
        puts, thawed, before, back = [], 0.0, 0, 0.0
        for number in range(500):
            puts.append(asyncio.create_task(put(number)))
            if number == 100:
                redis_process.freeze()
            if number == 100 + 100 * _FROZEN_SECONDS:
                redis_process.thaw()
                thawed, before = time.monotonic(), len(channel.posted)
            await asyncio.sleep(0.01)
            if number > 400 and len(channel.posted) == before:
                back = time.monotonic() - thawed
        await asyncio.gather(*puts)
        await world.empty(20)
        stop.set()
        lags = sorted(await lagging)
    p99 = lags[int(len(lags) * 0.99)]
    print(f"refused {len(refused)}, slowest refusal {max(refused):.2f} s, loop lag p99 {1000 * p99:.0f} ms, back {back:.2f} s")
    assert max(refused) <= 1.2
    assert p99 <= 0.1
    assert back <= 2
    assert len(kept) == 500
    assert sorted(channel.posted) == sorted(kept)
