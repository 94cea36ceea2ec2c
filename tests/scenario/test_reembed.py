"""Embeddings that are changed: the index of before answers until another has been made whole, and then that one does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import numpy as np
import pytest

from rag.errors import EmbeddingError
from rag.ingest.reembed import reembed
from rag.models import Document, Locator, Passage
from rag.ports import Batch
from rag.stores.lance import LanceStore
from tests.app_process import make_home
from tests.fakes.hash_embedder import HashEmbedder
from tests.fakes.openai_api import FakeOpenAI

QUESTION = "¿Cada cuánto se limpian los difusores?"


@pytest.fixture
async def openai() -> AsyncIterator[FakeOpenAI]:
    """The platform's stand-in."""
    async with FakeOpenAI() as fake:
        yield fake


@pytest.mark.faults  # ten processes, one after the other
@pytest.mark.timeout(180)
async def test_switching_embeddings_and_back(openai: FakeOpenAI) -> None:
    """Changed settings answer from the old index and say so; after `reembed` the new one does, and nothing is read again."""
    with make_home() as home:

        async def run(*arguments: str, code: int = 0, **more: str) -> str:
            done = await asyncio.to_thread(home.run, *arguments, code=code, **more)
            return done.stdout + done.stderr

        await run("ingest")
        other = {
            "ADVISOR_EMBEDDINGS": "openai", "OPENAI_API_KEY": openai.api_key, "OPENAI_BASE_URL": openai.base_url,
            "OPENAI_MODEL": "500",
        }  # fmt: skip
        assert "18 meses" in await run("ask", QUESTION, **other)
        assert openai.calls("/embeddings") == 0
        assert "reembed" in await run("doctor", code=1, **other)
        assert "3 documents" in await run("reembed", **other)
        asked = openai.calls("/embeddings")
        assert asked > 0
        report = json.loads((await run("ingest", "--json", **other)).splitlines()[0])["sources"][0]
        assert (report["unchanged"], report["added"], report["changed"]) == (3, 0, 0)
        assert openai.calls("/embeddings") == asked
        await run("ask", QUESTION, **other, code=0)
        assert openai.calls("/embeddings") > asked
        refused = await run("ask", QUESTION, code=2)
        assert "OPENAI_API_KEY" in refused
        assert "reembed" in refused
        assert "3 documents" not in await run("reembed", **other)
        await run("reembed")
        assert "18 meses" in await run("ask", QUESTION)


@pytest.mark.faults  # a server and three processes
@pytest.mark.timeout(180)
async def test_a_running_server_takes_the_new_index(openai: FakeOpenAI) -> None:
    """Without a restart, and what is deleted afterwards is no longer answered."""
    other = {
        "ADVISOR_EMBEDDINGS": "openai", "OPENAI_API_KEY": openai.api_key, "OPENAI_BASE_URL": openai.base_url,
        "OPENAI_MODEL": "500",
    }  # fmt: skip
    with make_home(indexed=True) as home:

        async def asked(url: str) -> str:
            async with aiohttp.ClientSession() as session, session.post(f"{url}/v1/ask", json={"question": QUESTION}) as answer:
                return str((await answer.json())["text"])

        with home.serving(**other) as server:
            assert "18 meses" in await asked(server.url)
            assert openai.calls("/embeddings") == 0
            await asyncio.to_thread(home.run, "reembed", **other)
            before = openai.calls("/embeddings")
            async with asyncio.timeout(20):
                while openai.calls("/embeddings") == before:
                    await asked(server.url)
                    await asyncio.sleep(0.5)
            assert "18 meses" in await asked(server.url)
            for file in (home.folder / "documents").rglob("*"):
                if file.is_file() and "18 meses" in file.read_text("utf-8", "replace"):
                    file.unlink()
            await asyncio.to_thread(home.run, "ingest", **other)
            await asyncio.sleep(1.5)
            assert "18 meses" not in await asked(server.url)


def batch(n: int, audience: str = "everyone") -> Batch:
    """A document of two passages."""
    document = Document(f"d{n}", "s", f"u{n}", f"t{n}", frozenset({audience}), "es")
    passages = tuple(Passage(f"d{n}-{m}", document, f"Texto {n} {m}.", Locator(page=m + 1), "es", m) for m in range(2))
    return Batch(document, f"v{n};parser=1;embedder=old", passages, np.eye(2, 4, dtype=np.float32))


async def test_an_interrupted_run_goes_on_and_catches_up(tmp_path: Path) -> None:
    """What was made stays, the rest follows; what was changed, relabelled, removed or failed meanwhile is as in the old index."""
    whole = HashEmbedder()
    old, new = LanceStore(tmp_path, 4, "old"), LanceStore(tmp_path, whole.dimension, whole.name)
    await old.write([batch(n) for n in range(40)])
    failed = Document("bad", "s", "bad.pdf", "bad.pdf", frozenset({"everyone"}))
    await old.write([Batch(failed, "v;parser=1;embedder=old", error="broken")])
    breaking = HashEmbedder()
    breaking.fail_after = 50
    with pytest.raises(EmbeddingError):
        await reembed(old, new, breaking, lambda progress: None)
    made = len(await new.documents())
    assert 0 < made < 41
    await old.write([batch(0, "direccion")])
    await old.delete(["d1"])
    report = await reembed(old, new, whole, lambda progress: None)
    assert report.added <= 41 - made + 1
    found = {one.document.id: one for one in await new.documents()}
    assert {name: (one.document, one.passages, one.error) for name, one in found.items()} == {
        one.document.id: (one.document, one.passages, one.error) for one in await old.documents()
    }
    assert found["d0"].version == f"v0;parser=1;embedder={whole.name}"
    assert found["d0"].document.audience == {"direccion"}
    assert (await reembed(old, new, whole, lambda progress: None)).added == 0
