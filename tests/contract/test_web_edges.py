"""The web connector where sites are difficult: catalogues, broken sections, pages withdrawn, downloads without a name."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from rag.connectors.safe_fetch import Response
from rag.connectors.web_page import in_utf8
from rag.connectors.web_sitemap import parse_sitemap
from rag.errors import InputError
from rag.ingest.sync import Report, sync
from rag.stores.lance import LanceStore
from tests.contract.test_web_connector import Source, connect, read
from tests.fakes.hash_embedder import HashEmbedder
from tests.fakes.site import Doc, Site, topic

Answer = Callable[[web.Request], Awaitable[web.StreamResponse | None]]


class Scripted(Site):
    """A site whose answers a test may write itself."""

    script: Answer | None = None

    async def _answer(self, request: web.Request) -> web.Response:
        scripted = await self.script(request) if self.script else None
        return scripted if isinstance(scripted, web.Response) else await super()._answer(request)


class World:
    """The site, an index, and runs over it."""

    def __init__(self, site: Scripted, home: Path) -> None:
        self.site, self.home, self.embedder = site, home, HashEmbedder()
        self.store = LanceStore(home / "index", self.embedder.dimension, self.embedder.name)

    async def sync(self, **options: object) -> Report:
        """One run."""
        self.embedder.embedded.clear()
        connector = connect(self.site, self.home / "state", **options)
        return await sync(Source(), connector, read, self.embedder, self.store)

    async def uris(self) -> list[str]:
        """What can be cited."""
        held = await self.store.documents()
        return sorted(one.document.uri.removeprefix(self.site.url) for one in held if not one.error)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A start with three pages."""
    async with Scripted() as site:
        site.docs = {"/": Doc("Inicio", topic(0), ("/a", "/b", "/c"))}
        site.docs |= {f"/{name}": Doc(name, topic(ord(name))) for name in "abc"}
        yield World(site, tmp_path)


def sheet(site: Site, request: web.Request) -> web.Response:
    """A page of a catalogue, by its number."""
    number = int(request.query["id"])
    return site._page(request, Doc(f"Ficha {number}", topic(number + 200)))


async def test_a_catalogue_by_numbers_is_read_whole(world: World) -> None:
    """80 pages that differ in one parameter; filters that can be combined still come to an end."""
    filters = tuple(f"/filtro?color={n}&orden={n}" for n in range(80))
    world.site.docs["/"].links += (*(f"/ficha?id={n}" for n in range(80)), *filters)

    async def script(request: web.Request) -> web.Response | None:
        if request.path == "/filtro":
            return world.site._page(request, Doc("Filtro", topic(300 + int(request.query["color"]))))
        return sheet(world.site, request) if request.path == "/ficha" else None

    world.site.script = script
    await world.sync()
    found = await world.uris()
    assert sum(uri.startswith("/ficha") for uri in found) == 80
    assert sum(uri.startswith("/filtro") for uri in found) == 50


async def test_a_broken_section_costs_only_itself(world: World) -> None:
    """25 pages in a row that do not answer, among others that do: each is listed, the rest is read. If all fail, it is down."""
    bad = tuple(f"/mod/{n}" for n in range(25))
    world.site.docs["/"].links = (*bad, "/a", "/b", "/c")
    world.site.broken = set(bad)
    report = await world.sync()
    assert await world.uris() == ["/", "/a", "/b", "/c"]
    assert len(report.failures) == 25


async def test_a_site_whose_start_is_down_too_is_left_alone(world: World) -> None:
    """After twenty failures in a row the start is asked; if that fails as well the run ends, and what is indexed stays."""
    await world.sync()
    world.site.docs["/"].links = tuple(f"/mod/{n}" for n in range(60))
    world.site.broken = set(world.site.docs["/"].links)
    starts = 0

    async def script(request: web.Request) -> web.Response | None:
        nonlocal starts
        starts += request.path == "/"
        return web.Response(status=502) if request.path == "/" and starts > 2 else None

    world.site.script = script
    with pytest.raises(InputError, match="no longer answers"):
        await world.sync()
    assert world.site.calls("/mod") <= 4 * 30
    assert await world.uris() == ["/", "/a", "/b", "/c"]


async def test_what_is_refused_from_now_on_is_no_longer_cited(world: World) -> None:
    """401 and 403 take a page's text away and are listed; a failure that passes leaves it."""
    await world.sync()
    status = {"/a": 401, "/b": 403, "/c": 502}

    async def script(request: web.Request) -> web.Response | None:
        return web.Response(status=status[request.path]) if request.path in status else None

    world.site.script = script
    report = await world.sync()
    assert await world.uris() == ["/", "/c"]
    assert sorted(reason for _, reason in report.failures) == [
        "access is refused: HTTP 401", "access is refused: HTTP 403", "cannot be read: HTTP 502 after 4 tries",
    ]  # fmt: skip
    world.site.script = None
    await world.sync()
    assert await world.uris() == ["/", "/a", "/b", "/c"]


