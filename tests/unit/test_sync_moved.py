"""What was embedded once is not embedded again: a document that changes a little, files that are moved, renamed or copied."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from unittest.mock import AsyncMock

import numpy as np
import pytest

from rag.connectors.folder import FolderConnector
from rag.errors import StoreError
from rag.ingest import sync as module
from rag.ingest.estimate import estimate
from rag.models import Passage
from rag.stores.lance import LanceStore
from tests.fakes.hash_embedder import HashEmbedder
from tests.unit.test_sync import TEXT, World, counts


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An empty folder."""
    (tmp_path / "docs").mkdir()
    embedder = HashEmbedder()
    return World(tmp_path / "docs", LanceStore(tmp_path / "index", embedder.dimension, embedder.name), embedder)


async def test_only_what_is_new_of_a_document_is_embedded(world: World) -> None:
    """One paragraph of twenty changes; the file is renamed, then copied: what stays the same keeps its vector, and is found."""
    said = [f"Apartado {n}. " + f"La bomba número {n} del bombeo trabaja fuera de su curva. " * 12 for n in range(20)]
    world.write("a.md", "# Manual\n\n" + "\n\n".join(said))
    await world.sync()
    before = len(world.embedder.embedded)
    said[3] = said[3].replace("bomba", "soplante")
    world.write("a.md", "# Manual\n\n" + "\n\n".join(said))
    await world.sync()
    assert before > 15
    assert 1 <= len(world.embedder.embedded) <= 2
    assert all("soplante" in text for text in world.embedder.embedded)
    (world.folder / "a.md").rename(world.folder / "z.md")
    assert counts(await world.sync())[:3] == (1, 0, 1)
    assert world.embedder.embedded == []
    world.write("copia.md", (world.folder / "z.md").read_text("utf-8"))
    await world.sync()
    assert world.embedder.embedded == []
    vectors = {passage.text: vector for passage, vector in await world.store.embedded([world.id_of("copia.md")])}
    assert len(vectors) >= 20
    for text, vector in vectors.items():
        (fresh,) = await world.embedder.embed_passages([f"Manual\n{text}"])
        assert np.allclose(vector, fresh, atol=1e-6)


async def test_a_moved_folder_is_not_embedded_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many passages it has: their vectors leave the index a few at a time, and wait on the disk. A run cut off meanwhile
    loses none, and what an estimate foretells of it is nothing to embed, too.
    """
    for number in range(30):
        world.write(f"viejo/{number}.md", f"# Manual {number}\n\n{TEXT}\n\n## Presión\n\n{TEXT} Es el manual {number}.")
    await world.sync()
    taken: list[int] = []
    recalled = world.store.embedded

    async def counted(document_ids: Sequence[str]) -> list[tuple[Passage, np.ndarray]]:
        found = await recalled(document_ids)
        taken.append(len(found))
        return found

    monkeypatch.setattr(module, "_RECALLED_AT_ONCE", 8)
    monkeypatch.setattr(world.store, "embedded", counted)
    (world.folder / "viejo").rename(world.folder / "nuevo")
    foretold = await estimate(world.source, FolderConnector(world.folder), world.parse, world.embedder, world.store)
    assert (foretold.report.added, foretold.report.removed, foretold.tokens) == (30, 30, 0)
    with monkeypatch.context() as broken:
        broken.setattr(world.store, "write", AsyncMock(side_effect=StoreError("disk full", retryable=False)))
        with pytest.raises(StoreError):
            await world.sync()
    assert counts(await world.sync())[0] == 30
    assert world.embedder.embedded == []
    assert max(taken) <= 8
    assert sum(taken) == 120, "60 for the estimate, 60 for the run that removed them"
