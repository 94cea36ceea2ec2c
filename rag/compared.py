"""Measures that were recommended, held against each other: in another order, in short, or what all come to. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from config.texts import text
from rag import explain
from rag.advice import computed, savings, shown, title
from rag.advised import Held
from rag.cite import cite
from rag.evidence import Computed, Statement
from rag.measures.model import Estimate
from rag.models import Answer, Language, Range

Criterion = Literal["payback", "investment", "energy", "water", "npv", "money", "co2"]
_VALUES: dict[Criterion, tuple[Callable[[Estimate], Range | None], str]] = {
    "payback": (lambda one: one.payback_years, "year"),
    "investment": (lambda one: one.investment_eur, "EUR"),
    "energy": (lambda one: one.energy_kwh, "kWh/year"),
    "water": (lambda one: one.water_m3, "m3/year"),
    "npv": (lambda one: one.npv_eur, "EUR"),
    "money": (lambda one: one.cost_eur, "EUR/year"),
    "co2": (lambda one: one.co2_t, "tCO2/year"),
}

_MOST = 20
"""Measures that are put in order, each in a line."""


@dataclass(frozen=True, slots=True)
class Ordering:
    """By what measures are to be ordered, the largest first if `falling`; or what they come to `together`,
    by name if not all that were told are meant; or all in short, in the order in which they were told.
    """

    by: Criterion = "npv"
    falling: bool = False
    together: bool = False
    named: bool = False
    brief: bool = False


def compared(held: Sequence[Held], asked: Ordering, where: str, language: Language, added: Statement | None = None) -> Answer:
    """The measures in the order that is asked for; those of which nothing is known of that come last, by name; all `added`."""
    value, unit = _VALUES[asked.by]
    known = sorted(((found.mid, one) for one in held if (found := value(one.estimate))), key=lambda pair: pair[0])
    ordered = [one for _, one in (reversed(known) if asked.falling else known)]
    ordered = [*ordered, *(one for one in held if not value(one.estimate))][:_MOST]
    located = len({one.site.id for one in held}) > 1
    direction = text(language, "again.falling" if asked.falling else "again.rising")
    what, key = text(language, f"again.by.{asked.by}"), "again.ordered" if len(held) > 1 else "again.of_one"
    statements = [Statement(text(language, key, what=what, direction=direction, where=where), ())]
    if len(held) > _MOST:
        statements.append(Statement(text(language, "again.some", shown=_MOST, every=len(held)), (), lead=" "))
    lines = (_line(one, asked.by, unit, language, located=located) for one in ordered)
    statements += [replace(line, lead=f"\n- **{n}.** ") for n, line in enumerate(lines, start=1)]
    return _answer([*statements, *([added] if added else [])], ordered, language, asked.by)


def brief(held: Sequence[Held], added: Statement | None, where: str, language: Language) -> Answer:
    """The measures as they were told, each in a line: what it saves, costs and when it is paid back; then all of them `added`."""
    located = len({one.site.id for one in held}) > 1
    lines = (_short(one, language, located=located) for one in held)
    told = [replace(line, lead=f"\n- **{n}.** ") for n, line in enumerate(lines, start=1)]
    statements = [Statement(text(language, "again.brief", where=where), ()), *told, *([added] if added else [])]
    return _answer(statements, held, language)


def _answer(statements: Sequence[Statement], told: Sequence[Held], language: Language, by: Criterion = "npv") -> Answer:
    body, citations = cite(statements, language)
    numbers = {(one.passage_id, one.quote): one.n for one in citations}
    recommendations = []
    for one in told:
        marks = (numbers[each.id, each.quote] for each in _evidence(one, language, by))
        recommendations.append(one.recommendation(language, tuple(dict.fromkeys(marks))))
    return Answer("answered", language, body, citations, recommendations=tuple(recommendations))


def _short(one: Held, language: Language, *, located: bool) -> Statement:
    estimate, evidence = one.estimate, _evidence(one, language)
    parts = [text(language, "again.saves", savings=savings(estimate, language))]
    if estimate.investment_eur is None:
        parts.append(text(language, "again.unpriced"))
    elif not estimate.investment_eur.high:
        parts.append(text(language, "again.free"))
    else:
        spent = explain.estimate(estimate.investment_eur, "EUR", language, "high")
        parts.append(text(language, "again.invests", investment=spent))
        if estimate.payback_years:
            back = _told(estimate.payback_years, "year", "payback", estimate, language)
            parts.append(text(language, "again.pays_back", payback=back))
    marks = "".join(f"[{place}]" for place in range(1, len(evidence) + 1))
    return Statement(f"**{_name(one, language, located=located)}**: {'; '.join(parts)} {marks}", evidence)


def _line(one: Held, by: Criterion, unit: str, language: Language, *, located: bool) -> Statement:
    estimate, evidence, found = one.estimate, _evidence(one, language, by), _VALUES[by][0](one.estimate)
    if found is None:
        parts = [text(language, "again.unknown")]
    elif by == "payback" and not found.high:
        parts = [text(language, "again.at_once")]
    else:
        parts = [_told(found, unit, by, estimate, language)]
    if by != "investment" and estimate.investment_eur and estimate.investment_eur.high:
        spent = explain.estimate(estimate.investment_eur, "EUR", language, "high")
        parts.append(text(language, "again.invests", investment=spent))
    if by not in {"money", "energy", "water"} or found is None:
        parts.append(text(language, "again.saves", savings=savings(estimate, language)))
    marks = "".join(f"[{place}]" for place in range(1, len(evidence) + 1))
    return Statement(f"**{_name(one, language, located=located)}**: {'; '.join(parts)} {marks}", evidence)


def _told(found: Range, unit: str, by: Criterion, estimate: Estimate, language: Language) -> str:
    """As the recommendation says it."""
    if by in {"payback", "npv"}:
        return explain.estimate(Range(found.mid, found.mid, found.mid), unit, language, "medium")
    return explain.estimate(found, unit, language, "high" if by == "investment" else estimate.confidence)


def _name(one: Held, language: Language, *, located: bool) -> str:
    name = title(one.estimate, one.site, language)
    return f"{one.site.name}: {name}" if located else name


def _evidence(one: Held, language: Language, by: Criterion = "npv") -> tuple[Computed, ...]:
    name, carbon = (
        title(one.estimate, one.site, language),
        [each for each in one.estimate.calculations if each.method == "carbon"],
    )
    cited = [*shown(one.estimate), *(carbon if by == "co2" else [])]
    return tuple(computed(each, one.site, language, name) for each in cited)
