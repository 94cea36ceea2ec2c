"""PDF to blocks, page by page: paragraphs, headings, articles, rows of tables; running headers and footers left out."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import chain, pairwise
from typing import Any

import pypdfium2
from pypdfium2 import raw

from rag.errors import DocumentError
from rag.ingest.articles import opens_article
from rag.ingest.clean import is_contents_line, tidy
from rag.ingest.dates import pdf_date
from rag.ingest.parse.opening import Opening
from rag.ingest.parse.outline import Outline
from rag.ingest.parse.pdf_broken import goes_on
from rag.ingest.parse.pdf_continued import table_on_next_page
from rag.ingest.parse.pdf_layout import (
    Measures,
    heading_level,
    measure,
    right_edge,
    starts_paragraph,
    table_end,
    without_contents,
)
from rag.ingest.parse.pdf_lines import Line
from rag.ingest.parse.pdf_pages import page_notes, read_page
from rag.ingest.parse.pdf_running import without_running_lines
from rag.ingest.parse.pdf_table import columns
from rag.ingest.sentences import sentences
from rag.ports import Parsed

_ANNEX_LEVEL, _ARTICLE_LEVEL = 7, 14
_MOST_PAGES = 3000
_FILE_TITLE = re.compile(
    r"[\\/]|\.\w{2,4}$|^microsoft |^untitled|^sin t[ií]tulo|^document\d*$|^presentaci[oó]n de powerpoint", re.IGNORECASE
)
_LAW = re.compile(
    r"(?:\d+\s+)?(?P<title>(?:Real Decreto(?:[- ]ley| Legislativo)?|Ley(?: Org[aá]nica)?|Orden|Resoluci[oó]n|Decreto)"
    r"\s.{0,40}?de \d{1,2} de .{10,})"
)
_CONTENTS = re.compile(r"[ií]ndice(?: general| de contenidos?)?|contenidos?|(?:table of )?contents", re.IGNORECASE)
_one_at_a_time = threading.Lock()  # PDFium keeps global state


def parse_pdf(data: bytes, name: str, opening: Opening | None = None) -> Parsed:
    """Parser for PDF; DocumentError for broken and scanned files, and for encrypted ones that no password opens."""
    opening = opening or Opening()
    with _one_at_a_time, _open(data, opening.passwords) as document:
        pages = [read_page(document, number, opening.budget) for number in range(len(document))]
        meta = document.get_metadata_dict()
    notes = page_notes(pages)
    if not any((page.lines and not page.scanned) or page.recognised for page in pages):
        raise DocumentError("; ".join(notes) or "no text found")
    running = without_running_lines([page.lines for page in pages], [page.height for page in pages])
    kept = [without_contents(lines) for lines in running]
    outline = _Writer(kept, [page.recognised for page in pages]).write()
    stated = outline.stated_date()
    title = _title(meta.get("Title", ""), outline, kept)
    return Parsed(tuple(outline.blocks), title, stated or pdf_date(meta.get("CreationDate", "")), notes=notes)


@contextmanager
def _open(data: bytes, passwords: Sequence[str]) -> Iterator[Any]:
    if b"%PDF-" not in data[:1024]:
        raise DocumentError("not a PDF file")
    document = _unlock(data, passwords)
    with closing(document):
        if len(document) > _MOST_PAGES:
            raise DocumentError(f"{len(document)} pages, {_MOST_PAGES} at most")
        yield document


def _unlock(data: bytes, passwords: Sequence[str]) -> Any:
    """The document, opened without a password or with the first that fits."""
    for password in (None, *passwords):
        try:
            return pypdfium2.PdfDocument(data, password)
        except pypdfium2.PdfiumError as error:
            if getattr(error, "err_code", None) != raw.FPDF_ERR_PASSWORD and "password" not in str(error).lower():
                raise DocumentError(f"broken PDF file: {error}") from error
    raise DocumentError("encrypted: none of the passwords given opens it" if passwords else "encrypted: it needs a password")


class _Writer:
    """Walks through the lines of all pages and writes blocks into an outline."""

    def __init__(self, pages: Sequence[Sequence[Line]], recognised: Sequence[Sequence[str]]) -> None:
        self._pages, self._recognised = pages, recognised
        self._measures: Measures = measure(pages)
        self._outline = Outline()
        self._ended: Sequence[Line] = ()  # the table with which the page before ended
        self._open: tuple[Line, float] | None = None  # the last line of a paragraph with which it ended, and how far lines went
        self._words = frozenset(re.findall(r"[\w-]+", "\n".join(line.text for line in chain.from_iterable(pages)).lower()))

    def write(self) -> Outline:
        for number, (lines, recognised) in enumerate(zip(self._pages, self._recognised, strict=True), start=1):
            self._outline.page = number
            self._outline.mark = "OCR" if recognised else ""
            for text in recognised:
                self._outline.text(text)
            above, self._ended = self._ended, ()
            unfinished, self._open = self._open, None
            place = len(lines) if recognised else self._go_on(above, lines) or self._finish(unfinished, lines)
            while place < len(lines):
                place = self._next(lines, place)
        return self._outline

    def _next(self, lines: Sequence[Line], place: int) -> int:
        """Write what begins at `place`; the index after it."""
        line = lines[place]
        if is_contents_line(line.text) or _CONTENTS.fullmatch(line.text.strip()):
            return place + 1
        article = opens_article(line.text)
        if article and self._is_heading_font(lines, place):
            return self._heading(lines, place, _ARTICLE_LEVEL if article.lower().startswith(("art", "disp")) else _ANNEX_LEVEL)
        level = 0 if article else self._level(lines, place)
        if level:
            return self._heading(lines, place, level)
        end = table_end(lines, place)
        if end > place:
            return self._table(lines[place:end], lines, end)
        end = self._paragraph_end(lines, place)
        text = tidy(self._joined(lines[place:end]))
        if article:  # «Artículo 5. Objeto. El presente …» in one paragraph: its title is also its first sentence
            self._outline.heading(_ARTICLE_LEVEL, _article_title(text))
        if any(char.isalpha() for char in text):  # figures alone are the axis of a chart
            self._paragraph(text, lines, end)
        return end

    def _paragraph(self, text: str, lines: Sequence[Line], end: int) -> None:
        """Write a paragraph, or what is left of one; if it ends with its page it may go on."""
        written, last = len(self._outline.blocks), lines[end - 1]
        self._outline.text(text)
        if end == len(lines) and (not text or len(self._outline.blocks) > written):
            self._open = last, right_edge(lines, last, self._measures.size)

    def _finish(self, above: tuple[Line, float] | None, lines: Sequence[Line]) -> int:
        """Write to its end the sentence that the page before broke off: to be found and quoted whole, where it begins."""
        if not (above and lines and goes_on(*above, lines[0], self._measures)):
            return 0
        if self._level(lines, 0) or table_end(lines, 0):
            return 0
        end = self._paragraph_end(lines, 0)
        text = tidy(self._joined(lines[:end]))
        first = sentences(text)[0]
        self._outline.go_on(self._mend(self._outline.blocks[-1].text, first, above[0].hyphen))
        self._paragraph(text[text.index(first) + len(first) :].strip(), lines, end)
        return end

    def _go_on(self, above: Sequence[Line], lines: Sequence[Line]) -> int:
        """Write the rows with which the table that ended the page before goes on; the index after them, 0 if it does not."""
        end = table_end(lines, 0, least=1) if above else 0
        rows = table_on_next_page(above, lines[:end]) if end else ()
        return self._table(rows, lines, end) if rows else 0

    def _table(self, rows: Sequence[Line], lines: Sequence[Line], end: int) -> int:
        self._outline.table(columns(rows))
        self._ended = rows if end == len(lines) else ()
        return end

    def _heading(self, lines: Sequence[Line], place: int, level: int) -> int:
        """A heading with the lines that it wraps to: those of the same font, size and level."""
        first, end = lines[place], place + 1
        while end < len(lines) and end - place < 5 and self._continues(first, lines[end - 1], lines[end], level):
            end += 1
        self._outline.heading(level, self._joined(lines[place:end]))
        return end

    def _continues(self, first: Line, above: Line, line: Line, level: int) -> bool:
        same = line.font == first.font and abs(line.size - first.size) < 0.6
        near = 0 < above.bottom - line.bottom < 2 * max(self._measures.leading, first.size)
        if not (same and near) or opens_article(line.text):
            return False
        if level == _ARTICLE_LEVEL:
            return not above.text.rstrip().endswith(".")
        body = abs(line.size - self._measures.size) < 0.6 and not line.bold
        return heading_level(line, self._measures, False) == level or (not body and line.text[:1].islower())

    def _level(self, lines: Sequence[Line], place: int) -> int:
        """The line's level as a heading. A numbered line that fills the column, or goes on in the next, is a paragraph."""
        line = lines[place]
        short = line.right < right_edge(lines, line, self._measures.size) - 4 * self._measures.size
        goes_on = place + 1 < len(lines) and lines[place + 1].text[:1].islower()
        return heading_level(line, self._measures, short and not goes_on)

    def _is_heading_font(self, lines: Sequence[Line], place: int) -> bool:
        """Whether an article's first line is a title by itself, not the beginning of the article's text."""
        line = lines[place]
        if line.bold or line.size > 1.12 * self._measures.size or _article_title(line.text) == line.text:
            return len(line.text) < 60 or line.bold or self._differs(lines, place)
        return False

    def _differs(self, lines: Sequence[Line], place: int) -> bool:
        around = [other.font for other in lines[place + 1 : place + 6]]
        return any(font != lines[place].font for font in around)

    def _paragraph_end(self, lines: Sequence[Line], place: int) -> int:
        end = place + 1
        right = right_edge(lines, lines[place], self._measures.size)
        while end < len(lines):
            above, line = lines[end - 1], lines[end]
            if not above.hyphen and (self._level(lines, end) or table_end(lines, end) > end):
                break
            if starts_paragraph(above, line, self._measures, right):
                break
            end += 1
        return end

    def _joined(self, lines: Sequence[Line]) -> str:
        text = lines[0].text
        for above, line in pairwise(lines):
            text = self._mend(text, line.text, above.hyphen)
        return text + "-" if lines[-1].hyphen else text

    def _mend(self, text: str, after: str, hyphen: bool) -> str:
        """Join a line to the text before it. A hyphen at the break goes, unless the word is written with one elsewhere."""
        if not hyphen and not (re.search(r"[^\W\d_]-$", text) and after[:1].islower()):
            return f"{text} {after}"
        text = text.removesuffix("-")
        before, rest = re.search(r"\w*$", text[-60:]), re.match(r"\w*", after)
        parts = (before.group() if before else "", rest.group() if rest else "")
        joined, hyphened = "".join(parts).lower(), "-".join(parts).lower()
        keeps = after[:1].isdigit() or after[:1].isupper() or (hyphened in self._words and joined not in self._words)
        return f"{text}-{after}" if keeps else text + after


def _article_title(text: str) -> str:
    """«Artículo 5. Objeto.» of a paragraph that begins so."""
    parts = sentences(text)
    if parts and parts[0].rstrip(".") == (opens_article(text) or ""):
        parts = [" ".join(parts[:2]), *parts[2:]]
    return parts[0] if parts else text


def _title(stated: str, outline: Outline, pages: Sequence[Sequence[Line]]) -> str:
    """The title of a law's first page, the metadata's if it is one, or the largest words of the first page."""
    for block in outline.blocks[:8]:
        law = _LAW.match(block.text)
        if law and block.locator.page == 1:
            return law["title"].rstrip(".")
    stated = tidy(stated)
    if len(stated) > 4 and " " in stated and not _FILE_TITLE.search(stated):
        return stated
    first = [line for line in chain.from_iterable(pages[:1]) if any(char.isalpha() for char in line.text)]
    largest = max((line.size for line in first), default=0.0)
    title = " ".join(line.text for line in first if line.size > largest - 0.6)
    return tidy(title) if len(title) <= 200 else outline.first_heading
