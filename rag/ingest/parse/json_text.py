"""JSON to blocks: lists of alike objects as tables, all else as lines of `key: value` under the keys that lead to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rag.errors import DocumentError
from rag.ingest.clean import tidy
from rag.ingest.dates import parse_date
from rag.ingest.parse.cell_value import LONGEST_CELL
from rag.ingest.parse.decode import decode
from rag.ingest.parse.outline import Outline
from rag.ingest.parse.rows import MOST_CELLS, MOST_ROWS, write_under
from rag.ports import Parsed

_DEEPEST = 40
_GROUP = 900
"""Characters of lines in a block."""
_TITLES = ("title", "titulo", "título", "name", "nombre")
_DATES = ("date", "fecha", "updated", "actualizado", "modified")


def parse_json(data: bytes, name: str) -> Parsed:
    """Parser for .json. Numbers stay as they are written. Files of an object a line are data, not documents."""
    text = decode(data)
    try:
        value = _load(text)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"broken JSON file: {error}") from error
    outline = Outline()
    _Writer(outline).write(value, ())
    known = value if isinstance(value, dict) else {}
    title = next((tidy(known[key]) for key in _TITLES if isinstance(known.get(key), str)), "")
    stated = next((found for key in _DATES if isinstance(known.get(key), str) and (found := parse_date(known[key]))), None)
    return Parsed(tuple(outline.blocks), title, stated or outline.stated_date())


def _load(text: str) -> Any:
    return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)


class _Writer:
    """Goes through a value and writes it into an outline; counts what it writes."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._left = MOST_CELLS

    def write(self, value: Any, path: tuple[str, ...]) -> None:
        """`path`: the keys that lead to the value."""
        if len(path) > _DEEPEST:
            raise DocumentError(f"nested more than {_DEEPEST} deep")
        if isinstance(value, list) and _is_table(value):
            self._table(value)
        elif isinstance(value, list) and not _is_flat(value):
            for number, one in enumerate(value, start=1):
                self._under(str(number), one, path)
        elif isinstance(value, dict):
            self._object(value, path)
        else:
            self._lines([_shown(value)])

    def _object(self, value: dict[str, Any], path: tuple[str, ...]) -> None:
        """Its plain values as lines, then what is nested in it, each under its key."""
        self._lines([f"{key}: {_shown(one)}" for key, one in value.items() if _is_flat(one) and _shown(one)])
        for key, one in value.items():
            if not _is_flat(one):
                self._under(key, one, path)

    def _under(self, key: str, value: Any, path: tuple[str, ...]) -> None:
        self._outline.heading(len(path) + 1, key or "-")
        self.write(value, (*path, key))

    def _lines(self, lines: list[str]) -> None:
        self._spend(len(lines))
        for group in _groups(lines):
            self._outline.lines("\n".join(group))

    def _table(self, rows: list[dict[str, Any]]) -> None:
        header = list(dict.fromkeys(key for row in rows for key in row))
        self._spend(len(header) * len(rows))
        if len(rows) > MOST_ROWS:
            raise DocumentError(f"more than {MOST_ROWS} rows: connect it as readings instead")
        cells = ((number, [_shown(row.get(key)) for key in header]) for number, row in enumerate(rows, start=1))
        write_under([[tidy(key) for key in header]], cells, self._outline)

    def _spend(self, cells: int) -> None:
        self._left -= cells
        if self._left < 0:
            raise DocumentError(f"more than {MOST_CELLS} values: connect it as readings instead")


def _is_flat(value: Any) -> bool:
    """A plain value, or a list of them."""
    return not isinstance(value, (dict, list)) or (
        isinstance(value, list) and not any(isinstance(one, (dict, list)) for one in value)
    )


def _is_table(rows: list[Any]) -> bool:
    """Objects of plain values that share most of their keys."""
    if not rows or not all(isinstance(row, dict) and row and all(map(_is_flat, row.values())) for row in rows):
        return False
    keys = {key for row in rows for key in row}
    return sum(map(len, rows)) >= 0.5 * len(keys) * len(rows)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    return tidy(str(value))[:LONGEST_CELL]


def _groups(lines: list[str]) -> Iterator[list[str]]:
    """Runs of lines of about one passage each."""
    group: list[str] = []
    for line in lines:
        if group and sum(map(len, group)) + len(line) > _GROUP:
            yield group
            group = []
        group.append(line)
    if group:
        yield group
