"""ZIP archives: each document in one is read under its name. Nothing is ever written to disk."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

from rag.errors import DocumentError
from rag.ingest.parse.archive import check_size
from rag.ingest.parse.formats import LARGEST
from rag.ingest.parse.opening import Opening
from rag.ingest.parse.within import Part, read_parts
from rag.ports import Parsed

_ENCRYPTED = 0x1


def parse_zip(data: bytes, name: str, opening: Opening) -> Parsed:
    """Parser for .zip: its members by their parsers, in their order."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            check_size(archive.infolist(), len(data))
            notes: list[str] = []
            blocks, unread = read_parts(_members(archive, notes), opening)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise DocumentError(f"broken ZIP file: {error}") from error
    return Parsed(tuple(blocks), notes=(*notes, *unread))


def _members(archive: zipfile.ZipFile, notes: list[str]) -> Iterator[Part]:
    for member in archive.infolist():
        name = _name(member)
        if member.is_dir():
            continue
        if member.flag_bits & _ENCRYPTED:
            notes.append(f"{name}: encrypted: pack it without a password")
            continue
        if member.file_size > LARGEST:
            notes.append(f"{name}: larger than {LARGEST // 1_000_000} MB")
            continue
        try:
            with archive.open(member) as file:
                data = file.read(member.file_size + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            notes.append(f"{name}: broken in the archive: {error}")
            continue
        yield Part(name, data)


def _name(member: zipfile.ZipInfo) -> str:
    """The member's path; one written without the UTF-8 flag is mostly in the code page of a Western Windows."""
    if member.flag_bits & 0x800:
        return member.filename
    raw = member.filename.encode("cp437", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp850")
