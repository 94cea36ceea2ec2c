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
    """A file: its name, whose it is, and when it came."""

    name: str
    person: str
    at: float


@dataclass(frozen=True, slots=True)
class BroughtReadings:
    """Conversations and persons are known by digests. MemoryStoreError when Redis does not answer."""

    client: Redis
    ttl_seconds: int = 30 * _DAY_SECONDS

    async def keep(self, key: str, person: str, name: str, series: Sequence[Series]) -> str:
        """Keep a file's series for the conversation with this key, in place of an earlier file of that name; its id.

        `person` is a digest (bot.exchange.person). InputError if there is too much of it.
        """
        conversation, identity = digest(key), identity_of(key, name)
        packed = await asyncio.to_thread(_packed, series)
        if len(packed) > _MOST_BYTES:
            raise InputError(f"{name}: too many readings for a conversation: split it")
        kept = await self._about(conversation)
        others = sorted((one for one in kept.items() if one[0] != identity), key=lambda one: one[1].at)
        over = [one for one, _ in others[: max(0, len(others) + 1 - _MOST_FILES)]]
        about = _About(name, person, time.time())
        async with answering(), self.client.pipeline(transaction=True) as calls:
            calls.sadd(_of_person(person), conversation)
            calls.hset(_held(conversation), identity, packed)
            calls.hset(_told(conversation), identity, json.dumps(asdict(about)))
            if over:
                calls.hdel(_held(conversation), *over)
                calls.hdel(_told(conversation), *over)
            self._renew(calls, conversation, {*(one.person for one in kept.values()), person})
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
        async with answering(), self.client.pipeline(transaction=True) as calls:
            self._renew(calls, conversation, {one.person for one in kept.values()})
            await calls.execute()
        series = await asyncio.to_thread(_unpacked, packed)
        return brought(identity, kept[identity].name, series, conversation_audience(conversation), like)

    async def named(self, conversation: str, said: str) -> str:
        """The id of the file that a text names, with or without its ending (a short name needs it); "" if none."""
        kept = await self._about(conversation)
        return next((one for one, about in kept.items() if _names(said.casefold(), PurePath(about.name.casefold()))), "")

    async def forget_conversation(self, key: str) -> int:
        """For RedisMemory's `also_forget_conversation`."""
        async with answering():
            return int(await self.client.unlink(_held(digest(key)), _told(digest(key))))

    async def forget_user(self, platform: str, tenant: str, user: str) -> int:
        """For RedisMemory's `also_forget`: what a person brought into any conversation."""
        person, gone = digest(platform, tenant, user), 0
        async with answering():
            conversations = await cast(Awaitable[set[str]], self.client.smembers(_of_person(person)))
        for conversation in conversations:
            theirs = [one for one, about in (await self._about(conversation)).items() if about.person == person]
            if theirs:
                async with answering():
                    gone += int(await self.client.hdel(_held(conversation), *theirs))
                    await self.client.hdel(_told(conversation), *theirs)
        async with answering():
            await self.client.unlink(_of_person(person))
        return gone

    async def _about(self, conversation: str) -> dict[str, _About]:
        """What is kept of a conversation, by its id, without the readings."""
        async with answering():
            told = await cast(Awaitable[dict[str, str]], self.client.hgetall(_told(conversation)))
        return {identity: _About(**json.loads(about)) for identity, about in told.items()}

    def _renew(self, calls: Pipeline, conversation: str, persons: Iterable[str]) -> None:
        """Readings live as long as they are talked of, and whose they are is known for as long: else nobody could forget them."""
        for name in (_held(conversation), _told(conversation), *map(_of_person, persons)):
            calls.expire(name, self.ttl_seconds)


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


def _of_person(person: str) -> str:
    return f"brought:user:{{{person}}}"
