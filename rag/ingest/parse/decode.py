"""Bytes to text: UTF-8, UTF-16 with or without mark, Windows-1252 and what charset-normalizer knows; never binary junk."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from rag.errors import DocumentError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with that one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN = re.compile("[áéíóúüñçàèìòùâêîôûäëïößãõåæøÁÉÍÓÚÜÑÇÀÈÄÖÃÕ¿¡ºª«»€£°²³·–—‘’“”…®©±×µ½¼¾§¹\u00a0•%‰÷¬´¨]")
_DOS = re.compile(r"[^\W\d_][¢¤£‚¡][^\W\d_]")
"""What ó, ñ, ú, é and í of DOS are in Windows-1252: nothing that stands within a word."""
_MENDED = "advisor-mended"
_SOUND = 3
"""Characters beyond ASCII that are valid UTF-8, for each that is not: in a file of before UTF-8 hardly any is."""
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SAMPLE = 4096
_FEWEST_PAIRS = 8
"""Of bytes, to tell UTF-16 without a mark from a few stray zeros."""


def decode(data: bytes) -> str:
    """The text of a file, line ends as \\n. DocumentError if the bytes are not text."""
    text = _decode(data).replace("\r\n", "\n").replace("\r", "\n")
    if len(_CONTROL.findall(text)) > max(2, len(text) // 200) or "\x00" in text:
        raise DocumentError("not a text file: it holds binary data")
    return text


def _decode(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data, encoding)
    even, odd = data[:_SAMPLE:2].count(0), data[1:_SAMPLE:2].count(0)
    half = min(len(data), _SAMPLE) // 2
    if half >= _FEWEST_PAIRS and max(even, odd) > 0.4 * half and min(even, odd) < 0.1 * half:
        return _strict(data, "utf-16-le" if odd > even else "utf-16-be")
    if b"\x00" in data:
        raise DocumentError("not a text file: it holds binary data")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _mended(data) or _legacy(data)


def _mended(data: bytes) -> str:
    """The text of a file that is UTF-8 but for some bytes (joined from two files, cut, damaged); "" if it is none."""
    wrong = data.decode("utf-8", "replace").count("\ufffd")
    text = data.decode("utf-8", _MENDED)
    return text if sum(char > "\x7f" for char in text) - wrong >= _SOUND * wrong else ""


def _mend(error: UnicodeError) -> tuple[str, int]:
    """For bytes that are no UTF-8: what they are in Windows-1252 if that is a letter or the like, else a mark that says so."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    text = error.object[error.start : error.end].decode("cp1252", "replace")
    is_cut = error.end == len(error.object)
    return text if _WESTERN.fullmatch(text) and not is_cut else "\ufffd", error.end


codecs.register_error(_MENDED, _mend)


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise DocumentError(f"broken {encoding} text at byte {error.start}") from error


def _legacy(data: bytes) -> str:
    """A file of before UTF-8: Windows-1252 if that reads like Spanish or English, DOS's code page if only that does, else the
    best guess.
    """
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = ""
    if _DOS.search(data.decode("cp1252", "replace")):
        text = data.decode("cp850")
    foreign = [char for char in text if ord(char) > 127]
    if foreign and sum(_WESTERN.match(char) is not None for char in foreign) >= 0.9 * len(foreign):
        return text
    best = from_bytes(data[: 64 * _SAMPLE]).best()
    if best is None:
        raise DocumentError("unknown text encoding, or not a text file")
    return _strict(data, best.encoding)
