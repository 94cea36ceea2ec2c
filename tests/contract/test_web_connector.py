"""The web connector on a site as sites are: each page once, nothing around it, and a second run costs next to nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rag.connectors.web import WebConnector, WebOptions
from rag.connectors.web_client import Pace
from rag.errors import DocumentError, InputError
from rag.ingest.build import Source as Labels
from rag.ingest.build import build
from rag.ingest.parse.formats import parse
from rag.ingest.sync import Report, sync
from rag.models import Document, Passage, Scope
from rag.ports import Fetched, Item, Query
from rag.stores.lance import LanceStore
from tests.fakes.faults import Fault
from tests.fakes.hash_embedder import HashEmbedder
from tests.fakes.site import BANNER, FOOTER, MENU, Doc, Site, company_site, topic

QUICK = Pace(delay=0, backoff=0.01, longest=0.05)
PDF = b"%PDF-1.4 not a real one"


@dataclass(frozen=True)
class Source:
    """What a configured source looks like to ingest."""

    name: str = "web"
    audience: tuple[str, ...] = ("everyone",)
    tags: dict[str, str] = field(default_factory=dict)
    licence: str = ""


async def read(source: Labels, fetched: Fetched) -> tuple[Document, list[Passage]]:
    """The real parser, in this process."""
    return build(source, fetched, parse(fetched))


def connect(site: Site, state: Path, path: str = "/", **options: object) -> WebConnector:
    """A connector for the site, without the pauses that a real one is due."""
    given = {"url": site.url + path, "allow_networks": ["127.0.0.0/8"], **options}
    return WebConnector(WebOptions.model_validate(given), state, QUICK)


async def paths(connector: WebConnector, site: Site) -> list[str]:
    """What is listed, without the host."""
    return [item.uri.removeprefix(site.url) async for item in connector.items()]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """An empty site."""
    async with Site() as site:
        yield site


@dataclass
class World:
    """A site, an index and an embedder."""

    site: Site
    home: Path
    store: LanceStore
    embedder: HashEmbedder

    async def sync(self) -> Report:
        """One run, by a connector of its own as every run is; forgets what earlier runs asked for and embedded."""
        self.embedder.embedded.clear()
        self.site.requests.clear()
        self.site.not_modified = 0
        return await sync(Source(), connect(self.site, self.home / "state"), read, self.embedder, self.store)

    async def uris(self) -> set[str]:
        """The paths that are indexed and can be cited."""
        return {one.document.uri.removeprefix(self.site.url) for one in await self.store.documents() if not one.error}


@pytest.fixture
async def world(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """The company's site with its traps, of as many pages as the test asks for."""
    embedder = HashEmbedder()
    async with company_site(request.param) as site:
        site.redirects = {"/antigua": "/medidas/7", "/vueltas": "/vueltas2", "/vueltas2": "/vueltas"}
        site.broken = {"/rota/1", "/rota/2"}
        site.calendar = True
        site.docs["/index.html"] = site.docs["/"]
        site.docs["/"].links += ("/antigua", "/rota/1", "/rota/2", "/index.html", "/agenda?mes=1", "/medidas/9?b=2&a=1")
        site.docs["/medidas/9"].home = "/medidas/9"
        yield World(site, tmp_path, LanceStore(tmp_path / "index", embedder.dimension, embedder.name), embedder)


@pytest.mark.parametrize("world", [200], indirect=True, ids=str)
async def test_every_page_once_and_only_what_it_says(world: World) -> None:
    """200 pages behind failures, aliases, redirects and an endless calendar: each is indexed once, without what is around it."""
    report = await world.sync()
    found = await world.uris()
    months = {path for path in found if path.startswith("/agenda")}
    assert found - months == {"/", *(f"/medidas/{number}" for number in range(1, 200))}
    assert len(months) <= 25
    reasons = {uri.removeprefix(world.site.url): reason for uri, reason in report.failures}
    assert reasons == dict.fromkeys(("/rota/1", "/rota/2"), "cannot be read: HTTP 502 after 4 tries")
    texts = "\n".join(world.embedder.embedded)
    assert [around for around in (MENU, BANNER, FOOTER, "Enlace") if around in texts] == []
    assert [number for number in range(200) if texts.count(topic(number)) != 1] == []


