"""What people press under a reply in Slack, and the forms that open for it, from the platform's side."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from typing import Any

import pytest

from bot.messages import Progress, Reply
from rag.models import Answer
from tests.fakes import slack_events as says
from tests.fakes.faults import Fault
from tests.fakes.slack_api import FakeSlack, limited
from tests.fakes.slack_app import SlackApp
from tests.fakes.slack_events import ANA, CHANNEL, DM, LUIS
from tests.fakes.slack_room import Post
from tests.fakes.teams_desk import NotingDesk
from tests.scenario.test_slack import ANSWER, MANUAL

REPLY = Reply(replace(ANSWER, citations=(MANUAL, replace(MANUAL, n=2, title="Plan <!channel>"))), "e1", "Marta Ruiz")


@pytest.fixture
def desk() -> NotingDesk:
    """A desk that notes what it is asked."""
    return NotingDesk()


async def replied(app: SlackApp, fake: FakeSlack) -> Post:
    """A question in a channel was answered: the message with the answer and its buttons."""
    assert await app.event(says.app_mention("¿cuántas soplantes quedan?")) == 200
    await app.adapter.channel.post(app.submitted[-1], REPLY)
    return fake.posts[-1]


def button(post: Post, action: str) -> dict[str, Any]:
    """The element of that action id."""
    found: list[dict[str, Any]] = [
        one for block in post.blocks for one in block.get("elements", []) if one.get("action_id") == action
    ]
    assert len(found) == 1
    return found[0]


def press(post: Post, action: str, value: str = "", *, user: str = ANA) -> dict[str, Any]:
    """What Slack tells when someone presses a button of a message."""
    value = value or button(post, action)["value"]
    return says.block_action(action, value, user=user, channel=post.channel, message_ts=post.ts, thread_ts=post.thread_ts)


async def test_source_opens_with_its_quote_in_bold(app: SlackApp, fake: FakeSlack, desk: NotingDesk) -> None:
    """Each source has a button; it opens the passage with what stands around it, its place, date and link."""
    post = await replied(app, fake)
    await app.press(press(post, "source-2"))
    assert desk.asked == [("open", ANA, "e1", "2")]
    (view,) = fake.room.views
    shown = json.dumps(view, ensure_ascii=False)
    bold = [part["text"] for block in view["blocks"] if block["type"] == "rich_text"
            for part in block["elements"][0]["elements"] if part.get("style") == {"bold": True}]  # fmt: skip
    assert bold == ["Tres  soplantes quedan en marcha."]
    for said in ("Manual de explotación", "p. 14", "3 mar 2025", "Antes.", "Después.", "<https://docs.example/manual.pdf|"):
        assert said in shown
    assert "<!channel>" not in post.text


async def test_thumbs_count_and_a_bad_one_asks_why(app: SlackApp, fake: FakeSlack, desk: NotingDesk) -> None:
    """A thumb counts at once; down opens a form whose words are added to it."""
    post = await replied(app, fake)
    thumbs = button(post, "judge")
    await app.press(press(post, "judge", thumbs["positive_button"]["value"]))
    assert fake.visible(CHANNEL, post.thread_ts, user=ANA)[-1].ephemeral == ANA
    await app.press(press(post, "judge", thumbs["negative_button"]["value"], user=LUIS))
    (view,) = fake.room.views
    given = {"reason": {"reason": {"type": "plain_text_input", "value": " Es del año pasado "}}}
    assert await app.press(says.form_sent("reason", view["private_metadata"], given, user=LUIS)) == {}
    assert desk.asked == [
        ("judge", ANA, "e1", "up", ""),
        ("judge", LUIS, "e1", "down", ""),
        ("judge", LUIS, "e1", "down", "Es del año pasado"),
    ]


async def test_suggested_question_is_asked_by_who_presses(app: SlackApp, fake: FakeSlack) -> None:
    """It stands in the thread with the name of who pressed, and belongs to the same conversation."""
    post = await replied(app, fake)
    await app.press(press(post, "follow-1", user=LUIS))
    first, asked = app.submitted
    assert (asked.text, asked.user, asked.key) == ("¿Cuánto gastan?", LUIS, first.key)
    shown = fake.visible(CHANNEL, post.thread_ts)[-1]
    assert shown.seen == f"<@{LUIS}>\n&gt; ¿Cuánto gastan?"
    assert asked.said == shown.ts


async def test_expert_is_mentioned_in_the_thread(app: SlackApp, fake: FakeSlack, desk: NotingDesk) -> None:
    """The button asks the desk who, and the question is put to them where it was asked."""
    post = await replied(app, fake)
    assert button(post, "expert")["text"]["text"] == "Preguntar a Marta Ruiz"
    await app.press(press(post, "expert"))
    assert desk.asked == [("hand_over", ANA, "e1"), ("expert_asked", "e1", f"{CHANNEL}:{post.thread_ts}", "")]
    shown = fake.visible(CHANNEL, post.thread_ts)[-1].seen
    assert shown.startswith("<@")
    assert "¿Qué caudal tiene el pozo 3?" in shown


async def test_what_was_asked_opens_with_its_answer(app: SlackApp, fake: FakeSlack, desk: NotingDesk) -> None:
    """From the Home page: question, answer and sources as they were, without asking again; a button does that, once a minute."""
    desk.kept = Reply(replace(ANSWER, citations=(MANUAL,)), "e1", question="¿Cuántas soplantes <!channel>?")

    def at_home(action: str, value: str) -> dict[str, Any]:
        pressed = says.block_action(action, value, channel="")
        return {**pressed, "container": {"type": "view", "view_id": "V1"}, "channel": None, "message": None}

    await app.press(at_home("recall-1", '{"exchange":"e1"}'))
    assert (desk.asked, app.submitted) == ([("recall", ANA, "e1")], [])
    (view,) = fake.room.views
    shown = json.dumps(view, ensure_ascii=False)
    for said in ("¿Cuántas soplantes", "tres soplantes", MANUAL.title, "Volver a preguntar"):
        assert said in shown
    assert "<!channel>" not in json.dumps(view["blocks"][:-1])  # the last are buttons, whose value nobody reads
    again = next(one for block in view["blocks"] for one in block.get("elements", []) if one.get("action_id") == "follow-1")
    for _ in range(2):
        await app.press(at_home("follow-1", again["value"]))
    assert len({one.id for one in app.submitted}) == 1
    desk.refuses = True
    await app.press(at_home("recall-1", '{"exchange":"e1"}'))
    assert "fuera de lo que puedo enseñar" in fake.visible(DM)[-1].seen


async def test_a_suggestion_pressed_twice_is_asked_once(app: SlackApp, fake: FakeSlack) -> None:
    """By the same person beneath the same answer; another's press is another question."""
    post = await replied(app, fake)
    for _ in range(2):
        await app.press(press(post, "follow-1", user=LUIS))
    await app.press(press(post, "follow-1"))
    assert len({one.id for one in app.submitted[1:]}) == 2
    shown = [one.seen for one in fake.visible(CHANNEL, post.thread_ts) if one.seen.startswith("<@")]
    assert [LUIS in one for one in shown] == [True, False]


