"""POST /api/messages: verify, translate, store, answer 202. The reply goes out later, through the channel."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterable
from dataclasses import replace

from aiohttp import hdrs, web

from adapters.registry import Known, Submit
from adapters.teams.auth import Caller, RefusedError, authenticate, check_covers
from adapters.teams.channel import TeamsChannel
from adapters.teams.client import ConnectorSender
from adapters.teams.files import FILE_HOSTS, FileFetcher
from adapters.teams.hosts import LOOPBACK, host_list, is_loopback, service_url_allowed
from adapters.teams.inbound import (
    Activity,
    Address,
    address,
    read,
    to_message,
    to_welcome,
)
from adapters.teams.invoke import Presses
from adapters.teams.kept import Remembered
from adapters.teams.keys import SigningKeys
from adapters.teams.tokens import TokenSource
from adapters.teams.words import asks_home, asks_settings
from bot.kept import KeptHere
from bot.messages import IncomingMessage
from bot.ports import Desk, Kept
from config.settings import Settings
from rag.colleagues import left_alone
from rag.errors import DependencyError, InputError

logger = logging.getLogger(__name__)

_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
"""A tenant may be configured by domain name too; only ids can be compared with what activities carry."""
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


class TeamsAdapter:
    """adapters.registry.Adapter for Teams.

    `submit` stores a message, `known` tells whether the adviser takes part in a thread. Without an app id nothing is verified,
    which the settings allow only under its ugly name; then only this machine is heard and answered.
    """

    def __init__(
        self, settings: Settings, submit: Submit, known: Known, *, desk: Desk | None = None, kept: Kept | None = None
    ) -> None:
        """`desk` answers buttons and forms; without it they are not understood. `kept` is shared by all processes."""
        self._submit = submit
        self._known, self._desk = known, desk
        self._app_id = settings.teams_app_id
        self._tenant = settings.teams_tenant_id or ""
        self._hosts = host_list(settings.teams_service_hosts) if self._app_id else LOOPBACK
        self._keys = SigningKeys(settings.teams_openid_url)
        tokens = None
        if settings.teams_app_id is not None and settings.teams_app_password is not None:
            tokens = TokenSource(
                settings.teams_login_url, settings.teams_tenant_id, settings.teams_app_id, settings.teams_app_password
            )
        elif not settings.dangerously_allow_unauthenticated_teams:
            raise ValueError("Teams needs TEAMS_APP_ID and TEAMS_APP_PASSWORD")
        self._sender = ConnectorSender(tokens, self._hosts)
        self._remembered = Remembered(kept or KeptHere())
        files = FILE_HOSTS + tuple(host for host in self._hosts if is_loopback(host))
        prompts, pictures = (desk.prompts, desk.pictures) if desk else (None, None)
        self._channel = TeamsChannel(self._sender, self._remembered, FileFetcher(files), prompts=prompts, pictures=pictures)
        self._presses = Presses(desk, self._sender, self._remembered, self._tenant, submit) if desk else None

    @property
    def channel(self) -> TeamsChannel:
        """What the worker posts through."""
        return self._channel

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """The one address that the Bot Connector calls."""
        return [web.post("/api/messages", self._receive)]

    async def start(self) -> None:
        """Open connections and begin to fetch the signing keys."""
        await self._sender.start()
        if self._app_id:
            await self._keys.start()

    async def stop(self) -> None:
        """Close what start opened. Safe to call twice."""
        if self._presses:
            await self._presses.stop()
        await self._channel.stop()
        await self._keys.stop()
        await self._sender.stop()

    async def _receive(self, request: web.Request) -> web.Response:
        """202 once stored (or not for us), 401/403 not believed, 400 no activity, 413 too large, 503 not stored."""
        try:
            caller = await self._caller(request)
            activity = read(await _json(request))
            self._check(activity, caller)
            if activity.type == "invoke":
                return web.json_response(await self._presses.answer(activity) if self._presses else {})
            message = await self._message(activity)
            if message is not None:
                await self._submit(message)
        except RefusedError as error:
            logger.info("activity refused: %s", error)
            return _answer(error.status, "refused")
        except InputError as error:
            logger.info("activity unreadable: %s", error)
            return _answer(400, "not an activity")
        except DependencyError as error:
            logger.warning("activity not taken: %s", type(error).__name__)
            return _answer(503, "try again")
        return web.Response(status=202)

    async def _caller(self, request: web.Request) -> Caller | None:
        """Who the token says it is; None where no tokens are asked for."""
        if self._app_id:
            return await authenticate(request.headers.get(hdrs.AUTHORIZATION, ""), self._keys, self._app_id)
        local = is_loopback(request.remote or "") and is_loopback(request.url.host or "")
        if not local or any(name in request.headers for name in _FORWARDED):
            raise RefusedError(403, "unauthenticated and not from this machine")
        return None

    def _check(self, activity: Activity, caller: Caller | None) -> None:
        """Whether the activity may be believed: its token covers it, it names one tenant, and that is ours."""
        if caller is None:
            if not service_url_allowed(activity.service_url, self._hosts):
                raise RefusedError(403, "service URL is not on this machine")
            return
        check_covers(caller, channel_id=activity.channel_id, service_url=activity.service_url, hosts=self._hosts)
        if _GUID.fullmatch(self._tenant) and activity.tenant.lower() != self._tenant.lower():
            raise RefusedError(403, "another tenant")

    async def _message(self, activity: Activity) -> IncomingMessage | None:
        """What is to be stored, if the activity is for the adviser."""
        now = time.time()
        addressed = address(activity)
        if addressed == "no":
            welcome = to_welcome(activity, tenant=self._tenant, received_at=now)
            if welcome is not None and activity.group and activity.type == "installationUpdate":
                await self._remembered.note_installer(welcome.tenant, activity.group, activity.person)
            return welcome
        message = to_message(activity, tenant=self._tenant, received_at=now)
        if self._presses and addressed == "yes" and (asks_settings(activity) or asks_home(activity)):
            async with self._remembered.once(message.tenant, message.conversation, message.said) as first:
                if first:
                    await self._presses.page(activity)
            return None
        if message.replaces and await self._remembered.aside(message.tenant, message.conversation, message.said):
            message = replace(message, replaces="")  # it was thanks, left alone: nothing is there to be corrected
        return message if addressed == "yes" or await self._follows(activity, message, addressed) else None

    async def _follows(self, activity: Activity, message: IncomingMessage, addressed: Address) -> bool:
        """Whether what does not mention the adviser is for it: an expert's answer; else what mentions nobody, where it takes
        part, unless the channel wants to mention it each time. An edit only if what it corrects was for the adviser.
        """
        if self._desk is not None and await self._desk.awaits(message):
            return True
        edits = activity.type == "messageUpdate" and bool(message.replaces)
        if addressed != "if_known" or not await self._known(message.key, message.said if edits else ""):
            return False
        if message.replaces:
            return True  # whatever the channel wants by now
        if left_alone(message.text) and not message.files:
            await self._remembered.note_aside(message.tenant, message.conversation, message.said)
            return False
        if self._desk is not None and await self._desk.between_people(message):
            return False
        return self._desk is None or not (await self._desk.settings(message.actor)).mention_only


async def _json(request: web.Request) -> object:
    """The body's JSON; InputError if it is none, or holds half characters, which no store could keep."""
    try:
        body = json.loads(await request.read())
        json.dumps(body, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise InputError("bad JSON") from None
    return body


def _answer(status: int, error: str) -> web.Response:
    response = web.json_response({"error": error}, status=status)
    if status == 401:
        response.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
    if status == 503:
        response.headers[hdrs.RETRY_AFTER] = "2"
    return response
