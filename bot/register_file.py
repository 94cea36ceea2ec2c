"""The register as a file that others read: CSV for a spreadsheet, BuildingSync XML for auditors' tools."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from bot.registrar import Registrar
from config.company import CompanyConfig
from rag.buildingsync import to_xml
from rag.errors import InputError
from rag.models import Scope
from rag.registered import Row, to_csv

KINDS = (".csv", ".xml")


async def written(registrar: Registrar, company: CompanyConfig, scope: Scope, file: Path) -> int:
    """Write what the scope may see, in the company's language; how many entries. InputError for a name of another kind, or a
    place that cannot be written to."""
    kind = check(file)
    rows = await registrar.rows(company, scope, company.language)
    text = to_csv(rows) if kind == ".csv" else to_xml(await asyncio.to_thread(_named, rows), company.name)
    # a spreadsheet reads a CSV as UTF-8 only if it begins with a byte-order mark
    try:
        await asyncio.to_thread(file.write_text, text, "utf-8-sig" if kind == ".csv" else "utf-8", newline="")
    except OSError as error:
        raise InputError(f"{file}: cannot be written: {error.strerror}") from None
    return len(rows)


def check(file: Path) -> str:
    """What kind of file is wanted; InputError if none that is known."""
    kind = file.suffix.lower()
    if kind not in KINDS:
        raise InputError(f"{file}: the register is written as {' or '.join(KINDS)}")
    return kind


def _named(rows: list[Row]) -> list[Row]:
    """With the names that BuildingSync has for the measures."""
    from rag.measures.registry import measures  # pandas, pvlib and scipy take a second to load

    names = {one.id: one.building_sync for one in measures()}
    return [replace(row, building_sync=names.get(row.entry.measure, "")) for row in rows]
