"""bot.ordering: what is asked of all measures that were told; rag.compared and rag.together: what is said then."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from bot.ordering import ordering, several, unjudged, unmistakable
from config.texts import text
from rag.compared import Criterion, Ordering
from rag.models import Language
from rag.registered import is_computed
from tests.answer_fixtures import library
from tests.register_world import RegisterWorld
from tests.unit.test_again import BOSS, ask, told


@pytest.mark.parametrize(
    ("said", "by", "falling"),
    [
        ("¿cuál es la más rentable?", "npv", True),
        ("la menos rentable", "npv", False),
        ("ordénalas por plazo de recuperación", "payback", False),
        ("¿y la mejor?", "npv", True),
        ("¿cuál harías primero?", "npv", True),
        ("¿por dónde empezamos?", "npv", True),
        ("which would you do first?", "npv", True),
        ("ordénalas por plazo de retorno", "payback", False),
        ("which one pays back fastest?", "payback", False),
        ("rank them by payback", "payback", False),
        ("¿cuál se amortiza antes?", "payback", False),
        ("best payback?", "payback", False),
        ("which one pays back first?", "payback", False),
        ("which one has the shortest payback?", "payback", False),
        ("which has the longest payback?", "payback", True),
        ("ok, and the cheapest one?", "investment", False),
        ("what about the cheapest?", "investment", False),
        ("¿cuál se paga antes?", "payback", False),
        ("la más barata", "investment", False),
        ("¿cuál es la más cara?", "investment", True),
        ("cheapest first", "investment", False),
        ("the most expensive one", "investment", True),
        ("la menos cara", "investment", False),
        ("ordena por inversión", "investment", False),
        ("which saves most energy?", "energy", True),
        ("¿y la que más agua ahorra?", "water", True),
        ("la que menos ahorra", "money", False),
        ("sort by savings in the head office", "money", True),
        ("what does that mean in tonnes of CO2", "co2", True),
        ("¿y en CO₂?", "co2", True),
        ("¿cuánto CO2 evitan todas juntas?", "co2", True),
        ("which avoids least CO2?", "co2", False),
    ],
)
def test_an_order_is_asked_for(said: str, by: Criterion, falling: bool) -> None:
    """In either language; what is best comes first, unless the other end is asked for."""
    assert ordering(said, library().company) == Ordering(by, falling=falling)


@pytest.mark.parametrize(
    "said",
    ["¿cuánto cuestan todas juntas?",
     "what would it cost to do them all?", "¿cuánto ahorraríamos en total?",
     "how much would we save in total?"],
)  # fmt: skip
def test_the_sum_is_asked_for(said: str) -> None:
    """What they cost or save together."""
    assert ordering(said, library().company) == Ordering(together=True)


@pytest.mark.parametrize(
    "said",
    [
        "", "¿por qué la primera?", "explica la 2", "¿cuánto cuesta?",
        "¿cuánto ahorra la segunda?", "¿cuál es la bomba más eficiente?",
        "¿qué tarifa es la más barata?",
        "how much water do we use in total?", "recomienda lo más rentable en agua", "ok", "¿y la oficina?",
    ],
)  # fmt: skip
def test_anything_else_is_no_order(said: str) -> None:
    """One word that is of something else, or an amount of one measure, and it is a question as any other."""
    assert ordering(said, library().company) is None


@pytest.mark.parametrize(
    ("said", "short"),
    [
        ("resúmelo para mi jefa", True),
        ("resume en dos líneas para mi jefa", True),
        ("hazme una tabla con las medidas, la inversión y el retorno", True),
        ("summarise it for my boss", True),
        ("give me a summary in two lines", True),
        ("make me a table comparing them", True),
        ("resume el contrato", False),
        ("hazme una tabla con los consumos de 2025", False),
        ("ordénalas en una tabla por agua de mar", False),
    ],
)
def test_all_of_them_in_short(said: str, short: bool) -> None:
    """A summary or a table of the list, whoever it is for; of anything else it is a question."""
    assert (ordering(said, library().company) == Ordering(brief=True)) is short


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ("¿y sin obras?", True),
        ("quita las que necesitan obra", True),
        ("que no pare la planta", True),
        ("only measures that do not stop the plant", True),
        ("without construction works", True),
        ("¿y obras?", False),
        ("¿sin aireación se para la planta?", False),
        ("sin presupuesto", False),
    ],
)
def test_what_cannot_be_judged(said: str, asks: bool) -> None:
    """Works and stops, where they are to be done without."""
    assert unjudged(said, library().company) is asks


@pytest.mark.parametrize(
    ("language", "first", "short", "without"),
    [
        ("es", "recomienda", "resúmelo para mi jefa", "¿y sin obras?"),
        ("en", "recommend", "make me a table comparing them", "only those that do not stop the plant"),
    ],
)
async def test_a_list_in_short(redis: Redis, language: Language, first: str, short: str, without: str) -> None:
    """A line a measure in the order of the list, each number cited, and the sum; what has no numbers is counted. Nothing changes.

    Before and after it, what needs works is not known, and that is said instead of a search.
    """
    world = RegisterWorld(redis)
    listed = (await ask(world, first)).answer.recommendations
    unknown = await ask(world, without, id="2")
    assert (unknown.text, unknown.answer.status) == (text(language, "again.unjudged"), "not_found")
    reply = await ask(world, short, id="3")
    assert told(reply) == [one.measure for one in listed if is_computed(one)]
    lines = reply.text.split("\n")
    assert lines[0] == text(language, "again.brief", where="EDAR Norte")
    assert len([line for line in lines if line.startswith("- ")]) == len(told(reply))
    assert text(language, "advice.together", left="\0", total="", mark="").partition("\0")[0] in reply.text
    others = sum(not is_computed(one) for one in listed)
    assert text(language, "again.brief_others", count=others) in reply.answer.notices
    assert told(await ask(world, "¿y con 3.000 €?", id="4"))
    assert (await ask(world, without, id="5")).text == text(language, "again.unjudged")


@pytest.mark.parametrize(
    ("language", "first", "order", "explain"),
    [
        ("es", "recomienda", "ordénalas por inversión", "explica la 1"),
        ("en", "recommend", "rank them by cost", "explain number 1"),
    ],
)
async def test_measures_are_held_against_each_other(
    redis: Redis, language: Language, first: str, order: str, explain: str
) -> None:
    """All of them in the order asked for, each number cited; their places are those of this list; other words find it again."""
    world = RegisterWorld(redis)
    listed = {one.measure for one in (await ask(world, first)).answer.recommendations if is_computed(one)}
    reply = await ask(world, order, id="2")
    costs = [one.investment_eur.mid for one in reply.answer.recommendations if one.investment_eur]
    assert costs == sorted(costs)
    assert len(costs) > 1
    assert set(told(reply)) == listed
    assert reply.text.startswith(f"**{text(language, 'again.by.investment')}, {text(language, 'again.rising')}**")
    assert told(await ask(world, explain, id="3")) == told(reply)[:1]
    assert {one.kind for one in reply.answer.citations} <= {"calculation", "figure"}


async def test_what_they_come_to_together(redis: Redis) -> None:
    """Savings with loads counted once, and what it takes, by one calculation; of measures that are told, not of anything else."""
    world = RegisterWorld(redis)
    assert "**" not in (await ask(world, "¿cuánto cuestan todas juntas?")).text
    await ask(world, "recomienda", id="2")
    reply = await ask(world, "¿cuánto cuestan todas juntas?", id="3")
    (citation,) = reply.answer.citations
    assert (citation.title, told(reply)) == (text("es", "advice.together_title"), [])
    assert "de inversión" in reply.text
    assert told(await ask(world, "¿y la más barata?", id="4")) != []


async def test_who_may_not_see_a_site_gets_no_order_of_it(redis: Redis) -> None:
    """Of a list that was told while it might be seen."""
    world = RegisterWorld(redis)
    assert "secret_works" in told(await ask(world, "recomienda", **BOSS))
    world.company = world.company.model_copy(update={"people": ()})
    assert "reservada" not in (await ask(world, "ordénalas por inversión", **BOSS)).text


@pytest.mark.parametrize(
    ("said", "places"),
    [
        ("quiero hacer la 2 y la 3, ¿cuánto sería?", (2, 3)),
        ("how much would the first and the third cost together?", (1, 3)),
        ("¿cuánto cuesta la 2?", ()),
        ("¿cuánto cuestan 2 bombas y 3 variadores?", ()),
    ],
)
def test_several_that_are_to_be_added_up(said: str, places: tuple[int, ...]) -> None:
    """By their places, where nothing else is said."""
    assert several(said, library().company) == places


def test_an_order_that_means_measures_whatever_was_told_since() -> None:
    """By its verb, by what only measures have, or by all of them together; a superlative alone may be of anything."""
    company = library().company
    sure = (
        "ordénalas por coste",
        "¿por dónde empezamos?",
        "¿cuál se amortiza antes?",
        "la más rentable",
        "¿cuánto cuestan todas juntas?",
    )
    assert all(unmistakable(one, company) for one in sure)
    assert not unmistakable("la más barata", company)


async def test_an_order_survives_other_questions(redis: Redis) -> None:
    """Up to three; after an order, and with values that were set, the list says so and its places count."""
    world, other = RegisterWorld(redis), "¿Cada cuánto se limpian los difusores?"
    await ask(world, "recomienda")
    await ask(world, "con un interés del 9 %", id="2")
    await ask(world, other, id="3")
    assert told(await ask(world, "la más barata", id="4")) == []
    reply = await ask(world, "ordénalas por inversión", id="5")
    first = told(reply)[0]
    assert "9 %" in " ".join(reply.answer.notices)
    entries = {one.measure: one for one in await world.register.of(["edar-norte"])}
    assert (await ask(world, "acepto la 1", id="6")).text.startswith(f"**{entries[first].id} ")
    added = await ask(world, "quiero hacer la 1 y la 2, ¿cuánto sería?", id="7")
    assert added.text.startswith("**Sumadas**: ")
    assert (await ask(world, "¿cuánto cuestan la 1 y la 40 juntas?", id="8")).answer.status == "needs_input"
    for n in range(4):
        await ask(world, other + "?" * (n + 1))
    assert told(await ask(world, "ordénalas por ahorro")) == []
