"""A PDF page as lines with their place, size and font; cells set apart by wide gaps. Reads PDFium's characters one by one."""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pypdfium2 import raw

from rag.ingest.parse.pdf_hidden import Hidden

_HYPHENS = (0x2, 0xFFFE)
"""What PDFium puts where a word was broken at the end of a line."""
_MOST_CHARACTERS = 200_000
"""A page: more is a drawing or an attack."""
_BOLD = re.compile("bold|black|heavy|demi", re.IGNORECASE)
_FIGURE = re.compile(r"[-+±(]?[€$£]?\d[\d.,]*\s?[%€$£)]?")
CELL_GAP = 1.6
"""A gap wider than this many times the font size separates cells; justified text stays below one."""
_ROW_GAP, _FIGURE_GAP = 1.0, 0.7
"""The same for a line that has cells already, and for two figures."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page; coordinates in points, from the left and from the bottom.

    `lefts` and `rights` are where each cell begins and ends; `hyphen`: the line ends within a word.
    """

    cells: tuple[str, ...]
    left: float
    right: float
    bottom: float
    size: float
    font: str
    bold: bool
    lefts: tuple[float, ...]
    rights: tuple[float, ...]
    hyphen: bool = False

    @property
    def text(self) -> str:
        return " ".join(self.cells)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    left: float
    right: float
    bottom: float
    top: float


def page_lines(page: Any, hidden: Hidden) -> tuple[list[Line], int]:
    """The pieces of lines of a pypdfium2 text page, in the order in which they were drawn, and how many words are hidden.

    Lines turned sideways and hidden words are left out.
    """
    left_out: list[_Word] = []
    turned = list(_raw_lines(page, hidden, left_out))
    usual = Counter(angle for angle, line in turned for _ in line.text).most_common(1)
    return [line for angle, line in turned if angle == usual[0][0]], len(left_out)


def _raw_lines(page: Any, hidden: Hidden, left_out: list[_Word]) -> Iterator[tuple[int, Line]]:
    words: list[_Word] = []
    start, first, last = -1, -1, -1
    count = min(raw.FPDFText_CountChars(page), _MOST_CHARACTERS)
    codes = [raw.FPDFText_GetUnicode(page, place) for place in range(count)]
    for place, code in enumerate([*codes, 0x0A]):
        ends_line = code in (0x0A, 0x0D) or code in _HYPHENS
        if not ends_line and code not in (0x20, 0x09, 0xA0, 0):
            start = place if start < 0 else start
            continue
        if start >= 0:
            word = _word(page, codes, start, place - 1)
            if hidden.hides(start, word.left, word.bottom, word.right, word.top):
                left_out.append(word)
            else:
                words.append(word)
                first, last = start if first < 0 else first, place - 1
            start = -1
        if ends_line and words:
            yield _finished(page, words, first, last, code in _HYPHENS)
            words, first = [], -1


def _finished(page: Any, words: list[_Word], first: int, last: int, hyphen: bool) -> tuple[int, Line]:
    """A line with its angle in quarters of a turn; `first` and `last` are the numbers of its characters."""
    fonts = _font(page, first), _font(page, last)
    quarter = round(raw.FPDFText_GetCharAngle(page, first) / (math.pi / 2)) % 4
    return quarter, _line(words, fonts[0], all(_BOLD.search(font) for font in fonts), hyphen)


def _word(page: Any, codes: list[int], first: int, last: int) -> _Word:
    text = b"".join(code.to_bytes(4, "little") for code in codes[first : last + 1] if code < 0x110000)
    joined = text.decode("utf-32-le", "surrogatepass").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    begin, end = _box(page, first), _box(page, last)
    return _Word(joined, begin.left, end.right, min(begin.bottom, end.bottom), max(begin.top, end.top))


def _box(page: Any, place: int) -> Any:
    box = raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(page, place, box)
    return box


def _font(page: Any, place: int) -> str:
    buffer, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    raw.FPDFText_GetFontInfo(page, place, buffer, 128, flags)
    return buffer.value.decode("utf-8", "replace")


def _line(words: list[_Word], font: str, bold: bool, hyphen: bool) -> Line:
    size = sorted(word.top - word.bottom for word in words)[len(words) // 2]
    gaps = [after.left - before.right for before, after in pairwise(words)]
    widest = _ROW_GAP if any(gap > CELL_GAP * size for gap in gaps) else CELL_GAP
    cells, lefts, rights = [words[0].text], [words[0].left], [words[0].right]
    for gap, (before, word) in zip(gaps, pairwise(words), strict=True):
        figures = _FIGURE.fullmatch(before.text) and _FIGURE.fullmatch(word.text)
        if gap > (_FIGURE_GAP if figures else widest) * size:
            cells.append(word.text)
            lefts.append(word.left)
            rights.append(word.right)
        else:
            cells[-1] += f" {word.text}"
            rights[-1] = word.right
    bottom = sorted(word.bottom for word in words)[len(words) // 2]
    right = max(word.right for word in words)
    return Line(tuple(cells), words[0].left, right, bottom, size, font, bold, tuple(lefts), tuple(rights), hyphen)
