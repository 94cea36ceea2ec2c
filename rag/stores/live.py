"""Which of the embedded indexes answers: a small file beside them, replaced whole. See docs/models-and-index.md."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from rag.errors import StoreError

_NAME = "current"


@dataclass(frozen=True, slots=True)
class LiveIndex:
    """The index that answers, by what its vectors were made with: `embeddings` and `model` as in the settings."""

    embeddings: str
    model: str
    name: str
    dimension: int


def read_live(folder: Path) -> LiveIndex | None:
    """What the file says; None before the first ingest."""
    try:
        return LiveIndex(**json.loads((folder / _NAME).read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise StoreError(f"{folder / _NAME}: {error}", retryable=False) from error


def write_live(folder: Path, live: LiveIndex) -> None:
    """Switch over. Readers see the old file or the new one, never half of it."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{_NAME}.{os.getpid()}"
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(asdict(live), file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / _NAME)
