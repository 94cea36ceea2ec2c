"""What people think of answers: judged on the chat page and over HTTP, read on the feedback page and from the command line."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import aiohttp
import jsonschema
import pytest
from playwright.async_api import expect
from redis.asyncio import Redis

from adapters.http import Server, build_app
from adapters.web.adapter import WebAdapter
from adapters.web.openapi import OPENAPI
from bot.desk import BotDesk
from bot.exchange import exchange_of
from bot.feedback import exported
from bot.health import Health
from bot.inbox import RedisInbox
from bot.memory import RedisMemory
from bot.messages import IncomingMessage, Reply
from bot.prompts import Prompts
from bot.records import open_records
from bot.reviews import RedisReviews
from config.settings import Settings
from rag.models import Answer, Citation
from rag.stores.lance import LanceStore
from tests.browser_fixtures import OpenPage
from tests.scenario.page_checks import CONTRAST, NAMES, OVERFLOW
from tests.scenario.web_world import COMPANY
from tests.scenario.web_world import World as ChatWorld
from tests.scenario.web_world import world as chat_world

PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
FOUND = Answer("answered", "es", "Tres soplantes [1].", (Citation(1, "passage", "Manual", "m.md", "", "tres", "es", "p1"),))
NOTHING = Answer("not_found", "es", "No he encontrado nada.")
EVIL = "<img src=x onerror=alert(1)>"


@dataclass
class World:
    """A server over a real Redis."""

    base: str
    reviews: RedisReviews


@asynccontextmanager
async def world(redis: Redis, folder: Path, tokens: str | None = None) -> AsyncIterator[World]:
    """With the desk that the service has."""
    company = COMPANY
    store = LanceStore(folder / "index", 4, "test")
    desk = BotDesk(open_records(redis, store, {}), cast(Prompts, None), lambda: company)
    settings = Settings(_env_file=None, api_tokens=tokens, advisor_config=folder / "none.yaml")
    adapter = WebAdapter(redis, RedisInbox(redis).put, RedisMemory(redis), store, company, settings, desk=desk)
    health = Health({})
    server = Server(build_app([adapter], health), health, drain_seconds=1)
    port = await server.start("127.0.0.1", 0)
    try:
        yield World(f"http://127.0.0.1:{port}", RedisReviews(redis))
    finally:
        await server.close()
        await adapter.stop()
        await server.stop()


async def asked(w: World, n: int, text: str, answer: Answer = FOUND, audience: str = "everyone", **values: Any) -> str:
    """An exchange of the local caller, or another's."""
    message = IncomingMessage(f"m{n}", "web", "local", "c", "local", text, direct=True)
    made = exchange_of(replace(message, **values), answer, frozenset({"everyone", audience}), None, {"product": "1"})
    await w.reviews.keep(replace(made, at=time.time() - n * 60))
    return made.id


async def some(w: World) -> str:
    """Two that found nothing, one that was disliked, one of the management's; the id of the disliked one."""
    await asked(w, 1, "¿Cuánto gasta el túnel?", NOTHING)
    await asked(w, 2, "cuanto gasta el tunel", NOTHING)
    disliked = await asked(w, 3, f"¿Soplantes? {EVIL}")
    await asked(w, 4, "¿Qué vende el consejo?", audience="direccion")
    await asked(w, 5, "¿Difusores?", user="other")
    return disliked


