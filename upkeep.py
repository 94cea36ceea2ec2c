"""Keeping the index current: sources as they are configured or named on the command line, connected and synchronised.

While the bot serves, bot/upkeep.py tells when; each run is then a child process of its own, which comes in by the same door.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.access import source_around
from bot.runs import Runs, fingerprint, run_of
from bot.source_state import Run
from config.company import AD_HOC, BUILT_IN, CompanyConfig, SourceConfig
from config.settings import Settings, SettingsError, source_secrets
from rag.connectors.registry import check, connect
from rag.embed.use import SentenceEncoder
from rag.errors import AdvisorError, InputError
from rag.ingest.journal import journaled
from rag.ingest.parse.isolate import IsolatedParser
from rag.ingest.reembed import reembed
from rag.ingest.report import OnProgress, Report
from rag.ingest.sync import sync
from rag.ports import Connector, Embedder, PassageStore
from rag.stores.live import LiveIndex, read_live, write_live
from wiring import Knowledge, build_embedder, configured_embeddings, embedded_index, index_place, live_settings, reopen

log = logging.getLogger(__name__)

_APP = Path(__file__).with_name("app.py")
_NICE = 10
_LOWER = ("nice", "-n", str(_NICE)) if shutil.which("nice") else ()
"""From its first instruction on: loading takes seconds, too."""
_END_SECONDS = 1.5
_LOOK_SECONDS = 2.0
_LONGEST_NAME = 200
"""Characters of a source's name that its journal is called by: a file's name has at most 255."""

ShowProgress = Callable[[str], AbstractContextManager[OnProgress]]


def check_sources(sources: Sequence[SourceConfig]) -> None:
    """SettingsError with the faults of all sources at once, before anything is read."""
    problems = source_faults(sources)
    if problems:
        raise SettingsError(problems)


def source_faults(sources: Sequence[SourceConfig]) -> list[str]:
    """What keeps sources from being connected to, a line each."""
    problems = []
    for source in sources:
        try:
            check(source, source_secrets(source.name))
        except SettingsError as error:
            problems += error.problems
    return problems


async def bring_up_to_date(
    knowledge: Knowledge,
    settings: Settings,
    sources: Sequence[SourceConfig],
    show: ShowProgress,
    *,
    retry: bool,
    runs: Runs | None = None,
) -> list[Report]:
    """Synchronise sources one after the other; SettingsError, before any is read, if one is configured wrongly.

    A source that fails as a whole does not stop the next: its report says why. With `runs`, one that another process is reading
    is left to it, and how each run ended is recorded.
    """
    check_sources(sources)
    note_live(settings, knowledge.embedder)
    state = settings.advisor_home / "sources"
    connectors = [connect(source, state, source_secrets(source.name)) for source in sources]
    reports = []
    async with IsolatedParser({source.name: passwords(source) for source in sources}) as parse:
        for source, connector in zip(sources, connectors, strict=True):
            with show(source.name) as on_progress:
                journal = state / f"{source.name[-_LONGEST_NAME:]}.embedded"
                work = _Work(source, connector, parse, knowledge, on_progress, retry, journal)
                reports.append(await (_alone(work, runs) if runs else _read(work)))
    return reports


def passwords(source: SourceConfig) -> list[str]:
    """Of encrypted files, comma-separated in ADVISOR_SOURCE_<NAME>_PASSWORDS."""
    return [one.strip() for one in source_secrets(source.name).get("passwords", "").split(",") if one.strip()]


@dataclass(frozen=True, slots=True)
class _Work:
    source: SourceConfig
    connector: Connector
    parse: IsolatedParser
    knowledge: Knowledge
    on_progress: OnProgress
    retry: bool
    journal: Path

    async def uris(self) -> set[str]:
        """What the index has of the source."""
        return {one.document.uri for one in await self.knowledge.index.documents(self.source.name)}


async def _alone(work: _Work, runs: Runs) -> Report:
    name, started = work.source.name, time.time()
    async with runs.hold(name) as ours:
        if not ours:
            return Report(name, busy=True)
        report = await _read(work)
        await runs.note(name, work.parse.notes[name], work.uris)
        await runs.record(run_of(report, started, fingerprint(work.source)))
        return report


async def _read(work: _Work) -> Report:
    started = time.monotonic()
    to, knowledge = work.source, work.knowledge
    try:
        async with journaled(knowledge.embedder, work.journal) as embedder:
            return await sync(to, work.connector, work.parse, embedder, knowledge.index, work.on_progress, retry=work.retry)
    except AdvisorError as error:
        return Report(to.name, seconds=time.monotonic() - started, error=str(error))


async def remove_unconfigured(index: PassageStore, company: CompanyConfig, runs: Runs) -> list[Report]:
    """Remove the documents of sources that advisor.yaml no longer names; nothing if it names none: nobody means that by it."""
    names = {source.name for source in company.sources}
    gone: defaultdict[str, list[str]] = defaultdict(list)
    for one in await index.documents() if names else []:
        if one.document.source not in names | BUILT_IN and not one.document.source.startswith(AD_HOC):
            gone[one.document.source].append(one.document.id)
    reports = []
    for source, documents in sorted(gone.items()):
        async with runs.hold(source) as ours:
            if ours:
                await index.delete(documents)
                log.info("source %s is no longer configured: %d documents removed", source, len(documents))
                reports.append(Report(source, removed=len(documents)))
    return reports


def note_live(settings: Settings, embedder: Embedder, *, switch: bool = False) -> None:
    """Write down which index answers, if nothing says so yet or if it is another from now on."""
    place = index_place(settings)
    if embedded_index(settings) and (switch or read_live(place) is None):
        write_live(place, LiveIndex(*configured_embeddings(settings), embedder.name, embedder.dimension))


def stale_index(settings: Settings) -> str:
    """A sentence if the index that answers is not of the embeddings that are configured; else empty."""
    if live_settings(settings) == settings:
        return ""
    return "the index that answers was made with other embeddings than those configured: run `app.py reembed` to switch over"


async def make_live(settings: Settings, runs: Runs, show: ShowProgress) -> Report:
    """Build the index of the configured embeddings beside the one that answers, from its passages, then switch over."""
    from rag.stores.lance import LanceStore  # a second to load, and with Pinecone nobody needs it

    live = read_live(index_place(settings))
    if not embedded_index(settings):
        raise InputError("only the embedded index is made anew from itself: with Pinecone, run `app.py ingest` on a new index")
    embedder, _ = build_embedder(settings, SentenceEncoder())
    if live is None or live.name == embedder.name:
        return Report("index")
    old = LanceStore(index_place(settings), live.dimension, live.name)
    new = LanceStore(index_place(settings), embedder.dimension, embedder.name)
    async with runs.hold("(index)") as ours:
        if not ours:
            return Report("index", busy=True)
        with show("index") as on_progress:
            async with journaled(embedder, settings.advisor_home / "sources" / "(index).embedded") as kept:
                report = await reembed(old, new, kept, on_progress)
        note_live(settings, embedder, switch=True)
        return report


async def follow(knowledge: Knowledge, settings: Settings, then: Callable[[Embedder], None]) -> None:
    """Until cancelled: once `reembed` has switched over, answer from the new index without a restart, and tell its embedder."""
    name = knowledge.embedder.name
    while embedded_index(settings):
        await asyncio.sleep(_LOOK_SECONDS)
        try:
            live = await asyncio.to_thread(read_live, index_place(settings))
            if live and live.name != name:
                then(await reopen(knowledge, settings))
                name = live.name
                log.info("answers come from the index of %s from now on", name)
        except (AdvisorError, OSError) as error:
            log.warning("the index could not be changed: %s", error)


async def read_in_child(source: SourceConfig, retry: bool, runs: Runs) -> bool:
    """Have a process of its own read a source; False if another was reading it. How it ended is on record afterwards."""
    started = time.time()
    arguments = ["ingest", source.name, "--json", "--background", *(["--retry"] if retry else [])]
    child = await asyncio.create_subprocess_exec(
        *_LOWER, sys.executable, str(_APP), *arguments,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        out, err = await child.communicate()
    except asyncio.CancelledError:
        await _end(child)
        raise
    if child.returncode in (0, 1) and out.startswith(b"{"):
        return b'"busy": true' not in out
    lines = [line.strip() for line in err.decode(errors="replace").splitlines() if line.strip()]
    signalled = signal.Signals(-child.returncode).name if child.returncode and child.returncode < 0 else ""
    reason = f"the process that read it was ended by {signalled}" if signalled else (lines or ["it ended without a reason"])[-1]
    log.error("source %s could not be read: %s", source.name, reason)
    await runs.record(Run(source.name, started, time.time() - started, error=reason, of=fingerprint(source)))
    return True


async def _end(child: asyncio.subprocess.Process) -> None:
    """First asked, then made to; its own children with it."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(child.pid, how)
        with suppress(TimeoutError):
            await asyncio.wait_for(child.wait(), _END_SECONDS)
            return


