"""Slash commands: shown in the channel, answered in a thread of their own, or to the asker alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.messages import Reply
from rag.errors import DeliveryError
from rag.models import Answer
from tests.fakes import slack_events as says
from tests.fakes.faults import Fault
from tests.fakes.slack_api import FakeSlack
from tests.fakes.slack_app import SlackApp, slack_settings
from tests.fakes.slack_events import ANA, BOT_USER, CHANNEL, DM, LUIS

ANSWER = Answer("answered", "es", "Son 182 kWh.")


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    """A stand-in Slack."""
    async with FakeSlack() as running:
        yield running


@pytest.fixture
async def app(fake: FakeSlack) -> AsyncIterator[SlackApp]:
    """The adapter, served."""
    async with SlackApp.running(slack_settings(fake)) as running:
        yield running


async def test_question_is_shown_and_answered_in_its_thread(app: SlackApp, fake: FakeSlack) -> None:
    """The question stands in the channel, the answer in its thread, and a follow-up there belongs to the same conversation."""
    status, body = await app.command(says.slash_command("¿cuánto gasta?", command="/ask"))
    assert (status, body) == (200, "")
    (root,) = fake.posts
    assert root.seen == f"*/ask* · <@{ANA}>\n&gt; ¿cuánto gasta?"
    (asked,) = app.submitted
    assert (asked.text, asked.command, asked.channel, asked.direct) == ("¿cuánto gasta?", "ask", CHANNEL, False)
    await app.adapter.channel.post(asked, Reply(ANSWER))
    assert [post.seen for post in fake.visible(CHANNEL, root.ts)] == [root.seen, "Son 182 kWh."]
    follow = says.channel_message("¿y la otra?", thread_ts=root.ts, parent_user_id=BOT_USER)
    assert await app.event(follow) == 200
    assert app.submitted[-1].key == asked.key


async def test_follow_up_in_a_channel_shared_with_another_company(app: SlackApp, fake: FakeSlack) -> None:
    """There events name the partner's workspace and commands ours: question and follow-up are one conversation all the same."""
    await app.command(says.slash_command("¿cuánto gasta?", command="/ask"))
    follow = says.channel_message("¿y la otra?", thread_ts=fake.posts[0].ts, parent_user_id=BOT_USER)
    assert await app.event({**follow, "team_id": "T0PARTNER", "is_ext_shared_channel": True}) == 200
    asked, followed = app.submitted
    assert followed.key == asked.key


async def test_recommend_with_and_without_words(app: SlackApp) -> None:
    """/recommend goes to the adviser with its words, whatever the company calls it."""
    for command, text in (("/recommend", "energy EDAR Norte"), ("/recommend", ""), ("/recomienda", "agua")):
        assert (await app.command(says.slash_command(text, command=command, channel="C0002")))[0] == 200
        assert (app.submitted[-1].command, app.submitted[-1].text) == ("recommend", text)


@pytest.mark.parametrize(
    ("user", "text", "said"),
    [(ANA, "", "respondo en un hilo"), (LUIS, "", "I answer in a thread"), (LUIS, "ayuda", "I answer in a thread")],
)
async def test_empty_use_gets_help_in_the_askers_language(
    app: SlackApp, fake: FakeSlack, user: str, text: str, said: str
) -> None:
    """Wrong use is explained to the asker alone, in the language of their Slack; nothing is stored or shown to others."""
    status, body = await app.command(says.slash_command(text, command="/ask", user=user))
    shown = json.loads(body)
    assert (status, shown["response_type"]) == (200, "ephemeral")
    assert said in shown["text"]
    assert (app.submitted, fake.posts) == ([], [])


async def test_command_that_comes_again_is_shown_once(app: SlackApp, fake: FakeSlack) -> None:
    """The same command four times, two of them at once: one root, and one id for the inbox."""
    fields = says.slash_command("¿cuánto gasta?", command="/ask")
    await asyncio.gather(app.command(fields), app.command(fields))
    await app.command(fields)
    await app.command(fields)
    assert len(fake.posts) == 1
    assert len({message.id for message in app.submitted}) == 1


async def test_in_a_direct_message(app: SlackApp, fake: FakeSlack) -> None:
    """A command in the adviser's own direct message belongs to that conversation."""
    await app.command(says.slash_command("¿cuánto gasta?", command="/ask", channel=DM))
    await app.event(says.direct_message("¿y por la noche?"))
    assert app.submitted[0].key == app.submitted[1].key
    assert app.submitted[0].direct
    await app.adapter.channel.post(app.submitted[0], Reply(ANSWER))
    assert [post.thread_ts for post in fake.posts] == ["", ""]


@pytest.mark.parametrize("trouble", ["not_in_channel", "hang"])
async def test_where_it_cannot_write_only_the_asker_sees_the_answer(app: SlackApp, fake: FakeSlack, trouble: str) -> None:
    """Not a member, or Slack too slow: acknowledged in time, and the answer comes through the response_url."""
    if trouble == "hang":
        fake.faults.plan(Fault(hang=True), path="chat.postMessage")
    else:
        fake.room.places[CHANNEL] = replace(fake.room.places[CHANNEL], member=False)
    hook = fake.response_url(CHANNEL, ANA)
    async with asyncio.timeout(2.5):
        status, body = await app.command(says.slash_command("¿cuánto gasta?", command="/ask", response_url=hook))
    assert (status, json.loads(body)["response_type"]) == (200, "ephemeral")
    (asked,) = app.submitted
    await app.adapter.channel.post(asked, Reply(ANSWER))
    assert fake.visible(CHANNEL) == []
    assert [post.seen for post in fake.visible(CHANNEL, user=ANA)] == ["Son 182 kWh."]
    if trouble == "hang":
        return
    fake.hooks.expire()
    with pytest.raises(DeliveryError) as refused:
        await app.adapter.channel.post(replace(asked, id="other"), Reply(ANSWER))
    assert not refused.value.retryable


async def test_long_answer_through_a_response_url_says_that_it_is_cut(app: SlackApp, fake: FakeSlack) -> None:
    """A response_url is good five times: the fifth says that there is more, and how to get it."""
    fake.room.places[CHANNEL] = replace(fake.room.places[CHANNEL], member=False)
    hook = fake.response_url(CHANNEL, ANA)
    await app.command(says.slash_command("todo", command="/ask", response_url=hook))
    long = Answer("answered", "es", "\n".join(f"Línea {n} " + "agua " * 300 for n in range(60)))
    await app.adapter.channel.post(app.submitted[0], Reply(long))
    shown = fake.visible(CHANNEL, user=ANA)
    assert len(shown) == 5
    assert "más larga de lo que cabe" in shown[-1].seen


async def test_response_url_elsewhere_is_not_called(app: SlackApp, fake: FakeSlack) -> None:
    """Only Slack's own hosts are answered at."""
    fake.room.places[CHANNEL] = replace(fake.room.places[CHANNEL], member=False)
    await app.command(says.slash_command("hola", command="/ask", response_url="https://hooks.slack.com.evil.example/x"))
    with pytest.raises(DeliveryError, match="foreign host"):
        await app.adapter.channel.post(app.submitted[0], Reply(ANSWER))
