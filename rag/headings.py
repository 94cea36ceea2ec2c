"""A table's rows of headings: how many of its first rows they are, and what they say of each column together. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest

CELL = " | "
"""What stands between the cells of a row in a passage (rag.ports.Block)."""
_MOST = 3
"""Rows of headings at most."""
_BELOW = 3
"""Rows below the headings among which an amount is looked for: a section's name may come first."""
_AMOUNT = re.compile(r"(?!(?:19|20)\d\d\b(?![.,]\d))[<>~+(\-−–\s]*\d")

Cells = Sequence[str]


@dataclass(frozen=True, slots=True)
class Headings:
    """So many rows, and each column's heading: «Consumo» over «2023» and «2024» is «Consumo 2023» and «Consumo 2024»."""

    rows: int
    names: tuple[str, ...]


def is_row(line: str) -> bool:
    """Whether a line of a passage is a table's row, be it stripped of the space before an empty first cell."""
    return CELL in line or line.startswith(CELL.lstrip())


def cells(line: str) -> list[str]:
    """The cells of such a row."""
    return f" {line}".split(CELL) if line.startswith(CELL.lstrip()) else line.split(CELL)


def column_names(row: str, text: str) -> tuple[str, ...]:
    """How the columns are called of the table of a passage in which this row stands; none for a row of headings."""
    for alike, lines in groupby(text.split("\n"), key=is_row):
        table = [line.strip() for line in lines] if alike else []
        if row.strip() in table:
            found = of_lines(table)
            return found.names if table.index(row.strip()) >= found.rows else ()
    return ()


def headings(rows: Sequence[Cells]) -> Headings:
    """Of a table's rows, one at least: the first row alone, unless it cannot tell the columns apart and the second can.

    Whoever reads a row of the table by itself needs them all: without the second no year may be known.
    """
    count, names = 1, tuple(rows[0])
    while count < _MOST and _go_on(names, rows[count:]):
        wide = (*names, *[""] * (len(rows[count]) - len(names)))  # a line ends at its last cell that is not empty
        names = tuple(" ".join(filter(None, pair)) for pair in zip_longest(_spread(wide), rows[count], fillvalue=""))
        count += 1
    return Headings(count, names)


def is_amount(cell: str) -> bool:
    """Whether a cell is a number, and no year."""
    return _AMOUNT.match(cell) is not None


def only_names(lines: Sequence[str]) -> bool:
    """Whether the first of a table's lines names columns for certain: it has no amount, and some line below has."""
    first, *below = [cells(line) for line in lines]
    return not _amounts(first) and any(_amounts(row[1:]) for row in below)


def of_lines(lines: Sequence[str]) -> Headings:
    """The same of a table's lines, one at least."""
    return headings([cells(line) for line in lines[: _MOST + _BELOW]])


def _go_on(names: Cells, rows: Sequence[Cells]) -> bool:
    """Whether the first of the rows below these headings has headings too.

    The upper ones say one thing over several columns, or are empty where the lower ones repeat one; neither row has an amount,
    and what stands below has.
    """
    if len(rows) < 2:
        return False
    upper, lower = names[1:], rows[0][1:]
    over_blanks = any(below and not above for above, below in zip_longest(upper, lower, fillvalue=""))
    merged = _repeats(upper) or (over_blanks and _repeats(lower))
    words = sum(map(bool, upper)) > 1 and sum(map(bool, lower)) > 1 and not _amounts(upper) and not _amounts(lower)
    return merged and words and any(_amounts(row[1:]) for row in rows[1 : 1 + _BELOW])


def _spread(names: Cells) -> Iterator[str]:
    """Each heading over the empty cells to its right too, as a merged cell is told once; the first column's aside.

    Where some heading is repeated, merged cells are told in each column, and an empty one has nothing above it.
    """
    last, told_in_each = "", _repeats(names[1:])
    yield from names[:1]
    for name in names[1:]:
        last = name if name or told_in_each else last
        yield last


def _repeats(row: Cells) -> bool:
    filled = [cell for cell in row if cell]
    return len(set(filled)) < len(filled)


def _amounts(row: Cells) -> bool:
    return any(map(is_amount, row))
