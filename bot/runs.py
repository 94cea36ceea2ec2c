"""Who is reading a source right now, and how its last runs ended: kept in Redis, for all processes of an installation."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence, Set
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from typing import Any, cast

from redis.asyncio import Redis

from bot.redis_calls import Script, answering, digest
from bot.source_state import Run
from config.company import SourceConfig
from rag.errors import MemoryStoreError
from rag.ingest.report import Report

_KEPT = 20
_KEPT_SECONDS = 90 * 24 * 3600
_FAILURES_KEPT = 200
_CLAIM_MS = 60_000
_NOTE_CHARS = 500


def run_of(report: Report, started: float, of: str) -> Run:
    """A report as it is kept: the count of all failures, the first ones with their reasons."""
    counts = {name: getattr(report, name) for name in ("added", "changed", "removed", "unchanged", "passages", "seconds")}
    first, failed = report.failures[:_FAILURES_KEPT], len(report.failures)
    return Run(report.source, started, failures=first, failed=failed, error=report.error, of=of, **counts)


def fingerprint(source: SourceConfig) -> str:
    """Changes with anything that is configured of a source, but when it is read."""
    told = source.model_dump(mode="json", exclude={"every", "watch", "description"})
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:16]


class Runs:
    """Leases, records and requests of runs. Keys hold digests of sources' names; MemoryStoreError when Redis does not answer."""

    def __init__(self, client: Redis, *, lease_seconds: float = 12.0) -> None:
        self._client, self._lease_ms = client, round(lease_seconds * 1000)
        self._lease = Script("lease")

    @asynccontextmanager
    async def hold(self, source: str) -> AsyncIterator[bool]:
        """Whether this process alone may read the source now; renewed until the block ends. MemoryStoreError if it is lost."""
        token = secrets.token_hex(16)
        if not await self._own(source, token, self._lease_ms):
            yield False
            return
        limit, done = asyncio.timeout(None), asyncio.Event()
        try:
            async with limit:
                keeping = asyncio.create_task(self._keep(source, token, limit, done))
                try:
                    yield True
                finally:
                    done.set()  # and no cancelling: inside redis-py that can get lost
                    await asyncio.gather(keeping, return_exceptions=True)
        except TimeoutError:
            if limit.expired():
                raise MemoryStoreError(f"source {source}: another process took it over") from None
            raise
        finally:
            with suppress(MemoryStoreError):
                await self._own(source, token, 0)

    async def _keep(self, source: str, token: str, limit: asyncio.Timeout, done: asyncio.Event) -> None:
        """Renew until `done`; let the time run out at once if the lease is another's."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), self._lease_ms / 4000)
            if done.is_set():
                return
            # A Redis that does not answer gives the lease to nobody else either; what became of it shows when it is back.
            with suppress(MemoryStoreError):
                if not await self._own(source, token, self._lease_ms):
                    limit.reschedule(asyncio.get_running_loop().time())
                    return

    async def _own(self, source: str, token: str, milliseconds: int) -> bool:
        async with answering():
            return bool(await self._lease.run(self._client, (_key(source, "lease"),), token, milliseconds))

    async def under_way(self, source: str) -> bool:
        """Whether some process is reading the source."""
        async with answering():
            return bool(await self._client.exists(_key(source, "lease")))

    async def claim(self, source: str) -> bool:
        """Whether this process is the one that starts the next run: for a minute nobody else is."""
        async with answering():
            return bool(await self._client.set(_key(source, "claim"), "1", nx=True, px=_CLAIM_MS))

    async def record(self, run: Run) -> None:
        """Keep how a run ended, and free the claim."""
        key = _key(run.source, "runs")
        async with answering(), self._client.pipeline(transaction=True) as calls:
            calls.lpush(key, json.dumps(asdict(run), ensure_ascii=False))
            calls.ltrim(key, 0, _KEPT - 1)
            calls.expire(key, _KEPT_SECONDS)
            calls.delete(_key(run.source, "claim"))
            await calls.execute()

    async def history(self, source: str) -> list[Run]:
        """The last runs, latest first."""
        async with answering():
            kept = await cast(Awaitable[Sequence[str]], self._client.lrange(_key(source, "runs"), 0, -1))
        return [_run(json.loads(one)) for one in kept]

    async def last(self, source: str) -> Run | None:
        """The latest run, if any is remembered."""
        async with answering():
            kept = await cast(Awaitable[str | None], self._client.lindex(_key(source, "runs"), 0))
        return _run(json.loads(kept)) if kept else None

    async def note(self, source: str, read: Mapping[str, Sequence[str]], there: Callable[[], Awaitable[Set[str]]]) -> None:
        """Keep what could not be read of the documents just `read`, by uri; forget those that `there`, the index, has no more."""
        key = _key(source, "notes")
        notes = {uri: "; ".join(said)[:_NOTE_CHARS] for uri, said in read.items() if said}
        async with answering():
            kept = set(await cast(Awaitable[Sequence[str]], self._client.hkeys(key)))
        gone = (kept & read.keys()) - notes.keys()
        gone |= kept - await there() if kept else set()
        async with answering(), self._client.pipeline(transaction=True) as calls:
            if gone:
                calls.hdel(key, *gone)
            if notes:
                calls.hset(key, mapping=cast(Any, notes))
            calls.expire(key, _KEPT_SECONDS)
            await calls.execute()

    async def notes(self, source: str) -> tuple[tuple[str, str], ...]:
        """What could not be read of documents that could: (uri, note), by uri."""
        async with answering():
            kept = await cast(Awaitable[Mapping[str, str]], self._client.hgetall(_key(source, "notes")))
        return tuple(sorted(kept.items()))

    async def want(self, source: str) -> None:
        """Have the source read at once, with what failed before; safe to repeat."""
        async with answering():
            await self._client.set(_key(source, "wanted"), "1", ex=24 * 3600)

    async def wanted(self, source: str) -> bool:
        """Whether somebody asked for a run that has not begun."""
        async with answering():
            return bool(await self._client.exists(_key(source, "wanted")))

    async def take_request(self, source: str) -> bool:
        """As `wanted`, and the request counts as heard."""
        async with answering():
            return bool(await self._client.getdel(_key(source, "wanted")))


def _key(source: str, what: str) -> str:
    """One hash slot a source."""
    return f"source:{{{digest(source)}}}:{what}"


def _run(kept: Mapping[str, Any]) -> Run:
    return Run(**{**kept, "failures": tuple((uri, reason) for uri, reason in kept["failures"])})
