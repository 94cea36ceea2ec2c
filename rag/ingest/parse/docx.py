"""DOCX to blocks in document order: heading path, paragraphs, list items, tables."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import docx
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph
from lxml import etree

from rag.errors import DocumentError
from rag.ingest.articles import opens_article
from rag.ingest.clean import tidy
from rag.ingest.parse.archive import check_archive
from rag.ingest.parse.outline import Outline
from rag.ports import Parsed

_HEADING = re.compile(r"(?:heading|t[ií]tulo|encabezado)\s*(?P<level>[1-9])", re.IGNORECASE)
_DEFAULT_TITLES = ("word document", "documento de word", "untitled")
_MOST_ELEMENTS = 100_000
_DEEPEST = 4
"""Tables within tables that are followed."""


def parse_docx(data: bytes, name: str) -> Parsed:
    """Parser for Word documents (.docx)."""
    check_archive(data, "word/document.xml", "DOCX")
    try:
        document = docx.Document(io.BytesIO(data))
        outline = Outline()
        title = _walk(document, outline)
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
        stated = title or outline.first_heading
    return Parsed(tuple(outline.blocks), stated, outline.stated_date() or (modified.date() if modified else None))


def _walk(document: Any, outline: Outline) -> str:
    """Write all blocks; the text of the paragraph in style Title, if any."""
    title = ""
    for count, element in enumerate(document.iter_inner_content()):
        if count > _MOST_ELEMENTS:
            raise DocumentError(f"more than {_MOST_ELEMENTS} paragraphs")
        if isinstance(element, Table):
            outline.table(_rows(element))
            continue
        text = _text(element)
        style = element.style.name if element.style is not None and element.style.name else ""
        if style.lower() in ("title", "título", "puesto") and text:
            title = title or text
            outline.heading(1, text)
        else:
            _paragraph(element, text, style, outline)
    return title


def _paragraph(element: Paragraph, text: str, style: str, outline: Outline) -> None:
    level = _level(element, style)
    if style.lower().startswith(("toc", "tdc", "índice")):
        return
    if level:
        outline.heading(level + 1, text)  # the title stands above «Heading 1»
    elif opens_article(text) and len(text) < 200:
        outline.heading(8, text)
    elif text:
        outline.text(f"- {text}" if _is_bullet(element, style) else text)


def _level(element: Paragraph, style: str) -> int:
    found = _HEADING.match(style)
    if found:
        return int(found["level"])
    marks = element._p.xpath("./w:pPr/w:outlineLvl/@w:val")
    return int(marks[0]) + 1 if marks and marks[0].isdigit() and int(marks[0]) < 9 else 0


def _is_bullet(element: Paragraph, style: str) -> bool:
    """Items of lists get a dash: Word keeps bullets and numbers apart from the text."""
    return style.lower().startswith(("list", "lista")) or bool(element._p.xpath("./w:pPr/w:numPr"))


def _text(element: Paragraph) -> str:
    """The paragraph's words with those of links and insertions, without deleted text and field codes."""
    words = []
    for node in element._p.iter(qn("w:t"), qn("w:tab"), qn("w:br"), qn("w:noBreakHyphen")):
        if any(
            parent.tag in (qn("w:del"), qn("w:txbxContent")) for parent in node.iterancestors(qn("w:del"), qn("w:txbxContent"))
        ):
            continue
        run = next(node.iterancestors(qn("w:r")), None)
        if run is not None and run.find(f"{qn('w:rPr')}/{qn('w:vanish')}") is not None:
            continue  # hidden text: no reader sees it
        words.append(node.text or "" if node.tag == qn("w:t") else "-" if node.tag == qn("w:noBreakHyphen") else " ")
    return tidy("".join(words))


def _rows(table: Table) -> list[list[str]]:
    """Rows of cells; a cell that spans columns is told once."""
    rows = []
    for row in table.rows:
        cells: list[Any] = []
        for cell in row.cells:
            if not cells or cell._tc is not cells[-1]._tc:
                cells.append(cell)
        rows.append([_cell(cell, 1) for cell in cells])
    return rows


def _cell(cell: Any, depth: int) -> str:
    parts = []
    for element in cell.iter_inner_content():
        if isinstance(element, Table):
            inner = [_cell(one, depth + 1) for row in element.rows for one in row.cells] if depth < _DEEPEST else []
            parts.append(" ".join(inner))
        else:
            parts.append(_text(element))
    return tidy(" ".join(filter(None, parts)))
