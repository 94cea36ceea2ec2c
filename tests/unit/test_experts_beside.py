"""What is said around a question in an expert's hands: between people, to add something, and in another place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.messages import IncomingMessage
from config.company import CompanyConfig
from config.texts import text
from rag.courtesy import adds
from tests.answer_corpus import COMPANY
from tests.answer_fixtures import said
from tests.desk_world import DeskWorld, actor

EXPERTS = [{"audience": "everyone", "name": "Eva Ríos", "platform": "slack", "id": "U-EVA"}]
NOWHERE = "¿Cada cuánto se cambia la cerámica vibrante del extractor?"
ANSWER = "Cada 14 meses, en la parada de mayo."
QUESTION = said(NOWHERE, channel="C-ANY", conversation="C-ANY:1")
EVA = replace(QUESTION, id="a1", said="a1", user="U-EVA", text=ANSWER)
ALONE = replace(EVA, id="a9", said="a9", channel="", conversation="D-EVA", direct=True)


@pytest.fixture
def world(redis: Redis, tmp_path: Path) -> DeskWorld:
    company = CompanyConfig.model_validate({**COMPANY, "experts": EXPERTS})
    return DeskWorld(redis, company=company, home=tmp_path)


async def handed(world: DeskWorld) -> str:
    """A question that found nothing, put to its expert in its own thread; the exchange."""
    reply = await world.ask(QUESTION)
    await world.desk.hand_over(QUESTION.actor, reply.exchange)
    await world.desk.expert_asked(reply.exchange, replace(QUESTION, id="card", command="retract"), "")
    return reply.exchange


@pytest.mark.parametrize(
    ("message", "between"),
    [
        (replace(EVA, text="¿Te refieres al de la línea 2?"), True),
        (replace(QUESTION, id="2", text="Sí, al de la línea 2"), True),
        (replace(QUESTION, id="2", user="leo", text="yo también lo creo"), True),
        (replace(QUESTION, id="2", text="¿y cuántas soplantes hay?"), False),
        (replace(QUESTION, id="2", text="recomienda agua"), False),
        (replace(QUESTION, id="2", text="dime cuántas soplantes hay"), False),
        (replace(QUESTION, id="2", conversation="C-ANY:2", text="Sí, al de la línea 2"), False),
    ],
)
async def test_who_waits_for_an_expert_talks_to_them(world: DeskWorld, message: IncomingMessage, between: bool) -> None:
    """What the expert asks back and what they are told is not for the adviser, there, until it is answered; a question is."""
    assert not await world.desk.between_people(message)
    await handed(world)
    assert await world.desk.between_people(message) is between
    await world.ask(EVA)
    assert not await world.desk.between_people(message)


async def test_what_is_added_takes_nothing_away(world: DeskWorld) -> None:
    """«Y se pide ...» stands behind the answer, also after it was edited; what does not go on is the answer in its place."""
    exchange = await handed(world)
    await world.ask(EVA)
    more = replace(EVA, id="a2", said="a2", text="y se pide con dos meses")
    thanks = await world.ask(more)
    assert thanks.text == text("es", "expert.thanks_added", name="Eva Ríos", question=NOWHERE)
    assert (await world.ask(more)).text == thanks.text
    assert await answer_of(world, exchange) == f"{ANSWER}\n{more.text}"
    await world.ask(replace(more, id="a2/e", replaces="a2", text="y se pide con tres meses"))
    assert await answer_of(world, exchange) == f"{ANSWER}\ny se pide con tres meses"
    await world.ask(replace(EVA, id="a3", said="a3", text="Perdón: cada 16 meses."))
    assert await answer_of(world, exchange) == "Perdón: cada 16 meses."


async def answer_of(world: DeskWorld, exchange: str) -> str:
    """What the expert answered, as it is noted."""
    assert world.records.handovers is not None
    found = await world.records.handovers.experts.handed(exchange)
    assert found is not None
    return found.text


async def test_said_elsewhere_it_may_be_the_answer(world: DeskWorld) -> None:
    """A statement to the adviser alone in which nothing is found: whether it answers what stands open, and then it does."""
    exchange = await handed(world)
    assert not (await world.ask(replace(ALONE, conversation="D-2", text="¿Qué es la cerámica vibrante?"))).which
    asked = await world.ask(replace(ALONE, text="Lo dice el fabricante: catorce lunas."))
    assert [one for one, _ in asked.which] == [exchange]
    assert asked.text.startswith(text("es", "expert.which_one"))
    await world.desk.choose(actor("U-EVA", conversation="D-EVA", direct=True), exchange)
    lease = await world.inbox.take(0)
    assert lease
    await world.ask(lease.message)
    assert await answer_of(world, exchange) == "Lo dice el fabricante: catorce lunas."
    assert not (await world.ask(replace(ALONE, id="a10", said="a10", text="Lo dijo el fabricante: trece lunas."))).which


@pytest.mark.parametrize(
    ("words", "more"),
    [("y se pide", True), ("Además, ...", True), ("P.D.: con guantes", True), ("Also with gloves", True), ("and gloves", True),
     ("Cada 16 meses", False), ("ya está", False), ("Yo diría 16", False), ("Android", False), ("es de 16", False)],
)  # fmt: skip
def test_what_goes_on(words: str, more: bool) -> None:
    """It begins as what goes on from something said."""
    assert adds(words) is more
