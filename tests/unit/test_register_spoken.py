"""What is said to the register as to a colleague, and only where a list was told."""

from __future__ import annotations

from datetime import date

import pytest
from redis.asyncio import Redis

from bot.pointing import LAST
from bot.register_spoken import asks_standing, spoken
from bot.register_words import Decision
from config.texts import text
from tests.register_world import RegisterWorld
from tests.unit.test_again import ask, told


@pytest.mark.parametrize(
    ("words", "decision"),
    [
        ("acepto la 1", Decision("accepted", 1)),
        ("Aceptamos la primera.", Decision("accepted", 1)),
        ("I accept the second", Decision("accepted", 2)),
        ("we'd like to accept R12", Decision("accepted", number=12)),
        ("acepto la última", Decision("accepted", LAST)),
        ("rechazo la 2: es muy cara", Decision("rejected", 2, reason="es muy cara")),
        ("rechazamos la segunda porque no hay sitio", Decision("rejected", 2, reason="no hay sitio")),
        ("reject the second: too expensive", Decision("rejected", 2, reason="too expensive")),
        ("descarto la 3", Decision("rejected", 3)),
        ("la 3 ya está hecha", Decision("done", 3)),
        ("la 2 ya la hicimos", Decision("done", 2)),
        ("we already did number 2", Decision("done", 2)),
        ("did 2 pumps fail", None),
        ("la 2 no la hicimos", None),
        ("mark the first as done", Decision("done", 1)),
        ("the first is done since 2025-03-01", Decision("done", 1, on=date(2025, 3, 1))),
        ("la 3 está hecha desde el 1/3/2025", Decision("done", 3, on=date(2025, 3, 1))),
        ("reabro la 2", Decision("proposed", 2)),
        ("¿la 3 ya está hecha?", None),
        ("no acepto la 1", Decision("rejected", 1)),
        ("la 4 no, es cara", Decision("rejected", 4, reason="es cara")),
        ("I won't do 4", Decision("rejected", 4)),
        ("adelante con la 2", Decision("accepted", 2)),
        ("la 3 no está hecha", None),
        ("no, la 2", None),
        ("quiero hacer la 2", None),
        ("hacemos la 2 primero", None),
        ("hacemos la 2, cuánto cuesta", None),
        ("acepto la propuesta de LED", None),
        ("is the first pump done?", None),
        ("done", None),
        ("la 3", None),
        ("the measure that was done in 2", None),
        ("R2 acepta 5 bar", None),
    ],
)
def test_a_decision_in_plain_words(words: str, decision: Decision | None) -> None:
    """One verb, one measure, and behind it a reason or a day; nothing where anything else is said."""
    assert spoken(words) == ((decision,) if decision else ())


@pytest.mark.parametrize(
    ("words", "decision"),
    [
        ("acepto todas", Decision("accepted", every=True)),
        ("Accept all of them.", Decision("accepted", every=True)),
        ("todas no", Decision("rejected", every=True)),
        ("rechazo todas porque son caras", Decision("rejected", reason="son caras", every=True)),
        ("rechazo todas menos la 2", Decision("rejected", every=True, but=(Decision("rejected", 2),))),
        (
            "accept all but 2 and R7",
            Decision("accepted", every=True, but=(Decision("accepted", 2), Decision("accepted", number=7))),
        ),
        ("ya están todas hechas", Decision("done", every=True)),
        ("¿acepto todas?", None),
        ("todas", None),
        ("acepto todas las de agua", None),
    ],
)
def test_a_decision_on_all(words: str, decision: Decision | None) -> None:
    """Or on all but some; nothing where the words tell some of them apart in another way."""
    assert spoken(words) == ((decision,) if decision else ())


Told = list[tuple[str, int, str]]


