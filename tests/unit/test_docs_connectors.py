"""The connector that the documentation shows works as a package of a third party."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from config.company import SourceConfig
from rag.connectors import registry
from rag.ingest.build import build
from rag.ingest.parse.formats import parse
from rag.ingest.sync import sync
from rag.models import Document, Passage, Scope
from rag.ports import Fetched, Query
from rag.stores.lance import LanceStore
from tests.fakes.hash_embedder import HashEmbedder

PAGE = Path(__file__).parents[2] / "docs" / "connectors.md"
TEXT = "La bomba tres gira siempre a plena velocidad."


async def test_the_example_is_found_installed_and_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Announced by an entry point, it is connected to by name; what it reads is found in the index."""
    code = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[0]
    assert len(code.splitlines()) < 50
    (tmp_path / "notes_connector.py").write_text(code, "utf-8")
    info = tmp_path / "notes_connector-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: notes-connector\nVersion: 1\n", "utf-8")
    (info / "entry_points.txt").write_text(f"[{registry.GROUP}]\nnotes = notes_connector:KIND\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "notes.json").write_text(json.dumps([{"id": 1, "text": TEXT}]), "utf-8")
    keys = {"name": "notas", "connector": "notes", "file": str(tmp_path / "notes.json")}
    source = SourceConfig.model_validate(keys)

    async def read(labels: Any, fetched: Fetched) -> tuple[Document, list[Passage]]:
        return build(labels, fetched, parse(fetched))

    embedder = HashEmbedder()
    store = LanceStore(tmp_path / "index", embedder.dimension, embedder.name)
    await sync(source, registry.connect(source, tmp_path, {}), read, embedder, store)
    query = Query(TEXT, "es", await embedder.embed_query(TEXT))
    assert [hit.passage.text for hit in await store.search(query, Scope(frozenset({"everyone"})))] == [TEXT]
