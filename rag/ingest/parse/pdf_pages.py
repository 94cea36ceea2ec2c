"""One page of a PDF: its lines, or what OCR reads in it if it is a picture; and what of it could not be read."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pypdfium2

from rag.errors import DocumentError
from rag.ingest.parse.ocr import recognise
from rag.ingest.parse.opening import Budget
from rag.ingest.parse.pdf_hidden import Hidden, is_drawn, is_scan
from rag.ingest.parse.pdf_lines import Line, page_lines
from rag.ingest.parse.pdf_rows import gather
from rag.ingest.parse.pdf_table import fill_gaps

_LEAST_CHARACTERS = 40
"""Of a page that is a picture: fewer are a stamp or a page number on it."""


@dataclass(frozen=True, slots=True)
class Page:
    """Lines and height of a page in points, or the paragraphs recognised in it; `note` says what cannot be read."""

    lines: list[Line]
    height: float = 1.0
    recognised: tuple[str, ...] = ()
    note: str = ""


def read_page(document: Any, number: int, budget: Budget) -> Page:
    """A page of a pypdfium2 document by its index. A broken page is an empty one: the others still tell something."""
    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return Page([], note="broken")
    with closing(page):
        with closing(page.get_textpage()) as text_page:
            lines, hidden = page_lines(text_page, Hidden(page, text_page))
        note = "hidden text left out" if hidden else ""
        characters = sum(len(line.text) for line in lines)
        if characters < _LEAST_CHARACTERS and (is_scan(page) or (not characters and is_drawn(page))):
            try:
                return Page(lines, page.get_height(), tuple(_recognised(page, budget)), note)
            except DocumentError as error:
                note = f"scanned: {error}"
        return Page(fill_gaps(gather(lines)), page.get_height(), note=note)


def _recognised(page: Any, budget: Budget) -> list[str]:
    """The paragraphs of a picture; DocumentError if it cannot be recognised, or the document's time for that is used up."""
    if budget.ocr_seconds < 0:
        raise DocumentError("needs OCR, and there was only time for the pages before")
    started = time.monotonic()
    try:
        return recognise(page)
    finally:
        budget.ocr_seconds -= time.monotonic() - started


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
