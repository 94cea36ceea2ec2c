"""Makes text fit to read without changing its words: white space, invisible characters, contents lines."""

from __future__ import annotations

import re

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)
"""Soft hyphens, zero-width and direction marks: they hide or reorder words and are never content."""
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\uf8ff]")
"""Control characters, halves of surrogate pairs, which no index takes, and the private-use code points of symbol fonts."""
_CONTENTS_LINE = re.compile(r"(?:\.\s?){4,}\s*\d{1,4}\s*$|…{2,}\s*\d{1,4}\s*$")
_TAIL = 120
"""Characters of a line that are looked at: on an endless run of dots the expression would never end."""


def tidy(text: str) -> str:
    """One line: invisible and control characters removed, runs of white space turned into one space."""
    return " ".join(_CONTROL.sub(" ", _INVISIBLE.sub("", text)).split())


def tidy_lines(text: str) -> str:
    """As `tidy`, but line breaks stay; empty lines go."""
    return "\n".join(filter(None, (tidy(line) for line in text.splitlines())))


def is_contents_line(line: str) -> bool:
    """Whether a line belongs to a table of contents: leader dots and a page number. It says nothing and matches everything."""
    return _CONTENTS_LINE.search(line[-_TAIL:]) is not None


def table_text(rows: list[list[str]]) -> str:
    """Rows of cells as a table block's text: one line a row, cells joined by ` | `, rows without any text left out."""
    lines = (" | ".join(tidy(cell) for cell in row).rstrip(" |") for row in rows)
    return "\n".join(line for line in lines if line.strip(" |"))
