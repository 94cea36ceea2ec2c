"""Word's tables as rows of cells, each in its column whatever is merged, left out before it or put into a content control."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from docx.oxml.ns import qn

_WRAPPERS = tuple(map(qn, ("w:sdt", "w:sdtContent", "w:customXml", "w:ins", "w:moveTo", "w:smartTag")))
"""Content controls and the like: what they hold stands in the place of the wrapper."""
_WIDEST = 200


def children(container: Any, *tags: str) -> Iterator[Any]:
    """The elements of these tags that stand in a container, also within wrappers."""
    for element in container:
        if element.tag in tags:
            yield element
        elif element.tag in _WRAPPERS and not is_no_text(element):
            yield from children(element, *tags)


def is_no_text(element: Any) -> bool:
    """Whether it is a control that nobody has filled in («click here to enter text»), or the table of contents."""
    if element.tag != qn("w:sdt"):
        return False
    contents = element.find(f"{qn('w:sdtPr')}/{qn('w:docPartObj')}/{qn('w:docPartGallery')}")
    is_contents = contents is not None and contents.get(qn("w:val")) == "Table of Contents"
    return is_contents or element.find(f"{qn('w:sdtPr')}/{qn('w:showingPlcHdr')}") is not None


def rows(table: Any, text: Callable[[Any], str]) -> list[list[str]]:
    """The rows of a `w:tbl`: a cell merged over rows is told in each of them, one over columns once with empty ones beside it."""
    told: list[list[str]] = []
    for row in children(table, qn("w:tr")):
        if row.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None:
            continue  # a deleted row that no one has accepted yet
        cells = [""] * _number(row, "w:trPr/w:gridBefore", 0)
        for cell in children(row, qn("w:tc")):
            column = len(cells)
            below = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            if below is not None and below.get(qn("w:val")) != "restart":
                cells.append(told[-1][column] if told and column < len(told[-1]) else "")
            else:
                cells.append(text(cell))
            cells += [""] * (_number(cell, "w:tcPr/w:gridSpan", 1) - 1)
        told.append(cells[:_WIDEST])
    return told


def _number(element: Any, path: str, default: int) -> int:
    """The number that a property states."""
    found = element.find("/".join(map(qn, path.split("/"))))
    stated = found.get(qn("w:val"), "") if found is not None else ""
    return min(int(stated), _WIDEST) if stated.isascii() and stated.isdecimal() else default
