"""Which words of a PDF page no reader sees: invisible, white on white, tiny, off the page. They are no evidence.

The words behind a scanned page, which its OCR put there to be searched, are invisible too and stay.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pypdfium2 import raw

_INVISIBLE = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
_TINY = 2.0
"""Points; footnotes and labels are at least twice as high."""
_FAINT_COLOUR, _FAINT_ALPHA = 215, 40
"""Of 255: fill colours that may not be seen on white. Whether they are is looked up in the picture of the page."""
_LEAST_CONTRAST = 30
"""Of 255, between the darkest and the lightest point where a word stands."""
_LETTERS = 60
_WHOLE_PAGE = 0.6
"""Share of the page that a picture covers, from which the page is a scan."""


class Hidden:
    """Tells for the words of one page whether a reader sees them. `page` and `text_page` are pypdfium2's."""

    def __init__(self, page: Any, text_page: Any) -> None:
        self._page, self._text_page = page, text_page
        self._bounds = page.get_bbox()
        self._picture: NDArray[np.uint8] | None = None
        self._ocr_layer: bool | None = None

    def hides(self, place: int, left: float, bottom: float, right: float, top: float) -> bool:
        """Whether the word whose first character is number `place` cannot be seen; its box in points."""
        if top - bottom < _TINY:
            return True
        if right < self._bounds[0] or left > self._bounds[2] or top < self._bounds[1] or bottom > self._bounds[3]:
            return True
        if self._mode(place) in _INVISIBLE:
            return not self._is_ocr_layer()
        return self._is_faint(place) and not self._contrast(left, bottom, right, top)

    def _mode(self, place: int) -> int:
        piece = raw.FPDFText_GetTextObject(self._text_page, place)
        return int(raw.FPDFTextObj_GetTextRenderMode(piece)) if piece else 0

    def _is_faint(self, place: int) -> bool:
        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        if not raw.FPDFText_GetFillColor(self._text_page, place, red, green, blue, alpha):
            return False
        return alpha.value < _FAINT_ALPHA or min(red.value, green.value, blue.value) > _FAINT_COLOUR

    def _contrast(self, left: float, bottom: float, right: float, top: float) -> bool:
        """Whether anything can be seen where a word stands. White words on a dark ground can."""
        if self._picture is None:
            upright = (360 - self._page.get_rotation()) % 360
            bitmap = self._page.render(scale=1, grayscale=True, rotation=upright)
            self._picture = bitmap.to_numpy().reshape(bitmap.height, bitmap.width, -1)[:, :, 0].copy()
        start, end = self._bounds[0], self._bounds[3]
        rows = slice(max(int(end - top), 0), max(int(end - bottom) + 1, 1))
        around = self._picture[rows, max(int(left - start), 0) : max(int(right - start) + 1, 1)]
        return around.size > 0 and int(around.max()) - int(around.min()) >= _LEAST_CONTRAST

    def _is_ocr_layer(self) -> bool:
        """Whether the page is a picture and most of its words are invisible: those of its OCR."""
        if self._ocr_layer is None:
            count = min(raw.FPDFText_CountChars(self._text_page), 5_000)
            invisible = sum(self._mode(place) in _INVISIBLE for place in range(count))
            self._ocr_layer = invisible > 0.8 * count and is_scan(self._page)
        return self._ocr_layer


def is_scan(page: Any) -> bool:
    """Whether one picture covers most of a page."""
    left, bottom, right, top = page.get_bbox()
    whole = max((right - left) * (top - bottom), 1.0)
    for picture in page.get_objects([raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        box = picture.get_bounds()
        width = min(box[2], right) - max(box[0], left)
        height = min(box[3], top) - max(box[1], bottom)
        if width > 0 and height > 0 and width * height >= _WHOLE_PAGE * whole:
            return True
    return False


def is_drawn(page: Any) -> bool:
    """Whether a page has so many shapes that they may be letters turned into outlines."""
    shapes = page.get_objects([raw.FPDF_PAGEOBJ_PATH], max_depth=3)
    return any(count >= _LETTERS for count, _ in enumerate(shapes))
