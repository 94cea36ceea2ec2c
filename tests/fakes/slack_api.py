"""Slack's Web API, response_url and Socket Mode as a real server; `visible` shows what a person saw in a thread.

Limits and their sources stand in slack_limits.py, Socket Mode in slack_socket.py, what Slack sends in slack_events.py.
Other beliefs about the platform, with source and date of what was read:
* Every answer is 200 with `ok`; only 429 (with Retry-After in seconds) and 5xx differ (Web API page, seen 2025; slack_sdk 3.47).
* No token `not_authed`, a wrong one `invalid_auth`, one of the other kind `not_allowed_token_type` (Web API page, seen 2025).
* Arguments come as JSON, form or query; slack_sdk sends JSON for messages, a query for lookups (slack_sdk 3.47 source, 2026).
* About one message a second and channel, short bursts borne; here only if `post_gap` is set (rate limits page, seen 2025).
* Streams: recipient_team_id and recipient_user_id wanted in channels, else missing_recipient_*; markdown_text 12,000 a call;
  after the end, which Slack may decide on its own after minutes, `message_not_in_streaming_state` (chat.*Stream pages;
  slackapi/python-slack-sdk issue 1859, 2026). chat.update is refused meanwhile as streaming_state_conflict (odefun/ode pull 210,
  2026). A chunk may be blocks (Slack changelog, 2026-04-16); that they are read back with their block_id meanwhile: our guess.
* chat.update without blocks keeps the old ones, so that a new text is not seen; an empty list takes them away (chat.update page,
  seen 2025; slackapi/python-slack-sdk issue 523).
* The status of an assistant's thread goes when the app posts there; four suggested prompts (assistant.threads pages, seen 2025).
* A response_url is good five times in 30 minutes; beyond that 404 (interactivity page, seen 2025). Its blocks have no common
  limit (slackapi/bolt-js issue 2867, 2026-04). What the refusal's body says is our guess.
* Not stood for: threads and reactions are accepted on messages that the stand-in has not seen.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.fakes.faults import FakeServer, Fault, Faults, cut, hang
from tests.fakes.slack_answers import ANSWERS
from tests.fakes.slack_events import APP, BOT_USER
from tests.fakes.slack_hooks import Hooks
from tests.fakes.slack_limits import RefusedError
from tests.fakes.slack_room import Post, Room
from tests.fakes.slack_socket import SocketMode

BOT_TOKEN = "xoxb-1-invented"
APP_TOKEN = "xapp-1-A0001-1-invented"


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it arrived: its method, arguments without the token, and when (monotonic seconds)."""

    method: str
    sent: dict[str, Any]
    at: float


