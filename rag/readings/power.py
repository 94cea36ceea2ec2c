"""The contracted power that costs least: six powers against twelve months of maximeters, as a linear programme. Pure, on numbers.

Sources: CNMC Circular 3/2020, arts. 9.2 and 9.4 (BOE-A-2020-1066). The excess rule is that of supplies up to 50 kW with a
maximeter: price a day times the kW above contract. Larger supplies pay by quarter-hours: use this for them as a first guess only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

Months = Sequence[Sequence[float | None]]
"""Highest kW of each period (rows) in each month (columns); None where the period does not occur."""


@dataclass(frozen=True, slots=True)
class Optimum:
    """Powers by period in kW, and what they cost with their excesses, EUR/year."""

    powers: tuple[float, ...]
    cost: float


def excess(contracted: float, highest: float, price: float, days: int) -> float:
    """EUR for a month above contract: kW over it, times EUR/kW and day, times the bill's days."""
    return max(0.0, highest - contracted) * price * days


def yearly_cost(
    powers: Sequence[float], highest: Months, prices: Sequence[float], excesses: Sequence[float], days: Sequence[int]
) -> float:
    """EUR/year of given powers: `prices` are EUR/kW and year, `excesses` EUR/kW and day, by period; `days` of each month."""
    cost = sum(power * price for power, price in zip(powers, prices, strict=True))
    for power, months, price in zip(powers, highest, excesses, strict=True):
        cost += sum(excess(power, one, price, held) for one, held in zip(months, days, strict=True) if one is not None)
    return cost


def optimum(
    highest: Months, prices: Sequence[float], excesses: Sequence[float], days: Sequence[int], least_last: float = 0.0
) -> Optimum:
    """The cheapest powers with P1 <= ... <= Pn and Pn >= `least_last` (above 15 kW in 3.0TD). ValueError: a price below 0."""
    count = len(prices)
    marks = [(n, m, one) for n, months in enumerate(highest) for m, one in enumerate(months) if one is not None]
    cost = np.array([*prices, *(excesses[n] * days[m] for n, m, _ in marks)])
    rules = np.zeros((len(marks) + count - 1, len(cost)))
    limits = np.zeros(len(rules))
    for row, (period, _, one) in enumerate(marks):
        rules[row, period] = rules[row, count + row] = -1
        limits[row] = -one
    for period in range(count - 1):
        rules[len(marks) + period, [period, period + 1]] = 1, -1
    bounds = [(0, None)] * (count - 1) + [(least_last, None)] + [(0, None)] * len(marks)
    found = linprog(cost, A_ub=rules, b_ub=limits, bounds=bounds, method="highs")
    if found.x is None or found.fun is None:
        raise ValueError(f"no contract costs least: {found.message}")
    return Optimum(tuple(round(float(one), 3) for one in found.x[:count]), float(found.fun))


def excess_by_quarters(contracted: float, quarters: Sequence[float], price: float, factor: float = 1.0) -> float:
    """EUR of a month for supplies above 50 kW: the root of the sum of squared excesses of its quarter-hours (kW), times EUR/kW.

    `factor` is the period's coefficient of the years up to 2024, when one price held for all periods.
    """
    return factor * price * math.sqrt(sum(max(0.0, one - contracted) ** 2 for one in quarters))


@dataclass(frozen=True, slots=True)
class Reactive:
    """A period's reactive energy of a month: cos phi to two places, kVArh beyond what is free, and what they cost, EUR."""

    power_factor: float
    excess: float
    cost: float


_FREE_SHARE = 0.33
_GOOD, _FAIR = 0.95, 0.80


def reactive(active: float, net_reactive: float, fair_price: float, poor_price: float) -> Reactive:
    """kWh and kVArh of a period from P1 to P5 (never P6): only what is above 33 % of the active energy is billed (art. 9.5).

    Prices in EUR/kVArh for a cos phi from 0.80 to 0.95, and below it. ValueError without active energy.
    """
    if active <= 0:
        raise ValueError("no active energy, no power factor")
    factor = round(active / math.hypot(active, net_reactive), 2)
    beyond = max(0.0, net_reactive - _FREE_SHARE * active)
    price = 0.0 if factor >= _GOOD else fair_price if factor >= _FAIR else poor_price
    return Reactive(factor, beyond, beyond * price)
