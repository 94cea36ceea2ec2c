"""POST /slack/events under attack: what Slack did not sign is refused, what it would not send is unreadable, nothing is a 500."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier

from adapters.slack.signature import genuine
from tests.fakes import slack_events as says
from tests.fakes.slack_api import FakeSlack
from tests.fakes.slack_app import SlackApp, slack_settings
from tests.fakes.slack_events import SECRET, json_request, sign

BODY, HEADERS = json_request(says.app_mention("hola"))
NOW = int(time.time())
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def app() -> AsyncIterator[SlackApp]:
    """The adapter, served."""
    async with FakeSlack() as fake, SlackApp.running(slack_settings(fake)) as running:
        yield running


def without(name: str) -> dict[str, str]:
    """The good headers without one."""
    return {key: value for key, value in HEADERS.items() if key != name}


BAD: dict[str, tuple[bytes, dict[str, str]]] = {
    "no headers": (BODY, {}),
    "no signature": (BODY, without("X-Slack-Signature")),
    "no timestamp": (BODY, without("X-Slack-Request-Timestamp")),
    "empty signature": (BODY, {**HEADERS, "X-Slack-Signature": ""}),
    "another secret": json_request(says.app_mention("hola"), secret="another"),
    "one bit of the body": (BODY.replace(b"hola", b"hole"), HEADERS),
    "one bit of the signature": (BODY, {**HEADERS, "X-Slack-Signature": HEADERS["X-Slack-Signature"][:-1] + "x"}),
    "version v1": (BODY, {**HEADERS, "X-Slack-Signature": HEADERS["X-Slack-Signature"].replace("v0", "v1")}),
    "timestamp abc": (BODY, {**HEADERS, "X-Slack-Request-Timestamp": "abc"}),
    "timestamp nan": (BODY, {**HEADERS, "X-Slack-Request-Timestamp": "nan"}),
    "timestamp 1e9": (BODY, {**HEADERS, "X-Slack-Request-Timestamp": "1e9"}),
    "timestamp negative": (BODY, {**HEADERS, "X-Slack-Request-Timestamp": "-1"}),
    "timestamp endless": (BODY, {**HEADERS, "X-Slack-Request-Timestamp": "9" * 6000}),
    "timestamp Arabic": (BODY, {**HEADERS, "X-Slack-Request-Timestamp": "١٧٩٥"}),
    "signature not ASCII": (BODY, {**HEADERS, "X-Slack-Signature": "v0=ñandú"}),
    "too old": (BODY, {**JSON, **sign(BODY, timestamp=NOW - 320)}),
    "too new": (BODY, {**JSON, **sign(BODY, timestamp=NOW + 86_400)}),
    "body not UTF-8": (b"\xff\xfe", HEADERS),
}


@pytest.mark.parametrize("name", BAD)
async def test_what_slack_did_not_sign_is_401(app: SlackApp, name: str) -> None:
    """Each kind of bad signature is refused with 401 and stores nothing."""
    body, headers = BAD[name]
    status, _ = await app.post(body, headers)
    assert (status, app.submitted) == (401, [])


SIGNED: dict[str, tuple[bytes, dict[str, str]]] = {
    "empty": (b"", JSON),
    "not JSON": (b"{", JSON),
    "a list": (b"[1]", JSON),
    "a number": (b"1", JSON),
    "deep": (b"[" * 200_000, JSON),
    "half a character": (json.dumps(says.app_mention("\ud800")).encode(), JSON),
    "no event": (b'{"type": "event_callback", "team_id": "T1"}', JSON),
    "event is a list": (b'{"type": "event_callback", "team_id": "T1", "event": [1]}', JSON),
    "no team": (json.dumps({**says.app_mention("x"), "team_id": None}).encode(), JSON),
    "user is an object": (json.dumps(says.app_mention("x", user={"id": "U1"})).encode(), JSON),  # type: ignore[arg-type]
    "text is a number": (json.dumps(says.envelope({"type": "message", "channel": "C", "ts": "1", "text": 1})).encode(), JSON),
    "payload not JSON": (b"payload=%7B", FORM),
    "payload a list": (b"payload=%5B%5D", FORM),
    "command without channel": (b"command=%2Fask&team_id=T1&user_id=U1&trigger_id=1", FORM),
    "a thousand fields": (b"&".join(b"a%d=1" % n for n in range(1000)), FORM),
}


@pytest.mark.parametrize("name", SIGNED)
async def test_what_slack_would_not_send_is_400(app: SlackApp, name: str) -> None:
    """A signed body that makes no sense is refused, never a 500, and stores nothing."""
    body, headers = SIGNED[name]
    status, _ = await app.post(body, {**headers, **sign(body)})
    assert (status, app.submitted) == (400, [])


async def test_too_large_is_413(app: SlackApp) -> None:
    """More than a mebibyte is not read, signed or not."""
    body = b" " * (1024 * 1024 + 1)
    status, _ = await app.post(body, {**JSON, **sign(body)})
    assert status == 413


async def test_good_requests_pass(app: SlackApp) -> None:
    """At the edge of the five minutes, with a check of the line, with a press of a button: 200."""
    assert (await app.post(BODY, {**JSON, **sign(BODY, timestamp=int(time.time()) - 290)}))[0] == 200
    assert (await app.post(b"ssl_check=1&token=x", {**FORM, **sign(b"ssl_check=1&token=x")}))[0] == 200
    assert (await app.post(*says.form_request(says.pressed(says.block_action("useful", "1")))))[0] == 200
    status, answer = await app.post(*json_request(says.url_verification("3eZ")))
    assert (status, json.loads(answer)) == (200, {"challenge": "3eZ"})


WORDS = st.sampled_from(
    "type event event_callback message app_mention user channel ts text team_id team bot_id files thread_ts authorizations id "
    "command payload assistant_thread assistant_thread_started block_actions actions view subtype channel_type im".split()
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=15,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.dictionaries(WORDS, VALUES, max_size=8), VALUES, st.booleans())
async def test_no_shape_is_a_500(app: SlackApp, payload: dict[str, Any], event: Any, as_event: bool) -> None:
    """Whatever signed JSON arrives, with Slack's own words in wrong places, the answer is 200 or 400."""
    if as_event:
        payload = {**says.envelope({}), **payload, "type": "event_callback", "event": event}
    status, _ = await app.post(*json_request(payload))
    assert status in {200, 400}


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=50), st.text(max_size=40), st.text(max_size=80))
def test_no_header_or_body_passes_or_raises(body: bytes, timestamp: str, signature: str) -> None:
    """No text in the headers and no bytes in the body pass as Slack's, and none raise."""
    headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}
    assert not genuine(SignatureVerifier(SECRET), body, headers)


@pytest.mark.parametrize(("age", "good"), [(0, True), (299, True), (301, False), (-299, True), (-301, False)])
def test_five_minutes_either_way(age: int, good: bool) -> None:
    """A signature is good for 300 seconds before and after it was made."""

    class Stopped:
        """A clock that stands."""

        def now(self) -> float:
            return 1_795_000_000.0

    body = b"{}"
    assert genuine(SignatureVerifier(SECRET, Stopped()), body, sign(body, timestamp=1_795_000_000 - age)) is good  # type: ignore[arg-type]