async def test_what_is_gone_goes_though_not_all_was_seen(world: World) -> None:
    """With the limit of pages met nothing is known of what was not asked for, but a page that answers 404 is removed."""
    await world.sync(max_pages=4)
    del world.site.docs["/a"]
    world.site.docs["/"].links = ("/a", "/b", "/c", "/d", "/e")
    report = await world.sync(max_pages=3)
    assert report.removed == 1
    assert await world.uris() == ["/", "/b", "/c"]


@pytest.mark.parametrize("echo", [False, True])
async def test_a_page_that_says_that_there_is_none_is_none(world: World, echo: bool) -> None:
    """A site that answers 200 for whatever is asked: its «not found» is no page, and takes a former one away."""

    async def script(request: web.Request) -> web.Response | None:
        if request.path in world.site.docs or request.path == "/robots.txt":
            return None
        said = f"Página no encontrada: la dirección {request.path if echo else ''} que busca no existe o ha cambiado."
        return web.Response(text=f"<html><body><main><h1>Vaya</h1><p>{said}</p></main></body></html>", content_type="text/html")

    world.site.script = script
    await world.sync()
    del world.site.docs["/b"]
    report = await world.sync()
    assert (await world.uris(), report.removed) == (["/", "/a", "/c"], 1)


async def test_noindex_holds_on_an_unchanged_page(world: World) -> None:
    """A 304 that carries the header takes the page out."""
    await world.sync()

    async def script(request: web.Request) -> web.Response | None:
        if request.path != "/b" or "If-None-Match" not in request.headers:
            return None
        return web.Response(status=304, headers={"X-Robots-Tag": "noindex"})

    world.site.script = script
    await world.sync()
    assert await world.uris() == ["/", "/a", "/c"]


async def test_downloads_are_what_they_are_saved_as(world: World) -> None:
    """Without an ending in the address: by the name that the answer gives, or its media type; old formats are listed."""
    world.site.docs["/"].links = ("/baja/1", "/baja/2", "/baja/3")
    saved = {
        "/baja/1": ("application/octet-stream", 'attachment; filename="datos.csv"', b"fecha;kWh\n2024-01-01;12\n2024-01-02;13\n"),
        "/baja/2": ("application/force-download", "attachment; filename*=UTF-8''gu%C3%ADa.txt", topic(5).encode()),
        "/baja/3": ("application/msword", "", b"\xd0\xcf\x11\xe0 not a real one"),
    }

    async def script(request: web.Request) -> web.Response | None:
        if request.path not in saved:
            return None
        media_type, disposition, body = saved[request.path]
        return web.Response(body=body, headers={"Content-Type": media_type, "Content-Disposition": disposition})

    world.site.script = script
    report = await world.sync()
    assert await world.uris() == ["/", "/baja/1", "/baja/2"]
    assert [reason for _, reason in report.failures] == ["old binary Word file: save it as DOCX"]
    assert any("kWh" in text for text in world.embedder.embedded)


def test_the_header_knows_the_encoding() -> None:
    """Greek by the header is Greek in the index; without one, or a wrong one, the page is left as it is."""
    page = "Η κατανάλωση ενέργειας"
    assert in_utf8(page.encode("iso-8859-7"), "text/html; charset=ISO-8859-7").decode("utf-8-sig") == page
    assert in_utf8(b"abc", "text/html") == b"abc"
    assert in_utf8(page.encode(), "text/html; charset=nonsense") == page.encode()


async def test_canonical_links_in_a_circle_count_for_nothing(world: World) -> None:
    """Pages that name each other, and say different things, are all read; the same text is still there once."""
    for name, home in ("ab", "bc", "ca"):
        world.site.docs[f"/{name}"].home = f"/{home}"
    world.site.docs["/c"] = replace(world.site.docs["/b"], home="/a")
    await world.sync()
    assert await world.uris() == ["/", "/a", "/b"]


async def test_a_start_that_links_to_nothing_for_once_removes_nothing(world: World) -> None:
    """«Back soon» with status 200: the pages are asked for by name, and only the one that has gone goes."""
    await world.sync()
    start = world.site.docs["/"]
    world.site.docs["/"] = Doc(
        "Mantenimiento", "La web vuelve en unos minutos, disculpen las molestias que esto pueda causarles."
    )
    del world.site.docs["/c"]
    report = await world.sync()
    assert (await world.uris(), report.removed) == (["/", "/a", "/b"], 1)
    world.site.docs["/"] = start
    await world.sync()
    assert await world.uris() == ["/", "/a", "/b"]


@pytest.mark.parametrize("media_type", ["application/xml", "text/html"])
def test_sitemaps_as_servers_send_them(media_type: str) -> None:
    """Packed in two parts, or called a page; a page itself names no sitemap's addresses."""
    rows = "".join(f"<url><loc>https://x.example/{n}</loc></url>" for n in range(3))
    text = f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{rows}</urlset>".encode()
    for body in (text, gzip.compress(text), gzip.compress(text[:70]) + gzip.compress(text[70:])):
        answer = Response("https://x.example/s.xml", 200, {"content-type": media_type}, body)
        assert parse_sitemap(answer) == ([f"https://x.example/{n}" for n in range(3)], [])
    page = b"<html><body><p><loc>https://x.example/1</loc></p></body></html>"
    assert parse_sitemap(Response("https://x.example/s.xml", 200, {"content-type": media_type}, page)) == ([], [])
