"""The inbox on a real redis-server: what it promises, one test each."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections import defaultdict
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from bot.inbox import RedisInbox
from bot.messages import IncomingMessage
from bot.ports import Inbox, Lease
from tests.fakes.redis_proc import RedisProcess


def said(n: int | str, conversation: str = "c", user: str = "ana") -> IncomingMessage:
    """A message; its id is unique for each n."""
    return IncomingMessage(f"m{n}", "slack", "T1", conversation, user, f"texto {n}", reply_to={"ts": "1.2"}, grants=("all",))


async def taken(inbox: Inbox, wait: float = 1.0) -> Lease:
    """The next lease, which must come."""
    lease = await inbox.take(wait)
    assert lease is not None
    return lease


@pytest.fixture
def inbox(redis: Redis) -> RedisInbox:
    return RedisInbox(redis)


async def test_message_comes_back_as_it_was_put(inbox: RedisInbox) -> None:
    """All fields survive the inbox; only an unknown time of arrival is filled in."""
    message = replace(said(1), received_at=12.5, site="edar-norte", direct=True)
    assert await inbox.put(message)
    assert (await taken(inbox)).message == message
    await inbox.put(said(2, "other"))
    assert abs((await taken(inbox)).message.received_at - time.time()) < 5


async def test_stored_once_over_two_processes(redis_process: RedisProcess) -> None:
    """The same event delivered many times at once, over two instances, is stored once; also after it was answered."""
    inboxes = [RedisInbox(redis_process.client()), RedisInbox(redis_process.client())]
    stored = await asyncio.gather(*(inboxes[n % 2].put(said(1)) for n in range(20)))
    assert sorted(stored) == [False] * 19 + [True]
    lease = await taken(inboxes[0])
    await inboxes[0].done(lease)
    assert not await inboxes[1].put(said(1))
    assert await inboxes[1].depth() == 0


async def test_call_repeated_by_the_client_is_no_duplicate(inbox: RedisInbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection breaks after Redis stored the message and the client sends the same call again: still "stored", once."""
    monkeypatch.setattr("bot.inbox.uuid.uuid4", lambda: uuid.UUID(int=7))
    assert await inbox.put(said(1))
    assert await inbox.put(said(1))
    assert await inbox.depth() == 1


async def test_same_id_of_another_tenant_is_another_message(inbox: RedisInbox) -> None:
    """Ids are unique within a tenant of a platform only, and no choice of names makes two tenants meet."""
    assert await inbox.put(replace(said(1), tenant="a", id="b:c"))
    assert await inbox.put(replace(said(1), tenant="a:b", id="c"))
    assert await inbox.put(replace(said(1), tenant="a", platform="teams", id="b:c"))


async def test_one_at_a_time_and_in_order_within_a_conversation(inbox: RedisInbox) -> None:
    """A conversation's next message waits for the one under way; other conversations do not."""
    for n in range(3):
        await inbox.put(said(n, "a"))
    await inbox.put(said(9, "b"))
    first, other = await taken(inbox), await taken(inbox)
    assert [first.message.id, other.message.id] == ["m0", "m9"]
    await inbox.put(said(3, "a"))
    assert await inbox.take(0) is None
    await inbox.done(first)
    assert (await taken(inbox)).message.id == "m1"


async def test_waiting_taker_is_woken_at_once(inbox: RedisInbox) -> None:
    """A message costs a waiting worker milliseconds, not a polling interval."""
    waits = []
    for n in range(20):
        taker = asyncio.create_task(taken(inbox))
        await asyncio.sleep(0.03)
        started = time.monotonic()
        await inbox.put(said(n, f"c{n}"))
        await inbox.done(await taker)
        waits.append(time.monotonic() - started)
    assert sorted(waits)[10] < 0.05


async def test_take_waits_no_longer_than_told(inbox: RedisInbox) -> None:
    """None comes after the wait, not before."""
    started = time.monotonic()
    assert await inbox.take(0.4) is None
    assert 0.35 < time.monotonic() - started < 0.8


