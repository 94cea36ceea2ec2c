"""The measures that together are worth most within a budget: an integer programme (scipy's HiGHS). Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from rag.measures.interactions import ALTERNATIVES
from rag.measures.model import Estimate


def portfolio(estimates: Sequence[Estimate], budget: float, count: int | None = None) -> list[Estimate]:
    """Those, `count` at most, that together are worth most within a budget, EUR; only what has an investment and a value is
    considered.
    """
    known = [one for one in estimates if one.npv_eur and one.investment_eur and one.npv_eur.mid > 0]
    if not known:
        return []
    values = np.array([one.npv_eur.mid for one in known if one.npv_eur])
    costs = np.array([one.investment_eur.mid for one in known if one.investment_eur])
    rows, most = [costs, np.ones(len(known))], [budget, float(count or len(known))]
    for pair in ALTERNATIVES:
        for site in {one.site for one in known}:
            rows.append(np.array([float(one.site == site and one.measure in pair) for one in known]))
            most.append(1.0)
    for one in known:
        for other in one.instead_of:
            rows.append(np.array([float(held is one or (held.site == one.site and held.measure == other)) for held in known]))
            most.append(1.0)
    limits, whole = LinearConstraint(np.vstack(rows), ub=most), np.ones(len(known), dtype=np.int8)
    found = milp(-values, constraints=limits, integrality=whole, bounds=Bounds(0, 1))
    return [one for one, taken in zip(known, found.x if found.x is not None else [], strict=False) if taken > 0.5]
