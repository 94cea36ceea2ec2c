"""Where a passage's sentences stand in its text, and which of them are questions that open a line. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

_QUESTION = re.compile(r"\?\W*$|^\s*(p|q|pregunta|question)\s*[:.]", re.IGNORECASE)


def questions(text: str, part: Sequence[str]) -> set[int]:
    """Which sentences are questions that open a line («P: ¿...?»): what follows answers them. Within a line they are rhetoric."""
    where = bounds(text, part)
    return {
        place
        for place, sentence in enumerate(part)
        if _QUESTION.search(sentence) and (place == 0 or "\n" in text[where[place - 1][1] : where[place][0]])
    }


def unanswered(text: str, part: Sequence[str]) -> set[int]:
    """Which of these are followed by another, or by nothing: a quiz tells nobody anything."""
    asked = questions(text, part)
    return {place for place in asked if place + 1 in asked or place + 1 == len(part)}


def cut(text: str, part: Sequence[str], first: int, last: int) -> str:
    """The verbatim text from one sentence to another, with what stands between them."""
    where = bounds(text, part)
    return text[where[first][0] : where[last][1]]


def bounds(text: str, part: Sequence[str]) -> list[tuple[int, int]]:
    """Where each sentence of a text stands in it."""
    start, found = 0, []
    for piece in part:
        place = text.find(piece.strip(), start)
        start = place + len(piece.strip())
        found.append((place, start))
    return found
