"""Synchronising a source: what is added, changed, removed, left alone, resumed, and what fails without harm to the rest."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from rag.connectors.folder import FolderConnector
from rag.errors import DocumentError, EmbeddingError
from rag.ingest import sync as module
from rag.ingest.build import Source as Labels
from rag.ingest.build import build, document_id
from rag.ingest.journal import journaled
from rag.ingest.parse.formats import parse
from rag.ingest.sync import Progress, Report, passage_text, sync
from rag.models import Document, Passage, Scope
from rag.ports import Fetched, Item, Query
from rag.stores.lance import LanceStore
from tests.fakes.hash_embedder import HashEmbedder

EVERYONE = Scope(frozenset({"everyone"}))
TEXT = "El caudal nocturno del sector Ensanche es de 38 metros cúbicos por hora y baja al regular la presión."


@dataclass(frozen=True)
class Source:
    """What a configured source looks like to ingest."""

    name: str = "manuales"
    audience: tuple[str, ...] = ("everyone",)
    tags: dict[str, str] = field(default_factory=dict)
    licence: str = ""


@dataclass
class World:
    """A folder, an index and an embedder."""

    folder: Path
    store: LanceStore
    embedder: HashEmbedder
    source: Source = field(default_factory=Source)
    progress: list[Progress] = field(default_factory=list)
    parsed: list[str] = field(default_factory=list)

    def write(self, name: str, text: str) -> None:
        """A file of the source."""
        (self.folder / name).parent.mkdir(exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")

    def id_of(self, name: str) -> str:
        """The id of the document in a file."""
        return document_id(self.source.name, (self.folder / name).as_posix())

    async def parse(self, source: Labels, fetched: Fetched) -> tuple[Document, list[Passage]]:
        """The real parser; notes what it is asked for."""
        self.parsed.append(fetched.item.name)
        return build(source, fetched, parse(fetched))

    async def sync(self, *, retry: bool = False) -> Report:
        """One run; forgets what earlier runs parsed and embedded."""
        self.parsed.clear()
        self.embedder.embedded.clear()
        connector = FolderConnector(self.folder)
        async with journaled(self.embedder, self.folder.parent / "journal") as kept:
            return await sync(self.source, connector, self.parse, kept, self.store, self.progress.append, retry=retry)

    async def found(self, text: str, scope: Scope = EVERYONE) -> list[str]:
        """The texts that a search brings."""
        vector = await self.embedder.embed_query(text)
        return [hit.passage.text for hit in await self.store.search(Query(text, "es", vector, 50), scope)]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Three documents."""
    embedder = HashEmbedder()
    made = World(tmp_path / "docs", LanceStore(tmp_path / "index", embedder.dimension, embedder.name), embedder)
    made.folder.mkdir()
    made.write("a.md", f"# Manual A\n\n{TEXT}")
    made.write("b.txt", "Las soplantes de la EDAR Norte quedan en marcha de noche.")
    made.write("c/d.csv", "uso;kWh\nluz;3,5\n")
    return made


def counts(report: Report) -> tuple[int, int, int, int, int]:
    """Added, changed, removed, unchanged, failed."""
    return report.added, report.changed, report.removed, report.unchanged, len(report.failures)


async def test_first_run_adds_all(world: World) -> None:
    """Documents carry their source, title and labels, passages their place; progress ends at the total."""
    world.source = Source(tags={"site": "edar-norte", "kind": "manual"}, licence="CC BY")
    report = await world.sync()
    assert counts(report) == (3, 0, 0, 0, 0)
    assert report.passages == 3
    indexed = {Path(one.document.uri).name: one.document for one in await world.store.documents("manuales")}
    assert {name: document.title for name, document in indexed.items()} == {
        "a.md": "Manual A",
        "b.txt": "b.txt",
        "d.csv": "d.csv",
    }
    assert indexed["a.md"].tags == {"site": "edar-norte", "kind": "manual"}
    assert (indexed["a.md"].site, indexed["a.md"].licence, indexed["a.md"].language) == ("edar-norte", "CC BY", "es")
    assert TEXT in await world.found("caudal nocturno")
    assert world.progress[-1].documents == world.progress[-1].documents_total == 3
    assert world.progress[-1].passages == world.progress[-1].expected == 3