@pytest.mark.parametrize("world", [40], indirect=True, ids=str)
async def test_the_second_run_asks_only_whether_anything_changed(world: World) -> None:
    """No body, no embedding; what fails then stays citable, what has gone leaves the index, though other pages always fail."""
    await world.sync()
    first = await world.uris()
    again = await world.sync()
    assert (again.added, again.changed, again.removed, world.embedder.embedded) == (0, 0, 0, [])
    assert world.site.not_modified >= len(first)
    assert len(again.failures) == 2
    del world.site.docs["/medidas/33"]
    world.site.broken.add("/medidas/20")
    third = await world.sync()
    assert third.removed == 1
    assert len(third.failures) == 3
    assert await world.uris() == first - {"/medidas/33"}
    vector = await world.embedder.embed_query(topic(20))
    hits = await world.store.search(Query(topic(20), "es", vector, 5), Scope(frozenset({"everyone"})))
    assert topic(20) in [hit.passage.text for hit in hits]
    world.site.broken.discard("/medidas/20")
    assert (await world.sync()).changed == 0
    assert world.embedder.embedded == []


async def test_sitemaps_robots_and_documents(site: Site, tmp_path: Path) -> None:
    """Pages that only a packed sitemap names are read, what robots.txt forbids is not asked for, linked files are documents."""
    site.robots = f"User-agent: EfficiencyAdvisor\nDisallow: /privado\nSitemap: {site.url}/sitemap.xml\n"
    site.entries = ["/suelta", "/privado/x", "/suelta?utm_medium=x"]
    files = (
        "/files/guia.pdf",
        "/files/datos.csv",
        "/bajar?id=7",
        "/foto.jpg",
        "/privado/plan.pdf",
        "https://other.example/a.pdf",
    )
    site.docs = {
        "/": Doc("Inicio", topic(1), files),
        "/suelta": Doc("Suelta", topic(2)),
        "/privado/x": Doc("Secreto", topic(3)),
        "/files/guia.pdf": Doc(data=PDF, media_type="application/octet-stream"),
        "/files/datos.csv": Doc(data=b"a;b\n1;2\n", media_type="text/csv"),
        "/bajar": Doc(data=PDF, media_type="application/pdf"),
    }
    connector = connect(site, tmp_path)
    assert await paths(connector, site) == ["/", "/bajar?id=7", "/files/datos.csv", "/suelta"]
    assert connector.complete
    assert site.calls("privado") == site.calls("foto") == 0
    fetched = await connector.fetch(Item(f"{site.url}/bajar?id=7", "bajar", ""))
    assert (fetched.data, fetched.media_type) == (PDF, "application/pdf")


async def test_what_failed_hides_nothing(site: Site, tmp_path: Path) -> None:
    """When the sitemap or a page full of links fails, what only they name is asked for by name; what has gone is not listed."""
    site.entries = ["/suelta", "/perdida"]
    site.docs = {"/": Doc("Inicio", topic(1), ("/indice",)), "/indice": Doc("Índice", topic(2), ("/hoja",))}
    site.docs |= {path: Doc(path, topic(number + 3)) for number, path in enumerate(("/suelta", "/perdida", "/hoja"))}
    assert len(await paths(connect(site, tmp_path), site)) == 5
    site.faults.plan(Fault(status=500), path="/sitemap.xml", times=-1)
    site.broken = {"/indice"}
    del site.docs["/perdida"]
    connector = connect(site, tmp_path)
    assert await paths(connector, site) == ["/", "/hoja", "/indice", "/suelta"]
    assert connector.complete


