"""Investment and savings of one measure, set in a conversation: what is understood, what follows, how it is taken back."""

from __future__ import annotations

import re

import pytest
from redis.asyncio import Redis

from bot.choices import ConversationChoice
from bot.commands import Request
from bot.given import Stated, stated
from bot.messages import Reply
from bot.pointing import LAST, Pointed
from bot.told import Case
from config.texts import text
from rag.models import Given, Language, Recommendation, Turn
from tests.answer_fixtures import said
from tests.register_world import RegisterWorld, company
from tests.unit.test_again import ask, told

PLACE = Pointed(2, explains=True)


@pytest.fixture
def world(redis: Redis) -> RegisterWorld:
    return RegisterWorld(redis)


@pytest.mark.parametrize(
    ("language", "words", "expected"),
    [
        ("es", "la inversión de la 2 es de 18.000 €", Stated("investment", PLACE, 18000)),
        ("es", "la 1 nos cuesta 12.500 euros", Stated("investment", Pointed(1, explains=True), 12500)),
        ("es", "la última sale por 3 mil €", Stated("investment", Pointed(LAST, explains=True), 3000)),
        ("es", "R12 cuesta 900 €", Stated("investment", Pointed(number=12, explains=True), 900)),
        ("es", "el ahorro de la 2 es de 9.000 € al año", Stated("cost_saving", PLACE, 9000)),
        ("es", "la 2 ahorra 9.000 €/año", Stated("cost_saving", PLACE, 9000)),
        ("en", "measure 2 costs 18,000 €", Stated("investment", PLACE, 18000)),
        ("en", "the second costs us €18,000", Stated("investment", PLACE, 18000)),
        ("en", "number 2 saves 9,000 € a year", Stated("cost_saving", PLACE, 9000)),
        ("es", "¿y si las soplantes cuestan 30.000 €?",
         Stated("investment", Pointed(called=("soplantes",), explains=True), 30000, supposed=True)),
        ("es", "la 2 de la depuradora cuesta 900 €", Stated("investment", Pointed(2, site="edar-norte", explains=True), 900)),
        ("es", "quita la inversión de la 2", Stated("investment", PLACE)),
        ("en", "remove the investment of measure 2", Stated("investment", PLACE)),
        ("es", "quita la inversión", Stated("investment", Pointed(explains=True))),
        ("es", "la 2 ahorra 30.000 kWh al año", Stated("cost_saving", PLACE, problem="use")),
        ("es", "la 2 ahorra 300 € al mes", Stated("cost_saving", PLACE, problem="one")),
        ("es", "la 2 cuesta 9.999 € y la 3 200 €", Stated("investment", PLACE, problem="one")),
        ("es", "¿la 2 cuesta 18.000 €?", None),
        ("es", "¿cuánto cuesta la 2?", None),
        ("es", "¿y a 0,18 €/kWh?", None),
        ("es", "el agua nos cuesta 0,60 €/m3", None),
        ("en", "with 100,000 €", None),
        ("es", "la inversión de la 2 y la 3 es de 18.000 €", None),
        ("es", "quita el precio", None),
    ],
)  # fmt: skip
def test_what_is_set_of_a_measure(language: Language, words: str, expected: Stated | None) -> None:
    """A sum of money for one measure by place, number or name; nothing where something else is asked."""
    case = Case(said(words), company(), ConversationChoice(), Request("ask", words), language)
    assert stated(words, case) == expected


def one(reply: Reply, measure: str) -> Recommendation:
    """A measure of an answer."""
    return next(each for each in reply.answer.recommendations if each.measure == measure)


def money(recommended: Recommendation) -> tuple[float, float, float]:
    """What it costs and saves in the middle, and its payback."""
    assert recommended.investment_eur
    assert recommended.cost_eur
    assert recommended.payback_years
    return recommended.investment_eur.mid, recommended.cost_eur.mid, round(recommended.payback_years.mid, 2)


