"""Follow-ups to recommendations, as people put them: one measure again alone, another facility, another kind; and who is told."""

from __future__ import annotations

import re

import pytest
from redis.asyncio import Redis

from bot.messages import Reply
from bot.pointing import LAST, Pointed, pointed
from config.texts import text
from rag.models import Language
from rag.registered import is_computed
from tests.answer_fixtures import said
from tests.desk_world import DeskWorld
from tests.register_world import RegisterWorld, company

BOSS: dict[str, object] = {"user": "U-BOSS", "direct": True, "conversation": "d"}


@pytest.fixture
def world(redis: Redis) -> RegisterWorld:
    return RegisterWorld(redis)


async def ask(world: DeskWorld, *words: str, **values: object) -> Reply:
    """The reply to the last of these messages of one conversation."""
    for n, one in enumerate(words):
        reply = await world.ask(said(one, **{**values, "id": f"{n} {one}"}))  # type: ignore[arg-type]  # as the test gives them
    return reply


def told(reply: Reply) -> list[str]:
    """The measures that an answer tells, its marks and citations checked against one another."""
    marked = {int(n) for n in re.findall(r"\[(\d+)\]", reply.text)}
    assert marked == {one.n for one in reply.answer.citations}
    return [one.measure for one in reply.answer.recommendations]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("why?", Pointed(explains=True)),
        ("¿por qué?", Pointed(explains=True)),
        ("and how much would that save?", Pointed(explains=True)),
        ("why the first?", Pointed(1, explains=True)),
        ("explica la segunda", Pointed(2, explains=True)),
        ("¿cuánto cuesta la 3?", Pointed(3, explains=True)),
        ("and the last one?", Pointed(LAST)),
        ("explain number 2", Pointed(2, explains=True)),
        ("¿cuánto CO2 evita la 1?", Pointed(1, explains=True, carbon=True)),
        ("what would cleaning save in CO2?", Pointed(called=("cleaning",), explains=True, carbon=True)),
        ("¿y el CO2 de la depuradora?", None),
        ("explica R12", Pointed(number=12, explains=True)),
        ("¿por qué bajar la potencia de la depuradora?", Pointed(called=("bajar", "potencia"), site="edar-norte", explains=True)),
        ("how much does the lighting save?", Pointed(called=("lighting",), explains=True)),
        ("¿cuánto gasta la depuradora?", None),
        ("¿y para la oficina?", None),
        ("when will the first arrive?", None),
        ("¿y en julio?", None),
    ],
)
def test_what_a_text_points_to(words: str, expected: Pointed | None) -> None:
    """A place, a number, a name, or what is spoken of; nothing where something else is asked."""
    assert pointed(words, company()) == expected


@pytest.mark.parametrize(
    ("language", "first", "why", "second"),
    [("es", "recomienda", "¿por qué?", "explica la segunda"), ("en", "recommend", "why?", "explain the second")],
)
async def test_a_measure_is_told_again_alone(world: RegisterWorld, language: Language, first: str, why: str, second: str) -> None:
    """The first if none is named, then the one asked about last; with its place, how it is reckoned and with which values."""
    reply = await ask(world, first)
    listed, reckoned = told(reply), sum(is_computed(one) for one in reply.answer.recommendations)
    one = await ask(world, why, id="2")
    assert told(one) == listed[:1]
    counts = {"count": len(listed), "reckoned": reckoned, "others": len(listed) - reckoned}
    assert one.text.startswith(
        text(language, "again.heading_apart", place=1, where=text(language, "recommend.everywhere"), **counts)
    )
    assert text(language, "again.working") in one.text
    assert one.answer.follow_ups == (text(language, "again.next", place=2),)
    other = await ask(world, second, id="3")
    assert told(other) == listed[1:2]
    assert "informe.pdf" in (one.text + other.text)
    assert {one.kind for one in other.answer.citations} >= {"calculation"}
    assert told(await ask(world, why, id="4")) == listed[1:2]
    assert told(await ask(world, other.answer.follow_ups[0], id="5")) == listed[2:3]