async def test_pages_name_themselves(site: Site, tmp_path: Path) -> None:
    """A canonical link counts on the same host, unless it leads to the root; a noindex page is not listed, its links count."""
    site.docs = {
        "/": Doc("Inicio", topic(1), ("/a", "/imprimir/a", "/b", "/lista", "/ajena")),
        "/a": Doc("A", topic(2), home="/a"),
        "/imprimir/a": Doc("A para imprimir", topic(2), home="/a"),
        "/b": Doc("B", topic(3), home="/"),
        "/ajena": Doc("Ajena", topic(4), home="https://other.example/x"),
        "/lista": Doc("Lista", topic(5), ("/c",), head='<meta name="robots" content="noindex, follow">'),
        "/c": Doc("C", topic(6), headers={"X-Robots-Tag": "nofollow"}, links=("/d",)),
        "/d": Doc("D", topic(7)),
    }
    assert await paths(connect(site, tmp_path), site) == ["/", "/a", "/ajena", "/b", "/c"]


async def test_only_what_lies_below_and_is_admitted(site: Site, tmp_path: Path) -> None:
    """The start's path bounds the pages, documents may lie elsewhere; include and exclude are paths or globs."""
    links = ("/es/a", "/es/b/c", "/en/a", "/esquema", "/docs/x.txt", "/es/viejo/z")
    site.docs = {path: Doc(path, topic(number)) for number, path in enumerate(links)}
    site.docs["/docs/x.txt"] = Doc(data=b"Texto", media_type="text/plain")
    site.docs["/es/"] = Doc("Inicio", topic(20), links)
    assert await paths(connect(site, tmp_path, "/es/"), site) == ["/docs/x.txt", "/es/", "/es/a", "/es/b/c", "/es/viejo/z"]
    some = connect(site, tmp_path, "/es/", include=["/es/*", "/en"], exclude=["/es/viejo", "/es/b*"])
    assert await paths(some, site) == ["/en/a", "/es/", "/es/a"]


async def test_links_count_from_the_start(site: Site, tmp_path: Path) -> None:
    """What lies deeper than `max_depth` is not asked for, unless a sitemap names it."""
    site.docs = {f"/{'abcdef'[:depth]}": Doc(f"{depth}", topic(depth), ("/" + "abcdef"[: depth + 1],)) for depth in range(6)}
    assert await paths(connect(site, tmp_path / "one", max_depth=2), site) == ["/", "/a", "/ab"]
    assert site.calls("/abc") == 0
    site.entries = ["/abcd"]
    assert await paths(connect(site, tmp_path / "two", max_depth=1), site) == ["/", "/a", "/abcd", "/abcde"]


async def test_the_limit_of_pages_removes_nothing(site: Site, tmp_path: Path) -> None:
    """A crawl that was cut says that it may have missed something; paths that grow for ever are not followed."""
    site.docs = {"/": Doc("Inicio", topic(0), tuple(f"/p{number}" for number in range(9)))}
    site.docs |= {f"/p{number}": Doc(f"P{number}", topic(number + 1)) for number in range(9)}
    connector = connect(site, tmp_path, max_pages=4)
    assert len(await paths(connector, site)) == 4
    assert not connector.complete
    site.docs = {"/": Doc("Inicio", topic(0), ("a/",)), "/a/" * 1: Doc("A", topic(1), ("a/b/",))}
    site.docs |= {"/" + "a/" * depth + "b/" * (depth % 2): Doc(f"{depth}", topic(depth), ("a/",)) for depth in range(2, 9)}
    connector = connect(site, tmp_path / "growing")
    assert len(await paths(connector, site)) <= 4
    assert connector.complete


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("start", "HTTP 502 after 4 tries"),
        ("robots", "robots.txt cannot be read: HTTP 503"),
        ("forbidden", "does not let"),
        ("gone", "HTTP 404"),
    ],
)
async def test_a_site_that_cannot_be_listed_is_not_an_empty_one(fault: str, said: str, site: Site, tmp_path: Path) -> None:
    """Nothing is listed, so nothing is removed: the run ends with the reason."""
    site.docs = {} if fault == "gone" else {"/": Doc("Inicio", topic(1))}
    site.broken = {"/"} if fault == "start" else set()
    site.robots = "User-agent: *\nDisallow: /" if fault == "forbidden" else ""
    if fault == "robots":
        site.faults.plan(Fault(status=503), path="/robots.txt", times=-1)
    with pytest.raises(InputError, match=said):
        await paths(connect(site, tmp_path), site)


