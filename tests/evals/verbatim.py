"""Is a quote word for word in its source? Reads the file on its own, with none of the product's parsers."""

from __future__ import annotations

import csv
import html
import re
import unicodedata
from datetime import date, time
from functools import cache
from pathlib import Path

import docx
import openpyxl
import pypdfium2
from lxml import html as lxml_html

_MARKUP = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)|<[^>\n]{1,200}>")
_TAGS = re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL | re.IGNORECASE)


@cache
def source_text(path: Path) -> str:
    """The words of a file, as its format's own library gives them, squeezed for comparison."""
    read = {".pdf": _pdf, ".docx": _docx, ".xlsx": _xlsx, ".html": _html, ".md": _markdown, ".csv": _csv}.get(path.suffix.lower())
    return squeezed(read(path) if read else path.read_text(encoding="utf-8-sig"))


def squeezed(text: str) -> str:
    """Without white space, hyphens, invisible characters, and the marks of Markdown and of our tables."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(char for char in plain if char not in '-‐\u00ad|*_`#\\>~";' and not _invisible(char))


def _invisible(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) in {"Cc", "Cf", "Co"}


def is_verbatim(quote: str, path: Path) -> bool:
    """Whether the quote is in the file."""
    return squeezed(quote) in source_text(path)


def _markdown(path: Path) -> str:
    return html.unescape(_MARKUP.sub(r"\1", path.read_text(encoding="utf-8-sig")))


def _pdf(path: Path) -> str:
    with pypdfium2.PdfDocument(path) as document:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def _html(path: Path) -> str:
    return "".join(str(part) for part in lxml_html.fromstring(_TAGS.sub("", path.read_text(encoding="utf-8"))).itertext())


def _docx(path: Path) -> str:
    words = []
    for part in docx.Document(str(path)).iter_inner_content():
        rows = getattr(part, "rows", None)
        words += [cell.text for row in rows for cell in row.cells] if rows is not None else [getattr(part, "text", "")]
    return "\n".join(words)


def _csv(path: Path) -> str:
    """Cells one after the other, whatever stands between them."""
    text = path.read_text(encoding="utf-8-sig")
    delimiter = max(";,\t", key=text.split("\n", 1)[0].count)
    return "\n".join(cell for row in csv.reader(text.splitlines(), delimiter=delimiter) for cell in row)


def _xlsx(path: Path) -> str:
    book = openpyxl.load_workbook(path, data_only=True)
    return "\n".join(_cell(cell) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)


def _cell(cell: object) -> str:
    value, shape = getattr(cell, "value", None), str(getattr(cell, "number_format", ""))
    if isinstance(value, (date, time)):
        return str(value.strftime("%Y-%m-%d" if shape.lower().startswith("yyyy") else "%d/%m/%Y"))
    if isinstance(value, float):
        return f"{value * 100:.10g} %" if "%" in shape else f"{value:.10g}"
    return "" if value is None else str(value)
