"""The Confluence connector with its real library over HTTP against a stand-in: pages, files, restrictions, faults."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from config.company import SourceConfig
from config.settings import SettingsError
from rag.connectors import registry
from rag.connectors.confluence import ConfluenceConnector, ConfluenceOptions
from rag.connectors.confluence_api import Pace
from rag.errors import DocumentError, InputError
from rag.ingest.build import build
from rag.ingest.parse.formats import parse
from rag.ingest.report import Report
from rag.ingest.sync import sync
from rag.models import Document, Passage, Scope
from rag.ports import Fetched, Item, MayMiss, Query
from rag.stores.lance import LanceStore
from tests.fakes.confluence_api import BASIC, BEARER, TOKEN, USER, ConfluenceApi, File, Page
from tests.fakes.faults import Fault
from tests.fakes.hash_embedder import HashEmbedder

SEARCH = "content/search"
BODY = "<p>El caudal nocturno de la red baja un <b>14 %</b> cuando se regula la presión de madrugada en los dos sectores.</p>"


def connector(wiki: ConfluenceApi, **more: object) -> ConfluenceConnector:
    """As configured for the space AGUA, in a hurry."""
    options = {"url": wiki.root, "spaces": ["AGUA"], "user": USER, "token": TOKEN, **more}
    return ConfluenceConnector(ConfluenceOptions.model_validate(options), Pace(timeout=5, backoff=0.01, longest=1, download=5))


@pytest.fixture
async def wiki() -> AsyncIterator[ConfluenceApi]:
    """Three pages, one below another, and a file."""
    async with ConfluenceApi() as made:
        made.pages = {
            "1": Page("Red de Valdemora", "<p>Portada del espacio de la red de agua de Valdemora.</p>"),
            "2": Page("Presión & caudal", BODY, above=("1",), labels=("eficiencia",)),
            "3": Page("Bombas", "<p>Las bombas de la estación se revisan en marzo.</p>", above=("1", "2")),
        }
        made.files = {"att9": File("bombas.csv", "3", b"bomba;kW\nB1;45\nB2;37\n")}
        yield made


async def listed(one: ConfluenceConnector) -> list[Item]:
    """All items."""
    return [item async for item in one.items()]


async def names(one: ConfluenceConnector) -> list[str]:
    """The names of all items."""
    return [item.name for item in await listed(one)]


async def test_pages_and_files_across_pages_of_the_answer(wiki: ConfluenceApi) -> None:
    """Cursors are followed; names, addresses and versions are the server's; twice the same list."""
    wiki.at_once = 1
    one = connector(wiki)
    found = await listed(one)
    assert [(item.name, item.uri.removeprefix(wiki.root), item.version) for item in found] == [
        ("Red de Valdemora", "/pages/viewpage.action?pageId=1", "1"),
        ("Presión & caudal", "/pages/viewpage.action?pageId=2", "1"),
        ("Bombas", "/pages/viewpage.action?pageId=3", "1"),
        ("bombas.csv", "/download/attachments/3/bombas.csv", "1"),
    ]
    assert await listed(one) == found
    assert isinstance(one, MayMiss)
    assert one.complete


async def test_a_page_is_read_with_title_date_and_text(wiki: ConfluenceApi) -> None:
    """The rendered page goes through the HTML parser; a file arrives as it is."""
    one = connector(wiki)
    items = {item.name: item for item in await listed(one)}
    parsed = parse(await one.fetch(items["Presión & caudal"]))
    assert (parsed.title, parsed.date) == ("Presión & caudal", date(2026, 3, 9))
    assert "baja un 14 % cuando se regula" in " ".join(block.text for block in parsed.blocks)
    assert (await one.fetch(items["bombas.csv"])).data == wiki.files["att9"].data


async def test_drafts_labels_globs_and_attachments(wiki: ConfluenceApi) -> None:
    """Archived, binned and draft pages are left out with their files; labels and globs choose; files may be left out."""
    wiki.pages |= {str(key): Page(status, status=status) for key, status in enumerate(("archived", "trashed", "draft"), 4)}
    wiki.files |= {"att10": File("viejo.csv", "4", b"x"), "att11": File("foto.png", "2", b"x"), "att12": File("a.md", "2", b"x")}
    assert await names(connector(wiki)) == ["Red de Valdemora", "Presión & caudal", "Bombas", "a.md", "bombas.csv"]
    assert await names(connector(wiki, labels=["eficiencia", "otra"])) == ["Presión & caudal", "a.md"]
    assert await names(connector(wiki, attachments=False, exclude=["Bom*"])) == ["Red de Valdemora", "Presión & caudal"]


