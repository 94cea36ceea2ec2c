"""The web as a platform: the /v1 interface and the chat page, two doors to one path through the inbox."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aiohttp import hdrs, web
from redis.asyncio import Redis

from adapters.http_guard import RefusedError, read_json
from adapters.registry import Submit
from adapters.web.auth import Gate
from adapters.web.channel import WebChannel
from adapters.web.events import Events, events_key, patient
from adapters.web.feedback import Feedback
from adapters.web.files import WebFiles, file_keys
from adapters.web.inbound import Envelope, to_ask, to_command, to_recommend
from adapters.web.openapi import OPENAPI
from adapters.web.page import Page
from adapters.web.pictures import AnswerPictures
from adapters.web.sites import Sites, States
from adapters.web.sources import Sources
from adapters.web.waiting import Waiting
from bot.messages import IncomingMessage
from bot.ports import Channel, Desk, Memory
from bot.reviews import RedisReviews
from bot.runs import Runs
from config.company import CompanyConfig
from config.live import LiveCompany
from config.settings import Settings
from rag.ports import PassageStore

_MARGIN_SECONDS = 5.0
"""Beyond the worker's own deadline, after which it has answered or apologised."""

Translate = Callable[[Mapping[str, Any], Envelope, CompanyConfig], IncomingMessage]


class WebAdapter:
    """Implements adapters.registry.Adapter. `redis` decodes responses; `waiting`, a client for long waits, is made from it."""

    def __init__(
        self,
        redis: Redis,
        submit: Submit,
        memory: Memory,
        store: PassageStore,
        company: CompanyConfig,
        settings: Settings,
        *,
        waiting: Redis | None = None,
        live: LiveCompany | None = None,
        desk: Desk | None = None,
        sites: States | None = None,
    ) -> None:
        """`sites` tells how the facilities stand; without it there is no page of them."""
        self._patient = waiting or patient(redis)
        self._submit, self._company = submit, company
        self._events = Events(redis, self._patient)
        self._gate = Gate(settings.tokens(), company, redis)
        self._files = WebFiles(self._gate, redis)
        self._channel = WebChannel(self._events, self._files)
        self._waiting = Waiting(self._events, settings.advisor_deadline_seconds + _MARGIN_SECONDS)
        self._page = Page(self._gate, memory, store, company)
        self._sources = Sources(self._gate, Runs(redis), store, live or LiveCompany(settings.advisor_config, company))
        self._feedback = Feedback(self._gate, RedisReviews(redis), desk)
        self._pictures = AnswerPictures(self._gate, desk)
        self._sites = Sites(self._gate, sites) if sites else None

    @property
    def channel(self) -> Channel:
        return self._channel

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return [
            web.post("/v1/ask", self._ask),
            web.post("/v1/recommend", self._recommend),
            web.get("/v1/messages/{id}", self._again, allow_head=False),
            web.get("/v1/openapi.json", self._openapi),
            web.post("/chat/command", self._command),
            *self._files.routes(),
            *self._page.routes(),
            *self._sources.routes(),
            *self._feedback.routes(),
            *self._pictures.routes(),
            *(self._sites.routes() if self._sites else ()),
        ]

    async def start(self) -> None:
        """Nothing to open: connections are made when they are needed."""

    async def stop(self) -> None:
        """Close the connections on which callers wait; those still waiting are told that it is unavailable."""
        await self._patient.aclose()

    async def _ask(self, request: web.Request) -> web.StreamResponse:
        return await self._take(request, to_ask)

    async def _recommend(self, request: web.Request) -> web.StreamResponse:
        return await self._take(request, to_recommend)

    async def _command(self, request: web.Request) -> web.StreamResponse:
        return await self._take(request, to_command)

    async def _take(self, request: web.Request, translate: Translate) -> web.StreamResponse:
        """Check, store in the inbox, then wait for the answer. Nothing is stored of a request that is refused."""
        caller = await self._gate.caller(request)
        body = await read_json(request)
        message_id = secrets.token_urlsafe(18)
        key = events_key(caller.tenant, message_id)
        locale = request.headers.get(hdrs.ACCEPT_LANGUAGE, "").split(",")[0].split(";")[0].strip()[:16]
        message = translate(body, Envelope(caller, message_id, locale, time.time(), key), self._company)
        message = await self._files.named(caller, message)
        self._waiting.admit()
        await self._events.open(message, file_keys(message))
        await self._submit(message)
        return await self._waiting.respond(request, key, message_id)

    async def _again(self, request: web.Request) -> web.StreamResponse:
        """The answer of an earlier request whose connection was lost; Last-Event-ID leaves out what was received."""
        caller = await self._gate.caller(request)
        message_id = request.match_info["id"]
        key = events_key(caller.tenant, message_id)
        if len(message_id) > 64 or not await self._events.known(key):
            raise RefusedError(404, "message")
        self._waiting.admit()
        return await self._waiting.respond(request, key, message_id, _after(request))

    async def _openapi(self, _request: web.Request) -> web.Response:
        return web.json_response(OPENAPI, headers={hdrs.CACHE_CONTROL: "no-cache"})


def _after(request: web.Request) -> str:
    """Last-Event-ID if it is one of ours ("1731926400000-0"), else the beginning."""
    given = request.headers.get("Last-Event-ID", "")
    left, _, right = given.partition("-")
    good = len(given) < 40 and given.isascii() and left.isdigit() and right.isdigit() and int(left) < 2**63 and int(right) < 2**63
    return given if good else "0"
