"""A question that found nothing, handed to a person: who is named, whose answer counts, who is told, what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis

from adapters.http_guard import RefusedError
from adapters.web.inbound import Caller, Envelope, to_command
from bot.access import KEPT_ANSWERS
from bot.exchange import exchange_of
from bot.handover import NoExpertError
from bot.kept_answers import audience_of, expert_for, restore
from bot.messages import Actor, IncomingMessage
from config.company import CompanyConfig, ExpertConfig
from config.texts import text
from rag.errors import NotAllowedError
from rag.models import Answer
from tests.answer_corpus import COMPANY
from tests.answer_fixtures import said
from tests.desk_world import DeskWorld, actor
from tests.worker_world import Recorder, working

EXPERTS = [
    {"audience": "everyone", "name": "Eva Ríos", "platform": "slack", "id": "U-EVA"},
    {"audience": "everyone", "name": "Tomás Gil", "platform": "slack", "id": "U-TOMAS", "topics": ["túnel"]},
    {"audience": "direccion", "name": "Marta Sanz", "platform": "slack", "id": "U-MARTA"},
    {"audience": "everyone", "name": "Otra", "platform": "teams", "id": "29:x"},
]
NOWHERE = "¿Cada cuánto se cambia la cerámica vibrante del extractor?"
ANSWER = "La cerámica vibrante del extractor se cambia cada 14 meses, en la parada de mayo."
QUESTION = said(NOWHERE, channel="C-ANY")
SAID = replace(QUESTION, id="a1", user="U-EVA", text=ANSWER)


@pytest.fixture
def world(redis: Redis, tmp_path: Path) -> DeskWorld:
    company = CompanyConfig.model_validate({**COMPANY, "experts": EXPERTS})
    return DeskWorld(redis, company=company, home=tmp_path)


def expert(**values: object) -> Actor:
    """Eva, where the question was asked."""
    return actor("U-EVA", **{"channel": "C-ANY", **values})


async def handed(world: DeskWorld, message: IncomingMessage = QUESTION) -> str:
    """A question that found nothing, with its expert asked; the exchange."""
    reply = await world.ask(message)
    assert reply.answer.status == "not_found"
    await world.desk.hand_over(message.actor, reply.exchange)
    return reply.exchange


@pytest.mark.parametrize(
    ("message", "name"),
    [
        (QUESTION, "Eva Ríos"),
        (replace(QUESTION, text="¿Cada cuánto se cambia la cerámica vibrante del Túnel?"), "Tomás Gil"),
        (replace(QUESTION, channel="C-CONSEJO"), "Marta Sanz"),
        (replace(QUESTION, user="U-EVA"), ""),
        (replace(QUESTION, platform="web", direct=True, grants=("everyone",)), ""),
        (replace(QUESTION, text="¿Qué potencia tienen las soplantes?"), ""),
    ],
)
async def test_who_is_named(world: DeskWorld, message: IncomingMessage, name: str) -> None:
    """By topic, by audience, on the asker's platform; never the asker, and nobody where an answer was found."""
    assert (await world.ask(message)).expert == name


async def test_who_is_to_be_asked(world: DeskWorld) -> None:
    """The hand-over names person and question; only who reads the question may ask for it, and only if nothing was found."""
    reply = await world.ask(QUESTION)
    found = await world.desk.hand_over(actor("leo", channel="C-ANY"), reply.exchange)
    assert (found.expert, found.name, found.question, found.language) == ("U-EVA", "Eva Ríos", NOWHERE, "es")
    with pytest.raises(NotAllowedError):
        await world.desk.hand_over(actor("leo", direct=True), reply.exchange)
    answered = await world.ask(said("¿Qué potencia tienen las soplantes?", id="2", channel="C-ANY"))
    with pytest.raises(NoExpertError):
        await world.desk.hand_over(actor(channel="C-ANY"), answered.exchange)
    world.company = world.company.model_copy(update={"experts": ()})
    with pytest.raises(NoExpertError):
        await world.desk.hand_over(actor(channel="C-ANY"), reply.exchange)


async def test_who_could_not_be_asked_may_be_asked_again(world: DeskWorld) -> None:
    """At once, by the next press; once the question stands before them, no more."""
    reply = await world.ask(QUESTION)
    presses = [await world.desk.hand_over(actor("leo", channel="C-ANY"), reply.exchange) for _ in range(2)]
    await world.desk.expert_not_asked(reply.exchange)
    presses.append(await world.desk.hand_over(actor("leo", channel="C-ANY"), reply.exchange))
    assert [one.new for one in presses] == [True, False, True]


