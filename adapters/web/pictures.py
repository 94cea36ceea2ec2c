"""The pictures that belong to an answer, for the chat page and for programs."""

from __future__ import annotations

import base64
from collections.abc import Iterable

from aiohttp import web

from adapters.http_guard import RefusedError
from adapters.web.auth import Gate
from adapters.web.feedback import to_actor
from bot.ports import Desk
from rag.errors import InputError, NotAllowedError


class AnswerPictures:
    """One route. Nothing tells another's exchange from one that is not there."""

    def __init__(self, gate: Gate, desk: Desk | None) -> None:
        self._gate, self._desk = gate, desk

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return [web.get("/v1/exchanges/{id}/pictures", self._list, allow_head=False)]

    async def _list(self, request: web.Request) -> web.Response:
        caller = await self._gate.caller(request)
        if self._desk is None:
            raise RefusedError(404, "exchange")
        try:
            drawn = await self._desk.pictures(to_actor(caller), request.match_info["id"])
        except (InputError, NotAllowedError):
            raise RefusedError(404, "exchange") from None
        told = [
            {"name": one.name, "title": one.title, "alt": one.alt, "png": base64.b64encode(one.png).decode("ascii")}
            for one in drawn
        ]
        return web.json_response({"pictures": told})
