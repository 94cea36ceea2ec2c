"""The buttons beneath a reply: open a source, ask what follows, ask an expert, say whether it helped. Pure.

A button tells only which exchange it belongs to; who may do what is checked when it is pressed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.untrusted import clean, units
from bot.forms import offers
from config import texts
from rag.models import Answer

BUTTON_CHARS, VALUE_CHARS, BUTTONS_A_BLOCK = 75, 2000, 25
"""Of a button's text and its value, and of an actions block (Block Kit reference, seen 2026-11)."""
SOURCE, FOLLOW, EXPERT, JUDGE, SETTINGS, SHARE = "source", "follow", "expert", "judge", "settings", "share"
DECIDE, ASSUME, KEEP, WHICH, RECALL = "decide", "assume", "keep", "which", "recall"
"""What an action_id begins with; a number follows where a block has several."""


Which = Sequence[tuple[str, str]]
"""(exchange, question) pairs, of which an expert may have answered any."""


@dataclass(frozen=True, slots=True)
class Row:
    """A block of buttons, and how many characters people read on it."""

    block: dict[str, Any]
    size: int


def rows(answer: Answer, exchange: str, expert: str, *, share: bool = False) -> Iterator[Row]:
    """The blocks of buttons of a reply; none without an exchange. `share`: only the asker sees it, and may show it to all."""
    if not exchange:
        return
    language = answer.language
    opened = [
        _button(
            f"{SOURCE}-{one.n}",
            texts.text(language, "slack.open_source", n=one.n, title=one.title),
            _json(exchange=exchange, n=one.n),
        )
        for one in answer.citations
    ]
    yield from _actions(opened)
    yield from _actions(questions(answer.follow_ups))
    decide, assume = offers(answer)
    offered = ((DECIDE, decide), (ASSUME, assume))
    yield from _actions(
        [_button(name, texts.text(language, f"measures_form.{name}"), _json(exchange=exchange)) for name, yes in offered if yes]
    )
    if share:
        yield from _actions([_button(SHARE, texts.text(language, "slack.share"), _json(exchange=exchange))])
    if expert:
        label = texts.text(language, "slack.ask_expert", name=expert)
        yield from _actions([_button(EXPERT, label, _json(exchange=exchange))])
    thumbs = {
        f"{side}_button": {
            "text": _plain(texts.text(language, f"slack.judge_{verdict}")),
            "value": _json(exchange=exchange, verdict=verdict),
        }
        for side, verdict in (("positive", "up"), ("negative", "down"))
    }
    element = {"type": "feedback_buttons", "action_id": JUDGE, **thumbs}
    yield Row({"type": "context_actions", "elements": [element]}, 2 * BUTTON_CHARS)


def expert_rows(language: str, keep: str, which: Which) -> Iterator[Row]:
    """What an expert may press: to have the answer kept, or to say which question it answers."""
    if keep:
        yield from _actions([_button(KEEP, texts.text(language, "expert.keep"), _json(exchange=keep))])
    for n, (exchange, question) in enumerate(which, 1):  # each in a row of its own: long words stand badly side by side
        yield from _actions([_button(f"{WHICH}-{n}", question, _json(exchange=exchange))])


def questions(asked: Sequence[str]) -> list[dict[str, Any]]:
    """Buttons that ask; what is too long to be said by one is left out."""
    kept = [question for question in asked if clean(question).strip() and units(question) <= VALUE_CHARS]
    return [_button(f"{FOLLOW}-{n}", question, question) for n, question in enumerate(kept, 1)]


def recent(asked: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Buttons that open what was answered: (exchange, question) pairs."""
    return [_button(f"{RECALL}-{n}", question, _json(exchange=exchange)) for n, (exchange, question) in enumerate(asked, 1)]


def asks_again(question: str, language: str) -> list[dict[str, Any]]:
    """The button that asks it once more, if it can be said by one."""
    again = _button(f"{FOLLOW}-1", texts.text(language, "slack.ask_again"), question)
    return [again] if 0 < units(question) <= VALUE_CHARS else []


def told_by_button(question: str) -> bool:
    """Whether a button shows the question whole."""
    said = _one_line(question)
    return 0 < units(said) <= BUTTON_CHARS


def settings_button(language: str) -> dict[str, Any]:
    """Opens a channel's settings."""
    return _button(SETTINGS, texts.text(language, "slack.settings"), "-")


def _actions(buttons: list[dict[str, Any]]) -> Iterator[Row]:
    for start in range(0, len(buttons), BUTTONS_A_BLOCK):
        part = buttons[start : start + BUTTONS_A_BLOCK]
        yield Row({"type": "actions", "elements": part}, sum(units(one["text"]["text"]) for one in part))


def _button(action: str, label: str, value: str) -> dict[str, Any]:
    return {"type": "button", "action_id": action, "text": _plain(label), "value": value}


def _plain(label: str) -> dict[str, Any]:
    said = _one_line(label) or "…"
    if units(said) > BUTTON_CHARS:
        said = said[: BUTTON_CHARS - 1]
        while units(said) >= BUTTON_CHARS:
            said = said[:-1]
        said = f"{said.rstrip()}…"
    return {"type": "plain_text", "text": said, "emoji": False}


def _one_line(said: str) -> str:
    return " ".join(clean(said).split())


def _json(**said: Any) -> str:
    return json.dumps(said, separators=(",", ":"))
