"""Slack: in a thread with the assistant an answer is streamed as it is written, and ends as one whole message."""

from __future__ import annotations

import asyncio
from contextlib import suppress
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
BEGUN = Progress("answer", "Quedan tres soplantes [1]. <!channel> [aquí](https://evil.example)")
MORE = replace(BEGUN, text=f"{BEGUN.text} Consumen 114 kW [2].")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps are due at once."""
    monkeypatch.setattr(growing, "STREAM_STEP_SECONDS", 0.0)
    monkeypatch.setattr(growing, "STEP_SECONDS", 0.0)


async def asked(app: SlackApp) -> IncomingMessage:
    """A question in a thread with the assistant."""
    assert await app.event(says.direct_message("¿cuántas soplantes quedan?", thread_ts=says.next_ts())) == 200
    return app.submitted[-1]


def standing(fake: FakeSlack, message: IncomingMessage) -> list[Post]:
    """Our messages that the asker sees after the question."""
    return [one for one in fake.posts if not one.deleted and one.ts > message.said]


async def streamed(channel: SlackChannel, message: IncomingMessage) -> None:
    """Two steps of an answer."""
    for progress in (Progress("retrieve"), BEGUN, MORE):
        await channel.progress(message, progress)


async def test_an_answer_is_streamed_and_becomes_the_reply(app: SlackApp, fake: FakeSlack) -> None:
    """One message from the first words to the last; each step is added, and what a document says comes not alive in it."""
    message, channel = await asked(app), app.adapter.channel
    await streamed(channel, message)
    (draft,) = standing(fake, message)
    assert draft.streaming
    assert draft.thread_ts == message.reply_to["thread"]
    assert [fake.calls(one) for one in ("chat.startStream", "chat.appendStream", "chat.update")] == [1, 1, 0]
    assert draft.seen.count("soplantes") == 1
    assert draft.seen.endswith("Consumen 114 kW [2].")
    assert all(block["text"]["verbatim"] for block in draft.blocks)
    assert "<!channel>" not in draft.seen
    assert "evil.example" not in draft.seen
    await channel.post(message, REPLY)
    (whole,) = standing(fake, message)
    assert (whole.ts, whole.streaming) == (draft.ts, False)
    assert {block["type"] for block in whole.blocks} >= {"section", "context", "actions", "context_actions"}
    assert whole.metadata["event_payload"]["part"] == 1
    await channel.post(message, REPLY)
    assert len(standing(fake, message)) == 1


async def test_no_status_hides_a_stream(app: SlackApp, fake: FakeSlack) -> None:
    """The status that the assistant searches goes with the first words, and none is set after them."""
    message, channel = await asked(app), app.adapter.channel
    await streamed(channel, message)
    await channel.progress(message, replace(MORE, stage="retrieve"))
    said = [status for place, thread, status in fake.room.statuses if thread == message.reply_to["thread"]]
    assert said[0]
    assert said[-1] == ""


async def test_no_more_than_slack_bears(app: SlackApp, fake: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither more streams nor more steps than the tiers allow, nor faster than people read; the reply comes all the same."""
    monkeypatch.setattr(growing, "MINUTE_STREAMS", 1)
    monkeypatch.setattr(growing, "MINUTE_STREAM_STEPS", 2)
    message, channel = await asked(app), app.adapter.channel
    for n in range(1, 8):
        await channel.progress(message, Progress("answer", "Texto. " * n))
    assert (fake.calls("chat.startStream"), fake.calls("chat.appendStream")) == (1, 2)
    other = await asked(app)
    await channel.progress(other, BEGUN)
    assert fake.calls("chat.startStream") == 1
    for one in (message, other):
        await channel.post(one, REPLY)
    assert [one.streaming for one in standing(fake, message)] == [False, False]


async def test_a_text_that_turns_out_otherwise_is_put_right_by_the_reply(app: SlackApp, fake: FakeSlack) -> None:
    """What was streamed cannot be taken back in the stream: nothing is added to it, and the reply replaces it."""
    message, channel = await asked(app), app.adapter.channel
    await channel.progress(message, BEGUN)
    await channel.progress(message, Progress("answer", "Son cuatro."))
    assert fake.calls("chat.appendStream") == 0
    await channel.post(message, REPLY)
    (whole,) = standing(fake, message)
    assert "evil" not in whole.seen


