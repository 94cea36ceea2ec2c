"""What a file that nobody described holds: its meters found by their headers, then read as configured ones are. Pure.

What can be read in two ways is not guessed: the error says what to write into the header. What is no consumption is left out,
and named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import PurePath

from config.company import MeterConfig
from rag.errors import InputError
from rag.readings import bills, green_button, headers, marks, table
from rag.readings.headers import Header
from rag.readings.load import load
from rag.readings.parts import without_parts
from rag.readings.series import Finding, Series

MOST_METERS = 6
"""Columns of readings in one file; of a wider table it is said which are left out."""
_LEAST = 24
"""Readings that make a series; fewer are a table that happens to have dates."""
_FALLS = 0.1
"""Of a counter's steps at most: resets, one a day among hours."""


def series_in(data: bytes, name: str, site: str) -> list[Series]:
    """The series of a file; InputError with the reason if it holds none that can be understood.

    Starts and zones as for a configured meter of the mainland (Europe/Madrid) where the file tells none.
    """
    if green_button.looks_like(data):
        unit = green_button.unit_of(data, name)
        stem = PurePath(name).stem
        meter = MeterConfig(id="m1", name=stem, carrier=headers.carrier_of(unit, "", name), unit=unit, counter=False)
        return [load(site, meter, {name: data})]
    read = table.read(data, name)
    if bills.looks_like(read):
        return bills.series_in(read, name, site)
    if len(read.rows) < _LEAST:
        raise InputError(f"{name}: {len(read.rows)} rows are too few for readings")
    found, others = _columns(read, name)
    mark = read.mark([one.text for one in found], name)
    made = [
        load(site, _meter(f"m{n}", one, _called(one, found, name), mark, read, name), {name: data})
        for n, one in enumerate(found[:MOST_METERS], start=1)
    ]
    left = headers.left_out(others)
    if len(found) > MOST_METERS:
        left.append(Finding("left_out_many", "warning", {"columns": ", ".join(one.text for one in found[MOST_METERS:])}))
    return [replace(made[0], findings=(*left, *made[0].findings)), *made[1:]] if left else made


def _columns(read: table.Table, name: str) -> tuple[list[Header], list[Header]]:
    """(Those of readings, those that are left out). InputError if there is none of the first, or one that tells no unit."""
    units = [replace(one, unit="kWh") if not one.unit and read.distributor and one.named else one for one in read.judged]
    units = [replace(one, why="unit") if one.unit.endswith("/month") and not one.why else one for one in units]
    found = [one for one in units if one.unit and not one.why]
    found, parts = without_parts(found, read, name)
    others = [one for one in units if one.why and _numbers(read, one)]
    unnamed = [one for one in units if one.named and not one.unit and not one.why and _numbers(read, one)]
    if not found and unnamed:
        column = unnamed[0].text
        raise InputError(f"{name}: column {column} tells no unit, write it in its header as in {column} (kWh)")
    if not found:
        raise InputError(f"{name}: no column of readings among {', '.join(read.header)}")
    return found, [*others, *parts, *(replace(one, why="unit") for one in unnamed)]


def _numbers(read: table.Table, one: Header) -> bool:
    cells = read.column(one.text)
    return any(cells) and all(map(marks.is_number, cells))


def _meter(identity: str, column: Header, called: str, mark: str, read: table.Table, name: str) -> MeterConfig:
    if column.counter:
        known = [value for value in marks.numbers(read.column(column.text), name, mark) if value == value]
        falls = sum(after < before for before, after in pairwise(known))
        if falls > _FALLS * len(known):
            raise InputError(f"{name}: column {column.text} is called as a counter's readings are, and falls as theirs do not")
    carrier = headers.carrier_of(column.unit, column.text, name)
    counter = True if column.counter else None
    return MeterConfig(
        id=identity, name=called, carrier=carrier, unit=column.unit, column=column.text, counter=counter, decimal=mark
    )  # fmt: skip


def _called(column: Header, among: Sequence[Header], name: str) -> str:
    """The file's name says what a single column is of; of several, each its own header."""
    return PurePath(name).stem if len(among) == 1 else f"{PurePath(name).stem}, {column.text}"
