"""OpenDocument text and presentations (.odt, .odp) to blocks: headings, paragraphs, lists, tables; slides with their notes."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from typing import Any

from lxml import etree
from odfdo import Document

from rag.errors import DocumentError
from rag.ingest.articles import opens_article
from rag.ingest.clean import tidy
from rag.ingest.dates import parse_date
from rag.ingest.parse.archive import check_archive, check_open_document
from rag.ingest.parse.odf_text import SKIPPED, Words, is_title
from rag.ingest.parse.outline import Outline
from rag.ports import Parsed

_MOST_ELEMENTS, _DEEPEST = 200_000, 40
_TITLES = ("title", "título", "titulo")
_AUTOMATIC = re.compile(r"P\d+")
_MOST_COLUMNS = 200
_ROWS = "table:table-row | table:table-header-rows/table:table-row | table:table-rows/table:table-row"


def parse_odf(data: bytes, name: str) -> Parsed:
    """Parser for OpenDocument text and presentations; the page of a slide's passage is its number."""
    check_archive(data, "content.xml", "OpenDocument")
    check_open_document(data)
    try:
        document = Document(io.BytesIO(data))
        walker = _Walker(document)
        walker.children(document.body, 0)
        stated, modified = _meta(document)
    except (KeyError, ValueError, TypeError, AttributeError, OSError, etree.LxmlError, zipfile.BadZipFile) as error:
        raise DocumentError(f"broken OpenDocument file: {error or type(error).__name__}") from error
    outline = walker.outline
    return Parsed(tuple(outline.blocks), stated or walker.title or outline.first_heading, outline.stated_date() or modified)


def _meta(document: Any) -> tuple[str, date | None]:
    meta = document.meta
    modified = meta.date or meta.creation_date
    return tidy(meta.title or ""), parse_date(str(modified)[:10]) if modified else None


class _Walker:
    """Goes through the elements of a document and writes them into an outline."""

    def __init__(self, document: Any) -> None:
        self.outline = Outline()
        self.title = ""
        self._document = document
        self._words = Words(document)
        self._left = _MOST_ELEMENTS
        self._slides = 0

    def children(self, element: Any, depth: int) -> None:
        """Write all that an element holds."""
        if depth > _DEEPEST:
            raise DocumentError(f"elements nested more than {_DEEPEST} deep")
        for child in element.children:
            self._left -= 1
            if self._left < 0:
                raise DocumentError(f"more than {_MOST_ELEMENTS} elements")
            self._element(child, depth)
            for note in self._words.notes():
                self.outline.text(note)

    def _element(self, element: Any, depth: int) -> None:
        tag = element.tag
        if tag in SKIPPED or self._words.is_hidden(element):
            return
        if tag == "text:h":
            self.outline.heading(int(element.get_attribute_string("text:outline-level") or 1) + 1, self._words.of(element))
        elif tag == "text:p":
            self._paragraph(element)
        elif tag == "text:list":
            self._list(element, depth)
        elif tag == "table:table":
            self.outline.table(_rows(element, self._words))
        elif tag == "draw:page":
            self._slide(element, depth)
        else:
            self.children(element, depth + 1)

    def _paragraph(self, element: Any) -> None:
        text = self._words.of(element)
        style = (self._style_name(element.get_attribute_string("text:style-name")) or "").lower()
        if style in _TITLES and text:
            self.title = self.title or text
            self.outline.heading(1, text)
        elif opens_article(text) and len(text) < 200:
            self.outline.heading(8, text)
        else:
            self.outline.text(text)
        for frame in element.get_elements("descendant::draw:text-box"):
            self.children(frame, 1)

    def _style_name(self, name: str | None) -> str | None:
        """The name of a paragraph's style, or of the one that its automatic style is made from."""
        style = self._document.get_style("paragraph", name) if name else None
        parent = style.parent_style if style is not None else None
        return parent if name and _AUTOMATIC.fullmatch(name) and parent else name

    def _list(self, element: Any, depth: int) -> None:
        if depth > _DEEPEST:
            raise DocumentError(f"lists nested more than {_DEEPEST} deep")
        for item in element.children:
            for child in item.children:
                if child.tag == "text:list":
                    self._list(child, depth + 1)
                elif child.tag == "text:p":
                    text = self._words.of(child)
                    self.outline.text(f"- {text}" if text else "")
                else:
                    self._element(child, depth + 1)

    def _slide(self, page: Any, depth: int) -> None:
        self._slides += 1
        style = self._document.get_style("drawing-page", page.get_attribute_string("draw:style-name") or "")
        properties = style.get_properties(area="drawing-page") if style is not None else None
        if (properties or {}).get("presentation:visibility") == "hidden":
            return
        self.outline.begin_slide(self._slides)
        frames = sorted(page.get_elements("draw:frame"), key=lambda frame: not is_title(frame))
        before = len(self.outline.blocks)
        for frame in frames:
            if is_title(frame):
                self.outline.heading(1, self._words.of(frame))
            else:
                self.children(frame, depth + 1)
        for other in page.children:
            if other.tag != "draw:frame":
                self.children(other, depth + 1)
        titles = [self._words.of(frame) for frame in frames if is_title(frame)]
        if titles and len(self.outline.blocks) == before:
            self.outline.text(titles[0])


def _rows(table: Any, words: Words) -> list[list[str]]:
    """Rows of cells: one merged over rows is told in each of them, one over columns once and the rest is empty."""
    rows: list[list[str]] = []
    spans: dict[int, tuple[int, str]] = {}  # by column: rows still covered, and the text that covers them
    for row in table.get_elements(_ROWS):
        cells: list[str] = []
        for cell in row.children:
            times = min(int(cell.get_attribute_string("table:number-columns-repeated") or 1), _MOST_COLUMNS - len(cells))
            for _ in range(times):
                left, text = spans.get(len(cells), (0, ""))
                if cell.tag == "table:covered-table-cell":
                    spans[len(cells)] = (left - 1, text)
                    cells.append(text if left > 0 else "")
                else:
                    text = tidy(words.of(cell))
                    spans[len(cells)] = (int(cell.get_attribute_string("table:number-rows-spanned") or 1) - 1, text)
                    cells.append(text)
        rows.append(cells)
    return rows
