"""Memory on a real redis-server: nothing lost, nothing twice, nothing for ever, nothing of another conversation."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from bot.inbox import RedisInbox
from bot.memory import RedisMemory
from bot.messages import IncomingMessage
from rag.errors import MemoryStoreError
from rag.models import Turn
from tests.fakes.redis_proc import RedisProcess


def key(conversation: str, tenant: str = "T1") -> str:
    """A conversation's key, as messages make it."""
    return IncomingMessage("1", "slack", tenant, conversation, "ana", "x").key


def pair(text: str, user: str = "ana") -> list[Turn]:
    """A question and its answer, as they are appended."""
    return [Turn("user", f"¿{text}?", user), Turn("assistant", f"{text}.", user)]


@pytest.fixture
def memory(redis: Redis) -> RedisMemory:
    return RedisMemory(redis)


async def test_turns_come_back_oldest_first(memory: RedisMemory) -> None:
    """What was appended is read back equal, in order; a conversation is known from its first turn on."""
    assert not await memory.known(key("a"))
    assert await memory.history(key("a")) == []
    await memory.append(key("a"), pair("uno"))
    await memory.append(key("a"), pair("dos «{}» \n 水"))
    assert await memory.history(key("a")) == pair("uno") + pair("dos «{}» \n 水")
    assert await memory.known(key("a"))


async def test_only_the_latest_turns_are_kept(redis: Redis) -> None:
    """The cap holds, and it is the oldest that go."""
    memory = RedisMemory(redis, cap=6)
    for n in range(10):
        await memory.append(key("a"), pair(str(n)))
    assert await memory.history(key("a")) == [turn for n in (7, 8, 9) for turn in pair(str(n))]


async def test_fifty_appends_at_once_lose_nothing(redis_process: RedisProcess) -> None:
    """Concurrent appends of two processes all stay, each question beside its answer."""
    memories = [RedisMemory(redis_process.client(), cap=100) for _ in range(2)]

    async def append(n: int) -> None:
        try:
            await memories[n % 2].append(key("a"), pair(str(n)), once=str(n))
        except MemoryStoreError:  # on a full machine: tried again, as the worker does
            await memories[n % 2].append(key("a"), pair(str(n)), once=str(n))

    await asyncio.gather(*map(append, range(50)))
    history = await memories[0].history(key("a"))
    assert sorted(turn.text for turn in history[::2]) == sorted(f"¿{n}?" for n in range(50))
    assert all(question.text.strip("¿?") == answer.text.strip(".") for question, answer in zip(*[iter(history)] * 2, strict=True))


async def test_message_answered_again_is_remembered_once(memory: RedisMemory) -> None:
    """A second append with the same `once` changes nothing, in this conversation only."""
    for _ in range(3):
        await memory.append(key("a"), pair("uno"), once="m1")
    await memory.append(key("b"), pair("uno"), once="m1")
    await memory.append(key("a"), pair("dos"), once="m2")
    assert await memory.history(key("a")) == pair("uno") + pair("dos")
    assert await memory.history(key("b")) == pair("uno")


async def test_expiry_is_set_and_renewed_with_each_append(redis: Redis) -> None:
    """Every key of memory expires after the given time, counted from the last turn; after it nothing is known."""
    memory = RedisMemory(redis, ttl_seconds=1)
    await memory.append(key("a"), pair("uno"), once="m1")
    await asyncio.sleep(0.6)
    await memory.append(key("a"), pair("dos"), once="m2")
    await asyncio.sleep(0.6)
    assert len(await memory.history(key("a"))) == 4
    assert all([0 < await redis.pttl(name) <= 1000 for name in await redis.keys("*")])
    await asyncio.sleep(0.5)
    assert await redis.keys("*") == []
    assert not await memory.known(key("a"))


async def test_forgotten_conversation_is_gone(memory: RedisMemory, redis: Redis) -> None:
    """Its keys are erased, another conversation stays, and a repetition does nothing."""
    await memory.append(key("a"), pair("secreto"), once="m1")
    await memory.append(key("b"), pair("otro"))
    assert await memory.forget_conversation(key("a")) == 2
    assert await memory.forget_conversation(key("a")) == 0
    assert not await memory.known(key("a"))
    assert await memory.history(key("b")) == pair("otro")
    assert "secreto" not in await dump(redis)


