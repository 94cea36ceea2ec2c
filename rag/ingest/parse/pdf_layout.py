"""What the lines of a PDF are: headings, items, table rows, paragraphs. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from rag.ingest.articles import is_division, opens_article
from rag.ingest.clean import is_contents_line
from rag.ingest.parse.outline import FIELD
from rag.ingest.parse.pdf_lines import Line

ITEM = re.compile(
    r"(?:[-–—•*·▪◦‣●○■❖➢✓\uf0b7\uf0a7]\s?|\(?[a-zñ]{1,2}\)\s?|\d{1,2}[.)](?:[ºª°])?\s|\d{1,2}(?:\.\d{1,2})+\.?\s|[ivx]+[.)]\s)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+[A-ZÁÉÍÓÚÑ¿«]")
ENDED = re.compile(r"[.:;?!…»”)]$")
_LONGEST_HEADING = 160
_LONGEST_ENTRY = 60
"""Of a line before a table of contents that belongs to it."""
_DIVISION, _BOLD = 7, 13


@dataclass(frozen=True, slots=True)
class Measures:
    """What is usual in a document: font size and leading of the body in points, sizes of headings from the largest down."""

    size: float
    leading: float
    heading_sizes: tuple[float, ...]


def without_contents(lines: list[Line]) -> list[Line]:
    """The page without its table of contents: the lines with leader dots and the short ones before and between them."""
    entries = [place for place, line in enumerate(lines) if is_contents_line(line.text)]
    if len(entries) < 4 or len(entries) < 0.3 * len(lines):
        return lines
    before = [line for line in lines[: entries[0]] if len(line.text) > _LONGEST_ENTRY]
    after = lines[entries[-1] + 1 :]
    return before if len(after) <= 6 and all(len(line.text) < 80 for line in after) else before + after


def measure(pages: Sequence[Sequence[Line]]) -> Measures:
    """Usual size and leading, weighted by characters."""
    sizes: Counter[float] = Counter()
    gaps = []
    for lines in pages:
        for line in lines:
            sizes[round(line.size * 2) / 2] += len(line.text)
        gaps += [above.bottom - below.bottom for above, below in pairwise(lines)]
    body = sizes.most_common(1)[0][0] if sizes else 10.0
    usual = [gap for gap in gaps if 0.5 * body < gap < 2.5 * body]
    larger = {
        round(line.size * 2) / 2
        for lines in pages
        for line in lines
        if line.size > 1.12 * body and len(line.text) <= _LONGEST_HEADING and any(char.isalpha() for char in line.text)
    }
    return Measures(body, median(usual) if usual else 1.2 * body, tuple(sorted(larger, reverse=True)))


def heading_level(line: Line, measures: Measures, alone: bool) -> int:
    """1 to 6 by size, 7 for a chapter, 8 to 12 by number, 13 for bold; 0 for text."""
    # `alone`: the line stands by itself, as far as its place and its neighbours tell
    text = line.text.strip()
    if not 2 < len(text) <= _LONGEST_HEADING or is_contents_line(text) or not any(char.isalpha() for char in text):
        return 0
    larger = line.size > 1.12 * measures.size
    if is_division(text) and len(text) < 90 and not text.endswith((",", ";")):
        return _DIVISION
    if larger and len(line.cells) == 1 and not ITEM.fullmatch(text.split(" ")[0] + " "):
        return min(6, 1 + sum(size > line.size + 0.3 for size in measures.heading_sizes))
    numbered = _NUMBERED.match(text)
    depth = numbered["number"].count(".") if numbered else 0
    if numbered and not text.endswith((".", ",", ";", ":")) and len(text) <= 100 and (larger or line.bold or (depth and alone)):
        return _DIVISION + 1 + min(depth, 4)
    bold = line.bold and alone and len(text) <= 100 and len(line.cells) == 1 and (text[0].isupper() or text[0] in "¿«")
    return _BOLD if bold and not text.endswith((".", ",", ";")) and text.count(" ") < 14 else 0


def starts_paragraph(above: Line, line: Line, measures: Measures, right: float) -> bool:
    """Whether `line` begins a paragraph after `above`; `right` is where full lines end."""
    text = line.text
    drop = above.bottom - line.bottom
    if above.hyphen and abs(drop) < 3 * measures.leading:
        return False
    if ITEM.match(text) or opens_article(text) or (FIELD.match(text) and FIELD.match(above.text)):
        return True
    ended = ENDED.search(above.text.rstrip()) is not None
    flows = not ended and (text[:1].islower() or text[:1] in "(«")
    if drop < -measures.leading or drop > 1.45 * measures.leading:
        return not (flows and drop < 2.5 * measures.leading)
    if abs(above.size - line.size) > 0.15 * measures.size and not flows:
        return True
    if above.text.rstrip().endswith(":") and text[:1].isupper():
        return True
    short = above.right < right - 2.5 * measures.size
    indented = line.left > above.left + 0.8 * measures.size
    return ended and (short or indented or above.text.rstrip().endswith(";"))


def right_edge(lines: Sequence[Line], line: Line, size: float) -> float:
    """Where full lines of the column of `line` end."""
    column = [other.right for other in lines if abs(other.left - line.left) < 4 * size]
    return max(column if len(column) > 2 else (other.right for other in lines))


def table_end(lines: Sequence[Line], start: int, least: int = 2) -> int:
    """The index after the table that begins at `start`, or `start` if none does: `least` rows of several cells or more."""
    end, place = start, start
    while place < len(lines):
        if _is_row(lines[place]):
            end = place = place + 1
        elif place > start and place + 1 < len(lines) and _is_row(lines[place + 1]) and len(lines[place].text) < 50:
            place += 1  # a cell's second line
        else:
            break
    return end if sum(_is_row(line) for line in lines[start:end]) >= least else start


def _is_row(line: Line) -> bool:
    cells = line.cells[1:] if ITEM.fullmatch(line.cells[0].strip() + " ") or _NUMBERED.match(line.text) else line.cells
    return len(cells) > 1 and not line.hyphen
