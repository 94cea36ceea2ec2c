"""A reply that grows in a personal chat of Teams, and every way in which the platform may end that."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from bot.messages import IncomingMessage, Progress, Reply
from rag.errors import DeliveryError
from rag.models import Answer, Citation
from tests.fakes.bot_activities import channel_message, message
from tests.fakes.bot_connector import FakeConnector
from tests.fakes.card_schema import actions
from tests.fakes.faults import Fault
from tests.fakes.teams_app import TeamsApp, teams_settings
from tests.security.teams_tokens import bearer

QUOTE = "Tres soplantes quedan en marcha."
CITED = Citation(1, "passage", "Manual", "https://docs.example/m.pdf", "p. 14", QUOTE, "es")
ANSWER = Answer("answered", "es", "Quedan tres soplantes [1]. De noche.", (CITED,), follow_ups=("¿Cuánto gastan?",))
STEPS = (Progress("retrieve"), Progress("answer", "Quedan tres"), Progress("answer", "Quedan tres soplantes [1]."))


@pytest.fixture
async def fake() -> AsyncIterator[FakeConnector]:
    """A stand-in Bot Connector."""
    async with FakeConnector() as running:
        yield running


@pytest.fixture
async def app(fake: FakeConnector) -> AsyncIterator[TeamsApp]:
    """The adapter, served, without waits between the steps of a stream."""
    async with TeamsApp.running(teams_settings(fake)) as running:
        yield running


async def asked(app: TeamsApp, fake: FakeConnector) -> IncomingMessage:
    """Ana's question in her personal chat."""
    assert await app.post(message("¿por qué?", fake.service_url), headers=bearer(fake.sign())) == 202
    return app.submitted[-1]


async def test_answer_grows_and_ends_as_one_message(app: TeamsApp, fake: FakeConnector) -> None:
    """What is done, the text so far and the whole are one stream; one message remains, with citation, label and buttons."""
    question = await asked(app, fake)
    for step in STEPS:
        await app.adapter.channel.progress(question, step)
    await app.adapter.channel.post(question, Reply(ANSWER, "e1"))
    (stream,) = fake.streams.values()
    assert stream.steps[:3] == [
        ("informative", "Busco en los documentos…"),
        ("streaming", "Quedan tres"),
        ("streaming", "Quedan tres soplantes [1]."),
    ]
    assert [kind for kind, _ in stream.steps[3:]] == ["final"]
    (shown,) = fake.shown
    assert shown.text.startswith("Quedan tres soplantes [1]. De noche.")
    assert (len(shown.citations), shown.ai_label) == (1, True)
    assert [one["title"] for one in actions(shown.raw["attachments"][0]["content"])] == ["[1] Manual", "¿Cuánto gastan?"]
    assert shown.raw["channelData"] == {"feedbackLoop": {"type": "custom"}}
    assert fake.typing == []


async def test_no_more_than_one_step_a_second(fake: FakeConnector) -> None:
    """Steps that come faster are left out, and the whole waits for its turn: the platform refuses none of them."""
    fake.stream_pace = 0.2
    async with TeamsApp.running(teams_settings(fake), pace=0.25) as app:
        question = await asked(app, fake)
        for n in range(20):
            await app.adapter.channel.progress(question, Progress("answer", "Quedan tres soplantes [1]. De noche."[: n + 5]))
            await asyncio.sleep(0.02)
        await app.adapter.channel.post(question, Reply(ANSWER))
    (stream,) = fake.streams.values()
    assert 2 <= len(stream.steps) <= 4
    assert [one.text[:6] for one in fake.shown] == ["Quedan"]


@pytest.mark.parametrize("step", ["informative", "streaming", "final"])
@pytest.mark.parametrize("family", ["not_allowed", "time", "cancelled"])
async def test_ended_stream_leaves_one_plain_message(app: TeamsApp, fake: FakeConnector, family: str, step: str) -> None:
    """Wherever and however a stream is ended, one message follows, and no further step: the reply, or that we stopped."""
    fake.stream_refusal, fake.stream_refusal_at = family, step
    question = await asked(app, fake)
    for one in STEPS:
        await app.adapter.channel.progress(question, one)
    started = time.monotonic()
    await app.adapter.channel.post(question, Reply(ANSWER, "e1"))
    assert time.monotonic() - started < 2
    (shown,) = fake.shown
    assert shown.text.startswith("Lo dejo aquí" if family == "cancelled" else "Quedan tres soplantes [1].")
    assert not any(one["type"] == "streaminfo" for one in shown.raw.get("entities", []))
    assert len([one for stream in fake.streams.values() for one in stream.steps]) == STEPS_BEFORE[step]


