"""The register in words: how everything stands, each entry with what it was said to save and what it has saved. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from config.company import SiteConfig
from config.texts import day, keys, text
from rag import explain
from rag.advice import CALCULATION, computed
from rag.evidence import Computed, Evidence, Statement, unmarked
from rag.measures.model import Calculation, NotApplicable
from rag.models import Language, Range
from rag.registered import Entry, Realised, Standing


def measure_title(entry: Entry, site: SiteConfig, language: Language) -> str:
    """What the measure is called; as it was when it was proposed, if it has gone since."""
    proposal = next((one for one in site.proposals if one.id == entry.measure), None)
    key = f"measures.{entry.measure}.title"
    return proposal.title[language] if proposal else text(language, key) if key in keys(language) else entry.title


def heading(entries: Sequence[Entry], where: str, language: Language) -> Statement:
    """How many stand how."""
    counts = Counter(one.status for one in entries)
    order: tuple[Standing, ...] = ("proposed", "accepted", "done", "rejected")
    told = ", ".join(text(language, f"register.count.{one}", count=counts[one]) for one in order if counts[one])
    return Statement(text(language, "register.heading", where=where, counts=told), ())


def statement(
    entry: Entry, site: SiteConfig, saved: tuple[Realised, Calculation] | NotApplicable | None, language: Language,
    with_site: bool,
) -> Statement:  # fmt: skip
    """An entry as a list item, which cites what it was said to save and the calculation of what it has saved."""
    title = unmarked(measure_title(entry, site, language))
    parts = [_standing(entry, title if not with_site else f"{title} ({site.name})", language)]
    promised = _promised(entry, language)
    if promised:
        parts.append(text(language, "register.predicted", savings=promised))
    if isinstance(saved, NotApplicable):
        parts.append(text(language, f"register.unmeasured.{saved.reason}", **saved.values))
    evidence: list[Evidence] = [_evidence(entry, site, title, " ".join(parts), language)]
    said = " ".join(f"{part} [1]" if place == len(parts) - 1 else part for place, part in enumerate(parts))
    if isinstance(saved, tuple):
        evidence.append(computed(saved[1], site, language, title))
        said += f" {_measured(*saved, language)} [2]"
    return Statement(said, tuple(evidence), lead="\n- ")


def _standing(entry: Entry, title: str, language: Language) -> str:
    last = entry.changes[-1] if entry.changes else None
    on = entry.done_on or (last.at if last else entry.proposed)
    reason = f" {text(language, 'register.reason', reason=unmarked(entry.reason))}" if entry.reason else ""
    return text(language, f"register.line.{entry.status}", id=entry.id, title=title, day=day(on, language), reason=reason)


def _promised(entry: Entry, language: Language) -> str:
    told = ((entry.cost_eur, "EUR/year"), (entry.energy_kwh, "kWh/year"), (entry.water_m3, "m3/year"))
    grade: explain.Grade = "high" if entry.confidence == "high" else "low"
    return ", ".join(explain.estimate(value, unit, language, grade) for value, unit in told if value)


def _measured(saved: Realised, calculation: Calculation, language: Language) -> str:
    grade: explain.Grade = "low" if saved.doubt else "medium"
    spoken = explain.estimate(Range(saved.low, saved.value, saved.high), saved.unit, language, grade)
    share = explain.significant(calculation.result("of_predicted").value, language, 2)
    told = text(language, "register.measured", saved=spoken, share=share, days=saved.days)
    return f"{told} {text(language, f'register.doubt.{saved.doubt}')}" if saved.doubt else told


def _evidence(entry: Entry, site: SiteConfig, title: str, line: str, language: Language) -> Computed:
    """The entry itself: what was promised, decided and why, as it stands in the register."""
    plain = unmarked(line.replace("**", ""))
    identity = f"{CALCULATION}{site.id}/register.{entry.measure}"
    name = text(language, "register.citation", id=entry.id)
    held = (entry.cost_eur, entry.energy_kwh, entry.water_m3, entry.investment_eur)
    values = tuple(end for one in held if one for end in (one.low, one.mid, one.high))
    return Computed(identity, name, f"{site.name}, {title}", plain, values)
