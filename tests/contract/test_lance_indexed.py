"""The embedded index once it is large enough to be searched by an index: what is found, who may see it, what came later."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.models import Document, Locator, Passage, Scope
from rag.ports import Batch, Query
from rag.stores import lance
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


@pytest.fixture
async def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LanceStore:
    """Six hundred passages for everyone and some for management, indexed."""
    monkeypatch.setattr(lance, "INDEXED_FROM", 300)
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