async def test_what_becomes_of_a_question_is_told_in_its_language(app: TeamsApp, fake: FakeConnector) -> None:
    """Not in that of the client: an English question in a Spanish Teams, from the first step to the word that it was stopped."""
    asks = message("What do the blowers of the plant consume at night?", fake.service_url)
    assert await app.post(asks, headers=bearer(fake.sign())) == 202
    question = app.submitted[-1]
    await app.adapter.channel.progress(question, STEPS[0])
    (stream,) = fake.streams.values()
    assert stream.steps == [("informative", "Searching the documents…")]
    fake.stream_refusal = "cancelled"
    await app.adapter.channel.post(question, Reply(ANSWER, "e1"))
    assert fake.shown[0].text.startswith("I stop here")


STEPS_BEFORE = {"informative": 0, "streaming": 1, "final": 3}


async def test_stream_older_than_its_life_is_not_tried(
    app: TeamsApp, fake: FakeConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After nearly two minutes the reply is posted plainly without asking."""
    question = await asked(app, fake)
    await app.adapter.channel.progress(question, STEPS[0])
    monkeypatch.setattr(app.adapter.channel._streams, "_clock", lambda: time.monotonic() + 115)
    await app.adapter.channel.progress(question, STEPS[1])
    await app.adapter.channel.post(question, Reply(ANSWER))
    (stream,) = fake.streams.values()
    assert len(stream.steps) == 1
    assert len(fake.shown) == 1


async def test_end_that_arrived_unanswered_is_not_posted_again(app: TeamsApp, fake: FakeConnector) -> None:
    """The platform took the whole but its answer was lost: trying again finds the stream completed, and posts nothing."""
    question = await asked(app, fake)
    await app.adapter.channel.progress(question, STEPS[0])
    fake.faults.plan(Fault(cut=True, after=True), path="/activities")
    with pytest.raises(DeliveryError) as caught:
        await app.adapter.channel.post(question, Reply(ANSWER))
    assert caught.value.retryable
    await app.adapter.channel.post(question, Reply(ANSWER))
    assert len(fake.shown) == 1


async def test_slow_down_is_obeyed_and_the_whole_still_comes(app: TeamsApp, fake: FakeConnector) -> None:
    """429 to a step costs that step only; 429 to the whole is a failure to try again, after the time named."""
    question = await asked(app, fake)
    await app.adapter.channel.progress(question, STEPS[0])
    fake.faults.plan(Fault(status=429, headers={"Retry-After": "3"}), path="/activities")
    await app.adapter.channel.progress(question, STEPS[1])
    fake.faults.plan(Fault(status=429, headers={"Retry-After": "3"}), path="/activities")
    with pytest.raises(DeliveryError) as caught:
        await app.adapter.channel.post(question, Reply(ANSWER))
    assert (caught.value.retryable, caught.value.retry_after) == (True, 3.0)
    await app.adapter.channel.post(question, Reply(ANSWER))
    (stream,) = fake.streams.values()
    assert [kind for kind, _ in stream.steps] == ["informative", "final"]


@pytest.mark.parametrize("fault", [Fault(cut=True, after=True), Fault(hang=True, after=True)], ids=["cut", "hang"])
async def test_a_beginning_of_which_nothing_was_heard_is_the_only_one(app: TeamsApp, fake: FakeConnector, fault: Fault) -> None:
    """Whether a stream began is not known, nor its name: no second one grows beside it, and the reply comes as one message."""
    question = await asked(app, fake)
    fake.faults.plan(fault, path="/activities")
    for step in STEPS:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await app.adapter.channel.progress(question, step)
    await app.adapter.channel.post(question, Reply(ANSWER))
    assert len(fake.streams) == 1
    assert [one.text[:6] for one in fake.shown] == ["Quedan"]


async def test_nothing_is_streamed_where_others_read(app: TeamsApp, fake: FakeConnector) -> None:
    """In a channel there is the sign of typing and one clean message."""
    text = "<at>Asesor</at> ¿por qué?"
    assert await app.post(channel_message(text, fake.service_url), headers=bearer(fake.sign())) == 202
    question = app.submitted[-1]
    for step in STEPS:
        await app.adapter.channel.progress(question, step)
    await app.adapter.channel.post(question, Reply(ANSWER))
    assert (len(fake.typing), fake.streams, len(fake.shown)) == (1, {}, 1)


async def test_who_waits_behind_others_is_told_so(app: TeamsApp, fake: FakeConnector) -> None:
    """A message says that others come first, and goes when the answer has come."""
    question = await asked(app, fake)
    await app.adapter.channel.progress(question, Progress("queued"))
    assert "otras preguntas delante" in fake.shown[-1].text
    for one in STEPS:
        await app.adapter.channel.progress(question, one)
    await app.adapter.channel.post(question, Reply(ANSWER, "e1"))
    (shown,) = fake.shown
    assert shown.text.startswith("Quedan tres soplantes [1].")
