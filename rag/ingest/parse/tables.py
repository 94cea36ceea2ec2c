"""XLSX and CSV to table blocks: groups of rows under their header, with the rows' numbers as the sheet shows them."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from lxml import etree
from openpyxl.utils.exceptions import InvalidFileException

from rag.errors import DocumentError
from rag.ingest.clean import tidy
from rag.ingest.parse.archive import check_archive
from rag.ingest.parse.cell_value import LONGEST_CELL, shown
from rag.ingest.parse.decode import decode
from rag.ingest.parse.outline import Outline
from rag.ingest.parse.rows import MOST_COLUMNS, Row, check, counted, write
from rag.ingest.parse.sheet_layout import layout
from rag.ports import Parsed

_QUOTED = re.compile(r'(?m)(?:^|(?<=[;,\t|]))"(?:[^"]|"")*"(?=[;,\t|\n]|\Z)')
_SAMPLE = 100_000
_STATED = re.compile(r"sep=([;,|\t])\n", re.IGNORECASE)


def parse_csv(data: bytes, name: str) -> Parsed:
    """Parser for CSV and TSV: encoding and delimiter are found out; a decimal comma stays as it is."""
    text = decode(data)
    if not text.strip():
        raise DocumentError("empty file")
    rows: list[Row] = []
    stated = _STATED.match(text)  # for Excel, which writes and reads such a line
    delimiter = stated[1] if stated else _delimiter(text)
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), start=1):
            if stated and number == 1:
                continue
            check(number, len(cells))
            rows.append((number, [tidy(cell)[:LONGEST_CELL] for cell in cells]))
    except csv.Error as error:
        raise DocumentError(f"broken CSV file: {error}") from error
    outline = Outline()
    write(rows, outline)
    return Parsed(tuple(outline.blocks), date=outline.stated_date())


def parse_xlsx(data: bytes, name: str) -> Parsed:
    """Parser for Excel workbooks (.xlsx, .xlsm): visible sheets, formulas as their last computed values, macros ignored."""
    check_archive(data, "xl/workbook.xml", "XLSX")
    outline = Outline()
    notes: list[str] = []
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheets: list[Any] = book.worksheets
        for sheet in sheets:
            if sheet.sheet_state == "visible":
                sheet.reset_dimensions()  # what the file says of its size is often wrong
                outline.begin_sheet(sheet.title)
                with sheet._get_source() as source:
                    seen = layout(source)
                write(seen.visible(_sheet_rows(sheet)), outline)
                notes += seen.notes(sheet.title)
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
        etree.LxmlError,
        zipfile.BadZipFile,
        OSError,
    ) as error:
        raise DocumentError(f"broken XLSX file: {error or type(error).__name__}") from error
    stated = outline.stated_date() or (modified.date() if modified else None)
    return Parsed(tuple(outline.blocks), title, stated, notes=tuple(notes))


def _sheet_rows(sheet: Any) -> Iterator[Row]:
    cells = sheet.iter_rows(max_col=MOST_COLUMNS)
    shown_cells = ([shown(cell.value, cell.number_format if cell.value is not None else "") for cell in row] for row in cells)
    return counted(shown_cells, sheet.title)


def _delimiter(text: str) -> str:
    """The delimiter that cuts most of the first lines into the same number of parts, quoted cells aside."""
    lines = [line for line in _QUOTED.sub("", text[:_SAMPLE]).split("\n")[:50] if line.strip()]

    def consistency(mark: str) -> tuple[float, int]:
        counts = [line.count(mark) for line in lines]
        usual = max(set(counts), key=counts.count)
        return (counts.count(usual) / len(counts) if usual else 0.0, usual)

    scores = {mark: consistency(mark) for mark in (";", "\t", "|", ",")}
    best = max(scores, key=lambda mark: (round(scores[mark][0], 1), mark != ",", scores[mark][1]))
    return best if scores[best][0] >= 0.5 else max(scores, key=lambda mark: sum(line.count(mark) for line in lines))
