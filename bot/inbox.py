"""Messages between the platform's 200 and their answer: durable, ordered, deduplicated, in Redis. Implements bot.ports.Inbox.

All steps are Lua scripts (bot/lua/inbox*.lua, with the layout of the keys), so each is atomic. All keys share one hash slot.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from redis.asyncio import Redis

from bot.messages import IncomingMessage
from bot.ports import Lease
from bot.redis_calls import Script, answering, digest
from bot.redis_together import Together

SEEN_SECONDS = 24 * 3600
"""How long an id is remembered: Slack's last retry comes after about five minutes, but delayed events may come hours later."""
_UNREADABLE = (ValueError, TypeError, AttributeError)
_BLOCK_SECONDS = 0.25
"""One wait in Redis: well under the client's socket timeout. Leases that end and delays are noticed between two waits."""
_BURST_SECONDS = 0.5
"""So long a worker holds back while messages are being stored: in a burst all are acknowledged before the first is answered."""


class RedisInbox:
    """One inbox; all processes with the same `name` share it. Redis' clock times the leases."""

    def __init__(self, client: Redis, *, name: str = "inbox", lease_seconds: float = 6.0) -> None:
        """`lease_seconds`: how long a message of a killed worker waits for the next one."""
        self._client, self._name, self._lease_ms = client, name, round(lease_seconds * 1000)
        self._messages, self._dead, self._wake = (f"{{{name}}}:{part}" for part in ("messages", "dead", "wake"))
        self._keys = tuple(f"{{{name}}}:{part}" for part in "messages waiting ready leased state wake dead".split())
        self._put = Script("inbox", "inbox_put")
        self._puts = Together(self._put_all)
        self._take = Script("inbox", "inbox_take", allow_oom=True)
        self._renew = Script("inbox", "inbox_renew", allow_oom=True)
        self._done = Script("inbox", "inbox_done", allow_oom=True)
        self._release = Script("inbox", "inbox_release", allow_oom=True)
        self._park = Script("inbox", "inbox_park", allow_oom=True)
        self._drop = Script("inbox", "inbox_drop", allow_oom=True)
        self._queued = Script("inbox", "inbox_queued")

    async def put(self, message: IncomingMessage) -> bool:
        """Store; False if a message with this platform, tenant and id was stored in the last day.

        What it replaces is dropped if nobody works on it yet, or if it comes later, and marked as superseded if somebody does.
        """
        seen = f"{{{self._name}}}:seen:{digest(message.platform, message.tenant, message.id)}"
        said = message.replaces or message.said
        stored = message if message.received_at else replace(message, received_at=time.time())
        args = (digest(message.key), stored.to_json(), uuid.uuid4().hex, message.replaces, "1" if said else "")
        async with answering():
            return await self._puts(((seen, self._said(message.key, said)), args))

    async def came(self, key: str, said: str) -> bool:
        """Whether a message of that name was stored in the last day."""
        async with answering():
            return bool(await self._client.exists(self._said(key, said)))

    def _said(self, key: str, said: str) -> str:
        return f"{{{self._name}}}:said:{digest(key, said)}"

    async def take(self, wait: float) -> Lease | None:
        """The next message whose conversation has none under way, or None after `wait` seconds."""
        until = time.monotonic() + wait
        await self._puts.quiet(min(wait, _BURST_SECONDS))
        while True:
            token = uuid.uuid4().hex
            async with answering():
                found = await self._take.run(self._client, self._keys, token, self._lease_ms)
            if found:
                lease = await self._lease(found[0], token, found[1], int(found[2]))
                if lease:
                    return lease
                continue
            left = until - time.monotonic()
            if left <= 0:
                return None
            async with answering():
                await self._client.blpop([self._wake], timeout=max(0.01, min(left, _BLOCK_SECONDS)))

    async def renew(self, lease: Lease) -> bool:
        """Keep the lease for another period; False if it was lost or the message was answered by another worker."""
        conversation, token, _ = _parts(lease)
        async with answering():
            return bool(await self._renew.run(self._client, self._keys, conversation, token, self._lease_ms))

    async def done(self, lease: Lease) -> None:
        """Answered: remove it and free its conversation, even if the lease was lost: who holds it now will not post."""
        conversation, _, entry = _parts(lease)
        async with answering():
            await self._done.run(self._client, self._keys, conversation, entry)

    async def release(self, lease: Lease, delay: float = 0.0) -> None:
        """Hand back in good order: the attempt does not count. Later messages of the conversation wait behind it."""
        conversation, token, _ = _parts(lease)
        async with answering():
            await self._release.run(self._client, self._keys, conversation, token, round(delay * 1000))

    async def superseded(self, lease: Lease) -> bool:
        """Whether a correction or withdrawal of the message has come in since it was taken."""
        conversation, _, entry = _parts(lease)
        async with answering():
            marked: Any = await self._client.hget(self._keys[4], f"{conversation}/superseded")
        return bool(marked == entry)

    async def park(self, lease: Lease, reason: str) -> None:
        """Set aside for seven days with its reason. Nothing if the lease was lost."""
        await self._set_aside(*_parts(lease), reason)

    async def depth(self) -> int:
        """How many messages wait or are under way."""
        async with answering():
            return int(await self._client.hlen(self._messages))

    async def backlog(self) -> tuple[int, float]:
        """The depth, and the seconds for which the next message has waited for a free worker; 0 if none waits."""
        async with answering():
            asked: Any = self._client.pipeline(transaction=False)
            asked.hlen(self._messages).time().zrange(self._keys[2], 0, 0, withscores=True)
            depth, (seconds, micros), first = await asked.execute()
        return int(depth), max(0.0, seconds + micros / 1e6 - first[0][1] / 1000) if first else 0.0

    async def queued(self, seconds: float, most: int) -> list[IncomingMessage]:
        """Messages that have waited so long for a free worker, the longest first; each is told once, to one process."""
        async with answering():
            found = await self._queued.run(self._client, self._keys, round(seconds * 1000), most)
        return [message for text in found if (message := _read(text))]

    async def parked(self) -> list[tuple[str, str]]:
        """What was set aside in the last seven days, oldest first: each message as JSON and the reason."""
        async with answering():
            kept: Any = await self._client.zrange(self._dead, 0, -1)
        return [(record["message"], record["reason"]) for record in map(json.loads, kept)]

    async def forget_user(self, platform: str, tenant: str, user: str) -> int:
        """Erase what waits or is set aside of a user, but for a message under way; how many. Reads the whole inbox: rare."""
        whose = (platform, tenant, user)
        async with answering():
            entries = [entry async for entry, text in self._client.hscan_iter(self._messages) if _asker(text) == whose]
            dead: Any = await self._client.zrange(self._dead, 0, -1)
            records = [record for record in dead if _asker(json.loads(record)["message"]) == whose]
            removed = int(await self._drop.run(self._client, self._keys, *entries)) if entries else 0
            return removed + (int(await self._client.zrem(self._dead, *records)) if records else 0)

    async def _put_all(self, puts: Sequence[tuple[tuple[str, str], tuple[str, ...]]]) -> list[bool]:
        """Whether each of several messages was stored, as (keys that mark it, what the script wants to know of it)."""
        keys = (*self._keys, *(key for marks, _ in puts for key in marks))
        return [
            bool(one)
            for one in await self._put.run(self._client, keys, SEEN_SECONDS * 1000, *(arg for _, args in puts for arg in args))
        ]

    async def _lease(self, entry: str, token: str, text: str, attempt: int) -> Lease | None:
        proof = f"{entry}/{token}"
        try:
            return Lease(IncomingMessage.from_json(text), proof, attempt)
        except _UNREADABLE as error:
            # written by another version: it must not stop the others
            await self._set_aside(entry.rpartition(":")[0], token, entry, f"unreadable: {type(error).__name__}")
            return None

    async def _set_aside(self, conversation: str, token: str, entry: str, reason: str) -> None:
        async with answering():
            await self._park.run(self._client, self._keys, conversation, token, entry, reason)


def _parts(lease: Lease) -> tuple[str, str, str]:
    """Conversation, token and entry, all three in the lease's proof."""
    entry, _, token = lease.token.partition("/")
    return entry.rpartition(":")[0], token, entry


def _asker(text: str) -> tuple[str, str, str] | None:
    """Who said a stored message; None if it cannot be read."""
    message = _read(text)
    return (message.platform, message.tenant, message.user) if message else None


def _read(text: str) -> IncomingMessage | None:
    try:
        return IncomingMessage.from_json(text)
    except _UNREADABLE:
        return None
