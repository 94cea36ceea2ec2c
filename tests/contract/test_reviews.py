"""What is kept for review, on a real redis-server: bounded, expiring, erased with whoever or whatever it was about."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.choices import Choices, ConversationChoice
from bot.exchange import Exchange, exchange_of, person
from bot.messages import Actor, IncomingMessage
from bot.reviews import RedisReviews
from rag.errors import MemoryStoreError
from rag.models import Answer, Assumption, Citation, Range, Recommendation
from tests.fakes.redis_proc import RedisProcess

ANSWER = Answer(
    "answered",
    "es",
    "Tres soplantes [1].",
    (Citation(1, "passage", "Manual «{}» 水", "a.md", "p. 3", "tres", "es", "p1", date(2024, 3, 12)),),
    (
        Recommendation(
            "vsd", "Variadores", "energy", "por qué", (1,), "document", "low",
            energy_kwh=Range(1, 2, 3), assumptions=(Assumption("h", 8760, "h", "x"),),
        ),
    ),
    ("¿Y el agua?",),
    timings_ms={"total": 12},
)  # fmt: skip


def asked(n: int = 1, user: str = "ana", conversation: str = "c") -> IncomingMessage:
    """A question in a channel."""
    return IncomingMessage(f"m{n}", "slack", "T", conversation, user, f"¿{n}?", channel="C", said=f"ts{n}")


def kept(message: IncomingMessage, at: float = 0.0) -> Exchange:
    """What is kept of it."""
    return replace(exchange_of(message, ANSWER, frozenset({"everyone"}), None, {"product": "1"}), at=at or time.time())


def actor(user: str = "ana") -> Actor:
    """Who asked, or another."""
    return asked(user=user).actor


@pytest.fixture
def reviews(redis: Redis) -> RedisReviews:
    return RedisReviews(redis)


async def everything(redis: Redis) -> str:
    """All keys and values, as somebody who reads the server would see them."""
    found = []
    readers: dict[str, Any] = {"string": redis.get, "hash": redis.hgetall, "zset": lambda name: redis.zrange(name, 0, -1)}
    for key in await redis.keys("*"):
        value: Any = await readers[str(await redis.type(key))](key)
        found.append(f"{key!r}={value}")
    return "\n".join(found)


async def test_an_exchange_comes_back_equal(reviews: RedisReviews) -> None:
    """With citations, dates, estimates and assumptions; unknown ids are nothing."""
    exchange = kept(asked())
    await reviews.keep(exchange)
    assert await reviews.get(exchange.id) == exchange
    assert await reviews.get("other") is None


async def test_no_name_of_a_person_is_stored(reviews: RedisReviews, redis: Redis) -> None:
    """Who asked and who judged are digests, in keys and in values."""
    exchange = kept(asked(user="U-SECRET"))
    await reviews.keep(exchange)
    await reviews.judge(exchange, actor("U-JUDGE"), "up")
    whole = await everything(redis)
    assert person(actor("U-SECRET")) in whole
    assert "U-SECRET" not in whole
    assert "U-JUDGE" not in whole


async def test_it_ends_by_itself(redis: Redis) -> None:
    """Every key has an expiry within the days that it is kept, the feedback's too."""
    reviews = RedisReviews(redis, days=2)
    exchange = kept(asked())
    await reviews.keep(exchange)
    await reviews.judge(exchange, actor(), "up")
    left = [await redis.ttl(key) for key in await redis.keys("*")]
    assert len(left) >= 6
    assert all(0 < seconds <= 2 * 24 * 3600 + 1 for seconds in left)


async def test_no_more_than_the_most(redis: Redis) -> None:
    """The oldest go, with what was said of them."""
    reviews = RedisReviews(redis, most=3)
    now = time.time()
    for n in range(5):
        await reviews.keep(kept(asked(n), now - 100 + n))
    left = [exchange.question async for exchange, _ in reviews.since(0)]
    assert left == ["¿4?", "¿3?", "¿2?"]
    assert await reviews.get(kept(asked(0)).id) is None