async def test_the_answer_becomes_a_document(world: DeskWorld, tmp_path: Path) -> None:
    """Said in the thread, kept on request, found by the next question with its author and date, in file and index."""
    await handed(world)
    thanks = await world.ask(SAID)
    assert thanks.text == text("es", "expert.thanks", name="Eva Ríos", question=NOWHERE)
    assert thanks.keep
    assert (await world.ask(SAID)).text == thanks.text  # the same message again
    kept = await world.ask(replace(SAID, id="a2", text="Guardar respuesta."))
    assert kept.text == text("es", "expert.kept")
    (written,) = (tmp_path / KEPT_ANSWERS).rglob("*.md")
    assert all(part in written.read_text("utf-8") for part in (NOWHERE, ANSWER, "Eva Ríos", "Fecha: 20"))
    later = await world.ask(replace(QUESTION, id="9", user="leo", conversation="d"))
    assert later.answer.status == "answered"
    assert "14 meses" in later.text
    view = await world.desk.open_source(actor("leo", channel="C-ANY", conversation="d"), later.exchange, 1)
    assert ANSWER in view.before + view.text + view.after


async def test_kept_by_the_button(world: DeskWorld) -> None:
    """Only the expert may, and only after they answered; pressed twice it is kept once."""
    exchange = await handed(world)
    with pytest.raises(NoExpertError):
        await world.desk.keep(expert(), exchange)
    await world.ask(SAID)
    for other in (actor("ana", channel="C-ANY"), expert(tenant="T2"), expert(platform="teams")):
        with pytest.raises(NotAllowedError):
            await world.desk.keep(other, exchange)
    for _ in range(2):
        await world.desk.keep(expert(), exchange)
    assert len(await world.index.documents(KEPT_ANSWERS)) == 1


async def test_a_lost_index_gets_its_answers_back(world: DeskWorld, tmp_path: Path) -> None:
    """What was kept stands in files; what is not indexed of them is indexed again, for the same audience, once."""
    await handed(world)
    await world.ask(SAID)
    await world.ask(replace(SAID, id="a2", text="guardar"))
    (document,) = [one.document for one in await world.index.documents(KEPT_ANSWERS)]
    assert await restore(world.company, world.index, world.shelf, tmp_path) == 0
    await world.index.delete([document.id])
    assert await restore(world.company, world.index, world.shelf, tmp_path) == 1
    (again,) = [one.document for one in await world.index.documents(KEPT_ANSWERS)]
    assert (again.id, again.audience) == (document.id, document.audience)


@pytest.mark.parametrize(
    "message",
    [
        replace(SAID, user="leo"),  # somebody else
        replace(SAID, conversation="d"),  # elsewhere
        replace(SAID, tenant="T2"),
        replace(SAID, text="¿De qué extractor se trata?"),  # a question of their own
        replace(SAID, text="ayuda", command="help"),
        replace(SAID, text="ayuda"),
        replace(SAID, text="recomienda energía"),
        replace(SAID, text="hola"),
        replace(SAID, text="de nada :+1:"),
        replace(SAID, conversation="d-eva", channel="", direct=True),  # asked in the channel, they answer there
    ],
)
async def test_what_is_no_answer(world: DeskWorld, message: IncomingMessage) -> None:
    """Is answered as always, and nothing is noted."""
    exchange = await handed(world)
    assert "Eva Ríos" not in (await world.ask(message)).text
    with pytest.raises(NoExpertError):
        await world.desk.keep(expert(), exchange)


async def test_a_nod_takes_no_answers_place(world: DeskWorld) -> None:
    """«De nada» after the answer: it stays what it was, and is what is kept."""
    exchange = await handed(world)
    await world.ask(SAID)
    nod = replace(SAID, id="a2", text="de nada")
    assert not await world.desk.awaits(nod)
    await world.ask(nod)
    await world.desk.keep(expert(), exchange)
    assert "14 meses" in (await world.ask(replace(QUESTION, id="q2", conversation="c9"))).text


@pytest.mark.parametrize("kept", [True, False])
async def test_after_the_answer_the_expert_is_an_asker(world: DeskWorld, monkeypatch: pytest.MonkeyPatch, kept: bool) -> None:
    """What they say once it is kept, or when the time for second thoughts is over, is a message like any other."""
    await handed(world)
    await world.ask(SAID)
    if kept:
        await world.ask(replace(SAID, id="a2", text="guardar"))
    else:
        monkeypatch.setattr("bot.meant._SECOND_THOUGHTS_SECONDS", -1)
    reply = await world.ask(replace(SAID, id="a3", text="Potencia de las soplantes de la EDAR Norte"))
    assert "75 kW" in reply.text


