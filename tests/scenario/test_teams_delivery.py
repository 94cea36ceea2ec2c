"""Replies on their way to Teams: refused, cut, slowed, begun by another process; each is seen once, and no secret is told."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator

import pytest

from bot.kept import KeptHere
from bot.messages import Progress, Reply
from rag.errors import DeliveryError
from rag.models import Answer
from tests.fakes.bot_activities import message
from tests.fakes.bot_connector import PASSWORD, FakeConnector
from tests.fakes.faults import Fault
from tests.fakes.teams_app import TeamsApp, say, teams_settings
from tests.scenario.test_teams import ANSWER, MANUAL
from tests.security.teams_tokens import bearer


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


@pytest.mark.parametrize(
    ("fault", "retryable", "retry_after"),
    [
        (Fault(status=429, headers={"Retry-After": "7"}), True, 7.0),
        (Fault(status=429, headers={"Retry-After": "9999"}), True, 60.0),
        (Fault(status=429, headers={"Retry-After": "abc"}), True, None),
        (Fault(status=429, headers={"Retry-After": "-5"}), True, None),
        (Fault(status=429, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), True, 0.0),
        (Fault(status=429), True, None),
        (Fault(status=412), True, None),
        (Fault(status=502, body="<html>"), True, None),
        (Fault(status=504), True, None),
        (Fault(status=401), True, None),
        (Fault(cut=True), True, None),
        (Fault(status=403, body='{"error": {"code": "BotNotInConversationRoster"}}'), False, None),
        (Fault(status=404), False, None),
        (Fault(status=413), False, None),
    ],
)
async def test_delivery_failures_say_whether_to_try_again(
    app: TeamsApp, fake: FakeConnector, fault: Fault, retryable: bool, retry_after: float | None
) -> None:
    """Each refusal of the Connector becomes a DeliveryError with the right advice; the next try delivers."""
    asked = await say(app, fake, message("hola", fake.service_url))
    fake.faults.plan(fault, path="/activities")
    with pytest.raises(DeliveryError) as caught:
        await app.adapter.channel.post(asked, Reply(ANSWER))
    assert (caught.value.retryable, caught.value.retry_after) == (retryable, retry_after)
    fake.shown.clear()  # a cut connection leaves open whether the first try was taken
    await app.adapter.channel.post(asked, Reply(ANSWER))
    assert len(fake.shown) == 1


async def test_a_connector_that_is_away_is_asked_once_a_second(app: TeamsApp, fake: FakeConnector) -> None:
    """Thirty replies cost it five calls and a probe; a second after it is back, the next goes out."""
    asked = await say(app, fake, message("hola", fake.service_url))
    fake.faults.plan(Fault(status=503), path="/activities", times=-1)
    before = fake.calls("/activities")
    for _ in range(30):
        with pytest.raises(DeliveryError) as caught:
            await app.adapter.channel.post(asked, Reply(ANSWER))
        assert caught.value.retryable
    assert fake.calls("/activities") - before <= 7
    fake.faults.clear()
    await asyncio.sleep(1.05)
    await app.adapter.channel.post(asked, Reply(ANSWER))
    assert len(fake.shown) == 1


async def test_a_long_reply_goes_on_where_it_failed(app: TeamsApp, fake: FakeConnector) -> None:
    """A second try posts only the messages that the first did not; a third posts nothing."""
    asked = await say(app, fake, message("hola", fake.service_url))
    long = Answer("answered", "es", "\n\n".join(f"Párrafo {n}: {'agua ' * 900} [1]." for n in range(6)), (MANUAL,))
    fake.faults.plan(Fault(), path="/activities")
    fake.faults.plan(Fault(status=502), path="/activities")
    with pytest.raises(DeliveryError):
        await app.adapter.channel.post(asked, Reply(long))
    assert len(fake.shown) == 1
    await app.adapter.channel.post(asked, Reply(long))
    await app.adapter.channel.post(asked, Reply(long))
    whole = "\n".join(shown.text for shown in fake.shown)
    assert [whole.count(f"Párrafo {n}:") for n in range(6)] == [1] * 6


async def test_another_process_goes_on_where_one_failed(fake: FakeConnector) -> None:
    """What was posted is known to all: the rest comes once, whoever posts it, and then no more."""
    kept, settings = KeptHere(), teams_settings(fake)
    long = Answer("answered", "es", "\n\n".join(f"Párrafo {n}: {'agua ' * 900} [1]." for n in range(6)), (MANUAL,))
    async with TeamsApp.running(settings, kept=kept) as one, TeamsApp.running(settings, kept=kept) as other:
        asked = await say(one, fake, message("hola", fake.service_url))
        fake.faults.plan(Fault(), path="/activities")
        fake.faults.plan(Fault(status=429), path="/activities")
        with pytest.raises(DeliveryError):
            await one.adapter.channel.post(asked, Reply(long))
        for app in (other, one):
            await app.adapter.channel.post(asked, Reply(long))
    whole = "\n".join(shown.text for shown in fake.shown)
    assert [whole.count(f"Párrafo {n}:") for n in range(6)] == [1] * 6


async def test_the_word_that_others_come_first_goes(app: TeamsApp, fake: FakeConnector) -> None:
    """Also if Teams does not let it be deleted at once: the reply stands once, and the word goes with the next try."""
    asked = await say(app, fake, message("hola", fake.service_url))
    await app.adapter.channel.progress(asked, Progress("queued"))
    (waits,) = fake.shown
    fake.faults.plan(Fault(), path="/activities")
    fake.faults.plan(Fault(status=429, headers={"Retry-After": "1"}), path="/activities")
    with pytest.raises(DeliveryError):
        await app.adapter.channel.post(asked, Reply(ANSWER))
    await app.adapter.channel.post(asked, Reply(ANSWER))
    assert fake.deleted == [waits.id]
    assert len([one for one in fake.shown if one.id != waits.id]) == 1


async def test_the_word_that_others_come_first_goes_whoever_answers(fake: FakeConnector) -> None:
    """One process tells who waits, another answers: what was told is taken away."""
    kept, settings = KeptHere(), teams_settings(fake)
    async with TeamsApp.running(settings, kept=kept) as one, TeamsApp.running(settings, kept=kept) as other:
        asked = await say(one, fake, message("hola", fake.service_url))
        await one.adapter.channel.progress(asked, Progress("queued"))
        (waits,) = fake.shown
        await other.adapter.channel.post(asked, Reply(ANSWER))
        assert fake.deleted == [waits.id]


async def test_token_is_fetched_once_and_again_when_refused(app: TeamsApp, fake: FakeConnector) -> None:
    """Ten replies at once share one token; when the Connector no longer takes it, the next try has a new one."""
    asked = [await say(app, fake, message(f"{n}", fake.service_url)) for n in range(10)]
    await asyncio.gather(*(app.adapter.channel.post(one, Reply(ANSWER)) for one in asked))
    assert (fake.calls("/token"), len(fake.shown)) == (1, 10)
    fake.revoke_tokens()
    again = await say(app, fake, message("otra", fake.service_url))
    with pytest.raises(DeliveryError):
        await app.adapter.channel.post(again, Reply(ANSWER))
    await app.adapter.channel.post(again, Reply(ANSWER))
    assert (fake.calls("/token"), len(fake.shown)) == (2, 11)


async def test_wrong_password_is_final_and_secret(fake: FakeConnector, caplog: pytest.LogCaptureFixture) -> None:
    """A refused password is no reason to try again; neither it nor a token nor the text stands in a log or an error."""
    caplog.set_level(logging.DEBUG)
    async with TeamsApp.running(teams_settings(fake, teams_app_password="wrong-secret")) as app:
        asked = await say(app, fake, message("canario-42", fake.service_url))
        with pytest.raises(DeliveryError) as caught:
            await app.adapter.channel.post(asked, Reply(ANSWER))
    assert not caught.value.retryable
    async with TeamsApp.running(teams_settings(fake)) as app:
        asked = await say(app, fake, message("canario-42", fake.service_url))
        await app.adapter.channel.post(asked, Reply(ANSWER))
        await app.post({**message("canario-42", fake.service_url), "entities": 7}, headers=bearer(fake.sign()))
    for secret in ("wrong-secret", PASSWORD, "canario-42", "Bearer ", "token-", "tres soplantes"):
        assert secret not in caplog.text
        assert secret not in str(caught.value)


async def test_hanging_connector_ends_in_time(fake: FakeConnector, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Connector that never answers is given up after the sender's own limit, as a failure to try again."""
    async with TeamsApp.running(teams_settings(fake)) as app:
        monkeypatch.setattr(app.adapter.channel._sender, "_timeout", 0.3)
        asked = await say(app, fake, message("hola", fake.service_url))
        fake.faults.plan(Fault(hang=True), path="/activities")
        started = time.monotonic()
        with pytest.raises(DeliveryError) as caught:
            await app.adapter.channel.post(asked, Reply(ANSWER))
        assert caught.value.retryable
        assert time.monotonic() - started < 2
