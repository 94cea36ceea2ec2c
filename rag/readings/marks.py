"""Numbers as files write them: the mark before their decimals is decided once for a file, and asked where it tells none. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.errors import InputError

_NOTHING = frozenset({"", "null", "nan", "-", "--", "n/a", "na", "#n/a"})
_EXACT = re.compile(r"-?\d+\.\d+e[+-]?\d+")
"""A number of a sheet (rag.readings.table): it was none of text, so that it tells nothing about the file's marks."""
_WRITTEN = {
    mark: re.compile(rf"[+-]?(?:\d+|[1-9]\d{{0,2}}(?:[\{group} '’]\d{{3}})+)?(?:\{mark}\d+)?(?:[eE][+-]?\d+)?")
    for mark, group in ((",", "."), (".", ","))
}
_EUROS = re.compile(r"€|\bEUR\b")
_UNGROUPED = re.compile(r"[+-]?\d{4,}(?:[.,]\d+)?")


@dataclass(frozen=True, slots=True)
class _Told:
    """What a column tells: marks that only stand before decimals in it, and a cell that may be a thousand or a decimal."""

    marks: frozenset[str]
    doubtful: str = ""


def decimal_mark(
    columns: Iterable[Sequence[str]], others: Iterable[Sequence[str]], name: str, *, distributor: bool = False
) -> str:
    """The decimal mark of the columns that are read; where none of them tells it, that of the file's `others`.

    `distributor`: a network operator's own export, which writes up to three decimals after a comma and groups no thousands.
    InputError if «1.200» may be a thousand or a decimal all the same, or if the columns have both marks.
    """
    held = [list(cells) for cells in columns]
    told = [_told(cells) for cells in held]
    marks = {mark for one in told for mark in one.marks}
    doubtful = next((one.doubtful for one in told if one.doubtful), "")
    if not marks and doubtful:
        marks = {mark for cells in others for mark in _told(cells).marks}
    if len(marks) > 1:
        raise InputError(f"{name}: its numbers have both marks before their decimals, point and comma: export it with one")
    if not marks and doubtful and distributor and "," in doubtful:
        hundreds = any(re.fullmatch(r"[1-9]\d\d", cell.strip()) for cells in held for cell in cells)
        marks = set() if hundreds else {","}  # «980» beside «1,234» is what grouped thousands look like
    if not marks and doubtful:
        raise InputError(f"{name}: is {doubtful} a thousand or a decimal? Export it with a decimal mark")
    return marks.pop() if marks else "."


def numbers(cells: Sequence[str], name: str, mark: str) -> list[float]:
    """The cells as numbers, NaN where empty. InputError for words, and for a cell that contradicts the file's mark."""
    return [_number(_plain(cell), name, mark) for cell in cells]


def is_number(cell: str) -> bool:
    """Whether a cell is a number under either mark, or empty."""
    cell = _plain(cell)
    return cell.lower() in _NOTHING or _EXACT.fullmatch(cell) is not None or any(_fits(cell, mark) for mark in ",.")


def _told(cells: Sequence[str]) -> _Told:
    marks, doubtful, ungrouped = set[str](), "", False
    for cell in {_plain(one) for one in cells}:
        if _EXACT.fullmatch(cell):
            continue
        ungrouped = ungrouped or _UNGROUPED.fullmatch(cell) is not None
        if "," not in cell and "." not in cell:
            continue
        fitting = [mark for mark in ",." if _fits(cell, mark)]
        if len(fitting) == 1:
            marks.add(fitting[0])
        elif fitting and (not doubtful or cell < doubtful):
            doubtful = cell
    if doubtful and ungrouped and not marks:  # who writes 1234 beside it groups no thousands
        marks.add("," if "," in doubtful else ".")
    return _Told(frozenset(marks), "" if marks else doubtful)


def _fits(cell: str, mark: str) -> bool:
    return bool(re.search(r"\d", cell)) and _WRITTEN[mark].fullmatch(cell) is not None


def _plain(cell: str) -> str:
    """Without its euros, and with plain spaces and signs."""
    return _EUROS.sub("", cell).replace("\u00a0", " ").replace("\u202f", " ").replace("−", "-").strip()


def _number(cell: str, name: str, mark: str) -> float:
    if cell.lower() in _NOTHING:
        return float("nan")
    if _EXACT.fullmatch(cell):
        return float(cell)
    if _fits(cell, mark):
        return float(re.sub(rf"[ '’{'.' if mark == ',' else ','}]", "", cell).replace(mark, "."))
    if _fits(cell, "." if mark == "," else ","):
        raise InputError(f"{name}: {cell[:40]!r} contradicts the decimal mark {mark} of the file: export it with one")
    raise InputError(f"{name}: {cell[:40]!r} is no number")
