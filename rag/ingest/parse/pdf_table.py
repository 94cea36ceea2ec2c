"""Puts the cells of a PDF table's rows into columns, so that an empty cell does not move those after it. Pure.

A row knows only the cells that it has. Where they stand tells the column: the fullest rows show where columns begin and end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from rag.ingest.parse.pdf_lines import Line

_Span = tuple[float, float]
_MOST_FILLED = 400
"""Lines of a page among which loose cells are looked for."""


def columns(rows: Sequence[Line]) -> list[list[str]]:
    """The rows' cells, each in its column; just as they are where no columns can be made out."""
    rows = from_the_top(rows)
    plain = [list(row.cells) for row in rows]
    spans = spans_of_columns(rows)
    if len({len(row.cells) for row in rows}) < 2 or len(spans) < 2:
        return plain
    placed = [_placed(row, spans) for row in rows]
    return [cells for cells in placed if cells] if all(placed) else plain


def from_the_top(rows: Sequence[Line]) -> Sequence[Line]:
    """The rows as they stand below each other, if they do: some programs draw the header last."""
    first = rows[0]
    below_each_other = all(row.left < first.right and row.right > first.left for row in rows)
    above = any(row.bottom > first.bottom + first.size for row in rows)
    return sorted(rows, key=lambda row: -row.bottom) if below_each_other and above else rows


def spans_of_columns(rows: Sequence[Line]) -> list[_Span]:
    """The columns that all cells together show: those that overlap are in one, but for cells that reach over several."""
    most = max(len(row.cells) for row in rows)
    full = [row for row in rows if len(row.cells) >= max(2, most - 1)]
    spans = _merged([span for row in full for span in _spans(row)])
    if len(spans) < most:  # some cell of these reaches over two columns: only the fullest rows tell
        spans = _merged([span for row in full if len(row.cells) == most for span in _spans(row)])
    loose = [span for row in rows for span in _spans(row) if not any(overlapping(span, one) > 0 for one in spans)]
    return sorted([*spans, *_merged(loose)])


def _merged(spans: Sequence[_Span]) -> list[_Span]:
    merged: list[_Span] = []
    for left, right in sorted(spans):
        if merged and left < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(right, merged[-1][1]))
        else:
            merged.append((left, right))
    return merged


def _placed(row: Line, spans: Sequence[_Span]) -> list[str]:
    """The cells of a row in their columns; empty if two would be in one."""
    cells = [""] * len(spans)
    for text, span in zip(row.cells, _spans(row), strict=True):
        place = max(
            range(len(spans)), key=lambda number: (overlapping(span, spans[number]) > 0, -abs(spans[number][0] - span[0]))
        )
        if cells[place]:
            return []
        cells[place] = text
    return cells


def _spans(row: Line) -> list[_Span]:
    return list(zip(row.lefts, row.rights, strict=True))


def overlapping(one: _Span, other: _Span) -> float:
    return min(one[1], other[1]) - max(one[0], other[0])


def fill_gaps(lines: Sequence[Line]) -> list[Line]:
    """The lines of a page, with cells that were drawn apart from their row put into its gaps: figures in a form, mostly."""
    rows = list(lines)
    if len(rows) > _MOST_FILLED:
        return rows
    for piece in lines:
        if any(char.isalpha() for char in piece.text):
            continue
        fits = [place for place, row in enumerate(rows) if row is not piece and _takes(row, piece)]
        if len(fits) == 1:
            rows[fits[0]] = _with(rows[fits[0]], piece)
            rows = [row for row in rows if row is not piece]
    return rows


def _takes(row: Line, piece: Line) -> bool:
    """Whether a row of words has room for all cells of a piece at its height, between its first cell and its last."""
    if len(row.cells) < 2 or not any(char.isalpha() for char in row.cells[0]):
        return False
    if abs(row.bottom - piece.bottom) > 0.4 * min(row.size, piece.size) or abs(row.size - piece.size) > 1.5:
        return False
    gaps = [(above[1], below[0]) for above, below in pairwise(_spans(row))]
    return all(any(gap[0] <= span[0] and span[1] <= gap[1] for gap in gaps) for span in _spans(piece))


def _with(row: Line, piece: Line) -> Line:
    cells = sorted(
        [*zip(row.lefts, row.rights, row.cells, strict=True), *zip(piece.lefts, piece.rights, piece.cells, strict=True)]
    )
    lefts, rights, texts = zip(*cells, strict=True)
    return replace(row, cells=tuple(texts), lefts=tuple(lefts), rights=tuple(rights))
