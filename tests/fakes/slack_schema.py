"""Block Kit by Slack's own types: what the SDK's models know of a block, and nothing else, may stand in it (slack_sdk 3.47)."""

from __future__ import annotations

from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View


def schema_faults(block: dict[str, Any]) -> list[str]:
    """What the models find wrong with a block: an unknown type or property, a length of theirs that is passed."""
    try:
        parsed = Block.parse(block)
        known = parsed.to_dict() if parsed is not None else None
    except (SlackObjectFormationError, TypeError, ValueError, KeyError, AttributeError) as error:
        return [f"not a block: {type(error).__name__} {error}"]
    if known is None:
        return [f"unknown type of block: {block.get('type')}"]
    return [f"unknown to Slack's types: {one}" for one in lost(block, known)]


def view_faults(view: dict[str, Any]) -> list[str]:
    """The same of a modal or a Home page, its blocks included."""
    try:
        known = View(**view).to_dict()
    except (SlackObjectFormationError, TypeError, ValueError) as error:
        return [f"not a view: {error}"]
    faults = [f"unknown to Slack's types: {one}" for one in lost({**view, "blocks": []}, {**known, "blocks": []})]
    return faults + [fault for block in view.get("blocks", []) for fault in schema_faults(block)]


def lost(given: Any, known: Any, where: str = "") -> list[str]:
    """Where `given` holds something that did not survive being read and written by the models."""
    if isinstance(given, dict) and isinstance(known, dict):
        return [fault for name in given for fault in lost(given[name], known.get(name), f"{where}/{name}")]
    if isinstance(given, list) and isinstance(known, list) and len(given) == len(known):
        return [fault for n, pair in enumerate(zip(given, known, strict=True)) for fault in lost(*pair, f"{where}/{n}")]
    return [] if given == known else [where]
