"""What a stream of ours answers, told in the id of its first block: a stream takes no metadata before it ends. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_BEGUN = "begun"
_ID_CHARS = 255
"""Of a block's id (Block Kit reference, seen 2025)."""


def begun_id(mark: Mapping[str, Any]) -> str:
    """The id of the first block of a stream that answers what `mark` names (`message`, `said`)."""
    return f"{_BEGUN}|{mark['message']}|{mark['said']}"[:_ID_CHARS]


def begun_mark(block_id: str) -> dict[str, Any]:
    """The mark in a block's id, its part 0 as of all that was only begun; empty if it is none."""
    kind, _, rest = block_id.partition("|")
    message, cut, said = rest.rpartition("|")
    return {"message": message, "said": said, "part": 0, "stream": True} if kind == _BEGUN and cut else {}
