"""What the command line prints: answers, tables, progress. Pure but for the progress bars."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from tqdm import tqdm

from bot.source_state import SourceState, state_json
from config.settings import Settings
from rag.evaluate import Metrics
from rag.ingest.report import Progress, Report
from rag.models import Answer
from rag.ports import IndexedDocument

Check = tuple[str, str, bool]
_BAR = "{desc} {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} passages [{elapsed}, {remaining} left, {rate_fmt}]"


def answer(one: Answer) -> str:
    """Text, notices and numbered sources."""
    lines = [one.text, *(f"  {notice}" for notice in one.notices)]
    for citation in one.citations:
        place = ", ".join(filter(None, (citation.title, citation.locator, str(citation.date or ""))))
        lines.append(f"  [{citation.n}] {place}\n      «{' '.join(citation.quote.split())}»\n      {citation.uri}")
    return "\n".join([*lines, *(f"  > {question}" for question in one.follow_ups)])


def reports(found: Sequence[Report], *, as_json: bool) -> str:
    """One line a source, then what failed and why."""
    if as_json:
        return json.dumps({"sources": [asdict(report) for report in found]}, ensure_ascii=False)
    lines = [
        f"{report.source}: {report.added} added, {report.changed} changed, {report.removed} removed, "
        f"{report.unchanged} unchanged; {report.passages} passages in {report.seconds:.1f} s"
        for report in found
        if report.added or report.changed or report.removed or report.failures
    ]
    lines += [f"{report.source}: left to another process, which is reading it" for report in found if report.busy]
    lines += [f"{report.source}: FAILED: {report.error}" for report in found if report.error]
    unchanged = sum(report.unchanged for report in found)
    lines = lines or [f"{unchanged} documents, none changed"]
    return "\n".join([*lines, *(f"FAILED {uri}: {reason}" for report in found for uri, reason in report.failures)])


def switched(report: Report) -> str:
    """What `reembed` did."""
    if report.busy:
        return "Another process is making the index anew."
    if not report.added:
        return "The index that answers is of the configured embeddings."
    made = f"{report.added} documents, {report.passages} passages in {report.seconds:.0f} s."
    return f"{made} A server that runs answers with it within seconds."


def sources(states: Sequence[SourceState], found: Sequence[IndexedDocument], *, as_json: bool) -> str:
    """Each document with its passages, then each source with its last run and its next, then what failed and why."""
    if as_json:
        rows = {"sources": [state_json(state) for state in states], "documents": [_document(one) for one in found]}
        return json.dumps(rows, ensure_ascii=False)
    lines = [f"{one.document.source:20} {one.passages:5} {one.document.uri}" for one in found if not one.error]
    lines += ["", *(_source(state_json(state)) for state in states)]
    lines += [f"FAILED {state.name}: {uri}: {reason}" for state in states for uri, reason in state.failures]
    lines += [f"IN PART {state.name}: {uri}: {note}" for state in states for uri, note in state.notes]
    documents, failed = sum(state.documents for state in states), sum(len(state.failures) for state in states)
    return "\n".join([*lines, f"{documents} documents, {sum(state.passages for state in states)} passages, {failed} failed"])


def _source(state: Mapping[str, Any]) -> str:
    """One source in one line."""
    parts = [f"{state['documents']} documents", f"{state['passages']} passages", f"{len(state['failures'])} failed"]
    parts += [f"newest of {state['indexed_at']}"] if state["indexed_at"] else []
    run = state["last_run"]
    if run:
        counts = ", ".join(f"{run[name]} {name}" for name in ("added", "changed", "removed"))
        ended = f"FAILED: {run['error']}" if run["error"] else counts
        parts.append(f"read {run['started']} in {run['seconds']} s ({ended})")
    parts += ["being read now"] if state["under_way"] else []
    parts += [f"next {state['next_run']}"] if state["next_run"] else []
    parts += ["watched"] if state["watched"] else []
    return f"{state['name']}: {', '.join(parts)}"


def _document(one: IndexedDocument) -> dict[str, Any]:
    return {
        "source": one.document.source,
        "uri": one.document.uri,
        "title": one.document.title,
        "language": one.document.language,
        "date": one.document.date.isoformat() if one.document.date else None,
        "audience": sorted(one.document.audience),
        "site": one.document.site,
        "passages": one.passages,
        "indexed_at": one.indexed_at,
        "error": one.error or None,
    }


def metrics(found: Metrics) -> str:
    """A line a metric."""
    return "\n".join(
        f"{name:15} {value:.3f}" if isinstance(value, float) else f"{name:15} {value}" for name, value in asdict(found).items()
    )


def configured(settings: Settings) -> list[Check]:
    """What the settings turn on."""
    slack = ("Socket Mode" if settings.slack_socket_mode else "HTTP") if settings.slack_on else "off: no SLACK_BOT_TOKEN"
    teams = "on" if settings.teams_on else "off: no TEAMS_APP_ID"
    model = settings.openai_model if settings.model_on else "none: answers are extracted (set OPENAI_API_KEY for a model)"
    api = f"{len(settings.tokens())} API tokens" if settings.tokens() else "this machine only: no API_TOKENS"
    return [("slack", slack, True), ("teams", teams, True), ("model", model, True), ("http", api, True)]


def started(settings: Settings, address: str) -> str:
    """Three lines: where the chat page is, what is configured, what is not."""
    parts = [(name, state) for name, state, _ in configured(settings)]
    on = [f"{name} ({state})" for name, state in parts if not state.startswith(("off", "none", "this"))]
    off = [f"{name} {state}" for name, state in parts if state.startswith(("off", "none", "this"))]
    on += [f"embeddings ({settings.advisor_embeddings})", f"index ({settings.advisor_index})"]
    return f"Chat page:      {address}/\nConfigured:     {', '.join(on)}\nNot configured: {'; '.join(off) or 'nothing'}"


def checks(found: Sequence[Check], *, as_json: bool) -> str:
    """One line a check."""
    if as_json:
        return json.dumps(
            {"checks": [{"name": name, "state": state, "ok": good} for name, state, good in found]}, ensure_ascii=False
        )
    return "\n".join(f"{'ok ' if good else 'NO '} {name:14} {state}" for name, state, good in found)


@contextmanager
def progress_bar(name: str) -> Iterator[Callable[[Progress], None]]:
    """A bar of passages with rate and time left; nothing is shown of a source in which nothing changed."""
    bar = tqdm(desc=f"{name:20.20}", total=1, unit="", bar_format=_BAR, delay=0.5, leave=True, disable=None)

    def on_progress(progress: Progress) -> None:
        bar.total = max(progress.expected, 1)
        bar.update(progress.passages - bar.n)

    try:
        yield on_progress
    finally:
        bar.close()


@contextmanager
def counter(name: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar for a known number of passages."""
    with tqdm(desc=name, total=total, bar_format=_BAR) as bar:

        def on_done(more: int) -> None:
            bar.update(more)

        yield on_done
