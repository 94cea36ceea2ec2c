"""When a source is read again and by whom: leases, records, what makes a run due, the company's file read again."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.access import readers
from bot.runs import Runs, fingerprint
from bot.source_state import Run
from bot.upkeep import Upkeep, next_run
from config.company import CompanyConfig, SourceConfig, load_company
from config.live import LiveCompany
from config.settings import SettingsError
from rag.errors import MemoryStoreError
from rag.models import Document
from tests.fakes.redis_proc import RedisProcess
from upkeep import check_sources, named_sources


def source(name: str = "a", **more: object) -> SourceConfig:
    """A configured folder."""
    return SourceConfig.model_validate({"name": name, "path": name, **more})


async def until(condition: object, seconds: float = 5.0) -> None:
    """Wait for what another task does."""
    async with asyncio.timeout(seconds):
        while not condition():  # type: ignore[operator]  # noqa: ASYNC110 - nothing to wait on
            await asyncio.sleep(0.01)


async def test_one_reads_at_a_time(redis: Redis) -> None:
    """While one holds a source nobody else can, another source is free; afterwards it is free again."""
    runs, others = Runs(redis), Runs(redis)
    async with runs.hold("a") as ours, others.hold("a") as theirs, others.hold("b") as other:
        assert (ours, theirs, other) == (True, False, True)
        assert await runs.under_way("a")
    async with others.hold("a") as free:
        assert free


async def test_a_lease_outlives_its_time_while_it_is_used(redis: Redis) -> None:
    """It is renewed; that of a process that died runs out by itself."""
    runs = Runs(redis, lease_seconds=0.3)
    async with runs.hold("a"):
        await asyncio.sleep(0.9)
        async with Runs(redis).hold("a") as theirs:
            assert not theirs
    dead = Runs(redis, lease_seconds=0.2)
    assert await dead._own("a", "token of the dead", 200)
    await asyncio.sleep(0.3)
    async with runs.hold("a") as ours:
        assert ours


async def test_a_lost_lease_ends_the_work_and_is_not_given_back(redis: Redis) -> None:
    """Whoever lost it stops with an error, and does not release what is another's now."""
    runs = Runs(redis, lease_seconds=0.2)

    async def work() -> None:
        async with runs.hold("a"):
            (key,) = [key async for key in redis.scan_iter("source:*:lease")]
            await redis.set(key, "another's")
            await asyncio.sleep(5)

    with pytest.raises(MemoryStoreError, match="took it over"):
        await work()
    (key,) = [key async for key in redis.scan_iter("source:*:lease")]
    assert await redis.get(key) == "another's"


async def test_records_are_bounded_and_expire(redis: Redis) -> None:
    """The last 20 runs, latest first, as they were; nothing in Redis stays for ever, and no key names a source."""
    runs = Runs(redis)
    kept = Run("secret-plan", 1.5, 2.0, added=3, failures=(("x.pdf", "broken"),), failed=1, error="gone", of="f")
    for n in range(25):
        await runs.record(Run("secret-plan", float(n)))
    await runs.record(kept)
    assert await runs.last("secret-plan") == kept
    assert len(await runs.history("secret-plan")) == 20
    await runs.want("secret-plan")
    await runs.claim("secret-plan")
    for key in [key async for key in redis.scan_iter("*")]:
        assert "secret-plan" not in key
        assert await redis.pttl(key) > 0


async def test_a_request_is_heard_once_and_one_starts_a_run(redis: Redis) -> None:
    """A request is there until it is taken; of two that would start a run one may, until the run is on record."""
    runs = Runs(redis)
    await runs.want("a")
    assert [await runs.wanted("a"), await runs.take_request("a"), await runs.take_request("a")] == [True, True, False]
    assert [await runs.claim("a"), await Runs(redis).claim("a")] == [True, False]
    await runs.record(Run("a", 1.0))
    assert await runs.claim("a")


async def test_a_redis_that_is_away_is_told_within_a_second(redis_process: RedisProcess) -> None:
    """No run begins without its lease."""
    runs = Runs(redis_process.client())
    await redis_process.close()
    with pytest.raises(MemoryStoreError):
        async with runs.hold("a"):
            pytest.fail("nobody gave the lease")


