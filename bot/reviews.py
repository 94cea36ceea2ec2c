"""What was asked and answered, kept for a while in Redis so that people can judge it, open its evidence and make it better."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import replace
from typing import Any, cast

from pydantic import ValidationError
from redis.asyncio import Redis

from bot.exchange import EXCHANGE, FEEDBACK, Exchange, Feedback, Verdict, person, places
from bot.messages import Actor
from bot.redis_calls import answering, digest
from config import limits

_RECENT = "review:recent"
_AT_ONCE = 100


class RedisReviews:
    """Exchanges by id, with lists by person, by conversation and by time. MemoryStoreError when Redis does not answer."""

    def __init__(self, client: Redis, *, days: float = limits.REVIEW_DAYS, most: int = limits.REVIEW_EXCHANGES) -> None:
        self._client, self._seconds, self._most = client, round(days * 24 * 3600), most

    async def keep(self, exchange: Exchange) -> None:
        """Store it, or what another attempt made of it; what people said of it stays. What is too old or too much goes."""
        text = EXCHANGE.dump_json(exchange).decode()
        async with answering():
            await self._client.set(_key(exchange.id), text, ex=self._seconds)
            async with self._client.pipeline(transaction=False) as calls:
                for index in (_RECENT, _of(exchange.who), _in(exchange.conversation)):
                    calls.zadd(index, {exchange.id: exchange.at})
                    calls.zremrangebyscore(index, "-inf", exchange.at - self._seconds)
                    calls.expire(index, self._seconds)
                calls.zcard(_RECENT)
                if exchange.said:
                    calls.set(_said(exchange.said), exchange.id, ex=self._seconds)
                results = await calls.execute()
            count = int(results[9])
            old: Any = await self._client.zpopmin(_RECENT, count - self._most) if count > self._most else []
        await self._drop([str(one) for one, _ in old])

    async def get(self, exchange: str) -> Exchange | None:
        """The exchange, if it is kept (still)."""
        async with answering():
            text: Any = await self._client.get(_key(exchange))
        return _read(text) if text else None

    async def judge(self, exchange: Exchange, actor: Actor, verdict: Verdict, reason: str = "") -> None:
        """A person's last word on it. A reason stays with its verdict until another verdict or reason is given."""
        who, at = person(actor), time.time()
        key = _feedback(exchange.id)
        async with answering():
            text = await cast(Awaitable[str | None], self._client.hget(key, who))
            before = FEEDBACK.validate_json(text) if text else None
            kept = before.reason if before and before.verdict == verdict and not reason else reason
            word = Feedback(verdict, kept.strip()[: limits.REVIEW_REASON_CHARS], at)
            async with self._client.pipeline(transaction=False) as calls:
                calls.hset(key, who, FEEDBACK.dump_json(word).decode())
                calls.expireat(key, round(exchange.at) + self._seconds)
                calls.zadd(_voted(who), {exchange.id: at})
                calls.expire(_voted(who), self._seconds)
                await calls.execute()

    async def feedback(self, exchange: str) -> dict[str, Feedback]:
        """What people said of it, by the digest of each."""
        async with answering():
            words = await cast(Awaitable[dict[str, str]], self._client.hgetall(_feedback(exchange)))
        return {who: FEEDBACK.validate_json(text) for who, text in words.items()}

    async def share(self, exchange: Exchange, actor: Actor) -> None:
        """From now on it concerns all who are where the actor is."""
        seen = tuple(sorted({*exchange.places, *places(actor)}))
        async with answering():
            await self._client.set(_key(exchange.id), EXCHANGE.dump_json(replace(exchange, places=seen)), xx=True, keepttl=True)

    async def of_person(self, actor: Actor, most: int = 5) -> list[Exchange]:
        """The latest exchanges of a person, latest first."""
        async with answering():
            ids: Any = await self._client.zrevrange(_of(person(actor)), 0, most - 1)
        return [exchange async for exchange in self._read_all(ids)]

    async def since(self, at: float, most: int = limits.REVIEW_EXCHANGES) -> AsyncIterator[tuple[Exchange, dict[str, Feedback]]]:
        """Exchanges since `at` (unix seconds) with what people said of each; latest first, as many as `most`."""
        async with answering():
            ids: Any = await self._client.zrevrangebyscore(_RECENT, "+inf", at, start=0, num=most)
        for start in range(0, len(ids), _AT_ONCE):
            part = [exchange async for exchange in self._read_all(ids[start : start + _AT_ONCE])]
            async with answering(), self._client.pipeline(transaction=False) as calls:
                for exchange in part:
                    calls.hgetall(_feedback(exchange.id))
                words = await calls.execute()
            for exchange, said in zip(part, words, strict=True):
                yield exchange, {who: FEEDBACK.validate_json(text) for who, text in said.items()}

    async def take_back(self, conversation_key: str, said: str, keep: str = "") -> str:
        """Erase the exchange of a message that was withdrawn, or answered anew as `keep`; which went, "" if none."""
        name = _said(digest(conversation_key, said))
        async with answering():
            found: Any = await self._client.get(name)
        return str(found) if found and found != keep and await self._drop([found]) else ""

    async def forget_conversation(self, key: str) -> int:
        """Erase what was asked and answered in a conversation. Safe to repeat."""
        return await self._forget(_in(digest(key)))

    async def forget_user(self, platform: str, tenant: str, user: str) -> int:
        """Erase what a person asked, was answered, and thought of answers. Safe to repeat."""
        who = digest(platform, tenant, user)
        async with answering():
            judged: Any = await self._client.zrange(_voted(who), 0, -1)
            async with self._client.pipeline(transaction=False) as calls:
                for exchange in judged:
                    calls.hdel(_feedback(exchange), who)
                calls.unlink(_voted(who))
                await calls.execute()
        return len(judged) + await self._forget(_of(who))

    async def _forget(self, index: str) -> int:
        async with answering():
            ids: Any = await self._client.zrange(index, 0, -1)
        removed = await self._drop(ids)
        async with answering():
            await self._client.zrem(index, *ids) if ids else None
        return removed

    async def _drop(self, ids: Sequence[str]) -> int:
        """Erase exchanges and what was said of them; how many were there. Other lists point nowhere then, and expire."""
        removed = 0
        for start in range(0, len(ids), _AT_ONCE):
            part = ids[start : start + _AT_ONCE]
            async with answering(), self._client.pipeline(transaction=False) as calls:
                for one in part:
                    calls.unlink(_key(one))
                for one in part:
                    calls.unlink(_feedback(one))
                calls.zrem(_RECENT, *part)
                removed += sum((await calls.execute())[: len(part)])
        return removed

    async def _read_all(self, ids: Sequence[str]) -> AsyncIterator[Exchange]:
        async with answering(), self._client.pipeline(transaction=False) as calls:
            for one in ids:
                calls.get(_key(one))
            texts = await calls.execute()
        for exchange in (_read(text) for text in texts if text):
            if exchange:
                yield exchange


def _read(text: str) -> Exchange | None:
    """None for what another version wrote in a way that this one cannot read."""
    try:
        return EXCHANGE.validate_json(text)
    except ValidationError:
        return None


def _key(exchange: str) -> str:
    return f"review:{{{exchange}}}:said"


def _feedback(exchange: str) -> str:
    return f"review:{{{exchange}}}:feedback"


def _of(who: str) -> str:
    return f"review:of-user:{who}"


def _in(conversation: str) -> str:
    return f"review:of-conversation:{conversation}"


def _voted(who: str) -> str:
    return f"review:judged-by:{who}"


def _said(said: str) -> str:
    return f"review:message:{said}"
