"""The stand-in Slack's Socket Mode against the client of Slack's own SDK."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes import slack_events as says
from tests.fakes.slack_api import APP_TOKEN, BOT_TOKEN, FakeSlack


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    """A stand-in Slack."""
    async with FakeSlack() as running:
        yield running


@pytest.fixture
def client(fake: FakeSlack) -> AsyncWebClient:
    """The SDK's client, pointed at the stand-in, impatient, without retries of its own."""
    return AsyncWebClient(token=BOT_TOKEN, base_url=fake.base_url, timeout=1, retry_handlers=[])


class Listener:
    """The SDK's Socket Mode client; acknowledges and notes what it gets, unless told to keep silent."""

    def __init__(self, fake: FakeSlack) -> None:
        web_client = AsyncWebClient(base_url=fake.base_url)
        self.client = SocketModeClient(APP_TOKEN, web_client=web_client, ping_interval=0.2)
        self.got: list[SocketModeRequest] = []
        self.silent = False
        self.client.socket_mode_request_listeners.append(self._hear)

    async def _hear(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        self.got.append(request)
        if not self.silent:
            payload = {"text": "visto"} if request.accepts_response_payload else None
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id, payload=payload))


@pytest.fixture
async def listener(fake: FakeSlack) -> AsyncIterator[Listener]:
    """A connected client."""
    made = Listener(fake)
    await made.client.connect()  # type: ignore[no-untyped-call]  # the SDK's, without annotations
    await fake.socket.connected()
    yield made
    await made.client.close()  # type: ignore[no-untyped-call]  # the SDK's, without annotations


async def test_socket_delivers_and_records_acks(fake: FakeSlack, listener: Listener) -> None:
    """Events, commands and presses arrive with their payloads, and the acknowledgement comes back, with its payload."""
    event = says.app_mention("hola")
    assert (await fake.socket.deliver("events_api", event)).payload == {}
    assert (await fake.socket.deliver("slash_commands", dict(says.slash_command("bombas")))).payload == {"text": "visto"}
    await fake.socket.deliver("interactive", says.block_action("useful", "a1"))
    assert [one.type for one in listener.got] == ["events_api", "slash_commands", "interactive"]
    assert listener.got[0].payload == event
    assert [ack.envelope_id for ack in fake.socket.acks] == [one.envelope_id for one in listener.got]


async def test_socket_notices_a_missing_ack_and_redelivers(fake: FakeSlack, listener: Listener) -> None:
    """Silence is a TimeoutError to the test; the redelivery says which try it is in the SDK's own fields."""
    listener.silent = True
    event = says.app_mention("hola")
    with pytest.raises(TimeoutError):
        await fake.socket.deliver("events_api", event, seconds=0.2)
    listener.silent = False
    await fake.socket.deliver("events_api", event, retry=1)
    assert [(one.retry_attempt, one.retry_reason) for one in listener.got] == [(0, ""), (1, "timeout")]
    assert listener.got[0].envelope_id != listener.got[1].envelope_id


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_socket_asks_for_reconnection(fake: FakeSlack, listener: Listener, reason: str) -> None:
    """On `disconnect` the SDK's client opens a new connection at once, by which the next event comes."""
    await fake.socket.disconnect(reason)
    await fake.socket.reopened(2, seconds=5)
    await fake.socket.deliver("events_api", says.app_mention("sigo"))
    assert fake.calls("apps.connections.open") == 2


@pytest.mark.parametrize("way", ["freeze", "cut"])
async def test_socket_dies_without_a_word(fake: FakeSlack, listener: Listener, way: str) -> None:
    """A frozen or reset connection is noticed by the SDK's client, which makes a new one."""
    getattr(fake.socket, way)()
    await fake.socket.reopened(2, seconds=15)
    await fake.socket.deliver("events_api", says.app_mention("sigo"))
    assert len(listener.got) == 1


async def test_socket_addresses_are_good_once(fake: FakeSlack, client: AsyncWebClient) -> None:
    """An address from apps.connections.open opens one connection, which begins with `hello`; used again it is refused."""
    address = (await client.apps_connections_open(app_token=APP_TOKEN))["url"]
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(address) as connection:
            assert (await connection.receive_json())["num_connections"] == 1
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(address)
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        await client.apps_connections_open(app_token=BOT_TOKEN)


async def test_socket_bears_ten_connections(fake: FakeSlack) -> None:
    """The eleventh connection is told that there are too many."""
    async with aiohttp.ClientSession() as session:
        connections = [await session.ws_connect(fake.room.link()) for _ in range(11)]
        first = [await connection.receive_json() for connection in connections]
    assert [one["type"] for one in first] == ["hello"] * 10 + ["disconnect"]
    assert first[-1]["reason"] == "too_many_websockets"