class FakeSlack(FakeServer):
    """`async with FakeSlack() as fake:` then `AsyncWebClient(token=BOT_TOKEN, base_url=fake.base_url)`.

    See:   posts, visible(channel, thread_ts), sent(method), calls(method), room.statuses (prompts, titles, views, reactions),
           hooks.received, socket.acks.
    Break: faults.plan(limited(3) | broken(503) | Fault(hang | cut | delay | after), path=method);
           mid_body.plan(Fault(hang | cut), path=method); errors[method] = "missing_scope"; post_gap = 1.0; end_streams();
           hooks.expire(); socket.freeze() (cut, disconnect).
    """

    def __init__(self) -> None:
        super().__init__()
        self.mid_body = Faults()
        """The call is carried out and half of its answer sent; then nothing (hang) or a reset (cut)."""
        self.errors: dict[str, str] = {}
        self.post_gap = 0.0
        self.token = BOT_TOKEN
        self.app_token = APP_TOKEN
        self.room = Room()
        self.socket = SocketMode()
        self.hooks = Hooks(self.room)
        self.files: dict[str, bytes] = {}
        self.made: list[Call] = []
        self.room.link = self._link
        self._last: dict[str, float] = {}

    def forget(self) -> None:
        """An empty workspace again, for the next test of a server that goes on running."""
        for seen in (self.room.messages, self.room.reactions, self.room.statuses, self.room.prompts, self.room.views):
            seen.clear()
        self.files, self.made = {}, []
        self.requests.clear()

    @property
    def base_url(self) -> str:
        """What SLACK_API_URL is set to."""
        return f"{self.url}/api/"

    @property
    def posts(self) -> list[Post]:
        """What the app posted, in order and as it stands now; deleted ones are marked."""
        return [one for one in self.room.messages if one.author == BOT_USER]

    @property
    def replies(self) -> list[Post]:
        """What stands of the app's answers: neither what was only begun, nor what one person alone was told."""
        standing = [one for one in self.posts if not (one.deleted or one.ephemeral)]
        return [one for one in standing if (one.metadata.get("event_payload") or {}).get("part") != 0]

    def visible(self, channel: str, thread_ts: str = "", *, user: str = "") -> list[Post]:
        """What a person saw of the app in a thread (or at the top of the channel), after updates and deletions."""
        return [one for one in self.room.visible(channel, thread_ts, user=user) if one in self.posts]

    def sent(self, method: str) -> list[Call]:
        """The calls of a method that passed the faults, refused ones too."""
        return [call for call in self.made if call.method == method]

    def response_url(self, channel: str, user: str, *, message_ts: str = "", thread_ts: str = "") -> str:
        """An address to answer a command or a press (of a button under `message_ts`) at."""
        return self.url + self.hooks.open(channel, user, message_ts, thread_ts)

    def end_streams(self) -> None:
        """Slack ends the streams on its own."""
        for post in self.room.messages:
            if post.streaming:
                self.room.change(post, streaming=False)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/api/{method}", self._call),
            web.get("/api/{method}", self._call),
            web.post("/hooks/{key}", self.hooks.answer),
            web.get("/link", self.socket.serve),
            web.get("/files/{name}", self._file),
            web.post("/upload/{id}", self._upload),
        ]

    async def _upload(self, request: web.Request) -> web.Response:
        """The bytes of a file that was announced; else 404."""
        announced = self.room.uploads.get(request.match_info["id"])
        data = await request.read()
        if announced is None or len(data) != int(announced["length"]):
            return web.Response(status=404)
        announced["data"] = data
        return web.Response(text=f"OK - {len(data)}")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """A file that someone sent; a browser page to sign in for who may not have it, as Slack answers (seen 2026)."""
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return web.Response(text="<html>sign in</html>", content_type="text/html")
        data = self.files.get(request.match_info["name"])
        return web.Response(status=404) if data is None else web.Response(body=data)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if request.transport is None or request.transport.is_closing():
            return web.Response(status=400)  # the connection was cut: what never arrived is not done
        try:
            token, sent = await arguments(request)
            self.made.append(Call(method, sent, time.monotonic()))
            self._admit(method, token)
            if self._too_soon(method, sent):
                return refused_by_pace()
            body = {"ok": True, **ANSWERS[method](self.room, sent)}
            if "upload_url" in body:
                body["upload_url"] = f"{self.url}{body['upload_url']}"
        except RefusedError as error:
            body = {"ok": False, "error": error.error}
            if error.messages:
                body["response_metadata"] = {"messages": list(error.messages)}
        fault = self.mid_body.take(request.path)
        return web.json_response(body) if fault is None else await half(request, body, fault)

    def _link(self) -> str:
        return f"{self.url.replace('http', 'ws', 1)}/link?ticket={self.socket.ticket()}&app_id={APP}"

    def _admit(self, method: str, token: str) -> None:
        if not token:
            raise RefusedError("not_authed")
        if token not in {self.token, self.app_token}:
            raise RefusedError("invalid_auth")
        if method not in ANSWERS:
            raise RefusedError("unknown_method")
        if (token == self.app_token) != (method == "apps.connections.open"):
            raise RefusedError("not_allowed_token_type")
        if method in self.errors:
            raise RefusedError(self.errors[method])

    def _too_soon(self, method: str, sent: dict[str, Any]) -> bool:
        if method != "chat.postMessage" or not self.post_gap:
            return False
        channel, now = str(sent.get("channel")), time.monotonic()
        soon = now - self._last.get(channel, -1e9) < self.post_gap
        if not soon:
            self._last[channel] = now
        return soon


async def arguments(request: web.Request) -> tuple[str, dict[str, Any]]:
    """The token and the other arguments, from query, form or JSON."""
    sent: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read())
        except ValueError:
            raise RefusedError("invalid_json") from None
        if not isinstance(body, dict):
            raise RefusedError("json_not_object")
        sent.update(body)
    else:
        sent.update({name: value for name, value in (await request.post()).items() if isinstance(value, str)})
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return (token if scheme == "Bearer" else "") or str(sent.pop("token", "")), sent


async def half(request: web.Request, body: dict[str, Any], fault: Fault) -> web.StreamResponse:
    """Half of an answer; then nothing more, or a reset."""
    whole = json.dumps(body).encode()
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(whole))})
    await response.prepare(request)
    await response.write(whole[: len(whole) // 2])
    await asyncio.sleep(fault.delay)
    if fault.hang:
        await hang()
    if fault.cut:
        cut(request)
    await response.write(whole[len(whole) // 2 :])
    return response


def limited(retry_after: object = 1) -> Fault:
    """429 as Slack gives it; `retry_after` goes into the header as it is, None leaves the header out."""
    headers = {"Content-Type": "application/json; charset=utf-8"}
    wait = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Fault(status=429, headers={**headers, **wait}, body='{"ok":false,"error":"ratelimited"}')


def broken(status: int = 503) -> Fault:
    """A 5xx whose body is a page, as Slack's proxies give it."""
    return Fault(status=status, headers={"Content-Type": "text/html"}, body="<html><body>Server Error</body></html>")


def refused_by_pace() -> web.Response:
    """429 for a message that came sooner than the pace allows."""
    fault = limited(1)
    return web.Response(status=fault.status, headers=fault.headers, text=fault.body)
