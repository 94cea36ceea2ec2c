"""PPTX to blocks, slide by slide: titles as headings, text, tables and chart data in reading order, then the speaker's notes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.exc import PythonPptxError
from pptx.oxml.ns import qn
from pptx.util import Emu

from rag.errors import DocumentError
from rag.ingest.clean import tidy
from rag.ingest.parse.archive import check_archive
from rag.ingest.parse.outline import Outline
from rag.ingest.parse.raised import raised
from rag.ports import Parsed

_DEFAULT_TITLES = ("powerpoint presentation", "presentación de powerpoint")
_FURNITURE = (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.HEADER)
_UNREAD = "a chart, diagram or embedded object is not read"
_COMPATIBLE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DIAGRAM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
_MOST_SLIDES, _DEEPEST = 2_000, 8
_ROW = Emu(200_000)
"""Shapes whose tops differ by less (half a centimetre) stand beside each other."""


def parse_pptx(data: bytes, name: str) -> Parsed:
    """Parser for presentations (.pptx): visible slides; the page of a passage is its slide's number."""
    check_archive(data, "ppt/presentation.xml", "PPTX")
    outline = Outline()
    notes: list[str] = []
    try:
        deck = Presentation(io.BytesIO(data))
        if len(deck.slides) > _MOST_SLIDES:
            raise DocumentError(f"{len(deck.slides)} slides, {_MOST_SLIDES} at most")
        for number, slide in enumerate(deck.slides, start=1):
            if slide._element.get("show") not in ("0", "false"):
                outline.begin_slide(number)
                size = deck.slide_width or 0, deck.slide_height or 0
                notes += [f"slide {number}: {unread}" for unread in _slide(slide, size, outline)]
        stated = tidy(deck.core_properties.title or "")
        modified = deck.core_properties.modified or deck.core_properties.created
    except (PythonPptxError, KeyError, ValueError, AttributeError, IndexError, etree.LxmlError, zipfile.BadZipFile) as error:
        raise DocumentError(f"broken PPTX file: {error or type(error).__name__}") from error
    title = outline.first_heading if not stated or stated.lower() in _DEFAULT_TITLES else stated
    stated_date = outline.stated_date() or (modified.date() if modified else None)
    return Parsed(tuple(outline.blocks), title, stated_date, notes=tuple(notes))


def _slide(slide: Any, size: tuple[int, int], outline: Outline) -> Iterator[str]:
    """Write a slide's blocks; gives what of it is not read."""
    _unwrap(slide.shapes._spTree)
    title = slide.shapes.title
    heading = _text(title.text_frame, " ") if title is not None and title.has_text_frame else ""
    before = len(outline.blocks)
    outline.heading(1, heading)
    for shape in _in_order(slide.shapes, size, _AS_THEY_ARE):
        if title is None or shape.shape_id != title.shape_id:
            yield from _shape(shape, slide, outline)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        for paragraph in slide.notes_slide.notes_text_frame.paragraphs:
            outline.text(_words(paragraph))
    if heading and len(outline.blocks) == before:
        outline.text(heading)  # a slide that is only a title says at least that


def _unwrap(shapes: Any) -> None:
    """Put shapes that newer programs draw and older ones show as a picture in the place of that choice: equations, new charts."""
    for choice in list(shapes.iter(f"{_COMPATIBLE}Choice")):
        alternatives = choice.getparent()
        if alternatives.getparent() is not None and alternatives.getparent().tag.endswith(("}spTree", "}grpSp")):
            for shape in list(choice):
                alternatives.addprevious(shape)
            alternatives.getparent().remove(alternatives)


