"""Posting: tried again as the platform says, from the reply that was computed, given up with a reason."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from bot import handling
from bot.messages import IncomingMessage, Reply
from bot.ports import OnProgress
from rag.errors import DeliveryError
from tests.worker_world import Recorder, reply, said, working


class Counting:
    """A respond that counts how often a reply is computed."""

    def __init__(self) -> None:
        self.calls = 0

    async def __call__(self, message: IncomingMessage, on_progress: OnProgress) -> Reply:
        self.calls += 1
        return reply(message.text)


def refusing(*errors: Exception) -> tuple[Callable[[IncomingMessage], Awaitable[None]], list[float]]:
    """A channel's `before_post` that raises these errors for message 1, one a call; and the times of its calls."""
    left, times = list(errors), list[float]()

    async def before(message: IncomingMessage) -> None:
        if message.id == "m1":
            times.append(time.monotonic())
            if left:
                raise left.pop(0)

    return before, times


async def test_refused_post_is_tried_again_without_a_second_answer(redis: Redis) -> None:
    """Two refusals, then it goes out; the reply was computed once."""
    before, times = refusing(DeliveryError("503"), DeliveryError("503"))
    respond = Counting()
    async with working(redis, respond, Recorder(before_post=before)) as world:
        await world.inbox.put(said(1))
        await world.channel.until(1)
        await world.empty()
    assert (respond.calls, len(times), world.channel.posted) == (1, 3, ["1"])


async def test_told_wait_is_kept_and_others_go_on(redis: Redis) -> None:
    """A channel that says "in 3 seconds" is asked no sooner; the worker answers others, and order in the thread holds."""
    before, times = refusing(DeliveryError("429", retry_after=3.0))
    respond = Counting()
    async with working(redis, respond, Recorder(before_post=before)) as world:
        await world.inbox.put(said(1))
        await world.inbox.put(said(2))
        await world.inbox.put(said(3, "other"))
        await world.channel.until(3, 8)
        await world.empty()
    assert world.channel.posted == ["3", "1", "2"]
    assert 3.0 <= times[1] - times[0] < 4.5
    assert respond.calls == 3


async def test_final_refusal_is_parked(redis: Redis) -> None:
    """What the channel will never take is set aside with the reason, after one try."""
    before, times = refusing(*[DeliveryError("channel_not_found", retryable=False)] * 3)
    async with working(redis, Counting(), Recorder(before_post=before)) as world:
        await world.inbox.put(said(1))
        await world.inbox.put(said(2))
        await world.channel.until(1)
        await world.empty()
        assert world.channel.posted == ["2"]
        assert [reason for _, reason in await world.inbox.parked()] == ["not posted: channel_not_found"]
    assert len(times) == 1


async def test_old_answer_is_given_up(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """A channel that stays away too long: the message is parked, not tried for ever."""
    monkeypatch.setattr(handling, "POST_AGE_SECONDS", 0.2)
    before, _ = refusing(*[DeliveryError("503")] * 99)
    async with working(redis, Counting(), Recorder(before_post=before)) as world:
        await world.inbox.put(said(1))
        await world.empty(5)
        assert [reason for _, reason in await world.inbox.parked()] == ["not posted: 503"]


async def test_hanging_post_is_cut(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """A channel that never returns counts as refused, and is tried again."""
    monkeypatch.setattr(handling, "POST_SECONDS", 0.2)
    hung = False

    async def hang(message: IncomingMessage) -> None:
        nonlocal hung
        if not hung:
            hung = True
            await asyncio.sleep(60)

    async with working(redis, Counting(), Recorder(before_post=hang)) as world:
        await world.inbox.put(said(1))
        await world.channel.until(1)
        await world.empty()
    assert world.channel.posted == ["1"]


async def test_channel_with_a_fault_costs_its_message_only(redis: Redis) -> None:
    """An error that no channel should raise: the asker is told if possible, the message parked, the loop goes on."""
    before, _times = refusing(KeyError("ts"))
    async with working(redis, Counting(), Recorder(before_post=before)) as world:
        await world.inbox.put(said(1))
        await world.inbox.put(said(2))
        await world.channel.until(2)
        await world.empty()
        assert world.channel.posted == ["1: KeyError", "2"]
        assert [reason for _, reason in await world.inbox.parked()] == ["KeyError"]


@pytest.mark.parametrize(("told", "least", "most"), [(0.0, 0, 0), (1.0, 1, 1.1), (9999.0, 60, 66), (-5.0, 0, 0)])
def test_wait_is_as_told_but_bounded(told: float, least: float, most: float) -> None:
    """Never sooner than told, up to a minute."""
    for _ in range(50):
        assert least <= handling._wait(DeliveryError("429", retry_after=told), 5.0) <= most


def test_wait_without_a_word_from_the_platform_is_spread() -> None:
    """Full and half of the given time are the ends, so that many waiters do not come back together."""
    waits = [handling._wait(DeliveryError("503"), 8.0) for _ in range(200)]
    assert 4.0 <= min(waits) < 5.0 < 7.0 < max(waits) <= 8.0
