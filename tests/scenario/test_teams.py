"""Teams over HTTP: signed activities in, stored messages, and replies as a user sees them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.messages import Progress, Reply
from rag.models import Answer, Citation
from tests.fakes.bot_activities import (
    ANA,
    BOT,
    CHANNEL,
    GROUP,
    LUIS,
    PERSONAL,
    changed,
    channel_message,
    group_message,
    installation,
    members_added,
    message,
)
from tests.fakes.bot_connector import TENANT, FakeConnector
from tests.fakes.faults import Fault
from tests.fakes.teams_app import TeamsApp, say, teams_settings
from tests.fakes.teams_desk import NotingDesk
from tests.security.teams_tokens import bearer

MANUAL = Citation(
    n=1, kind="passage", title="Manual de explotación", uri="https://docs.example/manual.pdf", locator="p. 14",
    quote="Tres soplantes quedan en marcha entre las 00:00 y las 06:00.", language="es", date=date(2025, 3, 3),
)  # fmt: skip
ANSWER = Answer("answered", "es", "Quedan **tres soplantes** en marcha de noche [1].", (MANUAL,), follow_ups=("¿Cuánto gastan?",))


@pytest.fixture
async def fake() -> AsyncIterator[FakeConnector]:
    """A stand-in Bot Connector."""
    async with FakeConnector() as running:
        yield running


@pytest.fixture
async def app(fake: FakeConnector) -> AsyncIterator[TeamsApp]:
    """The adapter, served."""
    async with TeamsApp.running(teams_settings(fake)) as running:
        yield running


async def test_question_in_a_personal_chat_is_answered(app: TeamsApp, fake: FakeConnector) -> None:
    """Ana's question is stored as hers; the answer stands in her chat with its citation, source, AI label and suggestion."""
    asked = await say(app, fake, message("¿por qué gasta tanto la EDAR Norte?", fake.service_url))
    assert (asked.platform, asked.tenant, asked.conversation) == ("teams", TENANT, PERSONAL)
    assert (asked.user, asked.direct, asked.channel, asked.locale) == (ANA["aadObjectId"], True, "", "es-ES")
    assert asked.text == "¿por qué gasta tanto la EDAR Norte?"
    assert fake.shown == []
    await app.adapter.channel.post(asked, Reply(ANSWER))
    (shown,) = fake.shown
    assert shown.conversation == PERSONAL
    assert shown.reply_to == json.loads(asked.to_json())["reply_to"]["activity"]
    assert "Quedan **tres soplantes** en marcha de noche [1]" in shown.text
    assert "[Manual de explotación](https://docs.example/manual.pdf) · p. 14 · 3 mar 2025" in shown.text
    assert [one["appearance"]["name"] for one in shown.citations] == ["Manual de explotación · p. 14"]
    assert shown.citations[0]["appearance"]["abstract"] == MANUAL.quote
    assert shown.citations[0]["appearance"]["url"] == MANUAL.uri
    assert shown.ai_label
    assert shown.buttons == ("¿Cuánto gastan?",)


async def test_mention_in_a_channel_is_answered_in_its_thread(app: TeamsApp, fake: FakeConnector) -> None:
    """The mention is taken out of the text; the conversation is the thread, the channel is named for its settings; no buttons."""
    text = "<at>Asesor</at> ¿qué recomiendas?&nbsp;"
    asked = await say(app, fake, channel_message(text, fake.service_url, root="1700"))
    assert (asked.text, asked.direct) == ("¿qué recomiendas?", False)
    assert (asked.conversation, asked.channel) == (f"{CHANNEL};messageid=1700", CHANNEL)
    await app.adapter.channel.post(asked, Reply(ANSWER))
    assert fake.shown[0].conversation == f"{CHANNEL};messageid=1700"
    assert "suggestedActions" not in fake.shown[0].raw


