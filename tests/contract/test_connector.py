"""What every connector promises (rag.ports.Connector), and what the folder adds. A new one is one line in SOURCES."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from rag.connectors.confluence import ConfluenceConnector, ConfluenceOptions
from rag.connectors.folder import FolderConnector
from rag.connectors.web import WebConnector, WebOptions
from rag.connectors.web_client import Pace
from rag.errors import DocumentError, InputError
from rag.ports import Connector, Item
from tests.fakes.confluence_api import TOKEN, ConfluenceApi, File, Page
from tests.fakes.site import Doc, Site

FILES = {"a.md": b"# A", "b/c.txt": b"texto", "b/d.pdf": b"%PDF-1.7", "z.html": b"<p>x</p>"}


def folder(path: Path) -> Connector:
    """A folder that holds FILES."""
    for name, data in FILES.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return FolderConnector(path)


@asynccontextmanager
async def on_disk(path: Path) -> AsyncIterator[Connector]:
    """The folder, which needs no server."""
    yield folder(path)


@asynccontextmanager
async def on_the_web(path: Path) -> AsyncIterator[Connector]:
    """A site that links to FILES from a page that is none of them."""
    async with Site() as site:
        site.docs = {f"/{name}": Doc(data=data, media_type="application/octet-stream") for name, data in FILES.items()}
        site.docs["/"] = Doc(links=tuple(FILES), head='<meta name="robots" content="noindex">')
        options = WebOptions.model_validate({"url": f"{site.url}/", "allow_networks": ["127.0.0.0/8"]})
        yield WebConnector(options, path, Pace(delay=0, backoff=0.01))


@asynccontextmanager
async def in_confluence(path: Path) -> AsyncIterator[Connector]:
    """Files attached to a page that is not wanted itself."""
    async with ConfluenceApi() as wiki:
        wiki.pages["1"] = Page("Carpeta")
        wiki.files = {name: File(name.rsplit("/")[-1], "1", data) for name, data in FILES.items()}
        options = {"url": wiki.root, "spaces": ["AGUA"], "token": TOKEN, "include": ["*.*"]}
        yield ConfluenceConnector(ConfluenceOptions.model_validate(options))


SOURCES: dict[str, Callable[[Path], AbstractAsyncContextManager[Connector]]] = {
    "folder": on_disk,
    "web": on_the_web,
    "confluence": in_confluence,
}


@pytest.fixture(params=SOURCES)
async def connector(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Connector]:
    """A source of each kind with the same documents."""
    async with SOURCES[request.param](tmp_path) as made:
        yield made


async def listed(connector: Connector) -> list[Item]:
    """All items."""
    return [item async for item in connector.items()]


async def names(path: Path) -> list[str]:
    """What a folder connector lists, relative to its folder."""
    return [Path(item.uri).relative_to(path).as_posix() for item in await listed(FolderConnector(path))]


async def test_lists_each_document_once_in_a_stable_order(connector: Connector) -> None:
    """Twice the same list, every document in it once."""
    first = await listed(connector)
    assert [item.name for item in first] == ["a.md", "c.txt", "d.pdf", "z.html"]
    assert await listed(connector) == first
    assert len({item.uri for item in first}) == len(FILES)


async def test_fetches_the_bytes(connector: Connector) -> None:
    """Each item's bytes, as often as asked."""
    for item in await listed(connector):
        assert (await connector.fetch(item)).data in FILES.values()
        assert await connector.fetch(item) == await connector.fetch(item)


async def test_a_lost_item_is_a_named_error(connector: Connector) -> None:
    """An item that has gone since it was listed fails by itself."""
    with pytest.raises(DocumentError, match="cannot be read"):
        await connector.fetch(Item("gone.md", "gone.md", "1"))


async def test_version_changes_with_the_file(tmp_path: Path) -> None:
    """Other bytes, another version; untouched, the same."""
    folder(tmp_path)
    before = await listed(FolderConnector(tmp_path))
    (tmp_path / "a.md").write_bytes(b"# B")
    os.utime(tmp_path / "a.md", ns=(1, 1))
    after = await listed(FolderConnector(tmp_path))
    assert [one.version != two.version for one, two in zip(before, after, strict=True)] == [True, False, False, False]


