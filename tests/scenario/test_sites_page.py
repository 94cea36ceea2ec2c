"""The sites page and its interface: who learns of which facility, and the page in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema
import pytest
from playwright.async_api import expect
from redis.asyncio import Redis

from adapters.http import Server, build_app
from adapters.web.adapter import WebAdapter
from adapters.web.openapi import OPENAPI
from bot.health import Health
from bot.inbox import RedisInbox
from bot.memory import RedisMemory
from bot.site_state import MeterState, SiteState
from config.company import CompanyConfig
from config.settings import Settings
from config.texts import text
from rag.models import Language
from rag.stores.lance import LanceStore
from tests.browser_fixtures import OpenPage
from tests.scenario.page_checks import CONTRAST, NAMES, OVERFLOW

COMPANY = CompanyConfig.model_validate({"name": "Aguas de Valdemora", "audiences": {"everyone": "", "direccion": ""}})
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}


async def states(may: frozenset[str], language: Language) -> list[SiteState]:
    """A plant for all and one for the board, with whatever can be wrong."""
    finding = text(language, "readings.findings.gaps", count=12, share="0,14", first="2025-04-22 03:00")
    meter = MeterState("Contador", "electricity", "kWh", 15, "2025-01-01", "2025-12-31", ("a.csv",), (("warning", finding),))
    lacking = (("LED", text(language, "facility.why_not.no_year")),)
    plant = SiteState("planta", "Planta", "other", "Valdemora", (meter,), (), ("FV",), lacking)
    secret = SiteState("secreta", "Secreta", "other", "", (), ("Caudal",), (), ())
    return [plant, secret] if "direccion" in may else [plant]


@asynccontextmanager
async def world(redis: Redis, folder: Path, tokens: str | None = None) -> AsyncIterator[str]:
    """The address of a server that has the page."""
    settings = Settings(_env_file=None, api_tokens=tokens)
    store = LanceStore(folder / "index", 4, "test")
    adapter = WebAdapter(redis, RedisInbox(redis).put, RedisMemory(redis), store, COMPANY, settings, sites=states)
    health = Health({})
    server = Server(build_app([adapter], health), health, drain_seconds=1)
    port = await server.start("127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await server.close()
        await adapter.stop()
        await server.stop()


async def listed(base: str, **headers: str) -> tuple[int, dict[str, Any]]:
    """GET /v1/sites, held to the published schema if it is told."""
    async with aiohttp.ClientSession(base, headers=headers) as http, http.get("/v1/sites") as response:
        found: dict[str, Any] = await response.json()
        if response.status == 200:
            schema = {"$ref": "#/components/schemas/Sites", "components": OPENAPI["components"]}
            jsonschema.Draft202012Validator(schema).validate(found)
        return response.status, found


async def test_a_token_learns_of_the_sites_it_may_see(redis: Redis, tmp_path: Path) -> None:
    """Nothing without one; the board's site for the board; sentences in the language that is asked for."""
    async with world(redis, tmp_path, "all:everyone|direccion,few") as base:
        assert (await listed(base))[0] == 401
        _, every = await listed(base, Authorization="Bearer all")
        _, few = await listed(base, Authorization="Bearer few", **{"Accept-Language": "en"})
    assert [one["id"] for one in every["sites"]] == ["planta", "secreta"]
    assert [one["id"] for one in few["sites"]] == ["planta"]
    assert few["sites"][0]["lacking"] == [{"measure": "LED", "why": "It takes a year of readings."}]


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_shows_how_sites_stand(redis: Redis, tmp_path: Path, open_page: OpenPage, scheme: str) -> None:
    """On a phone: meters with their findings, why measures are not proposed; everything named, readable, nothing sideways."""
    async with world(redis, tmp_path) as base, open_page(base, color_scheme=scheme, **PHONE) as page:
        await page.goto(f"{base}/sites")
        card = page.locator(".card").filter(has=page.get_by_role("heading", name="Planta"))
        await expect(card.locator(".state")).to_have_text("Lecturas con avisos")
        await expect(card.locator(".warning")).to_contain_text("faltan 12 lecturas")
        await card.locator("summary").click()
        await expect(card.locator(".failures")).to_contain_text("Hace falta un año de lecturas")
        await expect(page.locator(".card .state").last).to_have_text("Lecturas con errores")
        for check in (NAMES, CONTRAST, OVERFLOW):
            assert await page.evaluate(check) == []
        await page.get_by_role("button", name="English").click()
        await expect(card.locator(".state")).to_have_text("Readings with warnings")
        await expect(card.locator(".failures")).to_contain_text("It takes a year of readings")