async def test_reading_in_order_since_a_time(reviews: RedisReviews) -> None:
    """Latest first, over more than one round trip, each with its feedback."""
    now = time.time()
    for n in range(120):
        await reviews.keep(kept(asked(n), now - n))
    liked = kept(asked(7), now - 7)
    await reviews.judge(liked, actor("eva"), "down", "falta el año")
    found = [(exchange.question, [one.reason for one in words.values()]) async for exchange, words in reviews.since(now - 110.5)]
    assert [question for question, _ in found] == [f"¿{n}?" for n in range(111)]
    assert [question for question, words in found if words] == ["¿7?"]
    assert found[7][1] == ["falta el año"]


async def test_forgetting_a_person(reviews: RedisReviews, redis: Redis) -> None:
    """What they asked and what they thought goes; others' exchanges and words stay. Safe to repeat."""
    mine, other = kept(asked(1)), kept(asked(2, "eva"))
    for exchange in (mine, other):
        await reviews.keep(exchange)
        await reviews.judge(exchange, actor("ana"), "down", "palabras de ana")
        await reviews.judge(exchange, actor("eva"), "up")
    assert await reviews.forget_user("slack", "T", "ana") >= 2
    assert await reviews.get(mine.id) is None
    assert await reviews.get(other.id) == other
    assert [one.verdict for one in (await reviews.feedback(other.id)).values()] == ["up"]
    assert "palabras de ana" not in await everything(redis)
    assert await reviews.of_person(actor("ana")) == []
    assert await reviews.forget_user("slack", "T", "ana") == 0


async def test_forgetting_a_conversation(reviews: RedisReviews) -> None:
    """Its exchanges go, whoever asked; those of another conversation stay."""
    here, there = kept(asked(1)), kept(asked(2, conversation="d"))
    await reviews.keep(here)
    await reviews.keep(there)
    assert await reviews.forget_conversation(asked().key) == 1
    assert (await reviews.get(here.id), await reviews.get(there.id)) == (None, there)
    assert await reviews.forget_conversation(asked().key) == 0


async def test_what_was_taken_back_goes(reviews: RedisReviews) -> None:
    """Found by the message's own id in its conversation, unless it is the exchange that took its place."""
    exchange = kept(asked())
    await reviews.keep(exchange)
    assert await reviews.take_back(asked(conversation="d").key, "ts1") == ""
    assert await reviews.take_back(asked().key, "ts1", keep=exchange.id) == ""
    assert await reviews.take_back(asked().key, "ts1") == exchange.id
    assert await reviews.get(exchange.id) is None


async def test_what_another_version_wrote(reviews: RedisReviews, redis: Redis) -> None:
    """Unreadable is as good as gone, and stops nobody else's page."""
    first, second = kept(asked(1)), kept(asked(2))
    for exchange in (first, second):
        await reviews.keep(exchange)
    await redis.set(f"review:{{{first.id}}}:said", '{"id": 7}')
    assert await reviews.get(first.id) is None
    assert [exchange async for exchange, _ in reviews.since(0)] == [second]


async def test_away_is_told_within_a_second(redis_process: RedisProcess) -> None:
    """A frozen Redis: MemoryStoreError, soon."""
    reviews = RedisReviews(redis_process.client())
    await reviews.keep(kept(asked()))
    redis_process.freeze()
    started = time.monotonic()
    with pytest.raises(MemoryStoreError):
        await reviews.get("x")
    assert time.monotonic() - started < 3


async def test_in_a_cluster(redis_cluster: Redis) -> None:
    """No call names keys of two slots."""
    reviews, exchange = RedisReviews(redis_cluster, most=1), kept(asked())
    await reviews.keep(kept(asked(2), time.time() - 5))
    await reviews.keep(exchange)
    await reviews.judge(exchange, actor(), "up")
    await reviews.share(exchange, actor("eva"))
    assert [one.id async for one, _ in reviews.since(0)] == [exchange.id]
    assert await reviews.forget_user("slack", "T", "ana") == 2


async def test_a_conversations_choice(redis: Redis) -> None:
    """Set in part, read in whole, expiring, and erased with the conversation."""
    choices = Choices(redis)
    await choices.set_conversation(asked().key, site="edar-norte")
    await choices.set_conversation(asked().key, language="en")
    assert await choices.conversation(asked().key) == ConversationChoice("edar-norte", "en")
    assert await choices.conversation(asked(conversation="d").key) == ConversationChoice()
    assert all([await redis.ttl(key) > 0 for key in await redis.keys("settings:conversation:*")])
    assert await choices.forget_conversation(asked().key) == 1
    assert await choices.conversation(asked().key) == ConversationChoice()
