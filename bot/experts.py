"""Questions in the hands of experts, in Redis: who was asked what and where, what they said, where to tell the asker."""

from __future__ import annotations

import time
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import Any, cast

from pydantic import TypeAdapter
from redis.asyncio import Redis

from bot.messages import Actor, IncomingMessage
from bot.redis_calls import answering, digest
from config import limits
from config.company import ExpertConfig

_SECONDS = limits.HANDOVER_DAYS * 24 * 3600
_CLAIM_SECONDS = 20
"""How long a press that asks an expert keeps others from asking too; one that failed may be repeated then."""
_UNCLEAR_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Handed:
    """An exchange in an expert's hands.

    asked   the question stands before them; `thread` is the conversation in which a reply can mean nothing else, if there is one
    card    the message that takes the question from there again, as JSON
    said    (name, text) of the messages that they answered with; the last one is the answer, given at `said_at` (unix seconds);
            without a text they said that they do not know
    relay   `said` of what the asker was told of it
    """

    exchange: str
    tenant: str
    expert: ExpertConfig
    asked: bool = False
    thread: str = ""
    card: str = ""
    said: tuple[tuple[str, str], ...] = ()
    said_at: float = 0.0
    relay: str = ""
    kept: bool = False

    @property
    def text(self) -> str:
        """What they answered; "" until they did."""
        return self.said[-1][1] if self.said else ""

    def answered_by(self, name: str) -> bool:
        """Whether the message of this name is, or was before a later one, the answer."""
        return any(one == name for one, _ in self.said)


@dataclass(frozen=True, slots=True)
class Put:
    """That a question was put to an expert: in `where` they answer it ("": in whatever they say to the adviser alone)."""

    exchange: str
    where: str
    at: float


@dataclass(frozen=True, slots=True)
class Unclear:
    """A statement that may answer several questions, until its author says which."""

    message: str
    exchanges: tuple[str, ...]
    at: float


@dataclass(frozen=True, slots=True)
class Here:
    """What an expert was asked where they speak, oldest first: in their hands, and taken back since (the last one put to them at
    `gone_at`, unix seconds); what was unclear; and what stands open elsewhere, which nothing said here answers by itself.
    """

    handed: tuple[Handed, ...] = ()
    gone: tuple[str, ...] = ()
    gone_at: float = 0.0
    unclear: Unclear | None = None
    elsewhere: tuple[Handed, ...] = ()


_HANDED: TypeAdapter[Handed] = TypeAdapter(Handed)
_PUT: TypeAdapter[Put] = TypeAdapter(Put)
_UNCLEAR: TypeAdapter[Unclear] = TypeAdapter(Unclear)


