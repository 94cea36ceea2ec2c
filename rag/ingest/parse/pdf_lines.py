"""A PDF page as lines with their place, size and font; cells set apart by wide gaps. Reads PDFium's characters one by one."""

from __future__ import annotations

import ctypes
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from pypdfium2 import raw

from rag.ingest.parse.pdf_hidden import Hidden
from rag.ingest.parse.pdf_marks import EDGE, Box, box_of, is_inner, quarter, with_marks

_HYPHENS = "\x02\ufffe"
"""What PDFium puts where a word was broken at the end of a line."""
_MOST_CHARACTERS = 200_000
"""A page: more is a drawing or an attack."""
_BOLD = re.compile("bold|black|heavy|demi", re.IGNORECASE)
_FIGURE = re.compile(r"[-+±(]?[€$£]?\d[\d.,]*[⁰¹²³⁴-⁹⁽⁾⁺⁻]*\s?[%€$£)]?")
CELL_GAP = 1.6
"""A gap wider than this many times the font size separates cells; justified text stays below one."""
_LEAST_SIDEWAYS = 40
"""Characters; fewer are the label of an axis."""
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
class Drawn:
    """What is drawn on a page: pieces of lines in the order in which they were drawn, those turned as most are, then the others.

    Of each group the page is turned so that its text is upright; `height` is that of the first, in points. `hidden` words were
    left out; `inner` characters stand away from the page's edges.
    """

    groups: tuple[list[Line], ...]
    height: float
    hidden: int
    inner: int


class _Word(NamedTuple):
    text: str
    box: Box


@dataclass(slots=True)
class _Seen:
    """What was counted while a page was read."""

    hidden: int = 0
    inner: int = 0


def drawn(text_page: Any, bounds: Box, hidden: Hidden) -> Drawn:
    """The pieces of lines of a pypdfium2 text page within `bounds`. Sideways text that is short or at the edges is left out."""
    seen = _Seen()
    turned: defaultdict[int, list[Line]] = defaultdict(list)
    for turn, line in _raw_lines(text_page.raw, bounds, hidden, seen):
        turned[turn].append(line)
    lengths = {turn: sum(len(line.text) for line in lines) for turn, lines in turned.items()}
    usual = max(lengths, key=lambda turn: lengths[turn], default=0)
    height = bounds.top - bounds.bottom if usual % 2 == 0 else bounds.right - bounds.left
    inside = {turn: [line for line in lines if _is_inside(line, turn, bounds)] for turn, lines in turned.items() if turn != usual}
    others = [lines for lines in inside.values() if sum(len(line.text) for line in lines) >= _LEAST_SIDEWAYS]
    return Drawn((turned[usual], *others), height, seen.hidden, seen.inner)


def _is_inside(line: Line, turn: int, bounds: Box) -> bool:
    """Whether a line that is turned stands away from the page's edges beside which it runs."""
    height = bounds.top - bounds.bottom if turn % 2 == 0 else bounds.right - bounds.left
    return EDGE * height < line.bottom < (1 - EDGE) * height


def _raw_lines(page: Any, bounds: Box, hidden: Hidden, seen: _Seen) -> Iterator[tuple[int, Line]]:
    """Each line with how it is turned."""
    words: list[_Word] = []
    start, first, last = -1, -1, -1
    text = _characters(page)
    for place, char in enumerate(f"{text}\n"):
        ends_line = char in "\n\r" or char in _HYPHENS
        if not ends_line and char not in " \t\xa0\0":
            start = place if start < 0 else start
            continue
        if start >= 0:
            word = _word(page, text, start, place - 1)
            if hidden.hides(start, word.box):
                seen.hidden += 1
            else:
                if words and _is_elsewhere(page, start, words[-1].box, word.box):
                    yield _finished(page, bounds, words, first, last, False)
                    words, first = [], -1
                words.append(word)
                seen.inner += len(word.text) if is_inner(word.box, bounds) else 0
                first, last = start if first < 0 else first, place - 1
            start = -1
        if ends_line and words:
            yield _finished(page, bounds, words, first, last, char in _HYPHENS)
            words, first = [], -1


def _characters(page: Any) -> str:
    """The characters of a page, one for each number."""
    count = min(raw.FPDFText_CountChars(page), _MOST_CHARACTERS)
    units = (ctypes.c_ushort * (count + 1))()
    length = raw.FPDFText_GetText(page, 0, count, units) - 1
    text = bytes(units)[: 2 * count].decode("utf-16-le", "replace")
    if not length == len(text) == count:  # some have no sign, or two units: asked one by one, which takes longer
        codes = [raw.FPDFText_GetUnicode(page, place) for place in range(count)]
        text = "".join(chr(code) if code < 0x110000 else "\ufffd" for code in codes)
    return with_marks(page, text)


def _is_elsewhere(page: Any, place: int, before: Box, box: Box) -> bool:
    """Whether a word does not stand on the line of the one before, though PDFium says so: it is in another field of a form."""
    if box.bottom < before.top and box.top > before.bottom:
        return False
    return quarter(page, place) % 2 == 0 or not (box.left < before.right and box.right > before.left)


def _finished(page: Any, bounds: Box, words: list[_Word], first: int, last: int, hyphen: bool) -> tuple[int, Line]:
    """A line with how it is turned; `first` and `last` are the numbers of its characters."""
    fonts = _font(page, first), _font(page, last)
    turn = quarter(page, first)
    turned = turn or bounds.left or bounds.bottom
    upright = [_Word(word.text, word.box.turned(turn, bounds)) for word in words] if turned else words
    return turn, _line(upright, fonts[0], all(_BOLD.search(font) for font in fonts), hyphen)


def _word(page: Any, characters: str, first: int, last: int) -> _Word:
    text = characters[first : last + 1]
    if not text.isprintable():  # halves of surrogate pairs are put together
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    begin = box_of(page, first)
    if first == last:
        return _Word(text, begin)
    end = box_of(page, last)
    box = Box(
        min(begin.left, end.left), min(begin.bottom, end.bottom), max(begin.right, end.right), max(begin.top, end.top)
    )  # fmt: skip
    return _Word(text, box)


def _font(page: Any, place: int) -> str:
    buffer, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    raw.FPDFText_GetFontInfo(page, place, buffer, 128, flags)
    return buffer.value.decode("utf-8", "replace")


def _line(words: list[_Word], font: str, bold: bool, hyphen: bool) -> Line:
    size = sorted(word.box.top - word.box.bottom for word in words)[len(words) // 2]
    gaps = [after.box.left - before.box.right for before, after in pairwise(words)]
    widest = _ROW_GAP if any(gap > CELL_GAP * size for gap in gaps) else CELL_GAP
    cells, lefts, rights = [words[0].text], [words[0].box.left], [words[0].box.right]
    for gap, (before, word) in zip(gaps, pairwise(words), strict=True):
        figures = _FIGURE.fullmatch(before.text) and _FIGURE.fullmatch(word.text)
        if gap > (_FIGURE_GAP if figures else widest) * size:
            cells.append(word.text)
            lefts.append(word.box.left)
            rights.append(word.box.right)
        else:
            cells[-1] += f" {word.text}"
            rights[-1] = word.box.right
    bottom = sorted(word.box.bottom for word in words)[len(words) // 2]
    right = max(word.box.right for word in words)
    return Line(tuple(cells), words[0].box.left, right, bottom, size, font, bold, tuple(lefts), tuple(rights), hyphen)
