"""What became of a recommendation: an entry of the register, and what each decision makes of it. Pure.

An entry is of one measure at one site. While it is proposed its savings follow what is reckoned anew; from the first decision on
they stay as they were decided upon, so that what was realised is held against what was promised.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from rag.models import Kind, Range, Recommendation

Standing = Literal["proposed", "accepted", "rejected", "done"]
Doubt = Literal["", "no_saving", "uncertain", "short_baseline"]
MOST_CHANGES = 50
"""Decisions on one entry that are kept; of more, the earliest go."""
REASON_CHARS = 500


@dataclass(frozen=True, slots=True)
class Change:
    """A decision. `at` is the day on which it was told; `by` is platform:tenant:user, "" once that person had it erased.

    `once` is a digest of the message that told it, so that the same message decides once.
    """

    at: date
    status: Standing
    by: str = ""
    reason: str = ""
    done_on: date | None = None
    once: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A measure at a site with what it was said to save a year. `number` is its short name for people (R12).

    proposed, updated  days on which it was first proposed, and on which its savings were reckoned last
    title              in the language in which it was proposed first, for a measure whose texts have gone
    """

    number: int
    site: str
    measure: str
    kind: Kind
    title: str
    proposed: date
    updated: date
    basis: str = ""
    confidence: str = ""
    energy_kwh: Range | None = None
    water_m3: Range | None = None
    cost_eur: Range | None = None
    co2_t: Range | None = None
    investment_eur: Range | None = None
    changes: tuple[Change, ...] = ()

    @property
    def status(self) -> Standing:
        """Where it stands now."""
        return self.changes[-1].status if self.changes else "proposed"

    @property
    def reason(self) -> str:
        """Why, in the words of who decided last."""
        return self.changes[-1].reason if self.changes else ""

    @property
    def done_on(self) -> date | None:
        """The day on which it was done, if it is."""
        return self.changes[-1].done_on if self.status == "done" else None

    @property
    def id(self) -> str:
        """As people write it."""
        return f"R{self.number}"


def is_computed(one: Recommendation) -> bool:
    """Whether something was reckoned of it: what only a document proposes has no numbers to hold it to."""
    return one.site is not None and bool(one.cost_eur or one.energy_kwh or one.water_m3)


def entered(one: Recommendation, number: int, today: date) -> Entry:
    """A new entry."""
    return Entry(
        number, one.site or "", one.measure, one.kind, one.title, today, today, one.basis, one.confidence, one.energy_kwh,
        one.water_m3, one.cost_eur, one.co2_t, one.investment_eur,
    )  # fmt: skip


def renewed(entry: Entry, one: Recommendation, today: date) -> Entry:
    """With the savings as they are reckoned now, if nothing was decided yet; else unchanged."""
    return entry if entry.status != "proposed" else replace(entered(one, entry.number, today), proposed=entry.proposed,
                                                            title=entry.title, changes=entry.changes)  # fmt: skip


def decided(entry: Entry, change: Change) -> Entry:
    """With one decision more; unchanged if the same message told it before."""
    if change.once and any(one.once == change.once for one in entry.changes):
        return entry
    kept = replace(change, reason=" ".join(change.reason.split())[:REASON_CHARS])
    return replace(entry, changes=(*entry.changes, kept)[-MOST_CHANGES:])


def without_person(entry: Entry, who: str) -> Entry:
    """The decisions stay, who made them goes."""
    return replace(entry, changes=tuple(replace(one, by="") if one.by == who else one for one in entry.changes))


@dataclass(frozen=True, slots=True)
class Realised:
    """What a measure has saved so far, a year, and within what it lies at 90 % confidence; `unit` is kWh/year or m3/year.

    `doubt` is why that proves no saving: none was measured, it is too uncertain (ASHRAE Guideline 14), or the baseline has less
    than a year (CalTRACK).
    """

    unit: str
    value: float
    low: float
    high: float
    days: int
    doubt: Doubt = ""


_RANGES = ("energy_kwh", "water_m3", "cost_eur", "co2_t", "investment_eur")
_REALISED = ("unit", "value", "low", "high", "days", "doubt")
FIELDS = (
    "id", "site", "site_name", "measure", "title", "kind", "status", "reason", "decided_on", "decided_by", "done_on",
    "proposed_on", "updated_on", "basis", "confidence",
    *(f"{name}_{end}" for name in _RANGES for end in ("low", "mid", "high")),
    *(f"realised_{name}" for name in _REALISED), "history",
)  # fmt: skip
"""Columns of the CSV export, fixed: savings are a year, investment is once, dates are ISO 8601."""


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as it is exported: with its names in the company's language, and what it has saved if that is known."""

    entry: Entry
    site_name: str
    title: str
    realised: Realised | None = None
    building_sync: str = ""


def to_csv(rows: Iterable[Row]) -> str:
    """RFC 4180 with a header. A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.DictWriter(out, FIELDS)
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _inert(value) for name, value in _cells(row).items()})
    return out.getvalue()


def _cells(row: Row) -> dict[str, object]:
    one = row.entry
    last = one.changes[-1] if one.changes else None
    told: dict[str, object] = {
        "id": one.id, "site": one.site, "site_name": row.site_name, "measure": one.measure, "title": row.title,
        "kind": one.kind, "status": one.status, "reason": one.reason, "decided_on": last.at if last else "",
        "decided_by": last.by if last else "", "done_on": one.done_on or "", "proposed_on": one.proposed,
        "updated_on": one.updated, "basis": one.basis, "confidence": one.confidence, "history": _history(one.changes),
    }  # fmt: skip
    for name in _RANGES:
        held: Range | None = getattr(one, name)
        told |= {f"{name}_{end}": _shown(getattr(held, end)) if held else "" for end in ("low", "mid", "high")}
    saved = row.realised
    return told | {f"realised_{name}": _shown(getattr(saved, name)) if saved else "" for name in _REALISED}


def _shown(value: object) -> object:
    """No more decimals than a saving has meaning in; what is below a unit keeps three."""
    return round(value, 1 if abs(value) >= 1 else 3) if isinstance(value, float) else value


def _history(changes: Sequence[Change]) -> str:
    return "; ".join(f"{one.at} {one.status}" + (f" ({one.reason})" if one.reason else "") for one in changes)


def _inert(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value
