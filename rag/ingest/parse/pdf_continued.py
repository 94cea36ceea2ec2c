"""Gives the rows of a PDF's table that go on over a page's end the header that stands only on its first page. Pure.

Nothing may stand between, and the columns must be the same. Another table that begins at the page's top has a header of its own:
its first row has no amounts where the rows above have them, or is set as the header is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.headings import headings, is_amount
from rag.ingest.parse.pdf_lines import Line
from rag.ingest.parse.pdf_table import columns, from_the_top, overlapping, spans_of_columns

_COMPARED = 20
"""Rows above that are looked at for where amounts stand."""


def table_on_next_page(above: Sequence[Line], below: Sequence[Line]) -> list[Line]:
    """The rows `below`, which open a page, under the header of the table whose rows `above` ended the page before.

    None if they are not of that table, or it has no header.
    """
    above, below = from_the_top(above), from_the_top(below)
    header, data = _parts(above)
    first = below[0]
    if not header or not _same_columns(above, below) or any(line.cells == first.cells for line in header):
        return []
    if not _is_set_as(data, first, header) and not _has_amounts_as(data, first):
        return []
    heights = range(len(header), 0, -1)
    lifted = [replace(line, bottom=first.bottom + 2 * up * first.size) for line, up in zip(header, heights, strict=True)]
    return [*lifted, *below]


def _parts(rows: Sequence[Line]) -> tuple[Sequence[Line], Sequence[Line]]:
    """A table's header and its last rows; none if its first row may be one like the others."""
    count = headings(columns(rows)).rows
    header, data = rows[:count], rows[count:]
    named = len(header[0].cells) > 1 and not any(is_amount(cell) for line in header for cell in line.cells[1:])
    return (header, data[-_COMPARED:]) if named and data else ((), ())


def _same_columns(above: Sequence[Line], below: Sequence[Line]) -> bool:
    """Whether each column of the rows below stands in one of its own of those above, and none or one of these is empty."""
    upper, lower = spans_of_columns(above), spans_of_columns(below)
    places = [[place for place, span in enumerate(upper) if overlapping(span, one) > 0] for one in lower]
    alone = all(len(found) == 1 for found in places) and len({found[0] for found in places if found}) == len(lower)
    return alone and len(lower) >= max(2, len(upper) - 1)


def _is_set_as(data: Sequence[Line], first: Line, header: Sequence[Line]) -> bool:
    """Whether a row is in the type of the rows above, which is not the header's."""
    return all(line.font == first.font for line in data) and all(line.font != first.font for line in header)


def _has_amounts_as(data: Sequence[Line], first: Line) -> bool:
    """Whether a row has an amount below amounts, its first column aside."""
    above = [span for line in data for span in _amounts(line)]
    return any(overlapping(one, span) > 0 for one in _amounts(first) for span in above)


def _amounts(line: Line) -> list[tuple[float, float]]:
    cells = list(zip(line.cells, line.lefts, line.rights, strict=True))[1:]
    return [(left, right) for text, left, right in cells if is_amount(text)]
