"""Confluence's REST interface as a real server: search by CQL with cursors, expansions, restrictions, attachments.

Beliefs: `content/search` answers at most `limit` results and gives the next page as a relative link with a cursor; what is not
named in `expand` is not in the answer; `restrictions` tell a page's own, not those of its ancestors; a download link is
relative to the address of Confluence; without or with a wrong Authorization everything is 401.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.faults import FakeServer

USER, TOKEN = "lector@example.org", "secreto-de-prueba"
BASIC = "Basic " + base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
BEARER = f"Bearer {TOKEN}"


@dataclass
class Page:
    """A page, or a folder that no search finds; `readers` are the users who alone may read it."""

    title: str
    body: str = ""
    space: str = "AGUA"
    above: tuple[str, ...] = ()
    version: int = 1
    readers: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    status: str = "current"
    found: bool = True


@dataclass
class File:
    """An attachment; `elsewhere` is where its download leads."""

    name: str
    page: str
    data: bytes
    version: int = 1
    elsewhere: str = ""


@dataclass
class ConfluenceApi(FakeServer):
    """`async with ConfluenceApi() as wiki:`; the address of Confluence is `wiki.root`."""

    pages: dict[str, Page] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    at_once: int = 25
    circle: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    @property
    def root(self) -> str:
        """With the path that Cloud has."""
        return f"{self.url}/wiki"

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/wiki/rest/api/content/search", self._search),
            web.get("/wiki/rest/api/content/{id}/restriction/byOperation/read", self._restriction),
            web.get("/wiki/download/attachments/{page}/{name}", self._download),
        ]

    def _refused(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") not in (BASIC, BEARER)

    async def _search(self, request: web.Request) -> web.Response:
        if self._refused(request):
            return web.json_response({"message": "Unauthorized"}, status=401)
        query = request.query
        found = self._matching(query["cql"], query.get("expand", "").split(","))
        start, most = int(query.get("cursor", "0")), min(int(query["limit"]), self.at_once)
        links = {"base": self.root, "context": "/wiki"}
        if start + most < len(found):
            after = start if self.circle else start + most
            links["next"] = f"/rest/api/content/search?cursor={after}&limit={most}"
        return web.json_response({"results": found[start : start + most], "size": most, "_links": links})

    def _matching(self, cql: str, expand: list[str]) -> list[dict[str, Any]]:
        if one := re.fullmatch(r"id = (\d+)", cql):
            return [self._page(one[1], expand)] if one[1] in self.pages and self.pages[one[1]].found else []
        asked = re.fullmatch(r'type = (page|attachment) and space = "([^"]+)" order by created', cql)
        assert asked, cql
        if asked[1] == "page":
            return [self._page(key, expand) for key, page in self.pages.items() if page.space == asked[2] and page.found]
        return [self._file(key, expand) for key, one in self.files.items() if self.pages[one.page].space == asked[2]]

    def _page(self, key: str, expand: list[str]) -> dict[str, Any]:
        page = self.pages[key]
        answer: dict[str, Any] = {"id": key, "type": "page", "status": page.status, "title": page.title}
        if "version" in expand:
            answer["version"] = {"number": page.version, "when": "2026-03-09T10:00:00.000Z"}
        if "ancestors" in expand:
            answer["ancestors"] = [{"id": one, "type": "page", "title": self.pages[one].title} for one in page.above]
        if "metadata.labels" in expand:
            answer["metadata"] = {"labels": {"results": [{"name": name} for name in page.labels]}}
        if "body.export_view" in expand:
            answer["body"] = {"export_view": {"value": page.body, "representation": "export_view"}}
        if "restrictions.read.restrictions.user" in expand:
            answer["restrictions"] = {"read": self._readers(page)}
        return answer

    def _readers(self, page: Page) -> dict[str, Any]:
        users = [{"type": "known", "username": name} for name in page.readers]
        kinds = {"user": {"results": users, "size": len(users)}, "group": {"results": [], "size": 0}}
        return {"operation": "read", "restrictions": kinds}

    def _file(self, key: str, expand: list[str]) -> dict[str, Any]:
        one = self.files[key]
        answer: dict[str, Any] = {"id": key, "type": "attachment", "status": "current", "title": one.name}
        answer["_links"] = {"download": f"/download/attachments/{one.page}/{one.name}?version={one.version}&api=v2"}
        if "version" in expand:
            answer["version"] = {"number": one.version}
        if "container" in expand:
            answer["container"] = {"id": one.page, "type": "page"}
        return answer

    async def _restriction(self, request: web.Request) -> web.Response:
        page = self.pages.get(request.match_info["id"])
        if self._refused(request) or page is None:
            return web.json_response({"message": "No content"}, status=404)
        return web.json_response(self._readers(page))

    async def _download(self, request: web.Request) -> web.Response:
        name, page = request.match_info["name"], request.match_info["page"]
        one = next((one for one in self.files.values() if (one.name, one.page) == (name, page)), None)
        if self._refused(request) or one is None:
            return web.Response(status=404)
        if one.elsewhere:
            return web.Response(status=302, headers={"Location": one.elsewhere})
        return web.Response(body=one.data, content_type="application/octet-stream")
