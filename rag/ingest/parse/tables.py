"""XLSX and CSV to table blocks: groups of rows under their header, with the rows' numbers as the sheet shows them."""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from rag.errors import DocumentError
from rag.ingest.clean import tidy
from rag.ingest.parse.archive import check_archive
from rag.ingest.parse.decode import decode
from rag.ingest.parse.outline import Outline
from rag.ports import Parsed

Row = tuple[int, list[str]]
_GROUP = 900
"""Characters of rows in a block, header aside."""
_MOST_ROWS, _MOST_COLUMNS, _MOST_CELLS = 50_000, 200, 500_000
_LONGEST_CELL = 2_000
_HEADER_SEARCH = 15
"""Rows at the top of a table among which the header is looked for: titles and notes stand above it."""


def parse_csv(data: bytes, name: str) -> Parsed:
    """Parser for CSV and TSV: encoding and delimiter are found out; a decimal comma stays as it is."""
    text = decode(data)
    if not text.strip():
        raise DocumentError("empty file")
    rows: list[Row] = []
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=_delimiter(text)), start=1):
            _check(number, len(cells))
            rows.append((number, [tidy(cell)[:_LONGEST_CELL] for cell in cells]))
    except csv.Error as error:
        raise DocumentError(f"broken CSV file: {error}") from error
    outline = Outline()
    _write(rows, outline)
    return Parsed(tuple(outline.blocks), date=outline.stated_date())


def parse_xlsx(data: bytes, name: str) -> Parsed:
    """Parser for Excel workbooks (.xlsx, .xlsm): visible sheets, formulas as their last computed values, macros ignored."""
    check_archive(data, "xl/workbook.xml", "XLSX")
    outline = Outline()
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                sheet.reset_dimensions()  # what the file says of its size is often wrong
                outline.begin_sheet(sheet.title)
                _write(_sheet_rows(sheet), outline)
        title = tidy(book.properties.title or "")
        modified = book.properties.modified if book.properties.creator != "openpyxl" else None
        book.close()
    except (
        InvalidFileException,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        ParseError,
        zipfile.BadZipFile,
        OSError,
    ) as error:
        raise DocumentError(f"broken XLSX file: {error or type(error).__name__}") from error
    return Parsed(tuple(outline.blocks), title, outline.stated_date() or (modified.date() if modified else None))


def _sheet_rows(sheet: Any) -> Iterator[Row]:
    total = 0
    for number, cells in enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS), start=1):
        row = [_shown(cell.value, cell.number_format if cell.value is not None else "") for cell in cells]
        total += sum(map(bool, row))
        _check(number, total // 10)
        if total > _MOST_CELLS:
            raise DocumentError(f"sheet «{sheet.title}» has more than {_MOST_CELLS} cells: connect it as readings instead")
        yield number, row


def _check(rows: int, columns: int) -> None:
    if rows > _MOST_ROWS:
        raise DocumentError(f"more than {_MOST_ROWS} rows: connect it as readings instead")
    if columns > _MOST_CELLS // 10:
        raise DocumentError("too many columns for a table that people read")


def _shown(value: object, number_format: str) -> str:
    """A cell's value as a reader sees it, as far as its format tells."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (date, time)):
        day = "%Y-%m-%d" if number_format.lower().startswith("yyyy") else "%d/%m/%Y"
        whole_day = not isinstance(value, (datetime, time)) or (isinstance(value, datetime) and value.time() == time(0))
        return value.strftime(day if whole_day else "%H:%M" if isinstance(value, time) else f"{day} %H:%M")
    if isinstance(value, float):
        if "%" in number_format:
            return f"{value * 100:.10g} %"
        return f"{value:.10g}" if abs(value) < 1e15 else str(value)
    return tidy(str(value))[:_LONGEST_CELL]


def _delimiter(text: str) -> str:
    """The delimiter that cuts most of the first lines into the same number of parts. A comma between digits may be decimal."""
    lines = [line for line in text.split("\n")[:50] if line.strip()]

    def consistency(mark: str) -> tuple[float, int]:
        counts = [line.count(mark) for line in lines]
        usual = max(set(counts), key=counts.count)
        return (counts.count(usual) / len(counts) if usual else 0.0, usual)

    scores = {mark: consistency(mark) for mark in (";", "\t", "|", ",")}
    best = max(scores, key=lambda mark: (round(scores[mark][0], 1), mark != ",", scores[mark][1]))
    return best if scores[best][0] >= 0.5 else max(scores, key=lambda mark: sum(line.count(mark) for line in lines))


def _write(rows: Iterable[Row], outline: Outline) -> None:
    """The tables of a sheet: runs of rows between empty ones."""
    for empty, run in itertools.groupby(rows, key=lambda row: not any(row[1])):
        if not empty:
            _write_table(list(run), outline)


def _write_table(rows: Sequence[Row], outline: Outline) -> None:
    rows = _without_empty_columns(rows)
    start = _header(rows)
    header, *data = rows[start:]
    above = rows if not data else rows[:start]
    if above and sum(map(bool, above[0][1])) == 1 and (data or len(above) < _HEADER_SEARCH):
        outline.heading(1, next(filter(None, above[0][1])))  # it heads every group of rows, and is text itself
    for number, cells in above:
        outline.table([cells], (number, number))
    if not data:
        return
    group: list[Row] = []
    for row in data:
        if group and sum(_size(one) for one in group) + _size(row) > _GROUP:
            outline.table([header[1], *(cells for _, cells in group)], (group[0][0], group[-1][0]))
            group = []
        group.append(row)
    outline.table([header[1], *(cells for _, cells in group)], (group[0][0], group[-1][0]))


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