def yield_to_others() -> None:
    """This process gives way where the processor is wanted, and is the first to go where memory is short."""
    os.setpriority(os.PRIO_PROCESS, 0, _NICE)  # also where it was started with `nice`, which would add up
    with suppress(OSError):  # there is no such file but on Linux
        Path("/proc/self/oom_score_adj").write_text("700", "ascii")


def named_sources(names: Sequence[str], company: CompanyConfig) -> list[SourceConfig]:
    """Configured sources by name, paths and URLs as sources of their own; all configured ones if nothing is named."""
    known = {source.name: source for source in company.sources}
    return [known.get(name) or _place(name, company) for name in names] or list(company.sources)


def _place(place: str, company: CompanyConfig) -> SourceConfig:
    """A URL, or a path: readable as the configured source it lies in, else by everyone."""
    if place.startswith(("https://", "http://")):
        return SourceConfig.model_validate({"name": _slug(place), "connector": "web", "url": place})
    path = Path(place)
    if not path.exists():
        raise InputError(f"no configured source and no path is called {place}")
    around = source_around(company, place)
    labels = {} if around is None else around.model_dump(include={"audience", "tags", "licence"})
    return SourceConfig.model_validate({**labels, "name": _slug(path.resolve().as_posix()), "path": place})


def _slug(text: str) -> str:
    return AD_HOC + "".join(char if char.isascii() and char.isalnum() else "-" for char in text.lower()).strip("-")
