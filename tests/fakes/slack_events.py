"""What Slack sends to an app: signed requests with events, slash commands and button presses, shaped as the platform shapes them.

Beliefs about the platform, with source and date of what was read:
* Signature: `v0=` HMAC-SHA256 of `v0:{timestamp}:{raw body}` (slack_sdk 3.47 signature/__init__.py, 2026).
* Events come in an `event_callback` with event_id, event_time and authorizations (Events API page, seen 2025).
* A mention arrives twice, as `app_mention` and as `message`, with the same ts and two event_ids (app_mention page, seen 2025).
* A redelivery is the same body with X-Slack-Retry-Num 1-3 and X-Slack-Retry-Reason (Events API page, seen 2025).
* In an assistant's thread the messages are `message.im` with a thread_ts; opening one is assistant_thread_started
  (AI apps page, seen 2025).
* Commands and button presses are forms; the latter hold JSON in `payload` (slash commands and interactivity pages, seen 2025).
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from typing import Any
from urllib.parse import urlencode

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TEAM = "T0001"
APP = "A0001"
BOT_USER = "U0BOT"
BOT_ID = "B0BOT"
ANA = "U0ANA"
LUIS = "U0LUIS"
CHANNEL = "C0001"
DM = "D0ANA"
HOOK = "https://hooks.slack.com/commands/T0001/1/invented"
_numbers = itertools.count(1)
_last = [0]


def next_ts() -> str:
    """A message's name: the time in seconds with six decimals, never twice the same, as a string because floats lose digits."""
    _last[0] = max(time.time_ns() // 1000, _last[0] + 1)
    return f"{_last[0] // 1_000_000}.{_last[0] % 1_000_000:06d}"


def sign(body: bytes, secret: str = SECRET, timestamp: int | None = None) -> dict[str, str]:
    """The headers with which Slack signs `body`; `timestamp` in seconds, now unless given."""
    stamp = str(int(time.time()) if timestamp is None else timestamp)
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def json_request(payload: dict[str, Any], *, secret: str = SECRET, retry: int = 0) -> tuple[bytes, dict[str, str]]:
    """Body and headers of an event as posted; `retry` 1-3 makes it a redelivery."""
    body = json.dumps(payload).encode()
    again = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"} if retry else {}
    return body, {"Content-Type": "application/json", **sign(body, secret), **again}


def form_request(fields: dict[str, str], *, secret: str = SECRET) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a slash command or (from `pressed`) a button press as posted."""
    body = urlencode(fields).encode()
    return body, {"Content-Type": "application/x-www-form-urlencoded", **sign(body, secret)}


def pressed(payload: dict[str, Any]) -> dict[str, str]:
    """The form field in which an interactive payload travels over HTTP."""
    return {"payload": json.dumps(payload)}


def envelope(event: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The `event_callback` around an event; its event_id is new unless given."""
    number = next(_numbers)
    outer: dict[str, Any] = {
        "token": "invented-verification-token",
        "team_id": TEAM,
        "context_team_id": TEAM,
        "context_enterprise_id": None,
        "api_app_id": APP,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{number:09d}",
        "event_time": 1795000000,
        "authorizations": [
            {"enterprise_id": None, "team_id": TEAM, "user_id": BOT_USER, "is_bot": True, "is_enterprise_install": False}
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-invented-{number}",
    }
    return {**outer, **changes}


def url_verification(challenge: str = "3eZbrw1a") -> dict[str, Any]:
    """What Slack posts once when the address is configured; the answer is the challenge."""
    return {"token": "invented-verification-token", "challenge": challenge, "type": "url_verification"}


def _said(text: str, user: str, channel: str, thread_ts: str, ts: str) -> dict[str, Any]:
    """What every message of a person has."""
    ts = ts or next_ts()
    words = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    event: dict[str, Any] = {
        "user": user,
        "ts": ts,
        "client_msg_id": f"invented-{ts}",
        "text": text,
        "team": TEAM,
        "blocks": [{"type": "rich_text", "block_id": "x1", "elements": [words]}],
        "channel": channel,
        "event_ts": ts,
    }
    return {**event, "thread_ts": thread_ts} if thread_ts else event


def app_mention(
    text: str, *, user: str = ANA, channel: str = CHANNEL, thread_ts: str = "", ts: str = "", **changes: Any
) -> dict[str, Any]:
    """Someone named the app in a channel (or in the thread of `thread_ts`); the text begins with the mention."""
    event = {"type": "app_mention", **_said(f"<@{BOT_USER}> {text}", user, channel, thread_ts, ts)}
    return envelope({**event, **changes})


def channel_message(
    text: str, *, user: str = ANA, channel: str = CHANNEL, thread_ts: str = "", ts: str = "", **changes: Any
) -> dict[str, Any]:
    """A message in a channel, in the thread of `thread_ts` if given; it names nobody unless the text does."""
    event = {"type": "message", "channel_type": "channel", **_said(text, user, channel, thread_ts, ts)}
    if thread_ts:
        event["parent_user_id"] = user
    return envelope({**event, **changes})


def direct_message(
    text: str, *, user: str = ANA, channel: str = DM, thread_ts: str = "", ts: str = "", **changes: Any
) -> dict[str, Any]:
    """A message to the app alone: plain, or in an assistant's thread when `thread_ts` is given."""
    event = {"type": "message", "channel_type": "im", **_said(text, user, channel, thread_ts, ts)}
    return envelope({**event, **changes})


def thread_started(*, user: str = ANA, channel: str = DM, thread_ts: str = "") -> dict[str, Any]:
    """A person opened a thread with the assistant while looking at a channel."""
    context = {"channel_id": CHANNEL, "team_id": TEAM, "enterprise_id": None}
    thread = {"user_id": user, "context": context, "channel_id": channel, "thread_ts": thread_ts or next_ts()}
    return envelope({"type": "assistant_thread_started", "assistant_thread": thread, "event_ts": next_ts()})


def home_opened(*, user: str = ANA, channel: str = DM, tab: str = "home") -> dict[str, Any]:
    """A person opened the app's Home tab, or its messages."""
    return envelope({"type": "app_home_opened", "user": user, "channel": channel, "tab": tab, "event_ts": next_ts()})


def message_changed(
    text: str,
    *,
    user: str = ANA,
    channel: str = CHANNEL,
    ts: str = "",
    before: str = "antes",
    kind: str = "channel",
    edited: bool = True,
    **changes: Any,
) -> dict[str, Any]:
    """A person edited a message; not `edited`: Slack unfolded a link in it."""
    old = {"type": "message", "user": user, "text": before, "ts": ts or next_ts(), **changes}
    new = {**old, "text": text, **({"edited": {"user": user, "ts": next_ts()}} if edited else {})}
    return _about("message_changed", channel, kind, message=new, previous_message=old)


def message_deleted(
    *, user: str = ANA, channel: str = CHANNEL, ts: str = "", text: str = "antes", kind: str = "channel", **changes: Any
) -> dict[str, Any]:
    """A person deleted a message."""
    old = {"type": "message", "user": user, "text": text, "ts": ts or next_ts(), **changes}
    return _about("message_deleted", channel, kind, deleted_ts=old["ts"], previous_message=old)


def tombstone(*, ts: str, text: str, user: str = ANA, channel: str = CHANNEL) -> dict[str, Any]:
    """A person deleted a message that has a thread: it stays, empty, so that the thread can (message_changed, seen 2025)."""
    old = {"type": "message", "user": user, "text": text, "ts": ts, "thread_ts": ts}
    left = {**old, "subtype": "tombstone", "user": "USLACKBOT", "text": "This message was deleted.", "hidden": True}
    return _about("message_changed", channel, "channel", message=left, previous_message=old)


def _about(subtype: str, channel: str, kind: str, **told: Any) -> dict[str, Any]:
    made = next_ts()
    outer = {"type": "message", "subtype": subtype, "hidden": True, "channel": channel, "channel_type": kind}
    return envelope({**outer, **told, "ts": made, "event_ts": made})


def bot_message(text: str, *, channel: str = CHANNEL, thread_ts: str = "", own: bool = False) -> dict[str, Any]:
    """Another app's message (an incoming webhook, without a user), or with `own` the echo of the app's own."""
    ts = next_ts()
    event: dict[str, Any] = {
        "type": "message", "channel": channel, "channel_type": "channel", "text": text, "ts": ts, "event_ts": ts,
        "bot_id": BOT_ID if own else "B0OTHER", "app_id": APP if own else "A0OTHER",
    }  # fmt: skip
    event.update({"user": BOT_USER} if own else {"subtype": "bot_message", "username": "otro"})
    return envelope({**event, **({"thread_ts": thread_ts} if thread_ts else {})})


def slash_command(
    text: str, *, command: str = "/ahorro", user: str = ANA, channel: str = CHANNEL, response_url: str = HOOK, **changes: str
) -> dict[str, str]:
    """The fields of a slash command; `form_request` makes the body and headers."""
    fields = {
        "token": "invented-verification-token",
        "team_id": TEAM,
        "team_domain": "empresa",
        "channel_id": channel,
        "channel_name": "directmessage" if channel.startswith("D") else "energia",
        "user_id": user,
        "user_name": user.removeprefix("U0").lower(),
        "command": command,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": f"{next(_numbers)}.{TEAM}.invented",
    }
    return {**fields, **changes}


def block_action(
    action_id: str,
    value: str,
    *,
    user: str = ANA,
    channel: str = CHANNEL,
    message_ts: str = "",
    thread_ts: str = "",
    response_url: str = HOOK,
    **changes: Any,
) -> dict[str, Any]:
    """A person pressed a button under a message of the app; `form_request(pressed(...))` makes the body and headers."""
    ts = message_ts or next_ts()
    thread = {"thread_ts": thread_ts} if thread_ts else {}
    payload: dict[str, Any] = {
        "type": "block_actions",
        "user": {"id": user, "username": user.lower(), "name": user.lower(), "team_id": TEAM},
        "api_app_id": APP,
        "token": "invented-verification-token",
        "container": {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False, **thread},
        "trigger_id": f"{next(_numbers)}.{TEAM}.invented",
        "team": {"id": TEAM, "domain": "empresa"},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": channel, "name": "energia"},
        "message": {"type": "message", "user": BOT_USER, "bot_id": BOT_ID, "app_id": APP, "ts": ts, "text": "...", **thread},
        "state": {"values": {}},
        "response_url": response_url,
        "actions": [
            {
                "type": "button", "action_id": action_id, "block_id": "b1", "value": value, "action_ts": next_ts(),
                "text": {"type": "plain_text", "text": action_id, "emoji": True},
            }
        ],
    }  # fmt: skip
    return {**payload, **changes}


def form_sent(form: str, metadata: str, values: dict[str, Any], *, user: str = ANA) -> dict[str, Any]:
    """A person sent a form: `values` as views hold them, by block and action (view submission page, seen 2026-11)."""
    view = {"id": "V1", "type": "modal", "callback_id": form, "private_metadata": metadata, "state": {"values": values}}
    return {
        "type": "view_submission",
        "team": {"id": TEAM},
        "user": {"id": user, "team_id": TEAM},
        "trigger_id": "1.x",
        "view": view,
    }
