"""Each thing once: of a consumption and its tariff periods in columns side by side, which is the whole and which its parts."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from rag.errors import InputError
from rag.readings import marks
from rag.readings.headers import Header, carrier_of
from rag.readings.table import Table

_PERIOD = re.compile(
    r"\bp ?[1-6]\b|\be[1-6]\b|\bperiodos? [1-6]\b|\bpunta\b|\bllano\b|\bvalle\b|peak\b|\bshoulder\b"
    r"|^(?:day|night|dia|noche)\b|\b(?:high|low|day|night) rate\b|\b(?:diurn|nocturn)"
)
_TOTAL = re.compile(r"\btotal\b")
_NEAR = 0.01


def is_period(one: Header) -> bool:
    """Whether a column holds one tariff period."""
    return bool(_PERIOD.search(one.words))


def without_parts(found: Sequence[Header], read: Table, name: str) -> tuple[list[Header], list[Header]]:
    """(What to read, what is a part of it or a sum of it). Tariff periods beside one total are its parts; without any they stay.

    A column that is not called total is one if the periods add up to it; InputError if they do not. A total of several things,
    of electricity and gas say, is none of them.
    """
    parts = list[Header]()
    for unit in dict.fromkeys(one.unit for one in found):
        of_unit = [one for one in found if one.unit == unit]
        periods = [one for one in of_unit if is_period(one)]
        wholes = [one for one in of_unit if one not in periods]
        totals = [one for one in wholes if is_total(one)]
        if totals and len({carrier_of(unit, one.text, name) for one in of_unit if one not in totals}) > 1:
            parts += totals
        elif len(periods) > 1 and wholes:
            whole = totals or wholes
            if len(whole) > 1 or not (totals or _adds_up(periods, whole[0], read, name)):
                listed = ", ".join(one.text for one in whole)
                raise InputError(
                    f"{name}: are its tariff periods parts of {listed}? Leave one of both out, or call the whole total"
                )
            parts += periods
    return [one for one in found if one not in parts], [replace(one, why="part") for one in parts]


def is_total(one: Header) -> bool:
    """Whether a column is called a total."""
    return bool(_TOTAL.search(one.words))


def _adds_up(periods: Sequence[Header], whole: Header, read: Table, name: str) -> bool:
    texts = [one.text for one in (*periods, whole)]
    mark = read.mark(texts, name)
    *parts, total = (math.fsum(value for value in marks.numbers(read.column(one), name, mark) if value == value) for one in texts)
    return abs(sum(parts) - total) <= _NEAR * abs(total)