async def called(w: World, method: str, path: str, body: object = None, token: str = "") -> tuple[int, Any]:
    """Status and JSON."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with aiohttp.ClientSession(w.base, headers=headers) as http, http.request(method, path, json=body) as response:
        return response.status, await response.json()


async def test_judged_and_reported(redis: Redis, tmp_path: Path) -> None:
    """A verdict with its reason comes back in the report, as the published schema has it; questions alike are one line."""
    async with world(redis, tmp_path) as w:
        disliked = await some(w)
        path = f"/v1/exchanges/{disliked}/feedback"
        status, said = await called(w, "POST", path, {"verdict": "down", "reason": "le falta el año"})
        assert (status, said) == (200, {"exchange": disliked, "verdict": "down"})
        status, report = await called(w, "GET", "/v1/feedback?days=7")
    schema = {"$ref": "#/components/schemas/Report", "components": OPENAPI["components"]}
    jsonschema.Draft202012Validator(schema).validate(report)
    assert (report["asked"], report["answered"], report["not_found"], report["up"], report["down"]) == (5, 3, 2, 0, 1)
    assert [(one["question"], one["count"]) for one in report["unanswered"]] == [("¿Cuánto gasta el túnel?", 2)]
    assert [(one["reasons"], one["text"]) for one in report["disliked"]] == [(["le falta el año"], FOUND.text)]
    assert report["sources"] == [{"title": "Manual", "answers": 3}]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"verdict": "up"}, 200),
        ({"verdict": "sideways"}, 400),
        ({}, 400),
        ({"verdict": "up", "reason": 7}, 400),
        ({"verdict": "up", "reason": "x" * 1001}, 400),
        ({"verdict": "up", "else": 1}, 400),
    ],
)
async def test_only_words_that_the_contract_has(redis: Redis, tmp_path: Path, body: object, status: int) -> None:
    """Anything else is refused with a reason and kept nowhere."""
    async with world(redis, tmp_path) as w:
        exchange = await asked(w, 1, "¿Soplantes?")
        assert (await called(w, "POST", f"/v1/exchanges/{exchange}/feedback", body))[0] == status
        assert len(await w.reviews.feedback(exchange)) == (status == 200)


async def test_nobody_judges_for_others_or_reads_beyond_their_audience(redis: Redis, tmp_path: Path) -> None:
    """Another's exchange looks like none; a report holds nothing of what its reader may not read; other days are refused."""
    async with world(redis, tmp_path, "all:everyone|direccion,few") as w:
        await some(w)
        exchange = await asked(w, 6, "¿Otra?")
        other = await called(w, "POST", f"/v1/exchanges/{exchange}/feedback", {"verdict": "up"}, "few")
        none = await called(w, "POST", "/v1/exchanges/nothing/feedback", {"verdict": "up"}, "few")
        assert other == none
        assert other[0] == 404
        few, everything = [(await called(w, "GET", "/v1/feedback", token=token))[1] for token in ("few", "all")]
        assert (few["asked"], everything["asked"]) == (5, 6)
        assert (await called(w, "GET", "/v1/feedback"))[0] == 401
        for days in ("0", "91", "x", "-1", "¹"):
            assert (await called(w, "GET", f"/v1/feedback?days={days}", token="few"))[0] == 400


async def test_the_export(redis: Redis, tmp_path: Path) -> None:
    """A line each, latest first, with the answer as the contract has it, evidence and feedback; older ones are left out."""
    async with world(redis, tmp_path) as w:
        disliked = await some(w)
        await called(w, "POST", f"/v1/exchanges/{disliked}/feedback", {"verdict": "up"})
        lines = [json.loads(line) async for line in exported(redis, 1)]
        assert [line["question"] for line in lines][:2] == ["¿Cuánto gasta el túnel?", "cuanto gasta el tunel"]
        assert [line async for line in exported(redis, 3 / 24 / 60)] != []
        assert len([line async for line in exported(redis, 2.5 / 24 / 60)]) == 2
    kept = next(line for line in lines if line["id"] == disliked)
    assert kept["answer"]["citations"][0]["passage_id"] == "p1"
    assert [one["verdict"] for one in kept["feedback"]] == ["up"]
    assert kept["versions"] == {"product": "1"}


