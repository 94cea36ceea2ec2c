"""Is it alive, is it ready, and how much has it done: probes and Prometheus metrics, with a registry of its own."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from rag.errors import MemoryStoreError

logger = logging.getLogger(__name__)

Probe = Callable[[], Awaitable[object]]
"""Asks one dependency for a sign of life; any exception means no."""
Backlog = Callable[[], Awaitable[tuple[int, float]]]
"""How many messages are in the inbox, and the seconds for which the next one has waited."""

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60)


class Metrics:
    """What is counted. Labels are from small fixed sets: never a text, a name or an id."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.http_requests = Counter(
            "advisor_http_requests", "HTTP requests by route", ["method", "route", "status"], registry=registry
        )
        self.http_seconds = Histogram(
            "advisor_http_seconds", "Time to answer an HTTP request", ["route"], registry=registry, buckets=_SECONDS
        )
        self.messages = Counter("advisor_messages", "Messages taken in", ["platform", "command"], registry=registry)
        self.answers = Counter("advisor_answers", "Answers posted", ["platform", "status"], registry=registry)
        self.answer_seconds = Histogram(
            "advisor_answer_seconds", "From a message's arrival to its answer", ["platform"], registry=registry, buckets=_SECONDS
        )
        self.parked = Counter("advisor_parked", "Messages given up after too many tries", ["platform"], registry=registry)
        self.inbox_depth = Gauge("advisor_inbox_depth", "Messages that wait or are under way", registry=registry)
        self.inbox_waited = Gauge(
            "advisor_inbox_waited_seconds", "For how long the next message has waited for a free worker", registry=registry
        )
        self.tasks = Gauge("advisor_tasks", "Tasks of the event loop", registry=registry)


class Health:
    """Probes by name, and whether this process is on its way out."""

    def __init__(self, probes: Mapping[str, Probe], *, backlog: Backlog | None = None, seconds: float = 1.0) -> None:
        self._probes, self._backlog = dict(probes), backlog
        self._seconds = seconds
        self.registry = CollectorRegistry()
        self.metrics = Metrics(self.registry)
        ProcessCollector(registry=self.registry)  # memory, processor time, open descriptors
        self.draining = False

    async def ready(self) -> dict[str, str]:
        """Each probe's state: "ok" or why not; all at once, none longer than the limit."""
        names = list(self._probes)
        states = await asyncio.gather(*(self._ask(name) for name in names))
        found = dict(zip(names, states, strict=True))
        return {**found, "process": "draining"} if self.draining else found

    async def _ask(self, name: str) -> str:
        try:
            async with asyncio.timeout(self._seconds):
                await self._probes[name]()
        except TimeoutError:
            return f"no answer in {self._seconds:g} s"
        except Exception as error:  # the edge to whatever is probed: a probe must never take the health page down
            logger.warning("not ready: %s: %s", name, type(error).__name__)
            return type(error).__name__
        return "ok"

    async def look(self) -> None:
        """Set what is not counted but looked up; an inbox that does not answer has NaN, not what it had before."""
        if self._backlog is None:
            return
        depth, waited = math.nan, math.nan
        with suppress(MemoryStoreError):
            depth, waited = await self._backlog()
        self.metrics.inbox_depth.set(depth)
        self.metrics.inbox_waited.set(waited)

    def exposition(self) -> bytes:
        """All metrics in Prometheus' text format."""
        self.metrics.tasks.set(len(asyncio.all_tasks()))
        return generate_latest(self.registry)
