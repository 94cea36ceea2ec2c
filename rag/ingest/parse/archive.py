"""Checks a zip-based file (DOCX, ODT, ZIP) before a library opens it: a few kilobytes may unpack to gigabytes."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence

from rag.errors import DocumentError

_MOST_UNPACKED = 300_000_000
_MOST_RATIO = 200
_RATIO_FROM = 20_000_000
"""Bytes unpacked below which a high ratio is harmless: sheets of repeated values compress very well."""
_MOST_MEMBERS = 10_000


def check_archive(data: bytes, member: str, kind: str) -> None:
    """DocumentError unless `data` is a zip that holds `member` and unpacks to a bearable size. `kind` names the format."""
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise DocumentError(f"encrypted, or an old binary Office file: save it as {kind} without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise DocumentError(f"broken {kind} file: {error}") from error
    if member not in {one.filename for one in members}:
        raise DocumentError(f"not a {kind} file, whatever its name says")
    check_size(members, len(data))


def check_open_document(data: bytes) -> None:
    """DocumentError if an OpenDocument file has a password: its parts are in their places, but encrypted."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            manifest = archive.read("META-INF/manifest.xml")
    except (zipfile.BadZipFile, KeyError, zlib.error, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise DocumentError("broken OpenDocument file: no manifest") from error
    if b"encryption-data" in manifest:
        raise DocumentError("encrypted: save it without a password")


def check_size(members: Sequence[zipfile.ZipInfo], packed: int) -> None:
    """DocumentError if an archive of `packed` bytes unpacks to too much."""
    unpacked = sum(one.file_size for one in members)
    if len(members) > _MOST_MEMBERS or unpacked > _MOST_UNPACKED:
        raise DocumentError(f"unpacks to {len(members)} parts and {unpacked // 1_000_000} MB: more than is read")
    if unpacked > _RATIO_FROM and unpacked > _MOST_RATIO * packed:
        raise DocumentError(f"unpacks to {unpacked // max(packed, 1)} times its size: refused as a decompression bomb")
