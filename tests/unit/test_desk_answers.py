"""What an expert says of the questions in their hands: to which it belongs, what corrects it, what takes it back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.access import KEPT_ANSWERS
from bot.handover import NoExpertError, NotTheirsError
from bot.messages import IncomingMessage, Reply
from config.company import CompanyConfig
from config.texts import text
from tests.answer_corpus import COMPANY
from tests.answer_fixtures import said
from tests.desk_world import DeskWorld, actor

EXPERTS = [{"audience": "everyone", "name": "Eva Ríos", "platform": "slack", "id": "U-EVA"}]
OIL, TEETH = "¿Qué aceite lleva el reductor del espesador violeta?", "¿Cuántos dientes tiene la corona del puente barredor?"
ALONE = said(OIL, direct=True, said="q1", reply_to={"channel": "D-ANA"})
LEO = said(TEETH, "leo", id="2", conversation="d-leo", direct=True, said="q2", reply_to={"channel": "D-LEO"})
EVA = replace(said("Lleva ISO VG 220.", "U-EVA", id="a1", conversation="d-eva", direct=True), said="s1")


@pytest.fixture
def world(redis: Redis, tmp_path: Path) -> DeskWorld:
    company = CompanyConfig.model_validate({**COMPANY, "experts": EXPERTS})
    return DeskWorld(redis, company=company, home=tmp_path)


def card(exchange: str, conversation: str) -> IncomingMessage:
    """What takes a question from where the expert was asked."""
    return replace(
        EVA, id=f"unask-{exchange}", text="", command="retract", conversation=conversation, replaces=f"asked-{exchange}"
    )


async def handed(world: DeskWorld, message: IncomingMessage, *, thread: str = "") -> str:
    """A question that found nothing, put to the expert; the exchange."""
    reply = await world.ask(message)
    assert reply.expert == "Eva Ríos"
    assert (await world.desk.hand_over(message.actor, reply.exchange)).new
    where = "d-eva" if message.direct else message.conversation
    await world.desk.expert_asked(reply.exchange, card(reply.exchange, where), thread)
    return reply.exchange


async def told(world: DeskWorld) -> list[tuple[str, str]]:
    """What the inbox has people told: (conversation, words), or what it takes back."""
    found = []
    while lease := await world.inbox.take(0):
        one: Reply = await world.ask(lease.message)
        found.append(
            (lease.message.conversation, one.text if lease.message.command == "relay" else f"-{lease.message.replaces[:5]}")
        )
        await world.inbox.done(lease)
    return found


async def test_two_askers_one_expert_by_thread(world: DeskWorld) -> None:
    """Each question has a thread of its own: what is said there answers that one, and then one alone is open."""
    await handed(world, ALONE, thread="d-eva:1")
    await handed(world, LEO, thread="d-eva:2")
    thanks = await world.ask(replace(EVA, conversation="d-eva:1"))
    assert OIL in thanks.text
    thanks = await world.ask(replace(EVA, id="a2", said="s2", text="Tiene 212 dientes."))
    assert TEETH in thanks.text
    assert {(where, "220" in words, "212" in words) for where, words in await told(world)} == {
        ("c", True, False), ("d-leo", False, True),
    }  # fmt: skip


@pytest.mark.parametrize("by", ["la 1", "the first one", "Es la primera.", "button"])
async def test_which_question_is_asked_back(world: DeskWorld, by: str) -> None:
    """Two open and nothing that tells them apart: the statement waits until its author says which it answers."""
    first, second = await handed(world, ALONE), await handed(world, LEO)
    which = await world.ask(EVA)
    assert (which.answer.status, [one for one, _ in which.which]) == ("needs_input", [first, second])
    assert OIL in which.text
    assert await told(world) == []
    again = await world.ask(replace(EVA, id="a0", said="s0", text="3"))
    assert again.which == which.which, "there is no third: what was said before waits still"
    if by != "button":
        thanks = await world.ask(replace(EVA, id="a2", said="s2", text=by))
    else:
        with pytest.raises(NoExpertError):
            await world.desk.choose(EVA.actor, "another")
        await world.desk.choose(EVA.actor, first)
        lease = await world.inbox.take(0)
        assert lease
        assert (lease.message.text, lease.message.replaces, lease.message.said) == (EVA.text, "s1", "s1")
        thanks = await world.ask(lease.message)
        await world.inbox.done(lease)
    assert (OIL in thanks.text, thanks.keep) == (True, first)
    ((where, words),) = await told(world)
    assert (where, "ISO VG 220" in words) == ("c", True)
    with pytest.raises(NoExpertError):
        await world.desk.choose(EVA.actor, second)


async def test_a_later_statement_takes_the_place_of_the_answer(world: DeskWorld) -> None:
    """«Dame un momento» is told like the rest; the answer comes after it, is told anew, and is what is kept."""
    await handed(world, ALONE)
    await world.ask(replace(EVA, text="Dame un momento que lo miro."))
    ((one, first),) = await told(world)
    thanks = await world.ask(replace(EVA, id="a2", said="s2", text="Lleva ISO VG 320."))
    assert thanks.text == text("es", "expert.thanks_again", name="Eva Ríos", question=OIL)
    (two, second), (three, gone) = await told(world)
    assert {one, two, three} == {"c"}
    assert "Dame un momento" in first
    assert "VG 320" in second
    assert gone == "-relay"
    await world.ask(replace(EVA, id="a3", said="s3", text="guardar respuesta"))
    later = await world.ask(replace(ALONE, id="9", user="pep", conversation="z", said="q9"))
    assert "VG 320" in later.text
    assert "momento" not in later.text


@pytest.mark.parametrize("kept", [False, True])
async def test_an_edit_corrects_the_answer(world: DeskWorld, kept: bool) -> None:
    """Also what is kept already: the document says what the expert says now."""
    await handed(world, ALONE)
    await world.ask(EVA)
    if kept:
        await world.ask(replace(EVA, id="a2", said="s2", text="guardar"))
    edit = replace(EVA, id="a1/edited", text="Lleva ISO VG 150.", replaces="s1")
    assert await world.desk.awaits(edit)
    corrected = await world.ask(edit)
    key = "expert.kept_again" if kept else "expert.thanks_again"
    assert corrected.text == text("es", key, name="Eva Ríos", question=OIL)
    if not kept:
        await world.ask(replace(EVA, id="a2", said="s2", text="guardar"))
    assert "VG 150" in next(words for _, words in await told(world) if "corrige" in words)
    later = await world.ask(replace(ALONE, id="9", user="pep", conversation="z", said="q9"))
    assert "VG 150" in later.text
    assert "220" not in later.text
    assert len(await world.index.documents(KEPT_ANSWERS)) == 1


async def test_a_deleted_answer_is_none(world: DeskWorld) -> None:
    """The asker is told in its place, nothing can be kept, and the question waits for another answer."""
    exchange = await handed(world, ALONE)
    await world.ask(EVA)
    assert len(await told(world)) == 1
    gone = replace(EVA, id="a1/deleted", text="", command="retract", replaces="s1")
    assert await world.desk.awaits(gone)
    for _ in range(2):
        await world.ask(gone)
    assert [words for _, words in await told(world)] == [text("es", "expert.withdrawn", name="Eva Ríos", question=OIL)]
    with pytest.raises(NoExpertError):
        await world.desk.keep(EVA.actor, exchange)
    assert (await world.ask(replace(EVA, id="a5", said="s5", text="Lleva ISO VG 320."))).keep == exchange
    assert ["VG 320" in words or words for _, words in await told(world)] == [True, "-relay"]


async def test_of_two_statements_the_later_is_deleted(world: DeskWorld) -> None:
    """What was said before it is the answer again."""
    await handed(world, ALONE)
    await world.ask(EVA)
    await world.ask(replace(EVA, id="a2", said="s2", text="O no, mejor ISO VG 320."))
    await world.ask(replace(EVA, id="a2/deleted", text="", command="retract", said="s2", replaces="s2"))
    assert "220" in (await told(world))[-2][1]
    await world.ask(replace(EVA, id="a3", said="s3", text="guardar"))
    assert "220" in (await world.ask(replace(ALONE, id="9", user="pep", conversation="z", said="q9"))).text


async def test_pressed_twice_nobody_is_asked_twice(world: DeskWorld) -> None:
    """While the first press is under way, when the question stands before the expert, and when it is answered."""
    reply = await world.ask(ALONE)
    assert (await world.desk.hand_over(ALONE.actor, reply.exchange)).new
    assert not (await world.desk.hand_over(ALONE.actor, reply.exchange)).new
    await world.desk.expert_asked(reply.exchange, card(reply.exchange, "d-eva"))
    await world.ask(EVA)
    again = await world.desk.hand_over(ALONE.actor, reply.exchange)
    assert (again.new, again.name, again.alone) == (False, "Eva Ríos", True)
    await world.desk.keep(EVA.actor, reply.exchange)


async def test_a_press_that_failed_may_be_repeated(world: DeskWorld) -> None:
    """The question was not put to the expert: after a moment the next press asks."""
    reply = await world.ask(ALONE)
    assert (await world.desk.hand_over(ALONE.actor, reply.exchange)).new
    await world.redis.delete(*await world.redis.keys("expert:asking:*"))  # the moment is over
    assert (await world.desk.hand_over(ALONE.actor, reply.exchange)).new


@pytest.mark.parametrize("edited", [False, True])
async def test_the_asker_takes_the_question_back(world: DeskWorld, edited: bool) -> None:
    """Deleted, or asked otherwise: it is taken from the expert, who is told so if they answer, once."""
    exchange = await handed(world, ALONE)
    await world.ask(EVA)
    await told(world)
    change = replace(ALONE, id="q1/x", text=TEETH if edited else "", command="ask" if edited else "retract", replaces="q1")
    await world.ask(change)
    assert await told(world) == [("d-eva", "-asked"), ("c", "-relay")]
    assert (await world.ask(replace(EVA, id="a2", said="s2"))).text == text("es", "expert.gone")
    assert "retirado" not in (await world.ask(replace(EVA, id="a3", said="s3"))).text
    with pytest.raises(NoExpertError):
        await world.desk.keep(EVA.actor, exchange)


async def test_asked_for_the_askers_eyes_alone(world: DeskWorld) -> None:
    """By a command in a channel: the expert is asked in their own direct message, and the answer comes to the asker."""
    message = replace(ALONE, direct=False, alone=True, channel="C-ANY", conversation="C-ANY:@ana", said="")
    reply = await world.ask(message)
    assert reply.expert == "Eva Ríos"
    assert (await world.desk.hand_over(message.actor, reply.exchange)).alone
    await world.ask(EVA)
    assert [(where, "220" in words) for where, words in await told(world)] == [("C-ANY:@ana", True)]


@pytest.mark.parametrize(
    ("message", "awaited"),
    [
        (EVA, True),
        (replace(EVA, text="¿De qué espesador?"), False),
        (replace(EVA, user="leo"), False),
        (replace(EVA, conversation="d-other", direct=False), False),
        (replace(EVA, conversation="d-eva:99"), False),  # another thread of theirs
        (replace(EVA, id="e", replaces="s0"), False),  # an edit of what was no answer
        (replace(EVA, id="e", command="retract", text="", replaces="s0"), False),
    ],
)
async def test_who_is_awaited(world: DeskWorld, message: IncomingMessage, awaited: bool) -> None:
    """Only the expert, where they were asked, with what may be an answer."""
    await handed(world, ALONE, thread="d-eva:1")
    assert await world.desk.awaits(message) == awaited


async def test_only_who_answered_may_keep(world: DeskWorld) -> None:
    """Others are told that it is not theirs."""
    exchange = await handed(world, replace(ALONE, direct=False, channel="C-ANY"))
    await world.ask(replace(EVA, direct=False, channel="C-ANY", conversation="c"))
    with pytest.raises(NotTheirsError):
        await world.desk.keep(actor("leo", channel="C-ANY"), exchange)


async def test_an_expert_is_forgotten(world: DeskWorld) -> None:
    """What they answered and had not kept goes with them."""
    exchange = await handed(world, ALONE)
    await world.ask(EVA)
    await world.memory.forget_user("slack", "T", "U-EVA")
    with pytest.raises(NoExpertError):
        await world.desk.keep(EVA.actor, exchange)
    assert not await world.desk.awaits(EVA)