async def test_by_its_name_and_what_is_none_of_them(world: RegisterWorld) -> None:
    """In either language; a place that the list does not have is asked for; another question is searched for."""
    count = len(told(await ask(world, "recomienda")))
    assert told(await ask(world, "¿por qué cambiar los grifos?", id="2")) == ["new_taps"]
    assert told(await ask(world, "how much would controlling the blowers save?", id="3")) == ["blower_control"]
    beyond = await ask(world, "explica la 20", id="4")
    assert (beyond.answer.status, beyond.text) == ("needs_input", text("es", "again.which", count=count))
    assert beyond.answer.follow_ups == (text("es", "again.next", place=1),)
    assert told(await ask(world, "¿Cada cuánto se limpian los difusores?", id="5")) == []
    assert told(await ask(world, "¿y por qué?", id="6")) == []  # of the diffusers
    assert told(await ask(world, "explica la segunda", id="7")) != []


async def test_values_that_were_set_hold_and_can_be_set_again(world: RegisterWorld) -> None:
    """A look at one measure changes nothing of what was set; its numbers are those of the list before it."""
    await ask(world, "recomienda energía", "con un interés del 9 %")
    one = await ask(world, "¿por qué?", id="3")
    assert text("es", "quantities.discount_rate") + " 9 %" in one.answer.notices[0]
    again = await ask(world, "¿y con una vida de 20 años?", id="4")
    assert "9 %" in again.answer.notices[0]
    assert "20 años" in again.answer.notices[0]


@pytest.mark.parametrize(
    ("first", "other"), [("recomienda agua", "¿y para la depuradora?"), ("recommend water", "and for la depuradora?")]
)
async def test_another_facility_keeps_the_kind(world: RegisterWorld, first: str, other: str) -> None:
    """«¿y para la oficina?» recommends there what was asked for here; a kind alone recommends it of the same facility."""
    assert "new_taps" in told(await ask(world, first))
    reply = await ask(world, other, id="2")
    assert "new_taps" in told(reply)
    assert {one.kind for one in reply.answer.recommendations} == {"water"}
    energy = await ask(world, "¿y de energía?", id="3")
    assert {one.kind for one in energy.answer.recommendations} == {"energy"}
    assert {one.site for one in energy.answer.recommendations if one.energy_kwh} == {"edar-norte"}


async def test_after_a_look_into_the_register_its_order_counts(world: RegisterWorld) -> None:
    """«explica la 1» is the first of what was shown last; by its number an entry is told from anywhere."""
    await ask(world, "recomienda", "recomienda acepta 2", "recomienda estado")
    entries = {one.number: one.measure for one in await world.register.of(["edar-norte"])}
    shown = await world.register.last_list(said("").key)
    assert told(await ask(world, "explica la 1", id="4")) == [entries[shown[0]]]
    assert told(await ask(world, f"explica R{shown[-1]}", id="5", conversation="other")) == [entries[shown[-1]]]
    assert (await ask(world, "explica R999", id="6")).answer.status == "needs_input"


async def test_who_may_not_see_a_site_is_told_nothing_of_it(world: RegisterWorld) -> None:
    """Neither by its number nor of a list that was told while it might be seen."""
    await ask(world, "recomienda", **BOSS)
    entry = next(one for one in await world.register.of(["oficina"]) if one.measure == "secret_works")
    assert told(await ask(world, f"explica R{entry.number}", **BOSS)) == ["secret_works"]
    assert "reservada" not in (await ask(world, f"explica R{entry.number}", id="9")).text
    assert told(await ask(world, "¿por qué la obra reservada?", **BOSS)) == ["secret_works"]
    world.company = world.company.model_copy(update={"people": ()})
    gone = await ask(world, "explica la obra reservada, por qué", **BOSS)
    assert "reservada" not in gone.text
    assert gone.answer.status == "needs_input"


async def test_a_forgotten_list_is_forgotten(world: RegisterWorld) -> None:
    """Nothing is told of what was erased."""
    await ask(world, "recomienda", "olvida")
    assert told(await ask(world, "explica la segunda", id="3")) == []


async def test_what_only_a_document_proposes_is_quoted_again(redis: Redis) -> None:
    """With the sentences around it, and the word that nothing was reckoned; not if it may not be read any more."""
    world = DeskWorld(redis)
    listed = (await ask(world, "recomienda energía")).answer.recommendations
    reply = await ask(world, "explica la 1", id="2")
    assert listed[0].why in reply.answer.citations[0].quote
    assert len(reply.answer.citations[0].quote) > len(listed[0].why)
    assert text("es", "recommend.missing") in reply.text
    world.company = world.company.model_copy(update={"sources": world.company.sources[2:]})
    gone = await ask(world, "explica la 1", id="3")
    assert (gone.answer.status, gone.text) == ("needs_input", text("es", "again.gone"))