@pytest.mark.parametrize(
    ("language", "first", "costs", "saves", "off"),
    [
        ("es", "recomienda", "la inversión de la {n} es 21.000 €", "la {n} ahorra 7.000 €/año", "quita la inversión de la {n}"),
        ("en", "recommend", "measure {n} costs 21,000 €", "measure {n} saves 7,000 € a year", "drop the investment of the {n}"),
    ],
)  # fmt: skip
async def test_payback_and_sums_follow(
    world: RegisterWorld, language: Language, first: str, costs: str, saves: str, off: str
) -> None:
    """What is set is cited as that and holds with other values; each measure keeps its place; it is taken back again."""
    listed = told(reply := await ask(world, first))
    assert money(one(reply, "blower_control")) == (42000, 10500, 4)
    n = listed.index("blower_control") + 1
    reply = await ask(world, costs.format(n=n), id="2")
    assert told(reply) == listed
    assert money(one(reply, "blower_control")) == (21000, 10500, 2)
    title = one(reply, "blower_control").title
    (cited,) = [each for each in reply.answer.citations if "given" in each.passage_id]
    assert cited.title.startswith(text(language, "numbers.given", method=""))
    assert re.search(r"21[.,]000 €", cited.quote)
    assert title in reply.answer.notices[0]
    reply = await ask(world, saves.format(n=n), id="3")
    assert money(one(reply, "blower_control")) == (21000, 7000, 3)
    reply = await ask(world, "¿y con un interés del 7 %?" if language == "es" else "and with an interest of 7 %?", id="4")
    assert money(one(reply, "blower_control")) == (21000, 7000, 3)
    n = told(reply).index("blower_control") + 1
    reply = await ask(world, off.format(n=n), id="5")
    assert money(one(reply, "blower_control")) == (42000, 7000, 6)
    assert "7 %" in reply.answer.notices[0]
    reply = await ask(world, "vuelve a los valores normales" if language == "es" else "back to the default values", id="6")
    assert money(one(reply, "blower_control")) == (42000, 10500, 4)
    assert await ask(world, off.format(n=1), id="7")


async def test_by_name_and_after_something_else(world: RegisterWorld) -> None:
    """«¿Y si las soplantes cuestan ...?»; and the list stays the one that is spoken of, through another question."""
    await ask(world, "recomienda")
    reply = await ask(world, "¿y si las soplantes cuestan 21.000 €?", id="2")
    assert money(one(reply, "blower_control"))[0] == 21000
    await ask(world, "¿Cada cuánto se limpian los difusores?", id="3")
    reply = await ask(world, "what if the taps cost €3,000?", id="4")
    assert (one(reply, "new_taps").investment_eur or one(reply, "new_taps")).mid == 3000  # type: ignore[union-attr]
    assert money(one(reply, "blower_control"))[0] == 21000
    reply = await ask(world, "explica la primera", id="5")
    assert "puesto en la conversación" in reply.text
    assert "7 %" in (await ask(world, "¿y con un interés del 7 %?", id="6")).answer.notices[0]


async def test_what_cannot_be_set_is_said(world: RegisterWorld) -> None:
    """Which measure is meant, that there are no numbers, or nothing to take back; and the register keeps its own figures."""
    listed = told(reply := await ask(world, "recomienda"))
    held = await world.register.of(["edar-norte"])
    documents = len([each for each in reply.answer.recommendations if each.basis == "document" and not each.cost_eur])
    assert documents
    only_said = reply.answer.recommendations[-1].title
    for words, key in (
        (f"la {len(listed)} cuesta 900 €", text("es", "given.document", title=only_said)),
        ("¿y si el tornillo cuesta 900 €?", text("es", "given.which")),
        ("la 1 ahorra 30.000 kWh al año", text("es", "given.use")),
        ("la 1 ahorra 300 € al mes", text("es", "given.one")),
        ("quita la inversión", text("es", "given.nothing")),
        ("la 77 cuesta 900 €", text("es", "again.which", count=len(listed))),
    ):
        assert (await ask(world, words, id=words)).text == key
    await ask(world, "la 1 cuesta 900 €", id="last")
    assert await world.register.of(["edar-norte"]) == held


async def test_it_is_of_the_conversation_alone(world: RegisterWorld) -> None:
    """Another conversation, and a fresh list in the same, have the company's figures."""
    await ask(world, "recomienda", "¿y si las soplantes cuestan 21.000 €?")
    assert money(one(await ask(world, "recomienda", conversation="other"), "blower_control"))[0] == 42000
    assert money(one(await ask(world, "recomienda energía", id="9"), "blower_control"))[0] == 42000
    reply = await ask(world, "¿y con un interés del 7 %?", id="10")
    assert money(one(reply, "blower_control"))[0] == 42000


async def test_memory_keeps_it(world: RegisterWorld) -> None:
    """What was set survives the way through Redis; that nothing was set is not the same as nothing left."""
    given = (Given("edar-norte", "led", "investment", 900.0, "LED"),)
    turns = [Turn("assistant", "a", given=given), Turn("assistant", "b", given=()), Turn("assistant", "c")]
    key = said("").key
    await world.memory.append(key, turns)
    assert [one.given for one in await world.memory.history(key)] == [given, (), None]
