"""How the sources stand: what is indexed of each and what failed, from the index; the last run and the next, from Redis."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

from bot.access import readers
from bot.runs import Runs
from bot.source_state import Run, SourceState
from bot.upkeep import next_run
from config.company import AD_HOC, CompanyConfig, SourceConfig
from rag.models import Document
from rag.ports import IndexedDocument, PassageStore

_CHEAP_SECONDS = 0.1
_KEPT_SECONDS = 30.0
"""What took longer than the first to list is listed again after the second, or when a run of a source has ended."""


@dataclass(slots=True)
class _Group:
    """Documents of a source with the same readers: `one` of them, and what is to be told of all."""

    one: Document
    documents: int = 0
    passages: int = 0
    newest: str = ""
    failures: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Listed:
    """What a listing gave, when (monotonic), after which runs, and whether it was cheap enough to do every time."""

    groups: Sequence[_Group]
    at: float
    runs: Sequence[float]
    cheap: bool


_listed: WeakKeyDictionary[PassageStore, _Listed] = WeakKeyDictionary()


async def overview(
    company: CompanyConfig, store: PassageStore, runs: Runs | None, may: frozenset[str] | None = None
) -> list[SourceState]:
    """Each configured source, and what was indexed from the command line, as far as a reader of `may` may know (None: all).

    Without `runs`, what only Redis knows is left out. MemoryStoreError or StoreError if what is asked does not answer. Of a
    large index the figures may be half a minute old while a run is under way.
    """
    last = {one.name: await runs.last(one.name) for one in company.sources} if runs else {}
    groups = await _groups(store, [run.started + run.seconds for run in last.values() if run])
    held: dict[str, list[_Group]] = {}
    for group in groups:
        if may is None or readers(company, group.one) & may:
            held.setdefault(group.one.source, []).append(group)
    configured = [one for one in company.sources if may is None or may & set(one.audience)]
    known = {one.name for one in company.sources}
    states = [
        await _with_runs(_state(source, held.get(source.name, ())), source, runs, last.get(source.name)) for source in configured
    ]
    return states + [
        _state(SourceConfig(name=name), found, configured=False) for name, found in held.items() if name not in known
    ]


async def _groups(store: PassageStore, runs: Sequence[float]) -> Sequence[_Group]:
    """The index in figures. Listing 100,000 documents takes 1.5 s, which a page that asks every few seconds must not cost."""
    kept, now = _listed.get(store), time.monotonic()
    if kept is None or kept.cheap or kept.runs != runs or now - kept.at > _KEPT_SECONDS:
        documents = await store.documents()
        groups = await asyncio.to_thread(_grouped, documents)
        kept = _Listed(groups, now, runs, time.monotonic() - now < _CHEAP_SECONDS)
        _listed[store] = kept
    return kept.groups


def _grouped(documents: Iterable[IndexedDocument]) -> Sequence[_Group]:
    """Who may read a document depends on its source and label, and for one from the command line on its place, too."""
    groups: dict[tuple[str, frozenset[str], str], _Group] = {}
    for one in documents:
        document = one.document
        place = document.uri if document.source.startswith(AD_HOC) else ""
        group = groups.setdefault((document.source, document.audience, place), _Group(document))
        group.passages += one.passages
        if one.error:
            group.failures.append((document.uri, one.error))
        else:
            group.documents += 1
            group.newest = max(group.newest, one.indexed_at)
    return tuple(groups.values())


def _state(source: SourceConfig, found: Sequence[_Group], *, configured: bool = True) -> SourceState:
    audience = source.audience if configured else tuple(sorted({name for group in found for name in group.one.audience}))
    return SourceState(
        source.name,
        source.connector if configured else "",
        source.description,
        configured,
        audience,
        sum(group.documents for group in found),
        sum(group.passages for group in found),
        max((group.newest for group in found), default=""),
        tuple(failure for group in found for failure in group.failures),
        watched=source.watch,
    )


async def _with_runs(state: SourceState, source: SourceConfig, runs: Runs | None, last: Run | None) -> SourceState:
    if runs is None:
        return state
    failures = {**dict(last.failures if last else ()), **dict(state.failures)}  # those of documents whose text stays, too
    return replace(
        state,
        failures=tuple(sorted(failures.items())),
        under_way=await runs.under_way(source.name),
        wanted=await runs.wanted(source.name),
        next_run=next_run(source, last, time.time()),
        last_run=last,
        notes=tuple(note for note in await runs.notes(source.name) if note[0] not in failures),
    )