class Experts:
    """MemoryStoreError when Redis does not answer."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def offered(self, exchange: str, message: IncomingMessage) -> None:
        """Where to tell the asker, should an expert answer elsewhere. Their words are not kept twice."""
        place = replace(message, text="", files=(), replaces="")
        indexes = (_of_person(message.platform, message.tenant, message.user), _of_conversation(message.key))
        async with answering(), self._client.pipeline(transaction=False) as calls:
            calls.set(_asker(exchange), place.to_json(), ex=_SECONDS)
            for index in indexes:
                calls.sadd(index, exchange)
                calls.expire(index, _SECONDS)
            await calls.execute()

    async def asker(self, exchange: str) -> IncomingMessage | None:
        """The message that asked, without its words, if it is known (still)."""
        async with answering():
            text = await self._client.get(_asker(exchange))
        return IncomingMessage.from_json(str(text)) if text else None

    async def hand_over(self, exchange: str, actor: Actor, expert: ExpertConfig, where: str) -> bool:
        """From now on what the expert says `where` answers it. False if they were asked before, or are being asked just now."""
        before = await self.handed(exchange)
        if before and before.asked:
            return False
        async with answering():
            if not await self._client.set(_claim(exchange), "1", nx=True, ex=_CLAIM_SECONDS):
                return False
        handed = before or Handed(exchange, actor.tenant, expert)
        await self._put(handed, Put(exchange, where, time.time()))
        return True

    async def not_asked(self, exchange: str) -> None:
        """The question could not be put to them: the next press does it."""
        async with answering():
            await self._client.delete(_claim(exchange))

    async def asked(self, handed: Handed, card: IncomingMessage, thread: str) -> None:
        """The question stands before them: in `thread`, if it has one of its own; `card` takes it from there."""
        stands = replace(handed, asked=True, thread=thread, card=card.to_json())
        await self._put(stands, Put(handed.exchange, card.conversation, time.time()))

    async def _put(self, handed: Handed, put: Put) -> None:
        index = _put_to(handed.expert.platform, handed.tenant, handed.expert.id)
        async with answering(), self._client.pipeline(transaction=False) as calls:
            calls.set(_state(handed.exchange), _HANDED.dump_json(handed).decode(), ex=_SECONDS)
            calls.hset(index, handed.exchange, _PUT.dump_json(put).decode())
            calls.expire(index, _SECONDS)
            await calls.execute()

    async def here(self, message: IncomingMessage) -> Here:
        """What the author of a message was asked where they said it."""
        who = (message.platform, message.tenant, message.user)
        async with answering(), self._client.pipeline(transaction=False) as calls:
            calls.hgetall(_put_to(*who))
            calls.hget(_unclear(*who), digest(message.key))
            found, text = await calls.execute()
        puts = sorted(map(_PUT.validate_json, found.values()), key=lambda one: one.at)
        old = [one.exchange for one in puts if time.time() - one.at > _SECONDS]
        await self._let_go(who, old)
        handed, gone, elsewhere = list[Handed](), list[Put](), list[Handed]()
        for put in puts:
            if put.exchange in old:
                continue
            state = await self.handed(put.exchange)
            here = put.where == message.conversation if put.where else message.direct
            if here or (state and (state.thread == message.conversation or state.answered_by(message.name))):
                gone.append(put) if state is None else handed.append(state)
            elif state and state.asked and not state.said:
                elsewhere.append(state)
        unclear = _UNCLEAR.validate_json(text) if text else None
        fresh = unclear if unclear and time.time() - unclear.at < _UNCLEAR_SECONDS else None
        gone_at = max((one.at for one in gone), default=0.0)
        return Here(tuple(handed), tuple(one.exchange for one in gone), gone_at, fresh, tuple(elsewhere))

    async def waited_for(self, message: IncomingMessage) -> frozenset[str]:
        """The experts who were asked in the conversation of a message, before all who are in it, and have not answered yet."""
        async with answering():
            exchanges: set[Any] = await self._client.smembers(_of_conversation(message.key))
        found = [one for exchange in exchanges if (one := await self.handed(exchange)) and one.asked and not one.said]
        return frozenset(
            one.expert.id for one in found if IncomingMessage.from_json(one.card).conversation == message.conversation
        )

    async def handed(self, exchange: str) -> Handed | None:
        """What became of an exchange that was handed over."""
        async with answering():
            text = await self._client.get(_state(exchange))
        return _HANDED.validate_json(text) if text else None

    async def keep(self, handed: Handed) -> None:
        """Note what has become of it, if it is in their hands still."""
        async with answering():
            await self._client.set(_state(handed.exchange), _HANDED.dump_json(handed).decode(), xx=True, ex=_SECONDS)

    async def unclear(self, message: IncomingMessage, exchanges: tuple[str, ...]) -> None:
        """A statement may answer any of these; nothing is unclear any more if there are none."""
        name = _unclear(message.platform, message.tenant, message.user)
        async with answering(), self._client.pipeline(transaction=False) as calls:
            if exchanges:
                told = Unclear(message.to_json(), exchanges, time.time())
                calls.hset(name, digest(message.key), _UNCLEAR.dump_json(told).decode())
                calls.expire(name, _UNCLEAR_SECONDS)
            else:
                calls.hdel(name, digest(message.key))
            await calls.execute()

    async def take_back(self, exchange: str) -> None:
        """The question is no more. That something was asked stays, to be told to who answers."""
        async with answering(), self._client.pipeline(transaction=False) as calls:
            calls.unlink(_state(exchange))
            calls.unlink(_asker(exchange))
            await calls.execute()

    async def let_go(self, message: IncomingMessage, exchanges: tuple[str, ...]) -> None:
        """The author of a message is done with these."""
        await self._let_go((message.platform, message.tenant, message.user), exchanges)

    async def _let_go(self, who: tuple[str, str, str], exchanges: Any) -> None:
        if exchanges:
            async with answering():
                await self._client.hdel(_put_to(*who), *exchanges)

    async def forget_user(self, platform: str, tenant: str, user: str) -> int:
        """Erase where a person asked, and what they were answered; and what they answered as an expert. Safe to repeat."""
        who = (platform, tenant, user)
        async with answering():
            theirs = await cast(Awaitable[dict[str, str]], self._client.hgetall(_put_to(*who)))
            async with self._client.pipeline(transaction=False) as calls:
                for exchange in theirs:
                    calls.unlink(_state(exchange))
                calls.unlink(_put_to(*who), _unclear(*who))
                await calls.execute()
        return await self._forget(_of_person(*who))

    async def forget_conversation(self, key: str) -> int:
        """Erase what was asked in a conversation, and what was answered. Safe to repeat."""
        return await self._forget(_of_conversation(key))

    async def _forget(self, index: str) -> int:
        async with answering():
            exchanges: set[Any] = await self._client.smembers(index)
            async with self._client.pipeline(transaction=False) as calls:
                for exchange in exchanges:
                    calls.unlink(_asker(exchange))
                    calls.unlink(_state(exchange))
                calls.unlink(index)
                return sum(await calls.execute())


def _state(exchange: str) -> str:
    return f"expert:handed:{exchange}"


def _claim(exchange: str) -> str:
    return f"expert:asking:{exchange}"


def _asker(exchange: str) -> str:
    return f"expert:asked:{exchange}"


def _of_person(platform: str, tenant: str, user: str) -> str:
    return f"expert:of-user:{digest(platform, tenant, user)}"


def _of_conversation(key: str) -> str:
    return f"expert:of-conversation:{digest(key)}"


def _put_to(platform: str, tenant: str, expert: str) -> str:
    return f"expert:put-to:{digest(platform, tenant, expert)}"


def _unclear(platform: str, tenant: str, expert: str) -> str:
    return f"expert:unclear:{digest(platform, tenant, expert)}"