@pytest.mark.parametrize(("every", "seconds"), [("15m", 900), ("6h", 21600), ("1d", 86400)])
def test_next_run(every: str, seconds: int) -> None:
    """A first run is due at once, the next so long after the last began; without `every` none."""
    one = source(every=every)
    assert next_run(one, None, 5.0) == 5.0
    assert next_run(one, Run("a", 100.0, 50.0), 5.0) == 100 + seconds
    assert next_run(source(), None, 5.0) is None


class Reader:
    """Stands in for the child process: notes what it was asked to read, and records the run as a child does."""

    def __init__(self, runs: Runs) -> None:
        self.runs, self.read = runs, list[tuple[str, bool]]()
        self.tidied = 0
        self.busy = 0

    async def ingest(self, one: SourceConfig, retry: bool) -> bool:
        self.read.append((one.name, retry))
        if self.busy:
            self.busy -= 1
            await self.runs.record(Run(one.name, time.time()))  # the other process'
            return False
        await self.runs.record(Run(one.name, time.time(), of=fingerprint(one)))
        return True

    async def tidy(self) -> None:
        self.tidied += 1


@asynccontextmanager
async def keeping(redis: Redis, sources: Sequence[SourceConfig]) -> AsyncIterator[Reader]:
    """A scheduler that looks every few milliseconds at `sources`, which may be changed meanwhile."""
    reader = Reader(Runs(redis))
    upkeep = Upkeep(reader.runs, lambda: sources, reader.ingest, reader.tidy, tick_seconds=0.02, pause_seconds=0.05)
    upkeep.start()
    try:
        yield reader
    finally:
        await upkeep.stop()


async def rest(reader: Reader) -> list[tuple[str, bool]]:
    """What was read once nothing more comes."""
    await asyncio.sleep(0.3)
    return reader.read


async def test_only_what_is_due_is_read(redis: Redis) -> None:
    """Never read: what has a time is due at once and not again, what has none waits to be asked; a request is with retry."""
    async with keeping(redis, [source("timed", every="1h"), source("asked")]) as reader:
        await until(lambda: reader.read)
        assert await rest(reader) == [("timed", False)]
        await reader.runs.want("asked")
        await until(lambda: len(reader.read) == 2)
        assert await rest(reader) == [("timed", False), ("asked", True)]
        assert reader.tidied == 1


async def test_what_has_changed_in_the_file_is_read_once(redis: Redis) -> None:
    """A source that was read before and is labelled otherwise now; its time table alone is no reason to."""
    sources = [source("a"), source("b")]
    for one in sources:
        await Runs(redis).record(Run(one.name, time.time(), of=fingerprint(one)))
    async with keeping(redis, sources) as reader:
        assert await rest(reader) == []
        sources[0] = source("a", audience=("direccion",))
        sources[1] = source("b", every="1h")
        await until(lambda: reader.read)
        assert await rest(reader) == [("a", False)]
        assert reader.tidied == 2


async def test_two_servers_with_different_files_do_not_undo_each_other_for_ever(redis: Redis) -> None:
    """Each acts on its own file once."""
    await Runs(redis).record(Run("a", time.time(), of="older"))
    async with keeping(redis, [source("a", licence="x")]) as one, keeping(redis, [source("a", licence="y")]) as two:
        await until(lambda: one.read and two.read)
        assert len(await rest(one)) + len(await rest(two)) <= 3


async def test_a_request_survives_a_run_that_another_had_begun(redis: Redis) -> None:
    """Busy: the request still waits and is done next."""
    async with keeping(redis, []) as reader:
        reader.busy = 1
        await reader.runs.want("a")
    sources = [source("a")]
    upkeep = Upkeep(reader.runs, lambda: sources, reader.ingest, reader.tidy, tick_seconds=0.02)
    upkeep.start()
    await until(lambda: len(reader.read) == 2)
    await upkeep.stop()
    assert reader.read == [("a", True), ("a", True)]


async def test_a_watched_folder_is_read_when_a_file_changes(redis: Redis, tmp_path: Path) -> None:
    """Once when watching begins, and again after a change."""
    async with keeping(redis, [source("a", path=str(tmp_path), watch=True)]) as reader:
        await until(lambda: len(reader.read) == 1)
        await asyncio.sleep(0.3)  # until the system watches
        (tmp_path / "new.md").write_text("x", "utf-8")
        await until(lambda: len(reader.read) >= 2, 10)


