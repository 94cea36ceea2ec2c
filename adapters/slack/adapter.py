"""Slack: POST /slack/events and Socket Mode through one Bolt app; verify, translate, store, then 200. Replies go out later."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any

from aiohttp import hdrs, web
from slack_bolt import BoltResponse
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

from adapters.registry import Known, Submit
from adapters.slack.bounded import Bounded
from adapters.slack.channel import SlackChannel
from adapters.slack.client import RefusedCallError, SlackClient, sdk_log
from adapters.slack.commands import Commands
from adapters.slack.inbound import Address, event_message
from adapters.slack.kept import Remembered
from adapters.slack.meeting import Meeting
from adapters.slack.pace import Pace
from adapters.slack.payload import HOME, OPENED, Command, Envelope, Home, Opened, body_of, checked, read
from adapters.slack.people import People
from adapters.slack.place import Place
from adapters.slack.presses import Presses
from adapters.slack.signature import genuine
from adapters.slack.socket import SocketMode
from bot.kept import KeptHere
from bot.messages import IncomingMessage
from bot.ports import Desk, Kept
from config.settings import Settings, SettingsError
from rag.colleagues import left_alone
from rag.errors import DeliveryError, DependencyError, InputError
from rag.models import Language

log = logging.getLogger(__name__)
_ANY = re.compile("")
_FATAL = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type"})
SCOPES = frozenset(
    "app_mentions:read assistant:write channels:history channels:read chat:write commands files:read files:write "
    "groups:history groups:read im:history mpim:history reactions:write users:read".split()
)
"""What the app's manifest asks for; less works in part."""
_RECENT_SECONDS = 15 * 60.0