async def test_forgotten_user_is_gone_everywhere(redis: Redis) -> None:
    """Their turns, the answers to them and what waits of theirs go; others in the same threads, and other tenants, stay."""
    inbox = RedisInbox(redis)
    memory = RedisMemory(redis, also_forget=[inbox.forget_user])
    for n in range(3):
        await memory.append(key(f"c{n}"), pair(f"canario {n}", "ana"), once=f"m{n}")
    await memory.append(key("c1"), pair("de ben", "ben"), once="m9")
    await memory.append(key("c1"), [Turn("user", "canario sin marca", "ana"), Turn("assistant", "canario sin autor")])
    await memory.append(key("c1", "T2"), pair("otro inquilino", "ana"))
    await inbox.put(IncomingMessage("w", "slack", "T1", "c9", "ana", "canario que espera"))
    assert await memory.forget_user("slack", "T1", "ana") == 9
    assert await memory.forget_user("slack", "T1", "ana") == 0
    assert "canario" not in await dump(redis)
    assert await memory.history(key("c1")) == pair("de ben", "ben")
    assert await memory.history(key("c1", "T2")) == pair("otro inquilino", "ana")
    assert not await memory.known(key("c0"))
    assert all([await redis.ttl(name) > 0 for name in await redis.keys("*")])


async def test_key_names_tell_nothing(memory: RedisMemory, redis: Redis) -> None:
    """Neither tenant, conversation nor user stands in a key's name or in the index."""
    await memory.append(key("hilo-77", "empresa"), pair("uno", "ana@example.org"), once="m1")
    names = await redis.keys("*")
    index = [name for name in names if name.startswith("memory:user:")]
    told = " ".join(names) + " ".join(await redis.zrange(index[0], 0, -1))
    assert not any(word in told for word in ("hilo", "empresa", "ana", "example"))


@pytest.mark.parametrize("frozen", [True, False])
async def test_redis_away_is_told_within_a_second(redis_process: RedisProcess, frozen: bool) -> None:
    """Every call ends in MemoryStoreError in at most a second when Redis is frozen or gone, and works again afterwards."""
    memory = RedisMemory(redis_process.client())
    await memory.append(key("a"), pair("uno"))
    redis_process.freeze() if frozen else await redis_process.kill()
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: memory.history(key("a")),
        lambda: memory.append(key("a"), pair("dos"), "m2"),
        lambda: memory.known(key("a")),
        lambda: memory.forget_conversation(key("b")),
        lambda: memory.forget_user("slack", "T1", "ben"),
    ]

    async def refused(call: Callable[[], Awaitable[object]]) -> float:
        started = time.monotonic()
        with pytest.raises(MemoryStoreError):
            await call()
        return time.monotonic() - started

    assert max(await asyncio.gather(*(refused(call) for call in calls))) < 1.2
    redis_process.thaw() if frozen else await redis_process.start()
    assert (await memory.history(key("a")))[:2] == pair("uno")


async def test_full_redis_still_forgets(redis_process: RedisProcess) -> None:
    """Over its memory limit appending fails and says so; erasing works, since people have a right to it."""
    memory = RedisMemory(redis_process.client())
    await memory.append(key("a"), pair("uno", "ana"))
    await memory.append(key("a"), pair("dos", "ben"))
    await redis_process.fill()
    with pytest.raises(MemoryStoreError, match="OutOfMemory"):
        await memory.append(key("a"), pair("tres"))
    assert await memory.forget_user("slack", "T1", "ana") == 2
    assert await memory.history(key("a")) == pair("dos", "ben")
    assert await memory.forget_conversation(key("a")) == 1