async def test_the_asker_of_a_direct_message_is_told_there(world: DeskWorld) -> None:
    """The expert answers in a direct message of their own; the answer comes to the asker once, where they asked."""
    message = replace(QUESTION, channel="", direct=True, reply_to={"channel": "D-ANA"})
    await handed(world, message)
    for _ in range(2):
        await world.ask(replace(SAID, channel="", conversation="d-eva", direct=True))
    lease = await world.inbox.take(0)
    assert lease is not None
    relay = lease.message
    assert (relay.user, relay.conversation, relay.reply_to, relay.command) == ("ana", "c", {"channel": "D-ANA"}, "relay")
    told = await world.ask(relay)
    assert told.text == text("es", "expert.relayed", name="Eva Ríos", question=NOWHERE, answer=ANSWER)
    assert told.exchange == ""
    assert await world.inbox.depth() == 1


async def test_by_way_of_the_worker(world: DeskWorld) -> None:
    """The expert is thanked where they wrote, the asker told where they asked: two posts, each in its place, in either order."""
    await handed(world, replace(QUESTION, channel="", direct=True))
    places: list[str] = []

    async def note(message: IncomingMessage) -> None:
        places.append(message.conversation)

    recorder = Recorder("slack", before_post=note)
    async with working(world.redis, world.manager.respond, recorder, deadline=20.0) as running:
        await running.inbox.put(replace(SAID, channel="", conversation="d-eva", direct=True))
        await recorder.until(2, seconds=15.0)
        await running.empty()
    assert sorted(places) == ["c", "d-eva"]
    assert sum(ANSWER in said for said in recorder.posted) == 1


@pytest.mark.parametrize("command", ["relay", "retract", "sources"])
def test_no_caller_of_ours_can_make_us_say_something(command: str) -> None:
    """What only we may put into the inbox is no command of the HTTP interface."""
    caller = Caller("t", "u", frozenset({"everyone"}), ("everyone",))
    with pytest.raises(RefusedError):
        to_command({"command": command, "thread": "x"}, Envelope(caller, "1", "", 0.0, "k"), CompanyConfig())


@pytest.mark.parametrize("whole", [True, False])
async def test_forgetting_the_asker(world: DeskWorld, whole: bool) -> None:
    """The question goes, so there is nothing left to answer, nobody to be told, and no key that says who asked."""
    message = replace(QUESTION, channel="", direct=True)
    exchange = await handed(world, message)
    if whole:
        await world.memory.forget_user("slack", "T", "ana")
    else:
        await world.memory.forget_conversation(message.key)
    assert await world.redis.keys("expert:asked:*") == []
    assert await world.redis.keys("expert:handed:*") == []
    await world.ask(replace(SAID, channel="", conversation="d-eva", direct=True))
    assert await world.inbox.depth() == 0
    with pytest.raises(NoExpertError):
        await world.desk.keep(expert(), exchange)


@pytest.mark.parametrize(
    ("audiences", "of_expert", "readable"),
    [
        (("everyone",), "everyone", "everyone"),
        (("direccion", "everyone"), "direccion", "direccion"),
        (("direccion", "everyone"), "everyone", "direccion"),  # asked among the management: its question is not for all
        (("direccion", "everyone", "obras"), "obras", "obras"),
    ],
)
def test_who_may_read_the_answer(audiences: tuple[str, ...], of_expert: str, readable: str) -> None:
    """Never more than could read the place where it was asked."""
    exchange = exchange_of(QUESTION, Answer("not_found", "es", "-"), frozenset(audiences), None, {})
    assert audience_of(exchange, ExpertConfig(audience=of_expert, name="x", platform="slack", id="x")) == readable
    elsewhere = ExpertConfig(audience="otra", name="x", platform="slack", id="x")
    assert expert_for(CompanyConfig(experts=(elsewhere,)), exchange) is None


async def test_an_answer_for_the_management_stays_there(world: DeskWorld) -> None:
    """Kept from its channel, it is found there and nowhere else; if the audience is abolished, by nobody."""
    message = replace(QUESTION, channel="C-CONSEJO")
    await handed(world, message)
    await world.ask(replace(SAID, user="U-MARTA", channel="C-CONSEJO"))
    await world.ask(replace(SAID, id="a2", user="U-MARTA", channel="C-CONSEJO", text="keep answer"))
    again = replace(message, id="3", conversation="d")
    assert "14 meses" in (await world.ask(again)).text
    assert "14 meses" not in (await world.ask(replace(again, id="4", channel="C-ANY", conversation="e"))).text
    world.company = world.company.model_copy(update={"audiences": {"everyone": ""}, "channels": (), "sources": ()})
    assert "14 meses" not in (await world.ask(replace(again, id="5", conversation="f"))).text
