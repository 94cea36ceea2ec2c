"""How a personal chat begins in Teams: questions beneath the welcome and help, and the start page; from the platform's side."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.messages import Reply
from bot.ports import Home, SourceAge
from config import texts
from rag.models import Answer
from tests.fakes.bot_activities import group_message, installation, message
from tests.fakes.bot_connector import FakeConnector
from tests.fakes.card_schema import actions, faults
from tests.fakes.faults import Fault
from tests.fakes.teams_app import TeamsApp, teams_settings
from tests.fakes.teams_desk import NotingDesk
from tests.security.teams_tokens import bearer

ASKED = ("¿Cuánta energía gasta EDAR Norte?", "¿Cuánta agua se pierde?", "¿Qué toca mantener?", "¿Qué dice el manual de bombas?")
PAGE = Home(
    "EDAR Norte", ASKED, (("e1", "¿Por qué sube el consumo?"),), (SourceAge("Manuales", 12, 1.7e9), SourceAge("Actas", 0, 0))
)
HELP = Reply(Answer("answered", "es", texts.text("es", "help.text")))


@pytest.fixture
async def fake() -> AsyncIterator[FakeConnector]:
    """A stand-in Bot Connector."""
    async with FakeConnector() as running:
        yield running


@pytest.fixture
def desk() -> NotingDesk:
    """A desk with a start page."""
    return NotingDesk(page=PAGE)


@pytest.fixture
async def app(fake: FakeConnector, desk: NotingDesk) -> AsyncIterator[TeamsApp]:
    """The adapter with that desk, served."""
    async with TeamsApp.running(teams_settings(fake), desk) as running:
        yield running


@pytest.fixture
def say(app: TeamsApp, fake: FakeConnector) -> Callable[[Any], Awaitable[int]]:
    """Deliver an activity as Teams does; the status of the answer."""

    async def deliver(activity: Any) -> int:
        return await app.post(activity, headers=bearer(fake.sign()))

    return deliver


Say = Callable[[Any], Awaitable[int]]


def cards(fake: FakeConnector) -> list[dict[str, Any]]:
    """The cards of the messages that are shown, which all keep to the schema."""
    found = [one["content"] for shown in fake.shown for one in shown.raw.get("attachments", [])]
    assert [fault for card in found for fault in faults(card)] == []
    return found


def asks(fake: FakeConnector) -> list[str]:
    """What the buttons of the cards ask."""
    return [action["data"]["msteams"]["text"] for card in cards(fake) for action in actions(card)]


@pytest.mark.parametrize("words", ["ayuda", "¿qué puedes hacer?", ""])
async def test_welcome_and_help_offer_questions_that_can_be_pressed(
    app: TeamsApp, fake: FakeConnector, say: Say, words: str
) -> None:
    """On install, and whenever help is given, the questions of the place stand beneath it; a press asks one."""
    assert await say(message(words, fake.service_url) if words else installation(fake.service_url)) == 202
    await app.adapter.channel.post(app.submitted[-1], HELP)
    assert fake.shown[0].text.count("asesor de eficiencia") == 1
    assert asks(fake) == list(ASKED)
    pressed = message(ASKED[1], fake.service_url, id="m9", value={}, replyToId=fake.shown[-1].id)
    assert await say(pressed) == 202
    assert (app.submitted[-1].text, app.submitted[-1].direct) == (ASKED[1], True)
    unchanged = {"msteams": {"type": "messageBack", "text": ASKED[2]}}  # as Microsoft's playground hands the button over
    assert await say(message("", fake.service_url, id="m10", value=unchanged, replyToId=fake.shown[-1].id)) == 202
    assert app.submitted[-1].text == ASKED[2]


async def test_few_questions_stand_at_the_message_box(app: TeamsApp, fake: FakeConnector, desk: NotingDesk, say: Say) -> None:
    """Three at most need no card: Teams shows them as suggested actions."""
    desk.page = replace(PAGE, prompts=ASKED[:3])
    assert await say(message("ayuda", fake.service_url)) == 202
    await app.adapter.channel.post(app.submitted[-1], HELP)
    assert (fake.shown[-1].buttons, cards(fake)) == (ASKED[:3], [])


async def test_help_without_questions_is_help(app: TeamsApp, fake: FakeConnector, desk: NotingDesk, say: Say) -> None:
    """If questions cannot be had now, or others read too, help comes without; no answer but help asks for them."""
    desk.refuses = True
    assert await say(message("ayuda", fake.service_url)) == 202
    await app.adapter.channel.post(app.submitted[-1], HELP)
    desk.refuses = False
    assert await say(group_message("<at>Asesor</at> ayuda", fake.service_url)) == 202
    await app.adapter.channel.post(app.submitted[-1], HELP)
    assert await say(message("¿por qué?", fake.service_url, id="m2")) == 202
    await app.adapter.channel.post(app.submitted[-1], Reply(Answer("answered", "es", "Porque sí.")))
    assert (len(fake.shown), asks(fake), desk.asked) == (3, [], [])
    assert [one.buttons for one in fake.shown] == [(), (), ()]


SPANISH = (" · 12 documentos · leída 14 nov 2023", " · 0 documentos · leída –")
ENGLISH = (" · 12 documents · read 14 Nov 2023", " · 0 documents · read –")


@pytest.mark.parametrize(("words", "ages"), [("inicio", SPANISH), ("Home", ENGLISH), ("/inicio", SPANISH)])
async def test_start_page_tells_what_is_known_of_the_place(
    app: TeamsApp, fake: FakeConnector, desk: NotingDesk, say: Say, words: str, ages: tuple[str, ...]
) -> None:
    """The word alone opens a card, in its language: site, questions, what was asked, the sources and when they were read."""
    assert await say(message(words, fake.service_url)) == 202
    assert (app.submitted, desk.asked) == ([], [("home",)])
    said = json.dumps(cards(fake), ensure_ascii=False)
    for wanted in ("EDAR Norte", "Manuales", *ages):
        assert wanted in said
    assert asks(fake) == [*ASKED, "¿Por qué sube el consumo?"]


async def test_the_word_is_a_question_elsewhere(app: TeamsApp, fake: FakeConnector, desk: NotingDesk, say: Say) -> None:
    """Where others read nobody's page is shown, and a sentence with the word is a question."""
    assert await say(group_message("<at>Asesor</at> inicio", fake.service_url)) == 202
    assert await say(message("inicio de la obra", fake.service_url)) == 202
    assert ([one.text for one in app.submitted], desk.asked, fake.shown) == (["inicio", "inicio de la obra"], [], [])


