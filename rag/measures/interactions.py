"""Measures together: what acts on one load is not added up twice. Pure.

In series on one end use: E * (1 - (1 - s1)(1 - s2) ...), never more than the load itself (superposition of efficiency measures,
ISO 17741).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Literal

from rag.measures.model import Estimate
from rag.models import Range

ALTERNATIVES = tuple(
    map(
        frozenset,
        (
            {"night_pumping", "photovoltaics"},
            {"boiler_renewal", "heat_pump_for_boiler"},
            {"water_reuse", "reuse_plant"},
            {"pump_replacement", "throttled_pumps"},
            {"battery", "solar_battery"},
            {"pump_replacement", "pump_speed"},
            {"throttled_pumps", "pump_speed"},
            {"pressure_management", "network_pressure"},
            {"leak_repair", "network_leak"},
            {"network_leak", "network_pressure"},
        ),
    )
)
"""Pairs that are known to take each other's savings away at a site: of both, the better one counts."""


Rejected = frozenset[tuple[str, str]]
"""(site, measure) of what a document of the company speaks against: of two alternatives, the other counts."""
Reason = Literal["does_not_pay", "advised_against", "alternatives", "overlap"]
"""Why a measure is not added up: it is worth less than it costs; a document speaks against it; another takes its place; both act
on one load, and how much of it each saves is not known, so that the better one counts alone."""


@dataclass(frozen=True, slots=True)
class Part:
    """Measures that act on one load, and EUR a year of all of them at once."""

    estimates: tuple[Estimate, ...]
    value: Range


@dataclass(frozen=True, slots=True)
class Added:
    """What is added up, EUR a year, load by load, and what is left out, by reason."""

    value: Range
    parts: tuple[Part, ...]
    left: Mapping[Reason, tuple[Estimate, ...]]


def added_up(estimates: Sequence[Estimate], rejected: Rejected = frozenset(), *, named: bool = False) -> Added:
    """All of them at once, each load counted once; what a document speaks against only if the asker `named` the measures."""
    against = [one for one in estimates if pays(one) and (one.site, one.measure) in rejected and not named]
    paying = [one for one in estimates if pays(one) and one not in against]
    kept = _without_alternatives(paying, rejected)
    by_load: defaultdict[tuple[str, str], list[Estimate]] = defaultdict(list)
    for one in kept:
        by_load[one.site, one.load].append(one)
    parts, over = [], list[Estimate]()
    for held in by_load.values():
        together_on_it = held if _known(held) else [max(held, key=_saved)]
        over += [one for one in held if one not in together_on_it]
        parts.append(Part(tuple(together_on_it), Range(*(_of_load(together_on_it, end) for end in ("low", "mid", "high")))))
    value = Range(*(float(sum(getattr(one.value, end) for one in parts)) for end in ("low", "mid", "high")))
    left: dict[Reason, tuple[Estimate, ...]] = {
        "does_not_pay": tuple(one for one in estimates if not pays(one)),
        "advised_against": tuple(against),
        "alternatives": tuple(one for one in paying if one not in kept),
        "overlap": tuple(over),
    }
    return Added(value, tuple(parts), left)


def avoided(parts: Sequence[Part]) -> float:
    """Tonnes of CO2 a year of what is added up, each load counted once."""
    return sum(_share(one.estimates, "mid") * sum(each.co2_t.mid for each in one.estimates if each.co2_t) for one in parts)


def together(estimates: Sequence[Estimate]) -> Range:
    """EUR a year of all of them at once, each load counted once."""
    return added_up(estimates).value


def pays(one: Estimate) -> bool:
    """Whether it is worth what it costs, as far as that is known."""
    return one.npv_eur is None or one.npv_eur.mid >= 0


def _saved(one: Estimate) -> float:
    return one.cost_eur.mid if one.cost_eur else 0.0


def _known(held: Sequence[Estimate]) -> bool:
    """Whether it is known how much is left of measures on one load: the load, and what each saves of it."""
    return len(held) == 1 or (any(one.load_kwh for one in held) and all(one.energy_kwh for one in held))


def _of_load(held: Sequence[Estimate], end: str) -> float:
    saved = [float(getattr(one.cost_eur, end)) for one in held if one.cost_eur]
    return max(_share(held, end) * sum(saved), *saved, 0.0)


def _share(held: Sequence[Estimate], end: str) -> float:
    """How much of the simple sum is left when measures act on the same load one after the other."""
    load = max((one.load_kwh for one in held if one.load_kwh), default=0.0)
    saved = [getattr(one.energy_kwh, end) for one in held if one.energy_kwh]
    if len(saved) < 2 or load <= 0 or sum(saved) <= 0:
        return 1.0
    combined = load * (1 - prod(1 - min(1.0, one / load) for one in saved))
    return float(min(1.0, combined / sum(saved)))


def _without_alternatives(estimates: Sequence[Estimate], rejected: Rejected) -> list[Estimate]:
    kept = list(estimates)
    for one in estimates:
        others = [held for held in kept if held.site == one.site and held.measure in one.instead_of]
        if one in kept and others:
            better = worth(one)[0] > sum(worth(held)[0] for held in others)
            kept = [held for held in kept if held not in (others if better else [one])]
    for pair in ALTERNATIVES:
        for site in {one.site for one in kept}:
            rivals = [one for one in kept if one.site == site and one.measure in pair]
            if len(rivals) > 1:
                kept.remove(min(rivals, key=lambda one: ((one.site, one.measure) not in rejected, worth(one))))
    return kept


def worth(one: Estimate) -> tuple[float, float]:
    """What estimates are ranked by: net present value, else five years' savings; then the quicker payback."""
    savings = one.cost_eur.mid if one.cost_eur else 0.0
    value = one.npv_eur.mid if one.npv_eur else 5 * savings
    return value, -(one.payback_years.mid if one.payback_years else 99.0)
