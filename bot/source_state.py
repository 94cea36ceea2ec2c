"""A source as operators see it: what is indexed of it, what failed, how its last run ended, when the next is due. Data only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from bot.reasons import reason_in


@dataclass(frozen=True, slots=True)
class Run:
    """One run over a source. `started` is unix time; `error` is what ended it early; `of` tells the configuration it was for."""

    source: str
    started: float
    seconds: float = 0.0
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    passages: int = 0
    failures: tuple[tuple[str, str], ...] = ()
    failed: int = 0
    error: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source. `next_run` is unix time, None if it is only read when asked; `failures` has (uri, reason).

    `notes` has (uri, what of it could not be read) of documents that were read otherwise: scanned pages, attachments.
    """

    name: str
    connector: str
    description: str
    configured: bool
    audience: tuple[str, ...]
    documents: int
    passages: int
    indexed_at: str
    failures: tuple[tuple[str, str], ...]
    under_way: bool = False
    wanted: bool = False
    watched: bool = False
    next_run: float | None = None
    last_run: Run | None = None
    notes: tuple[tuple[str, str], ...] = ()


def state_json(state: SourceState, language: str = "en") -> dict[str, Any]:
    """As the command line and the HTTP interface give it; times in ISO 8601, UTC, reasons in `language`."""
    run = state.last_run
    return {
        **{name: value for name, value in asdict(state).items() if name not in {"last_run", "failures", "notes"}},
        "audience": list(state.audience),
        "indexed_at": state.indexed_at or None,
        "next_run": _iso(state.next_run),
        "failures": [{"uri": uri, "reason": reason_in(language, reason)} for uri, reason in state.failures],
        "notes": [{"uri": uri, "note": reason_in(language, note)} for uri, note in state.notes],
        "last_run": {
            "started": _iso(run.started), "seconds": round(run.seconds, 1), "added": run.added, "changed": run.changed,
            "removed": run.removed, "unchanged": run.unchanged, "passages": run.passages, "failed": run.failed,
            "error": run.error or None,
        }
        if run
        else None,
    }  # fmt: skip


def _iso(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
