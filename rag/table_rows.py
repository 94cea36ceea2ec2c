"""A table's rows in a passage: read with their headings, and told apart by the years, names and numbers of a question. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import takewhile
from math import inf

from rag.analyse import content_words, stems, terms, words
from rag.headings import CELL, cells, is_row, of_lines, only_names
from rag.rewrite import month

_YEAR = re.compile(r"(?:19|20)\d\d")
_IN_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
"""A row's unit: «Agua no registrada (%)» is called as «Agua no registrada»."""
_LOST = re.compile(
    r"\bagua\b.*\b(?:pierd\w+|perd\w+)|\b(?:pierd\w+|p[eé]rdidas?)\b.*\bagua\b|\bwater\b.*\b(?:los[te]|loss|losses)\b"
    r"|\b(?:lose|loss|losses)\b.*\bwater\b|\bnon-?\s?revenue\b|\bunaccounted\b",
    re.IGNORECASE,
)
_LOSSES = "agua no registrada; agua no contabilizada; pérdidas de agua; non-revenue water; unaccounted-for water; water losses"
"""What water that a network loses is called in a water balance, however it is asked for."""
_NAMED = -0.5
"""What a row "lacks" whose whole name stands in the question: it answers, also beside prose that is more like the question."""
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


def lacking(part: Sequence[str], asked: Iterable[str], question: str = "", places: Sequence[str] = ()) -> Mapping[int, float]:
    """For each row of the tables in a passage, the share that it lacks of what is asked and tells the table's rows apart.

    It is infinite for a row of another year than the one asked for, and for one that only names columns. A row whose whole name
    stands in the question lacks less than nothing, unless it is one of the `places` that the question is about, which is not what
    is asked for; those whose names only share words with it lack all.
    """
    telling, lacks = list(dict.fromkeys(asked)), dict[int, float]()
    for place, line in enumerate(part):
        if place in lacks or not is_row(line):
            continue
        table = list(takewhile(is_row, part[place:]))
        count = of_lines(table).rows
        lacks |= dict.fromkeys(range(place, place + count), inf if only_names(table) else 0.0)
        if table[count:]:
            around = CELL.join(of_lines(table).names)
            shares = _by_name(_shares(telling, around, table[count:]), question, table[count:], places)
            lacks |= dict(enumerate(shares, start=place + count))
    return lacks


def _by_name(shares: Sequence[float], question: str, rows: Sequence[str], places: Sequence[str]) -> list[float]:
    """What rows lack where one is asked for by its whole name, two words at least («agua no registrada»); the longest counts."""
    said = _stemmed(words(f"{question}; {_LOSSES}" if _LOST.search(question) else question))
    called = [_stemmed(words(_IN_BRACKETS.sub(" ", cells(row)[0]))) for row in rows]
    asked = {name for name in called if len(name) > 1 and content_words(" ".join(name)) and _within(name, said)}
    asked = {name for name in asked if not any(name != other and _within(name, other) for other in asked)}
    alike = {word for name in asked for word in name if content_words(word)}
    sites = {_stemmed(words(place)) for place in places}
    return [
        share if share == inf or not alike & set(name) else _named(name, sites) if name in asked else max(share, 1.0)
        for share, name in zip(shares, called, strict=True)
    ]


def _named(name: tuple[str, ...], sites: Collection[tuple[str, ...]]) -> float:
    return 0.0 if name in sites else _NAMED


def _stemmed(said: Sequence[str]) -> tuple[str, ...]:
    return tuple(stems(word)[0] for word in said)


def _within(name: Sequence[str], said: Sequence[str]) -> bool:
    """Whether words stand side by side in others."""
    return any(tuple(said[place : place + len(name)]) == tuple(name) for place in range(len(said) - len(name) + 1))


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
