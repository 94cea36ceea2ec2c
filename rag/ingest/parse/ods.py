"""OpenDocument spreadsheets (.ods) to the same table blocks as XLSX; percentages and currencies as their cells show them."""

from __future__ import annotations

import io
import itertools
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from lxml import etree

from rag.errors import DocumentError
from rag.ingest.clean import tidy
from rag.ingest.parse.archive import check_archive, check_open_document
from rag.ingest.parse.cell_value import LARGEST_WHOLE, LONGEST_CELL, shown
from rag.ingest.parse.outline import Outline
from rag.ingest.parse.rows import MOST_COLUMNS, MOST_ROWS, Row, counted, write
from rag.ingest.parse.sheet_layout import MOST_MERGED, Layout
from rag.ports import Parsed

_TABLE, _OFFICE, _TEXT, _STYLE = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("table", "office", "text", "style")
)
_EVENTS = (f"{_STYLE}style", f"{_TABLE}table", f"{_TABLE}table-column", f"{_TABLE}table-row")
_HIDDEN = ("collapse", "filter")
_BREAKS = (f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break")
Events = Iterator[tuple[str, Any]]


def parse_ods(data: bytes, name: str) -> Parsed:
    """Parser for .ods: visible sheets, rows and columns, formulas as their last computed values, macros ignored."""
    check_archive(data, "content.xml", "ODS")
    check_open_document(data)
    outline = Outline()
    notes: list[str] = []
    unseen: set[str] = set()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open("content.xml") as file:
            events: Events = etree.iterparse(
                file, ("start", "end"), tag=_EVENTS, resolve_entities=False, no_network=True, huge_tree=False
            )
            for event, element in events:
                if event == "end" and any(one.get(f"{_TABLE}display") == "false" for one in element):
                    unseen.add(element.get(f"{_STYLE}name", ""))
                elif event == "start" and element.tag == f"{_TABLE}table":
                    is_seen = element.get(f"{_TABLE}style-name") not in unseen
                    rows, seen = _sheet(events, element.get(f"{_TABLE}name", ""))
                    if is_seen:
                        outline.begin_sheet(element.get(f"{_TABLE}name", ""))
                        write(seen.visible(rows), outline)
                        notes += seen.notes(outline.sheet or "")
                    element.clear()
    except (KeyError, ValueError, etree.LxmlError, zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise DocumentError(f"broken ODS file: {error}") from error
    return Parsed(tuple(outline.blocks), date=outline.stated_date(), notes=tuple(notes))


def _sheet(events: Events, name: str) -> tuple[list[Row], Layout]:
    """The rows of the table whose start was read last, and which of them are seen."""
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = []
    hidden: tuple[set[int], set[int]] = set(), set()
    uncomputed = [0]

    def cells() -> Iterator[list[str]]:
        number = column = blank = 0
        for event, element in events:
            if event == "end" and element.tag == f"{_TABLE}table":
                return
            is_hidden = element.get(f"{_TABLE}visibility") in _HIDDEN
            if event == "end" and element.tag == f"{_TABLE}table-column":
                times = _number(element, "columns-repeated")
                hidden[1].update(range(column, min(column + times, MOST_COLUMNS)) if is_hidden else ())
                column += times
            elif event == "end" and element.tag == f"{_TABLE}table-row":
                times = _number(element, "rows-repeated")
                row = _row(element, number + blank, merged)
                uncomputed[0] += sum(_is_uncomputed(cell) for cell in element)
                element.clear()
                if not any(row):  # a sheet ends with a million of these
                    blank += times
                    continue
                yield from itertools.repeat([], blank)
                number, blank = number + blank, 0
                hidden[0].update(range(number + 1, min(number + times, MOST_ROWS) + 1) if is_hidden else ())
                yield from itertools.repeat(row, times)
                number += times

    rows = list(counted(cells(), name))
    return rows, Layout(merged, frozenset(hidden[0]), frozenset(hidden[1]), uncomputed[0])


def _row(row: Any, place: int, merged: list[tuple[tuple[int, int], tuple[int, int]]]) -> list[str]:
    """The cells of a row that stands at `place`, counted from 0; those merged over rows are added to `merged`."""
    cells: list[str] = []
    for cell in row:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        tall = _number(cell, "rows-spanned")
        if tall > 1 and len(merged) < MOST_MERGED:
            merged.append(((place, len(cells)), (place + tall - 1, len(cells))))
        text = _value(cell) if cell.tag == f"{_TABLE}table-cell" else ""
        cells += [text] * min(_number(cell, "columns-repeated"), MOST_COLUMNS - len(cells))
    return cells


def _value(cell: Any) -> str:
    """What a cell shows; a plain number and a date as in any other workbook, whatever language the program spoke."""
    text = tidy(" ".join(_words(one) for one in cell if one.tag == f"{_TEXT}p"))[:LONGEST_CELL]
    kind, stated = cell.get(f"{_OFFICE}value-type"), cell.get(f"{_OFFICE}value")
    if kind == "date":
        moment = datetime.fromisoformat(cell.get(f"{_OFFICE}date-value", ""))
        return shown(moment)
    if stated is None:
        return text
    value = float(stated)
    if kind == "float" and not _says_more(text, value):
        return shown(int(value) if value.is_integer() and abs(value) < LARGEST_WHOLE else value)
    return text or (shown(value, "0%") if kind == "percentage" else shown(value))


def _says_more(text: str, value: float) -> bool:
    """Whether a number's text has a unit, or is scaled: thousands of euros."""
    digits = sum(map(str.isdecimal, text))
    return any(char.isalpha() or char in "%€$£" for char in text) or 0 < digits < len(str(abs(int(value))))


def _words(element: Any) -> str:
    parts = [element.text or ""]
    for child in element:
        parts += [" " if child.tag in _BREAKS else _words(child), child.tail or ""]
    return "".join(parts)


def _is_uncomputed(cell: Any) -> bool:
    return cell.get(f"{_TABLE}formula") is not None and cell.get(f"{_OFFICE}value-type") is None and not _value(cell)


def _number(element: Any, name: str) -> int:
    return int(element.get(f"{_TABLE}number-{name}") or 1)
