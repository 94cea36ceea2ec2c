"""Slash commands: answered to the asker alone, who may share the answer; in a direct message as any question."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from bot.messages import IncomingMessage, Reply
from rag.errors import DeliveryError
from rag.models import Answer
from tests.fakes import slack_events as says
from tests.fakes.faults import Fault
from tests.fakes.slack_api import FakeSlack
from tests.fakes.slack_app import SlackApp
from tests.fakes.slack_events import ANA, BOT_USER, CHANNEL, DM, LUIS
from tests.fakes.teams_desk import NotingDesk

ANSWER = Answer("answered", "es", "Son 182 kWh.")
REPLY = Reply(ANSWER, "e1", "Marta Ruiz")


@pytest.fixture
def desk() -> NotingDesk:
    """A desk that notes what it is asked."""
    return NotingDesk()


async def asked_alone(app: SlackApp, fake: FakeSlack, text: str = "¿cuánto gasta?", user: str = ANA) -> IncomingMessage:
    """/ask in a channel, as it is stored; the asker is told at once that it is taken."""
    hook = fake.response_url(CHANNEL, user)
    status, body = await app.command(says.slash_command(text, command="/ask", response_url=hook, user=user))
    assert (status, json.loads(body)["response_type"]) == (200, "ephemeral")
    return app.submitted[-1]


def pressed(message: IncomingMessage, fake: FakeSlack, action: str, user: str = ANA) -> dict[str, Any]:
    """What Slack tells when the asker presses a button under the latest message that they alone see."""
    post = fake.visible(CHANNEL, user=user)[-1]
    (value,) = [one["value"] for block in post.blocks for one in block.get("elements", []) if one.get("action_id") == action]
    body = says.block_action(action, value, user=user, message_ts=post.ts, response_url=fake.response_url(CHANNEL, user))
    return {**body, "container": {**body["container"], "is_ephemeral": True}}


async def test_the_asker_alone_sees_the_answer(app: SlackApp, fake: FakeSlack) -> None:
    """In a channel nobody else sees question or answer; each person has a conversation of their own there."""
    asked = await asked_alone(app, fake)
    assert (asked.text, asked.command, asked.channel, asked.direct, asked.alone) == (
        "¿cuánto gasta?", "ask", CHANNEL, False, True
    )  # fmt: skip
    await app.adapter.channel.post(asked, REPLY)
    assert fake.visible(CHANNEL) == []
    (shown,) = fake.visible(CHANNEL, user=ANA)
    assert shown.seen.startswith("Son 182 kWh.")
    again, other = await asked_alone(app, fake, "¿y de noche?"), await asked_alone(app, fake, user=LUIS)
    assert again.key == asked.key != other.key


async def test_who_speaks_english_is_answered_in_english(app: SlackApp, fake: FakeSlack) -> None:
    """Where the words do not tell, the person's Slack does, also the first time: by command and by mention; it is asked once."""
    hook = fake.response_url(CHANNEL, LUIS)
    status, body = await app.command(says.slash_command("EDAR Norte", command="/recommend", response_url=hook, user=LUIS))
    assert (status, "only you" in json.loads(body)["text"].lower()) == (200, True)
    assert app.submitted[-1].locale == "en-GB"
    await app.event(says.app_mention("EDAR Norte?", user=LUIS))
    assert app.submitted[-1].locale == "en-GB"
    await app.event(says.app_mention("¿cuánto gasta la EDAR Norte por la noche?"))
    assert (app.submitted[-1].locale, fake.calls("users.info")) == ("", 1)


async def test_commands_in_other_peoples_direct_messages(app: SlackApp, fake: FakeSlack) -> None:
    """Where the adviser may not write, whatever is asked for is told to the asker alone, and two people share no memory."""
    keys = set()
    for user in (ANA, LUIS):
        hook = fake.response_url("D0OTHERS", user)
        for text in ("sources", "¿cuánto gasta?"):
            command = "/advisor" if text == "sources" else "/ask"
            said = says.slash_command(text, command=command, response_url=hook, user=user, channel="D0OTHERS")
            assert (await app.command(said))[0] == 200
            await app.adapter.channel.post(app.submitted[-1], REPLY)
            assert fake.visible("D0OTHERS", user=user)[-1].seen.startswith("Son 182 kWh.")
        keys.add(app.submitted[-1].key)
        assert {one.key for one in app.submitted[-2:]} == {app.submitted[-1].key}, (
            "what is forgotten there is what was asked there"
        )
    assert len(keys) == 2
    for command, text in (("/advisor", "forget"), ("/ask", "¿cuánto gasta?")):
        await app.command(says.slash_command(text, command=command, channel=DM))
    assert app.submitted[-1].key == app.submitted[-2].key not in keys


async def test_a_shared_answer_stands_in_the_channel_once(app: SlackApp, fake: FakeSlack, desk: NotingDesk) -> None:
    """The question as a message, for the answer in its thread, where follow-ups belong; pressed twice it is the same message."""
    asked = await asked_alone(app, fake)
    await app.adapter.channel.post(asked, REPLY)
    press = pressed(asked, fake, "share")
    await app.press(press)
    await app.press(press)
    (root,) = fake.visible(CHANNEL)
    assert root.seen == f"<@{ANA}>\n&gt; ¿cuánto gasta?"
    shared = app.submitted[-1]
    assert (shared.command, shared.exchange, shared.alone, shared.id) == ("share", "e1", False, app.submitted[-2].id)
    await app.adapter.channel.post(shared, REPLY)
    assert [post.seen.partition("\n")[0] for post in fake.visible(CHANNEL, root.ts)] == [
        root.seen.partition("\n")[0],
        "Son 182 kWh.",
    ]
    assert "share" not in [one.get("action_id") for block in fake.posts[-1].blocks for one in block.get("elements", [])]
    follow = says.channel_message("¿y la otra?", thread_ts=root.ts, parent_user_id=BOT_USER)
    assert await app.event(follow) == 200
    assert app.submitted[-1].key == shared.key


