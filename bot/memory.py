"""What was said in a conversation, in Redis: the last turns only, each key with an expiry. Implements bot.ports.Memory."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Awaitable, Callable, Sequence
from itertools import takewhile
from typing import Any

from redis.asyncio import Redis

from bot.redis_calls import Script, answering, digest
from rag.models import Given, Turn

_DAY_SECONDS = 24 * 3600
_FIELDS = {field.name for field in dataclasses.fields(Turn)}

ForgetUser = Callable[[str, str, str], Awaitable[int]]
ForgetConversation = Callable[[str], Awaitable[int]]


class RedisMemory:
    """Keys hold digests, no names. The keys of a conversation share a hash slot; so do those of a user."""

    def __init__(
        self,
        client: Redis,
        *,
        cap: int = 40,
        ttl_seconds: int = 30 * _DAY_SECONDS,
        also_forget: Sequence[ForgetUser] = (),
        also_forget_conversation: Sequence[ForgetConversation] = (),
    ) -> None:
        """`cap` turns are kept for `ttl_seconds` after the last one; the others erase what other stores hold."""
        self._client, self._cap, self._ttl_ms = client, cap, ttl_seconds * 1000
        self._also_forget, self._also_forget_conversation = tuple(also_forget), tuple(also_forget_conversation)
        self._append = Script("memory_append")
        self._index = Script("memory_index")
        self._retract = Script("memory_retract", allow_oom=True)
        self._forget_user = Script("memory_forget_user", allow_oom=True)

    async def history(self, key: str, before: str = "") -> list[Turn]:
        """The latest turns, oldest first; with `before` only those said before that message and the answer to it."""
        async with answering():
            kept: Any = await self._client.lrange(_turns(digest(key)), 0, -1)
        earlier = takewhile(lambda one: not before or json.loads(one).get("said") != before, kept)
        return [_turn(one) for one in earlier]

    async def append(self, key: str, turns: Sequence[Turn], once: str = "", said: str = "", replaces: str = "") -> None:
        """Add turns, trim to the cap and renew the expiry in one step; nothing if `once` was seen in this conversation.

        `said` marks them as a message and its answer; they take the place of those marked as `replaces`.

        The users' index is written second: after a crash between the two the message is answered again, and the index with it.
        """
        conversation = digest(key)
        platform, tenant, *_ = json.loads(key)
        mark = {"said": said} if said else {}
        added = [json.dumps({**dataclasses.asdict(turn), **mark}, ensure_ascii=False) for turn in turns]
        async with answering():
            keys = (_turns(conversation), _once(conversation))
            await self._append.run(self._client, keys, self._cap, self._ttl_ms, once and digest(once), replaces, *added)
            for user in sorted({turn.user_id for turn in turns if turn.user_id}):
                await self._index.run(self._client, (_user(platform, tenant, user),), self._ttl_ms, conversation)

    async def retract(self, key: str, said: str) -> int:
        """Remove a message that was taken back, and the answer to it; the number of turns removed. Safe to repeat."""
        async with answering():
            return int(await self._retract.run(self._client, (_turns(digest(key)),), said))

    async def known(self, key: str, said: str = "") -> bool:
        """Whether anything of the conversation is remembered; with `said`, whether that message is."""
        async with answering():
            if not said:
                return bool(await self._client.exists(_turns(digest(key))))
            kept: Any = await self._client.lrange(_turns(digest(key)), 0, -1)
        return any(json.loads(one).get("said") == said for one in kept)

    async def forget_conversation(self, key: str) -> int:
        """Erase a conversation; the number of keys removed."""
        conversation = digest(key)
        async with answering():
            removed = int(await self._client.unlink(_turns(conversation), _once(conversation)))
        for forget in self._also_forget_conversation:
            removed += await forget(key)
        return removed

    async def forget_user(self, platform: str, tenant: str, user: str) -> int:
        """Erase a user's turns and the answers to them in all conversations; how many turns and waiting messages went."""
        removed = 0
        index = _user(platform, tenant, user)
        async with answering():
            conversations: Any = await self._client.zrange(index, 0, -1)
        for conversation in conversations:
            async with answering():
                # first the index: a turn that is said meanwhile lists the conversation again
                await self._client.zrem(index, conversation)
                keys = (_turns(conversation), _once(conversation))
                removed += int(await self._forget_user.run(self._client, keys, user))
        for forget in self._also_forget:
            removed += await forget(platform, tenant, user)
        return removed


def _turns(conversation: str) -> str:
    return f"memory:{{{conversation}}}:turns"


def _once(conversation: str) -> str:
    return f"memory:{{{conversation}}}:once"


def _user(platform: str, tenant: str, user: str) -> str:
    return f"memory:user:{{{digest(platform, tenant, user)}}}"


def _turn(text: str) -> Turn:
    held = {name: value for name, value in json.loads(text).items() if name in _FIELDS}
    given = held.get("given")
    return Turn(**{**held, "given": None if given is None else tuple(Given(**one) for one in given)})