async def test_a_killed_process_leaves_nothing_half_said(fake: FakeSlack) -> None:
    """The next one finds the stream by its first block, ends it, and writes the reply into it."""
    async with SlackApp.running(slack_settings(fake)) as first, SlackApp.running(slack_settings(fake)) as second:
        message = await asked(first)
        await streamed(first.adapter.channel, message)
        taken = replace(message, received_at=message.received_at - 60)
        await second.adapter.channel.progress(taken, Progress("retrieve"))
        await second.adapter.channel.post(taken, REPLY)
        (whole,) = standing(fake, message)
        assert (whole.streaming, whole.metadata["event_payload"]["part"]) == (False, 1)


async def test_a_stream_that_slack_ends_is_taken_over(app: SlackApp, fake: FakeSlack) -> None:
    """After minutes Slack ends streams by itself: nothing more is added, and the reply takes the message over."""
    message, channel = await asked(app), app.adapter.channel
    await channel.progress(message, BEGUN)
    fake.end_streams()
    await channel.progress(message, MORE)
    await channel.progress(message, replace(MORE, text=f"{MORE.text} Y más."))
    assert fake.calls("chat.appendStream") == 1
    await channel.post(message, REPLY)
    assert len(standing(fake, message)) == 1


async def test_where_slack_streams_nothing_answers_grow_by_changes(app: SlackApp, fake: FakeSlack) -> None:
    """A workspace without streams is asked once; the next words come in a message that is changed."""
    fake.errors["chat.startStream"] = "feature_not_enabled"
    message, channel = await asked(app), app.adapter.channel
    await streamed(channel, message)
    await channel.progress(message, replace(MORE, text=f"{MORE.text} Y más."))
    assert fake.calls("chat.startStream") == 1
    (draft,) = standing(fake, message)
    assert not draft.streaming
    await channel.post(message, REPLY)
    assert [one.ts for one in standing(fake, message)] == [draft.ts]


async def test_one_refused_thread_ends_no_other_stream(app: SlackApp, fake: FakeSlack) -> None:
    """A thread that is gone says nothing of the workspace: the next answer is streamed."""
    first, channel = await asked(app), app.adapter.channel
    fake.errors["chat.startStream"] = "thread_not_found"
    await channel.progress(first, BEGUN)
    del fake.errors["chat.startStream"]
    second = replace(await asked(app), reply_to={**first.reply_to, "channel": "D0LUIS"})
    await channel.progress(second, BEGUN)
    assert [one.streaming for one in fake.posts] == [True]


async def test_a_refused_thread_uses_up_nobody_elses_streams(app: SlackApp, fake: FakeSlack) -> None:
    """However many steps its answer has: it is asked for once, and the minute's beginnings are left to the others."""
    first, channel = await asked(app), app.adapter.channel
    fake.errors["chat.startStream"] = "thread_not_found"
    for n in range(20):
        await channel.progress(first, replace(BEGUN, text=BEGUN.text + " x" * n))
    del fake.errors["chat.startStream"]
    assert fake.calls("chat.startStream") == 1
    second = replace(await asked(app), reply_to={**first.reply_to, "channel": "D0LUIS"})
    await channel.progress(second, BEGUN)
    assert [one.streaming for one in fake.posts] == [True]


async def test_a_channel_that_is_written_to_uses_up_no_streams(app: SlackApp, fake: FakeSlack) -> None:
    """Steps that come before the channel's turn begin nothing, and cost none of the minute's beginnings."""
    first, channel = await asked(app), app.adapter.channel
    other = replace(await asked(app), reply_to={**first.reply_to, "channel": "D0LUIS"})
    await channel.post(first, REPLY)  # the channel's second
    waiting = await asked(app)
    for n in range(20):
        await channel.progress(waiting, replace(BEGUN, text=BEGUN.text + " x" * n))
    assert fake.calls("chat.startStream") == 0
    await channel.progress(other, BEGUN)
    assert fake.calls("chat.startStream") == 1


async def test_a_pace_that_slack_names_is_kept(app: SlackApp, fake: FakeSlack) -> None:
    """No stream is begun, for whomever, before the time that Slack has named."""
    first, channel = await asked(app), app.adapter.channel
    fake.faults.plan(Fault(status=429, headers={"Retry-After": "30"}), path="chat.startStream")
    for n in range(5):
        await channel.progress(first, replace(BEGUN, text=BEGUN.text + " x" * n))
    await channel.progress(replace(await asked(app), reply_to={**first.reply_to, "channel": "D0LUIS"}), BEGUN)
    assert fake.calls("chat.startStream") == 1


