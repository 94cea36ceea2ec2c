"""What the sites page shows, by its interface: meters, findings in their readings, measures and what others lack."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web

from adapters.http_guard import language_of
from adapters.web.auth import Gate
from bot.site_state import SiteState, state_json
from rag.models import Language

States = Callable[[frozenset[str], Language], Awaitable[list[SiteState]]]


class Sites:
    """One route. A caller learns of a site only if they may see it."""

    def __init__(self, gate: Gate, states: States) -> None:
        self._gate, self._states = gate, states

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return [web.get("/v1/sites", self._list, allow_head=False)]

    async def _list(self, request: web.Request) -> web.Response:
        caller = await self._gate.caller(request)
        states = await self._states(caller.may, language_of(request))
        return web.json_response({"sites": [state_json(one) for one in states]})