async def test_upkeep_goes_on_after_a_fault(redis: Redis) -> None:
    """Whatever one run met, the next round comes."""
    reader = Reader(Runs(redis))
    calls = []

    async def broken(one: SourceConfig, retry: bool) -> bool:
        calls.append(one.name)
        await reader.runs.record(Run(one.name, 0.0))
        raise RuntimeError("a bug")

    upkeep = Upkeep(reader.runs, lambda: [source(every="1m")], broken, reader.tidy, tick_seconds=0.02)
    upkeep.start()
    await until(lambda: len(calls) >= 2)
    await upkeep.stop()


async def test_a_long_run_holds_up_no_other_source(redis: Redis) -> None:
    """Two are read at once and no more; the third comes when one of them has ended."""
    reader, open_ = Reader(Runs(redis)), asyncio.Event()

    async def slow(one: SourceConfig, retry: bool) -> bool:
        done = await reader.ingest(one, retry)
        if one.name.startswith("slow"):
            await open_.wait()
        return done

    sources = [source(name, every="1h") for name in ("slow", "quick", "slow-too", "last")]
    upkeep = Upkeep(reader.runs, lambda: sources, slow, reader.tidy, tick_seconds=0.02)
    upkeep.start()
    await until(lambda: len(reader.read) == 3)
    assert {name for name, _ in await rest(reader)} == {"slow", "quick", "slow-too"}
    assert len(reader.read) == 3
    open_.set()
    await until(lambda: len(reader.read) == 4)
    await upkeep.stop()


def write(file: Path, text: str) -> None:
    """As an editor does, with another time than before."""
    file.write_text(text, "utf-8")
    os.utime(file, ns=(time.time_ns(), time.time_ns()))


def test_the_file_is_read_again_and_a_broken_one_changes_nothing(tmp_path: Path) -> None:
    """Good, broken, gone, good again: what is in force is always the last good one, and the fault is told while it lasts."""
    file = tmp_path / "advisor.yaml"
    write(file, "sources: [{name: a, path: x}]")
    live = LiveCompany(file, load_company(file), seconds=0)
    write(file, "sources: [{name: b, path: x}, {name: c, path: x}]")
    assert [one.name for one in live.now().sources] == ["b", "c"]
    write(file, "sources: [{name: d, path: x, audience: [nobody]}]")
    assert [one.name for one in live.now().sources] == ["b", "c"]
    assert "nobody" in live.problem
    file.unlink()
    assert [one.name for one in live.now().sources] == ["b", "c"]
    assert "no such file" in live.problem
    write(file, "sources: [{name: e, path: x}]")
    assert ([one.name for one in live.now().sources], live.problem) == (["e"], "")


def test_who_may_read_a_document_now(tmp_path: Path) -> None:
    """A configured source's audience of now; nobody if it is gone; from the command line its own, within the folder around it."""
    company = CompanyConfig.model_validate(
        {
            "audiences": {"everyone": "", "direccion": ""},
            "sources": [{"name": "a", "path": str(tmp_path), "audience": ["direccion"]}],
        }
    )
    labelled = frozenset({"everyone"})

    def now(name: str, uri: str) -> frozenset[str]:
        return readers(company, Document("d", name, uri, "t", labelled))

    assert now("a", "x.md") == {"direccion"}
    assert now("removed", "x.md") == frozenset()
    assert now("cli-x", "/elsewhere/x.md") == labelled
    assert now("cli-x", "https://example.org/x") == labelled
    assert now("cli-x", str(tmp_path / "x.md")) == frozenset()


def test_command_line_sources_are_told_apart(tmp_path: Path) -> None:
    """Their names begin as no configured one may."""
    (one,) = named_sources([str(tmp_path)], CompanyConfig())
    assert one.name.startswith("cli-")
    file = tmp_path / "advisor.yaml"
    write(file, "sources: [{name: cli-x, path: x}, {name: w, connector: web, url: 'https://example.org', watch: true}]")
    with pytest.raises(SettingsError) as found:
        load_company(file)
    assert ["command line" in problem or "watched" in problem for problem in found.value.problems] == [True, True]


def test_the_faults_of_all_sources_are_told_at_once() -> None:
    """An unknown connector, an unknown option and a missing one, each with its source."""
    wrong = [source("a", connector="fax"), source("b", colour="red"), SourceConfig(name="c")]
    with pytest.raises(SettingsError) as found:
        check_sources(wrong)
    assert [any(f"sources {name}" in problem for problem in found.value.problems) for name in "abc"] == [True] * 3