async def test_a_site_that_goes_down_on_the_way(site: Site, tmp_path: Path) -> None:
    """After a hundred failures in a row nobody asks on: the run ends, and what is indexed stays."""
    site.docs = {"/": Doc("Inicio", topic(1), tuple(f"/rota/{number}" for number in range(150)))}
    site.broken = {f"/rota/{number}" for number in range(150)}
    with pytest.raises(InputError, match="no longer answers"):
        await paths(connect(site, tmp_path), site)
    assert site.calls("/rota") <= 4 * 104


async def test_waits_as_long_as_it_is_told_within_reason(site: Site, tmp_path: Path) -> None:
    """429 with Retry-After, a cut connection and a 500 are asked again; a refusal is not."""
    site.docs = {"/": Doc("Inicio", topic(1), ("/a", "/b", "/c", "/d"))} | {
        f"/{one}": Doc(one, topic(ord(one))) for one in "abcd"
    }
    site.faults.plan(Fault(status=429, headers={"Retry-After": "9999"}), path="/a")
    site.faults.plan(Fault(cut=True), path="/b")
    site.faults.plan(Fault(status=500, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), path="/c")
    site.faults.plan(Fault(status=403), path="/d", times=-1)
    connector = connect(site, tmp_path)
    assert await paths(connector, site) == ["/", "/a", "/b", "/c", "/d"]
    assert site.calls("/d") == 1
    with pytest.raises(DocumentError, match="access is refused: HTTP 403"):
        await connector.fetch(Item(f"{site.url}/d", "d", ""))


async def test_redirects_stay_in_the_site(site: Site, tmp_path: Path) -> None:
    """A page that has moved is listed where it is now; one that leads out of the site is not followed."""
    site.redirects = {"/viejo": "/nuevo", "/fuera": "http://other.example/", "/dentro": "http://169.254.169.254/"}
    site.docs = {"/": Doc("Inicio", topic(1), ("/viejo", "/fuera", "/dentro")), "/nuevo": Doc("Nuevo", topic(2))}
    assert await paths(connect(site, tmp_path), site) == ["/", "/nuevo"]
    site.broken = {"/nuevo"}
    again = connect(site, tmp_path)
    assert await paths(again, site) == ["/", "/nuevo"]
    with pytest.raises(DocumentError, match="HTTP 502"):
        await again.fetch(Item(f"{site.url}/nuevo", "nuevo", ""))
    site.redirects["/inicio"] = "/portada/"
    site.docs["/portada/"] = Doc("Portada", topic(3))
    assert await paths(connect(site, tmp_path / "moved", "/inicio"), site) == ["/portada/"]


async def test_an_intranet_needs_its_networks_named(site: Site, tmp_path: Path) -> None:
    """Without `allow_networks` no private address is asked."""
    with pytest.raises(InputError, match="not a public address"):
        await paths(connect(site, tmp_path, allow_networks=[]), site)
    assert site.requests == []


async def test_hostile_pages_harm_only_themselves(site: Site, tmp_path: Path) -> None:
    """Links, headers and markup that are none: the page is read for what it is, and a second run does as well."""
    head = '<base href="http://["><link rel="canonical" href="//[::1]@"><meta name="robots" content="%s">' % ("x," * 900)
    site.docs = {
        "/": Doc("Inicio", topic(1), ("http://[", "//[::1]@", "/a", "javascript:void(0)", "/old.doc"), head=head),
        "/a": Doc(
            data=b"\x00\xff<a href='" + b"<div>" * 50_000, media_type="text/html; charset=rot13", headers={"ETag": "ñ" * 9}
        ),
        "/old.doc": Doc(data=b"\xd0\xcf\x11\xe0", media_type="application/msword"),
    }
    for _ in range(2):
        connector = connect(site, tmp_path)
        assert await paths(connector, site) == ["/", "/a", "/old.doc"]
        assert connector.complete
    with pytest.raises(DocumentError, match="old binary Word file"):
        parse(await connector.fetch(Item(f"{site.url}/old.doc", "old.doc", "")))
    (tmp_path / "pages.json").write_text("{broken", "utf-8")
    assert await paths(connect(site, tmp_path), site) == ["/", "/a", "/old.doc"]
