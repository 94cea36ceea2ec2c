"""`ingest --dry-run`: what a run over sources would do and cost. It writes nothing and starts no Redis."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from adapters.console import show
from adapters.console.show_estimate import estimates, estimates_json
from config.company import SourceConfig
from config.settings import Settings, source_secrets
from rag.connectors.registry import connect
from rag.embed.use import SentenceEncoder
from rag.errors import AdvisorError
from rag.ingest.estimate import Estimated, estimate
from rag.ingest.parse.isolate import IsolatedParser
from rag.ingest.report import Report
from rag.models import Language
from rag.ports import Embedder, PassageStore
from rag.stores.live import read_live
from upkeep import check_sources, passwords
from wiring import build_embedder, build_store, embedded_index, index_place, live_settings


async def dry_run(settings: Settings, sources: Sequence[SourceConfig], language: Language, *, retry: bool, as_json: bool) -> bool:
    """Print what an ingest of these sources would do; whether it could read all. SettingsError if one is configured wrongly."""
    found = await estimated(settings, sources, retry=retry)
    print(estimates_json(found) if as_json else estimates(found, language))
    return not any(one.report.failures or one.report.error for one in found)


async def estimated(settings: Settings, sources: Sequence[SourceConfig], *, retry: bool) -> list[Estimated]:
    """One source after the other."""
    check_sources(sources)
    embedder, _ = build_embedder(live_settings(settings), SentenceEncoder())
    store = build_store(settings, embedder) if _indexed(settings) else None
    with _copied(settings.advisor_home / "sources") as state:
        async with IsolatedParser({source.name: passwords(source) for source in sources}) as parse:
            return [await _one(source, state, parse, embedder, store, retry) for source in sources]


async def _one(
    source: SourceConfig, state: Path, parse: IsolatedParser, embedder: Embedder, store: PassageStore | None, retry: bool
) -> Estimated:
    connector = connect(source, state, source_secrets(source.name))
    try:
        with show.progress_bar(source.name) as on_progress:
            return await estimate(source, connector, parse, embedder, store, on_progress, retry=retry)
    except AdvisorError as error:
        return Estimated(Report(source.name, error=str(error)))


def _indexed(settings: Settings) -> bool:
    """Whether there is an index to compare with: opening an embedded one that is not there would make it."""
    return not embedded_index(settings) or read_live(index_place(settings)) is not None


@contextmanager
def _copied(folder: Path) -> Iterator[Path]:
    """What connectors remember of earlier runs, for them to change as they like."""
    with tempfile.TemporaryDirectory() as made:
        copy = Path(made) / folder.name
        if folder.is_dir():
            shutil.copytree(folder, copy)
        yield copy
