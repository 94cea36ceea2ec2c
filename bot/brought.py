"""Readings that were sent in conversations, kept in Redis as long as their conversation is, and found by nobody else."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import time
import zlib
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import cast

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from bot.access import conversation_audience
from bot.redis_calls import answering, digest
from config.company import SiteConfig
from rag.brought import PREFIX, Brought, brought
from rag.errors import InputError
from rag.readings.series import Series

_DAY_SECONDS = 24 * 3600
_MOST_BYTES = 4_000_000
"""Of one file as it is kept; two years of minutes are fewer."""
_MOST_FILES = 8
"""Of one conversation: the first gives way to the next."""


@dataclass(frozen=True, slots=True)
class _About:
    """A file: its name, whose it is, when it came, and the name of the message that brought it."""

    name: str
    person: str
    at: float
    message: str = ""


@dataclass(frozen=True, slots=True)
class BroughtReadings:
    """Conversations and persons are known by digests. MemoryStoreError when Redis does not answer."""

    client: Redis
    ttl_seconds: int = 30 * _DAY_SECONDS

    async def keep(self, key: str, person: str, name: str, series: Sequence[Series], message: str = "") -> str:
        """Keep a file's series for the conversation with this key, in place of an earlier file of that name; its id.

        `person` is a digest (bot.exchange.person), `message` the name of what brought it. InputError if there is too much of it.
        """
        conversation, identity = digest(key), identity_of(key, name)
        packed = await asyncio.to_thread(_packed, series)
        if len(packed) > _MOST_BYTES:
            raise InputError(f"{name}: too many readings for a conversation: split it")
        kept, untold = await self._held_of(conversation)
        others = sorted((one for one in kept.items() if one[0] != identity), key=lambda one: one[1].at)
        over = [one for one in untold if one != identity] + [one for one, _ in others[: max(0, len(others) + 1 - _MOST_FILES)]]
        about = _About(name, person, time.time(), message)
        await self._renew_persons({*(one.person for one in kept.values()), person}, conversation)
        async with answering(), self.client.pipeline(transaction=True) as calls:
            calls.hset(_held(conversation), identity, packed)
            calls.hset(_told(conversation), identity, json.dumps(asdict(about)))
            if over:
                calls.hdel(_held(conversation), *over)
                calls.hdel(_told(conversation), *over)
            calls.unlink(_before(conversation))
            self._renew(calls, conversation)
            await calls.execute()
        return identity

    async def of(self, conversation: str, identity: str, like: SiteConfig | None) -> Brought | None:
        """A file of a conversation (by its digest) as a facility, its expiry renewed; None if it is not kept (any more).

        `like` is the company's facility that is talked of there: see rag.brought.brought.
        """
        if not identity.startswith(PREFIX):
            return None
        kept = await self._about(conversation)
        async with answering():
            packed = await cast(Awaitable[str | None], self.client.hget(_held(conversation), identity))
        if packed is None or identity not in kept:
            return None
        await self._renew_persons({one.person for one in kept.values()}, conversation)
        async with answering(), self.client.pipeline(transaction=True) as calls:
            self._renew(calls, conversation)
            await calls.execute()
        series = await asyncio.to_thread(_unpacked, packed)
        return brought(identity, kept[identity].name, series, conversation_audience(conversation), like)

    async def named(self, conversation: str, said: str) -> str:
        """The id of the file that a text names, with or without its ending (a short name needs it); "" if none."""
        kept = await self._about(conversation)
        return next((one for one, about in kept.items() if _names(said.casefold(), PurePath(about.name.casefold()))), "")

    async def forget_message(self, key: str, message: str) -> None:
        """What a message of this name brought into the conversation with this key. Safe to repeat."""
        theirs = [one for one, about in (await self._about(digest(key))).items() if about.message == message]
        if theirs:
            async with answering():
                await self.client.hdel(_held(digest(key)), *theirs)
                await self.client.hdel(_told(digest(key)), *theirs)

    async def forget_conversation(self, key: str) -> int:
        """For RedisMemory's `also_forget_conversation`."""
        async with answering():
            return int(await self.client.unlink(*(name(digest(key)) for name in (_held, _told, _before))))

    async def forget_user(self, platform: str, tenant: str, user: str) -> int:
        """For RedisMemory's `also_forget`: what a person brought into any conversation."""
        person, gone = digest(platform, tenant, user), 0
        async with answering():
            conversations = await cast(Awaitable[set[str]], self.client.smembers(_of_person(person)))
        for conversation in conversations:
            kept, untold = await self._held_of(conversation)
            theirs = [*untold, *(one for one, about in kept.items() if about.person == person)]
            async with answering():
                if theirs:
                    gone += int(await self.client.hdel(_held(conversation), *theirs))
                    await self.client.hdel(_told(conversation), *theirs)
                await self.client.unlink(_before(conversation))
        async with answering():
            await self.client.unlink(_of_person(person))
        return gone

    async def _about(self, conversation: str) -> dict[str, _About]:
        """What is kept of a conversation, by its id, without the readings."""
        return (await self._held_of(conversation))[0]

    async def _held_of(self, conversation: str) -> tuple[dict[str, _About], list[str]]:
        """The same, and the ids of readings of which nobody noted whose they are: those of an older version."""
        async with answering(), self.client.pipeline(transaction=True) as calls:
            calls.hgetall(_told(conversation))
            calls.hkeys(_held(conversation))
            told, held = await calls.execute()
        kept = {identity: _About(**json.loads(about)) for identity, about in told.items()}
        return kept, [one for one in held if one not in kept]

    def _renew(self, calls: Pipeline, conversation: str) -> None:
        """Readings live as long as they are talked of."""
        for name in (_held(conversation), _told(conversation)):
            calls.expire(name, self.ttl_seconds)

    async def _renew_persons(self, persons: Iterable[str], conversation: str) -> None:
        """Whose readings they are is known for as long: else nobody could forget them. Each person has a slot of their own."""
        async with answering(), self.client.pipeline(transaction=False) as calls:
            for name in map(_of_person, persons):
                calls.sadd(name, conversation)
                calls.expire(name, self.ttl_seconds)
            await calls.execute()


def _names(said: str, file: PurePath) -> bool:
    """Whether a text has a file's name as a word of its own."""
    spelled = [file.name, *([file.stem] if len(file.stem) > 2 else [])]
    return any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", said) for one in spelled)


def identity_of(key: str, name: str) -> str:
    """The id of a file as a facility: the same for the same name in the same conversation."""
    return f"{PREFIX}{digest(key, name)[:12]}"


def _packed(series: Sequence[Series]) -> str:
    from rag.readings.kept import dumped  # pandas takes a second to load, and few conversations bring readings

    return base64.b64encode(zlib.compress("\n".join(dumped(one) for one in series).encode())).decode()


def _unpacked(packed: str) -> list[Series]:
    from rag.readings.kept import loaded

    return [loaded(line) for line in zlib.decompress(base64.b64decode(packed)).decode().split("\n")]


def _held(conversation: str) -> str:
    return f"brought:readings:{{{conversation}}}"


def _told(conversation: str) -> str:
    return f"brought:about:{{{conversation}}}"


def _before(conversation: str) -> str:
    """Where an older version kept readings: nothing reads them any more."""
    return f"brought:{{{conversation}}}"


def _of_person(person: str) -> str:
    return f"brought:user:{{{person}}}"
