"""Joins the pieces of a PDF page that stand on one line, or in the cells of one table row. Pure; works on the drawing order.

PDFium breaks a line at a superscript. Tables are mostly drawn cell by cell: the lines of a wrapped cell below each other, then
a jump up and to the right to the next cell. That jump is what tells a row from a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.ingest.parse.pdf_lines import CELL_GAP, Line

_MARKER = re.compile(r"(?:[-–—•*·▪◦‣]|\(?[a-zñ]{1,2}\)|\d{1,2}(?:\.\d{1,2})*[.)]?|[ivx]+[.)])", re.IGNORECASE)
_MARK = re.compile(r"[⁰¹²³⁴-⁹⁽⁾⁺⁻,*]+")
_MOST_LINES = 6
"""Of one cell; more is a column of text."""


def gather(lines: Sequence[Line]) -> list[Line]:
    """Lines with several cells where the pieces given stand beside each other."""
    found, place = [], 0
    while place < len(lines):
        line, place = _gather_one(lines, place)
        found.append(line)
    return found


def _gather_one(lines: Sequence[Line], place: int) -> tuple[Line, int]:
    """The line or row that begins at `place`, and the index after it."""
    row, place = _first_cell(lines, place)
    last, top, stacked = row, row.bottom + row.size, 1
    if _MARKER.fullmatch(row.cells[0]) and len(row.cells) > 1:
        return row, place  # a list item, whose text only stands apart from its number
    while place < len(lines) and not last.hyphen:
        piece = lines[place]
        if _beside(row, piece, top):
            row, stacked = _add_cell(row, piece), 1
            top = max(top, piece.bottom + piece.size)
        elif len(row.cells) > 1 and stacked < _MOST_LINES and _below(last, piece, row.lefts[-1], row.right):
            row = _wrap(row, piece)
            stacked += 1
        else:
            break
        last, place = piece, place + 1
    return row, place


def _first_cell(lines: Sequence[Line], place: int) -> tuple[Line, int]:
    """The first line with those that it wraps to, if a piece beside them shows that they are a cell."""
    row, end = lines[place], place + 1
    right = row.right
    if end < len(lines) and _fills_cell(row, lines[end]):
        below = lines[end]
        cells = (f"{row.text} {below.cells[0]}", *below.cells[1:])
        return replace(below, cells=cells, rights=(max(row.right, below.rights[0]), *below.rights[1:])), end + 1
    while end < len(lines) and end - place < _MOST_LINES and _wraps_first(lines[end - 1], lines[end], row):
        right = max(right, lines[end].right)
        end += 1
    while end > place + 1:
        stack = lines[place:end]
        cell = replace(
            row, cells=(" ".join(piece.text for piece in stack),), right=right, bottom=stack[-1].bottom, lefts=(row.left,),
            rights=(right,),
            bold=all(piece.bold for piece in stack),
        )  # fmt: skip
        if end < len(lines) and _beside(cell, lines[end], row.bottom + row.size):
            return cell, end
        end -= 1
    return row, place + 1


def _fills_cell(row: Line, below: Line) -> bool:
    """Whether the line below ends the first cell and has the other cells: its first word did not fit into the line above."""
    if len(row.cells) > 1 or len(below.cells) == 1 or row.hyphen or not below.cells[0][:1].islower():
        return False
    word = len(below.cells[0].split(" ")[0]) + 1
    width = (row.right - row.left) / max(len(row.text), 1)
    near = 0.5 * row.size < row.bottom - below.bottom < 2.2 * row.size
    return near and abs(below.left - row.left) < 0.3 * row.size and row.right < below.lefts[1] < row.right + (word + 2) * width


def _wraps_first(above: Line, piece: Line, first: Line) -> bool:
    aligned = abs(piece.left - first.left) < 0.3 * first.size
    return aligned and not above.hyphen and _below(above, piece, first.left, first.right + 2 * first.size, 2.2)


def _beside(row: Line, piece: Line, top: float) -> bool:
    """Whether a piece stands to the right of a row, at its height."""
    height = min(row.size, piece.size)
    in_height = row.bottom - 0.35 * height <= piece.bottom <= top + 0.4 * height
    return in_height and piece.left >= row.right - 0.1 * height


def _below(above: Line, piece: Line, left: float, right: float, leading: float = 1.6) -> bool:
    """Whether a piece goes on in the line below, within the bounds of a cell."""
    drop = above.bottom - piece.bottom
    fits = piece.left >= left - 1.5 * piece.size and piece.left < right
    return (
        fits and 0.5 * piece.size < drop < leading * piece.size and len(piece.cells) == 1 and abs(piece.size - above.size) < 1.0
    )


def _add_cell(row: Line, piece: Line) -> Line:
    """The row with a piece to its right: as new cells if the gap is wide or the piece is on another height, else as more text."""
    gap, size = piece.left - row.right, max(row.size, piece.size)
    level = abs(row.bottom - piece.bottom) < 0.45 * size or _MARK.fullmatch(piece.cells[0]) is not None
    bottom, bold = min(row.bottom, piece.bottom), row.bold and piece.bold
    shape = replace(row, right=max(row.right, piece.right), bottom=bottom, bold=bold, hyphen=piece.hyphen)
    if level and gap <= CELL_GAP * size:
        space = " " if gap > 0.12 * size else ""
        joined = f"{row.cells[-1]}{space}{piece.cells[0]}"
        cells, lefts = (*row.cells[:-1], joined, *piece.cells[1:]), (*row.lefts, *piece.lefts[1:])
        return replace(shape, cells=cells, lefts=lefts, rights=(*row.rights[:-1], *piece.rights))
    return replace(shape, cells=(*row.cells, *piece.cells), lefts=(*row.lefts, *piece.lefts), rights=(*row.rights, *piece.rights))


def _wrap(row: Line, piece: Line) -> Line:
    cells = (*row.cells[:-1], f"{row.cells[-1]} {piece.text}")
    rights = (*row.rights[:-1], max(row.rights[-1], piece.right))
    right, bottom = max(row.right, piece.right), min(row.bottom, piece.bottom)
    return replace(row, cells=cells, right=right, rights=rights, bottom=bottom, hyphen=piece.hyphen)
