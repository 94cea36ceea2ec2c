"""The date of a document as it states it itself: front matter, metadata, or a line such as «Fecha: 12/03/2024»."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "enero january jan ene",
            "febrero february feb", "marzo march mar", "abril april apr abr", "mayo may",
            "junio june jun",
            "julio july jul", "agosto august aug ago", "septiembre setiembre september sep sept", "octubre october oct",
            "noviembre november nov", "diciembre december dec dic",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ISO = re.compile(r"\b(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})")
_NUMERIC = re.compile(r"\b(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4})\b")
_DAY_FIRST = re.compile(
    rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:de\s+|of\s+)?(?P<n>{_MONTH})\.?,?\s+(?:de[l]?\s+)?(?P<y>\d{{4}})\b", re.I
)
_MONTH_FIRST = re.compile(rf"\b(?P<n>{_MONTH})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})\b", re.I)
_MONTH_ONLY = re.compile(rf"\b(?P<n>{_MONTH})\.?\s+(?:de[l]?\s+)?(?P<y>\d{{4}})\b", re.I)
_STATES = re.compile(
    r"\b(?:fecha|date|dated|fechado|revisi[oó]n|revision|rev|versi[oó]n|version|edici[oó]n|edition|actualizad[oa]|updated|"
    r"publicad[oa]|published|issued|emitid[oa]|aprobad[oa]|approved|vigente|effective|en vigor)\b",
    re.IGNORECASE,
)
_NEAR, _LONGEST = 60, 200
"""Characters between such a word and its date, and of a line that states it: longer ones are prose."""
_TOP = 30
"""Lines read for a stated date: further down a date is about something else."""


def parse_date(value: object) -> date | None:
    """A date out of YAML, metadata or text; None if there is none. Numeric dates are day first, as in Spain."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    for pattern in (_ISO, _NUMERIC, _DAY_FIRST, _MONTH_FIRST, _MONTH_ONLY):
        found = pattern.search(value)
        if found:
            return _build(found.groupdict())
    return None


def pdf_date(value: str) -> date | None:
    """A PDF's «D:20210629204820+01'00'»."""
    found = re.match(r"(?:D:)?(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})", value)
    return _build(found.groupdict()) if found else None


def stated_date(lines: Iterable[str]) -> date | None:
    """The date that a line near the top states as the document's own («Fecha: …», «Revision 3, 12 March 2024»)."""
    for line, _ in zip(lines, range(_TOP), strict=False):
        for word in _STATES.finditer(line[:_NEAR]):
            found = parse_date(line[word.end() : word.end() + _NEAR])
            if found and len(line) <= _LONGEST:
                return found
    return None


def _build(parts: dict[str, str]) -> date | None:
    month = int(parts["m"]) if parts.get("m") else _MONTHS[parts["n"].lower()]
    try:
        return date(int(parts["y"]), month, int(parts.get("d") or 1))
    except ValueError:
        return None
