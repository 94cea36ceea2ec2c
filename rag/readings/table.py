"""A file of readings as a table of text: header found, columns recognised by what they are called. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import openpyxl

from rag.analyse import fold
from rag.errors import InputError
from rag.ingest.parse.archive import check_archive
from rag.ingest.parse.decode import decode
from rag.readings.series import Carrier

_HEADER_WITHIN = 15
"""Rows in which the header must stand: distributors write a title or two above it."""
_DATE = re.compile(r"^(fecha|date|dia|day)$")
_HOUR = re.compile(r"^(hora|hour|periodo)$")
_STAMP = re.compile(r"^(inicio|start|timestamp|datetime|fechahora|fechayhora|dateandtime|time|startdate|fechainicio)$")
_SPAN = re.compile(
    r"^(mes|month|desde|from|hasta|to|fin|fechainicio|fechafin|startdate|enddate|periodo(de)?(facturacion|consumo)?|billingperiod)$"
)
_QUALITY = re.compile(r"^(metodo(de)?obtencion|realestimado|calidad|quality|estimado|re|tipolectura)$")
_SUMMARY = re.compile(r"^(total|suma|sum|media|promedio|mean|average|maximo|minimo|max|min)\b")
_GAS = re.compile(r"\bgas\b|gasn")
_HEAT = re.compile(r"calor|heat|termic|thermal")
_EXPORT = re.compile(r"vertid|autoconsum|^as|generacion|generad|excedent|export|surplus|reactiv|kvar")
_VALUE = re.compile(
    r"^(ae|consumo|consumption|energia|energy|caudal|flow|volumen|volume|usage|valor|value|lectura|reading|kwh|wh|mwh|m3|inv|activa)"
)


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of text by their header as written. `rows` have as many cells as there are columns."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, name: str) -> list[str]:
        """The cells of a column."""
        place = self.header.index(name)
        return [row[place] for row in self.rows]


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column is what, by its header; "" where there is none. Either `stamp`, or `date` with or without `hour`."""

    value: str
    stamp: str = ""
    date: str = ""
    hour: str = ""
    quality: str = ""


def read(data: bytes, name: str) -> Table:
    """The table in a CSV or Excel file; InputError if there is none."""
    rows = _sheet(data) if data.startswith(b"PK") else _text(data)
    for place, row in enumerate(rows[:_HEADER_WITHIN]):
        known = [cell for cell in map(plain, row) if any(one.match(cell) for one in (_DATE, _STAMP, _HOUR, _SPAN))]
        if known and len([cell for cell in row if cell.strip()]) >= 2:
            header = tuple(cell.strip() or f"({number})" for number, cell in enumerate(row, start=1))
            body = [(*row, *[""] * len(header))[: len(header)] for row in rows[place + 1 :] if _told(row)]
            return Table(header, tuple(tuple(cell.strip() for cell in row) for row in body))
    raise InputError(f"{name}: no header with a date or a time in its first {_HEADER_WITHIN} rows")


def _told(row: Sequence[str]) -> bool:
    """Whether a row holds a reading, or a bill: not an empty one, nor the totals that programs write beneath."""
    first = next((cell for cell in row if cell.strip()), "")
    return bool(first) and not _SUMMARY.match(fold(first.strip()))


def columns(table: Table, name: str, chosen: str = "") -> Columns:
    """What each column is. `chosen` names the one with the values, where there are several; InputError if that is needed."""
    if chosen and chosen not in table.header:
        raise InputError(f"{name}: no column {chosen}; there are: {', '.join(table.header)}")
    values = [one for one in table.header if is_value(one)]
    exact = [chosen] if chosen else values
    if len(exact) != 1:
        found = ", ".join(exact) if exact else "none of " + ", ".join(table.header)
        raise InputError(f"{name}: which column holds the readings ({found})? Set `column` of the meter in advisor.yaml")
    return Columns(exact[0], _one(table, _STAMP), _one(table, _DATE), _one(table, _HOUR), _one(table, _QUALITY))