async def test_a_restricted_page_hides_all_below_it(wiki: ConfluenceApi) -> None:
    """Its own and its ancestors' restrictions count, also of an ancestor that no search finds; nothing tells the title."""
    wiki.pages["2"].readers = ("jefa",)
    one = connector(wiki)
    found = await listed(one)
    assert [item.name for item in found] == ["Red de Valdemora", "page 2", "page 3"]
    for item in found[1:]:
        with pytest.raises(DocumentError, match=r"^restricted in Confluence: only some may read it"):
            await one.fetch(item)
    wiki.pages["2"].readers = ()
    wiki.pages["7"] = Page("Carpeta", readers=("jefa",), found=False)
    wiki.pages["3"].above = ("1", "7")
    assert await names(one) == ["Red de Valdemora", "Presión & caudal", "page 3"]


async def test_restrictions_that_are_not_told_count_as_restrictions(wiki: ConfluenceApi) -> None:
    """403 about an ancestor leaves the page out; no answer at all ends the run, and the index stays."""
    wiki.pages["7"] = Page("Carpeta", found=False)
    wiki.pages["3"].above = ("7",)
    assert "Bombas" in await names(connector(wiki))
    wiki.faults.plan(Fault(status=403), path="/restriction/")
    assert "page 3" in await names(connector(wiki))
    wiki.faults.plan(Fault(status=500), path="/restriction/", times=-1)
    with pytest.raises(InputError, match="HTTP 500"):
        await listed(connector(wiki))


async def test_restricted_between_listing_and_reading(wiki: ConfluenceApi) -> None:
    """A page that was restricted, or has gone, a moment ago is not read."""
    one = connector(wiki)
    item = (await listed(one))[1]
    wiki.pages["2"].readers = ("jefa",)
    with pytest.raises(DocumentError, match="only some may read"):
        await one.fetch(item)
    del wiki.pages["2"]
    with pytest.raises(DocumentError, match="cannot be read: the page has gone"):
        await one.fetch(item)


async def test_busy_and_broken_servers_are_asked_again(wiki: ConfluenceApi) -> None:
    """429 with Retry-After, 5xx and a cut connection pass; what stays broken ends the listing with its reason."""
    for fault in (Fault(status=429, headers={"Retry-After": "0"}), Fault(status=503), Fault(cut=True)):
        wiki.faults.plan(fault, path=SEARCH)
    assert len(await listed(connector(wiki))) == 4
    wiki.faults.plan(Fault(status=502), path=SEARCH, times=-1)
    before = wiki.calls(SEARCH)
    with pytest.raises(InputError, match="cannot be listed: HTTP 502"):
        await listed(connector(wiki))
    assert wiki.calls(SEARCH) - before == 4


async def test_a_long_wait_is_cut_short(wiki: ConfluenceApi) -> None:
    """A server that asks for an hour gets the longest wait."""
    wiki.faults.plan(Fault(status=429, headers={"Retry-After": "3600"}), path=SEARCH)
    assert len(await listed(connector(wiki))) == 4


async def test_files_that_cannot_be_listed_do_not_count_as_gone(wiki: ConfluenceApi) -> None:
    """The pages are listed, and a failure says what is missing; a next run makes it good.

    Meanwhile pages that have gone are gone, and so are the files of those and of pages that only some may read now.
    """
    one = connector(wiki)
    (file,) = [item.uri for item in await listed(one) if "/download/" in item.uri]
    page = one._page_id((await listed(one))[0].uri)
    wiki.faults.plan(Fault(), path=SEARCH)  # the pages come
    wiki.faults.plan(Fault(status=400), path=SEARCH)
    found = await listed(one)
    assert [item.name for item in found][3:] == ["files of AGUA"]
    with pytest.raises(DocumentError, match="cannot be read: the files are not listed: HTTP 400"):
        await one.fetch(found[3])
    assert not one.complete
    assert not one.is_gone(file)
    assert one.is_gone(f"{wiki.root}/pages/viewpage.action?pageId=999")
    assert one.is_gone(f"{wiki.root}/download/attachments/999/x.pdf")
    assert not one.is_gone(f"{wiki.root}/download/attachments/{page}/x.pdf")
    assert len(await listed(one)) == 4
    assert one.complete


async def test_what_is_no_listing_is_an_error(wiki: ConfluenceApi) -> None:
    """A wrong token, an unknown space, a log-in page, cursors in a circle: none looks like an empty space."""
    with pytest.raises(InputError, match="HTTP 401"):
        await listed(connector(wiki, token="falso"))
    with pytest.raises(InputError, match="space NADA shows no page"):
        await listed(connector(wiki, spaces=["AGUA", "NADA"]))
    wiki.faults.plan(Fault(status=200, body="<html>Log in</html>"), path=SEARCH)
    with pytest.raises(InputError, match="no JSON"):
        await listed(connector(wiki))
    wiki.at_once, wiki.circle = 1, True
    with pytest.raises(InputError, match="circle"):
        await listed(connector(wiki))


