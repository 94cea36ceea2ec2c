"""Leaves out what a PDF's pages are framed with: running headers, footers, page numbers. Pure.

They stand at the page's edge, apart from its text, and return word for word, but for the number of the page. A line that only
looks alike («Potencia: 35 kW» on one sheet for each pump) and the header that a table has on each page are content.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rag.ingest.parse.outline import FIELD
from rag.ingest.parse.pdf_lines import Line
from rag.ingest.parse.pdf_marks import EDGE

_Key = tuple[str, int]
_PAGE_NUMBER = re.compile(r"(?:p[aá]g(?:ina|\.)?|page)?\s*[-–|]?\s*\d{1,4}\s*(?:(?:de|of|/)\s*\d{1,4})?\s*[-–|]?", re.IGNORECASE)
_FOLIOS = (
    re.compile(r"\b(?:p[aá]g(?:ina|s?\.)?|page|p\.|hoja|folio|sheet)\s*(\d{1,6})", re.IGNORECASE),
    re.compile(r"(?<![\w/.-])(\d{1,4})(?=\s*(?:de|of|/)\s*\d{1,4}\b(?!\s*[/.-]\s*\d))", re.IGNORECASE),
    re.compile(r"(?:^[-–—]?\s?|\s[-–—|·]\s)(\d{1,4})(?=\s?[-–—]?$|\s[-–—|·]\s)"),
)
"""Numbers that may be the page's: those called so, and those set apart. «Bomba 3» on page 3 is neither, nor is a date."""
_JOINED, _JOINED_ROW = 1.8, 5.0
"""Times the font size: the distance of a line from the text, and of a table's header from a row, to which it belongs."""
_NEARLY_ALL = 0.8
"""Share of the pages; a line that stands on so many needs no distance from the text to be their header."""


def without_running_lines(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> list[list[Line]]:
    """The pages without headers, footers and page numbers; `heights` of the pages in points."""
    edges = [[line for line in lines if _at_edge(line, height)] for lines, height in zip(pages, heights, strict=True)]
    seen = Counter(key for number, lines in enumerate(edges) for key in _keys_of(lines, number))
    least = 2 if len(pages) < 5 else max(3, len(pages) * 3 // 10)
    candidates = [[line for line in lines if _times(line, number, seen) >= least] for number, lines in enumerate(edges)]
    joined: Counter[_Key] = Counter()
    for number, (lines, repeated) in enumerate(zip(pages, candidates, strict=True)):
        joined.update(_keys_of(_belonging(lines, repeated), number))
    kept = []
    for number, (lines, edge, repeated) in enumerate(zip(pages, edges, candidates, strict=True)):
        left_out = {id(line) for line in edge if len(line.cells) == 1 and _PAGE_NUMBER.fullmatch(line.text.strip())}
        left_out |= {id(line) for line in repeated if _is_running(line, number, seen, joined, len(pages))}
        kept.append([line for line in lines if id(line) not in left_out])
    return kept


def _at_edge(line: Line, height: float) -> bool:
    return not EDGE * height < line.bottom < (1 - EDGE) * height


def _keys(line: Line, number: int) -> Iterator[_Key]:
    """What a line is the same by on other pages: its words, and its words with a number told as the distance from the page's."""
    text, place = " | ".join(line.cells), round(line.bottom / 6)
    yield text, place
    for folio in (match for pattern in _FOLIOS for match in pattern.finditer(text)):
        yield f"{text[: folio.start(1)]}#{int(folio[1]) - number}{text[folio.end(1) :]}", place


def _keys_of(lines: Sequence[Line], number: int) -> set[_Key]:
    return {key for line in lines for key in _keys(line, number)}


def _commonest(line: Line, number: int, seen: Counter[_Key]) -> _Key:
    return max(_keys(line, number), key=lambda key: seen[key])


def _times(line: Line, number: int, seen: Counter[_Key]) -> int:
    return seen[_commonest(line, number, seen)]


def _is_running(line: Line, number: int, seen: Counter[_Key], joined: Counter[_Key], pages: int) -> bool:
    """Whether a repeated line frames the pages: on most of them it does not belong to what stands next to it."""
    key = _commonest(line, number, seen)
    if 2 * joined[key] <= seen[key]:
        return True
    return len(line.cells) == 1 and not FIELD.match(line.text) and seen[key] >= max(2, _NEARLY_ALL * (pages - 1))


def _belonging(lines: Sequence[Line], repeated: Sequence[Line]) -> list[Line]:
    """Those of a page's repeated lines that belong to the text or the table on their inner side."""
    candidates, found = {id(line) for line in repeated}, set()
    downwards = sorted(lines, key=lambda line: -line.bottom)
    middle = sum(line.bottom for line in lines) / max(len(lines), 1)
    for order, upper in ((downwards, True), (downwards[::-1], False)):
        for outer, inner in reversed(list(pairwise(order))):
            if id(outer) not in candidates or (outer.bottom > middle) != upper:
                continue
            near = abs(outer.bottom - inner.bottom) <= _JOINED * max(outer.size, inner.size)
            inside = id(inner) in found or id(inner) not in candidates
            if (near and inside) or _same_table(outer, inner):
                found.add(id(outer))
    return [line for line in repeated if id(line) in found]


def _same_table(outer: Line, inner: Line) -> bool:
    """Whether two lines of several cells stand in the same columns."""
    if min(len(outer.cells), len(inner.cells)) < 2 or abs(len(outer.cells) - len(inner.cells)) > 1:
        return False
    spans = list(zip(inner.lefts, inner.rights, strict=True))
    over = sum(
        any(left < end and start < right for start, end in spans) for left, right in zip(outer.lefts, outer.rights, strict=True)
    )
    return over >= 2 and abs(outer.bottom - inner.bottom) <= _JOINED_ROW * max(outer.size, inner.size)
