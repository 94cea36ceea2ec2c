"""Slack: an answer grows while it is written, and ends as one whole message whatever happens on the way."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from adapters.slack import growing
from adapters.slack.channel import SlackChannel
from bot.messages import IncomingMessage, Progress, Reply
from rag.errors import DeliveryError
from tests.fakes import slack_events as says
from tests.fakes.faults import Fault
from tests.fakes.slack_api import FakeSlack
from tests.fakes.slack_app import SlackApp, slack_settings
from tests.fakes.slack_room import Post
from tests.scenario.test_slack import ANSWER

REPLY = Reply(ANSWER, "e1")
BEGUN = Progress("answer", "Quedan tres soplantes [1]. <!channel> https://evil.example")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps are due at once."""
    monkeypatch.setattr(growing, "STEP_SECONDS", 0.0)


async def asked(app: SlackApp, **changes: object) -> IncomingMessage:
    """A question in a channel."""
    assert await app.event(says.app_mention("¿cuántas soplantes quedan?")) == 200
    return replace(app.submitted[-1], **changes)  # type: ignore[arg-type]  # as the test gives them


def standing(fake: FakeSlack) -> list[Post]:
    """Our messages that people see."""
    return [one for one in fake.posts if not one.deleted]


async def grown(channel: SlackChannel, message: IncomingMessage) -> None:
    """Two steps of an answer."""
    await channel.progress(message, Progress("retrieve"))
    await channel.progress(message, BEGUN)
    await channel.progress(message, replace(BEGUN, text=f"{BEGUN.text} Y más."))


async def test_the_text_so_far_becomes_the_reply(app: SlackApp, fake: FakeSlack) -> None:
    """One message in the thread from the first words to the last; what a document says comes not alive in it."""
    message, channel = await asked(app), app.adapter.channel
    await grown(channel, message)
    (draft,) = standing(fake)
    assert draft.thread_ts == message.reply_to["thread"]
    assert "Y más. …" in draft.text
    assert "<!channel>" not in draft.text
    assert "evil.example" not in draft.text
    await channel.post(message, REPLY)
    (whole,) = standing(fake)
    assert whole.ts == draft.ts
    assert {block["type"] for block in whole.blocks} >= {"section", "context", "actions", "context_actions"}
    assert "…" not in whole.blocks[0]["text"]["text"]
    await channel.post(message, REPLY)
    assert len(fake.posts) == 1


async def test_no_more_steps_than_slack_bears(app: SlackApp, fake: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither faster than people read, nor more than so many a minute; the reply comes all the same."""
    monkeypatch.setattr(growing, "MINUTE_STEPS", 3)
    message, channel = await asked(app), app.adapter.channel
    for n in range(8):
        await channel.progress(message, Progress("answer", f"Texto {n}"))
    assert fake.calls("chat.update") == 3
    monkeypatch.setattr(growing, "STEP_SECONDS", 60.0)
    await channel.progress(message, Progress("answer", "Texto 9"))
    assert fake.calls("chat.update") == 3
    await channel.post(message, REPLY)
    assert fake.calls("chat.update") == 4
    assert len(standing(fake)) == 1


async def test_a_killed_process_leaves_nothing_half_said(fake: FakeSlack) -> None:
    """The next one finds what was begun, by its mark, and writes the reply into it."""
    async with SlackApp.running(slack_settings(fake)) as first, SlackApp.running(slack_settings(fake)) as second:
        message = await asked(first)
        await grown(first.adapter.channel, message)
        await second.adapter.channel.progress(message, Progress("retrieve"))
        await second.adapter.channel.post(message, REPLY)
    assert [one.ts for one in standing(fake)] == [fake.posts[0].ts]
    assert "…" not in standing(fake)[0].blocks[0]["text"]["text"]


async def test_what_cannot_be_changed_gives_way(app: SlackApp, fake: FakeSlack) -> None:
    """Where Slack does not let the text so far be changed, the reply is posted, and the text goes."""
    message, channel = await asked(app), app.adapter.channel
    await channel.progress(message, BEGUN)
    fake.errors["chat.update"] = "edit_window_closed"
    await channel.post(message, REPLY)
    await channel.stop()
    assert [one.ts for one in standing(fake)] == [fake.posts[-1].ts]
    assert len(fake.posts) == 2


async def test_a_reply_that_is_refused_for_now_takes_the_draft_the_next_time(app: SlackApp, fake: FakeSlack) -> None:
    """A 429 in between: the same message in the end."""
    message, channel = await asked(app), app.adapter.channel
    await channel.progress(message, BEGUN)
    fake.faults.plan(Fault(status=429, headers={"Retry-After": "1"}), path="chat.update")
    with pytest.raises(DeliveryError):
        await channel.post(message, REPLY)
    await channel.post(message, REPLY)
    assert len(standing(fake)) == len(fake.posts) == 1


async def test_a_question_taken_back_takes_what_was_begun(app: SlackApp, fake: FakeSlack) -> None:
    """The question was deleted in mid-answer: nothing of it stays."""
    message, channel = await asked(app), app.adapter.channel
    await channel.progress(message, BEGUN)
    await channel.post(replace(message, id="del", command="retract", replaces=message.said), REPLY)
    await channel.stop()
    assert standing(fake) == []


async def test_what_cannot_be_begun_is_tried_once(app: SlackApp, fake: FakeSlack) -> None:
    """A channel that takes nothing is not asked at each step; another's answer grows."""
    message, channel = await asked(app), app.adapter.channel
    fake.errors["chat.postMessage"] = "restricted_action"
    for n in range(5):
        await channel.progress(message, Progress("answer", f"Texto {n}"))
        await asyncio.sleep(0.25)
    assert fake.calls("chat.postMessage") == 1
    del fake.errors["chat.postMessage"]
    await channel.progress(await asked(app), BEGUN)
    assert len(standing(fake)) == 1


async def test_steps_keep_to_the_pace_that_slack_names(app: SlackApp, fake: FakeSlack) -> None:
    """After a 429 no step of any answer is tried before its time: what is left is for the replies."""
    message, channel = await asked(app), app.adapter.channel
    await channel.progress(message, BEGUN)
    fake.faults.plan(Fault(status=429, headers={"Retry-After": "30"}), path="chat.update")
    for n in range(4):
        await channel.progress(message, Progress("answer", f"Texto {n}"))
    assert fake.calls("chat.update") == 1
    await channel.post(message, REPLY)
    assert len(standing(fake)) == 1


@pytest.mark.parametrize("changes", [{"alone": True}, {"replaces": "1.1"}, {"command": "share"}])
async def test_where_nothing_grows(app: SlackApp, fake: FakeSlack, changes: dict[str, object]) -> None:
    """Where the asker alone sees it, over an earlier answer, and of what is there already."""
    message = await asked(app, **changes)
    await app.adapter.channel.progress(message, BEGUN)
    assert fake.posts == []


async def test_a_beginning_of_which_slack_told_nothing_is_found(app: SlackApp, fake: FakeSlack) -> None:
    """It was posted, but the answer to the call was lost: the reply looks for it, and takes its place."""
    message, channel = await asked(app), app.adapter.channel
    fake.faults.plan(Fault(status=500, after=True), path="chat.postMessage")
    await channel.progress(message, BEGUN)
    await channel.post(message, REPLY)
    assert len(standing(fake)) == len(fake.posts) == 1
