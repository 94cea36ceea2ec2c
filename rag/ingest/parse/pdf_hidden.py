"""Which words of a PDF page no reader sees: invisible, covered, white on white, tiny, off the page. They are no evidence.

The words behind a scanned page, which its OCR put there to be searched, cannot be seen either and stay.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pypdfium2 import raw

from rag.ingest.parse.pdf_marks import Box, box_of, is_inner, quarter
from rag.ingest.parse.pdf_objects import Objects, address

_INVISIBLE = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
_TINY = 2.0
"""Points; footnotes and labels are at least twice as high."""
_FAINT_COLOUR, _FAINT_ALPHA = 215, 40
"""Of 255: fill colours that may not be seen on white. Whether they are is looked up in the picture of the page."""
_LEAST_CONTRAST = 30
"""Of 255, between the page with a word and the page without it, at the word's place."""
_MIDDLE = 0.35
"""Share of a word's height above and below what is looked at: what a cover leaves of a «p» does not show the word."""
_SAMPLE = 5_000
_MOST_POINTS = 4_000_000
"""Of a page's picture; larger pages, posters and plans, are looked at from farther away."""
WHOLE_PAGE = 0.6
"""Share of the page that pictures cover, from which the page is a scan."""


class Hidden:
    """Tells for the words of one page whether a reader sees them. `page` and `text_page` are pypdfium2's."""

    def __init__(self, page: Any, text_page: Any, objects: Objects) -> None:
        self._page, self._text_page, self._objects = page, text_page.raw, objects
        self._bounds = Box(*page.get_bbox())
        self._differences: dict[bool, NDArray[np.int16]] = {}
        self._ocr_layer: bool | None = None
        self._last, self._looks = -1, (False, False)
        area = (self._bounds.right - self._bounds.left) * (self._bounds.top - self._bounds.bottom)
        self._scale = min(1.0, (_MOST_POINTS / max(area, 1.0)) ** 0.5)
        self._may_be_covered = bool(len(objects.covers) or objects.layered)

    def hides(self, place: int, box: Box) -> bool:
        """Whether the word whose first character is number `place` cannot be seen; its box in points."""
        page = self._bounds
        if min(box.top - box.bottom, box.right - box.left) < _TINY and self._height(place, box) < _TINY:
            return True
        if box.right < page.left or box.left > page.right or box.top < page.bottom or box.bottom > page.top:
            return True
        text = raw.FPDFText_GetTextObject(self._text_page, place)
        if self._last != address(text):  # the words of one text look the same
            self._last, self._looks = address(text), (_mode(text) in _INVISIBLE, self._is_faint(place))
        invisible, faint = self._looks
        if invisible:
            return not self._is_ocr_layer()
        if faint:
            return not self._shows(box, faint=True)
        return self._may_be_covered and self._is_under_something(text, box) and not self._shows(box, faint=False)

    @property
    def has_ocr_layer(self) -> bool:
        """Whether words that cannot be seen were kept, as those of the page's OCR; asked once all words were."""
        return bool(self._ocr_layer)

    def _height(self, place: int, box: Box) -> float:
        upright = box.turned(quarter(self._text_page, place), self._bounds)
        return upright.top - upright.bottom

    def _is_faint(self, place: int) -> bool:
        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        if not raw.FPDFText_GetFillColor(self._text_page, place, red, green, blue, alpha):
            return False
        return _faint(red.value, green.value, blue.value, alpha.value)

    def _is_under_something(self, text: Any, box: Box) -> bool:
        """Whether a word belongs to a layer, or lies under a shape or picture that was drawn later: not if that is its scan."""
        if address(text) in self._objects.layered:
            return True
        order = self._objects.order(text)
        if not self._objects.covering(order, box):
            return False
        return self._objects.covering(order, box, pictures=False) or not self._is_ocr_layer()

    def _shows(self, box: Box, *, faint: bool) -> bool:
        """Whether the page looks different at a box without the faint texts, or without those that may be covered."""
        if faint not in self._differences:
            texts = [text for _, text, _ in self._objects.texts.values() if _is_faint_object(text)]
            self._differences[faint] = self._difference(texts if faint else self._objects.may_hide())
        margin = _MIDDLE * (box.top - box.bottom)
        rows = self._points(self._bounds.top - box.top + margin, self._bounds.top - box.bottom - margin)
        around = self._differences[faint][rows, self._points(box.left - self._bounds.left, box.right - self._bounds.left)]
        return around.size > 0 and int(around.max()) >= _LEAST_CONTRAST

    def _points(self, start: float, end: float) -> slice:
        return slice(max(int(self._scale * start), 0), max(int(self._scale * end) + 1, 1))

    def _difference(self, texts: Sequence[Any]) -> NDArray[np.int16]:
        """How much each point of the page's picture changes once these texts are not drawn."""
        whole = self._picture()
        for text in texts:
            raw.FPDFPageObj_SetIsActive(text, False)
        rest = self._picture()
        for text in texts:
            raw.FPDFPageObj_SetIsActive(text, True)
        difference: NDArray[np.int16] = np.abs(whole - rest)
        return difference

    def _picture(self) -> NDArray[np.int16]:
        upright = (360 - self._page.get_rotation()) % 360
        bitmap = self._page.render(scale=self._scale, grayscale=True, rotation=upright)
        grey: NDArray[np.int16] = bitmap.to_numpy().reshape(bitmap.height, bitmap.width, -1)[:, :, 0].astype(np.int16)
        return grey

    def _is_ocr_layer(self) -> bool:
        """Whether the page is a scan and most of its words cannot be seen: those of its OCR. Stamps at the edges do not count."""
        if self._ocr_layer is None:
            unseen = seen = 0
            last = self._objects.last_picture()
            for place in range(min(raw.FPDFText_CountChars(self._text_page), _SAMPLE)):
                text = raw.FPDFText_GetTextObject(self._text_page, place)
                if _mode(text) in _INVISIBLE or 0 < self._objects.order(text) < last:
                    unseen += 1
                elif text and is_inner(box_of(self._text_page, place), self._bounds):
                    seen += 1
            scanned = self._objects.picture_share(self._bounds) >= WHOLE_PAGE
            self._ocr_layer = scanned and unseen > 0.8 * (unseen + seen)
        return self._ocr_layer


def _mode(text: Any) -> int:
    return int(raw.FPDFTextObj_GetTextRenderMode(text)) if text else 0


def _faint(red: int, green: int, blue: int, alpha: int) -> bool:
    return alpha < _FAINT_ALPHA or min(red, green, blue) > _FAINT_COLOUR


def _is_faint_object(text: Any) -> bool:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not raw.FPDFPageObj_GetFillColor(text, red, green, blue, alpha):
        return False
    return _faint(red.value, green.value, blue.value, alpha.value)