async def test_what_others_may_not_read_is_not_shared(app: SlackApp, fake: FakeSlack, desk: NotingDesk) -> None:
    """The desk refuses: who pressed is told, and nothing stands in the channel."""
    asked = await asked_alone(app, fake)
    await app.adapter.channel.post(asked, REPLY)
    press = pressed(asked, fake, "share")
    desk.refuses = True
    await app.press(press)
    assert fake.visible(CHANNEL) == []
    assert len(fake.visible(CHANNEL, user=ANA)) == 2
    assert len(app.submitted) == 1


async def test_a_question_of_a_button_stays_between_us(app: SlackApp, fake: FakeSlack) -> None:
    """Where the asker alone reads, what the answer suggests is asked for them alone, in the same conversation."""
    asked = await asked_alone(app, fake)
    await app.adapter.channel.post(asked, replace(REPLY, answer=replace(ANSWER, follow_ups=("¿Y de noche?",))))
    await app.press(pressed(asked, fake, "follow-1"))
    followed = app.submitted[-1]
    assert (followed.text, followed.key, followed.alone) == ("¿Y de noche?", asked.key, True)
    await app.adapter.channel.post(followed, REPLY)
    assert fake.visible(CHANNEL) == []
    assert len(fake.visible(CHANNEL, user=ANA)) == 2


async def test_a_late_answer_comes_all_the_same(app: SlackApp, fake: FakeSlack) -> None:
    """A response_url that has expired is no loss where the adviser is in the channel."""
    asked = await asked_alone(app, fake)
    fake.hooks.expire()
    await app.adapter.channel.post(asked, REPLY)
    assert fake.visible(CHANNEL) == []
    assert len(fake.visible(CHANNEL, user=ANA)) == 1


async def test_recommend_with_and_without_words(app: SlackApp) -> None:
    """/recommend goes to the adviser with its words, whatever the company calls it."""
    for command, text in (("/recommend", "energy EDAR Norte"), ("/recommend", ""), ("/recomienda", "agua")):
        assert (await app.command(says.slash_command(text, command=command, channel="C0002")))[0] == 200
        assert (app.submitted[-1].command, app.submitted[-1].text) == ("recommend", text)


@pytest.mark.parametrize(
    ("user", "text", "said"),
    [(ANA, "", "solo lo ves tú"), (LUIS, "", "you alone see it"), (LUIS, "ayuda", "you alone see it")],
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


async def test_command_that_comes_again_is_taken_once(app: SlackApp, fake: FakeSlack) -> None:
    """The same command four times, two of them at once: one id for the inbox, and in a direct message one question shown."""
    for channel, roots in ((CHANNEL, 0), (DM, 1)):
        fields = says.slash_command("¿cuánto gasta?", command="/ask", channel=channel)
        await asyncio.gather(app.command(fields), app.command(fields))
        await app.command(fields)
        await app.command(fields)
        assert len(fake.posts) == roots
    assert len({message.id for message in app.submitted}) == 2


async def test_in_a_direct_message(app: SlackApp, fake: FakeSlack) -> None:
    """A command in the adviser's own direct message belongs to that conversation."""
    await app.command(says.slash_command("¿cuánto gasta?", command="/ask", channel=DM))
    await app.event(says.direct_message("¿y por la noche?"))
    assert app.submitted[0].key == app.submitted[1].key
    assert app.submitted[0].direct
    await app.adapter.channel.post(app.submitted[0], Reply(ANSWER))
    assert [post.thread_ts for post in fake.posts] == ["", ""]


async def test_where_it_is_no_member_the_asker_is_answered_too(app: SlackApp, fake: FakeSlack) -> None:
    """Through the response_url; after half an hour there is no way left, and trying on would not help."""
    fake.room.places[CHANNEL] = replace(fake.room.places[CHANNEL], member=False)
    asked = await asked_alone(app, fake)
    await app.adapter.channel.post(asked, Reply(ANSWER))
    assert fake.visible(CHANNEL) == []
    assert [post.seen for post in fake.visible(CHANNEL, user=ANA)] == ["Son 182 kWh."]
    fake.hooks.expire()
    with pytest.raises(DeliveryError) as refused:
        await app.adapter.channel.post(replace(asked, id="other"), Reply(ANSWER))
    assert not refused.value.retryable


async def test_where_slack_is_slow_the_question_is_answered_aside(app: SlackApp, fake: FakeSlack) -> None:
    """In a direct message the question cannot be shown in time: acknowledged all the same, answered through the response_url."""
    fake.faults.plan(Fault(hang=True), path="chat.postMessage")
    hook = fake.response_url(DM, ANA)
    async with asyncio.timeout(2.5):
        status, body = await app.command(says.slash_command("¿cuánto gasta?", command="/ask", channel=DM, response_url=hook))
    assert (status, json.loads(body)["response_type"]) == (200, "ephemeral")
    await app.adapter.channel.post(app.submitted[0], Reply(ANSWER))
    assert [post.seen for post in fake.visible(DM, user=ANA)] == ["Son 182 kWh."]


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
