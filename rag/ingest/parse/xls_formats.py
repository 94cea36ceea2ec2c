"""The number formats of an old workbook's cells, from its records (BIFF8); calamine tells values only."""

from __future__ import annotations

import io
import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping

import olefile
from openpyxl.styles.numbers import BUILTIN_FORMATS

_FORMAT, _XF, _BOUNDSHEET, _BOF, _EOF, _MULRK = 0x41E, 0xE0, 0x85, 0x809, 0x0A, 0xBD
_ONE_CELL = (0x203, 0x27E, 0x06)
"""NUMBER, RK and FORMULA: row, column and format of a cell come first."""
_BIFF8 = 0x600

Formats = Mapping[tuple[int, int], str]
"""By row and column, counted from 0; cells of the general format have none."""


def number_formats(data: bytes) -> Mapping[int, Formats]:
    """Of each sheet by its place in the workbook; none of a workbook older than Excel 97, or whose records are broken."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            stream = file.openstream("Workbook").read() if file.exists("Workbook") else b""
        return _of_sheets(stream)
    except (OSError, struct.error, ValueError, IndexError, UnicodeError):
        return {}


def _of_sheets(stream: bytes) -> Mapping[int, Formats]:
    named: dict[int, str] = dict(BUILTIN_FORMATS)
    cell_formats: list[int] = []
    starts: list[int] = []
    for kind, body in _records(stream, 0):
        if kind == _BOF and struct.unpack_from("<H", body)[0] != _BIFF8:
            return {}
        if kind == _FORMAT:
            number, length, wide = struct.unpack_from("<HHB", body)
            named[number] = body[5 : 5 + length * (1 + (wide & 1))].decode("utf-16-le" if wide & 1 else "latin-1")
        elif kind == _XF:
            cell_formats.append(struct.unpack_from("<H", body, 2)[0])
        elif kind == _BOUNDSHEET:
            starts.append(struct.unpack_from("<I", body)[0])
    texts = ["" if number == 0 else named.get(number, "") for number in cell_formats]
    return {place: _of_cells(stream, start, texts) for place, start in enumerate(starts)}


def _of_cells(stream: bytes, start: int, texts: list[str]) -> Formats:
    found: defaultdict[tuple[int, int], str] = defaultdict(str)
    for kind, body in _records(stream, start):
        if kind in _ONE_CELL:
            row, column, which = struct.unpack_from("<HHH", body)
            cells = [(column, which)]
        elif kind == _MULRK:
            row, column = struct.unpack_from("<HH", body)
            cells = [(column + place, which) for place, (which, _) in enumerate(struct.iter_unpack("<HI", body[4:-2]))]
        else:
            continue
        found.update({(row, column): texts[which] for column, which in cells if which < len(texts) and texts[which]})
    return found


def _records(stream: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    """The records from `place` to the end of what begins there, without those of the charts within it."""
    depth = 0
    while place + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, place)
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 1:
            yield kind, stream[place + 4 : place + 4 + size]
        if depth <= 0:
            return
        place += 4 + size
