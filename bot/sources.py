"""How the sources stand: what is indexed of each and what failed, from the index; the last run and the next, from Redis."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from bot.access import readers
from bot.runs import Runs
from bot.source_state import SourceState
from bot.upkeep import next_run
from config.company import CompanyConfig, SourceConfig
from rag.ports import IndexedDocument, PassageStore


async def overview(
    company: CompanyConfig, store: PassageStore, runs: Runs | None, may: frozenset[str] | None = None
) -> list[SourceState]:
    """Each configured source, and what was indexed from the command line, as far as a reader of `may` may know (None: all).

    Without `runs`, what only Redis knows is left out. MemoryStoreError or StoreError if what is asked does not answer.
    """
    held: defaultdict[str, list[IndexedDocument]] = defaultdict(list)
    for one in await store.documents():
        if may is None or readers(company, one.document) & may:
            held[one.document.source].append(one)
    configured = [one for one in company.sources if may is None or may & set(one.audience)]
    known = {one.name for one in company.sources}
    states = [await _with_runs(_state(source, held[source.name]), source, runs) for source in configured]
    return states + [
        _state(SourceConfig(name=name), found, configured=False) for name, found in held.items() if name not in known
    ]


def _state(source: SourceConfig, found: Sequence[IndexedDocument], *, configured: bool = True) -> SourceState:
    audience = source.audience if configured else tuple(sorted({name for one in found for name in one.document.audience}))
    return SourceState(
        source.name,
        source.connector if configured else "",
        source.description,
        configured,
        audience,
        sum(1 for one in found if not one.error),
        sum(one.passages for one in found),
        max((one.indexed_at for one in found), default=""),
        tuple((one.document.uri, one.error) for one in found if one.error),
        watched=source.watch,
    )


async def _with_runs(state: SourceState, source: SourceConfig, runs: Runs | None) -> SourceState:
    if runs is None:
        return state
    last = await runs.last(source.name)
    return replace(
        state,
        under_way=await runs.under_way(source.name),
        wanted=await runs.wanted(source.name),
        next_run=next_run(source, last, time.time()),
        last_run=last,
    )
