"""What the worker says to what the HTTP side sends: events, their wire form, the passage view. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.links import linkable
from bot.contract import answer_json
from bot.messages import Progress, Reply
from config.texts import text
from rag.models import Answer, Language, Passage


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a message's event stream. `id` is its place there, empty before it is stored; `data` is JSON."""

    name: str
    data: str
    id: str = ""


def progress_event(progress: Progress) -> Event:
    """Work under way: the stage and the whole text so far."""
    return Event("progress", _dump({"stage": progress.stage, "text": progress.text}))


def answer_event(reply: Reply) -> Event:
    """The answer as the contract has it, and the id under which it may be judged, if it may."""
    return Event("answer", _dump(answer_json(reply.answer) | ({"exchange": reply.exchange} if reply.exchange else {})))


def error_event(code: str, message: str) -> Event:
    """Something broke between the worker and the caller."""
    return Event("error", _dump({"error": {"code": code, "message": message}}))


def timed_out(language: Language, milliseconds: int) -> Event:
    """The answer that stands in for one that did not come in time."""
    answer = Answer("failed", language, text(language, "error.timeout"), timings_ms={"total": milliseconds})
    return answer_event(Reply(answer))


def frame(event: Event) -> bytes:
    """The event as server-sent events have it; JSON holds no line breaks of its own."""
    lines = [f"id: {event.id}"] if event.id else []
    lines += [f"event: {event.name}", f"data: {event.data}", "", ""]
    return "\n".join(lines).encode()


def latest(events: Sequence[Event]) -> list[Event]:
    """Without progress that a later event replaces, and nothing after the first answer."""
    kept: list[Event] = []
    for event in events:
        if kept and kept[-1].name == "progress":
            kept.pop()
        kept.append(event)
        if event.name == "answer":
            break
    return kept


def passage_view(passages: Sequence[Passage], cited_id: str, language: str) -> dict[str, Any]:
    """A cited passage among its neighbours, for the chat page's panel."""
    cited = next(passage for passage in passages if passage.id == cited_id)
    document = cited.document
    return {
        "title": document.title,
        "locator": cited.locator.label(language),
        "date": document.date.isoformat() if document.date else None,
        "link": linkable(document.uri),
        "source": document.source,
        "licence": document.licence,
        "passages": [
            {"text": one.text, "language": one.language, "locator": one.locator.label(language), "cited": one.id == cited_id}
            for one in passages
        ],
    }


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
