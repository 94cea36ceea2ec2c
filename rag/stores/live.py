"""Which of the embedded indexes answers: a small file beside them, replaced whole. See docs/models-and-index.md."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from rag.errors import StoreError
from rag.stores.place import Place

_NAME = "current"


@dataclass(frozen=True, slots=True)
class LiveIndex:
    """The index that answers, by what its vectors were made with: `embeddings` and `model` as in the settings."""

    embeddings: str
    model: str
    name: str
    dimension: int


def read_live(place: Place) -> LiveIndex | None:
    """What the file says; None before the first ingest. StoreError if it cannot be read or says nothing of the kind."""
    try:
        data = place.read(_NAME)
        return None if data is None else LiveIndex(**json.loads(data))
    except (OSError, ValueError, TypeError) as error:
        raise StoreError(f"{place}: {_NAME}: {error}", retryable=False) from error


def write_live(place: Place, live: LiveIndex) -> None:
    """Switch over, for all who share the place."""
    place.write(_NAME, json.dumps(asdict(live)).encode())
