"""What is seen of a sheet: merged cells, hidden rows and columns, formulas never computed; openpyxl does not tell it of XLSX."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from lxml import etree
from openpyxl.utils import range_boundaries

from rag.ingest.parse.rows import MOST_COLUMNS, Ranges, Row, covered

MOST_MERGED = 10_000
_OFF = ("", "0", "false")


@dataclass(frozen=True, slots=True)
class Layout:
    """Of one sheet: `merged` as `rows.covered` takes it, hidden rows by their number from 1, columns by their place from 0."""

    merged: Ranges
    rows: frozenset[int]
    columns: frozenset[int]
    uncomputed: int
    left_out: set[tuple[str, int]] = field(default_factory=set)
    """The hidden rows and columns that hold text, once they have been passed over."""

    def visible(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows that a reader sees, without the text of hidden columns, merged cells told in each row."""
        for number, cells in covered(rows, self.merged):
            if number in self.rows:
                self.left_out.update([("row", number)] if any(cells) else ())
                continue
            self.left_out.update(("column", place) for place in self.columns if place < len(cells) and cells[place])
            yield number, [("" if place in self.columns else cell) for place, cell in enumerate(cells)]

    def notes(self, sheet: str) -> Iterator[str]:
        """What of the sheet is left out, once its rows have been read."""
        if self.left_out:
            yield f"sheet «{sheet}»: hidden rows or columns are left out: {len(self.left_out)}"
        if self.uncomputed:
            yield f"sheet «{sheet}»: formulas without a computed value, to be opened and saved anew: {self.uncomputed}"


def layout(source: IO[bytes]) -> Layout:
    """Read it from a sheet's XML."""
    rows: set[int] = set()
    columns: set[int] = set()
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = []
    number = uncomputed = 0
    events = etree.iterparse(
        source, tag=("{*}row", "{*}col", "{*}c", "{*}mergeCell"), resolve_entities=False, no_network=True, huge_tree=False
    )
    for _, element in events:
        kind = etree.QName(element).localname
        if kind == "c":
            uncomputed += _is_uncomputed(element)
        elif kind == "row":
            number = int(element.get("r") or number + 1)
            if element.get("hidden", "") not in _OFF and len(element):
                rows.add(number)
            element.clear()
        elif kind == "col" and element.get("hidden", "") not in _OFF:
            columns.update(range(int(element.get("min") or 1) - 1, min(int(element.get("max") or 0), MOST_COLUMNS)))
        elif kind == "mergeCell" and len(merged) < MOST_MERGED:
            left, top, right, bottom = range_boundaries(element.get("ref") or "")
            merged.append(((int(top or 1) - 1, int(left or 1) - 1), (int(bottom or 1) - 1, int(right or 1) - 1)))
    return Layout(merged, frozenset(rows), frozenset(columns), uncomputed)


def _is_uncomputed(cell: Any) -> bool:
    """A formula without its last value, as programs write it that do not reckon. One that gives no text says so."""
    if not len(cell) or etree.QName(cell[0]).localname != "f" or cell.get("t") == "str":
        return False
    return not any(one.text for one in cell[1:])