async def test_lease_of_a_dead_worker_is_taken_over(redis: Redis) -> None:
    """Nobody renews: the message comes again, counted as a second attempt, and the first holder can do no harm."""
    inbox = RedisInbox(redis, lease_seconds=0.3)
    await inbox.put(said(1))
    await inbox.put(said(2))
    lost = await taken(inbox)
    started = time.monotonic()
    again = await taken(inbox, 3)
    assert time.monotonic() - started < 1.0
    assert (again.message.id, again.attempt) == ("m1", 2)
    assert not await inbox.renew(lost)
    await inbox.release(lost)
    await inbox.park(lost, "stale")
    assert await inbox.renew(again)
    assert await inbox.depth() == 2
    assert await inbox.parked() == []


async def test_renewed_lease_is_kept(redis: Redis) -> None:
    """Work longer than the lease is no reason to give the message to another worker."""
    inbox = RedisInbox(redis, lease_seconds=0.4)
    await inbox.put(said(1))
    lease = await taken(inbox)
    for _ in range(6):
        await asyncio.sleep(0.15)
        assert await inbox.renew(lease)
        assert await inbox.take(0) is None


async def test_answer_posted_under_a_lost_lease_counts(redis: Redis) -> None:
    """`done` after the lease was lost: the second holder learns that it must not post, and the next message goes on."""
    inbox = RedisInbox(redis, lease_seconds=0.2)
    await inbox.put(said(1))
    await inbox.put(said(2))
    lost = await taken(inbox)
    again = await taken(inbox, 2)
    await inbox.done(lost)
    assert not await inbox.renew(again)
    following = await taken(inbox)
    assert (following.message.id, following.attempt) == ("m2", 1)
    await inbox.done(again)
    await inbox.done(lost)
    assert await inbox.renew(following)


async def test_release_keeps_order_and_counts_no_attempt(inbox: RedisInbox) -> None:
    """A message handed back comes again after its delay, before those behind it."""
    for n in range(2):
        await inbox.put(said(n))
    lease = await taken(inbox)
    started = time.monotonic()
    await inbox.release(lease, 0.4)
    assert await inbox.take(0) is None
    again = await taken(inbox, 2)
    assert 0.38 < time.monotonic() - started < 1.0
    assert (again.message.id, again.attempt) == ("m0", 1)
    assert not await inbox.renew(lease)


async def test_parked_message_frees_its_conversation(inbox: RedisInbox, redis: Redis) -> None:
    """What is given up stands aside with its reason, for a limited time; the next message of the conversation is taken."""
    await inbox.put(said(1))
    await inbox.put(said(2))
    await inbox.park(await taken(inbox), 'crashed "3" times')
    ((text, reason),) = await inbox.parked()
    assert (IncomingMessage.from_json(text).id, reason) == ("m1", 'crashed "3" times')
    assert 0 < await redis.ttl("{inbox}:dead") <= 7 * 24 * 3600
    assert (await taken(inbox)).message.id == "m2"


async def test_unreadable_message_stops_nobody(inbox: RedisInbox, redis: Redis) -> None:
    """What another version wrote and this one cannot read is parked; the message behind it is taken."""
    await inbox.put(said(1))
    await inbox.put(said(2))
    (entry, *_) = sorted(await redis.hkeys("{inbox}:messages"))
    await redis.hset("{inbox}:messages", entry, "{")
    assert (await taken(inbox)).message.id == "m2"
    assert [text for text, _ in await inbox.parked()] == ["{"]


async def test_order_of_many_conversations_under_concurrency(redis_process: RedisProcess) -> None:
    """20 conversations of 10 messages, random work, three workers of four: order holds, never two at once, none lost."""
    inboxes = [RedisInbox(redis_process.client()) for _ in range(3)]
    order: dict[str, list[int]] = defaultdict(list)
    under_way: set[str] = set()

    async def say() -> None:
        for n in range(10):
            await asyncio.gather(*(inboxes[c % 3].put(said(f"{c}-{n}", f"c{c}")) for c in range(20)))
            await asyncio.sleep(0.02)

    async def work(inbox: RedisInbox, chance: random.Random) -> None:
        while lease := await inbox.take(0.3):
            conversation = lease.message.conversation
            assert conversation not in under_way
            under_way.add(conversation)
            await asyncio.sleep(chance.uniform(0, 0.02))
            under_way.remove(conversation)
            if chance.random() < 0.1:
                await inbox.release(lease)
                continue
            order[conversation].append(int(lease.message.id.partition("-")[2]))
            await inbox.done(lease)

    await asyncio.gather(say(), *(work(inboxes[n % 3], random.Random(n)) for n in range(12)))
    assert order == {f"c{c}": list(range(10)) for c in range(20)}
    assert await inboxes[0].depth() == 0


