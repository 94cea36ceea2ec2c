"""The stand-in Slack's signatures and faults against Slack's own Bolt and SDK."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes import slack_events as says
from tests.fakes.faults import Fault
from tests.fakes.slack_api import BOT_TOKEN, FakeSlack, broken, limited
from tests.fakes.slack_events import CHANNEL, DM, SECRET


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    """A stand-in Slack."""
    async with FakeSlack() as running:
        yield running


@pytest.fixture
def client(fake: FakeSlack) -> AsyncWebClient:
    """The SDK's client, pointed at the stand-in, impatient, without retries of its own."""
    return AsyncWebClient(token=BOT_TOKEN, base_url=fake.base_url, timeout=1, retry_handlers=[])


class Heard:
    """A Bolt app that notes what it is given."""

    def __init__(self, fake: FakeSlack) -> None:
        self.notes: list[tuple[str, str]] = []
        self.app = AsyncApp(
            client=AsyncWebClient(token=BOT_TOKEN, base_url=fake.base_url), signing_secret=SECRET, process_before_response=True
        )
        self.app.event("app_mention")(self._event)
        self.app.event("message")(self._event)
        self.app.event({"type": "message", "subtype": "message_changed"})(self._event)
        self.app.event("assistant_thread_started")(self._event)
        self.app.event("app_home_opened")(self._event)
        self.app.command("/ahorro")(self._command)
        self.app.action("useful")(self._action)

    async def _event(self, event: dict[str, Any]) -> None:
        self.notes.append((event["type"], event.get("text", event.get("subtype", ""))))

    async def _command(self, ack: Any, command: dict[str, Any]) -> None:
        await ack()
        self.notes.append(("command", command["text"]))

    async def _action(self, ack: Any, action: dict[str, Any]) -> None:
        await ack()
        self.notes.append(("action", action["value"]))

    @asynccontextmanager
    async def served(self) -> AsyncIterator[Any]:
        """A function that posts a body with headers and gives the status and the text of the answer."""

        async def receive(request: web.Request) -> web.Response:
            return await to_aiohttp_response(await self.app.async_dispatch(await to_bolt_request(request)))

        app = web.Application()
        app.router.add_post("/slack/events", receive)
        async with TestServer(app) as server, aiohttp.ClientSession() as session:

            async def post(request: tuple[bytes, dict[str, str]]) -> tuple[int, str]:
                async with session.post(server.make_url("/slack/events"), data=request[0], headers=request[1]) as response:
                    return response.status, await response.text()

            yield post


async def test_bolt_understands_what_slack_sends(fake: FakeSlack) -> None:
    """Bolt verifies the signature of each kind of request and gives it to the right listener; its own echo it leaves out."""
    heard = Heard(fake)
    async with heard.served() as post:
        assert await post(says.json_request(says.url_verification("reto"))) == (200, '{"challenge": "reto"}')
        for payload in (
            says.app_mention("hola"), says.channel_message("sigo", thread_ts="1795000000.900000"), says.direct_message("oye"),
            says.direct_message("hilo", thread_ts="1795000000.900000"), says.thread_started(), says.home_opened(),
            says.message_changed("después"), says.message_deleted(), says.bot_message("aviso"), says.bot_message("eco", own=True),
        ):  # fmt: skip
            assert (await post(says.json_request(payload)))[0] == 200
        assert (await post(says.form_request(says.slash_command("bombas"))))[0] == 200
        assert (await post(says.form_request(says.pressed(says.block_action("useful", "a1")))))[0] == 200
    assert heard.notes == [
        ("app_mention", f"<@{says.BOT_USER}> hola"), ("message", "sigo"), ("message", "oye"), ("message", "hilo"),
        ("assistant_thread_started", ""), ("app_home_opened", ""), ("message", "message_changed"), ("message", "message_deleted"),
        ("message", "aviso"), ("command", "bombas"), ("action", "a1"),
    ]  # fmt: skip


async def test_bolt_refuses_other_signatures(fake: FakeSlack) -> None:
    """Another secret, a changed body and an old timestamp are 401 and reach no listener."""
    heard = Heard(fake)
    body, headers = says.json_request(says.app_mention("hola"))
    async with heard.served() as post:
        assert (await post(says.json_request(says.app_mention("hola"), secret="other")))[0] == 401
        assert (await post((body.replace(b"hola", b"hole"), headers)))[0] == 401
        assert (await post((body, {**headers, **says.sign(body, SECRET, int(time.time()) - 400)})))[0] == 401
    assert heard.notes == []


