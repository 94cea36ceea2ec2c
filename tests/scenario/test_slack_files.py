"""Slack: files that come with a message are fetched with the app's token, from Slack alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.messages import SentFile
from bot.ports import BringsFiles
from config import limits
from rag.errors import DeliveryError, InputError
from tests.fakes import slack_events as says
from tests.fakes.faults import Fault
from tests.fakes.slack_api import FakeSlack
from tests.fakes.slack_app import SlackApp

TABLE = b"fecha;kWh\n2026-01-01;182\n"


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    """A stand-in Slack that holds a file."""
    async with FakeSlack() as running:
        running.files = {"consumo.csv": TABLE, "big.bin": bytes(limits.CONVERSATION_FILE_BYTES + 1)}
        yield running


def shared(fake: FakeSlack, name: str, **changes: Any) -> dict[str, Any]:
    """A file as an event tells of it."""
    address = f"{fake.url}/files/{name}"
    return {"id": "F1", "name": name, "mimetype": "text/csv", "size": 26, "url_private_download": address, **changes}


async def test_a_file_in_a_thread_is_fetched(app: SlackApp, fake: FakeSlack) -> None:
    """Dropped without a word in a thread of the adviser's: it goes to the bot, which gets its bytes through the channel."""
    event = says.direct_message("", subtype="file_share", files=[shared(fake, "consumo.csv")])
    assert await app.event(event) == 200
    (message,) = app.submitted
    channel = app.adapter.channel
    assert isinstance(channel, BringsFiles)
    assert (message.command, message.files[0].name, message.files[0].size) == ("ask", "consumo.csv", 26)
    assert await channel.file(message, message.files[0]) == TABLE


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/f", "https://files.slack.com.evil.example/f", "https://files.slack.com@evil.example/f",
     "http://files.slack.com/f", "file:///etc/passwd", ""],
)  # fmt: skip
async def test_the_token_goes_to_slack_alone(app: SlackApp, address: str) -> None:
    """Whatever address an event names: only Slack's file hosts are asked."""
    await app.event(says.direct_message("hola"))
    with pytest.raises(InputError, match="file hosts"):
        await app.adapter.channel.file(app.submitted[0], SentFile("f", address=address))


async def test_files_that_cannot_be_had(app: SlackApp, fake: FakeSlack) -> None:
    """Too large, gone, or a page to sign in: refused; a host that fails may be asked again."""
    await app.event(says.direct_message("", subtype="file_share", files=[shared(fake, "big.bin"), shared(fake, "gone.csv")]))
    (message,) = app.submitted
    for sent in message.files:
        with pytest.raises(InputError):
            await app.adapter.channel.file(message, sent)
    table = replace(message.files[0], address=f"{fake.url}/files/consumo.csv")
    fake.faults.plan(Fault(status=503), path="consumo.csv")
    with pytest.raises(DeliveryError):
        await app.adapter.channel.file(message, table)
    fake.faults.clear()
    fake.token = "xoxb-other"
    with pytest.raises(InputError, match="sign-in"):
        await app.adapter.channel.file(message, table)


async def test_a_redirect_takes_the_token_nowhere(app: SlackApp, fake: FakeSlack) -> None:
    """A file that Slack says lies elsewhere is not fetched there."""
    async with FakeSlack() as elsewhere:
        elsewhere.files = {"consumo.csv": TABLE}
        await app.event(says.direct_message("", subtype="file_share", files=[shared(fake, "consumo.csv")]))
        (message,) = app.submitted
        fake.faults.plan(Fault(status=302, headers={"Location": f"{elsewhere.url}/files/consumo.csv"}), path="consumo.csv")
        with pytest.raises(InputError):
            await app.adapter.channel.file(message, message.files[0])
        assert elsewhere.requests == []
