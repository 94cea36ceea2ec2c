"""Slack over Socket Mode: the same messages over a connection that we open, and what happens when it goes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from adapters.slack import socket as socket_mode
from tests.fakes import slack_events as says
from tests.fakes.slack_api import APP_TOKEN, FakeSlack, broken
from tests.fakes.slack_app import SlackApp, slack_settings


@pytest.fixture
async def app(fake: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SlackApp]:
    """The adapter, connected; it notices a dead connection sooner than in production."""
    monkeypatch.setattr(socket_mode, "PING_SECONDS", 0.5)
    async with SlackApp.running(slack_settings(fake, socket=True)) as running:
        await fake.socket.connected()
        yield running


async def test_events_and_commands_come_over_the_connection(app: SlackApp, fake: FakeSlack) -> None:
    """Events, commands and presses are stored and then acknowledged; a command's help travels in its acknowledgement."""
    await fake.socket.deliver("events_api", says.app_mention("hola"))
    await fake.socket.deliver("slash_commands", says.slash_command("¿cuánto?", command="/ask"))
    helped = await fake.socket.deliver("slash_commands", says.slash_command("", command="/ask"))
    await fake.socket.deliver("interactive", says.block_action("useful", "1"))
    assert [message.text for message in app.submitted] == ["hola", "¿cuánto?"]
    assert "solo lo ves tú" in helped.payload["text"]
    assert list(app.adapter.routes()) == []


async def test_what_is_not_stored_is_not_acknowledged(app: SlackApp, fake: FakeSlack) -> None:
    """With the store down nothing is acknowledged; what Slack then delivers again is taken, with the same id."""
    app.store_down = True
    event = says.direct_message("hola")
    with pytest.raises(TimeoutError):
        await fake.socket.deliver("events_api", event, seconds=0.3)
    app.store_down = False
    await fake.socket.deliver("events_api", event, retry=1)
    await fake.socket.deliver("events_api", event, retry=2)
    assert len({message.id for message in app.submitted}) == 1


@pytest.mark.parametrize("how", ["refresh_requested", "warning", "close", "cut", "freeze", "refresh while Slack is broken"])
async def test_connection_is_made_again(app: SlackApp, fake: FakeSlack, how: str) -> None:
    """Whatever ends a connection, the next one is made within seconds, and messages come over it."""
    await fake.socket.deliver("events_api", says.direct_message("antes"))
    match how:
        case "close":
            await fake.socket.close()
        case "cut":
            fake.socket.cut()
        case "freeze":
            fake.socket.freeze()
        case "refresh while Slack is broken":
            fake.faults.plan(broken(), path="apps.connections.open", times=2)
            await fake.socket.disconnect()
        case _:
            await fake.socket.disconnect(how)
    await fake.socket.reopened(2, seconds=5.0)
    await fake.socket.deliver("events_api", says.direct_message("después"))
    assert [message.text for message in app.submitted] == ["antes", "después"]


async def test_slack_away_at_the_start(fake: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The start does not wait for Slack: it connects when Slack is there. Stopping while it still tries is quick."""
    monkeypatch.setattr(socket_mode, "PING_SECONDS", 0.2)
    fake.faults.plan(broken(), path="apps.connections.open", times=2)
    async with SlackApp.running(slack_settings(fake, socket=True)):
        await fake.socket.connected(seconds=10.0)
    fake.faults.plan(broken(), path="apps.connections.open", times=-1)
    async with asyncio.timeout(5.0), SlackApp.running(slack_settings(fake, socket=True)) as app:
        await asyncio.sleep(0.3)
        await app.adapter.stop()


async def test_neither_tokens_nor_texts_are_logged(fake: FakeSlack, caplog: pytest.LogCaptureFixture) -> None:
    """At the most talkative log level, over connection and calls, no token and no word of a message is written."""
    caplog.set_level(logging.DEBUG)
    async with SlackApp.running(slack_settings(fake, socket=True)) as app:
        await fake.socket.deliver("events_api", says.app_mention("canario amarillo"))
        app.store_down = True
        await fake.socket.send("events_api", says.direct_message("canario amarillo"))
        await fake.socket.send("events_api", says.envelope({"type": "message", "text": 5, "channel": "canario amarillo"}))
        await asyncio.sleep(0.2)
    written = "\n".join(record.getMessage() + str(record.exc_text or "") for record in caplog.records)
    assert written
    for secret in (fake.token, APP_TOKEN, "canario"):
        assert secret not in written