def test_signature_is_over_raw_bytes() -> None:
    """The signature agrees with the SDK's for text outside ASCII, for the empty body and at the edge of the window."""
    verifier = SignatureVerifier(SECRET)
    for body in (b"", "¿cuánta agua? 水".encode(), b' {"a":1}\n'):
        assert verifier.is_valid_request(body, says.sign(body))
        assert not verifier.is_valid_request(body + b" ", says.sign(body))
    assert verifier.is_valid_request(b"x", says.sign(b"x", SECRET, int(time.time()) - 298))
    assert not verifier.is_valid_request(b"x", says.sign(b"x", SECRET, int(time.time()) - 302))


async def test_redelivery_is_the_same_event_with_headers() -> None:
    """A redelivery keeps body and event_id and says which try it is; two mentions have different ids."""
    event = says.app_mention("hola")
    first, again = says.json_request(event), says.json_request(event, retry=2)
    assert (first[0], again[1]["X-Slack-Retry-Num"], "X-Slack-Retry-Num" in first[1]) == (again[0], "2", False)
    assert says.app_mention("hola")["event_id"] != event["event_id"]


async def test_rate_limit_is_obeyed_by_the_sdk(fake: FakeSlack) -> None:
    """The SDK's handler understands the 429 with its Retry-After and succeeds afterwards."""
    client = AsyncWebClient(token=BOT_TOKEN, base_url=fake.base_url, retry_handlers=[AsyncRateLimitErrorRetryHandler()])
    fake.faults.plan(limited(1), path="chat.postMessage")
    began = time.monotonic()
    await client.chat_postMessage(channel=CHANNEL, text="hola")
    assert time.monotonic() - began >= 1
    assert (fake.calls("chat.postMessage"), len(fake.posts)) == (2, 1)


@pytest.mark.parametrize("wait", [0, 3, "abc", 9999, "Wed, 21 Oct 2026 07:28:00 GMT", None])
async def test_any_retry_after(fake: FakeSlack, client: AsyncWebClient, wait: object) -> None:
    """A 429 carries whatever Retry-After a test asks for, or none, and is `ratelimited` to the SDK."""
    fake.faults.plan(limited(wait), path="chat.postMessage")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=CHANNEL, text="hola")
    response = caught.value.response
    assert (response.status_code, response["error"]) == (429, "ratelimited")
    assert response.headers.get("Retry-After") == (None if wait is None else str(wait))


async def test_pace_of_a_channel(fake: FakeSlack, client: AsyncWebClient) -> None:
    """With a pace set, a second message too soon is 429 in the same channel and not in another."""
    fake.post_gap = 0.2
    await client.chat_postMessage(channel=CHANNEL, text="1")
    await client.chat_postMessage(channel=DM, text="1")
    with pytest.raises(SlackApiError, match="ratelimited"):
        await client.chat_postMessage(channel=CHANNEL, text="2")
    await asyncio.sleep(0.2)
    await client.chat_postMessage(channel=CHANNEL, text="2")
    assert len(fake.posts) == 3


@pytest.mark.parametrize(
    ("fault", "mid_body", "shown"),
    [
        (Fault(hang=True), False, 0),
        (Fault(cut=True), False, 0),
        (Fault(cut=True, after=True), False, 1),
        (broken(503), False, 0),
        (Fault(hang=True), True, 1),
        (Fault(cut=True), True, 1),
    ],
)
async def test_faults(fake: FakeSlack, client: AsyncWebClient, fault: Fault, mid_body: bool, shown: int) -> None:
    """A hang, a cut and a 5xx fail the call in the SDK; those after the work leave the message posted. Then all is well."""
    (fake.mid_body if mid_body else fake.faults).plan(fault, path="chat.postMessage")
    with pytest.raises((SlackApiError, aiohttp.ClientError, TimeoutError)):
        await client.chat_postMessage(channel=CHANNEL, text="uno")
    assert len(fake.posts) == shown
    await client.chat_postMessage(channel=CHANNEL, text="dos")
    assert [post.seen for post in fake.posts] == ["uno"] * shown + ["dos"]


async def test_named_error(fake: FakeSlack, client: AsyncWebClient) -> None:
    """A method can be made to refuse with any of Slack's errors."""
    fake.errors["chat.startStream"] = "missing_scope"
    with pytest.raises(SlackApiError, match="missing_scope"):
        await client.chat_startStream(channel=DM, thread_ts="1795000000.900000")
