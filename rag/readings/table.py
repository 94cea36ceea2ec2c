"""A file of readings as a table of text: header found, rows told from sums, columns of times and readings recognised. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property

import openpyxl

from rag.analyse import fold
from rag.errors import InputError
from rag.ingest.parse.archive import check_archive
from rag.ingest.parse.decode import decode
from rag.readings import headers, marks
from rag.readings.headers import Header, plain

_HEADER_WITHIN = 15
"""Rows in which the header must stand: distributors write a title or two above it."""
_DATE = re.compile(r"^(fecha|date|dia|day)$")
_HOUR = re.compile(r"^(hora|hour|periodo)$")
_STAMP = re.compile(r"^(inicio|start|timestamp|datetime|fechahora|fechayhora|dateandtime|time|startdate|fechainicio)$")
_QUALITY = re.compile(r"^(metodo(de)?obtencion|realestimado|calidad|quality|estimado|re|tipolectura)$")
FROM = re.compile(r"^(desde|from|inicio|start|fechainicio|startdate|fechadesde)$")
TO = re.compile(r"^(hasta|to|fin|end|fechafin|enddate|fechahasta)$")
MONTH = re.compile(r"^(mes|month|trimestre|quarter|periodo(de)?(facturacion|facturado|consumo)?|billingperiod)$")
YEAR = re.compile(r"^(ano|year|ejercicio)$")
_TIMES = (_DATE, _STAMP, FROM, MONTH)
"""Of columns that tell when; the first of these that a table has must be told in each row."""
_TOLD = re.compile(
    r"^\W*(?:\d|[tq] ?\d|trim|quar|semana|week|(?:ene|jan|feb|mar|abr|apr|may|jun|jul|ago|aug|sep|set|oct|nov|dic|dec"
    r"|lun|mie|jue|vie|sab|dom|mon|tue|wed|thu|fri|sat|sun))"
)
"""How a date begins: a digit, a quarter, the name of a month or a day. A sum's label, a note, a header again do not."""
_SPANISH = re.compile(
    r"fecha|hora|^dia|inicio|^mes|desde|hasta|consumo|energia|importe|periodo|^ano|^fin|caudal|potencia|lectura"
)
_HOUR_CELL = re.compile(r"\d{1,3}|\d{1,2}:\d\d.*|\d{1,2} ?- ?\d{1,2}")
_SUMS = 10
"""Rows without a date that may stand in a table beyond as many as have one."""
_MANY = 0.1
"""Of the rows with the times of others: beyond, a table is of several meters (a day of 25 hours has one)."""


@dataclass(frozen=True)
class Table:
    """Columns of text by their header as written. `rows` have as many cells as there are columns."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, name: str) -> list[str]:
        """The cells of a column."""
        place = self.header.index(name)
        return [row[place] for row in self.rows]

    def one(self, *patterns: re.Pattern[str]) -> str:
        """The first column that is called so, "" if none is."""
        return next((one for pattern in patterns for one in self.header if pattern.match(plain(one))), "")

    @cached_property
    def judged(self) -> tuple[Header, ...]:
        """What each header tells of its column."""
        return tuple(headers.all_judged(self.header))

    @property
    def spanish(self) -> bool:
        """Whether its headers are Spanish: its dates begin with the day."""
        return any(_SPANISH.search(plain(one)) for one in self.header)

    @property
    def distributor(self) -> bool:
        """Whether it is a network operator's own export (Datadis, CNMC, e-distribución)."""
        names = {plain(one) for one in self.header}
        return "cups" in names and bool(names & {"consumokwh", "aekwh"})

    def mark(self, columns: Sequence[str], name: str) -> str:
        """The decimal mark of these columns, decided for the file. InputError where it tells none."""
        others = [self.column(one.text) for one in self.judged if (one.unit or one.why) and one.text not in columns]
        held = [cells for cells in others if all(map(marks.is_number, cells))]
        return marks.decimal_mark(map(self.column, columns), held, name, distributor=self.distributor)


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column is what, by its header; "" where there is none. Either `stamp`, or `date` with or without `hour`."""

    value: str
    stamp: str = ""
    date: str = ""
    hour: str = ""
    quality: str = ""

    @property
    def times(self) -> tuple[str, ...]:
        """Those that tell when."""
        return tuple(one for one in (self.stamp, self.date, self.hour) if one)


def read(data: bytes, name: str) -> Table:
    """The table in a CSV or Excel file; InputError if there is none."""
    rows = _sheet(data) if data.startswith(b"PK") else _text(data)
    for place, row in enumerate(rows[:_HEADER_WITHIN]):
        known = [cell for cell in map(plain, row) if any(one.match(cell) for one in (*_TIMES, _HOUR, TO))]
        if known and len([cell for cell in row if cell.strip()]) >= 2:
            header = _header(row)
            body = [tuple(cell.strip() for cell in (*row, *[""] * len(header))[: len(header)]) for row in rows[place + 1 :]]
            return _without_sums(Table(header, tuple(one for one in body if any(one))), name)
    raise InputError(f"{name}: no header with a date or a time in its first {_HEADER_WITHIN} rows")


def _header(row: Sequence[str]) -> tuple[str, ...]:
    """Each column's own: one without a header, or with that of an earlier one, has its number."""
    found = list[str]()
    for number, cell in enumerate(row, start=1):
        called = cell.strip()
        found.append(f"{called} ({number})".strip() if not called or called in found else called)
    return tuple(found)


