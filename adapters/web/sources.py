"""The page on how the sources stand, and its interface: what is indexed, what failed, when the next run is; a run on request."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from adapters.http_guard import RefusedError, language_of
from adapters.web.auth import Gate
from bot.runs import Runs
from bot.source_state import state_json
from bot.sources import overview
from config.company import EVERYONE
from config.live import LiveCompany
from config.texts import text
from rag.ports import PassageStore


class Sources:
    """Routes of the sources page. A caller learns of a source, its files and failures, only if they may read it."""

    def __init__(self, gate: Gate, runs: Runs, store: PassageStore, live: LiveCompany) -> None:
        self._gate, self._runs, self._store, self._live = gate, runs, store, live

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return [
            web.get("/v1/sources", self._list, allow_head=False),
            web.post("/v1/sources/{name}/retry", self._retry),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        """What the caller may know of. Why advisor.yaml does not work is for those who may read everything: it names sources."""
        caller = await self._gate.caller(request)
        company = self._live.now()
        states = await overview(company, self._store, self._runs, caller.may)
        all_of_it = caller.may >= {EVERYONE, *company.audiences}
        problem = self._live.problem if all_of_it else text(language_of(request), "http.company_file")
        told = [state_json(state, language_of(request)) for state in states]
        return web.json_response({"sources": told, "problem": problem if self._live.problem else None})

    async def _retry(self, request: web.Request) -> web.Response:
        """Have a source read at once, with what failed before. Nothing tells one that is hidden from one that is not there."""
        caller = await self._gate.caller(request)
        name = request.match_info["name"]
        if not any(one.name == name and caller.may & set(one.audience) for one in self._live.now().sources):
            raise RefusedError(404, "source")
        await self._runs.want(name)
        return web.json_response({"name": name, "wanted": True}, status=202)
