"""The running service: channels, worker and HTTP server over the knowledge; drained on SIGTERM."""

from __future__ import annotations

import asyncio
import errno
import gc
import signal
from contextlib import AsyncExitStack
from typing import Literal

from redis.asyncio import Redis

from adapters.console import show
from adapters.http import Server, build_app
from adapters.registry import Adapter, Known, Submit
from adapters.web.adapter import WebAdapter
from bot.ending import end
from bot.health import Health, Metrics
from bot.inbox import RedisInbox
from bot.kept import KeptInRedis
from bot.kept_answers import restore
from bot.messages import IncomingMessage
from bot.ports import BringsFiles, Desk, Inbox, Memory
from bot.queued import Queued
from bot.records import with_shelf
from bot.runs import Runs
from bot.site_state import SiteState, site_states
from bot.upkeep import Upkeep
from bot.worker import Worker
from config.live import LiveCompany
from config.settings import Settings
from rag.errors import InputError
from rag.models import Language
from upkeep import follow, read_in_child, remove_unconfigured
from wiring import Knowledge, build_desk, build_manager, build_records, build_shelf

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
Role = Literal["all", "gateway", "worker"]


def build_adapters(
    knowledge: Knowledge,
    settings: Settings,
    live: LiveCompany,
    redis: Redis,
    submit: Submit,
    known: Known,
    memory: Memory,
    desk: Desk,
) -> list[Adapter]:
    """Every channel that has credentials; the chat page always."""
    company = live.now()

    async def sites(may: frozenset[str], language: Language) -> list[SiteState]:
        return await site_states(knowledge.advice, may, language)

    web = WebAdapter(redis, submit, memory, knowledge.store, company, settings, live=live, desk=desk, sites=sites)
    adapters, kept = list[Adapter]([web]), KeptInRedis(redis)
    if settings.slack_on:
        from adapters.slack.adapter import SlackAdapter

        adapters.append(SlackAdapter(settings, submit, known, language=company.language, desk=desk, kept=kept))
    if settings.teams_on:
        from adapters.teams.adapter import TeamsAdapter

        adapters.append(TeamsAdapter(settings, submit, known, desk=desk, kept=kept))
    return adapters


async def run(
    knowledge: Knowledge, settings: Settings, live: LiveCompany, redis: Redis, memory: Memory, *, host: str, port: int, role: Role
) -> None:
    """Serve until SIGTERM or SIGINT: then take nothing more, finish or hand back what is under way, and close."""
    stopping = _stop_signal()
    company = live.now()
    async with AsyncExitStack() as stack:
        inbox = RedisInbox(redis)
        # no source has an empty name: this reaches the index without listing it
        health = Health({"redis": redis.ping, "index": lambda: knowledge.store.documents("")}, backlog=inbox.backlog)
        shelf, files = build_shelf(knowledge, redis), dict[str, BringsFiles]()
        kept = build_records(knowledge, settings, redis)
        records = with_shelf(kept, redis, shelf, settings.advisor_home, inbox.put, files)
        desk = build_desk(knowledge, records, live.now)
        following = asyncio.create_task(follow(knowledge, settings, shelf.use))
        stack.push_async_callback(end, following)
        submit = _counted(inbox.put, health.metrics)
        adapters = build_adapters(knowledge, settings, live, redis, submit, _known(memory, inbox), memory, desk)
        files |= {one.channel.platform: one.channel for one in adapters if isinstance(one.channel, BringsFiles)}
        for adapter in adapters:
            stack.push_async_callback(adapter.stop)
            await adapter.start()
        await knowledge.embedder.embed_query("¿listo?")  # the models load now, not while the first asker waits
        if role != "gateway" and any(site.meters for site in company.sites):
            await knowledge.meters.load()
        server = Server(build_app(adapters, health, language=company.language), health)
        stack.push_async_callback(server.stop)
        if role != "gateway":
            manager = build_manager(knowledge, memory, settings, company, records, live.now)
            channels = {adapter.channel.platform: adapter.channel for adapter in adapters}
            worker = Worker(
                inbox,
                manager.respond,
                manager.failed,
                channels,
                concurrency=settings.advisor_workers,
                deadline_seconds=manager.deadline_seconds,
                metrics=health.metrics,
            )
            running, telling = asyncio.create_task(worker.run()), asyncio.create_task(Queued(inbox, channels).run())
            stack.push_async_callback(_ended, running)
            stack.push_async_callback(worker.stop)
            stack.push_async_callback(end, telling)
        gc.collect()
        gc.freeze()  # what is loaded stays: looking through all of it takes 200 ms (measured), here while nobody waits
        if role != "worker":
            bound = await _listen(server, host, port)
            name = "localhost" if host in LOOPBACK else host
            print(show.started(settings, f"http://{name}:{bound}"), flush=True)
        if role != "gateway":
            upkeep = build_upkeep(knowledge, live, Runs(redis))
            stack.push_async_callback(upkeep.stop)
            upkeep.start()
            stack.push_async_callback(shelf.stop)
            shelf.start(lambda: restore(company, knowledge.index, shelf, settings.advisor_home))
        await stopping.wait()
        await server.close()


def _known(memory: Memory, inbox: Inbox) -> Known:
    """What memory holds, or what came lately."""

    async def known(key: str, said: str = "") -> bool:
        return await memory.known(key, said) or (bool(said) and await inbox.came(key, said))

    return known


def _counted(put: Submit, metrics: Metrics) -> Submit:
    """Each message that is stored counts; one that was delivered again does not."""

    async def submit(message: IncomingMessage) -> bool:
        stored = await put(message)
        if stored:
            metrics.messages.labels(message.platform, message.command).inc()
        return stored

    return submit


def build_upkeep(knowledge: Knowledge, live: LiveCompany, runs: Runs) -> Upkeep:
    """What keeps the sources current, each run in a process of its own."""

    async def tidy() -> None:
        await remove_unconfigured(knowledge.store, live.now(), runs)

    return Upkeep(runs, lambda: live.now().sources, lambda source, retry: read_in_child(source, retry, runs), tidy)


async def _listen(server: Server, host: str, port: int) -> int:
    """The port that was bound; InputError if it is taken, or the address not ours."""
    try:
        return await server.start(host, port)
    except OSError as error:
        why = "another program uses it; choose one with --port" if error.errno == errno.EADDRINUSE else error.strerror
        raise InputError(f"cannot listen on {host} port {port}: {why}") from None


async def _ended(task: asyncio.Task[None]) -> None:
    await asyncio.gather(task, return_exceptions=True)


def _stop_signal() -> asyncio.Event:
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    return stopping
