"""What measures come to together, savings and outlay, with what is added up and what is left out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from config.texts import text
from rag import explain
from rag.advice import CALCULATION, Assessed, title
from rag.evidence import Computed, Statement
from rag.measures.interactions import Added, Rejected, added_up, avoided
from rag.measures.model import Estimate
from rag.models import Language, Range


def total(
    held: Sequence[Assessed], language: Language, rejected: Rejected = frozenset(), *, named: bool = False, every: int = 0
) -> Statement | None:
    """What all of them are worth together, loads counted once; None if there is nothing to add up.

    `named`: the asker named them, so that what a document speaks against is added, and that is said; `every`: of how many.
    """
    estimates = [estimate for one in held for estimate in one.estimates if estimate.cost_eur]
    if len(estimates) < 2:
        return None
    added = added_up(estimates, rejected, named=named)
    if not added.parts:
        return None
    where = held[0].site if len(held) == 1 else None
    name = where.name if where else text(language, "recommend.everywhere")
    identity = f"{CALCULATION}{where.id if where else '*'}/together"
    value, outlay = added.value, _outlay(added, held, language)
    count = sum(len(one.estimates) for one in held)
    of_all = text(language, "advice.together_of", shown=count, every=every, mark="[1]") if every > count else ""
    counted = text(language, "advice.counted", shown=count, every=every) if every > count else ""
    working = "; ".join(filter(None, (_working(added, held, language), outlay.working, counted)))
    values = (value.mid, value.low, value.high, *outlay.values, *((count, every) if of_all else ()))
    said = Computed(identity, text(language, "advice.together_title"), name, working, values)
    shown_total = explain.estimate(value, "EUR/year", language, "low") + outlay.told
    sites = {one.site.id: one.site for one in held}

    def named_at(one: Estimate) -> str:
        name = title(one, sites[one.site], language)
        return name if where else f"{sites[one.site].name}: {name}"

    left = _left(added, named_at, language)
    told = text(language, "advice.together", left=left, total=shown_total, mark="[1]")
    advised = [one for part in added.parts for one in part.estimates if (one.site, one.measure) in rejected]
    if advised:
        names = ", ".join(map(named_at, advised))
        told += " " + text(language, "advice.together_against", measures=names, mark="[1]")
    return Statement(f"{told} {of_all}".strip(), (said,))


def carbon(held: Sequence[Assessed], language: Language, rejected: Rejected = frozenset(), every: int = 0) -> Statement | None:
    """What all of them, of so many, avoid to be emitted together, loads counted once; None if there is nothing to add up."""
    estimates = [estimate for one in held for estimate in one.estimates if estimate.cost_eur and estimate.co2_t]
    added = added_up(estimates, rejected)
    value = avoided(added.parts)
    if len(estimates) < 2 or value <= 0:
        return None
    sites, count = {one.site.id: one.site for one in held}, sum(len(one.estimates) for one in held)

    def named_at(one: Estimate) -> str:
        return f"{sites[one.site].name}: {title(one, sites[one.site], language)}"

    def told(one: Estimate) -> str:
        return f"{named_at(one)} {explain.shown(one.co2_t.mid if one.co2_t else 0.0, 'tCO2/year', language)}"

    total_told = explain.shown(value, "tCO2/year", language)
    working = " + ".join(told(one) for part in added.parts for one in part.estimates)
    said = Computed(
        f"{CALCULATION}{next(iter(sites)) if len(sites) == 1 else '*'}/carbon",
        text(language, "advice.together_title"),
        next(iter(sites.values())).name if len(sites) == 1 else text(language, "recommend.everywhere"),
        f"{working} = {total_told}",
        (value, count, every),
    )
    left = _left(added, named_at, language)
    of_all = text(language, "advice.together_of", shown=count, every=every, mark="[1]") if every > count else ""
    emitted = text(language, "advice.together_carbon", left=left, total=total_told, mark="[1]")
    return Statement(f"{emitted} {of_all}".strip(), (said,))


def _left(added: Added, named_at: Callable[[Estimate], str], language: Language) -> str:
    """What a sum leaves out, each with the reason; nothing if it leaves nothing out."""
    parts = ((reason, one) for reason, those in added.left.items() for one in those)
    names = ", ".join(text(language, f"advice.left_out.{reason}", measure=named_at(one)) for reason, one in parts)
    return text(language, "advice.together_left", measures=names) if names else ""


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
