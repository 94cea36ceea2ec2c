"""Blocks to passages: neighbours merged, long ones cut between sentences or rows, never across an article, heading or page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from rag.headings import of_lines
from rag.ingest.language import detect
from rag.ingest.sentences import sentences
from rag.models import Document, Language, Locator, Passage
from rag.ports import Block

TARGET = 900
"""Characters that a passage is filled up to: about what the embedder reads whole, and what a person reads at a glance."""
LONGEST = 1100
_THIN = 200
"""A last piece shorter than this joins the one before it if both fit."""


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    locator: Locator
    is_table: bool
    opens_list: bool


def split(blocks: Sequence[Block], document: Document, language: Language = "es") -> list[Passage]:
    """The document's passages in reading order; `language` is the document's, for passages too short to tell."""
    packed = [
        (pieces, "\n".join(piece.text for piece in pieces))
        for _, group in groupby(blocks, key=_place)
        for pieces in _pack([piece for block in group for piece in _cut(block)])
    ]
    words = [(pieces, text) for pieces, text in packed if any(char.isalnum() for char in text)]  # no rules, no leader dots
    # A citation of a heading that stands alone would show nothing, unless the document has nothing else.
    more = [(pieces, text) for pieces, text in words if text.strip() not in (*pieces[0].locator.headings, document.title)]
    return [
        Passage(
            _id(document, position, text),
            document,
            text,
            replace(pieces[0].locator, rows=_rows(pieces)),
            detect(text, language),
            position,
        )
        for position, (pieces, text) in enumerate(more or words)
    ]


def _place(block: Block) -> Locator:
    """What a passage may not cross. Rows may be merged, as when two small tables follow each other on a sheet."""
    return replace(block.locator, rows=None)


def _cut(block: Block) -> Iterator[_Piece]:
    """The block as pieces that fit a passage."""
    texts = [block.text] if len(block.text) <= LONGEST else _cut_table(block.text) if block.is_table else _cut_text(block.text)
    for text in texts:
        yield _Piece(text, block.locator, block.is_table, text.rstrip().endswith(":"))


def _cut_text(text: str) -> Iterator[str]:
    """Verbatim slices between sentences; a sentence that is too long by itself is cut at a semicolon, comma or space."""
    start = end = 0
    for sentence in sentences(text):
        for part in _shorten(sentence):
            place = text.index(part, end)
            if end > start and place + len(part) - start > TARGET:
                yield text[start:end]
                start = place
            elif end == start:
                start = place
            end = place + len(part)
    if end > start:
        yield text[start:end]


def _shorten(sentence: str) -> Iterator[str]:
    while len(sentence) > LONGEST:
        cuts = (sentence.rfind(mark, TARGET // 2, TARGET) for mark in ("; ", ": ", ", ", " "))
        cut = next((place + 1 for place in cuts if place > 0), TARGET)
        yield sentence[:cut]
        sentence = sentence[cut:].lstrip()
    yield sentence


def _cut_table(text: str) -> Iterator[str]:
    """Groups of whole rows, the rows of headings repeated above each."""
    lines = text.split("\n")
    count = of_lines(lines).rows
    header, rows = "\n".join(lines[:count]), lines[count:]
    group: list[str] = []
    for row in rows:
        if group and len(header) + sum(len(one) + 1 for one in group) + len(row) > LONGEST:
            yield "\n".join([header, *group])
            group = []
        group.append(row)
    yield "\n".join([header, *group])


def _pack(pieces: Sequence[_Piece]) -> Iterator[list[_Piece]]:
    """Pieces in groups of up to TARGET characters; a sentence that opens a list goes with the list."""
    groups: list[list[_Piece]] = []
    for piece in pieces:
        if groups and _fits(groups[-1], piece):
            groups[-1].append(piece)
            continue
        lead = [groups[-1].pop()] if groups and len(groups[-1]) > 1 and groups[-1][-1].opens_list else []
        if lead and _length([*lead, piece]) > LONGEST:
            groups[-1].append(lead.pop())
        groups.append([*lead, piece])
    if len(groups) > 1 and _length(groups[-1]) < _THIN and _length(groups[-2]) + _length(groups[-1]) <= LONGEST:
        last = groups.pop()
        groups[-1].extend(last)
    yield from groups


def _fits(group: Sequence[_Piece], piece: _Piece) -> bool:
    if piece.locator.rows and any(one.text.split("\n")[0] == piece.text.split("\n")[0] for one in group):
        return False  # the next rows of the same table: its header would stand in the middle
    limit = LONGEST if piece.is_table else TARGET
    return _length(group) + 1 + len(piece.text) <= limit


def _length(pieces: Sequence[_Piece]) -> int:
    return sum(len(piece.text) + 1 for piece in pieces)


def _rows(pieces: Sequence[_Piece]) -> tuple[int, int] | None:
    bounds = [piece.locator.rows for piece in pieces if piece.locator.rows]
    return (min(first for first, _ in bounds), max(last for _, last in bounds)) if bounds else None


def _id(document: Document, position: int, text: str) -> str:
    return hashlib.sha256(f"{document.id}\n{position}\n{text}".encode()).hexdigest()[:24]