async def test_refusal_is_whispered(app: SlackApp, fake: FakeSlack, desk: NotingDesk) -> None:
    """What the desk refuses, and a button that is none of ours, is told to who pressed alone; nothing opens."""
    post = await replied(app, fake)
    desk.refuses = True
    await app.press(press(post, "source-1"))
    for action, value in (
        ("judge", "nonsense"),
        ("source-1", "[]"),
        ("unknown", "x"),
        ("judge", '{"exchange":"e1","verdict":"x"}'),
    ):
        await app.press(press(post, action, value))
    told = [one for one in fake.visible(CHANNEL, post.thread_ts, user=ANA) if one.ephemeral]
    assert len(told) == 5
    assert fake.room.views == []


async def test_no_buttons_without_an_exchange(app: SlackApp, fake: FakeSlack) -> None:
    """A command's text has none: nothing is kept that they could name."""
    assert await app.event(says.app_mention("hola")) == 200
    await app.adapter.channel.post(app.submitted[-1], Reply(Answer("answered", "es", "Hola."), "", "Marta"))
    assert {block["type"] for block in fake.posts[-1].blocks} == {"section"}


async def test_settings_are_for_who_manages_the_channel(app: SlackApp, fake: FakeSlack, desk: NotingDesk) -> None:
    """Its creator and the workspace's administrators; also when the form is sent, which anyone could forge a press for."""
    post = await replied(app, fake)
    await app.press(press(post, "settings", "-"))
    assert fake.room.views == []
    fake.room.places[CHANNEL] = replace(fake.room.places[CHANNEL], creator=ANA)
    await app.press(press(post, "settings", "-"))
    (view,) = fake.room.views
    values = {
        "site": {"site": {"selected_option": {"value": "sur"}}},
        "audience": {"audience": {"selected_options": [{"value": "everyone"}, {"value": "works"}]}},
        "language": {"language": {"selected_option": {"value": "-"}}},
        "mention_only": {"mention_only": {"selected_options": [{"value": "yes"}]}},
    }
    refused = await app.press(says.form_sent("settings", view["private_metadata"], values, user=LUIS))
    assert refused["response_action"] == "errors"
    fake.room.people[LUIS] = replace(fake.room.people[LUIS], admin=True)
    for user in (ANA, LUIS):
        assert await app.press(says.form_sent("settings", view["private_metadata"], values, user=user)) == {}
    assert desk.asked == [("settings", CHANNEL)] + 2 * [("change", CHANNEL, "sur", "everyone,works", "", "quiet")]


