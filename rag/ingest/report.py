"""How far a run of ingest is, and what it did. Data only, so that showing it costs no parsers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. `expected` estimates all its passages from those of the documents read so far."""

    documents: int
    documents_total: int
    passages: int
    expected: int
    uri: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did. `failures` has (uri, reason) of all documents that cannot be read, those of earlier runs included.

    `error` is what ended the run before its end; `busy`: nothing was done, because another process is reading the source.
    """

    source: str
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    failures: tuple[tuple[str, str], ...] = ()
    passages: int = 0
    seconds: float = 0.0
    error: str = ""
    busy: bool = False


OnProgress = Callable[[Progress], None]