async def test_cancelled_reads_never_mix_answers(redis_process: RedisProcess) -> None:
    """Many reads of two tenants, half of them cut at some moment: never one tenant's turns for the other.

    A read that a busy machine makes too late is refused, which mixes nothing.
    """
    memory = RedisMemory(redis_process.client())
    for tenant in ("T1", "T2"):
        for n in range(4):
            await memory.append(key(f"c{n}", tenant), pair(f"{tenant} {n}"))
    chance = random.Random(7)
    read = cut = 0

    async def reader(tenant: str) -> None:
        nonlocal read, cut
        for _ in range(40):
            n = chance.randrange(4)
            call = asyncio.create_task(memory.history(key(f"c{n}", tenant)))
            if chance.random() < 0.5:
                for _ in range(chance.randrange(5)):
                    await asyncio.sleep(0)
                call.cancel()
            (turns,) = await asyncio.gather(call, return_exceptions=True)
            if isinstance(turns, asyncio.CancelledError):
                cut += 1
            elif not isinstance(turns, MemoryStoreError):
                assert turns == pair(f"{tenant} {n}")
                read += 1

    await asyncio.gather(*(reader(f"T{n % 2 + 1}") for n in range(50)))
    assert read > 800
    assert cut > 150


async def test_keys_of_a_conversation_share_a_slot(redis_cluster: Redis) -> None:
    """On a cluster node, which refuses calls over two slots, everything works."""
    memory = RedisMemory(redis_cluster)
    await memory.append(key("a{x}"), pair("uno"), once="m1")
    await memory.append(key("b}{"), pair("dos"), once="m2")
    assert await memory.history(key("a{x}")) == pair("uno")
    assert await memory.forget_user("slack", "T1", "ana") == 4
    assert await memory.forget_conversation(key("b}{")) == 0


async def dump(redis: Redis) -> str:
    """All that Redis holds, as text."""
    found = []
    for name in await redis.keys("*"):
        kind = await redis.type(name)
        if kind == "list":
            found += await redis.lrange(name, 0, -1)
        elif kind == "zset":
            found += await redis.zrange(name, 0, -1)
        elif kind == "hash":
            found += [json.dumps(await redis.hgetall(name), ensure_ascii=False)]
        else:
            found.append(str(await redis.get(name)))
    return "\n".join(map(str, found))


async def test_a_correction_takes_the_place_of_what_it_corrects(memory: RedisMemory) -> None:
    """Both old turns go, the new ones stand where they stood, and what came after stays; again changes nothing."""
    for n in ("uno", "dos", "tres"):
        await memory.append(key("a"), pair(n), once=n, said=f"ts-{n}")
    assert await memory.history(key("a"), before="ts-dos") == pair("uno")
    for _ in range(2):
        await memory.append(key("a"), pair("DOS"), once="edit", said="ts-dos", replaces="ts-dos")
    assert await memory.history(key("a")) == pair("uno") + pair("DOS") + pair("tres")
    await memory.append(key("a"), pair("nuevo"), once="edit-2", said="ts-9", replaces="ts-unknown")
    assert (await memory.history(key("a")))[-2:] == pair("nuevo")


async def test_what_was_taken_back_is_not_remembered(memory: RedisMemory, redis: Redis) -> None:
    """Both turns go, the others and the expiry stay; the message delivered again is not remembered after all."""
    for n in ("uno", "dos"):
        await memory.append(key("a"), pair(n), once=n, said=f"ts-{n}")
    assert await memory.retract(key("a"), "ts-uno") == 2
    assert await memory.history(key("a")) == pair("dos")
    assert all([await redis.ttl(name) > 0 for name in await redis.keys("memory:*")])
    await memory.append(key("a"), pair("uno"), once="uno", said="ts-uno")
    assert await memory.retract(key("a"), "ts-uno") == 0
    assert await memory.retract(key("a"), "ts-dos") == 2
    assert await memory.history(key("a")) == []


async def test_an_old_turn_without_a_mark_is_left_alone(memory: RedisMemory) -> None:
    """What a version before corrections wrote has no mark; neither a correction nor a withdrawal takes it."""
    await memory.append(key("a"), pair("viejo"))
    await memory.append(key("a"), pair("nuevo"), said="ts", replaces="ts")
    assert await memory.retract(key("a"), "") == 0
    assert await memory.history(key("a")) == pair("viejo") + pair("nuevo")
