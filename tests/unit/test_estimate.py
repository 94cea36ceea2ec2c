"""The dry run: it writes nothing, and what it foretells is what the real run then does."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from adapters.console.show_estimate import estimates, estimates_json
from config.company import SourceConfig
from config.limits import Price
from config.settings import load_settings
from dryrun import dry_run
from rag.connectors.folder import FolderConnector
from rag.ingest.build import Source as Labels
from rag.ingest.build import build
from rag.ingest.costs import totals
from rag.ingest.estimate import Estimated, estimate
from rag.ingest.parse.formats import parse
from rag.ingest.report import Report
from rag.ingest.sync import passage_text, sync
from rag.models import Document, Passage
from rag.ports import Batch, Fetched, IndexedDocument
from rag.stores.lance import LanceStore
from rag.stores.pinecone import PineconeStore
from rag.stores.pinecone_records import document_record, passage_records
from tests.fakes.hash_embedder import HashEmbedder
from tests.fakes.pinecone_api import FakePinecone


@dataclass(frozen=True)
class Source:
    """What a configured source looks like to ingest."""

    name: str = "manuales"
    audience: tuple[str, ...] = ("everyone",)
    tags: dict[str, str] = field(default_factory=dict)
    licence: str = ""


async def read(source: Labels, fetched: Fetched) -> tuple[Document, list[Passage]]:
    """The real parser, in this process."""
    return build(source, fetched, parse(fetched))


@dataclass
class World:
    """A folder and its index."""

    folder: Path
    store: LanceStore
    embedder: HashEmbedder
    source: Source = field(default_factory=Source)

    def write(self, name: str, text: str) -> None:
        """A file of the source."""
        (self.folder / name).write_text(text, encoding="utf-8")

    async def foretold(self, *, retry: bool = False) -> Estimated:
        """The dry run, of which the embedder and the folder of the index must notice nothing."""
        before = self.written()
        found = await estimate(self.source, FolderConnector(self.folder), read, self.embedder, self.store, retry=retry)
        assert self.embedder.embedded == []
        assert self.written() == before
        return found

    async def sync(self, *, retry: bool = False) -> Report:
        """The real run."""
        report = await sync(self.source, FolderConnector(self.folder), read, self.embedder, self.store, retry=retry)
        self.embedder.embedded.clear()
        return report

    def written(self) -> dict[str, int]:
        """All files of the index with their times."""
        return snapshot(self.folder.parent / "index")


def snapshot(folder: Path) -> dict[str, int]:
    """Every file below a folder, and when it was written."""
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
async def world(tmp_path: Path) -> World:
    """Three documents and one that cannot be read, beside an empty index."""
    embedder = HashEmbedder()
    made = World(tmp_path / "docs", LanceStore(tmp_path / "index", embedder.dimension, embedder.name), embedder)
    made.folder.mkdir()
    await made.store.documents()
    made.write("a.md", "# Manual\n\n" + "\n\n".join(f"El caudal nocturno del sector {n} baja de noche. " * 20 for n in range(5)))
    made.write("b.txt", "Las soplantes quedan en marcha de noche.")
    made.write("c.csv", "uso;kWh\nluz;3,5\n")
    made.write("d.pdf", "no es un PDF")
    return made


def counts(report: Report) -> tuple[object, ...]:
    """What two runs have to agree on: all but the time they took."""
    return report.added, report.changed, report.removed, report.unchanged, report.passages, report.failures


async def test_the_counts_are_those_of_the_run_that_follows(world: World) -> None:
    """At first, with nothing to do, after edits, removals and new labels, and on a retry: what is foretold happens."""
    first = await world.foretold()
    assert counts(first.report) == counts(await world.sync())
    assert first.report.added == 3
    assert len(first.report.failures) == 1
    assert (await world.foretold()).tokens == 0
    assert counts((await world.foretold()).report) == counts(await world.sync())
    world.write("a.md", "# Manual\n\nOtro texto.")
    world.write("e.txt", "Un documento nuevo.")
    (world.folder / "b.txt").unlink()
    edited = await world.foretold()
    assert (edited.report.added, edited.report.changed, edited.report.removed) == (1, 1, 1)
    assert counts(edited.report) == counts(await world.sync())
    world.source = Source(audience=("obras",))
    relabelled = await world.foretold(retry=True)
    assert (relabelled.report.changed, relabelled.report.passages) == (3, 0)
    assert counts(relabelled.report) == counts(await world.sync(retry=True))


async def test_sizes_are_those_of_what_is_read_and_written(world: World) -> None:
    """Bytes of the files, and of the records that these documents make on Pinecone; at least a token a word."""
    (world.folder / "d.pdf").unlink()
    foretold = await world.foretold()
    assert foretold.read_bytes == sum(path.stat().st_size for path in world.folder.iterdir())
    size = words = 0
    connector = FolderConnector(world.folder)
    async for item in connector.items():
        document, passages = await read(world.source, await connector.fetch(item))
        vectors = await world.embedder.embed_passages([passage_text(passage) for passage in passages])
        records = [*passage_records(Batch(document, "1", tuple(passages), vectors), "g")]
        records.append(document_record(IndexedDocument(document, "1", len(passages), ""), "g", 32))
        size += sum(len(json.dumps(record["metadata"], ensure_ascii=False).encode()) + 4 * 32 for record in records)
        words += sum(len(passage_text(passage).split()) for passage in passages)
    assert foretold.index_bytes == pytest.approx(size, rel=0.1)
    assert words < foretold.tokens < 3 * words


async def test_without_an_index_all_is_new(world: World) -> None:
    """Before the first ingest there is nothing to compare with, and nothing is made for it."""
    found = await estimate(world.source, FolderConnector(world.folder), read, world.embedder, None)
    assert counts(found.report) == counts((await world.foretold()).report)


async def test_pinecone_is_only_read(world: World) -> None:
    """Against an index elsewhere too: its documents are compared with, and no request writes or deletes."""
    async with FakePinecone(32) as fake:
        store = PineconeStore("pc-test", fake.url, "t", 32, world.embedder.name)
        await sync(world.source, FolderConnector(world.folder), read, world.embedder, store)
        world.write("e.txt", "Un documento nuevo.")
        (world.folder / "b.txt").unlink()
        world.source = Source(audience=("obras",))
        before = len(fake.requests)
        report = (await estimate(world.source, FolderConnector(world.folder), read, world.embedder, store)).report
        assert (report.added, report.changed, report.removed) == (1, 2, 1)
        assert {request.path for request in fake.requests[before:]} == {"/vectors/fetch_by_metadata"}
        await store.close()


MILLION = Estimated(Report("web", 900, 100, 7, 3, (("u", "no"),), 7000, 1.0), 1_000_000, 12_345_678, 1_000_000_000)


def test_costs_are_the_sums_times_the_prices() -> None:
    """A million tokens cost the price of a million; a gigabyte the price of a month; time is at the measured rates."""
    whole = totals([MILLION, MILLION])
    assert (whole.documents, whole.passages, whole.tokens) == (2000, 14_000, 2_000_000)
    assert whole.seconds == (2000.0, 2800.0)
    usd = {cost.item: cost.usd for cost in whole.costs}
    assert usd["text-embedding-3-large"] == pytest.approx(0.26)
    assert usd["pinecone_write"] == pytest.approx(9.0)
    assert usd["pinecone_storage"] == pytest.approx(0.66)
    assert all(cost.price.as_of <= date(2026, 12, 31) and cost.price.source.startswith("https://") for cost in whole.costs)
    assert isinstance(whole.costs[0].price, Price)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("es", ["900 nuevos, 100 cambiados, 7 por quitar, 3 sin cambios; 7.000 pasajes", "12,3 MB", "NO SE LEE u: no",
                "roto: NO SE PUEDE LEER: adiós", "entre 17 min y 23 min", "0,13 USD", "31 may 2026", "No se ha escrito nada."]),
        ("en", ["900 new, 100 changed, 7 to be removed, 3 unchanged; 7,000 passages", "12.3 MB", "CANNOT READ u: no",
                "roto: CANNOT BE READ: adiós", "17 min to 23 min", "0.13 USD", "31 May 2026", "Nothing was written."]),
    ],
)  # fmt: skip
def test_people_read_it_in_their_language(language: str, expected: list[str]) -> None:
    """Counts, failures, time and money with the date of the price."""
    said = estimates([MILLION, Estimated(Report("roto", error="adiós"))], language)
    assert [part for part in expected if part not in said] == []


def test_programs_read_it_as_json() -> None:
    """One object with all numbers, and the price, date and source behind each cost."""
    said = json.loads(estimates_json([MILLION]))
    assert said["sources"][0]["new"] == 900
    assert said["sources"][0]["failures"] == [["u", "no"]]
    assert said["totals"]["costs"][0]["price"]["as_of"] == "2026-05-31"


async def test_the_command_writes_nothing_at_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the real models and parsers: not even the state folder comes into being; what cannot be read is told."""
    documents = tmp_path / "docs"
    documents.mkdir()
    (documents / "a.md").write_text("# Soplantes\n\nLas soplantes quedan en marcha de noche.", "utf-8")
    settings = load_settings(_env_file=None, advisor_home=tmp_path / "var")
    sources = [SourceConfig(name="docs", path=str(documents))]
    before = snapshot(tmp_path)
    assert await dry_run(settings, sources, "es", retry=False, as_json=False)
    assert "docs: 1 nuevos" in capsys.readouterr().out
    assert (snapshot(tmp_path), (tmp_path / "var").exists()) == (before, False)
    (documents / "roto.pdf").write_text("no", "utf-8")
    assert not await dry_run(settings, sources, "en", retry=False, as_json=True)
    assert len(json.loads(capsys.readouterr().out)["sources"][0]["failures"]) == 1