@dataclass(frozen=True, slots=True)
class _Scale:
    """How places within a group become places on the slide: scaled, then moved."""

    across: float
    down: float
    left: float
    top: float

    def within(self, group: Any) -> _Scale:
        """The same for what lies in a group."""
        frame = group._element.grpSpPr.xfrm
        if frame is None or frame.chOff is None or frame.chExt is None or not frame.chExt.cx or not frame.chExt.cy:
            return self
        across, down = (group.width or 0) / frame.chExt.cx, (group.height or 0) / frame.chExt.cy
        left, top = (group.left or 0) - frame.chOff.x * across, (group.top or 0) - frame.chOff.y * down
        return _Scale(self.across * across, self.down * down, self.left + left * self.across, self.top + top * self.down)

    def box(self, shape: Any) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of a shape."""
        left, top = self.left + (shape.left or 0) * self.across, self.top + (shape.top or 0) * self.down
        return left, top, left + (shape.width or 0) * self.across, top + (shape.height or 0) * self.down


_AS_THEY_ARE = _Scale(1, 1, 0, 0)


def _in_order(shapes: Any, size: tuple[int, int], scale: _Scale, depth: int = 0) -> Iterator[Any]:
    """Shapes as they are read, from the top and the left, those of groups in place; no dates, footers and numbers of slides,
    and nothing hidden or beside the slide, where no one sees it.
    """
    for shape in sorted(shapes, key=lambda one: (round((one.top or 0) / _ROW), one.left or 0)):
        if _is_hidden(shape):
            continue
        if hasattr(shape, "shapes"):
            if depth < _DEEPEST:
                yield from _in_order(shape.shapes, size, scale.within(shape), depth + 1)
            continue
        left, top, right, bottom = scale.box(shape)
        is_beside = left > size[0] or top > size[1] or right < 0 or bottom < 0
        if not is_beside and not (shape.is_placeholder and shape.placeholder_format.type in _FURNITURE):
            yield shape


def _is_hidden(shape: Any) -> bool:
    return bool(shape._element.xpath("./*/p:cNvPr[@hidden='1' or @hidden='true']"))


def _words(paragraph: Any) -> str:
    """A paragraph's words, superscripts as such."""
    words = []
    for part in paragraph._p:
        if part.tag == qn("a:br"):
            words.append(" ")
        elif part.tag in (qn("a:r"), qn("a:fld")):
            text, properties = part.findtext(qn("a:t")) or "", part.find(qn("a:rPr"))
            height = properties.get("baseline", "0") if properties is not None else "0"
            words.append(text if height.startswith("-") or height.strip("0%") == "" else raised(text))
    return "".join(words)


def _text(frame: Any, between: str = "\n") -> str:
    return between.join(map(_words, frame.paragraphs)).strip()


def _shape(shape: Any, slide: Any, outline: Outline) -> Iterator[str]:
    """Write a shape's blocks; gives what it is if it is not read."""
    if shape.has_text_frame:
        paragraphs = [paragraph for paragraph in shape.text_frame.paragraphs if paragraph.text.strip()]
        body = shape.is_placeholder and shape.placeholder_format.type in (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT)
        mark = "- " if body and len(paragraphs) > 1 else ""
        for paragraph in paragraphs:
            outline.text(mark + _words(paragraph))
    elif shape.has_table:
        outline.table(_rows(shape.table))
    elif shape.has_chart:
        before = len(outline.blocks)
        _chart(shape.chart, outline)
        if not any(block.is_table for block in outline.blocks[before:]):
            yield _UNREAD
    elif shape._element.tag == qn("p:graphicFrame") and not _diagram(shape, slide, outline):
        yield _UNREAD


def _diagram(shape: Any, slide: Any, outline: Outline) -> bool:
    """Write the texts of a SmartArt diagram, in their order; whether it has any."""
    texts = []
    for place in shape._element.xpath(f".//*[namespace-uri()='{_DIAGRAM}']/@r:dm"):
        if str(place) in slide.part.rels:
            root = etree.fromstring(slide.part.related_part(str(place)).blob, etree.XMLParser(resolve_entities=False))
            for point in root.iter(f"{{{_DIAGRAM}}}pt"):
                texts.append(tidy("".join(text.text or "" for text in point.iter(qn("a:t")))))
    for text in filter(None, texts):
        outline.text(f"- {text}")
    return any(texts)


def _rows(table: Any) -> list[list[str]]:
    """Rows of cells: one merged over rows is told in each of them, one over columns once and the rest is empty."""
    rows: list[list[str]] = []
    for row in table.rows:
        cells: list[str] = []
        for column, cell in enumerate(row.cells):
            below = cell._tc.vMerge and not cell._tc.hMerge and rows
            cells.append(rows[-1][column] if below else "" if cell.is_spanned else _text(cell.text_frame))
        rows.append(cells)
    return rows


def _chart(chart: Any, outline: Outline) -> None:
    """The figures that a chart draws, as a table."""
    if chart.has_title and chart.chart_title.has_text_frame:
        outline.text(_text(chart.chart_title.text_frame, " "))
    for plot in chart.plots:
        series = list(plot.series)
        rows = [["", *(one.name for one in series)]]
        for place, category in enumerate(plot.categories):
            rows.append([str(category), *(_figure(one.values, place) for one in series)])
        outline.table(rows if len(rows) > 1 else [])


def _figure(values: Any, place: int) -> str:
    return "" if place >= len(values) or values[place] is None else f"{values[place]:.10g}"
