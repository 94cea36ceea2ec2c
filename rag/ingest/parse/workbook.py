"""Old Excel workbooks (.xls) to the same table blocks as XLSX, numbers as their formats show them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from rag.errors import DocumentError
from rag.ingest.parse.cell_value import LARGEST_WHOLE, shown
from rag.ingest.parse.html import parse_body
from rag.ingest.parse.outline import Outline
from rag.ingest.parse.panics import panics_are_errors
from rag.ingest.parse.rows import MOST_COLUMNS, Row, counted, covered, write
from rag.ingest.parse.tables import parse_csv, parse_xlsx
from rag.ingest.parse.xls_formats import Formats, number_formats
from rag.ports import Parsed

_HTML = re.compile(rb"\s*<(?:!doctype html|html|table|\?xml)", re.IGNORECASE)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def parse_workbook(data: bytes, name: str) -> Parsed:
    """Parser for .xls: visible sheets, formulas as their last computed values, macros ignored."""
    if not data.startswith(_OLD_OFFICE):
        return _so_called(data, name)
    outline = Outline()
    try:
        with panics_are_errors():
            _write_sheets(data, outline)
    except CalamineError as error:
        encrypted = "password" in str(error).lower() or "encrypt" in str(error).lower()
        raise DocumentError("encrypted: save it without a password" if encrypted else f"broken workbook: {error}") from error
    return Parsed(tuple(outline.blocks), date=outline.stated_date())


def _so_called(data: bytes, name: str) -> Parsed:
    """What programs export as .xls and Excel opens all the same: a web page with a table, a newer workbook, tabbed text."""
    if data.startswith(b"PK"):
        return parse_xlsx(data, name)
    return parse_body(data, name) if _HTML.match(data.removeprefix(b"\xef\xbb\xbf")) else parse_csv(data, name)


def _write_sheets(data: bytes, outline: Outline) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    formats = number_formats(data)
    for place, meta in enumerate(book.sheets_metadata):
        if meta.visible == SheetVisibleEnum.Visible and meta.typ == SheetTypeEnum.WorkSheet:
            outline.begin_sheet(meta.name)
            sheet = book.get_sheet_by_index(place)
            write(covered(_rows(sheet, formats.get(place, {})), sheet.merged_cell_ranges), outline)


def _rows(sheet: CalamineSheet, formats: Formats) -> Iterator[Row]:
    """All rows from the sheet's first on; calamine leaves out the empty columns on the left, though not the empty rows above."""
    left = (sheet.start or (0, 0))[1]
    shown_cells = (
        [""] * left
        + [shown(_whole(value), formats.get((row, column), "")) for column, value in enumerate(cells[:MOST_COLUMNS], left)]
        for row, cells in enumerate(sheet.iter_rows())
    )
    return counted(shown_cells, sheet.name)


def _whole(value: object) -> object:
    """Old workbooks hold all numbers as floats: 2024.0 is 2024 to a reader. Empty cells come as ""."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < LARGEST_WHOLE else value
