"""What Teams takes for an Adaptive Card: the part of the schema 1.5 that our cards use, and what Teams adds and forbids.

Written by hand from the schema explorer and the cards pages of Teams (seen 2026-11): elements and properties that are not listed
here are faults, although the platform knows more of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_LOOK = {"type", "spacing", "separator", "id", "isVisible"}
ELEMENTS: dict[str, set[str]] = {
    "TextBlock": {"color", "text", "wrap", "isSubtle", "size", "weight"} | _LOOK,
    "RichTextBlock": {"inlines"} | _LOOK,
    "Container": {"items"} | _LOOK,
    "FactSet": {"facts"} | _LOOK,
    "ActionSet": {"actions"} | _LOOK,
    "Input.Text": {"isMultiline", "maxLength", "label", "placeholder", "value"} | _LOOK,
    "Input.Date": {"label", "value"} | _LOOK,
    "Input.ChoiceSet": {"label", "choices", "value", "style", "isMultiSelect"} | _LOOK,
    "Input.Toggle": {"title", "value", "wrap"} | _LOOK,
}
REQUIRED = {
    "TextBlock": ("text",), "RichTextBlock": ("inlines",), "Container": ("items",), "FactSet": ("facts",),
    "ActionSet": ("actions",), "Input.Text": ("id",), "Input.Date": ("id",), "Input.ChoiceSet": ("id", "choices"),
    "Input.Toggle": ("id", "title"),
}  # fmt: skip
RUN = {"type", "text", "isSubtle", "weight", "size", "italic", "highlight"}
ACTIONS = {"Action.Submit": {"data"}, "Action.Execute": {"data", "verb"}, "Action.OpenUrl": {"url"}}
ENUMS = {
    "color": {"Default", "Dark", "Light", "Accent", "Good", "Warning", "Attention"},
    "size": {"Small", "Default", "Medium", "Large", "ExtraLarge"}, "weight": {"Lighter", "Default", "Bolder"},
    "spacing": {"None", "Small", "Default", "Medium", "Large"}, "style": {"compact", "expanded", "filtered"},
}  # fmt: skip


def faults(card: dict[str, Any]) -> list[str]:
    """Everything that is wrong with a card; empty if nothing is."""
    found = [f"card: {key}" for key in card.keys() - {"$schema", "type", "version", "body", "actions", "msteams"}]
    if card.get("type") != "AdaptiveCard" or card.get("version") != "1.5":
        found.append("card: type or version")
    found += [fault for one in card.get("body", []) for fault in _element(one)]
    ids = [one["id"] for one in elements(card) if "id" in one]
    return (
        found
        + [fault for one in card.get("actions", []) for fault in _action(one)]
        + (["ids"] if len(ids) > len(set(ids)) else [])
    )


def elements(card: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All elements of a card, those within others too."""
    waiting = list(card.get("body", []))
    while waiting:
        one = waiting.pop(0)
        yield one
        waiting += one.get("items", [])


def actions(card: dict[str, Any]) -> list[dict[str, Any]]:
    """All buttons of a card."""
    return [*(action for one in elements(card) for action in one.get("actions", [])), *card.get("actions", [])]


def _element(one: dict[str, Any]) -> Iterator[str]:
    kind = one.get("type", "")
    if kind not in ELEMENTS:
        yield f"unknown element {kind}"
        return
    yield from (f"{kind}: {key}" for key in one.keys() - ELEMENTS[kind])
    yield from (f"{kind}: no {key}" for key in REQUIRED[kind] if not one.get(key))
    yield from (f"{kind}: {key}={one[key]}" for key, known in ENUMS.items() if key in one and one[key] not in known)
    for run in one.get("inlines", []):
        yield from (f"TextRun: {key}" for key in run.keys() - RUN)
        if run.get("type") != "TextRun" or not isinstance(run.get("text"), str):
            yield "TextRun: type or text"
    for pair in [*one.get("facts", []), *one.get("choices", [])]:
        if set(pair) != {"title", "value"} or not all(isinstance(text, str) and text for text in pair.values()):
            yield f"{kind}: {pair}"
    for item in one.get("items", []):
        yield from _element(item)
    if len(one.get("actions", [])) > 6:
        yield "ActionSet: more than six buttons"
    for action in one.get("actions", []):
        yield from _action(action)


def _action(one: dict[str, Any]) -> Iterator[str]:
    kind = one.get("type", "")
    if kind not in ACTIONS:
        yield f"unknown action {kind}"
        return
    yield from (f"{kind}: {key}" for key in one.keys() - ACTIONS[kind] - {"type", "title", "id", "tooltip"})
    yield from (f"{kind}: no {key}" for key in ACTIONS[kind] | {"title"} if not one.get(key))
