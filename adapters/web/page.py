"""What the chat page needs besides /v1: its files, its settings and texts, signing in, the history, a cited passage."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from collections.abc import Iterable
from pathlib import Path

from aiohttp import hdrs, web

from adapters.http_guard import RefusedError, language_of, read_json
from adapters.web.auth import COOKIE, Gate, is_local_name
from adapters.web.inbound import PLATFORM
from adapters.web.render import passage_view
from bot.access import sites as visible
from bot.messages import IncomingMessage
from bot.ports import Memory
from config import limits
from config.company import CompanyConfig
from config.texts import LANGUAGES, keys, text
from rag.models import Scope
from rag.ports import PassageStore

_FOLDER = Path(__file__).parent / "static"
_CONVERSATION = re.compile(r"chat-[A-Za-z0-9_-]{32,64}")
"""The page's own names for conversations: 192 random bits, so that no one guesses another's."""
_TYPES = {".js": "text/javascript", ".svg": "image/svg+xml", ".webmanifest": "application/manifest+json"}


class Page:
    """Routes of the chat page. The files are read once; they come with the program and do not change while it runs."""

    def __init__(self, gate: Gate, memory: Memory, store: PassageStore, company: CompanyConfig) -> None:
        self._gate, self._memory, self._store, self._company = gate, memory, store, company
        self._files = {path.name: path.read_bytes() for path in sorted(_FOLDER.iterdir()) if path.is_file()}

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return [
            web.get("/", self._index),
            web.get("/sources", self._sources),
            web.get("/sites", self._sites),
            web.get("/feedback", self._feedback),
            web.get("/static/{name}", self._static),
            web.get("/chat/config", self._config),
            web.post("/chat/session", self._sign_in),
            web.delete("/chat/session", self._sign_out),
            web.get("/chat/history", self._history),
            web.get("/chat/passages/{id}", self._passage),
        ]

    async def _index(self, request: web.Request) -> web.Response:
        return self._file(request, "index.html")

    async def _sources(self, request: web.Request) -> web.Response:
        return self._file(request, "sources.html")

    async def _sites(self, request: web.Request) -> web.Response:
        return self._file(request, "sites.html")

    async def _feedback(self, request: web.Request) -> web.Response:
        return self._file(request, "feedback.html")

    async def _static(self, request: web.Request) -> web.Response:
        return self._file(request, request.match_info["name"])

    def _file(self, request: web.Request, name: str) -> web.Response:
        data = self._files.get(name)
        if data is None:
            raise RefusedError(404, "not_found")
        etag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
        headers = {hdrs.ETAG: etag, hdrs.CACHE_CONTROL: "no-cache"}
        if request.headers.get(hdrs.IF_NONE_MATCH) == etag:
            return web.Response(status=304, headers=headers)
        suffix = Path(name).suffix
        kind = _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        return web.Response(body=data, headers={**headers, hdrs.CONTENT_TYPE: f"{kind}; charset=utf-8"})

    async def _config(self, request: web.Request) -> web.Response:
        """The page's texts for anyone; the company's name and sites for those who may ask."""
        state, sites = "open", []
        try:
            may = (await self._gate.caller(request)).may
        except RefusedError as refused:
            state = "token" if refused.status == 401 else "closed"
        else:
            sites = [{"id": one.id, "name": one.name, "location": one.location} for one in visible(self._company, may)]
        return web.json_response(
            {
                "access": state,
                "can_sign_out": self._gate.needs_token,
                "company": self._company.name if state == "open" else "",
                "language": self._company.language,
                "sites": sites,
                "question_limit": limits.WEB_QUESTION_CHARS,
                "files": {"files": limits.CONVERSATION_FILES, "bytes": limits.CONVERSATION_FILE_BYTES},
                "texts": {language: _page_texts(language) for language in LANGUAGES},
            }
        )

    async def _sign_in(self, request: web.Request) -> web.Response:
        """{"token"} to a cookie that scripts cannot read and other sites cannot send."""
        if not self._gate.needs_token:
            raise RefusedError(404, "not_found")
        token = (await read_json(request)).get("token")
        if not isinstance(token, str) or not token:
            raise RefusedError(401, "token")
        value, _ = await self._gate.sign_in(request, token)
        response = web.json_response({"access": "open"})
        # A browser takes a Secure cookie on https and, as an exception, on this machine: a token over plain HTTP stays useless.
        response.set_cookie(
            COOKIE,
            value,
            max_age=limits.WEB_SESSION_SECONDS,
            httponly=True,
            samesite="Strict",
            secure=not is_local_name(request.host),
        )
        return response

    async def _sign_out(self, request: web.Request) -> web.Response:
        await self._gate.sign_out(request)
        response = web.json_response({"access": "token"})
        response.del_cookie(COOKIE, httponly=True, samesite="Strict", secure=not is_local_name(request.host))
        return response

    async def _history(self, request: web.Request) -> web.Response:
        """The turns that memory holds of one of the caller's conversations, oldest first."""
        caller = await self._gate.caller(request)
        conversation = request.query.get("conversation", "")
        if not _CONVERSATION.fullmatch(conversation):
            raise RefusedError(400, "wrong_value", key="conversation")
        key = IncomingMessage("", PLATFORM, caller.tenant, conversation, caller.user, "").key
        turns = await self._memory.history(key)
        return web.json_response({"turns": [{"role": turn.role, "text": turn.text} for turn in turns]})

    async def _passage(self, request: web.Request) -> web.Response:
        """A cited passage with its neighbours, if the caller may read it."""
        caller = await self._gate.caller(request)
        passage_id = request.match_info["id"]
        scope = Scope(frozenset(caller.grants(request.query.get("audience"))))
        passages = await self._store.passage(passage_id, scope) if len(passage_id) <= 200 else []
        if not any(passage.id == passage_id for passage in passages):
            raise RefusedError(404, "passage")
        return web.json_response(passage_view(passages, passage_id, language_of(request)))


def _page_texts(language: str) -> dict[str, str]:
    prefix = "page."
    return {key.removeprefix(prefix): text(language, key) for key in sorted(keys(language)) if key.startswith(prefix)}
