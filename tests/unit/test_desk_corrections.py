"""A message that is edited or deleted: only the correction is answered, remembered and kept for review."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from bot.inbox import RedisInbox
from bot.messages import IncomingMessage, Reply
from bot.ports import OnProgress
from config.texts import text
from tests.answer_fixtures import said
from tests.desk_world import DeskWorld
from tests.worker_world import reply, working
from tests.worker_world import said as numbered

FIRST = said("¿Qué potencia tienen las soplantes de la EDAR Norte?", id="1", said="ts1", direct=True)
EDITED = replace(FIRST, id="2", text="¿Cada cuánto se limpian los difusores de la EDAR Norte?", replaces="ts1")
DELETED = replace(FIRST, id="3", text="", command="retract", said="", replaces="ts1")


def marked(n: int, replaces: int | None = None, conversation: str = "c") -> IncomingMessage:
    """A message with an id of its own on the platform; an edit has that of what it corrects."""
    mark = f"ts{n if replaces is None else replaces}"
    return replace(numbered(n, conversation), said=mark, replaces=mark if replaces is not None else "")


async def test_an_edit_is_answered_anew_and_alone_remembered(redis: Redis) -> None:
    """The corrected turn stands in memory and for review, the first one nowhere; the same edit again changes nothing."""
    world = DeskWorld(redis)
    first = await world.ask(FIRST)
    second = await world.ask(EDITED)
    again = await world.ask(EDITED)
    assert "75 kW" in first.text
    assert "18 meses" in second.text
    assert again.exchange == second.exchange != first.exchange
    turns = await world.memory.history(FIRST.key)
    assert [turn.text for turn in turns] == [EDITED.text, second.text]
    assert await world.reviews.get(first.exchange) is None
    assert await world.reviews.get(second.exchange) is not None


async def test_an_edit_knows_only_what_was_said_before_it(redis: Redis) -> None:
    """A follow-up that is corrected is understood from what stood before it, and what came after stays after it."""
    world = DeskWorld(redis)
    await world.ask(FIRST)
    follow = replace(FIRST, id="4", text="¿Y los difusores, cada cuánto se limpian?", said="ts2")
    await world.ask(follow)
    await world.ask(replace(FIRST, id="5", text="¿Cuál es la presión de servicio de la red?", said="ts3"))
    await world.ask(replace(follow, id="6", text="¿Y los difusores, con qué se limpian?", replaces="ts2"))
    turns = await world.memory.history(FIRST.key)
    assert [turn.text for turn in turns if turn.role == "user"][1] == "¿Y los difusores, con qué se limpian?"
    assert "fórmico" in turns[3].text
    assert len(turns) == 6


async def test_a_question_that_becomes_a_command(redis: Redis) -> None:
    """Edited into «ayuda», it is neither remembered nor kept as the question that it was."""
    world = DeskWorld(redis)
    first = await world.ask(FIRST)
    helped = await world.ask(replace(EDITED, text="ayuda"))
    assert helped.text == text("es", "help.text")
    assert await world.memory.history(FIRST.key) == []
    assert await world.reviews.get(first.exchange) is None


async def test_a_deleted_message_leaves_nothing(redis: Redis) -> None:
    """Its turns and its exchange go; the reply says that it was taken back and has no buttons. Safe to repeat."""
    world = DeskWorld(redis)
    first = await world.ask(FIRST)
    for _ in range(2):
        gone = await world.ask(DELETED)
        assert (gone.answer.status, gone.text, gone.exchange) == ("answered", text("es", "desk.retracted"), "")
    assert await world.memory.history(FIRST.key) == []
    assert await world.reviews.get(first.exchange) is None


async def test_what_waits_is_replaced(redis: Redis) -> None:
    """Before anybody took it: only the correction comes out, and of two corrections the last; others stay in order."""
    inbox = RedisInbox(redis)
    for message in (marked(1), marked(2), marked(3, replaces=1), marked(4, replaces=1), marked(5, conversation="d")):
        assert await inbox.put(message)
    assert await inbox.depth() == 3
    found = []
    while lease := await inbox.take(0):
        found.append(lease.message.id)
        assert not await inbox.superseded(lease)
        await inbox.done(lease)
    assert sorted(found) == ["m2", "m4", "m5"]
    assert found.index("m2") < found.index("m4")


async def test_an_only_message_that_waits_is_replaced(redis: Redis) -> None:
    """The conversation stays on offer when its first message goes."""
    inbox = RedisInbox(redis)
    await inbox.put(marked(1))
    await inbox.put(marked(2, replaces=1))
    lease = await inbox.take(0)
    assert lease is not None
    assert (lease.message.id, lease.attempt) == ("m2", 1)


async def test_a_message_of_another_conversation_is_not_replaced(redis: Redis) -> None:
    """The same id elsewhere is another message."""
    inbox = RedisInbox(redis)
    await inbox.put(marked(1))
    await inbox.put(marked(2, replaces=1, conversation="d"))
    assert await inbox.depth() == 2


async def test_what_is_under_way_is_not_posted(redis: Redis) -> None:
    """Corrected while its answer is made: that answer is thrown away, and the correction answered once."""
    working_on = asyncio.Event()
    go_on = asyncio.Event()

    async def slowly(message: IncomingMessage, _: OnProgress) -> Reply:
        if message.id == "m1":
            working_on.set()
            await go_on.wait()
        return reply(message.text)

    async with working(redis, slowly) as world:
        await world.inbox.put(marked(1))
        await asyncio.wait_for(working_on.wait(), 3)
        await world.inbox.put(marked(2, replaces=1))
        go_on.set()
        await world.channel.until(1)
        await world.empty()
        await world.inbox.put(marked(3))
        await world.channel.until(2)
    assert world.channel.posted == ["2", "3"]


@pytest.mark.parametrize("hostile", ['{"a":' * 1200 + "1" + "}" * 1200, "no json"])
async def test_a_message_that_cannot_be_read_stops_no_correction(redis: Redis, hostile: str) -> None:
    """Something in the same conversation that another version wrote, or that is nested too deep to look into."""
    inbox = RedisInbox(redis)
    await inbox.put(marked(1))
    await redis.hset("{inbox}:messages", (await redis.hkeys("{inbox}:messages"))[0], hostile)
    assert await inbox.put(marked(2, replaces=1))
    assert await inbox.depth() == 2


async def test_what_comes_after_its_correction_is_not_stored(redis: Redis) -> None:
    """Delivered again after it was edited or deleted: only the correction waits, and the next of that conversation."""
    inbox = RedisInbox(redis)
    assert await inbox.put(marked(2, replaces=1))
    for _ in range(2):
        assert not await inbox.put(marked(1))
    assert await inbox.put(replace(marked(4, conversation="d"), said="ts1"))
    assert await inbox.put(marked(3))
    assert await inbox.depth() == 3


async def test_what_came_is_known(redis: Redis) -> None:
    """By its name in its conversation, from when it is stored; memory knows it once it was answered."""
    world = DeskWorld(redis)
    assert not await world.inbox.came(FIRST.key, "ts1")
    await world.inbox.put(FIRST)
    assert await world.inbox.came(FIRST.key, "ts1")
    assert not await world.inbox.came(replace(FIRST, conversation="d").key, "ts1")
    assert not await world.memory.known(FIRST.key, "ts1")
    await world.ask(FIRST)
    assert await world.memory.known(FIRST.key, "ts1")
    assert not await world.memory.known(FIRST.key, "ts2")