async def test_second_run_costs_nothing(world: World) -> None:
    """Unchanged documents are neither read nor embedded."""
    await world.sync()
    assert counts(await world.sync()) == (0, 0, 0, 3, 0)
    assert world.parsed == world.embedder.embedded == []


async def test_changed_and_removed(world: World) -> None:
    """A changed document is replaced as a whole, a deleted one is found no more."""
    await world.sync()
    world.write("a.md", "# Manual A\n\nTexto nuevo sobre bombas.")
    (world.folder / "b.txt").unlink()
    assert counts(await world.sync()) == (0, 1, 1, 1, 0)
    assert world.parsed == ["a.md"]
    assert sorted(await world.found("caudal bombas soplantes")) == ["Texto nuevo sobre bombas.", "uso | kWh\nluz | 3,5"]


async def test_touched_file_is_not_embedded_again(world: World) -> None:
    """The same bytes with a new time cost a read, and after that nothing."""
    await world.sync()
    world.write("a.md", (world.folder / "a.md").read_text())
    (world.folder / "a.md").touch()
    assert counts(await world.sync()) == (0, 0, 0, 3, 0)
    assert world.embedder.embedded == []
    await world.sync()
    assert world.parsed == []
    assert TEXT in await world.found("caudal nocturno")


async def test_new_labels_take_effect_without_embedding(world: World) -> None:
    """A narrower audience holds after the next run, for passages and documents, and nothing is embedded for it."""
    await world.sync()
    world.source = Source(audience=("direccion",), tags={"site": "x"}, licence="interna")
    assert counts(await world.sync()) == (0, 3, 0, 0, 0)
    assert world.embedder.embedded == []
    assert await world.found("caudal nocturno") == []
    assert TEXT in await world.found("caudal nocturno", Scope(frozenset({"direccion"}), "x"))
    assert {(one.document.site, one.document.licence) for one in await world.store.documents()} == {("x", "interna")}
    assert counts(await world.sync()) == (0, 0, 0, 3, 0)


async def test_failures_are_recorded_and_kept_apart(world: World) -> None:
    """Unreadable documents are listed with their reason, the others go on; they are tried again when changed or asked for."""
    world.write("roto.pdf", "esto no es un PDF")
    world.write("plano.abc", "x")
    report = await world.sync()
    assert counts(report) == (3, 0, 0, 0, 2)
    assert [reason for _, reason in report.failures] == ["no parser for .abc", "not a PDF file"]
    assert sorted(one.error for one in await world.store.documents() if one.error) == ["no parser for .abc", "not a PDF file"]
    again = await world.sync()
    assert (again.failures, world.parsed) == (report.failures, [])
    await world.sync(retry=True)
    assert world.parsed == ["roto.pdf"]
    (world.folder / "plano.abc").unlink()
    (world.folder / "roto.pdf").write_bytes(b"")
    assert [reason for _, reason in (await world.sync()).failures] == ["empty file"]


async def test_a_document_that_breaks_is_no_longer_cited(world: World) -> None:
    """What cannot be read any more is not answered from."""
    await world.sync()
    (world.folder / "a.md").write_bytes(b"\x00\x01\x02")
    assert counts(await world.sync()) == (0, 0, 0, 2, 1)
    assert TEXT not in await world.found("caudal nocturno")


