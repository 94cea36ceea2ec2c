"""Files within a file: attachments of a message, members of an archive. Read by the same parsers, under the file's name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rag.errors import DocumentError
from rag.ingest.clean import tidy
from rag.ingest.parse.formats import NOT_DOCUMENTS, ending, media_ending, read
from rag.ingest.parse.opening import Opening
from rag.ports import Block

_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Part:
    """A file within another one. `name` is only shown and never a path to anything."""

    name: str
    data: bytes
    media_type: str = ""


def read_parts(parts: Iterable[Part], opening: Opening) -> tuple[list[Block], list[str]]:
    """The blocks of all parts, each under its name as first heading, and a line for each part that cannot be read."""
    blocks: list[Block] = []
    notes: list[str] = []
    for part in parts:
        name = tidy(part.name)[:_LONGEST_NAME] or "?"
        if _passed_over(name, part.media_type):
            continue
        try:
            inner = opening.deeper()
            inner.budget.spend(len(part.data))
            parsed = read(part.data, name, part.media_type, inner)
        except DocumentError as error:
            notes.append(f"{name}: {error}")
            continue
        blocks += under(name, parsed.blocks)
        notes += [f"{name}: {note}" for note in parsed.notes]
    return blocks, notes


def under(name: str, blocks: Sequence[Block]) -> list[Block]:
    """The blocks with `name` as their first heading."""
    return [replace(block, locator=replace(block.locator, headings=(name, *block.locator.headings))) for block in blocks]


def _passed_over(name: str, media_type: str) -> bool:
    """Pictures, code and hidden files: no documents here either."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    hidden = last.startswith((".", "~$")) or "__MACOSX/" in name
    return hidden or (ending(name) in NOT_DOCUMENTS and not media_ending(media_type))
