"""What is said to the register as to a colleague, and only where a list was told."""

from __future__ import annotations

from datetime import date

import pytest
from redis.asyncio import Redis

from bot.pointing import LAST
from bot.register_spoken import asks_standing, spoken
from bot.register_words import Decision
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
        ("mark the first as done", Decision("done", 1)),
        ("the first is done since 2025-03-01", Decision("done", 1, on=date(2025, 3, 1))),
        ("la 3 está hecha desde el 1/3/2025", Decision("done", 3, on=date(2025, 3, 1))),
        ("reabro la 2", Decision("proposed", 2)),
        ("¿la 3 ya está hecha?", None),
        ("no acepto la 1", None),
        ("acepto la 1 y la 3", None),
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
    assert spoken(words) == decision


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
