"""Events of a message in Redis: the worker writes them, the HTTP side, perhaps in another process, waits for them. I/O only."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from adapters.web.render import Event, latest
from bot.messages import IncomingMessage
from bot.redis_calls import answering, digest
from config import limits
from rag.errors import MemoryStoreError

_BLOCK_SECONDS = 5.0
"""One wait in Redis; between two waits the caller hears that we are still there."""
_RETRY_SECONDS = 0.25


def patient(redis: Redis, connections: int = limits.WEB_WAITING) -> Redis:
    """A client for the same server whose socket timeout outlasts a wait in Redis. `follow` retries by itself, within its time."""
    pool = redis.connection_pool
    kwargs = {**pool.connection_kwargs, "socket_timeout": _BLOCK_SECONDS + 1.0, "retry": Retry(NoBackoff(), 0)}
    return Redis(
        connection_pool=BlockingConnectionPool(
            connection_class=pool.connection_class, max_connections=connections, timeout=1, **kwargs
        )
    )


def events_key(tenant: str, message_id: str) -> str:
    """Where the events of a message stand; of no use to a caller of another tenant."""
    return f"web:events:{tenant}:{message_id}"


def _conversation_index(conversation_key: str) -> str:
    return f"web:of-conversation:{digest(conversation_key)}"


def _user_index(platform: str, tenant: str, user: str) -> str:
    return f"web:of-user:{digest(platform, tenant, user)}"


class Events:
    """Reads and writes event streams. MemoryStoreError within a second when Redis does not answer."""

    def __init__(self, redis: Redis, waiting: Redis | None = None) -> None:
        """`waiting` is for `follow`, which holds a connection for long (see `patient`)."""
        self._redis, self._waiting = redis, waiting or redis

    async def open(self, message: IncomingMessage, also: Sequence[str] = ()) -> None:
        """Make a message's stream known before it is submitted; it is listed to be forgotten, and with it the keys in `also`."""
        key = message.reply_to["events"]
        indexes = (_conversation_index(message.key), _user_index(message.platform, message.tenant, message.user))
        async with answering(), self._redis.pipeline(transaction=False) as pipe:
            for index in indexes:
                pipe.sadd(index, key, *also)
                pipe.expire(index, limits.WEB_EVENTS_SECONDS * 2)
            await pipe.execute()
        await self.add(key, Event("accepted", "{}"))

    async def add(self, key: str, event: Event) -> None:
        """Append; the whole stream lives a while longer than its last event."""
        async with answering(), self._redis.pipeline(transaction=True) as pipe:
            pipe.xadd(key, {"event": event.name, "data": event.data}, maxlen=limits.WEB_EVENTS_KEPT, approximate=False)
            pipe.expire(key, limits.WEB_EVENTS_SECONDS)
            await pipe.execute()

    async def answered(self, key: str) -> bool:
        """Whether the stream has its answer."""
        async with answering():
            last: Any = await self._redis.xrevrange(key, count=1)
        return bool(last) and _event(last[0]).name == "answer"

    async def known(self, key: str) -> bool:
        """Whether there is such a stream (still)."""
        async with answering():
            return bool(await self._redis.exists(key))

    async def forget_conversation(self, conversation_key: str, keep: str = "") -> int:
        """Erase the events of a conversation, but for the stream `keep`; how many keys went. Safe to repeat."""
        return await self._forget(_conversation_index(conversation_key), keep)

    async def forget_user(self, platform: str, tenant: str, user: str) -> int:
        """Erase the events of what a user asked; for RedisMemory's `also_forget`. Safe to repeat."""
        return await self._forget(_user_index(platform, tenant, user), "")

    async def _forget(self, index: str, keep: str) -> int:
        removed = 0
        async with answering():
            keys: Any = await self._redis.smembers(index)
        for key in [*(key for key in keys if key != keep), index]:
            async with answering():  # one by one: in a cluster they live on different nodes
                removed += int(await self._redis.unlink(key))
        return removed

    async def follow(self, key: str, after: str, until: float) -> AsyncIterator[Event | None]:
        """Events after the id `after` ("0" for all) as they come, up to the answer; None when there is nothing new for a while.

        Ends after the answer, or at `until` (monotonic seconds). MemoryStoreError if Redis does not come back by then.
        """
        failure: RedisError | None = None
        while (left := until - time.monotonic()) > 0:
            block = max(1, int(min(left, _BLOCK_SECONDS) * 1000))
            try:
                found = await self._waiting.xread({key: after}, block=block)
                failure = None
            except RedisError as error:
                failure = error
                yield None
                await asyncio.sleep(min(_RETRY_SECONDS, left))
                continue
            events = [_event(entry) for _, entries in _streams(found) for entry in entries]
            for event in latest(events):
                after = event.id
                if event.name != "accepted":
                    yield event
                if event.name == "answer":
                    return
            if not events:
                yield None
        if failure is not None:
            raise MemoryStoreError(f"events: {type(failure).__name__}") from failure


def _streams(found: Any) -> list[tuple[str, list[tuple[str, dict[str, str]]]]]:
    """XREAD's reply, which is a list of pairs or a mapping by protocol version."""
    pairs = found.items() if isinstance(found, dict) else found or []
    return [(name, entries[0] if entries and isinstance(entries[0], list) else entries) for name, entries in pairs]


def _event(entry: tuple[str, dict[str, str]]) -> Event:
    return Event(entry[1]["event"], entry[1]["data"], entry[0])
