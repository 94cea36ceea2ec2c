"""What measures come to together, savings and outlay, with what is added up and what is left out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from config.texts import text
from rag import explain
from rag.advice import CALCULATION, Assessed, title
from rag.evidence import Computed, Statement
from rag.measures.interactions import Added, Rejected, added_up
from rag.measures.model import Estimate
from rag.models import Language, Range


def total(held: Sequence[Assessed], language: Language, rejected: Rejected = frozenset()) -> Statement | None:
    """What all of them are worth together, loads counted once; None if there is nothing to add up."""
    estimates = [estimate for one in held for estimate in one.estimates if estimate.cost_eur]
    if len(estimates) < 2:
        return None
    added = added_up(estimates, rejected)
    where = held[0].site if len(held) == 1 else None
    name = where.name if where else text(language, "recommend.everywhere")
    identity = f"{CALCULATION}{where.id if where else '*'}/together"
    value, outlay = added.value, _outlay(added, held, language)
    working = "; ".join(filter(None, (_working(added, held, language), outlay.working)))
    values = (value.mid, value.low, value.high, *outlay.values)
    said = Computed(identity, text(language, "advice.together_title"), name, working, values)
    shown_total = explain.estimate(value, "EUR/year", language, "low") + outlay.told
    sites = {one.site.id: one.site for one in held}
    without = ", ".join(title(one, sites[one.site], language) for those in added.left.values() for one in those)
    left = text(language, "advice.together_left", measures=without) if without else ""
    return Statement(text(language, "advice.together", left=left, total=shown_total, mark="[1]"), (said,))


@dataclass(frozen=True, slots=True)
class _Outlay:
    """What those that are added up cost to carry out: as it is told behind their savings, its working, its values."""

    told: str = ""
    working: str = ""
    values: tuple[float, ...] = ()


def _outlay(added: Added, held: Sequence[Assessed], language: Language) -> _Outlay:
    sites = {one.site.id: one.site for one in held}
    those = [(one, title(one, sites[one.site], language)) for part in added.parts for one in part.estimates]
    known = [(one.investment_eur.mid, name) for one, name in those if one.investment_eur]
    spent, missing = sum(cost for cost, _ in known), ", ".join(name for one, name in those if not one.investment_eur)
    if not spent:
        return _Outlay()
    working = text(
        language, "advice.outlay", measures=" + ".join(f"{name} {explain.shown(cost, 'EUR', language)}" for cost, name in known)
    )
    investment, saved = explain.shown(spent, "EUR", language), added.value.mid
    if missing or saved <= 0:
        told = text(language, "advice.together_without", investment=investment, missing=missing or "-")
        return _Outlay(told, working, (spent,))
    back = explain.estimate(Range(*(spent / saved,) * 3), "year", language, "low")
    return _Outlay(
        text(language, "advice.together_spent", investment=investment, payback=back),
        working,
        (spent, spent / saved, explain.whole_months(spent / saved)),
    )


def _working(added: Added, held: Sequence[Assessed], language: Language) -> str:
    """What is added up: each measure with its savings, those on one load with what they save at once, and what is left out."""

    def named(those: Iterable[Estimate]) -> str:
        sites = {one.site.id: one.site for one in held}
        told = ((title(one, sites[one.site], language), sites[one.site].name, one.cost_eur) for one in those)
        return " + ".join(
            f"{f'{site}: ' if len(held) > 1 else ''}{name} {explain.shown(value.mid, 'EUR/year', language)}"
            for name, site, value in told
            if value
        )

    said = [
        named(part.estimates)
        if len(part.estimates) == 1
        else text(
            language,
            "advice.same_load",
            measures=named(part.estimates),
            value=explain.shown(part.value.mid, "EUR/year", language),
        )
        for part in added.parts
    ]
    said += [text(language, f"advice.left.{reason}", measures=named(left)) for reason, left in added.left.items() if left]
    return "; ".join(said)
