"""Takes columns of prose apart that a PDF draws line by line across the page: they look like a table's rows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from rag.ingest.parse.pdf_lines import Line

_LEAST_LINES, _LEAST_LENGTH = 5, 25
"""Of a column: lines, and their characters on average."""
_GOES_ON = 0.6
"""Share of a column's lines that go on in the next within a sentence; those of a table's cells seldom do."""
_FARTHEST = 2.5
"""Times the font size, from one line down to the next."""


def unwoven(lines: Sequence[Line]) -> list[Line]:
    """The lines of a page, those of columns of prose one column after the other."""
    found: list[Line] = []
    place = 0
    while place < len(lines):
        end = _end(lines, place)
        columns = _columns(lines[place:end]) if end - place >= _LEAST_LINES else []
        if columns and all(_is_prose(column) for column in columns):
            found += [line for column in columns for line in column]
        else:
            end = place + 1
            found.append(lines[place])
        place = end
    return found


def _end(lines: Sequence[Line], place: int) -> int:
    """The index after the lines that stand in the columns which the line at `place` begins."""
    first, end = lines[place], place + 1
    if len(first.cells) < 2:
        return end
    while end < len(lines):
        above, line = lines[end - 1], lines[end]
        near = 0 < above.bottom - line.bottom < _FARTHEST * first.size
        if not near or None in _places(line, first):
            break
        end += 1
    return end


def _places(line: Line, first: Line) -> list[int | None]:
    """The column of each cell of a line, None for one that begins in none or reaches into the next."""
    found: list[int | None] = []
    ends = [*first.lefts[1:], float("inf")]
    for left, right in zip(line.lefts, line.rights, strict=True):
        fits = [
            number
            for number, (begin, end) in enumerate(zip(first.lefts, ends, strict=True))
            if abs(left - begin) < 2 * first.size and right < end
        ]
        found.append(fits[0] if len(fits) == 1 else None)
    return found


def _columns(lines: Sequence[Line]) -> list[list[Line]]:
    """The columns of lines that are known to stand in them."""
    first = lines[0]
    columns: list[list[Line]] = [[] for _ in first.cells]
    for line in lines:
        for number, column in enumerate(_places(line, first)):
            text, left, right = line.cells[number], line.lefts[number], line.rights[number]
            hyphen = line.hyphen and number == len(line.cells) - 1
            piece = replace(line, cells=(text,), left=left, right=right, lefts=(left,), rights=(right,), hyphen=hyphen)
            columns[column or 0].append(piece)
    return columns


def _is_prose(column: Sequence[Line]) -> bool:
    if len(column) < _LEAST_LINES or sum(len(line.text) for line in column) < _LEAST_LENGTH * len(column):
        return False
    on = sum(above.hyphen or (below.text[:1].islower() and above.text[-1:] not in ".:;") for above, below in pairwise(column))
    return on >= _GOES_ON * (len(column) - 1)