async def test_passes_over_what_is_no_document(tmp_path: Path) -> None:
    """Hidden and lock files, code, data and pictures are not listed; an unknown ending is, and fails with its reason."""
    for name in (
        ".oculto.md",
        "~$plan.docx",
        "x.py",
        "datos.jsonl",
        "foto.PNG",
        "Thumbs.db",
        ".git/config.md",
        "plano.abc",
        "LEEME",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert await names(tmp_path) == ["LEEME", "plano.abc"]
    for item, reason in zip(await listed(FolderConnector(tmp_path)), ("without an ending", r"no parser for \.abc"), strict=True):
        with pytest.raises(DocumentError, match=reason):
            await FolderConnector(tmp_path).fetch(item)


async def test_links_do_not_lead_out(tmp_path: Path) -> None:
    """A link to a file or folder outside is not followed; one inside is a document."""
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "secreto.md").write_text("x")
    (inside / "propio.md").write_text("x")
    (inside / "fuera.md").symlink_to(outside / "secreto.md")
    (inside / "carpeta").symlink_to(outside)
    (inside / "bucle").symlink_to(inside)
    (inside / "roto.md").symlink_to(inside / "nada.md")
    (inside / "dentro.md").symlink_to(inside / "propio.md")
    assert await names(inside) == ["dentro.md", "propio.md"]


async def test_a_link_that_turns_out_of_the_folder_later(tmp_path: Path) -> None:
    """What was a file when listed and leads out when fetched is not read."""
    inside = tmp_path / "in"
    inside.mkdir()
    (tmp_path / "secreto.md").write_text("x")
    (inside / "a.md").write_text("x")
    connector = FolderConnector(inside)
    item = (await listed(connector))[0]
    (inside / "a.md").unlink()
    (inside / "a.md").symlink_to(tmp_path / "secreto.md")
    with pytest.raises(DocumentError, match="leads out"):
        await connector.fetch(item)


async def test_uri_is_relative_to_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside it a relative path, outside an absolute one; a single file is a source, too."""
    folder(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert [item.uri for item in await listed(FolderConnector(Path("b")))] == ["b/c.txt", "b/d.pdf"]
    assert [item.uri for item in await listed(FolderConnector(Path("a.md")))] == ["a.md"]
    monkeypatch.chdir(tmp_path / "b")
    assert [item.uri for item in await listed(FolderConnector(tmp_path / "a.md"))] == [(tmp_path / "a.md").as_posix()]


async def test_a_missing_folder_is_not_an_empty_one(tmp_path: Path) -> None:
    """A share that is not mounted must not look as if all documents were deleted."""
    with pytest.raises(InputError, match="no such"):
        await listed(FolderConnector(tmp_path / "nada"))


async def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    """Such a file is listed with a printable name and fails by itself."""
    (tmp_path / os.fsdecode(b"caf\xe9.md")).write_bytes(b"x")
    item = (await listed(FolderConnector(tmp_path)))[0]
    assert item.uri.encode()
    with pytest.raises(DocumentError, match="cannot be read"):
        await FolderConnector(tmp_path).fetch(item)


@pytest.mark.parametrize(
    ("include", "exclude", "listed_names"),
    [
        (("*.md",), (), ["a.md"]),
        (("**/*.pdf", "*.html"), (), ["b/d.pdf", "z.html"]),
        ((), ("b/**",), ["a.md", "z.html"]),
        (("b/*",), ("**/*.txt",), ["b/d.pdf"]),
        ((), ("b",), ["a.md", "z.html"]),
        (("b/",), ("b/d.pdf",), ["b/c.txt"]),
    ],
)
async def test_globs_choose(tmp_path: Path, include: tuple[str, ...], exclude: tuple[str, ...], listed_names: list[str]) -> None:
    """`*` stays within a folder, `**` is any number of folders, what is excluded is out though included."""
    folder(tmp_path)
    found = await listed(FolderConnector(tmp_path, include, exclude))
    assert [Path(item.uri).relative_to(tmp_path).as_posix() for item in found] == listed_names


async def test_a_file_of_which_nothing_can_be_had_costs_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder that may be listed but not entered, or on a share that fails: it is named, and the others are read."""
    folder(tmp_path)
    stat = Path.stat

    def refused(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path.name == "a.md":
            raise PermissionError(13, "Permission denied", str(path))
        if path.name == "z.html":
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return stat(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", refused)
    connector = FolderConnector(tmp_path)
    found = {item.name: item for item in await listed(connector)}
    assert sorted(found) == ["a.md", "c.txt", "d.pdf"]
    with pytest.raises(DocumentError, match="cannot be read: Permission denied"):
        await connector.fetch(found["a.md"])
    assert connector.complete
