"""rag.bounds: what a text lets measures cost and how many it asks for; and recommendations within that, first or after a list."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from bot.commands import parse
from config.texts import text
from rag.assumptions import Changes, changes, follow_up
from rag.bounds import Bounds, only_bounds, unbounded
from rag.models import Language, Turn
from rag.registered import is_computed
from tests.answer_fixtures import library
from tests.answer_fixtures import said as message
from tests.register_world import RegisterWorld
from tests.unit.test_again import ask, told

HEADING = text("es", "advice.heading", site="EDAR Norte")


@pytest.mark.parametrize(
    ("said", "language", "expected"),
    [
        ("recomienda agua con menos de 10.000 €", "es", Changes({}, 10_000)),
        ("¿y si solo puedo gastar 15.000 euros?", "es", Changes({}, 15_000)),
        ("con un máximo de 5 mil euros", "es", Changes({}, 5_000)),
        ("the best for less than 50000 euros", "en", Changes({}, 50_000)),
        ("what would you do first with €200,000?", "en", Changes({}, 200_000)),
        ("solo las que cuesten menos de 20.000 €", "es", Changes({}, None, Bounds(20_000))),
        ("las que no cuesten más de 8.000 euros", "es", Changes({}, None, Bounds(8_000))),
        ("medidas con inversión de menos de 20.000 €", "es", Changes({}, None, Bounds(20_000))),
        ("show me only those below €20,000", "en", Changes({}, None, Bounds(20_000))),
        ("measures under 10k euros", "en", Changes({}, None, Bounds(10_000))),
        ("top three measures with less than 50,000 euros", "en", Changes({}, 50_000, Bounds(None, 3))),
        ("las 2 mejores", "es", Changes({}, None, Bounds(None, 2))),
        ("la inversión de la 2 es 18.000 €", "es", Changes()),
        ("¿y si el led cuesta 30.000 €?", "es", Changes()),
        ("the energy costs 0.20 €/kWh", "en", Changes()),
    ],
)
def test_a_sum_for_all_and_a_price_each(said: str, language: Language, expected: Changes) -> None:
    """What one may spend is a budget; what measures may cost is of each; a price that is told is neither."""
    found = changes(said, language)
    assert (found.budget, found.bounds) == (expected.budget, expected.bounds)


@pytest.mark.parametrize(
    ("said", "kind", "site"),
    [
        ("recomienda agua con menos de 10.000 €", "water", None),
        ("recommend water with less than 10,000 euros", "water", None),
        ("I want to save water with less than 10000 euros, what do you recommend?", "water", None),
        ("con menos de 20.000 € qué harías, solo agua", "water", None),
        ("give me the top three measures for the whole company with less than 50000 euros", None, None),
        ("what would you do first with 200,000 euros?", None, None),
        ("tenemos 50.000 € para la depuradora, ¿qué hacemos?", None, "edar-norte"),
        ("¿qué harías en la EDAR Norte con menos de 5.000 €?", None, "edar-norte"),
        ("¿qué medidas cuestan menos de 5.000 €?", None, None),
        ("show me measures below 5,000 euros", None, None),
    ],
)
def test_a_request_with_a_limit_is_a_request(said: str, kind: str | None, site: str | None) -> None:
    """In one message, whichever comes first, as a command and as a question."""
    request = parse(message(said), library().company)
    assert (request.name, request.kind, request.site, request.unknown) == ("recommend", kind, site, "")


@pytest.mark.parametrize(
    "said",
    [
        "¿qué contratos de menos de 15.000 € hay?", "What needs approval above 20,000 euros?",
        "¿cuánto ahorran las tres mejores?", "¿qué aprueba el director con menos de 20.000 euros?",
        "¿Se puede contratar por menos de 15.000 € sin licitación?",
    ],
)  # fmt: skip
def test_a_sum_alone_makes_no_request(said: str) -> None:
    """What documents tell of sums is asked of them, also after a list."""
    assert parse(message(said), library().company).name == "ask"
    if "director" not in said:  # «con … €» after a list has always been a budget
        assert follow_up(said, [Turn("user", "recomienda"), Turn("assistant", HEADING)], "es") is None
    assert not only_bounds(said)


def test_what_bounds_a_text_is_taken_out_of_it() -> None:
    """And nothing else: a price that is told stays."""
    assert unbounded("recomienda agua con menos de 10.000 €").split() == ["recomienda", "agua"]
    assert unbounded("la bomba cuesta 3.000 €") == "la bomba cuesta 3.000 €"


def test_the_later_limit_takes_the_place_of_the_earlier() -> None:
    """A budget of one for each, and the other way round; how many are wanted stays; one word takes all of them back."""
    history = [Turn("user", "recomienda con menos de 30.000 €"), Turn("assistant", HEADING)]

    def then(said: str) -> Changes:
        found = follow_up(said, history, "es")
        assert found is not None
        history.extend((Turn("user", said), Turn("assistant", HEADING)))
        return found.changes

    assert then("¿y con un interés del 9 %?") == Changes({"discount_rate": 9.0}, 30_000)
    assert then("dame las dos mejores") == Changes({"discount_rate": 9.0}, 30_000, Bounds(None, 2))
    assert then("solo las que cuesten menos de 20.000 €") == Changes({"discount_rate": 9.0}, None, Bounds(20_000, 2))
    assert then("¿y si solo puedo gastar 15.000 euros?") == Changes({"discount_rate": 9.0}, 15_000, Bounds(None, 2))
    assert then("quita el límite") == Changes({"discount_rate": 9.0})


def test_values_of_another_list_do_not_hold() -> None:
    """Of another kind, or of another facility: «recomienda agua con 10.000 €» begins anew."""
    history = [
        *(Turn("user", "recomienda energía"), Turn("assistant", HEADING, kind="energy")),
        *(Turn("user", "con un interés del 9 %"), Turn("assistant", HEADING, kind="energy")),
        *(Turn("user", "recomienda agua con 10.000 €"), Turn("assistant", HEADING, kind="water")),
    ]
    found = follow_up("¿y a 0,5 €/m3?", history, "es")
    assert found
    assert found.changes == Changes({"water_price": 0.5}, 10_000)


@pytest.mark.parametrize(
    ("language", "first", "each", "most", "much"),
    [
        ("es", "recomienda con menos de 3.000 €", "solo las que cuesten menos de 50.000 €", "dame las dos mejores", "con 1 €"),
        ("en", "recommend with less than 3,000 €", "only those below 50,000 €", "give me the top two", "with 1 €"),
    ],
)
async def test_recommendations_within_limits(
    redis: Redis, language: Language, first: str, each: str, most: str, much: str
) -> None:
    """Only what fits is told; which of the two a sum was taken for, and what cannot be held against it, is said."""
    world = RegisterWorld(redis)
    reply = await ask(world, first)
    costs = [one.investment_eur.mid for one in reply.answer.recommendations if one.investment_eur]
    assert len(costs) == len(reply.answer.recommendations)
    assert sum(costs) <= 3_000
    assert "new_taps" in told(reply)
    assert "blower_control" not in told(reply)
    budget = "3.000 €" if language == "es" else "3,000 €"
    assert any(text(language, "advice.budget", budget=budget) in one for one in reply.answer.notices)
    wider = await ask(world, each, id="2")
    assert {"new_taps", "blower_control"} <= set(told(wider))
    assert all(is_computed(one) for one in wider.answer.recommendations)
    assert not any(budget in one for one in wider.answer.notices)
    assert len(told(await ask(world, most, id="3"))) == 2
    await ask(world, first, id="4")
    assert (await ask(world, "recommend water", id="5")).answer.recommendations


async def test_a_limit_survives_other_questions(redis: Redis) -> None:
    """It is of the list, with its kind and the values that were set, though a document was asked in between; what cannot be
    judged is said beside it.
    """
    world = RegisterWorld(redis)
    await ask(world, "recomienda agua")
    await ask(world, "con un interés del 9 %", id="2")
    await ask(world, "¿Cada cuánto se limpian los difusores?", id="3")
    reply = await ask(world, "¿y si solo puedo gastar 3.000 euros?", id="4")
    assert told(reply) == ["new_taps"]
    assert "9 %" in " ".join(reply.answer.notices)
    reply = await ask(world, "solo las que cuesten menos de 3.000 € y sin obras", id="5")
    assert told(reply) == ["new_taps"]
    assert text("es", "again.unjudged") in reply.answer.notices


async def test_where_nothing_fits_that_is_said(redis: Redis) -> None:
    """Not that nothing is recommended."""
    reply = await ask(RegisterWorld(redis), "recomienda agua para la depuradora con menos de 50 €")
    assert reply.answer.status == "not_found"
    assert reply.text.startswith(text("es", "advice.none_within", where="EDAR Norte", what="\0").partition("\0")[0])
