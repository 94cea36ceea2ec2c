"""Measures together: what acts on one load is not added up twice. Pure.

In series on one end use: E * (1 - (1 - s1)(1 - s2) ...), never more than the load itself (superposition of efficiency measures,
ISO 17741).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

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


@dataclass(frozen=True, slots=True)
class Part:
    """Measures that act on one load, and EUR a year of all of them at once."""

    estimates: tuple[Estimate, ...]
    value: Range


def parts(estimates: Sequence[Estimate]) -> list[Part]:
    """Measures by the load that they act on, without those to which a better one is the alternative."""
    by_load: defaultdict[tuple[str, str], list[Estimate]] = defaultdict(list)
    for one in _without_alternatives(estimates):
        by_load[one.site, one.load].append(one)
    return [Part(tuple(held), Range(*(_of_load(held, end) for end in ("low", "mid", "high")))) for held in by_load.values()]


def together(estimates: Sequence[Estimate]) -> Range:
    """EUR a year of all of them at once, each load counted once."""
    held = parts(estimates)
    return Range(*(sum(getattr(one.value, end) for one in held) for end in ("low", "mid", "high")))


def _of_load(held: Sequence[Estimate], end: str) -> float:
    return _share(held, end) * float(sum(getattr(one.cost_eur, end) for one in held if one.cost_eur))


def _share(held: Sequence[Estimate], end: str) -> float:
    """How much of the simple sum is left when measures act on the same load one after the other."""
    load = max((one.load_kwh for one in held if one.load_kwh), default=0.0)
    saved = [getattr(one.energy_kwh, end) for one in held if one.energy_kwh]
    if len(saved) < 2 or load <= 0 or sum(saved) <= 0:
        return 1.0
    combined = load * (1 - prod(1 - min(1.0, one / load) for one in saved))
    return float(min(1.0, combined / sum(saved)))


def _without_alternatives(estimates: Sequence[Estimate]) -> list[Estimate]:
    kept = list(estimates)
    for pair in ALTERNATIVES:
        for site in {one.site for one in kept}:
            rivals = sorted((one for one in kept if one.site == site and one.measure in pair), key=worth)
            if len(rivals) > 1:
                kept.remove(rivals[0])
    return kept


def worth(one: Estimate) -> tuple[float, float]:
    """What estimates are ranked by: net present value, else five years' savings; then the quicker payback."""
    savings = one.cost_eur.mid if one.cost_eur else 0.0
    value = one.npv_eur.mid if one.npv_eur else 5 * savings
    return value, -(one.payback_years.mid if one.payback_years else 99.0)
