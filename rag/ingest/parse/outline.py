"""Keeps the heading path and the article while a parser walks through a document, and turns text into blocks."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from rag.ingest.articles import article_of, is_division
from rag.ingest.clean import is_contents_line, table_text, tidy, tidy_lines
from rag.ingest.dates import stated_date
from rag.models import Locator
from rag.ports import Block

_ANNEX = re.compile(r"(anexo|annex|appendix|ap[eé]ndice)\b", re.IGNORECASE)
FIELD = re.compile(r"\s*[^\W\d][\w /().-]{0,40}:\s+\S")
"""«Fecha: 12/03/2024»: a line of its own, whatever surrounds it."""
_LONGEST_HEADING = 300


class Outline:
    """Collects blocks in reading order; one object for one document. `page`, `sheet` and `mark` (a word that stands
    after the headings, on how the text was read) are set by the parser as it goes.
    """

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.page: int | None = None
        self.sheet: str | None = None
        self.mark = ""
        self._headings: list[tuple[int, str]] = []
        self._article: str | None = None
        self._article_level = 0
        self.first_heading = ""

    def stated_date(self) -> date | None:
        """The date that the first lines state as the document's own."""
        return stated_date(line for block in self.blocks[:30] for line in block.text.split("\n"))

    def heading(self, level: int, text: str) -> None:
        """A heading of `level` (1 is the highest) begins: deeper ones before it end, and the article if it closes it."""
        text = tidy(text)
        if not text:
            return
        if not self.first_heading:
            self.first_heading = text
        self._headings = [(depth, name) for depth, name in self._headings if depth < level]
        self._headings.append((level, text[:_LONGEST_HEADING]))
        article = article_of(text)
        if article:
            self._article, self._article_level = article, level
        elif is_division(text) or (level <= self._article_level and not self._in_annex() and text[0] not in "«“\"'"):
            self._article = None

    def begin_sheet(self, name: str) -> None:
        """A sheet of a workbook begins: what was said on another one does not head it."""
        self.sheet = name
        self._headings = []
        self._article = None

    def begin_slide(self, number: int) -> None:
        """A slide begins: no title of an earlier one heads it."""
        self.page = number
        self._headings = []
        self._article = None

    def annex(self, text: str) -> None:
        """An annex whose title is set as an ordinary paragraph: it ends all headings but the first, the document's own."""
        self._headings = self._headings[:1] if self._headings and self._headings[0][0] == 1 else []
        self.heading(2, text)

    def text(self, text: str) -> None:
        """A paragraph or list item; line breaks inside it only wrap it."""
        self._add(tidy(text), False)

    def go_on(self, text: str) -> None:
        """The last paragraph, as it reads with what the next page says of it."""
        self.blocks[-1] = replace(self.blocks[-1], text=tidy(text))

    def lines(self, text: str) -> None:
        """Text whose line breaks mean something: code, addresses."""
        self._add(tidy_lines(text), False)

    def table(self, rows: list[list[str]], row_numbers: tuple[int, int] | None = None) -> None:
        """A table, header row first; `row_numbers` are the data rows' numbers in their sheet."""
        self._add(table_text(rows), True, row_numbers)

    def _add(self, text: str, is_table: bool, rows: tuple[int, int] | None = None) -> None:
        if not text or is_contents_line(text):
            return
        headings = (*(name for _, name in self._headings), *filter(None, [self.mark]))
        self.blocks.append(Block(text, Locator(self.page, headings, self._article, self.sheet, rows), is_table))

    def _in_annex(self) -> bool:
        return self._article is not None and _ANNEX.match(self._article) is not None