async def test_page_that_cannot_be_had_is_told(app: TeamsApp, fake: FakeConnector, desk: NotingDesk, say: Say) -> None:
    """A desk that refuses ends in a sentence; a Connector that does not take the page in 503, so that Teams tells the asker."""
    desk.refuses = True
    assert await say(message("inicio", fake.service_url)) == 202
    assert fake.shown[-1].text == "Eso queda fuera de lo que puedo enseñar aquí."
    desk.refuses = False
    fake.faults.plan(Fault(status=502), path="/activities", times=-1)
    assert await say(message("inicio", fake.service_url, id="m2")) == 503


@pytest.mark.parametrize("words", ["inicio", "<at>Asesor</at> ajustes"])
async def test_a_word_delivered_again_is_answered_once(app: TeamsApp, fake: FakeConnector, say: Say, words: str) -> None:
    """Also when the first delivery failed: Teams sends it again, and it is answered then."""
    asked = group_message(words, fake.service_url) if "<at>" in words else message(words, fake.service_url)
    fake.faults.plan(Fault(status=502), path="/activities", times=-1)
    assert await say(asked) == 503
    fake.faults.clear()
    assert [await say(asked) for _ in range(3)] == [202] * 3
    assert len(fake.shown) == 1
    assert await say({**asked, "id": "m77"}) == 202
    assert len(fake.shown) == 2


async def test_the_page_speaks_the_language_that_is_set(app: TeamsApp, fake: FakeConnector, desk: NotingDesk, say: Say) -> None:
    """The desk knows which: what is set for the conversation goes before the client's."""
    desk.page = replace(PAGE, language="en")
    assert await say(message("inicio", fake.service_url)) == 202
    assert "12 documents" in json.dumps(cards(fake))
    desk.refuses = True
    assert await say(message("home", fake.service_url, id="m5", locale="es-ES")) == 202
    assert fake.shown[-1].text == texts.text("en", "error.not_allowed")