@pytest.mark.parametrize(
    ("words", "decisions"),
    [
        ("acepto la 1 y la 3", [("accepted", 1, ""), ("accepted", 3, "")]),
        ("la 2 y la 4 no", [("rejected", 2, ""), ("rejected", 4, "")]),
        ("acepto la 1 y descarto la 3", [("accepted", 1, ""), ("rejected", 3, "")]),
        ("accept 1 and 3", [("accepted", 1, ""), ("accepted", 3, "")]),
        ("I'll do 1 and 2, reject 4", [("accepted", 1, ""), ("accepted", 2, ""), ("rejected", 4, "")]),
        ("Vale, acepto 1, 2 y 4, por favor", [("accepted", 1, ""), ("accepted", 2, ""), ("accepted", 4, "")]),
        ("yes to 1 and 3, no to 2", [("accepted", 1, ""), ("accepted", 3, ""), ("rejected", 2, "")]),
        ("la 1 sí; la 2 y la 4 no", [("accepted", 1, ""), ("rejected", 2, ""), ("rejected", 4, "")]),
        ("acepto la 1 pero no la 3", [("accepted", 1, ""), ("rejected", 3, "")]),
        ("acepto la 1 y la 3 no", [("accepted", 1, ""), ("rejected", 3, "")]),
        ("rechazo la 2 y la 4 porque son caras", [("rejected", 2, "son caras"), ("rejected", 4, "son caras")]),
        ("rechazo la 2 porque es cara y acepto la 1", [("rejected", 2, "es cara"), ("accepted", 1, "")]),
        ("reject 4 because it is signed and I'll do 2", [("rejected", 4, "it is signed"), ("accepted", 2, "")]),
        ("rechazo la 2 porque ya hemos aceptado la 1", [("rejected", 2, "ya hemos aceptado la 1")]),
        ("rechaza la 2: la 1 ya cubre eso", [("rejected", 2, "la 1 ya cubre eso")]),
        ("reject 2, 4 and 5 years is too long", [("rejected", 2, "4 and 5 years is too long")]),
        ("acepto la 1 y la 1", [("accepted", 1, "")]),
        ("acepto la 1 y descarto la 1", [("accepted", 0, "")]),
        ("¿acepto la 1 y la 3?", []),
        ("accept 1 to 3", [("accepted", 1, ""), ("accepted", 2, ""), ("accepted", 3, "")]),
        ("acepto de la 1 a la 3", [("accepted", 1, ""), ("accepted", 2, ""), ("accepted", 3, "")]),
        ("rechazo la 1 y de la 3 a la 4", [("rejected", 1, ""), ("rejected", 3, ""), ("rejected", 4, "")]),
        ("acepto la 2-3", [("accepted", 2, ""), ("accepted", 3, "")]),
        ("rechazo la 2 porque tarda de 1 a 3 años", [("rejected", 2, "tarda de 1 a 3 años")]),
        ("acepto la 1 a 3 meses", []),
        ("quiero hacer la 2 y la 3 juntas", []),
    ],
)
def test_decisions_on_several_measures(words: str, decisions: Told) -> None:
    """Each measure with its verb; what is said of the last is its reason alone, and what is said both ways is asked back."""
    assert [(one.status, one.place, one.reason) for one in spoken(words)] == decisions


def test_a_day_is_no_measure() -> None:
    """Several are done on one day; the numbers of a date name none."""
    day = date(2025, 3, 1)
    assert spoken("la 1 y la 3 están hechas desde el 1/3/2025") == (Decision("done", 1, on=day), Decision("done", 3, on=day))
    said = spoken("acepto la 1, la 4 está hecha el 1 de marzo de 2025")
    assert said == (Decision("accepted", 1), Decision("done", 4, on=day))


@pytest.mark.parametrize(
    ("words", "asks"),
    [
        ("¿qué hemos decidido hasta ahora?", True),
        ("what have we decided so far?", True),
        ("¿cómo van las medidas aceptadas?", True),
        ("how are the accepted measures going?", True),
        ("status", True),
        ("estado", True),
        ("¿qué decidió el comité?", False),
        ("estado de las bombas", False),
        ("¿cómo van?", False),
        ("¿qué medidas hay?", False),
    ],
)
def test_how_it_stands_is_asked(words: str, asks: bool) -> None:
    """What was decided, in words that ask for nothing else."""
    assert asks_standing(words) == asks


async def test_all_of_the_list(redis: Redis) -> None:
    """Each of the list that was told last, but what is left out or decided apart; without a list it is asked which."""
    world = RegisterWorld(redis)
    await ask(world, "recomienda")
    await ask(world, "acepto todas", id="2")
    assert await standing(world) == ["accepted", "accepted"]
    await ask(world, "rechazo todas menos la 2 porque no caben", id="3")
    assert await standing(world) == ["rejected", "accepted"]
    await ask(world, "recommend accept all except 2", id="4")
    assert await standing(world) == ["accepted", "accepted"]
    reply = await ask(world, "rechazo todas menos la 1 y la 2", id="5")
    assert (reply.answer.status, await standing(world)) == ("needs_input", ["accepted", "accepted"])
    await ask(world, "acepto todas y la 2 ya la hicimos", id="6")
    assert await standing(world) == ["accepted", "done"]


