"""One page of a PDF: its lines, or what OCR reads in it if it is a picture; and what of it could not be read."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import pypdfium2

from rag.errors import DocumentError
from rag.ingest.parse.ocr import recognise
from rag.ingest.parse.opening import Budget
from rag.ingest.parse.pdf_columns import unwoven
from rag.ingest.parse.pdf_fields import beside_labels, filled_in, flatten
from rag.ingest.parse.pdf_hidden import WHOLE_PAGE, Hidden
from rag.ingest.parse.pdf_lines import Drawn, Line, drawn
from rag.ingest.parse.pdf_marks import Box
from rag.ingest.parse.pdf_objects import Objects, objects_of
from rag.ingest.parse.pdf_rows import gather
from rag.ingest.parse.pdf_table import fill_gaps

_LEAST_CHARACTERS = 40
"""Of a page that is a picture: fewer, or fewer away from its edges, are a stamp or a page number on it."""
_HALF_PAGE, _SOME_PICTURE = 0.3, 0.1
"""Share under pictures from which a page with hardly any words is a scan, and one without any."""
_LETTERS = 60
"""Shapes on a page without words; they may be letters turned into outlines."""


@dataclass(frozen=True, slots=True)
class Page:
    """Lines and height of a page in points, or the paragraphs recognised in it; `note` says what cannot be read.

    `scanned`: what it tells is a picture that was not recognised, and its lines are stamps.
    """

    lines: list[Line]
    height: float = 1.0
    recognised: tuple[str, ...] = ()
    note: str = ""
    scanned: bool = False


def read_page(document: Any, number: int, budget: Budget) -> Page:
    """A page of a pypdfium2 document by its index. A broken page, or one that comes too late, is an empty one: the others still
    tell something.
    """
    if time.monotonic() > budget.until:
        return Page([], note="left out, there was only time for the pages before: split the file")
    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return Page([], note="broken")
    boxes = flatten(page)
    if boxes is not None:
        page.close()
        page = document[number]
    with closing(page):
        return _read(page, boxes or [], budget)


def _read(page: Any, boxes: Sequence[Box], budget: Budget) -> Page:
    """A page, with what was filled in within the boxes next to its labels."""
    bounds, objects = Box(*page.get_bbox()), objects_of(page)
    with closing(page.get_textpage()) as text_page:
        hidden = Hidden(page, text_page, objects)
        found = drawn(text_page, bounds, hidden)
    note = "hidden text left out" if found.hidden else ""
    groups = [beside_labels(found.groups[0], boxes) if boxes else found.groups[0], *found.groups[1:]]
    signed = sum(len(line.text) for line in filled_in(found.groups[0], boxes))
    if not hidden.has_ocr_layer and _is_scan(replace(found, inner=found.inner - signed), objects, bounds):
        try:
            return Page(groups[0], found.height, tuple(_recognised(page, budget)), note)
        except DocumentError as error:
            return Page(groups[0], found.height, note=f"scanned: {error}", scanned=True)
    return Page([line for lines in groups for line in unwoven(fill_gaps(gather(lines)))], found.height, note=note)


def _is_scan(found: Drawn, objects: Objects, bounds: Box) -> bool:
    """Whether what a page tells stands in its pictures, not in its words."""
    share, characters = objects.picture_share(bounds), sum(len(line.text) for lines in found.groups for line in lines)
    if not characters:
        return share >= _SOME_PICTURE or objects.shapes >= _LETTERS
    if share >= WHOLE_PAGE:
        return min(found.inner, characters) < _LEAST_CHARACTERS
    return share >= _HALF_PAGE and characters < _LEAST_CHARACTERS


def _recognised(page: Any, budget: Budget) -> list[str]:
    """The paragraphs of a picture; DocumentError if it cannot be recognised, or the document's time for that is used up."""
    if budget.ocr_seconds < 0:
        raise DocumentError("needs OCR, and there was only time for the pages before")
    started = time.monotonic()
    try:
        return recognise(page)
    finally:
        took = time.monotonic() - started
        budget.ocr_seconds -= took
        budget.until += took


def page_notes(pages: Sequence[Page]) -> tuple[str, ...]:
    """The notes on all pages, each once with its pages: «pages 2-4, 9: scanned: ...»."""
    by_note: dict[str, list[int]] = {}
    for number, page in enumerate(pages, start=1):
        if page.note:
            by_note.setdefault(page.note, []).append(number)
    return tuple(f"{'page' if len(numbers) == 1 else 'pages'} {_ranges(numbers)}: {note}" for note, numbers in by_note.items())


def _ranges(numbers: Sequence[int]) -> str:
    runs = [list(run) for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])]
    return ", ".join(str(run[0][1]) if len(run) == 1 else f"{run[0][1]}-{run[-1][1]}" for run in runs)
