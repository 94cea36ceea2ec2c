"""What a file that nobody described holds: its meters found by their headers, then read as configured ones are. Pure.

What can be read in two ways is not guessed: the error says what to write into the header.
"""

from __future__ import annotations

import re
from pathlib import PurePath

from config.company import MeterConfig
from rag.analyse import fold
from rag.errors import InputError
from rag.readings import bills, green_button, table
from rag.readings.load import load
from rag.readings.series import Series

MOST_METERS = 6
"""Columns of readings in one file; of a wider table it is said which are left out."""
_LEAST = 24
"""Readings that make a series; fewer are a table that happens to have dates."""
_UNIT = re.compile(r"(?<![a-z])(kwh|mwh|gwh|wh|kw|mw|m3/?h|m3/?d|m3|l/s|degc|°c)(?![a-z0-9])")
_AS_UNIT = {"m3h": "m3/h", "m3d": "m3/day", "m3/d": "m3/day", "°c": "degC", "degc": "degC"}
_OTHER = re.compile(
    r"€|\$|£|/ ?kwh|/ ?m3|\beur|usd|gbp|precio|price|importe|coste|\bcost|tarif|co2|produc|inyec|inject|contratad|contracted"
)
"""What has a unit of energy or water in its header and is no consumption: prices, emissions, generation, what was contracted."""
_COUNTER = re.compile(r"lectura|contador|totaliz|indice|index|meter reading|counter", re.IGNORECASE)


def series_in(data: bytes, name: str, site: str) -> list[Series]:
    """The series of a file; InputError with the reason if it holds none that can be understood.

    Starts and zones as for a configured meter of the mainland (Europe/Madrid) where the file tells none.
    """
    if green_button.looks_like(data):
        unit = green_button.unit_of(data, name)
        return [load(site, _meter("m1", PurePath(name).stem, unit, "", ""), {name: data})]
    read = table.read(data, name)
    if bills.looks_like(read):
        return bills.series_in(read, name, site)
    if len(read.rows) < _LEAST:
        raise InputError(f"{name}: {len(read.rows)} rows are too few for readings")
    found = [one for one in read.header if table.is_value(one) or (_unit(one) and not table.is_export(one))]
    found = [one for one in found if not _OTHER.search(fold(one).lower())]
    if not found:
        raise InputError(f"{name}: no column of readings among {', '.join(read.header)}")
    if not any(table.plain(one) == "cups" for one in read.header):  # a distributor's own export: decimals, always three
        table.decimal_mark([cell for one in found for cell in read.column(one)], name)
    return [load(site, _meter(f"m{n}", _called(column, found, name), *_how(column, read, name)), {name: data})
            for n, column in enumerate(found[:MOST_METERS], start=1)]  # fmt: skip


def _meter(identity: str, called: str, unit: str, column: str, hint: str) -> MeterConfig:
    counter = bool(_COUNTER.search(fold(column))) and unit in {"kwh", "mwh", "wh", "m3"}
    carrier = table.carrier_of(unit, f"{column} {hint}")
    return MeterConfig(id=identity, name=called, carrier=carrier, unit=unit, column=column, counter=counter)


def _called(column: str, among: list[str], name: str) -> str:
    """The file's name says what a single column is of; of several, each its own header."""
    return PurePath(name).stem if len(among) == 1 else f"{PurePath(name).stem}, {column}"


def _how(column: str, read: table.Table, name: str) -> tuple[str, str, str]:
    """(unit, column, what tells the carrier). InputError where the header tells no unit."""
    told = _unit(column) or ("kwh" if any(table.plain(one) == "cups" for one in read.header) else "")
    if not told:
        raise InputError(f"{name}: column {column} tells no unit, write it in its header as in {column} (kWh)")
    return told, column, name


def _unit(column: str) -> str:
    """The unit that a header tells, "" if none."""
    found = _UNIT.search(re.sub(r"[_()\[\]\s]+", " ", fold(column.replace("º", "°"))))
    return _AS_UNIT.get(found.group(1), found.group(1)) if found else ""