@pytest.mark.parametrize("refusal", ["limited", "user_not_in_channel"])
async def test_what_cannot_be_whispered_is_told_another_way(
    app: SlackApp, fake: FakeSlack, desk: NotingDesk, refusal: str
) -> None:
    """Slack takes no more whispers, or none in that channel: who pressed is told at the address that came with the press."""
    post = await replied(app, fake)
    desk.refuses = True
    if refusal == "limited":
        fake.faults.plan(limited(30), path="chat.postEphemeral", times=-1)
    else:
        fake.errors["chat.postEphemeral"] = refusal
    hook = fake.response_url(post.channel, ANA, message_ts=post.ts, thread_ts=post.thread_ts)
    await app.press(press(post, "source-1") | {"response_url": hook})
    assert len(fake.hooks.received) == 1


async def test_what_was_pressed_on_the_home_page_is_told_in_the_direct_message(
    app: SlackApp, fake: FakeSlack, desk: NotingDesk
) -> None:
    """There is no channel to whisper in."""
    fake.faults.plan(limited(30), path="chat.postMessage")
    view = {"type": "view", "view_id": "V1"}
    asked = says.block_action("follow-1", "¿y el agua?", user=ANA) | {"container": view, "channel": None, "response_url": ""}
    await app.press(asked)
    (told,) = fake.posts
    assert (told.channel, "inténtalo" in told.text or "Vuelve" in told.text) == (DM, True)
    assert app.submitted == []
    await asyncio.sleep(1.05)
    await app.press(asked | {"trigger_id": "2.x"})
    assert [one.text for one in app.submitted] == ["¿y el agua?"]


async def test_eyes_go_however_many_were_answered_at_once(app: SlackApp, fake: FakeSlack) -> None:
    """Slack takes away about twenty a minute: what it refuses for now is asked again when it says."""
    fake.faults.plan(limited(0.3), path="reactions.remove", times=2)
    assert await app.event(says.app_mention("¿cuántas soplantes quedan?")) == 200
    message, channel = app.submitted[-1], app.adapter.channel
    channel._settle_seconds = 0.0
    await channel.progress(message, Progress("retrieve"))
    await channel.post(message, REPLY)
    await channel.stop()
    assert fake.room.reactions == set()


@pytest.mark.parametrize("lost", [False, True])
async def test_an_expert_is_asked_once(app: SlackApp, fake: FakeSlack, lost: bool) -> None:
    """However many press the button, and if Slack's answer to the mention was lost."""
    post = await replied(app, fake)
    if lost:
        fake.faults.plan(Fault(status=500, after=True), path="chat.postMessage")
    for user in (ANA, LUIS):
        await app.press(press(post, "expert", user=user))
        await asyncio.sleep(1.05)
    assert len([one for one in fake.posts if "¿Qué caudal tiene el pozo 3?" in one.text]) == 1


async def test_a_language_that_could_not_be_had_is_asked_again(app: SlackApp, fake: FakeSlack, desk: NotingDesk) -> None:
    """Slack tells too many askers nothing of a person for now: the next press is answered in their language."""
    post = await replied(app, fake)
    desk.refuses = True
    fake.faults.plan(limited(1), path="users.info")
    for _ in range(2):
        await app.press(press(post, "source-1", user=LUIS))
    told = [one.text for one in fake.visible(CHANNEL, post.thread_ts, user=LUIS) if one.ephemeral]
    assert len(set(told)) == 2


async def test_a_press_is_answered_in_time(app: SlackApp, fake: FakeSlack) -> None:
    """Slack waits three seconds, for a person's language and all the rest together."""
    post = await replied(app, fake)
    fake.faults.plan(Fault(hang=True), path="users.info")
    fake.faults.plan(Fault(hang=True), path="chat.postMessage")
    began = time.monotonic()
    status, _ = await app.post(*says.form_request(says.pressed(press(post, "follow-1", user=LUIS))))
    assert (status, time.monotonic() - began < 2.9) == (200, True)
