"""DOCX to blocks in document order: heading path, paragraphs, list items, tables."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import docx
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from lxml import etree

from rag.errors import DocumentError
from rag.ingest.articles import opens_article
from rag.ingest.clean import tidy
from rag.ingest.parse.archive import check_archive
from rag.ingest.parse.docx_table import children, rows
from rag.ingest.parse.docx_text import Words, boxes
from rag.ingest.parse.outline import Outline
from rag.ports import Parsed

_HEADING = re.compile(r"(?:heading|t[ií]tulo|encabezado)\s*(?P<level>[1-9])", re.IGNORECASE)
_DEFAULT_TITLES = ("word document", "documento de word", "untitled")
_MOST_ELEMENTS = 100_000
_DEEPEST = 4
"""Tables within tables, and text boxes within text boxes, that are followed."""
_PARAGRAPH, _TABLE = qn("w:p"), qn("w:tbl")
_DRAWN = tuple(
    f"{{http://schemas.openxmlformats.org/{space}}}{name}"
    for space, name in (
        ("drawingml/2006/chart", "chart"),
        ("drawingml/2006/diagram", "relIds"),
        ("officeDocument/2006/math", "oMath"),
    )
)
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def parse_docx(data: bytes, name: str) -> Parsed:
    """Parser for Word documents (.docx)."""
    check_archive(data, "word/document.xml", "DOCX")
    try:
        document = docx.Document(io.BytesIO(data))
        walker = _Walker(document)
        walker.blocks(document.element.body)
        outline, notes = walker.outline, _unread(document)
        stated = tidy(document.core_properties.title or "")
        modified = document.core_properties.modified or document.core_properties.created
    except (
        OpcError,
        KeyError,
        ValueError,
        AttributeError,
        IndexError,
        etree.LxmlError,
        zipfile.BadZipFile,
        RecursionError,
    ) as error:
        raise DocumentError(f"broken DOCX file: {error or type(error).__name__}") from error
    if not stated or stated.lower() in _DEFAULT_TITLES:
        stated = walker.title or outline.first_heading
    stated_date = outline.stated_date() or (modified.date() if modified else None)
    return Parsed(tuple(outline.blocks), stated, stated_date, notes=notes)


class _Walker:
    """Goes through a document and writes its blocks into an outline."""

    def __init__(self, document: Any) -> None:
        self.outline = Outline()
        self.title = ""
        """The text of the paragraph in style Title, if any."""
        self._document = document
        self._words = Words(document)
        self._count = 0

    def blocks(self, container: Any, depth: int = 0) -> None:
        """Write all paragraphs and tables of an element, those of its text boxes and content controls too."""
        for element in children(container, _PARAGRAPH, _TABLE):
            self._count += 1
            if self._count > _MOST_ELEMENTS:
                raise DocumentError(f"more than {_MOST_ELEMENTS} paragraphs")
            if element.tag == _TABLE:
                self.outline.table(rows(element, self._cell))
            else:
                self._paragraph(Paragraph(element, self._document))
            if depth < _DEEPEST:
                for box in boxes(element):
                    self.blocks(box, depth + 1)
            for note in self._words.notes():
                self.outline.text(note)

    def _paragraph(self, element: Paragraph) -> None:
        text = self._words.of(element._p)
        style = element.style.name if element.style is not None and element.style.name else ""
        if style.lower() in ("title", "título", "puesto") and text:
            self.title = self.title or text
            self.outline.heading(1, text)
            return
        level = _level(element, style)
        if style.lower().startswith(("toc", "tdc", "índice")):
            return
        if level:
            self.outline.heading(level + 1, text)  # the title stands above «Heading 1»
        elif opens_article(text) and len(text) < 200:
            self.outline.heading(8, text)
        elif text:
            self.outline.text(f"- {text}" if _is_bullet(element, style) else text)

    def _cell(self, cell: Any, depth: int = 1) -> str:
        """All text of a cell: the tables in it, too."""
        parts = []
        for element in children(cell, _PARAGRAPH, _TABLE):
            if element.tag == _PARAGRAPH:
                parts.append(self._words.of(element))
            elif depth < _DEEPEST:
                parts += [text for row in rows(element, lambda inner: self._cell(inner, depth + 1)) for text in row]
        return tidy(" ".join(filter(None, parts)))


def _level(element: Paragraph, style: str) -> int:
    found = _HEADING.match(style)
    if found:
        return int(found["level"])
    marks = element._p.xpath("./w:pPr/w:outlineLvl/@w:val")
    return int(marks[0]) + 1 if marks and marks[0].isdigit() and int(marks[0]) < 9 else 0


def _is_bullet(element: Paragraph, style: str) -> bool:
    """Items of lists get a dash: Word keeps bullets and numbers apart from the text."""
    return style.lower().startswith(("list", "lista")) or bool(element._p.xpath("./w:pPr/w:numPr"))


def _unread(document: Any) -> tuple[str, ...]:
    """What a reader sees in the document and nothing here reads."""
    body = document.element.body
    count = sum(1 for tag in _DRAWN for one in body.iter(tag) if not any(True for _ in one.iterancestors(_FALLBACK)))
    return (f"charts, diagrams or formulas that are not read: {count}",) if count else ()
