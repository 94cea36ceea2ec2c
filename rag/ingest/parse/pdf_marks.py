"""Tells small raised figures from those that they stand behind: «182» with footnote 1 is no 1821, ten to the sixth no 106."""

from __future__ import annotations

import ctypes
import math
import re
from typing import NamedTuple

from pypdfium2 import raw

EDGE = 0.12
"""Share of the page at each edge, where running headers and footers, page numbers and stamps stand."""
_RAISED = dict(zip("0123456789()+-–−,*", "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾⁺⁻⁻⁻,*", strict=True))
_MAY_BE_RAISED = re.compile(r"[0-9()+\-–−,*]")
_BREAKS = "\0\t\n\r \xa0"
_SMALLER, _HIGHER, _GAP = 0.85, 0.15, 0.5
"""Shares of the height of the glyph before: what a raised one is not higher than, stands above it, and may stand apart."""


class Box(NamedTuple):
    """Where something stands, in points from the left and from the bottom of the page. A tuple: there is one for each word."""

    left: float
    bottom: float
    right: float
    top: float

    def turned(self, quarter: int, page: Box) -> Box:
        """The box as it stands once the page is turned so that text which runs at `quarter` (see `quarter`) is upright."""
        if quarter == 1:
            return Box(page.top - self.top, self.left - page.left, page.top - self.bottom, self.right - page.left)
        if quarter == 2:
            return Box(page.right - self.right, page.top - self.top, page.right - self.left, page.top - self.bottom)
        if quarter == 3:
            return Box(self.bottom - page.bottom, page.right - self.right, self.top - page.bottom, page.right - self.left)
        return Box(self.left - page.left, self.bottom - page.bottom, self.right - page.left, self.top - page.bottom)


def is_inner(box: Box, bounds: Box) -> bool:
    """Whether a box stands away from all four edges of the page."""
    across, up = (box.left + box.right) / 2 - bounds.left, (box.bottom + box.top) / 2 - bounds.bottom
    width, height = bounds.right - bounds.left, bounds.top - bounds.bottom
    return EDGE * width < across < (1 - EDGE) * width and EDGE * height < up < (1 - EDGE) * height


def box_of(page: ctypes.c_void_p, place: int) -> Box:
    """Where the character of that number stands on the raw text page."""
    box = raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(page, place, box)
    return Box(box.left, box.bottom, box.right, box.top)


def quarter(page: ctypes.c_void_p, place: int) -> int:
    """How a character is turned, in quarters: 1 runs down the page, 2 is upside down, 3 runs up."""
    angle: float = raw.FPDFText_GetCharAngle(page, place)
    return round(angle / (math.pi / 2)) % 4


def with_marks(page: ctypes.c_void_p, text: str) -> str:
    """The characters of a raw text page, small raised figures that follow anything but a letter as Unicode's superscripts."""
    raised: dict[int, str] = {}
    base = -1
    for match in _MAY_BE_RAISED.finditer(text):
        place, before = match.start(), _before(text, match.start())
        if before < 0 or text[before].isalpha():
            continue
        base = base if before in raised else before
        if not _same_piece(page, base, place) and _is_raised(page, base, before, place):
            raised[place] = _RAISED[match.group()]
    return "".join(raised.get(place, char) for place, char in enumerate(text)) if raised else text


def _before(text: str, place: int) -> int:
    """The number of the last character before `place` that can be seen, -1 if there is none."""
    place -= 1
    while place >= 0 and text[place] in _BREAKS:
        place -= 1
    return place


def _same_piece(page: ctypes.c_void_p, one: int, other: int) -> bool:
    """Whether two characters were drawn as one: then neither is raised."""
    first, second = raw.FPDFText_GetTextObject(page, one), raw.FPDFText_GetTextObject(page, other)
    return bool(first) and bool(second) and ctypes.addressof(first.contents) == ctypes.addressof(second.contents)


def _is_raised(page: ctypes.c_void_p, base: int, before: int, place: int) -> bool:
    turn, nowhere = quarter(page, place), Box(0, 0, 0, 0)
    foot, last, mark = (box_of(page, one).turned(turn, nowhere) for one in (base, before, place))
    height = foot.top - foot.bottom
    smaller = mark.top - mark.bottom <= _SMALLER * height
    higher = foot.bottom + _HIGHER * height <= mark.bottom < foot.top
    return smaller and higher and abs(mark.left - last.right) <= _GAP * height