def is_value(header: str) -> bool:
    """Whether a column is called as one of readings is."""
    return bool(_VALUE.match(plain(header))) and not is_export(header)


def is_export(header: str) -> bool:
    """Whether a column is of what is fed back, generated or reactive: no consumption."""
    return bool(_EXPORT.search(plain(header)))


def carrier_of(unit: str, said: str) -> Carrier:
    """What a meter measures, by its unit and what its column and file are called."""
    said = fold(re.sub(r"[_-]", " ", said)).lower()
    if unit == "degC":
        return "temperature"
    if _GAS.search(said):
        return "gas"
    if unit.startswith(("m3", "l/")):
        return "water"
    return "heat" if _HEAT.search(said) else "electricity"


def _one(table: Table, pattern: re.Pattern[str]) -> str:
    return next((one for one in table.header if pattern.match(plain(one))), "")


def plain(name: str) -> str:
    """A header for comparing: folded, letters and digits only."""
    return re.sub(r"[^a-z0-9]", "", fold(name).lower())


def numbers(cells: Sequence[str], name: str, decimal: str = "") -> list[float]:
    """The cells as numbers, NaN where empty. The decimal mark is decided for the whole column if it is not given.

    InputError for words, and where one column alone does not tell a thousand from a decimal.
    """
    decimal = decimal or decimal_mark(cells, name, fixed=True)
    other = "." if decimal == "," else ","
    return [_number(cell.replace(other, "").replace(decimal, "."), name) for cell in cells]


def decimal_mark(cells: Sequence[str], name: str, *, fixed: bool = False) -> str:
    """The decimal mark of cells that one program wrote. InputError if «1.200» may be a thousand or a decimal in all of them.

    `fixed`: three digits after the mark in every cell are decimals, as distributors write; for files that somebody described.
    """
    both = next((cell for cell in cells if "," in cell and "." in cell), "")
    if both:  # one of them groups thousands: the one that stands further right is the decimal mark
        return "," if both.rfind(",") > both.rfind(".") else "."
    decimals = {
        mark for mark in ",." for cell in cells if re.search(rf"^-?0*\{mark}\d|\{mark}(\d{{1,2}}|\d{{4,}})$", cell.strip())
    }
    groups = {mark for mark in ",." for cell in cells if cell.count(mark) > 1}
    marked = {mark for mark in ",." for cell in cells if mark in cell}
    if not marked:
        return "."
    if len(decimals) == 1:
        return decimals.pop()
    if not decimals and len(groups) == 1:
        return "." if groups == {","} else ","
    told = [cell for cell in cells if any(one.isdigit() for one in cell)]
    if fixed and not decimals and len(marked) == 1 and all(one in cell for cell in told for one in marked):
        return marked.pop()
    unclear = next((cell for cell in cells if grouped(cell.strip(), next(iter(marked)))), "")
    raise InputError(f"{name}: is {unclear or next(iter(cells))} a thousand or a decimal? Export it with a decimal mark")


def grouped(cell: str, mark: str) -> bool:
    """Whether a mark could as well group thousands: «12.345», «1.234.567»."""
    return re.fullmatch(rf"-?\d{{1,3}}(\{mark}\d{{3}})+", cell) is not None


def _number(cell: str, name: str) -> float:
    if cell.strip().lower() in {"", "null", "nan", "-", "--", "n/a", "na"}:
        return float("nan")
    try:
        return float(cell.replace(" ", "").replace("\u00a0", ""))
    except ValueError:
        raise InputError(f"{name}: {cell[:40]!r} is no number") from None


def _text(data: bytes) -> list[list[str]]:
    text = decode(data)
    head = "\n".join(text.splitlines()[:20])
    delimiter = max(";\t,|", key=head.count)
    return [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]


def _sheet(data: bytes) -> list[list[str]]:
    check_archive(data, "xl/workbook.xml", "XLSX")
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        return [[_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    finally:
        book.close()


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, float):  # a number already: its point is no thousand's, and must not look as one
        return f"{value}0" if grouped(str(value), ".") else str(value)
    return "" if value is None else str(value)
