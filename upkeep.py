"""Keeping the index current: sources as they are configured or named on the command line, connected and synchronised."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from config.company import CompanyConfig, SourceConfig
from config.settings import Settings, source_secrets
from rag.connectors.registry import connect
from rag.errors import InputError
from rag.ingest.parse.isolate import IsolatedParser
from rag.ingest.report import OnProgress, Report
from rag.ingest.sync import sync
from wiring import Knowledge

ShowProgress = Callable[[str], AbstractContextManager[OnProgress]]


async def bring_up_to_date(
    knowledge: Knowledge, settings: Settings, sources: Sequence[SourceConfig], show: ShowProgress, *, retry: bool
) -> list[Report]:
    """Synchronise sources one after the other; SettingsError, before any is read, if one is configured wrongly."""
    state = settings.advisor_home / "sources"
    connectors = [connect(source, state, source_secrets(source.name)) for source in sources]
    reports = []
    async with IsolatedParser() as parse:
        for source, connector in zip(sources, connectors, strict=True):
            with show(source.name) as on_progress:
                report = await sync(source, connector, parse, knowledge.embedder, knowledge.store, on_progress, retry=retry)
                reports.append(report)
    return reports


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
    here = path.resolve()
    folders = [one for one in company.sources if one.connector == "folder" and "path" in one.options]
    around = next((one for one in folders if here.is_relative_to(Path(one.options["path"]).resolve())), None)
    labels = {} if around is None else around.model_dump(include={"audience", "tags", "licence"})
    return SourceConfig.model_validate({**labels, "name": _slug(here.as_posix()), "path": place})


def _slug(text: str) -> str:
    return "".join(char if char.isascii() and char.isalnum() else "-" for char in text.lower()).strip("-")
