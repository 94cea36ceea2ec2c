"""A real server, a real Redis and a small worker for the web scenarios: what a browser or a program meets."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, cast

from redis.asyncio import Redis

from adapters.http import Server, build_app
from adapters.web.adapter import WebAdapter
from adapters.web.events import Events
from bot.desk import BotDesk
from bot.health import Health
from bot.inbox import RedisInbox
from bot.memory import RedisMemory
from bot.messages import IncomingMessage, Progress, Reply
from bot.ports import Desk, Lease
from bot.prompts import Prompts
from bot.records import open_records
from config.company import CompanyConfig, SiteConfig
from config.settings import Settings
from rag.errors import MemoryStoreError
from rag.models import Answer, Assumption, Citation, Document, Locator, Passage, Range, Recommendation, Scope, Turn
from tests.fakes.redis_proc import RedisProcess

QUOTE = "Tres soplantes quedan en marcha entre las 00:00 y las 06:00"
DOCUMENT = Document(
    "d1",
    "manuals",
    "https://docs.example.org/manual.pdf",
    "Manual de explotación",
    frozenset({"everyone"}),
    "es",
    date(2024, 3, 1),
)
SECRET_DOCUMENT = Document("d2", "board", "file:///acta.md", "Acta del consejo", frozenset({"direccion"}), "es")
PASSAGES = [
    Passage(f"p{n}", DOCUMENT, body, Locator(page=14, headings=("Aireación",)), "es", n)
    for n, body in enumerate(
        [
            "El reactor biológico dispone de cuatro soplantes de 75 kW.",
            "De noche la carga es mínima. Tres  soplantes quedan en\nmarcha entre las 00:00 y las 06:00, por consigna fija.",
            "La consigna de oxígeno es de 2 mg/l.",
        ]
    )
]
SECRET = Passage("s1", SECRET_DOCUMENT, "El consejo aprueba la venta.", Locator(), "es", 0)
ANSWER = Answer(
    "answered",
    "es",
    "El consumo base nocturno es de **182 kWh/h** [1].\n\nLa causa:\n\n- Tres soplantes quedan en marcha [2]",
    (
        Citation(
            1, "calculation", "Carga base, EDAR Norte", "", "1 ene - 30 jun", "percentil 10 de 4.344 horas = 182 kWh/h", "es"
        ),
        Citation(2, "passage", DOCUMENT.title, DOCUMENT.uri, "p. 14, Aireación", QUOTE, "es", "p1", DOCUMENT.date),
    ),
    follow_ups=("¿Cuánto ahorraríamos si las paramos?",),
    notices=("Respuesta extraída de los documentos, sin modelo de lenguaje.",),
    trace_id="t-1",
    timings_ms={"retrieve": 12, "answer": 30, "total": 42},
)
RECOMMENDATION = Recommendation(
    "M01",
    "Variador en las soplantes",
    "energy",
    "Tres soplantes trabajan a caudal fijo de noche [1].",
    (1,),
    "metered",
    "medium",
    site="edar-norte",
    energy_kwh=Range(52000, 61250.5, 70000),
    cost_eur=Range(6200, 7350, 8400),
    co2_t=Range(8, 9.5, 11),
    investment_eur=Range(18000, 21000, 25000),
    payback_years=Range(2.1, 2.9, 4),
    method="Leyes de afinidad con exponente 2,5",
    assumptions=(Assumption("exponente", 2.5, "", "ISO 11011"),),
    missing="npv_eur: falta la tasa de descuento",
    next_step="Medir una semana con la consigna a 1,5 mg/l.",
)
RECOMMENDED = Answer(
    "answered",
    "es",
    "Recomiendo una medida [1].",
    (replace(ANSWER.citations[1], n=1),),
    (RECOMMENDATION,),
    timings_ms={"total": 9},
)
COMPANY = CompanyConfig(
    name="Aguas de Valdemora",
    audiences={"everyone": "", "direccion": "", "obra": ""},
    sites=(
        SiteConfig(id="edar-norte", name="EDAR Norte", kind="wastewater_treatment", location="Valdemora"),
        SiteConfig(id="oficina-central", name="Oficina central", kind="office"),
    ),
)


class Passages:
    """The index as the page sees it: cited passages with their neighbours, kept from who may not read them."""

    async def passage(self, passage_id: str, scope: Scope) -> list[Passage]:
        for group in (PASSAGES, [SECRET]):
            if any(one.id == passage_id for one in group) and group[0].document.audience & scope.audiences:
                return group
        return []


Script = Callable[["World", IncomingMessage], Awaitable[None]]


@dataclass
class World:
    """What a scenario holds in its hands. `script` is what the worker does with a message."""

    base: str
    port: int
    redis: Redis
    process: RedisProcess
    adapter: WebAdapter
    health: Health
    server: Server
    memory: RedisMemory
    script: Script
    submitted: list[IncomingMessage] = field(default_factory=list)
    stopping: bool = False


async def answer(world: World, message: IncomingMessage) -> None:
    """Progress in three pieces, then the canned answer; commands do what they say."""
    channel = world.adapter.channel
    if message.command == "forget":
        await world.memory.forget_conversation(message.key)
        return await channel.post(message, Reply(Answer("answered", "es", "He borrado esta conversación.")))
    said = RECOMMENDED if message.command == "recommend" else ANSWER
    await channel.progress(message, Progress("retrieve"))
    for share in (0.3, 0.7):
        await channel.progress(message, Progress("answer", said.text[: int(len(said.text) * share)]))
        await asyncio.sleep(0.03)
    turns = [Turn("user", message.text, message.user), Turn("assistant", said.text, message.user)]
    await world.memory.append(message.key, turns)
    return await channel.post(message, Reply(said))


async def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait for something that another task will make true."""
    for _ in range(int(seconds / 0.01)):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError("did not come true")


