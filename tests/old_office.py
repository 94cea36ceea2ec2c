"""Writes old binary Office files (.xls, .msg) for tests: a compound file of streams, and the few records that readers need."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR, _MINI = 512, 64
Tree = Mapping[str, "bytes | Tree"]


def _padded(data: bytes, size: int) -> bytes:
    return data + b"\0" * (-len(data) % size)


def compound(tree: Tree) -> bytes:
    """A compound file: streams by name, storages as trees. All streams must be small (less than 4096 bytes each)."""
    entries: list[list[object]] = [["Root Entry", 5, _FREE, _FREE, _FREE, 0, 0]]  # name, kind, left, right, child, start, size
    mini, chain = b"", list[int]()

    def add(inner: Tree) -> int:
        nonlocal mini
        first = before = _FREE
        for name, value in inner.items():
            place = len(entries)
            entries.append([name, 1 if not isinstance(value, bytes) else 2, _FREE, _FREE, _FREE, 0, 0])
            if isinstance(value, bytes):
                start, count = len(mini) // _MINI, -(-len(value) // _MINI)
                mini += _padded(value, _MINI)
                chain.extend([*range(start + 1, start + count), _END] if count else [])
                entries[place][5:] = [start if count else _END, len(value)]
            else:
                entries[place][4] = add(value)
            if before == _FREE:
                first = place
            else:
                entries[before][3] = place  # each the right neighbour of the one before: a list is a tree too
            before = place
        return first

    entries[0][4] = add(tree)
    directory = b"".join(
        struct.pack("<64sHBBIII36xIQ", name.encode("utf-16-le"), 2 * len(name) + 2, kind, 1, left, right, child, start, size)
        if place
        else b"\1" * 128
        for place, (name, kind, left, right, child, start, size) in enumerate(entries)  # type: ignore[attr-defined]
    )
    directory = _padded(directory, _SECTOR)
    minifat = _padded(struct.pack(f"<{len(chain)}I", *chain), _SECTOR)
    parts = [directory, minifat, _padded(mini, _SECTOR)]
    fat, starts, sector = [_FAT], [], 1
    for part in parts:
        count = len(part) // _SECTOR
        starts.append(sector)
        fat += [*range(sector + 1, sector + count), _END]
        sector += count
    assert len(fat) <= _SECTOR // 4
    root = struct.pack(
        "<64sHBBIII36xIQ", "Root Entry".encode("utf-16-le"), 22, 5, 1, _FREE, _FREE, entries[0][4], starts[2], len(mini)
    )
    fat += [_FREE] * (_SECTOR // 4 - len(fat))
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
        0, 1, starts[0], 0, 4096, starts[1], len(minifat) // _SECTOR, _END, 0, 0,
    )  # fmt: skip
    header += struct.pack("<108I", *([_FREE] * 108))
    return header + struct.pack("<128I", *fat) + root + directory[128:] + parts[1] + parts[2]


Cell = str | float | tuple[float, str] | None


def old_workbook(
    sheets: Mapping[str, Sequence[Sequence[Cell]]], hidden: frozenset[str] = frozenset(), *, packed: bool = False
) -> bytes:
    """The bytes of an .xls file (BIFF8). A number may come with its format; None is no cell at all.

    `packed`: numbers with formats as Excel itself writes them, those beside each other in one record and as hundredths.
    """
    formats = {one[1]: 164 for rows in sheets.values() for cells in rows for one in cells if isinstance(one, tuple)}
    formats = {text: 164 + place for place, text in enumerate(formats)}

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def begin(kind: int) -> bytes:
        return record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 0, 0, 0))

    def cell(row: int, column: int, value: Cell) -> bytes:
        if value is None:
            return b""
        value, which = (value[0], formats[value[1]] - 163) if isinstance(value, tuple) else (value, 0)
        place = struct.pack("<HHH", row, column, which)
        if isinstance(value, str):
            return record(0x204, place + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
        return record(0x203, place + struct.pack("<d", value))

    def hundredths(row: int, cells: Sequence[Cell]) -> bytes:
        """A row's cells, its last ones that have formats in one record."""
        first = next((place for place in range(len(cells)) if all(isinstance(one, tuple) for one in cells[place:])), len(cells))
        plain = b"".join(cell(row, column, value) for column, value in enumerate(cells[:first]))
        many = b"".join(
            struct.pack("<HI", formats[one[1]] - 163, round(100 * one[0]) << 2 | 3)
            for one in cells[first:]
            if isinstance(one, tuple)
        )
        return plain + (record(0xBD, struct.pack("<HH", row, first) + many + struct.pack("<H", len(cells) - 1)) if many else b"")

    def row_of(row: int, cells: Sequence[Cell]) -> bytes:
        return hundredths(row, cells) if packed else b"".join(cell(row, column, value) for column, value in enumerate(cells))

    bodies = [
        begin(0x10)
        + record(0x200, struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0))
        + b"".join(row_of(row, cells) for row, cells in enumerate(rows))
        + record(0x0A, b"")
        for rows in sheets.values()
    ]
    names = [struct.pack("<BBBB", int(name in hidden), 0, len(name), 1) + name.encode("utf-16-le") for name in sheets]
    start = begin(5) + record(0x42, struct.pack("<H", 1200))
    for text, number in formats.items():
        start += record(0x41E, struct.pack("<HHB", number, len(text), 1) + text.encode("utf-16-le"))
    start += b"".join(record(0xE0, struct.pack("<HH16x", 0, number)) for number in (0, *formats.values()))
    offset = len(start) + sum(len(name) + 8 for name in names) + len(record(0x0A, b""))
    bounds = b""
    for name, body in zip(names, bodies, strict=True):
        bounds += record(0x85, struct.pack("<I", offset) + name)
        offset += len(body)
    return compound({"Workbook": start + bounds + record(0x0A, b"") + b"".join(bodies)})


def outlook_message(
    subject: str, body: str, sender: str, to: Sequence[str], attachments: Mapping[str, bytes], *, sent: int = 0
) -> bytes:
    """The bytes of a .msg file. `sent` is in units of 100 ns since 1601, as Windows counts."""

    def text(value: str) -> bytes:
        return value.encode("utf-16-le")

    def properties(head: int, strings: Mapping[int, int], times: Mapping[int, int]) -> bytes:
        made = b"\0" * head
        made += b"".join(struct.pack("<IIII", tag, 6, size, 0) for tag, size in strings.items())
        return made + b"".join(struct.pack("<IIQ", tag, 6, value) for tag, value in times.items())

    def storage(head: int, streams: Mapping[int, bytes], times: Mapping[int, int]) -> dict[str, bytes | Tree]:
        sizes = {tag: len(data) + (2 if tag & 0xFFFF == 0x1F else 0) for tag, data in streams.items()}
        named: dict[str, bytes | Tree] = {f"__substg1.0_{tag:08X}": data for tag, data in streams.items()}
        return {"__properties_version1.0": properties(head, sizes, times), **named}

    message = storage(
        32,
        {0x0037001F: text(subject), 0x1000001F: text(body), 0x0C1F001F: text(sender), 0x001A001F: text("IPM.Note")},
        {0x00390040: sent} if sent else {},
    )
    for number, address in enumerate(to):
        message[f"__recip_version1.0_#{number:08X}"] = storage(8, {0x39FE001F: text(address), 0x3001001F: text(address)}, {})
    for number, (name, data) in enumerate(attachments.items()):
        message[f"__attach_version1.0_#{number:08X}"] = storage(8, {0x3707001F: text(name), 0x37010102: data}, {})
    return compound(message)