def _without_sums(read: Table, name: str) -> Table:
    """The rows that tell when: sums, means and notes stand without a date where the date stands."""
    when, hour, until = read.one(*_TIMES), read.one(_HOUR), read.one(TO)
    if not read.rows:
        raise InputError(f"{name}: no rows beneath its header")
    if not when:
        return read
    place = read.header.index(when)
    hours, end = (read.header.index(one) if one and one != when else None for one in (hour, until))
    kept, first = list[tuple[str, ...]](), ""
    for row in read.rows:
        missing = hours is not None and row[hours] and not row[place]  # a reading whose date is missing is no sum
        if missing or (_dated(row[place]) and (end is None or not row[end] or _dated(row[end]))):
            kept.append(row)
        first = first or ("" if _dated(row[place]) else row[place])
    if not kept or len(read.rows) - len(kept) > len(kept) + _SUMS:
        raise InputError(f"{name}: {first[:30]!r} is no date")
    return replace(read, rows=tuple(kept))


def _dated(cell: str) -> bool:
    return bool(_TOLD.match(fold(cell)))


def columns(table: Table, name: str, unit: str, chosen: str = "") -> Columns:
    """What each column is. `chosen` names the one with the values, where there are several; InputError if that is needed.

    Without it they are those that could be of a meter in `unit`: what is called as readings are, else what tells such a unit.
    """
    if chosen and chosen not in table.header:
        raise InputError(f"{name}: no column {chosen}; there are: {', '.join(table.header)}")
    possible = [one for one in table.judged if not one.why and headers.compatible(one, unit)]
    exact = [chosen] if chosen else [one.text for one in possible if one.named] or [one.text for one in possible if one.unit]
    if len(exact) != 1:
        found = ", ".join(exact) if exact else "none of " + ", ".join(table.header)
        raise InputError(f"{name}: which column holds the readings ({found})? Set `column` of the meter in advisor.yaml")
    return times_of(table, exact[0])


def times_of(table: Table, value: str) -> Columns:
    """The columns that tell when the readings in `value` were. A column called as hours are holds them: «P1» is none."""
    dated, begins = table.one(_DATE), table.one(_STAMP)
    hours = (one for one in table.header if _HOUR.match(plain(one)) and all(map(_HOUR_CELL.fullmatch, table.column(one))))
    stamp = begins or ("" if dated else table.one(FROM))
    return Columns(value, stamp, dated, next(hours, ""), table.one(_QUALITY))


def of_one_meter(table: Table, what: Columns, name: str) -> None:
    """InputError, which names them, if the rows are of several meters: by CUPS, or by a column that tells equal times apart."""
    rest = [one for one in table.judged if one.text not in {*what.times, what.quality} and not one.unit]
    for one in rest:
        if plain(one.text) == "cups":
            _single(one.text, set(table.column(one.text)), name)
    when = list(zip(*map(table.column, what.times), strict=True))
    if len(when) - len(set(when)) <= _MANY * len(when):
        return
    for one in rest:
        labels = table.column(one.text)
        apart = len(set(zip(when, labels, strict=True))) >= len(when) - _MANY * len(set(when))
        if apart and not all(map(marks.is_number, labels)) and len(set(labels)) <= len(when) / 2:
            _single(one.text, set(labels), name)


def _single(column: str, values: set[str], name: str) -> None:
    told = sorted(one for one in values if one)
    if len(told) > 1:
        shown = ", ".join(told[:6]) + (", ..." if len(told) > 6 else "")
        raise InputError(f"{name}: it holds {len(told)} meters ({column}: {shown}): send one file for each")


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
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):  # 24:00 as an hour
        minutes = round(value / timedelta(minutes=1))
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    if isinstance(value, float):  # a number already: its point is no thousand's, and tells nothing of cells of text
        return str(int(value)) if value.is_integer() else f"{value!r}e0" if "e" not in repr(value) else repr(value)
    return "" if value is None else str(value)