@pytest.mark.browser
async def test_the_page_shows_what_to_mend(redis: Redis, tmp_path: Path, open_page: OpenPage) -> None:
    """Totals, what found nothing, what did not help and why, what is cited; another period; in English too; never as markup."""
    async with world(redis, tmp_path) as w, open_page(w.base) as page:
        await page.goto(f"{w.base}/feedback")
        await expect(page.locator("#note")).to_have_text("Nadie ha preguntado nada en estos días.")
        disliked = await some(w)
        await called(w, "POST", f"/v1/exchanges/{disliked}/feedback", {"verdict": "down", "reason": EVIL})
        await page.get_by_label("Últimos días").select_option("7")
        await expect(page.locator("#unanswered")).to_contain_text("2 veces")
        await expect(page.locator("#disliked .why")).to_have_text(EVIL)
        await expect(page.locator("#sources")).to_contain_text("Manual")
        await page.get_by_role("button", name="English").click()
        await expect(page.get_by_role("heading", name="Did not help")).to_be_visible()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_can_be_read(redis: Redis, tmp_path: Path, open_page: OpenPage, scheme: str) -> None:
    """On a phone, in both schemes: every control has a name, every text enough contrast, nothing scrolls sideways."""
    async with world(redis, tmp_path) as w, open_page(w.base, color_scheme=scheme, **PHONE) as page:
        disliked = await some(w)
        await called(w, "POST", f"/v1/exchanges/{disliked}/feedback", {"verdict": "down"})
        await page.goto(f"{w.base}/feedback")
        await expect(page.locator("#disliked")).to_be_visible()
        for check in (NAMES, CONTRAST, OVERFLOW):
            assert await page.evaluate(check) == []


@pytest.mark.browser
async def test_a_calculation_opens_with_what_was_told_of_it(open_page: OpenPage) -> None:
    """Asked for at the server, under the answer's exchange; of another's exchange nothing is to be had."""
    cited = Citation(1, "calculation", "Cálculo", "", "EDAR", "ahorro = 5 kWh", "es", "calculation:x/y")
    answer = Answer("answered", "es", "Ahorra 5 kWh [1].", (cited,))

    async def script(made: ChatWorld, message: IncomingMessage) -> None:
        exchange = exchange_of(message, answer, frozenset({"everyone"}), None, {})
        await RedisReviews(made.redis).keep(exchange)
        await made.adapter.channel.post(message, Reply(answer, exchange.id))

    async with chat_world(script=script) as w, open_page(w.base) as page:
        await page.get_by_label("Tu pregunta").fill("¿Cuánto ahorra?")
        await page.get_by_role("button", name="Enviar").first.click()
        async with page.expect_response("**/chat/exchanges/*/sources/1") as asked_for:
            await page.locator(".source").click()
        assert (await (await asked_for.value).json())["text"] == "ahorro = 5 kWh"
        await expect(page.locator(".working")).to_have_text("ahorro = 5 kWh")
        exchange = (await asked_for.value).url.split("/")[-3]
        async with aiohttp.ClientSession(w.base) as http:
            for path in (f"{exchange}/sources/2", f"{exchange}/sources/x", "nothing/sources/1"):
                async with http.get(f"/chat/exchanges/{path}") as response:
                    assert response.status == 404


@pytest.mark.browser
async def test_an_answer_is_judged_on_the_chat_page(open_page: OpenPage) -> None:
    """A thumb is pressed, a reason asked for where it did not help, and both are kept; an answer that is not kept has none."""

    async def script(made: ChatWorld, message: IncomingMessage) -> None:
        exchange = exchange_of(message, FOUND, frozenset({"everyone"}), None, {})
        await RedisReviews(made.redis).keep(exchange)
        await made.adapter.channel.post(message, Reply(FOUND, exchange.id if "soplantes" in message.text else ""))

    async with chat_world(script=script) as w, open_page(w.base) as page:
        for question in ("¿Cuántas soplantes hay?", "¿Y bombas?"):
            await page.get_by_label("Tu pregunta").fill(question)
            await page.get_by_role("button", name="Enviar").first.click()
            await expect(page.locator(".answer .text").last).to_contain_text("Tres soplantes")
        await expect(page.locator(".judge")).to_have_count(1)
        await page.get_by_role("button", name="No me sirve").click()
        await page.get_by_label("¿Qué falla?").fill("falta el año")
        await page.locator(".judge").get_by_role("button", name="Enviar").click()
        await expect(page.locator(".said-so")).to_have_text("Gracias, queda anotado.")
        for check in (NAMES, CONTRAST, OVERFLOW):
            assert await page.evaluate(check) == []
        kept = [words async for _, words in RedisReviews(w.redis).since(0)]
        assert [(one.verdict, one.reason) for words in kept for one in words.values()] == [("down", "falta el año")]
        await page.get_by_role("button", name="Sí, me sirve").click()
        await expect(page.get_by_role("button", name="Sí, me sirve")).to_have_attribute("aria-pressed", "true")