async def test_depth_counts_waiting_and_under_way(inbox: RedisInbox) -> None:
    """Health sees what waits and what is worked on, and nothing that is done."""
    for n in range(3):
        await inbox.put(said(n))
    lease = await taken(inbox)
    assert await inbox.depth() == 3
    await inbox.done(lease)
    assert await inbox.depth() == 2


async def test_backlog_tells_how_long_the_next_has_waited(inbox: RedisInbox) -> None:
    """Nothing waits: 0 s. What waits counts from when a worker could have had it; what is under way does not."""
    assert await inbox.backlog() == (0, 0.0)
    await inbox.put(said(1))
    await asyncio.sleep(0.2)
    await inbox.put(said(2, "other"))
    depth, waited = await inbox.backlog()
    assert depth == 2
    assert 0.2 <= waited < 2
    await taken(inbox)
    assert (await inbox.backlog())[1] < waited
    await taken(inbox)
    assert await inbox.backlog() == (2, 0.0)


async def test_who_waits_for_a_worker_is_told_once(redis: Redis, inbox: RedisInbox) -> None:
    """The first message of each conversation that nobody works on, when it has waited so long; to one process only."""
    for n in range(5):
        await inbox.put(said(n, f"c{n}"))
    await inbox.put(said(5, "c0"))
    under_way = await taken(inbox)
    assert await inbox.queued(30.0, 10) == []
    found = await inbox.queued(0.0, 3)
    found += await RedisInbox(redis).queued(0.0, 3)
    assert sorted(one.id for one in found) == ["m1", "m2", "m3", "m4"]
    assert await inbox.queued(0.0, 10) == []
    await inbox.done(under_way)
    assert [one.id for one in await inbox.queued(0.0, 10)] == ["m5"]
    for _ in range(5):
        await inbox.done(await taken(inbox))
    assert not [field for field in await redis.hkeys("{inbox}:state") if field.endswith("/queued")]


async def test_forgotten_user_leaves_nothing_waiting(inbox: RedisInbox, redis: Redis) -> None:
    """What waits and what is parked of a user goes; another user's, and the message under way, stay."""
    await inbox.put(said(1, "a", "ana"))
    await inbox.park(await taken(inbox), "r")
    await inbox.put(said(2, "a", "ana"))
    under_way = await taken(inbox)
    for n, user in enumerate(["ana", "ben", "ana"], 3):
        await inbox.put(said(n, "a", user))
    await inbox.put(said(6, "b", "ana"))
    assert await inbox.forget_user("slack", "T1", "ana") == 4
    assert await inbox.forget_user("slack", "T1", "ana") == 0
    assert await inbox.forget_user("slack", "T2", "ben") == 0
    await inbox.done(under_way)
    assert (await taken(inbox)).message.user == "ben"
    assert await inbox.take(0) is None
    everything = str(await redis.hgetall("{inbox}:messages")) + str(await redis.zrange("{inbox}:dead", 0, -1))
    assert "ana" not in everything


async def test_every_key_expires_and_one_slot_holds_all(redis_cluster: Redis) -> None:
    """On a cluster node, after every kind of call: all keys in one hash slot, each with an expiry of at most seven days."""
    inbox = RedisInbox(redis_cluster)
    for n in range(6):
        await inbox.put(said(n, f"c{n % 5}"))
    await inbox.done(await taken(inbox))
    await inbox.release(await taken(inbox), 60)
    await inbox.park(await taken(inbox), "r")
    assert await inbox.renew(await taken(inbox))
    keys = await redis_cluster.keys("*")
    assert len(keys) == 7 + 6
    assert len({await redis_cluster.execute_command("CLUSTER KEYSLOT", key) for key in keys}) == 1
    assert all([0 < await redis_cluster.ttl(key) <= 7 * 24 * 3600 for key in keys])
    assert not any("ana" in key or "T1" in key for key in keys)
