"""The embedded index once it is large enough to be searched by an index: what is found, who may see it, what came later."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.models import Document, Locator, Passage, Scope
from rag.ports import Batch, Query
from rag.stores import lance_indexes
from rag.stores.lance import LanceStore

DIMENSION, COUNT = 64, 600
EVERYONE = Scope(frozenset({"everyone"}))
RANDOM = np.random.default_rng(3)


def batch(name: str, count: int, audience: str = "everyone", site: str | None = None) -> Batch:
    """A document of passages at random places of the sphere."""
    of = Document(name, "s", f"file:///{name}", name, frozenset({audience}), "es", site=site)
    vectors = RANDOM.standard_normal((count, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    passages = tuple(Passage(f"{name}/{n}", of, f"bomba {name} {n}", Locator(), "es", n) for n in range(count))
    return Batch(of, "1", passages, vectors)


@pytest.fixture(params=["IVF_FLAT", "IVF_RQ"])
async def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> LanceStore:
    """Six hundred passages for everyone and some for management, indexed by whole vectors and by codes."""
    monkeypatch.setattr(lance_indexes, "INDEXED_FROM", 300)
    monkeypatch.setattr(lance_indexes, "CODED_FROM", 10_000 if request.param == "IVF_FLAT" else 300)
    made = LanceStore(tmp_path, DIMENSION, "words@64")
    await made.write([WIDE, CLOSED])
    await made.optimize()
    return made


WIDE, CLOSED = batch("ancho", COUNT), batch("cerrado", 50, "direccion")


def asked(vector: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Query:
    """A question that is only a vector."""
    return Query("", "es", vector, 10)


async def test_the_nearest_are_found_and_nobody_else_s(store: LanceStore) -> None:
    """Each passage by its own vector, with its exact similarity; a closed one only in its scope; nine of ten of the best ten."""
    tables = await store._open()
    assert {"vector", "id", "audience"} <= {name for one in await tables[0].list_indices() for name in one.columns}
    right = 0
    for place in range(0, COUNT, 20):
        vector = WIDE.vectors[place]
        hits = await store.search(asked(vector), EVERYONE)
        assert hits[0].passage.id == f"ancho/{place}"
        assert hits[0].dense == pytest.approx(1.0, abs=1e-5)
        assert all(hit.passage.document.id == "ancho" for hit in hits)
        best = np.argsort(-(WIDE.vectors @ vector))[:10]
        right += len({f"ancho/{n}" for n in best} & {hit.passage.id for hit in hits})
    assert right >= 0.9 * 10 * len(range(0, COUNT, 20))
    managed = await store.search(asked(CLOSED.vectors[0]), Scope(frozenset({"everyone", "direccion"})))
    assert managed[0].passage.id == "cerrado/0"


async def test_what_comes_after_is_found_and_what_goes_is_gone(store: LanceStore) -> None:
    """Without another `optimize`, and after it."""
    late = batch("tarde", 5)
    await store.write([late])
    await store.delete(["cerrado"])
    for _ in range(2):
        assert (await store.search(asked(late.vectors[2]), EVERYONE))[0].passage.id == "tarde/2"
        all_seen = await store.search(asked(CLOSED.vectors[0]), Scope(frozenset({"everyone", "direccion"})))
        assert all(hit.passage.document.id != "cerrado" for hit in all_seen)
        await store.optimize()


async def test_an_index_that_the_table_outgrew_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes in place of whole vectors, partitions for the new size, one index; all is found as before."""
    monkeypatch.setattr(lance_indexes, "INDEXED_FROM", 300)
    monkeypatch.setattr(lance_indexes, "CODED_FROM", 2_000)
    grown = LanceStore(tmp_path, DIMENSION, "words@64")
    first = batch("primero", 400)
    await grown.write([first])
    await grown.optimize()
    assert await _vector_indexes(grown) == [("vector_of_400", "IVF_FLAT")]
    await grown.write([batch("segundo", 1_000)])
    await grown.optimize()
    assert await _vector_indexes(grown) == [("vector_of_400", "IVF_FLAT")]
    await grown.write([batch("tercero", 1_000)])
    await grown.optimize()
    assert await _vector_indexes(grown) == [("vector_of_2400", "IVF_RQ")]
    assert (await grown.search(asked(first.vectors[7]), EVERYONE))[0].passage.id == "primero/7"


async def _vector_indexes(store: LanceStore) -> list[tuple[str, str]]:
    passages, _ = await store._open()
    found = [index for index in await passages.list_indices() if "vector" in index.columns]
    return [(index.name, (await passages.index_stats(index.name)).index_type) for index in found]
