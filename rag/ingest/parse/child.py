"""The process that parses: `python -m rag.ingest.parse.child`, started by rag.ingest.parse.isolate, which tells the protocol.

It limits itself before it reads a byte of a file: memory, computing time, no file written, few opened, no core dump, low
priority, and an end with its parent.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from rag.errors import DocumentError
from rag.ingest.build import build
from rag.ingest.language import detect
from rag.ingest.parse import confine
from rag.ingest.parse.formats import parse
from rag.models import Passage
from rag.ports import Fetched, Item, Parsed

MEMORY = 256_000_000
"""Bytes for a file beyond the file itself and what the libraries take."""
_LIBRARIES = 96_000_000
"""Address space of the parsers' libraries, which are loaded with the first file that needs them; measured at 75 MB for all."""
MOST_CHARACTERS, MOST_BLOCKS = 20_000_000, 200_000
_MESSAGE_CHARACTERS = 100_000
_TOO_LARGE = f"needs more than {MEMORY // 1_000_000} MB of memory: split the file or save it anew"
_NEITHER = "kilowatt membrana"
"""Words of which only the language model could tell the language."""


@dataclass(frozen=True, slots=True)
class _Source:
    """What `build` needs of a source. The parent puts the labels on: they never come from here."""

    name: str
    licence: str
    audience: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)


def main() -> None:
    """Answer requests until there are no more."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get among the answers
    detect(_NEITHER)  # the language model is unpacked to a temporary file: before none may be written
    base = confine.address_space() + _LIBRARIES
    confine.for_good()
    _send(answers, "ready")
    while header := _read_header(requests):
        confine.for_one(base + header["size"] + MEMORY, header["seconds"])
        try:
            for message in _answer(header, requests, base):
                _send(answers, message)
            confine.stop_clock()
        except MemoryError:
            _send(answers, _end(_TOO_LARGE, last=True))
            return


def _read_header(requests: BinaryIO) -> dict[str, Any] | None:
    size = int.from_bytes(requests.read(4), "big")
    header: dict[str, Any] | None = json.loads(requests.read(size)) if size else None
    return header


def _answer(header: dict[str, Any], requests: BinaryIO, base: int) -> Iterator[object]:
    """The messages that answer a request: the document, its passages, the end."""
    fetched = Fetched(Item(header["uri"], header["name"], ""), requests.read(header["size"]), header["media_type"])
    error = ""
    notes: Sequence[str] = ()
    try:
        parsed = parse(fetched, header["passwords"], header["seconds"])
        notes = parsed.notes
        _check(parsed)
        document, passages = build(_Source(**header["source"]), fetched, parsed)
        yield [document.title, document.date and document.date.isoformat(), document.language, document.licence]
        yield from _messages(passages)
    except DocumentError as failure:
        error = _TOO_LARGE if _for_want_of_memory(failure) else str(failure)
    # a child that has grown would have less than the promised memory for the next file: another takes its place
    yield _end(error, notes, last=confine.address_space() > base + MEMORY // 4)


def _check(parsed: Parsed) -> None:
    characters = sum(len(block.text) for block in parsed.blocks)
    if characters > MOST_CHARACTERS or len(parsed.blocks) > MOST_BLOCKS:
        raise DocumentError(f"{characters // 1_000_000} million characters in {len(parsed.blocks)} parts: more than is read")


def _for_want_of_memory(failure: BaseException) -> bool:
    cause = failure.__cause__ or failure.__context__
    return isinstance(failure, MemoryError) or (cause is not None and _for_want_of_memory(cause))


def _messages(passages: Iterable[Passage]) -> Iterator[list[list[object]]]:
    """Passages as lists of their fields, about as many at once as a message should hold."""
    message: list[list[object]] = []
    characters = 0
    for one in passages:
        at = one.locator
        place = [at.page, at.headings, at.article, at.sheet, at.rows]
        message.append([one.id, one.text, place, one.language, one.position])
        characters += len(one.text) + 200
        if characters > _MESSAGE_CHARACTERS:
            yield message
            message, characters = [], 0
    yield message


def _end(error: str, notes: Sequence[str] = (), *, last: bool) -> dict[str, object]:
    """What ends an answer. `last`: this child takes no more requests."""
    return {"error": error, "notes": notes, "last": last}


def _send(answers: BinaryIO, message: object) -> None:
    text = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")  # halves of surrogate pairs become «?»
    answers.write(len(text).to_bytes(4, "big") + text)
    answers.flush()


if __name__ == "__main__":
    main()
