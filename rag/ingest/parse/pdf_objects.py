"""What is drawn on a PDF page in which order: texts, and the shapes and pictures that may cover them."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pypdfium2 import raw

from rag.ingest.parse.pdf_marks import Box

_Matrix = tuple[float, float, float, float, float, float]
_DEEPEST, _MOST_OBJECTS = 4, 50_000
_LEAST_COVER = 4.0
"""Points: what is lower or narrower is a rule, a frame or a line through a word."""
_COVERED = 0.6
"""Share of a word's box that a cover must reach over. Whether it hides the word is then looked up in the picture of the page."""
_GRID = 50
"""Squares in a row, of those that the share of the page under pictures is counted in."""


@dataclass(slots=True)
class Objects:
    """The objects of a page by number, those drawn later higher.

    `texts` by their address, with what their coordinates are turned by; `covers`: rows of number, is it a picture, left, bottom,
    right, top; `layered` texts belong to a layer that may be switched off; `shapes` is the number of drawn paths.
    """

    texts: dict[int, tuple[int, Any, _Matrix | None]] = field(default_factory=dict)
    covers: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 6)))
    layered: set[int] = field(default_factory=set)
    shapes: int = 0
    _last: float = -1.0
    _reach: Box = field(default_factory=lambda: Box(0, 0, 0, 0))

    def set_covers(self, covers: Sequence[tuple[float, ...]]) -> None:
        """Take what was found; each as a row of `covers`."""
        self.covers = np.array(covers, dtype=float).reshape(-1, 6)
        if covers:
            self._last, low, high = self.covers[-1, 0], self.covers.min(axis=0), self.covers.max(axis=0)
            self._reach = Box(float(low[2]), float(low[3]), float(high[4]), float(high[5]))

    def order(self, text: Any) -> int:
        """The number of a text object; 0, as if drawn first, for one that was not found."""
        return self.texts.get(address(text), (0, None, None))[0]

    def last_picture(self) -> float:
        """The number of the picture that was drawn last, -1 if there is none."""
        pictures = self.covers[self.covers[:, 1] > 0, 0]
        return float(pictures.max()) if pictures.size else -1.0

    def may_hide(self) -> list[Any]:
        """The texts that belong to a layer, or of which something may be covered."""
        found = []
        for key, (order, text, matrix) in self.texts.items():
            box = _bounds(text, matrix)
            if key in self.layered or (box and self.covering(order, Box(*box), share=1e-6)):
                found.append(text)
        return found

    def covering(self, order: int, box: Box, *, pictures: bool = True, share: float = _COVERED) -> bool:
        """Whether something drawn later than `order` lies over that share of a box; with `pictures` or shapes only."""
        if order >= self._last or box.right < self._reach.left or box.left > self._reach.right:
            return False
        if box.top < self._reach.bottom or box.bottom > self._reach.top:
            return False
        rows = self.covers[(self.covers[:, 0] > order) & (pictures | (self.covers[:, 1] == 0))]
        across = np.minimum(rows[:, 4], box.right) - np.maximum(rows[:, 2], box.left)
        up = np.minimum(rows[:, 5], box.top) - np.maximum(rows[:, 3], box.bottom)
        area = max((box.right - box.left) * (box.top - box.bottom), 1e-6)
        return bool((np.clip(across, 0, None) * np.clip(up, 0, None) >= share * area).any())

    def picture_share(self, page: Box) -> float:
        """The share of a page that its pictures cover together."""
        grid = np.zeros((_GRID, _GRID), dtype=bool)
        width, height = max(page.right - page.left, 1.0), max(page.top - page.bottom, 1.0)
        for _, _, left, bottom, right, top in self.covers[self.covers[:, 1] > 0]:
            rows = slice(*_squares(bottom - page.bottom, top - page.bottom, height))
            grid[rows, slice(*_squares(left - page.left, right - page.left, width))] = True
        return float(grid.mean())


def _squares(start: float, end: float, whole: float) -> tuple[int, int]:
    low, high = (min(max(round(_GRID * at / whole), 0), _GRID) for at in (start, end))
    return low, high


def address(thing: Any) -> int:
    """What tells two of PDFium's objects apart; 0 for none."""
    return ctypes.addressof(thing.contents) if thing else 0


def objects_of(page: Any) -> Objects:
    """The objects of a pypdfium2 page."""
    found = Objects()
    covers: list[tuple[float, ...]] = []
    for number, (thing, matrix) in enumerate(
        _walk(page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, None, 0), start=1
    ):
        if number > _MOST_OBJECTS:
            break
        kind = raw.FPDFPageObj_GetType(thing)
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            found.texts[address(thing)] = number, thing, matrix
            if _is_layered(thing):
                found.layered.add(address(thing))
            continue
        if kind == raw.FPDF_PAGEOBJ_FORM:
            continue
        found.shapes += kind == raw.FPDF_PAGEOBJ_PATH
        box = _bounds(thing, matrix)
        if box and min(box[2] - box[0], box[3] - box[1]) >= _LEAST_COVER and _is_filled(thing, kind):
            covers.append((number, kind == raw.FPDF_PAGEOBJ_IMAGE, *box))
    found.set_covers(covers)
    return found


def _walk(
    parent: Any, count: Callable[[Any], int], get: Callable[[Any, int], Any], matrix: _Matrix | None, depth: int
) -> Iterator[tuple[Any, _Matrix | None]]:
    """The objects, those within forms too, in the order in which they are drawn; each with what its coordinates are turned by."""
    for place in range(min(count(parent), _MOST_OBJECTS)):
        thing = get(parent, place)
        if not thing:
            continue
        yield thing, matrix
        if raw.FPDFPageObj_GetType(thing) == raw.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
            own = raw.FS_MATRIX()
            raw.FPDFPageObj_GetMatrix(thing, own)
            inner = _after((own.a, own.b, own.c, own.d, own.e, own.f), matrix)
            yield from _walk(thing, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, inner, depth + 1)


def _after(one: _Matrix, other: _Matrix | None) -> _Matrix:
    if other is None:
        return one
    (a, b, c, d, e, f), (p, q, r, s, t, u) = one, other
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _bounds(thing: Any, matrix: _Matrix | None) -> tuple[float, float, float, float] | None:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not raw.FPDFPageObj_GetBounds(thing, left, bottom, right, top):
        return None
    if matrix is None:
        return left.value, bottom.value, right.value, top.value
    a, b, c, d, e, f = matrix
    corners = [(x, y) for x in (left.value, right.value) for y in (bottom.value, top.value)]
    across, up = [a * x + c * y + e for x, y in corners], [b * x + d * y + f for x, y in corners]
    return min(across), min(up), max(across), max(up)


def _is_filled(thing: Any, kind: int) -> bool:
    if kind != raw.FPDF_PAGEOBJ_PATH:
        return True
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    return bool(raw.FPDFPath_GetDrawMode(thing, fill, stroke)) and fill.value != 0


def _is_layered(text: Any) -> bool:
    names = ctypes.create_string_buffer(16)
    length = ctypes.c_ulong()
    for place in range(max(raw.FPDFPageObj_CountMarks(text), 0)):
        mark = raw.FPDFPageObj_GetMark(text, place)
        told = raw.FPDFPageObjMark_GetName(mark, ctypes.cast(names, ctypes.POINTER(raw.FPDF_WCHAR)), 16, length)
        if told and names.raw[:6] == "OC\0".encode("utf-16-le"):
            return True
    return False