async def test_follow_up_in_a_known_thread_needs_no_mention(app: TeamsApp, fake: FakeConnector) -> None:
    """Without a mention a message is for the adviser only in a channel thread where it takes part, and mentions no one else."""
    first = await say(app, fake, channel_message("<at>Asesor</at> hola", fake.service_url, root="1700"))
    app.known.add(first.key)
    follow = channel_message("¿y cuánto ahorraríamos?", fake.service_url, root="1700", mentions=())
    assert (await say(app, fake, follow)).key == first.key
    to_luis = channel_message("<at>Luis Mora</at> ¿lo ves?", fake.service_url, root="1700", mentions=(LUIS,))
    elsewhere = channel_message("hola a todos", fake.service_url, root="1800", mentions=())
    in_group = group_message("hola a todos", fake.service_url, mentions=())
    thanks = channel_message("muchas gracias 👍", fake.service_url, root="1700", mentions=())
    coming = channel_message("sí, ahora voy", fake.service_url, root="1700", mentions=())
    for activity in (to_luis, elsewhere, in_group, thanks, coming):
        assert await app.post(activity, headers=bearer(fake.sign())) == 202
    assert len(app.submitted) == 2


async def test_a_channel_may_want_to_be_answered_only_when_it_asks(fake: FakeConnector) -> None:
    """Then a follow-up needs a mention, also in a thread where the adviser takes part; what was said to it is corrected and taken
    back without one.
    """
    desk = NotingDesk()
    async with TeamsApp.running(teams_settings(fake), desk) as app:
        first = await say(app, fake, channel_message("<at>Asesor</at> hola", fake.service_url, root="1700"))
        app.known.add(first.key)
        desk.chosen = replace(desk.chosen, mention_only=True)
        follow = channel_message("¿y cuánto ahorraríamos?", fake.service_url, root="1700", mentions=())
        assert await app.post(follow, headers=bearer(fake.sign())) == 202
        assert len(app.submitted) == 1
        water = channel_message("<at>Asesor</at> ¿y el agua?", fake.service_url, root="1700")
        await say(app, fake, water)
        for event, text in (("editMessage", "¿y la luz?"), ("softDeleteMessage", "")):
            await say(app, fake, {**changed(water, event, text), "entities": []})
        desk.chosen = replace(desk.chosen, mention_only=False)
        await say(app, fake, channel_message("¿y el gas?", fake.service_url, root="1700", mentions=()))
        assert [one.text for one in app.submitted] == ["hola", "¿y el agua?", "¿y la luz?", "", "¿y el gas?"]


async def test_group_chat_needs_a_mention(app: TeamsApp, fake: FakeConnector) -> None:
    """A mention in a group chat is taken, other mentions stay as names; the chat is the channel for its settings."""
    text = "<at>Asesor</at> pregunta de <at>Luis Mora</at>: ¿x &lt; 5?"
    asked = await say(app, fake, group_message(text, fake.service_url, mentions=(BOT, LUIS)))
    assert asked.text == "pregunta de Luis Mora: ¿x < 5?"
    assert (asked.channel, asked.direct) == (GROUP, False)


async def test_same_activity_three_times_has_one_id(app: TeamsApp, fake: FakeConnector) -> None:
    """Redelivery gives the inbox the same id, so that it is answered once; the same id elsewhere is another message."""
    activity = message("hola", fake.service_url)
    for _ in range(3):
        await say(app, fake, activity)
    assert len({(one.platform, one.tenant, one.id) for one in app.submitted}) == 1
    other = {**activity, "conversation": {**activity["conversation"], "id": "a:otro"}}
    assert (await say(app, fake, other)).id != app.submitted[0].id


@pytest.mark.parametrize(
    "changes",
    [
        {"from": {"id": "28:otro-bot", "name": "Otro"}},
        {"from": BOT},
        {"from": {**ANA, "role": "bot"}},
        {"type": "messageUpdate"},
        {"type": "messageDelete"},
        {"type": "messageReaction"},
        {"type": "typing"},
        {"type": "event", "name": "x"},
        {"type": "conversationUpdate", "membersAdded": [LUIS]},
        {"type": "installationUpdate", "action": "remove"},
    ],
)
async def test_nobody_else_is_answered(app: TeamsApp, fake: FakeConnector, changes: dict[str, Any]) -> None:
    """Bots, its own messages, edits, reactions and other events are taken and dropped."""
    assert await app.post({**message("hola", fake.service_url), **changes}, headers=bearer(fake.sign())) == 202
    assert app.submitted == []


async def test_invocations_are_answered_at_once(app: TeamsApp, fake: FakeConnector) -> None:
    """An invoke expects a JSON body in the response itself."""
    assert await app.post({**message("", fake.service_url), "type": "invoke"}, headers=bearer(fake.sign())) == 200


