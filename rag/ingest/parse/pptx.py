"""PPTX to blocks, slide by slide: titles as headings, text, tables and chart data in reading order, then the speaker's notes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.exc import PythonPptxError
from pptx.util import Emu

from rag.errors import DocumentError
from rag.ingest.clean import tidy
from rag.ingest.parse.archive import check_archive
from rag.ingest.parse.outline import Outline
from rag.ports import Parsed

_DEFAULT_TITLES = ("powerpoint presentation", "presentación de powerpoint")
_FURNITURE = (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.HEADER)
_MOST_SLIDES, _DEEPEST = 2_000, 8
_ROW = Emu(200_000)
"""Shapes whose tops differ by less (half a centimetre) stand beside each other."""


def parse_pptx(data: bytes, name: str) -> Parsed:
    """Parser for presentations (.pptx): visible slides; the page of a passage is its slide's number."""
    check_archive(data, "ppt/presentation.xml", "PPTX")
    outline = Outline()
    try:
        deck = Presentation(io.BytesIO(data))
        if len(deck.slides) > _MOST_SLIDES:
            raise DocumentError(f"{len(deck.slides)} slides, {_MOST_SLIDES} at most")
        for number, slide in enumerate(deck.slides, start=1):
            if slide._element.get("show") not in ("0", "false"):
                outline.begin_slide(number)
                _slide(slide, (deck.slide_width or 0, deck.slide_height or 0), outline)
        stated = tidy(deck.core_properties.title or "")
        modified = deck.core_properties.modified or deck.core_properties.created
    except (PythonPptxError, KeyError, ValueError, AttributeError, IndexError, etree.LxmlError, zipfile.BadZipFile) as error:
        raise DocumentError(f"broken PPTX file: {error or type(error).__name__}") from error
    title = outline.first_heading if not stated or stated.lower() in _DEFAULT_TITLES else stated
    return Parsed(tuple(outline.blocks), title, outline.stated_date() or (modified.date() if modified else None))


def _slide(slide: Any, size: tuple[int, int], outline: Outline) -> None:
    title = slide.shapes.title
    heading = tidy(title.text_frame.text) if title is not None and title.has_text_frame else ""
    before = len(outline.blocks)
    outline.heading(1, heading)
    for shape in _in_order(slide.shapes):
        if (title is None or shape.shape_id != title.shape_id) and not _is_beside(shape, size):
            _shape(shape, outline)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        for paragraph in slide.notes_slide.notes_text_frame.paragraphs:
            outline.text(paragraph.text)
    if heading and len(outline.blocks) == before:
        outline.text(heading)  # a slide that is only a title says at least that


def _in_order(shapes: Any, depth: int = 0) -> Iterator[Any]:
    """Shapes as they are read, from the top and the left, those of groups in place; no dates, footers and numbers of slides."""
    for shape in sorted(shapes, key=lambda one: (round((one.top or 0) / _ROW), one.left or 0)):
        if hasattr(shape, "shapes"):
            if depth < _DEEPEST:
                yield from _in_order(shape.shapes, depth + 1)
        elif not (shape.is_placeholder and shape.placeholder_format.type in _FURNITURE) and not _is_hidden(shape):
            yield shape


def _is_beside(shape: Any, size: tuple[int, int]) -> bool:
    """Whether a shape lies outside of its slide, where no one sees it."""
    left, top = shape.left or 0, shape.top or 0
    return bool(left > size[0] or top > size[1] or left + (shape.width or 0) < 0 or top + (shape.height or 0) < 0)


def _is_hidden(shape: Any) -> bool:
    return bool(shape._element.xpath("./*/p:cNvPr[@hidden='1' or @hidden='true']"))


def _shape(shape: Any, outline: Outline) -> None:
    if shape.has_text_frame:
        paragraphs = [paragraph for paragraph in shape.text_frame.paragraphs if paragraph.text.strip()]
        body = shape.is_placeholder and shape.placeholder_format.type in (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT)
        mark = "- " if body and len(paragraphs) > 1 else ""
        for paragraph in paragraphs:
            outline.text(mark + paragraph.text)
    elif shape.has_table:
        outline.table(_rows(shape.table))
    elif shape.has_chart:
        _chart(shape.chart, outline)


def _rows(table: Any) -> list[list[str]]:
    """Rows of cells: one merged over rows is told in each of them, one over columns once and the rest is empty."""
    rows: list[list[str]] = []
    for row in table.rows:
        cells: list[str] = []
        for column, cell in enumerate(row.cells):
            below = cell._tc.vMerge and not cell._tc.hMerge and rows
            cells.append(rows[-1][column] if below else "" if cell.is_spanned else cell.text)
        rows.append(cells)
    return rows


def _chart(chart: Any, outline: Outline) -> None:
    """The figures that a chart draws, as a table."""
    if chart.has_title and chart.chart_title.has_text_frame:
        outline.text(chart.chart_title.text_frame.text)
    for plot in chart.plots:
        series = list(plot.series)
        rows = [["", *(one.name for one in series)]]
        for place, category in enumerate(plot.categories):
            rows.append([str(category), *(_figure(one.values, place) for one in series)])
        outline.table(rows if len(rows) > 1 else [])


def _figure(values: Any, place: int) -> str:
    return "" if place >= len(values) or values[place] is None else f"{values[place]:.10g}"
