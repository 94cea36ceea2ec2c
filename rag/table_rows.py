"""A table's rows in a passage: read with their headings, and told apart by the years, names and numbers of a question. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from math import inf

from rag.analyse import stems, terms
from rag.headings import CELL, cells, is_row, of_lines, only_names
from rag.rewrite import month

_YEAR = re.compile(r"(?:19|20)\d\d")
_DATED = re.compile(r"\b(?:19|20)\d\d-(\d\d)\b|\b\d{1,2}/(\d{1,2})/(?:19|20)\d\d\b")


def named(part: Sequence[str], place: int) -> str:
    """What the headings of a table's row say of each column, as a row; empty for what is no row or a heading itself.

    They are the first of the rows around it (see rag.ports.Block).
    """
    if not is_row(part[place]):
        return ""
    first = place
    while first > 0 and is_row(part[first - 1]):
        first -= 1
    found = of_lines(part[first:])
    return CELL.join(found.names) if place >= first + found.rows else ""


def labelled(row: str, names: str) -> str:
    """A table's row for a reader: each cell behind its heading, empty cells left out."""
    told, headed = cells(row), cells(names)
    if len(told) > len(headed):
        return row
    return "; ".join(
        f"{name.strip()}: {cell.strip()}" if name.strip() else cell
        for name, cell in zip(headed, told, strict=False)
        if cell.strip()
    )


def lacking(part: Sequence[str], asked: Iterable[str]) -> Mapping[int, float]:
    """For each row of the tables in a passage, the share that it lacks of what is asked and tells the table's rows apart.

    It is infinite for a row of another year than the one asked for, and for one that only names columns.
    """
    words, lacks = list(dict.fromkeys(asked)), dict[int, float]()
    for place, line in enumerate(part):
        if place in lacks or not is_row(line):
            continue
        table = list(takewhile(is_row, part[place:]))
        count = of_lines(table).rows
        lacks |= dict.fromkeys(range(place, place + count), inf if only_names(table) else 0.0)
        if table[count:]:
            around = CELL.join(of_lines(table).names)
            lacks |= dict(enumerate(_shares(words, around, table[count:]), start=place + count))
    return lacks


def _shares(asked: Sequence[str], names: str, rows: Sequence[str]) -> list[float]:
    """For each row of a table what it lacks. What the columns' names say, every row says."""
    around = set(terms(names))
    held = [[set(terms(cell)) for cell in cells(row)] for row in rows]
    years = [word for word in asked if _YEAR.fullmatch(word) and word not in around]
    telling = [word for word in asked if not _in(word, around) and _tells_apart(word, held)]
    months = [number for word in asked if (number := month(word)) and word not in around]
    return [
        inf
        if _of_another_year(row, years, held)
        else (sum(not any(_in(word, cell) for cell in row) for word in telling) + _of_other_months(line, months))
        / max(1, len(telling) + bool(months))
        for line, row in zip(rows, held, strict=True)
    ]


def _of_other_months(row: str, months: Sequence[int]) -> float:
    """The share of the dates that name a row (its first cell, «2031-11-03 a 2031-11-30») that are in no month asked for."""
    dated = [int(found[1] or found[2]) for found in _DATED.finditer(cells(row)[0])] if months else []
    return sum(one not in months for one in dated) / len(dated) if dated else 0.0


def _tells_apart(word: str, held: Sequence[Sequence[set[str]]]) -> bool:
    """Whether some rows have a word in a column and others do not; a number only in the first: it is an amount elsewhere."""
    columns = 1 if word.isdigit() and not _YEAR.fullmatch(word) else max(map(len, held))
    having = (sum(column < len(row) and _in(word, row[column]) for row in held) for column in range(columns))
    return any(0 < count < len(held) for count in having)


def _of_another_year(row: Sequence[set[str]], years: Sequence[str], held: Sequence[Sequence[set[str]]]) -> bool:
    """Whether a row has no year that is asked for, but another as its name, or in a column where a row has one asked for."""
    if not years or any(year in cell for cell in row for year in years):
        return False
    dated = [column for column, cell in enumerate(row) if any(map(_YEAR.fullmatch, cell))]
    return any(
        column == 0 or any(column < len(one) and year in one[column] for one in held for year in years) for column in dated
    )


def _in(word: str, cell: set[str]) -> bool:
    return any(stem in cell for stem in stems(word))
