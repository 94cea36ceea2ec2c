"""The sources page and its interface: who learns what, a run on request, and the page in a real browser."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema
import numpy as np
import pytest
from playwright.async_api import expect
from redis.asyncio import Redis

from adapters.http import Server, build_app
from adapters.web.adapter import WebAdapter
from adapters.web.openapi import OPENAPI
from bot.health import Health
from bot.inbox import RedisInbox
from bot.memory import RedisMemory
from bot.runs import Runs, fingerprint
from bot.source_state import Run
from config.company import load_company
from config.live import LiveCompany
from config.settings import Settings
from rag.ingest.build import document_id
from rag.models import Document, Locator, Passage
from rag.ports import Batch
from rag.stores.lance import LanceStore
from tests.browser_fixtures import OpenPage
from tests.scenario.page_checks import CONTRAST, NAMES, OVERFLOW

COMPANY = """
name: Aguas de Valdemora
audiences: {everyone: "", direccion: ""}
sources:
  - {name: manuales, path: documents, every: 6h, description: Manuales de explotación}
  - {name: actas, path: actas, audience: [direccion], description: Consejo}
  - {name: carpeta, path: carpeta, watch: true}
"""
BROKEN = "audiences: {everyone: ''}\nsources:\n  - {name: actas, path: actas, audience: [direccion]}\n"
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}


@dataclass
class World:
    """A server over a real index, a real Redis and a file."""

    base: str
    runs: Runs
    file: Path


def batch(source: str, uri: str, audience: str, error: str = "") -> Batch:
    """A document of one passage, or one that failed."""
    document = Document(document_id(source, uri), source, uri, uri, frozenset({audience}), "es")
    if error:
        return Batch(document, "1", error=error)
    passage = Passage(f"{document.id}-0", document, "Texto.", Locator(), "es", 0)
    return Batch(document, "1", (passage,), np.ones((1, 4), dtype=np.float32))


@asynccontextmanager
async def world(redis: Redis, folder: Path, tokens: str | None = None) -> AsyncIterator[World]:
    """Two configured sources, one of them restricted, and one document from the command line, restricted too."""
    file = folder / "advisor.yaml"
    file.write_text(COMPANY, "utf-8")
    live = LiveCompany(file, load_company(file), seconds=0)
    store = LanceStore(folder / "index", 4, "test")
    await store.write(
        [
            batch("manuales", "documents/manual.md", "everyone"),
            batch("manuales", "documents/roto.pdf", "everyone", "encrypted: it needs a password"),
            batch("actas", "actas/venta.pdf", "direccion", "broken PDF file"),
            batch("cli-notas", "notas/secreto.md", "direccion"),
        ]
    )
    runs = Runs(redis)
    last = Run("manuales", time.time() - 600, 2.5, added=1, failed=1, of=fingerprint(live.now().sources[0]))
    await runs.record(last)
    settings = Settings(_env_file=None, api_tokens=tokens)
    adapter = WebAdapter(redis, RedisInbox(redis).put, RedisMemory(redis), store, live.now(), settings, live=live)
    health = Health({})
    server = Server(build_app([adapter], health), health, drain_seconds=1)
    port = await server.start("127.0.0.1", 0)
    try:
        yield World(f"http://127.0.0.1:{port}", runs, file)
    finally:
        await server.close()
        await adapter.stop()
        await server.stop()


async def listed(w: World, token: str = "") -> dict[str, Any]:
    """GET /v1/sources, held to the published schema."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with aiohttp.ClientSession(w.base, headers=headers) as http, http.get("/v1/sources") as response:
        assert response.status == 200
        found: dict[str, Any] = await response.json()
    schema = {"$ref": "#/components/schemas/Sources", "components": OPENAPI["components"]}
    jsonschema.Draft202012Validator(schema).validate(found)
    return found


async def test_how_a_source_stands(redis: Redis, tmp_path: Path) -> None:
    """Counts, failures with reasons, the last run and when the next is due; this machine sees all sources."""
    async with world(redis, tmp_path) as w:
        found = {one["name"]: one for one in (await listed(w))["sources"]}
    assert set(found) == {"manuales", "actas", "carpeta", "cli-notas"}
    manuals = found["manuales"]
    assert (manuals["documents"], manuals["passages"], manuals["last_run"]["added"]) == (1, 1, 1)
    assert manuals["failures"] == [{"uri": "documents/roto.pdf", "reason": "cifrado: necesita una contraseña"}]
    assert manuals["next_run"] > manuals["last_run"]["started"]
    assert (found["actas"]["last_run"], found["actas"]["next_run"], found["cli-notas"]["configured"]) == (None, None, False)


