"""Readings that were sent in conversations, kept in Redis as long as their conversation is, and found by nobody else."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import zlib
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, cast

from redis.asyncio import Redis

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
class BroughtReadings:
    """Conversations and persons are known by digests. MemoryStoreError when Redis does not answer."""

    client: Redis
    ttl_seconds: int = 30 * _DAY_SECONDS

    async def keep(self, key: str, person: str, name: str, series: Sequence[Series]) -> str:
        """Keep a file's series for the conversation with this key, in place of an earlier file of that name; its id.

        `person` is a digest (bot.exchange.person). InputError if there is too much of it.
        """
        conversation, identity = digest(key), identity_of(key, name)
        packed = await asyncio.to_thread(_packed, name, person, series)
        if len(packed) > _MOST_BYTES:
            raise InputError(f"{name}: too many readings for a conversation: split it")
        held, owner = _held(conversation), _of_person(person)
        async with answering():
            kept = await cast(Awaitable[list[str]], self.client.hkeys(held))
            over = [one for one in kept if one != identity][: max(0, len(kept) + 1 - _MOST_FILES)]
        async with answering(), self.client.pipeline(transaction=True) as calls:
            calls.sadd(owner, conversation)
            calls.expire(owner, self.ttl_seconds)
            calls.hset(held, identity, packed)
            if over:
                calls.hdel(held, *over)
            calls.expire(held, self.ttl_seconds)
            await calls.execute()
        return identity

    async def of(self, conversation: str, identity: str, like: SiteConfig | None) -> Brought | None:
        """A file of a conversation (by its digest) as a facility, its expiry renewed; None if it is not kept (any more).

        `like` is the company's facility that is talked of there: see rag.brought.brought.
        """
        if not identity.startswith(PREFIX):
            return None
        async with answering():
            packed = await cast(Awaitable[str | None], self.client.hget(_held(conversation), identity))
            if packed is None:
                return None
            await self.client.expire(_held(conversation), self.ttl_seconds)
        name, series = await asyncio.to_thread(_unpacked, packed)
        return brought(identity, name, series, conversation_audience(conversation), like)

    async def named(self, conversation: str, said: str) -> str:
        """The id of the file that a text names, with or without its ending (a short name needs it); "" if none."""
        async with answering():
            held = await cast(Awaitable[dict[str, str]], self.client.hgetall(_held(conversation)))
        names = {identity: str(json.loads(packed)["name"]) for identity, packed in held.items()}
        return next((identity for identity, name in names.items() if _names(said.casefold(), PurePath(name.casefold()))), "")

    async def forget_conversation(self, key: str) -> int:
        """For RedisMemory's `also_forget_conversation`."""
        async with answering():
            return int(await self.client.unlink(_held(digest(key))))

    async def forget_user(self, platform: str, tenant: str, user: str) -> int:
        """For RedisMemory's `also_forget`: what a person brought into any conversation."""
        person, gone = digest(platform, tenant, user), 0
        async with answering():
            conversations = await cast(Awaitable[set[str]], self.client.smembers(_of_person(person)))
            for conversation in conversations:
                held = await cast(Awaitable[dict[str, str]], self.client.hgetall(_held(conversation)))
                theirs = [identity for identity, packed in held.items() if json.loads(packed)["person"] == person]
                if theirs:
                    gone += int(await self.client.hdel(_held(conversation), *theirs))
            await self.client.unlink(_of_person(person))
        return gone


def _names(said: str, file: PurePath) -> bool:
    """Whether a text has a file's name as a word of its own."""
    spelled = [file.name, *([file.stem] if len(file.stem) > 2 else [])]
    return any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", said) for one in spelled)


def identity_of(key: str, name: str) -> str:
    """The id of a file as a facility: the same for the same name in the same conversation."""
    return f"{PREFIX}{digest(key, name)[:12]}"


def _packed(name: str, person: str, series: Sequence[Series]) -> str:
    from rag.readings.kept import dumped  # pandas takes a second to load, and few conversations bring readings

    told = zlib.compress("\n".join(dumped(one) for one in series).encode())
    return json.dumps({"name": name, "person": person, "series": base64.b85encode(told).decode()})


def _unpacked(packed: str) -> tuple[str, list[Series]]:
    from rag.readings.kept import loaded

    told: dict[str, Any] = json.loads(packed)
    lines = zlib.decompress(base64.b85decode(told["series"])).decode().split("\n")
    return str(told["name"]), [loaded(line) for line in lines]


def _held(conversation: str) -> str:
    return f"brought:{{{conversation}}}"


def _of_person(person: str) -> str:
    return f"brought:user:{{{person}}}"