async def test_installation_is_welcomed_once(app: TeamsApp, fake: FakeConnector) -> None:
    """Both activities of one installation become the same request for help; its answer begins with a greeting."""
    first = await say(app, fake, installation(fake.service_url))
    second = await say(app, fake, members_added(fake.service_url))
    assert (first.id, first.command) == (second.id, "help")
    await app.adapter.channel.post(first, Reply(Answer("answered", "es", "Soy el asesor.")))
    assert fake.shown[0].text == "¡Hola! Escríbeme aquí, o mencióname en un canal.\n\nSoy el asesor."
    assert not fake.shown[0].ai_label


async def test_ignored_files_are_named(app: TeamsApp, fake: FakeConnector) -> None:
    """A message with a file is answered with the remark that the file was not read; HTML renderings are no files."""
    pdf = {
        "contentType": "application/vnd.microsoft.teams.file.download.info",
        "name": "a.pdf",
        "contentUrl": "https://x.example",
    }
    with_file = message("¿qué dice?", fake.service_url, attachments=[{"contentType": "text/html", "content": "<p>x</p>"}, pdf])
    asked = await say(app, fake, with_file)
    await app.adapter.channel.post(asked, Reply(ANSWER))
    assert "No me ha llegado todo lo que iba con el mensaje" in fake.shown[0].text, "it is their personal chat already"
    await app.adapter.channel.post(
        await say(app, fake, group_message("<at>Asesor</at>", fake.service_url, attachments=[pdf])), Reply(ANSWER)
    )
    assert "envíamelos en nuestro chat personal" in fake.shown.pop().text
    plain = await say(app, fake, message("hola", fake.service_url, attachments=[{"contentType": "text/html", "content": "x"}]))
    await app.adapter.channel.post(plain, Reply(ANSWER))
    assert "adjuntos" not in fake.shown[1].text


async def test_store_down_is_503(app: TeamsApp, fake: FakeConnector) -> None:
    """What could not be stored is not acknowledged."""
    app.store_down = True
    assert await app.post(message("hola", fake.service_url), headers=bearer(fake.sign())) == 503
    follow = channel_message("¿y?", fake.service_url, root="1700", mentions=())
    assert await app.post(follow, headers=bearer(fake.sign())) == 503


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"not json", 400),
        (b"[" * 200_000, 400),
        (b'["a list"]', 400),
        (b"{}", 400),
        (b'{"type": "message", "conversation": {"id": 7}}', 400),
        (b'{"type": "message", "conversation": {"id": "a"}, "text": "\\ud83d"}', 400),
        (b"\xff\xfe", 400),
        (b'{"type": "' + b"a" * (1024 * 1024) + b'"}', 413),
    ],
    ids=["garbage", "nested", "list", "empty", "wrong type", "half character", "not utf-8", "too large"],
)
async def test_bad_bodies_are_refused(app: TeamsApp, fake: FakeConnector, data: bytes, status: int) -> None:
    """A signed request without a usable activity gets 400, one over a mebibyte 413."""
    assert await app.post(None, headers=bearer(fake.sign()), data=data) == status
    assert app.submitted == []


async def test_answer_is_quick_under_load(app: TeamsApp, fake: FakeConnector) -> None:
    """Two hundred signed messages at once are all taken, well within the platform's 15 s."""
    started = time.monotonic()
    statuses = await asyncio.gather(
        *(app.post(message(f"n {index}", fake.service_url), headers=bearer(fake.sign())) for index in range(200))
    )
    assert set(statuses) == {202}
    assert len({one.id for one in app.submitted}) == 200
    assert time.monotonic() - started < 5


async def test_typing_is_shown_at_most_every_few_seconds(app: TeamsApp, fake: FakeConnector) -> None:
    """Progress shows typing once for a burst, and a refusal of it is no failure."""
    asked = await say(app, fake, group_message("<at>Asesor</at> hola", fake.service_url))
    for _ in range(5):
        await app.adapter.channel.progress(asked, Progress("retrieve"))
    assert fake.typing == [GROUP]
    other = await say(app, fake, channel_message("<at>Asesor</at> hola", fake.service_url))
    fake.faults.plan(Fault(status=502), path="/activities")
    await app.adapter.channel.progress(other, Progress("answer"))
    assert fake.typing == [GROUP]