async def test_several_at_once(redis: Redis) -> None:
    """Each that is decided is named; what there is not, is done or lacks a reason is told, and the others are taken."""
    world = RegisterWorld(redis)
    await ask(world, "recomienda")
    first, second, *_ = await world.register.of(["edar-norte"])
    reply = await ask(world, "acepto la 1 y la 17", id="2")
    assert f"- **{first.id} " in reply.text
    assert text("es", "register.unknown", which=17) in reply.text
    assert await standing(world) == ["accepted", "proposed"]
    reply = await ask(world, "la 1 y la 2 no", id="3")
    assert (reply.answer.status, f"rechaza {first.id} y {second.id} porque" in reply.text) == ("needs_input", True)
    assert await standing(world) == ["accepted", "proposed"]
    reply = await ask(world, "porque son caras", id="3b")
    assert await standing(world) == ["rejected", "rejected"]
    assert {one.reason for one in await world.register.of(["edar-norte"]) if one.changes} == {"son caras"}
    await ask(world, "reabro la 2", id="3c")
    await ask(world, "la 1 ya está hecha", id="4")
    reply = await ask(world, "rechazo la 1 y la 2 porque no caben", id="5")
    assert await standing(world) == ["done", "rejected"]
    assert "ya está hecha" in reply.text
    assert f"**{second.id} " in reply.text
    reply = await ask(world, "recommend accept R1 and R2", id="6")
    assert await standing(world) == ["accepted", "accepted"]
    assert reply.text.count("accepted") == 2


async def test_never_in_another_facility(redis: Redis) -> None:
    """A place in a list with the name of another facility than the measure's decides nothing; nor a number that is not seen."""
    world = RegisterWorld(redis)
    await ask(world, "recomienda", user="U-BOSS", direct=True, conversation="d")
    reply = await ask(world, "acepto la 1 de Head office", id="2", user="U-BOSS", direct=True, conversation="d")
    assert "no se ha cambiado nada" in reply.text
    assert (
        "EDAR Norte"
        in (await ask(world, "acepto la 1 de la depuradora", id="3", user="U-BOSS", direct=True, conversation="d")).text
    )
    held = await world.register.of(["edar-norte", "oficina"])
    hidden = next(one for one in held if one.site == "oficina")
    reply = await ask(world, f"acepto R1 y {hidden.id}", id="4")
    assert text("es", "register.unknown", which=hidden.id) in reply.text
    assert [one.status for one in await world.register.of(["oficina"])] == ["proposed"]


async def standing(world: RegisterWorld) -> list[str]:
    """How the plant's first two measures stand."""
    return [one.status for one in await world.register.of(["edar-norte"])][:2]


async def test_only_after_a_list(redis: Redis) -> None:
    """Of what was recommended last, through looks at one of them; a number of the register is understood anywhere."""
    world = RegisterWorld(redis)
    for n, words in enumerate(("acepto la 1", "¿qué hemos decidido hasta ahora?", "la 1 ya está hecha")):
        assert "register" not in (await ask(world, words, id=f"early {n}")).text
        assert not await world.register.of(["edar-norte"])
    listed = told(await ask(world, "recomienda"))
    await ask(world, "explica la segunda", id="2")
    reply = await ask(world, "acepto la 2", id="3")
    (entry,) = [one for one in await world.register.of(["edar-norte"]) if one.changes]
    assert (entry.measure, entry.status) == (listed[1], "accepted")
    assert reply.text.startswith(f"**{entry.id} ")
    assert "aceptadas: 1" in (await ask(world, "¿qué hemos decidido hasta ahora?", id="4")).text
    await ask(world, "¿Cada cuánto se limpian los difusores?", id="5")
    await ask(world, "rechazo la 2: es muy cara", id="6")
    (kept,) = [one for one in await world.register.of(["edar-norte"]) if one.changes]
    assert kept.status == "accepted"
    await ask(world, f"rechazo {entry.id}: es muy cara", id="7")
    (entry,) = [one for one in await world.register.of(["edar-norte"]) if one.changes]
    assert (entry.status, entry.reason) == ("rejected", "es muy cara")