async def test_credentials_go_to_no_other_host(wiki: ConfluenceApi) -> None:
    """An interface that redirects is refused; a file kept elsewhere is never asked for inside the network, nor with the token."""
    async with ConfluenceApi() as other:
        wiki.faults.plan(Fault(status=302, headers={"Location": f"{other.root}/rest/api/{SEARCH}"}), path=SEARCH)
        with pytest.raises(InputError, match="no JSON"):
            await listed(connector(wiki))
        one = connector(wiki)
        item = (await listed(one))[-1]
        for place in (f"{other.url}/wiki/secreto", f"{other.url}/wiki/secreto".replace("http:", "https:")):
            wiki.files["att9"].elsewhere = place
            with pytest.raises(DocumentError, match=r"not encrypted|not a public address"):
                await one.fetch(item)
        assert other.requests == []
        with pytest.raises(DocumentError, match="no address of this Confluence"):
            await one.fetch(Item(f"{other.url}/x.csv", "x.csv", "1"))


async def test_a_redirect_within_the_host_is_followed(wiki: ConfluenceApi) -> None:
    """As Data Center does when a file was renamed."""
    wiki.files["att10"] = File("b.csv", "1", b"x", elsewhere="/wiki/download/attachments/3/bombas.csv")
    one = connector(wiki)
    item = next(item for item in await listed(one) if item.name == "b.csv")
    assert (await one.fetch(item)).data == wiki.files["att9"].data


async def test_who_asks(wiki: ConfluenceApi) -> None:
    """With a user, Basic; without, the personal access token of Data Center."""
    await listed(connector(wiki))
    await listed(connector(wiki, user=None))
    assert {one.headers["Authorization"] for one in wiki.requests} == {BASIC, BEARER}


@pytest.mark.parametrize(
    ("options", "secrets", "fault"),
    [
        ({}, {}, "token is missing"),
        ({"cloud": True}, {"token": "t"}, "needs the user"),
        ({"url": "http://wiki.example.org"}, {"token": "t"}, "must begin with https"),
        ({"url": "https://u:p@wiki.example.org"}, {"token": "t"}, "without user"),
        ({"spaces": ['A" or type = page']}, {"token": "t"}, "without quotes"),
        ({"spaces": []}, {"token": "t"}, "spaces"),
        ({"token": "t"}, {}, "is a secret"),
    ],
)
def test_faults_of_the_configuration(options: dict[str, Any], secrets: dict[str, str], fault: str) -> None:
    """Each is told before anything is asked."""
    keys = {"name": "w", "connector": "confluence", "url": "https://wiki.example.org", "spaces": ["A"], **options}
    with pytest.raises(SettingsError, match=fault):
        registry.check(SourceConfig.model_validate(keys), secrets)


async def test_answers_follow_the_space(wiki: ConfluenceApi, tmp_path: Path) -> None:
    """Ingested, a page is found; changed, its new text; restricted or deleted, nothing of it."""
    embedder = HashEmbedder()
    store = LanceStore(tmp_path / "index", embedder.dimension, embedder.name)
    source = SourceConfig.model_validate({"name": "wiki", "connector": "confluence", "url": wiki.root, "spaces": ["AGUA"]})

    async def reading(of: Any, fetched: Fetched) -> tuple[Document, list[Passage]]:
        return build(of, fetched, parse(fetched))

    async def run() -> Report:
        return await sync(source, connector(wiki), reading, embedder, store)

    async def found() -> str:
        question = "¿Cuánto baja el caudal nocturno al regular la presión?"
        query = Query(question, "es", await embedder.embed_query(question))
        hits = await store.search(query, Scope(frozenset(source.audience)))
        return " ".join(hit.passage.text for hit in hits)

    assert (await run()).added == 4
    assert "14 %" in await found()
    wiki.pages["2"].body, wiki.pages["2"].version = BODY.replace("14", "23"), 2
    assert (await run()).changed == 1
    assert "23 %" in await found()
    assert "14 %" not in await found()
    wiki.pages["2"].readers = ("jefa",)
    report = await run()
    assert [reason for _, reason in report.failures] == ["restricted in Confluence: only some may read it"] * 2
    assert "23 %" not in await found()
    assert report.removed == 1
    wiki.pages["2"].readers = ()
    await run()
    assert "23 %" in await found()
    del wiki.pages["2"]
    wiki.pages["3"].above = ("1",)
    assert (await run()).removed == 1
    assert "23 %" not in await found()