class SlackAdapter:
    """adapters.registry.Adapter for Slack.

    `submit` stores a message, `known` tells whether the adviser takes part in a thread; `language` greets a person of whom
    Slack does not tell theirs. With a signing secret it listens on HTTP, with an app token over Socket Mode.
    """

    def __init__(
        self,
        settings: Settings,
        submit: Submit,
        known: Known,
        *,
        language: Language = "es",
        desk: Desk | None = None,
        kept: Kept | None = None,
    ) -> None:
        """`kept` is shared by all processes."""
        if settings.slack_bot_token is None or (settings.slack_signing_secret is None and settings.slack_app_token is None):
            raise ValueError("Slack needs SLACK_BOT_TOKEN, and SLACK_SIGNING_SECRET or SLACK_APP_TOKEN")
        self._submit, self._known, self._desk = submit, known, desk
        secret = settings.slack_signing_secret
        self._verifier = SignatureVerifier(secret.get_secret_value()) if secret else None
        self._client = SlackClient(settings.slack_bot_token, settings.slack_api_url)
        pace = Pace()
        kept, drawn = kept or KeptHere(), desk.pictures if desk else None
        remembered = Remembered(kept)
        self._channel = SlackChannel(self._client, pace, remembered, language=language, pictures=drawn)
        self._people = People(self._client, language)
        answers = (self._client, self._channel, pace, self._people, submit)
        self._presses = Presses(desk, *answers, remembered) if desk else None
        self._commands = Commands(self._client, self._channel, pace, self._people, submit, known, self._presses)
        self._meeting = Meeting(self._client, self._people, desk)
        self._app = self._bolt()
        token = settings.slack_app_token
        self._socket = SocketMode(self._app, self._client, token) if token else None
        self._recent: Bounded[str, float] = Bounded()
        self._greeted: Bounded[Place, bool] = Bounded()

    @property
    def channel(self) -> SlackChannel:
        """What the worker posts through."""
        return self._channel

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """The one address that Slack calls for events, commands and interactions; none without a signing secret."""
        return [web.post("/slack/events", self._receive)] if self._verifier else []

    async def start(self) -> None:
        """Open connections and look at the token. SettingsError if Slack does not take it; a Slack that is away is waited for."""
        await self._client.start()
        try:
            _, scopes = await self._client.who()
        except RefusedCallError as error:
            if error.code in _FATAL:
                await self._client.stop()
                raise SettingsError([f"SLACK_BOT_TOKEN: Slack says {error.code}"]) from None
            log.warning("token not checked: %s", error)
        except DeliveryError as error:
            log.warning("token not checked: %s", error)
        else:
            if scopes and SCOPES - scopes:
                log.warning("the Slack app lacks scopes: %s", ", ".join(sorted(SCOPES - scopes)))
        if self._socket:
            await self._socket.start()

    async def stop(self) -> None:
        """Take no more messages and close what start opened. Safe to call twice."""
        if self._socket:
            await self._socket.stop()
        await self._channel.stop()
        await self._client.stop()

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        """200 once stored (or not for us), 401 not from Slack, 400 unreadable, 413 too large, 503 not stored."""
        raw = await request.read()
        if self._verifier is None or not genuine(self._verifier, raw, request.headers):
            log.info("request refused: signature")
            return web.json_response({"error": "signature"}, status=401)
        try:
            body = body_of(raw, _content_type(request))
            if body.get("type") == "event_callback":
                # Not through Bolt: finding the listener is a third of what an event costs, and events come in bursts.
                await self._take(read(Envelope, body))
                return web.Response()
            known = checked(body)
        except InputError as error:
            log.info("request refused: %s", error)
            return web.json_response({"error": "unreadable"}, status=400)
        if known is None:
            return web.Response()
        # as a mapping, as Socket Mode has it: nothing is parsed twice
        answer = await self._app.async_dispatch(AsyncBoltRequest(body=known, mode="socket_mode"))
        return await to_aiohttp_response(answer)

    def _bolt(self) -> AsyncApp:
        """The Bolt app. It answers after its listeners have ended: a message is acknowledged once it is stored."""
        app = AsyncApp(
            name="advisor",
            client=self._client.web(),
            authorize=_authorize,
            process_before_response=True,
            request_verification_enabled=False,  # done before: Bolt's own answers 500 to hostile headers
            logger=sdk_log,
        )
        app.use(_known_kind)
        app.event(_ANY)(self._event)
        app.command(_ANY)(self._command)
        app.action(_ANY)(self._press)
        app.view(_ANY)(self._press)
        app.error(_failed)
        return app

    async def _event(self, body: dict[str, Any]) -> BoltResponse:
        await self._take(read(Envelope, body))
        return BoltResponse(status=200, body="")

    async def _take(self, envelope: Envelope) -> None:
        """Store what is for the adviser. InputError for an event of another shape than Slack's."""
        if envelope.kind in {OPENED, HOME}:
            self._meet(envelope)
        address, message = event_message(envelope, received_at=time.time())
        if message is None or (address != "yes" and not await self._follows(message, address)):
            return
        await self._submit(replace(message, locale=await self._people.locale(message.user, message.text or "?")))
        self._recent[message.key] = time.monotonic()

    async def _command(self, body: dict[str, Any]) -> BoltResponse:
        return await self._commands.take(read(Command, body))

    async def _press(self, body: dict[str, Any]) -> BoltResponse:
        return await self._presses.take(body) if self._presses else BoltResponse(status=200, body="")

    async def _follows(self, message: IncomingMessage, address: Address) -> bool:
        """Whether what does not name the adviser is for it: an expert's answer; else what names nobody, in a thread in which it
        takes part, of a channel that wants it so. An edit only if what it corrects was for the adviser.
        """
        if self._desk is not None and await self._desk.awaits(message):
            return True
        if address == "if_awaited" or (address == "if_known" and not await self._takes_part(message.key)):
            return False
        if message.replaces:  # whatever the channel wants by now
            return message.command == "retract" or await self._known(message.key, message.replaces)
        if left_alone(message.text) and not message.files:
            return False
        if self._desk is not None and await self._desk.between_people(message):
            return False
        return self._desk is None or not (await self._desk.settings(message.actor)).mention_only

    async def _takes_part(self, key: str) -> bool:
        """Whether the adviser is in a thread: memory knows once it has answered, we know from the question on."""
        if time.monotonic() - self._recent.get(key, float("-inf")) < _RECENT_SECONDS:
            return True
        return await self._known(key)

    def _meet(self, envelope: Envelope) -> None:
        """Someone opened the adviser: Slack tells by a thread of its own in older apps, by the direct message in newer ones."""
        if envelope.kind == OPENED:
            thread = read(Opened, envelope.event).assistant_thread
            place, user = Place(thread.channel_id, thread.thread_ts, assistant=True), thread.user_id
        else:
            home = read(Home, envelope.event)
            place, user = Place(home.channel), home.user
            if home.tab == "home":
                self._channel.later(self._meeting.home(envelope.tenant, place, user))
            if home.tab != "messages":
                return
        if place not in self._greeted:
            self._greeted[place] = True
            self._channel.later(self._meeting.greeting(envelope.tenant, place, user))


def _content_type(request: web.Request) -> str:
    return request.headers.get(hdrs.CONTENT_TYPE, "").split(";")[0].strip().lower()


async def _authorize(team_id: str | None, enterprise_id: str | None) -> AuthorizeResult:
    """Bolt asks who we are on every request; the signature has told all that matters, so Slack is not asked again."""
    return AuthorizeResult(team_id=team_id, enterprise_id=enterprise_id)


async def _known_kind(body: dict[str, Any], next_: Callable[[], Awaitable[None]]) -> BoltResponse | None:
    """What is neither an event nor a command nor a press of a button asks for nothing."""
    if checked(body) is None:
        return BoltResponse(status=200, body="")
    await next_()
    return None


async def _failed(error: Exception) -> BoltResponse:
    """503 has Slack deliver again; 400 is for what Slack would not have sent; the rest is ours, and in the log."""
    if isinstance(error, InputError):
        log.info("request refused: %s", error)
        return BoltResponse(status=400, body={"error": "unreadable"})
    if isinstance(error, DependencyError):
        log.warning("not taken: %s", type(error).__name__)
        return BoltResponse(status=503, body={"error": "try again"})
    log.error("unhandled", exc_info=error)
    return BoltResponse(status=500, body={"error": "internal"})