async def test_a_fetch_that_fails_keeps_what_is_indexed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is locked for a moment stays citable and is tried again."""
    await world.sync()
    world.write("a.md", "# Otro\n\nNuevo.")

    async def locked(self: FolderConnector, item: object) -> Fetched:
        raise DocumentError("cannot be read: locked")

    with monkeypatch.context() as patch:
        patch.setattr(FolderConnector, "fetch", locked)
        assert counts(await world.sync()) == (0, 0, 0, 2, 1)
    assert TEXT in await world.found("caudal nocturno")
    assert counts(await world.sync()) == (0, 1, 0, 2, 0)


async def test_interrupted_run_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was embedded before the embedder broke down is not embedded again."""
    monkeypatch.setattr(module, "_EMBEDDED_AT_ONCE", 2)
    for number in range(10):
        world.write(f"x{number}.md", f"# T{number}\n\n{TEXT}")
    world.embedder.fail_after = 7
    with pytest.raises(EmbeddingError):
        await world.sync()
    kept = len(await world.store.documents())
    assert 4 <= kept < 13
    world.embedder.fail_after = None
    report = await world.sync()
    assert (report.added, report.unchanged) == (13 - kept, kept)
    assert len(world.embedder.embedded) == 13 - kept


async def test_long_documents_across_batches(world: World) -> None:
    """Every passage of a document that fills many batches gets its own vector."""
    world.write("largo.md", "\n\n".join(f"# Sección {n}\n\nLa bomba número {n} eleva agua. {TEXT * 9}" for n in range(90)))
    await world.sync()
    vector = await world.embedder.embed_query("bomba de la sección")
    hits = await world.store.search(Query("bomba", "es", vector, 200), EVERYONE)
    assert len(hits) >= 90
    for hit in hits:
        assert hit.dense == pytest.approx(float(await world.embedder.embed_query(passage_text(hit.passage)) @ vector), abs=1e-5)


async def test_another_parser_reads_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a new version of the parsers, though no file has changed; passages that say the same as before keep their vectors."""
    await world.sync()
    monkeypatch.setattr(module, "VERSION", "next")
    assert counts(await world.sync()) == (0, 3, 0, 0, 0)
    assert world.parsed == ["a.md", "b.txt", "d.csv"]
    assert world.embedder.embedded == []


async def test_a_read_that_failed_is_tried_again_by_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run reads what could not be read for a moment, though the file is the same and nobody asks for it."""
    fetch = FolderConnector.fetch

    async def refused(self: FolderConnector, item: Item) -> Fetched:
        if item.name == "a.md":
            raise DocumentError("cannot be read: Permission denied")
        return await fetch(self, item)

    monkeypatch.setattr(FolderConnector, "fetch", refused)
    assert counts(await world.sync()) == (2, 0, 0, 0, 1)
    assert counts(await world.sync()) == (0, 0, 0, 2, 1)
    monkeypatch.undo()
    assert counts(await world.sync()) == (1, 0, 0, 2, 0)


async def test_a_closed_folder_is_not_an_empty_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies in a folder that cannot be looked into stays, and the folder is listed with its reason until it opens again."""
    world.write("c/e.md", "# Manual E\n\nLas válvulas se revisan cada año.")
    await world.sync()
    scandir = os.scandir

    def closed(path: str) -> object:
        if Path(path).name == "c":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    report = await world.sync()
    assert report.removed == 0
    assert [(Path(uri).name, reason) for uri, reason in report.failures] == [("c", "cannot be read: Permission denied")]
    assert await world.found("válvulas")
    monkeypatch.undo()
    (world.folder / "c" / "e.md").unlink()
    report = await world.sync()
    assert (report.failures, report.removed) == ((), 2)


async def test_two_runs_at_once(world: World) -> None:
    """The second waits for the first and finds nothing to do."""
    reports = await asyncio.gather(world.sync(), world.sync())
    assert sorted((report.added, report.unchanged) for report in reports) == [(0, 3), (3, 0)]
    assert len(await world.found("caudal soplantes uso")) == 3


async def test_sources_do_not_touch_each_other(world: World) -> None:
    """The same files in two sources are two sets of documents; emptying one leaves the other."""
    await world.sync()
    first, world.source = world.source, replace(world.source, name="otra")
    await world.sync()
    for path in list(world.folder.rglob("*.*")):
        path.unlink()
    assert counts(await world.sync()) == (0, 0, 3, 0, 0)
    assert len(await world.store.documents(first.name)) == 3
    assert await world.store.documents("otra") == []
