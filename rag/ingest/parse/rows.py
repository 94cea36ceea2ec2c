"""Rows of cells to table blocks: groups of rows under their header, with the rows' numbers as the sheet shows them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

from rag.errors import DocumentError
from rag.headings import headings, is_amount
from rag.ingest.parse.outline import Outline

Row = tuple[int, list[str]]
Ranges = Sequence[tuple[tuple[int, int], tuple[int, int]]] | None
_MOST_MERGED = 500
_GROUP = 900
"""Characters of rows in a block, header aside."""
MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 50_000, 200, 500_000
_FARTHEST, _COMPARED = 3, 20
"""Rows down to which a table goes on below empty ones; rows above that are looked at for where its amounts stand."""
_HEADER_SEARCH = 15
"""Rows at the top of a table among which the header is looked for: titles and notes stand above it."""


def check(rows: int, columns: int) -> None:
    if rows > MOST_ROWS:
        raise DocumentError(f"more than {MOST_ROWS} rows: connect it as readings instead")
    if columns > MOST_CELLS // 10:
        raise DocumentError("too many columns for a table that people read")


def counted(rows: Iterable[Sequence[str]], sheet: str, first: int = 1) -> Iterator[Row]:
    """The rows with their numbers from `first` on; DocumentError once the sheet holds more than people read."""
    total = 0
    for number, row in enumerate(rows, start=first):
        total += sum(map(bool, row))
        check(number, total // 10)
        if total > MOST_CELLS:
            raise DocumentError(f"sheet «{sheet}» has more than {MOST_CELLS} cells: connect it as readings instead")
        yield number, list(row)


def covered(rows: Iterable[Row], merged: Ranges) -> Iterator[Row]:
    """The rows with the text of a cell that is merged over rows in each of them; one merged over columns is told once.

    `merged`: the first and last row and column of each range, counted from 0; None if it has none.
    """
    tall = [(first, last) for first, last in merged or () if last[0] > first[0]][:_MOST_MERGED]
    texts: dict[int, str] = {}
    for number, cells in rows:
        for place, (first, last) in enumerate(tall):
            column = first[1]
            if first[0] <= number - 1 <= last[0] and column < len(cells):
                texts[place] = cells[column] if number - 1 == first[0] else texts.get(place, "")
                cells[column] = texts[place] or cells[column]
        yield number, cells


def write(rows: Iterable[Row], outline: Outline) -> None:
    """The tables of a sheet: runs of rows between empty ones, but for those that go on below an empty row."""
    tables: list[list[Row]] = []
    for empty, run in itertools.groupby(rows, key=lambda row: not any(row[1])):
        if not empty:
            below = list(run)
            if tables and _goes_on(tables[-1], below):
                tables[-1] += below
            else:
                tables.append(below)
    for table in tables:
        _write_table(table, outline)


def _goes_on(table: Sequence[Row], below: Sequence[Row]) -> bool:
    """Whether the rows below an empty one are of the same table: near, in its columns, and with amounts where it has them, so
    that their first is no header.
    """
    start, last = _header_rows(table)
    first = next((cells for _, cells in below if sum(map(bool, cells)) > 1), None)
    if below[0][0] - table[-1][0] > _FARTHEST or first is None or last >= len(table):
        return False
    above = [cells for _, cells in table[max(last, len(table) - _COMPARED) :]]
    header = [cells for _, cells in table[start:last]]
    told = [place for place, cell in enumerate(first) if cell]
    amounts = [place for place in told if is_amount(first[place])]
    return all(any(place < len(row) and row[place] for row in header) for place in told) and any(
        is_amount(row[place]) for place in amounts if place for row in above if place < len(row)
    )


def _header_rows(rows: Sequence[Row]) -> tuple[int, int]:
    """Where the header's rows begin, and where the data below them does."""
    start = _header(rows)
    if start and headings([cells for _, cells in rows[start - 1 :]]).rows > 1:
        start -= 1  # names over merged cells fill few columns
    return start, start + headings([cells for _, cells in rows[start : start + _HEADER_SEARCH]]).rows


def _write_table(rows: Sequence[Row], outline: Outline) -> None:
    rows = _without_empty_columns(rows)
    start, last = _header_rows(rows)
    header, data = [cells for _, cells in rows[start:last]], rows[last:]
    above = rows if not data else rows[:start]
    if above and sum(map(bool, above[0][1])) == 1 and (data or len(above) < _HEADER_SEARCH):
        outline.heading(1, next(filter(None, above[0][1])))  # it heads every group of rows, and is text itself
    for number, cells in above:
        outline.table([cells], (number, number))
    if not data:
        return
    write_under(header, data, outline)


def write_under(header: Sequence[list[str]], data: Iterable[Row], outline: Outline) -> None:
    """Groups of rows, each under the header's rows."""
    group: list[Row] = []
    size = 0
    for row in data:
        size += _size(row)
        if group and size > _GROUP:
            outline.table([*header, *(cells for _, cells in group)], (group[0][0], group[-1][0]))
            group, size = [], _size(row)
        group.append(row)
    if group:
        outline.table([*header, *(cells for _, cells in group)], (group[0][0], group[-1][0]))


def _without_empty_columns(rows: Sequence[Row]) -> Sequence[Row]:
    width = max(len(cells) for _, cells in rows)
    used = [column for column in range(width) if any(column < len(cells) and cells[column] for _, cells in rows)]
    return [(number, [cells[column] if column < len(cells) else "" for column in used]) for number, cells in rows]


def _header(rows: Sequence[Row]) -> int:
    """The index of the header row: the first, among those at the top, that fills as many columns as most rows do."""
    top = rows[: _HEADER_SEARCH + 1]
    filled = [sum(map(bool, cells)) for _, cells in top]
    usual = sorted(filled[1:] or filled)[len(filled[1:] or filled) // 2]
    return next((place for place, count in enumerate(filled[:-1]) if count >= max(2, 0.6 * usual)), 0)


def _size(row: Row) -> int:
    return sum(len(cell) + 3 for cell in row[1] if cell)
