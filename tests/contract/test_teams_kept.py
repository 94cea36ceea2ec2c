"""What Teams does not tell us again: kept in this process and in Redis alike."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from adapters.kept import Kept, KeptHere, KeptInRedis
from adapters.teams.kept import Remembered
from rag.errors import MemoryStoreError
from tests.fakes.redis_proc import RedisProcess


@pytest.fixture(params=["here", "redis"])
def kept(request: pytest.FixtureRequest, redis: Redis) -> Kept:
    """Each of the two."""
    return KeptHere() if request.param == "here" else KeptInRedis(redis)


async def test_replies_exchanges_and_installers_are_found_again(kept: Kept) -> None:
    """By tenant and place; what was never noted is empty, and a later note takes the place of an earlier one."""
    remembered = Remembered(kept)
    await remembered.note_reply("t", "19:a;messageid=1", "m1", ("r1", "r2"), "e1")
    await remembered.note_installer("t", "19:team", "ana")
    assert await remembered.replies("t", "19:a;messageid=1", "m1") == ("r1", "r2")
    assert [await remembered.exchange("t", "19:a;messageid=1", one) for one in ("r1", "r2", "r3")] == ["e1", "e1", ""]
    assert await remembered.exchange("other", "19:a;messageid=1", "r1") == ""
    assert await remembered.replies("t", "19:b", "m1") == ()
    assert (await remembered.installer("t", "19:team"), await remembered.installer("t", "19:x")) == ("ana", "")
    await remembered.note_reply("t", "19:a;messageid=1", "m1", ("r3",), "e2")
    assert await remembered.replies("t", "19:a;messageid=1", "m1") == ("r3",)


async def test_what_is_done_is_done_once(kept: Kept) -> None:
    """Until it fails: then it may be done again. Another message, conversation or tenant is another."""
    remembered = Remembered(kept)
    failing = remembered.once("t", "c", "m1")
    assert await failing.__aenter__()
    assert not await failing.__aexit__(MemoryStoreError, MemoryStoreError("failed on the way"), None)
    for expected in (True, False, False):
        async with remembered.once("t", "c", "m1") as first:
            assert first is expected
    for other in (("t", "c", "m2"), ("t", "d", "m1"), ("u", "c", "m1")):
        async with remembered.once(*other) as first:
            assert first


async def test_a_frozen_redis_is_told_apart(redis_process: RedisProcess) -> None:
    """A Redis that does not answer is a failure of its own within a second, no empty answer."""
    client = redis_process.client()
    redis_process.freeze()
    try:
        with pytest.raises(MemoryStoreError):
            await Remembered(KeptInRedis(client)).exchange("t", "c", "a")
    finally:
        redis_process.thaw()


async def test_notes_in_redis_expire(redis: Redis) -> None:
    """Nothing stays for ever."""
    await Remembered(KeptInRedis(redis)).note_reply("t", "c", "m1", ("r1",), "e1")
    async with Remembered(KeptInRedis(redis)).once("t", "c", "m1"):
        pass
    names = [name async for name in redis.scan_iter("teams:*")]
    assert len(names) == 3
    assert all([0 < await redis.ttl(name) <= 90 * 24 * 3600 for name in names])
