"""A cell's value as a reader sees it: percentages, thousands, units and dates as its number format (Excel's) shows them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache

from rag.ingest.clean import tidy

LONGEST_CELL = 2_000
LARGEST_WHOLE = 1e15
"""Up to which a float is a whole number where a program keeps all numbers as floats."""
_PIECES = re.compile(r'"(?P<text>[^"]*)"|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\\(?P<one>.)|(?P<sign>[€$£%])|\[[^\]]*\]|_.|\*.')
"""What of a format is not its digits: quoted text, a currency, an escaped character; colours and gaps, which show nothing."""
_DIGITS = re.compile(r"[0#?][0#?.,]*")
_SCALED = re.compile(r"(?<=[0#?])(,+)(?=\.|$)")
_LARGE, _LARGE_DIGITS, _DIGITS_SHOWN = 1e9, 15, 10


def shown(value: object, number_format: str = "") -> str:
    """A cell's value as text; without a format as it is stored."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02d}"
    if isinstance(value, (date, time)):
        day = "%Y-%m-%d" if number_format.lower().startswith("yyyy") else "%d/%m/%Y"
        whole_day = not isinstance(value, (datetime, time)) or (isinstance(value, datetime) and value.time() == time(0))
        return value.strftime(day if whole_day else "%H:%M" if isinstance(value, time) else f"{day} %H:%M")
    if isinstance(value, (int, float)):
        form = _form(number_format)
        return f"{form.before}{plain(value / form.divisor if form.divisor != 1 else value)}{form.after}"
    return tidy(str(value))[:LONGEST_CELL]


def plain(value: float) -> str:
    """A number in full, never as 1.2e+10; what a computation left behind its last meaningful digit is rounded away."""
    if isinstance(value, int):
        return str(value)
    digits = _LARGE_DIGITS if abs(value) >= _LARGE else _DIGITS_SHOWN
    text = f"{value:.{digits}g}"
    return format(Decimal(text), "f") if "e" in text else text


@dataclass(frozen=True, slots=True)
class _Form:
    """What stands before and after a number's digits, and what the value is divided by to give them."""

    before: str = ""
    after: str = ""
    divisor: float = 1


@lru_cache(maxsize=4096)
def _form(number_format: str) -> _Form:
    """What a format does to a positive number; nothing if it has conditions or no plain digits."""
    section = _first_section(number_format).replace("General", "0")
    texts = [
        next((match[name] for name in ("text", "currency", "one", "sign") if match[name] is not None), "")
        for match in _PIECES.finditer(section)
    ]
    bare = _PIECES.sub("\0", section)
    digits = _DIGITS.search(bare)
    if re.search(r"\[[<>=]", number_format) or digits is None or re.search(r"[a-z]", bare, re.IGNORECASE):
        return _Form()
    before = bare[: digits.start()].count("\0")
    left, right = " ".join(texts[:before]).strip(), "".join(texts[before:])
    percent = any(match["sign"] == "%" for match in _PIECES.finditer(section))
    scaled = _SCALED.search(digits.group())
    divisor = 1000.0 ** len(scaled[1]) if scaled else 1
    return _Form(f"{left} " if left else "", f" {right.strip()}" if right.strip() else "", divisor * (0.01 if percent else 1))


def _first_section(number_format: str) -> str:
    """The part for positive numbers: up to a semicolon that is neither quoted nor escaped."""
    for match in re.finditer(r'"[^"]*"|\\.|;', number_format):
        if match.group() == ";":
            return number_format[: match.start()]
    return number_format
