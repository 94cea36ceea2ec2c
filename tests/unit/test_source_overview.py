"""The figures of sources: of what is indexed only, listed once for a large index, and why documents failed in both languages."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis

import bot.sources
from bot.reasons import reason_in
from bot.runs import Runs
from bot.source_state import Run, state_json
from bot.sources import overview
from config.company import CompanyConfig
from config.settings import Settings
from rag.ingest.report import OnProgress
from rag.models import Document
from rag.ports import Batch
from rag.stores.lance import LanceStore
from tests.fakes.hash_embedder import HashEmbedder
from upkeep import bring_up_to_date
from wiring import build_knowledge

COMPANY = CompanyConfig.model_validate({"sources": [{"name": "manuales", "path": "."}]})


def failed(name: str, error: str = "empty file") -> Batch:
    """A document that could not be read."""
    return Batch(Document(name, "manuales", name, name, frozenset({"everyone"})), "1", error=error)


async def test_a_source_without_documents_has_no_newest_one(tmp_path: Path) -> None:
    """What failed is no document, and gives no time."""
    store = LanceStore(tmp_path, 4, "test")
    await store.write([failed("a.md")])
    (state,) = await overview(COMPANY, store, None)
    assert (state.documents, state.indexed_at, state.failures) == (0, "", (("a.md", "empty file"),))
    assert state_json(state)["indexed_at"] is None
    assert state_json(state, "es")["failures"] == [{"uri": "a.md", "reason": "archivo vacío"}]


async def test_a_large_index_is_listed_once_a_run(tmp_path: Path, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """While listing is cheap every look is fresh; of a dear one the figures stay until a run ends."""
    store, runs = LanceStore(tmp_path, 4, "test"), Runs(redis)

    async def failures() -> int:
        (state,) = await overview(COMPANY, store, runs)
        return len(state.failures)

    monkeypatch.setattr(bot.sources, "_CHEAP_SECONDS", 60.0)
    await store.write([failed("a.md")])
    assert await failures() == 1
    monkeypatch.setattr(bot.sources, "_CHEAP_SECONDS", 0.0)
    await store.write([failed("b.md")])
    assert await failures() == 2
    await store.write([failed("c.md")])
    assert await failures() == 2
    await runs.record(Run("manuales", 1.0, 2.0))
    assert await failures() == 3


async def test_what_was_read_in_part_is_told_until_it_is_read_whole_or_gone(redis: Redis, tmp_path: Path) -> None:
    """Notes stay over runs that do not read the document again; reading it whole, or its leaving the index, ends them."""
    store, runs = LanceStore(tmp_path, 4, "test"), Runs(redis)

    async def there() -> set[str]:
        return {one.document.uri for one in await store.documents("manuales")}

    async def notes() -> list[dict[str, str]]:
        (state,) = await overview(COMPANY, store, runs)
        found: list[dict[str, str]] = state_json(state, "es")["notes"]
        return found

    scanned = "scanned: needs OCR (Tesseract is not installed)"
    await store.write([failed("a.pdf", ""), failed("b.pdf", "")])
    await runs.note("manuales", {"a.pdf": [f"pages 2-4: {scanned}"], "b.pdf": [scanned], "c.pdf": []}, there)
    await runs.note("manuales", {}, there)
    told = "escaneadas: necesitan OCR (Tesseract no está instalado)"
    assert [one["uri"] for one in await notes()] == ["a.pdf", "b.pdf"]
    assert (await notes())[0]["note"] == f"páginas 2-4: {told}"
    await runs.note("manuales", {"b.pdf": []}, there)
    assert [one["uri"] for one in await notes()] == ["a.pdf"]
    await store.write([failed("a.pdf")])
    assert await notes() == []  # it is told as a failure
    await store.write([failed("a.pdf", "")])
    assert len(await notes()) == 1
    await store.delete(["a.pdf"])
    await runs.note("manuales", {}, there)
    assert await notes() == []


async def test_failures_of_what_stays_are_listed_too(redis: Redis, tmp_path: Path) -> None:
    """A page that failed in the last run keeps its text in the index: only the run knows why it is not of today."""
    store, runs = LanceStore(tmp_path, 4, "test"), Runs(redis)
    await store.write([failed("b.md")])
    await runs.record(Run("manuales", 1.0, failures=(("a.md", "cannot be read: HTTP 502 after 4 tries"),), failed=1))
    (state,) = await overview(COMPANY, store, runs)
    assert state.failures == (("a.md", "cannot be read: HTTP 502 after 4 tries"), ("b.md", "empty file"))
    await runs.record(Run("manuales", 2.0))
    (state,) = await overview(COMPANY, store, runs)
    assert state.failures == (("b.md", "empty file"),)


async def test_a_run_notes_what_it_could_not_read(redis: Redis, tmp_path: Path) -> None:
    """An archive of which one file has no parser is indexed, and the run says which it was."""
    (tmp_path / "in").mkdir()
    with zipfile.ZipFile(tmp_path / "in" / "planos.zip", "w") as archive:
        archive.writestr("a.md", "# Red\n\nEl caudal nocturno baja al regular la presión.")
        archive.writestr("b.xyz", "x")
    company = CompanyConfig.model_validate({"sources": [{"name": "manuales", "path": str(tmp_path / "in")}]})
    settings = Settings(_env_file=None, advisor_home=tmp_path / "home")
    embedder, runs = HashEmbedder(), Runs(redis)
    store = LanceStore(tmp_path / "index", embedder.dimension, embedder.name)
    knowledge = replace(build_knowledge(settings, company), embedder=embedder, index=store)

    @contextmanager
    def quietly(_: str) -> Iterator[OnProgress]:
        yield lambda progress: None

    await bring_up_to_date(knowledge, settings, company.sources, quietly, retry=False, runs=runs)
    (state,) = await overview(company, store, runs)
    assert state.documents == 1
    assert [note for _, note in state.notes] == ["b.xyz: no parser for .xyz"]


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("no parser for .xyz", "los archivos .xyz no se leen"),
        ("broken PDF file: no trailer", "archivo PDF dañado: no trailer"),
        ("old binary Word file: save it as DOCX", "formato antiguo: guárdelo como DOCX"),
        ("cannot be read: HTTP 502 after 4 tries", "no se puede leer: HTTP 502 tras 4 intentos"),
        ("access is refused: HTTP 403", "el sitio no da acceso: HTTP 403"),
        ("larger than 100 MB", "mayor de 100 MB"),
        ("page 1: hidden text left out", "páginas 1: se ha omitido texto que no se ve"),
        (
            "pages 3-5: left out, there was only time for the pages before: split the file",
            "páginas 3-5: omitidas, solo hubo tiempo para las anteriores: divida el archivo",
        ),
        ("restricted in Confluence: only some may read it", "restringida en Confluence: solo algunas personas pueden leerla"),
        (
            "page 2: scanned: needs OCR (Tesseract is not installed); empty file",
            "páginas 2: escaneadas: necesitan OCR (Tesseract no está instalado); archivo vacío",
        ),
        ("a/b.xyz: no parser for .xyz", "a/b.xyz: los archivos .xyz no se leen"),
        (
            "a.pptx: slide 3: a chart, diagram or embedded object is not read",
            "a.pptx: diapositiva 3: no se lee un gráfico, diagrama u objeto incrustado",
        ),
        (
            "sheet «A: b»: hidden rows or columns are left out: 2",
            "hoja «A: b»: filas o columnas ocultas que no se leen: 2",
        ),
        ("something new {x}: y", "something new {x}: y"),
        (
            "needs more than 256 MB of memory: split the file or save it anew",
            "necesita más de 256 MB de memoria: divida el archivo o guárdelo de nuevo",
        ),
        (
            "took longer than 20 s: split the file or save it anew",
            "su lectura tarda demasiado: divida el archivo o guárdelo de nuevo",
        ),
        (
            "b.zip: a.csv: more than 50000 rows: connect it as readings instead",
            "b.zip: a.csv: tiene más filas o celdas de las que lee una persona: conéctelo como lecturas",
        ),
        (
            "unpacks to 900 times its size: refused as a decompression bomb",
            "se descomprime en muchas veces su tamaño: se rechaza como bomba de descompresión",
        ),
        (
            "too many columns for a table that people read",
            "contiene más de lo que se lee de un archivo (partes, páginas, columnas o niveles): divídalo",
        ),
        ("cannot be read: the files are not listed: HTTP 400", "no se puede leer: no hay lista de los archivos: HTTP 400"),
    ],
)
def test_reasons_in_spanish(reason: str, told: str) -> None:
    """Known kinds are translated with what they name; an unknown one is told as it is. In English all stay."""
    assert reason_in("es", reason) == told
    assert reason_in("en", reason) == reason
