"""What was filled in on a PDF page: the values of form fields and typed notes become part of it, next to their labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pypdfium2 import raw

from rag.ingest.parse.pdf_lines import Line
from rag.ingest.parse.pdf_marks import Box

_DRAWN = frozenset(
    (raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_FREETEXT, raw.FPDF_ANNOT_STAMP, raw.FPDF_ANNOT_SQUARE, raw.FPDF_ANNOT_REDACT)
)
"""What shows words, or covers some."""
_MOST_FIELDS = 2_000


def flatten(page: Any) -> list[Box] | None:
    """Make what is filled in part of a pypdfium2 page, and tell where that stands; None if there is nothing, or it cannot be.

    The page must be opened anew after that.
    """
    boxes = list(_drawn(page.raw))
    if not boxes or raw.FPDFPage_Flatten(page.raw, raw.FLAT_NORMALDISPLAY) != raw.FLATTEN_SUCCESS:
        return None
    return boxes


def _drawn(page: Any) -> Iterator[Box]:
    for place in range(min(raw.FPDFPage_GetAnnotCount(page), _MOST_FIELDS)):
        annotation = raw.FPDFPage_GetAnnot(page, place)
        if not annotation:
            continue
        rect = raw.FS_RECTF()
        if raw.FPDFAnnot_GetSubtype(annotation) in _DRAWN and raw.FPDFAnnot_GetRect(annotation, rect):
            yield Box(rect.left, min(rect.bottom, rect.top), rect.right, max(rect.bottom, rect.top))
        raw.FPDFPage_CloseAnnot(annotation)


def beside_labels(lines: Sequence[Line], boxes: Sequence[Box]) -> list[Line]:
    """The lines in reading order, those within the boxes put after what stands to the left of them, or else above them."""
    values = filled_in(lines, boxes)
    placed = [line for line in lines if all(line is not value for value in values)]
    for value in values:
        labels = [place for place, line in enumerate(placed) if _is_left(line, value)]
        nearest = max(labels, key=lambda place: placed[place].right, default=None)
        if nearest is None:
            above = [place for place, line in enumerate(placed) if _is_above(line, value)]
            nearest = min(above, key=lambda place: placed[place].bottom, default=len(placed) - 1)
        placed.insert(nearest + 1, value)
    return placed


def filled_in(lines: Sequence[Line], boxes: Sequence[Box]) -> list[Line]:
    """The lines that lie within the boxes."""
    return [line for line in lines if any(_lies_in(line, box) for box in boxes)]


def _lies_in(line: Line, box: Box) -> bool:
    across, up = (line.left + line.right) / 2, line.bottom + line.size / 2
    return box.left <= across <= box.right and box.bottom <= up <= box.top


def _is_left(line: Line, value: Line) -> bool:
    level = abs(line.bottom + line.size / 2 - value.bottom - value.size / 2) < 0.6 * max(line.size, value.size)
    return level and line.right <= value.left + value.size


def _is_above(line: Line, value: Line) -> bool:
    near = 0 < line.bottom - value.bottom < 3 * max(line.size, value.size)
    return near and line.left < value.right and line.right > value.left
