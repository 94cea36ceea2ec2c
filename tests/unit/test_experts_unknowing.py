"""An expert who does not know: no answer, but the asker is told, and the question stays open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.handover import NoExpertError
from config.company import CompanyConfig
from config.texts import text
from rag.courtesy import knows_not
from tests.answer_corpus import COMPANY
from tests.desk_world import DeskWorld
from tests.unit.test_desk_experts import ANSWER, EXPERTS, NOWHERE, QUESTION, SAID, expert, handed


@pytest.fixture
def world(redis: Redis, tmp_path: Path) -> DeskWorld:
    return DeskWorld(redis, company=CompanyConfig.model_validate({**COMPANY, "experts": EXPERTS}), home=tmp_path)


@pytest.mark.parametrize(
    ("words", "unknown"),
    [
        ("No lo sé", True),
        ("Pues ni idea, la verdad.", True),
        ("No sabría decirte, lo siento", True),
        ("I don't know", True),
        ("Sorry, no idea", True),
        ("I’m not sure", True),
        ("No estoy seguro, creo que cada 14 meses", False),
        ("No lo sé, pregunta a Marta", False),
        ("No se cambia nunca", False),
        ("no", False),
        ("¿No lo sé?", False),
    ],
)
def test_who_does_not_know(words: str, unknown: bool) -> None:
    """In these words alone; what tells anything besides is an answer."""
    assert knows_not(words) == unknown


async def test_not_to_know_is_no_answer(world: DeskWorld) -> None:
    """The expert is thanked, the asker told where they asked; nothing is kept, and what they find out is the answer still."""
    exchange = await handed(world, replace(QUESTION, channel="", direct=True))
    unknown = replace(SAID, channel="", conversation="d-eva", direct=True, text="No lo sé, lo siento", said="m1")
    for _ in range(2):
        reply = await world.ask(unknown)
        assert (reply.text, reply.keep) == (text("es", "expert.thanks_unknown", name="Eva Ríos", question=NOWHERE), "")
    assert await relayed(world) == [text("es", "expert.unknown", name="Eva Ríos", question=NOWHERE)]
    with pytest.raises(NoExpertError):
        await world.desk.keep(expert(), exchange)
    found = replace(unknown, id="a2", text=ANSWER, said="m2", replaces="m1")
    assert (await world.ask(replace(found, replaces="m1", said="m1"))).keep == exchange
    assert await relayed(world) == [text("es", "expert.relayed", name="Eva Ríos", question=NOWHERE, answer=ANSWER), ""]
    stands = await world.ask(replace(unknown, id="a3", said="m3"))
    assert stands.text == text("es", "expert.stands", name="Eva Ríos", question=NOWHERE)
    await world.desk.keep(expert(direct=True), exchange)


async def test_an_answer_that_becomes_unknown(world: DeskWorld) -> None:
    """Edited so, it is taken from the asker; a message long after is no answer to what its author did not know."""
    exchange = await handed(world, replace(QUESTION, channel="", direct=True))
    first = replace(SAID, channel="", conversation="d-eva", direct=True, said="m1")
    await world.ask(first)
    await world.ask(replace(first, id="a2", text="ni idea", replaces="m1"))
    assert await relayed(world) == [text("es", "expert.unknown", name="Eva Ríos", question=NOWHERE)]
    with pytest.raises(NoExpertError):
        await world.desk.keep(expert(direct=True), exchange)


async def test_long_after_it_is_nobodys_answer(world: DeskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who did not know asks as anybody does, once the time for second thoughts is over."""
    await handed(world)
    await world.ask(replace(SAID, text="I don't know"))
    monkeypatch.setattr("bot.meant._SECOND_THOUGHTS_SECONDS", -1)
    reply = await world.ask(replace(SAID, id="a3", text="Potencia de las soplantes de la EDAR Norte"))
    assert "75 kW" in reply.text


async def relayed(world: DeskWorld) -> list[str]:
    """What the asker is to be told since, in order; "" where something is taken back."""
    found = []
    while (lease := await world.inbox.take(0)) is not None:
        found.append(lease.message.text)
        await world.inbox.done(lease)
    return found