@asynccontextmanager
async def world(
    *, script: Script = answer, tokens: str | None = None, deadline: float = 20.0, desk: Desk | None = None
) -> AsyncIterator[World]:
    """Everything up on a free loopback port, with the product's own desk unless another is given; all down at the end."""
    with tempfile.TemporaryDirectory(prefix="r-") as folder:
        process = RedisProcess(Path(folder))
        await process.start()
        redis = process.client()
        inbox = RedisInbox(redis)
        events = Events(redis)
        memory = RedisMemory(redis, also_forget=[inbox.forget_user, events.forget_user])
        settings = Settings(_env_file=None, api_tokens=tokens, advisor_deadline_seconds=deadline)
        passages: Any = Passages()
        desk = desk or BotDesk(open_records(redis, passages, {}), cast(Prompts, None), lambda: COMPANY)  # which asks no prompts
        adapter = WebAdapter(redis, inbox.put, memory, passages, COMPANY, settings, desk=desk)
        health = Health({"redis": redis.ping})
        server = Server(build_app([adapter], health), health, drain_seconds=2)
        port = await server.start("127.0.0.1", 0)
        made = World(f"http://127.0.0.1:{port}", port, redis, process, adapter, health, server, memory, script)
        worker = asyncio.create_task(_work(made, inbox))
        try:
            yield made
        finally:
            await server.close()
            made.stopping = True  # and no cancelling: inside redis-py that can get lost
            await asyncio.wait([worker], timeout=1)
            worker.cancel()
            await adapter.stop()
            await server.stop()
            await process.close()


async def _work(made: World, inbox: RedisInbox) -> None:
    """A worker without conversations: it does with each message what the scenario says."""

    async def handle(lease: Lease) -> None:
        made.submitted.append(lease.message)
        await made.script(made, lease.message)
        await inbox.done(lease)

    async with asyncio.TaskGroup() as group:
        while not made.stopping:
            try:
                lease = await inbox.take(0.2)
            except MemoryStoreError:
                await asyncio.sleep(0.05)
                continue
            if lease:
                group.create_task(handle(lease))