async def test_a_token_learns_only_of_what_it_may_read(redis: Redis, tmp_path: Path) -> None:
    """Neither names nor files nor failures of a restricted source, in any response; nor can its run be asked for."""
    async with world(redis, tmp_path, "all:everyone|direccion,few") as w:
        assert {one["name"] for one in (await listed(w, "all"))["sources"]} == {"manuales", "actas", "carpeta", "cli-notas"}
        few = await listed(w, "few")
        assert [one["name"] for one in few["sources"]] == ["manuales", "carpeta"]
        assert not any(word in str(few) for word in ("actas", "venta", "secreto", "direccion"))
        w.file.write_text(BROKEN, "utf-8")
        assert "direccion" not in str(await listed(w, "few"))
        assert "unknown audience direccion" in (await listed(w, "all"))["problem"]
        async with aiohttp.ClientSession(w.base) as http:
            answers = {}
            for name in ("actas", "nothing", "manuales"):
                headers = {"Authorization": "Bearer few"}
                async with http.post(f"/v1/sources/{name}/retry", headers=headers) as response:
                    answers[name] = (response.status, await response.text())
            async with http.get("/v1/sources") as response:
                assert response.status == 401
    assert answers["actas"] == answers["nothing"]
    assert (answers["actas"][0], answers["manuales"][0]) == (404, 202)
    assert not await w.runs.wanted("actas")
    assert await w.runs.wanted("manuales")


async def test_another_site_cannot_ask_for_a_run(redis: Redis, tmp_path: Path) -> None:
    """A request that a foreign page makes a browser send is refused, also where no tokens are set."""
    async with world(redis, tmp_path) as w, aiohttp.ClientSession(w.base) as http:
        async with http.post("/v1/sources/manuales/retry", headers={"Origin": "https://evil.example"}) as response:
            assert response.status == 403
        assert not await w.runs.wanted("manuales")


@pytest.mark.browser
async def test_the_page_shows_and_retries(redis: Redis, tmp_path: Path, open_page: OpenPage) -> None:
    """A card a source; failures unfold with their reasons; the button asks for a run, and the page says so; in English too."""
    async with world(redis, tmp_path) as w, open_page(w.base) as page:
        await page.goto(f"{w.base}/sources")
        card = page.locator(".card").filter(has=page.get_by_role("heading", name="manuales"))
        await expect(card.locator(".state")).to_have_text("Con fallos")
        await card.locator("summary").click()
        await expect(card.locator(".failures")).to_contain_text("cifrado: necesita una contraseña")
        await card.get_by_role("button", name="Leer de nuevo manuales").click()
        await expect(card.locator(".state")).to_have_text("En espera")
        await expect(card.locator("details")).to_have_attribute("open", "")
        await expect(page.get_by_role("status")).to_contain_text("Se leerá manuales")
        assert await w.runs.wanted("manuales")
        await page.get_by_role("button", name="English").click()
        await expect(page.get_by_role("heading", name="Sources")).to_be_visible()
        await expect(card).to_contain_text("1 new, 0 changed")


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_can_be_read(redis: Redis, tmp_path: Path, open_page: OpenPage, scheme: str) -> None:
    """On a phone, in both schemes: every control has a name, every text enough contrast, nothing scrolls sideways."""
    async with world(redis, tmp_path) as w, open_page(w.base, color_scheme=scheme, **PHONE) as page:
        await page.goto(f"{w.base}/sources")
        await page.locator("summary").first.click()
        for check in (NAMES, CONTRAST, OVERFLOW):
            assert await page.evaluate(check) == []


@pytest.mark.browser
async def test_the_page_asks_for_a_token(redis: Redis, tmp_path: Path, open_page: OpenPage) -> None:
    """Where tokens are set, nothing is shown before one is given, and then what it may read."""
    async with world(redis, tmp_path, "few") as w, open_page(w.base) as page:
        await page.goto(f"{w.base}/sources")
        await page.get_by_label("Token de acceso").fill("few")
        assert await page.locator(".card").count() == 0
        await page.get_by_role("button", name="Entrar").click()
        await expect(page.locator(".card")).to_have_count(2)
