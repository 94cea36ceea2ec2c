"""Slack: what a person meets who opens the adviser, /advisor and a channel's wish to be left alone, from the platform's side."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from adapters.slack.place import Place
from bot.messages import Reply
from bot.ports import Home, SourceAge
from tests.fakes import slack_events as says
from tests.fakes.slack_api import FakeSlack
from tests.fakes.slack_app import SlackApp
from tests.fakes.slack_events import ANA, BOT_USER, CHANNEL, DM, LUIS
from tests.fakes.slack_limits import texts
from tests.fakes.teams_desk import CHOSEN, NotingDesk
from tests.scenario.test_slack import ANSWER

PAGE = Home(
    "EDAR Norte",
    ("¿Cuánto gastan las soplantes?", "¿Qué dice la auditoría de 2023? " * 8),
    (("e1", "¿Y el agua?"),),
    (SourceAge("manuales", 12, 1_763_900_000.0), SourceAge("<!channel>", 0, 0.0)),
)


@pytest.fixture
def desk() -> NotingDesk:
    """A desk with a start page."""
    return NotingDesk(page=PAGE)


async def opened(app: SlackApp, payload: dict[str, Any]) -> None:
    """An event told, and what it began ended."""
    assert await app.event(payload) == 200
    await app.adapter.channel.stop()


async def advisor(app: SlackApp, text: str, *, channel: str = CHANNEL, user: str = ANA) -> dict[str, Any]:
    """What /advisor shows at once."""
    status, body = await app.command(says.slash_command(text, command="/advisor", channel=channel, user=user))
    assert status == 200
    shown: dict[str, Any] = json.loads(body) if body else {}
    return shown


async def test_home_shows_what_the_desk_knows(app: SlackApp, fake: FakeSlack, desk: NotingDesk) -> None:
    """Site, questions, what was asked before and the sources with their age, in the person's language; it calls nobody."""
    await opened(app, says.home_opened())
    (view,) = fake.room.views
    said = "\n".join(text for block in view["blocks"] for text in texts(block))
    assert (view["type"], view["user_id"]) == ("home", ANA)
    for part in ("EDAR Norte", "¿Cuánto gastan las soplantes?", "¿Y el agua?", "manuales · 12 documentos · leída 23 nov 2025"):
        assert part in said
    assert "<!channel>" not in said
    await opened(app, says.home_opened(user=LUIS, channel="D0LUIS"))
    assert "12 documents" in "\n".join(text for block in fake.room.views[-1]["blocks"] for text in texts(block))
    assert desk.asked == 2 * [("home",)]


async def test_home_is_left_as_it_was_if_it_cannot_be_made(app: SlackApp, fake: FakeSlack, desk: NotingDesk) -> None:
    """An event is taken all the same."""
    desk.refuses = True
    await opened(app, says.home_opened())
    assert fake.room.views == []


async def test_questions_to_begin_with_are_of_the_documents(app: SlackApp, fake: FakeSlack, desk: NotingDesk) -> None:
    """In a thread with the assistant and in the direct message; a long one is asked whole under a short title."""
    await opened(app, says.home_opened(tab="messages"))
    shown = fake.room.prompts[-1]["prompts"]
    assert [one["message"] for one in shown] == list(PAGE.prompts)
    assert max(len(one["title"]) for one in shown) == 75
    desk.refuses = True
    await opened(app, says.thread_started())
    assert len(fake.room.prompts[-1]["prompts"]) == 3


async def test_advisor_answers_the_asker_alone(app: SlackApp, fake: FakeSlack) -> None:
    """Sources and forgetting go to the adviser with a place that only the asker sees; help comes at once."""
    assert "/ask" in (await advisor(app, "help"))["text"]
    assert "/ask" in (await advisor(app, "¿qué?"))["text"]
    hook = fake.response_url(CHANNEL, ANA)
    await app.command(says.slash_command("fuentes", command="/advisor", response_url=hook))
    asked = app.submitted[-1]
    assert (asked.command, asked.channel, Place.from_mapping(asked.reply_to).hook) == ("sources", CHANNEL, hook)
    await app.adapter.channel.post(asked, Reply(ANSWER))
    assert [post.ephemeral for post in fake.posts] == [ANA]
    await advisor(app, "forget")
    assert (app.submitted[-1].command, app.submitted[-1].key) == ("forget", asked.key)
    for text, command, said in (
        ("forget", "forget", ""),
        ("forget me", "forget_me", "me"),
        ("Olvídame.", "forget_me", ""),
        ("site EDAR Norte", "site", "EDAR Norte"),
        ("idioma inglés", "language", "inglés"),
    ):
        await advisor(app, text, channel=DM)
        assert (app.submitted[-1].command, app.submitted[-1].text, app.submitted[-1].direct) == (command, said, True)


async def test_settings_open_for_who_manages_the_channel(app: SlackApp, fake: FakeSlack) -> None:
    """By `/advisor settings`, and by naming what is set there; others and direct messages are told why not."""
    assert "Solo quien creó" in (await advisor(app, "ajustes"))["text"]
    fake.room.people[ANA] = replace(fake.room.people[ANA], admin=True)
    for text in ("settings", "site EDAR Sur", "language"):
        assert await advisor(app, text) == {}
        assert fake.room.views[-1]["callback_id"] == "settings"
    assert "en el canal" in (await advisor(app, "ajustes", channel=DM))["text"]
    assert "settings" in {one.get("action_id") for one in (await advisor(app, "help"))["blocks"][-1]["elements"]}
    assert app.submitted == []


async def test_a_channel_may_want_to_be_answered_only_when_it_asks(app: SlackApp, desk: NotingDesk) -> None:
    """Then a follow-up needs a mention, also in a thread that the adviser began; what was said to it is corrected and taken back
    without one.
    """
    assert await app.event(says.app_mention("hola")) == 200
    root = app.submitted[0].reply_to["thread"]
    desk.chosen = replace(CHOSEN, mention_only=True)
    for extra in ({}, {"parent_user_id": BOT_USER}):
        assert await app.event(says.channel_message("¿y el agua?", thread_ts=root, **extra)) == 200
    assert len(app.submitted) == 1
    assert await app.event(says.channel_message(f"<@{BOT_USER}> ¿y el agua?", thread_ts=root)) == 200
    said, bare = app.submitted[-1].said, {"ts": app.submitted[-1].said, "thread_ts": root}
    assert await app.event(says.message_changed("¿y la luz?", before="¿y el agua?", **bare)) == 200
    assert await app.event(says.message_deleted(text="¿y la luz?", **bare)) == 200
    assert [(one.command, one.replaces) for one in app.submitted[2:]] == [("ask", said), ("retract", said)]
    desk.chosen = CHOSEN
    assert await app.event(says.channel_message("¿y el gas?", thread_ts=root)) == 200
    assert [one.text for one in app.submitted] == ["hola", "¿y el agua?", "¿y la luz?", "", "¿y el gas?"]