async def test_a_step_that_is_refused_for_now_is_not_missing(app: SlackApp, fake: FakeSlack) -> None:
    """The next step says what it would have said; one that may have arrived is not said twice."""
    message, channel = await asked(app), app.adapter.channel
    await channel.progress(message, BEGUN)
    fake.faults.plan(Fault(status=429, headers={"Retry-After": "0.1"}), path="chat.appendStream")
    await channel.progress(message, MORE)
    await asyncio.sleep(0.15)
    await channel.progress(message, replace(MORE, text=f"{MORE.text} Y más."))
    assert standing(fake, message)[0].seen.endswith("Consumen 114 kW [2]. Y más.")
    fake.faults.plan(Fault(status=500, after=True), path="chat.appendStream")
    await channel.progress(message, replace(MORE, text=f"{MORE.text} Y más. Aún."))
    await channel.progress(message, replace(MORE, text=f"{MORE.text} Y más. Aún. Todo."))
    assert standing(fake, message)[0].seen.count("Aún") == 1


@pytest.mark.parametrize("fault", [Fault(status=500, after=True), Fault(hang=True, after=True)], ids=["500", "hang"])
async def test_one_lost_beginning_is_the_only_one(app: SlackApp, fake: FakeSlack, fault: Fault) -> None:
    """Slack does not say whether it began: nothing more is begun for that answer, so that not two grow beside each other."""
    message, channel = await asked(app), app.adapter.channel
    fake.faults.plan(fault, path="chat.startStream")
    for n in range(2):
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await channel.progress(message, replace(BEGUN, text=BEGUN.text + " x" * n))
        await asyncio.sleep(1.05)
    assert fake.calls("chat.startStream") == 1
    await channel.post(message, REPLY)
    assert len(standing(fake, message)) == 1


@pytest.mark.parametrize("method", ["chat.stopStream", "chat.update"])
async def test_a_reply_that_is_refused_for_now_takes_the_stream_the_next_time(
    app: SlackApp, fake: FakeSlack, method: str
) -> None:
    """A 429 at its end: the same message, once, in the end."""
    message, channel = await asked(app), app.adapter.channel
    await channel.progress(message, BEGUN)
    fake.faults.plan(Fault(status=429, headers={"Retry-After": "1"}), path=method)
    with pytest.raises(DeliveryError):
        await channel.post(message, REPLY)
    await channel.post(message, REPLY)
    (whole,) = standing(fake, message)
    assert (whole.streaming, whole.metadata["event_payload"]["part"]) == (False, 1)


async def test_a_beginning_of_which_slack_told_nothing_is_found(app: SlackApp, fake: FakeSlack) -> None:
    """It was begun, but the answer to the call was lost: the reply looks for it, ends it and takes its place."""
    message, channel = await asked(app), app.adapter.channel
    fake.faults.plan(Fault(status=500, after=True), path="chat.startStream")
    await channel.progress(message, BEGUN)
    await channel.post(message, REPLY)
    (whole,) = standing(fake, message)
    assert not whole.streaming


async def test_a_question_taken_back_takes_its_stream(app: SlackApp, fake: FakeSlack) -> None:
    """The question was deleted in mid-answer: nothing of it stays."""
    message, channel = await asked(app), app.adapter.channel
    await channel.progress(message, BEGUN)
    await channel.post(replace(message, id="del", command="retract", replaces=message.said), REPLY)
    await channel.stop()
    assert standing(fake, message) == []


async def test_who_waits_reads_so_in_the_status(app: SlackApp, fake: FakeSlack) -> None:
    """In a thread with the assistant the status tells that others come first, until work begins; nothing is posted."""
    message, channel = await asked(app), app.adapter.channel
    await channel.progress(message, Progress("queued"))
    await channel.progress(message, Progress("retrieve"))
    said = [status for _, thread, status in fake.room.statuses if thread == message.reply_to["thread"]]
    assert ["turno" in one for one in said] == [True, False]
    assert standing(fake, message) == []
    assert fake.calls("chat.postEphemeral") == 0
