"""Worker processes that are killed: no acknowledged message is lost, and next to none is answered twice."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.inbox import RedisInbox
from bot.messages import IncomingMessage
from tests.fakes.redis_proc import RedisProcess

CONCURRENCY = 4
"""Messages under way at once in tests/faults/worker_process.py."""

Process = asyncio.subprocess.Process


class Workers:
    """Starts worker processes on one Redis, and reads what they posted."""

    def __init__(self, redis: RedisProcess, folder: Path) -> None:
        self.inbox = RedisInbox(redis.client())
        self._url, self._file = redis.url, folder / "posted.txt"
        self.started: list[Process] = []

    async def start(self, work: float = 0.1, lease: float = 1.0) -> Process:
        """One more worker process."""
        arguments = ("-m", "tests.faults.worker_process", self._url, str(self._file), str(work), str(lease))
        process = await asyncio.create_subprocess_exec(sys.executable, *arguments)
        self.started.append(process)
        return process

    def posted(self) -> list[tuple[str, str, str]]:
        """Conversation, message and status of each post, in the order of posting."""
        if not self._file.exists():
            return []
        lines = [line.split() for line in self._file.read_text("utf-8").splitlines()]
        return [(conversation, message, status) for conversation, message, status in lines]

    async def put(self, count: int, offset: int = 0) -> set[str]:
        """Messages in five conversations, all acknowledged."""
        for n in range(offset, offset + count):
            assert await self.inbox.put(IncomingMessage(f"m{n}", "test", "T1", f"c{n % 5}", "ana", f"{n}"))
        return {f"m{n}" for n in range(offset, offset + count)}

    async def until(self, condition: Callable[[list[tuple[str, str, str]]], bool], seconds: float = 20) -> None:
        """Wait for what the posts show."""
        async with asyncio.timeout(seconds):
            while not condition(self.posted()):  # noqa: ASYNC110 - another process makes it true
                await asyncio.sleep(0.01)

    async def empty(self, seconds: float = 30) -> None:
        """Wait until every message is dealt with."""
        async with asyncio.timeout(seconds):
            while await self.inbox.depth():  # noqa: ASYNC110 - another process makes it true
                await asyncio.sleep(0.02)


@asynccontextmanager
async def workers(redis: RedisProcess, folder: Path) -> AsyncIterator[Workers]:
    """Ends what it started."""
    made = Workers(redis, folder)
    try:
        yield made
    finally:
        for process in made.started:
            if process.returncode is None:
                process.kill()
            await process.wait()


def doubles(posted: list[tuple[str, str, str]]) -> int:
    """How many posts were repetitions."""
    return len(posted) - len({message for _, message, _ in posted})


def in_order(posted: list[tuple[str, str, str]]) -> bool:
    """Whether each conversation was answered in the order of its messages, repetitions aside."""
    order: dict[str, list[int]] = defaultdict(list)
    for conversation, message, _ in posted:
        if int(message[1:]) not in order[conversation]:
            order[conversation].append(int(message[1:]))
    return all(numbers == sorted(numbers) for numbers in order.values())


async def test_kill_9_loses_nothing(redis_process: RedisProcess, tmp_path: Path) -> None:
    """20 acknowledged messages, kill -9 in the middle of the work, a new process: 20 answers, in order."""
    async with workers(redis_process, tmp_path) as pool:
        sent = await pool.put(20)
        first = await pool.start()
        await pool.until(lambda posted: len(posted) >= 5)
        first.kill()
        await first.wait()
        killed = time.monotonic()
        already = len(pool.posted())
        assert already < 20
        await pool.start()
        await pool.empty()
        assert {message for _, message, _ in pool.posted()} == sent
        assert {status for _, _, status in pool.posted()} == {"answered"}
        assert doubles(pool.posted()) <= CONCURRENCY  # what was between its post and its record; the rounds below count them
        assert in_order(pool.posted())
        assert time.monotonic() - killed < 10


async def test_sigterm_drains_without_doubles(redis_process: RedisProcess, tmp_path: Path) -> None:
    """SIGTERM: what is under way is posted, the process ends in time, the rest waits for the next one."""
    async with workers(redis_process, tmp_path) as pool:
        sent = await pool.put(20)
        first = await pool.start(work=0.3)
        await pool.until(lambda posted: len(posted) >= 4)
        started = time.monotonic()
        first.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(first.wait(), 10) == 0
        assert time.monotonic() - started < 2
        assert 4 <= len(pool.posted()) < 20
        await pool.start()
        await pool.empty()
        assert sorted(message for _, message, _ in pool.posted()) == sorted(sent)
        assert in_order(pool.posted())


async def test_message_that_kills_the_process_is_parked(redis_process: RedisProcess, tmp_path: Path) -> None:
    """After three deaths it is set aside and its asker told, once; the others are answered."""
    async with workers(redis_process, tmp_path) as pool:
        await pool.inbox.put(IncomingMessage("m99", "test", "T1", "bad", "ana", "poison"))
        sent = await pool.put(6)
        for _ in range(3):
            process = await pool.start(lease=0.4)
            assert await asyncio.wait_for(process.wait(), 10) == -signal.SIGKILL
        await pool.start(lease=0.4)
        await pool.empty()
        posted = pool.posted()
        assert {message for _, message, status in posted if status == "answered"} == sent
        assert [message for _, message, status in posted if status == "failed"] == ["m99"]
        assert len(await pool.inbox.parked()) == 1


@pytest.mark.faults
@pytest.mark.timeout(500)
async def test_fifty_rounds_of_kills(redis_process: RedisProcess, tmp_path: Path) -> None:
    """50 rounds of 20 messages, TERM or KILL at a random moment of the work, two workers: none of 1,000 lost."""
    chance = random.Random(11)
    sent: set[str] = set()
    by_signal = {signal.SIGTERM: 0, signal.SIGKILL: 0}
    slowest_stop = 0.0
    async with workers(redis_process, tmp_path) as pool:
        victim = await pool.start()
        for number in range(50):
            before = doubles(pool.posted())
            sent |= await pool.put(20, 20 * number)
            await asyncio.sleep(chance.uniform(0, 0.6))
            kind = chance.choice(list(by_signal))
            started = time.monotonic()
            victim.send_signal(kind)
            await victim.wait()
            slowest_stop = max(slowest_stop, time.monotonic() - started)
            victim = await pool.start()
            await pool.empty()
            by_signal[kind] += doubles(pool.posted()) - before
        posted = pool.posted()
    print(f"rounds 50, answered {len(sent)}, doubles {by_signal}, slowest stop {slowest_stop:.2f} s")
    assert {message for _, message, _ in posted} == sent
    assert in_order(posted)
    assert by_signal[signal.SIGTERM] == 0
    assert by_signal[signal.SIGKILL] <= 5
    assert slowest_stop < 10


@pytest.mark.faults
@pytest.mark.timeout(200)
async def test_redis_killed_under_load(redis_process: RedisProcess, tmp_path: Path) -> None:
    """Redis dies for a while, five times, under 20 messages a second: what was acknowledged is answered, nothing twice."""
    acknowledged: set[str] = set()
    refused = 0
    async with workers(redis_process, tmp_path) as pool:
        await pool.start(work=0.05, lease=6.0)
        for number in range(5):
            for n in range(40):
                name = f"{1000 * number + n}"
                try:
                    await pool.inbox.put(IncomingMessage(f"m{name}", "test", "T1", f"c{n % 5}", "ana", name))
                    acknowledged.add(f"m{name}")
                except Exception as error:
                    assert type(error).__name__ == "MemoryStoreError"  # noqa: PT017 - any other type must fail the test
                    refused += 1
                if n == 15:
                    await redis_process.kill()
                if n == 30:
                    await redis_process.start()
                await asyncio.sleep(0.05)
        await pool.empty(60)
        posted = pool.posted()
    print(f"acknowledged {len(acknowledged)}, refused {refused}, posted {len(posted)}, doubles {doubles(posted)}")
    assert acknowledged <= {message for _, message, _ in posted}
    assert doubles(posted) == 0
    assert refused > 0
