"""What water meters show: minimum night flow, when it stepped up, leakage, losses.

Sources: minimum night flow and legitimate night use as SANFLOW has them (McKenzie 1999: 6 % of people active, 10 L a use, 50 L/h
for a small non-domestic user); pressure exponents of the FAVAD concept (0.5 bursts in rigid pipes, 1.5 background, 1 by default);
UARL and ILI of the IWA (Lambert, "Ten years' experience in using the UARL formula").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd

from rag.measures.model import Calculation, Quantity
from rag.readings.quantities import computed, metered, yearly
from rag.readings.series import Series

_WINDOW = 28
"""Nights whose median is the night flow now."""
_WEEK = 7
_LEAST_STEP = 0.10
"""Share of the night flow, and times the scatter (median absolute deviation), that a step must exceed (ours)."""
_SCATTERS = 3.0
_ENDS = 0.5
"""Share of a rise by which the night flow must fall again for the leak to count as repaired (ours)."""
_NIGHT_DAY = 20.0
"""Hours by which night leakage is multiplied for a day: pressure is lower by day."""
ACTIVE_SHARE, LITRES_A_USE = 0.06, 10.0


@dataclass(frozen=True, slots=True)
class Step:
    """A night flow that rose (or fell, then negative): the first night, by how much (m3/h), for how many nights."""

    first: date
    size: float
    nights: int


def nights(series: Series) -> pd.Series[float]:
    """The least hourly mean between two and four o'clock, m3/h, of each night, by date."""
    hourly = series.rate.resample("1h").mean() if series.hours < 1 else series.rate
    held = hourly[pd.DatetimeIndex(hourly.index).hour.isin([2, 3])]
    return held.groupby(pd.DatetimeIndex(held.index).date).min().dropna()


def night_flow(series: Series) -> Calculation:
    """The minimum night flow of the last four weeks, m3/h, and its share of the mean flow."""
    found = nights(series)
    recent, mean = float(found.iloc[-_WINDOW:].median()), float(series.rate.mean())
    return Calculation(
        f"night_flow.{series.meter}",
        "night_flow",
        "night_share = 100 * night_flow / mean_flow",
        "SANFLOW (McKenzie 1999), minimum night flow 02-04 h",
        (metered("night_flow", recent, "m3/h", series), metered("mean_flow", mean, "m3/h", series)),
        (computed("night_share", 100 * recent / mean if mean else 0.0, "%"),),
    )


def steps(series: Series) -> list[Step]:
    """Rises and falls of the night flow that lasted, in order of time: what a leak looks like that opened, or was repaired."""
    found = nights(series)
    values = found.to_numpy()
    scatter = float(np.median(np.abs(np.diff(values)))) if len(values) > 2 else 0.0
    edges: list[int] = []
    place = _WEEK
    while place < len(values) - _WEEK:
        before, after = (float(np.median(part)) for part in (values[place - _WEEK : place], values[place : place + _WEEK]))
        change = after - before
        rose = abs(change) > max(_LEAST_STEP * before, _SCATTERS * scatter) and abs(values[place] - before) > abs(change) / 2
        edges += [place] if rose else []
        place += _WEEK if rose else 1
    bounds = [0, *edges, len(values)]
    levels = [float(np.median(values[first:last])) for first, last in pairwise(bounds)]
    dates = list(found.index)
    return [Step(dates[edge], levels[n + 1] - levels[n], bounds[n + 2] - edge) for n, edge in enumerate(edges)]


def open_rises(series: Series) -> tuple[list[Step], list[tuple[Step, Step]]]:
    """(Rises of the night flow that have not come down, each rise that has with the fall that ended it).

    A fall ends the rise before it whose size is nearest its own, if it is at least half of it, and others with what is left of
    it; a smaller one leaves so much less of it open.
    """
    rises, ended = list[Step](), list[tuple[Step, Step]]()
    for one in steps(series):
        if one.size > 0:
            rises.append(one)
            continue
        left, closed = -one.size, 0
        while rises and left > 0:
            nearest = min(rises, key=lambda rise: abs(rise.size - left))
            if left < _ENDS * nearest.size:
                if not closed:
                    rises[rises.index(nearest)] = replace(nearest, size=nearest.size - left)
                break
            rises.remove(nearest)
            ended.append((nearest, one))
            left, closed = left - nearest.size, closed + 1
    return rises, ended


def legitimate_night_use(people: float) -> float:
    """What people use at night, m3/h."""
    return people * ACTIVE_SHARE * LITRES_A_USE / 1000


def pressure_factor(before_m: float, after_m: float, exponent: float) -> float:
    """Share of a leak that remains when pressure falls from one head (m) to another."""
    return float((after_m / before_m) ** exponent)


def unavoidable_losses(mains_km: float, connections: float, private_km: float, pressure_m: float) -> float:
    """UARL, litres a day: for each metre of head 18 a km of mains, 0.8 a connection, 25 a km from the street to the meter."""
    return (18 * mains_km + 0.8 * connections + 25 * private_km) * pressure_m


def leakage(series: Series, area: Quantity | None) -> Calculation:
    """Leakage of a metered area a year, m3: night flow less what people use, as if its pressure were the same all day."""
    flow = night_flow(series).result("night_flow")
    people = area or Quantity("people", 0.0, "person", "", "default")
    used = legitimate_night_use(people.value)
    lost = max(0.0, flow.value - used)
    return Calculation(
        f"leakage.{series.meter}",
        "leakage",
        "leakage = (night_flow - night_use) * 8760",
        "SANFLOW (McKenzie 1999), legitimate night use; night-day factor 24 h",
        (flow, people, computed("night_use", used, "m3/h")),
        (computed("leakage", lost * 8760, "m3/year"),),
        (("night_day_factor", {}),),
    )


def _together(power: Series, flow: Series) -> pd.DataFrame:
    """Columns energy and water by the longer interval of the two, where both are known."""
    longest = max(power.interval, flow.interval)
    frequency = "D" if longest >= pd.Timedelta(days=1) else longest
    held = {}
    for name, one in (("energy", power), ("water", flow)):
        least = max(1, int(0.95 * (longest / one.interval)))  # a day of 23 hours is a whole one
        held[name] = one.values if one.interval == longest else one.values.resample(frequency).sum(min_count=least)
    return pd.DataFrame(held).dropna()


def specific_energy(power: Series, flow: Series) -> Calculation:
    """kWh a cubic metre over what both cover, in its first four weeks and in its last four; intervals may differ in length.

    ValueError if they have no interval in common, or no water ran.
    """
    both = _together(power, flow)
    if both.empty or both["water"].sum() <= 0:
        raise ValueError("no energy and water of the same time")
    first, last = (pd.Timestamp(both.index[place]) for place in (0, -1))
    window = pd.Timedelta(days=_WINDOW)
    ends = {"first": both[both.index < first + window], "last": both[both.index > last - window]}
    parts = {name: float(part["energy"].sum() / part["water"].sum()) for name, part in ends.items() if part["water"].sum()}
    whole = float(both["energy"].sum() / both["water"].sum())
    return Calculation(
        f"specific.{power.meter}",
        "specific",
        "specific = annual / annual_water",
        "ISO 50006, energy performance indicator",
        (
            metered("annual", float(both["energy"].sum()), "kWh", power),
            metered("annual_water", float(both["water"].sum()), "m3", flow),
        ),
        (
            computed("specific", whole, "kWh/m3"),
            metered("specific_first", parts.get("first", whole), "kWh/m3", power),
            metered("specific_last", parts.get("last", whole), "kWh/m3", power),
        ),
    )


@dataclass(frozen=True, slots=True)
class Balance:
    """The IWA's water balance of a year, m3: what is lost, its real and apparent parts, and what brings in nothing."""

    losses: float
    apparent: float
    real: float
    non_revenue: float


def balance(supplied: float, billed: float, unbilled: float, apparent: float) -> Balance:
    """Of the year's volumes, m3: supplied, billed, authorised but not billed, and lost only on paper (meters, theft)."""
    losses = supplied - billed - unbilled
    return Balance(losses, apparent, losses - apparent, supplied - billed)


def night_day_hours(pressures: Sequence[float], night_pressure: float, exponent: float) -> float:
    """Hours a day by which night leakage is multiplied: 24 hourly pressures (m) against that of the night (FAVAD)."""
    return float(sum((one / night_pressure) ** exponent for one in pressures))


def orifice(diameter_m: float, head_m: float, discharge: float) -> float:
    """Flow through a round hole, m3/s: discharge coefficient times area times the root of 2 g h."""
    return float(discharge * np.pi * diameter_m**2 / 4 * np.sqrt(2 * 9.81 * head_m))


def leakage_index(
    areas: Sequence[Series], people: float, mains_km: float, connections: float, private_km: float, pressure_m: float
) -> Calculation:
    """ILI of a network: real losses by the night flow of all its areas, over those that cannot be avoided (UARL)."""
    source = "advisor.yaml"
    told = (("people", people, "person"), ("mains", mains_km, "km"), ("connections", connections, "connection"),
            ("private_pipes", private_km, "km"), ("mean_pressure", pressure_m, "m"))  # fmt: skip
    night = sum(night_flow(one).result("night_flow").value for one in areas)
    used = legitimate_night_use(people)
    real = max(0.0, night - used) * _NIGHT_DAY * 365
    least = unavoidable_losses(mains_km, connections, private_km, pressure_m) * 365 / 1000
    names = ", ".join(one.name for one in areas)
    return Calculation(
        "ili",
        "ili",
        "ili = (night_flow - night_use) * night_day_hours * 365 / unavoidable",
        "IWA; Lambert, UARL = (18 Lm + 0.8 Nc + 25 Lp) P, L/day",
        (
            Quantity("night_flow", night, "m3/h", names, "metered"),
            *(Quantity(key, value, unit, source, "configured") for key, value, unit in told),
            computed("night_use", used, "m3/h"),
            Quantity("night_day_hours", _NIGHT_DAY, "h/day", "FAVAD: less pressure by day", "default"),
        ),
        (computed("real_losses", real, "m3/year"), computed("unavoidable", least, "m3/year"), computed("ili", real / least, "1")),
        (("ili_by_night", {}),),
    )


def non_revenue(areas: Sequence[Series], billed: float) -> Calculation:
    """Water that brings in nothing, m3 a year and in per cent: what the areas' meters say was supplied, less what was billed."""
    supplied = sum(yearly(one) for one in areas)
    held = balance(supplied, billed, 0.0, 0.0)
    return Calculation(
        "non_revenue",
        "non_revenue",
        "non_revenue = supplied - billed",
        "IWA water balance; RD 3/2023, annex X",
        (
            Quantity("supplied", supplied, "m3/year", ", ".join(one.name for one in areas), "metered"),
            Quantity("billed", billed, "m3/year", "advisor.yaml", "configured"),
        ),
        (
            computed("non_revenue", held.non_revenue, "m3/year"),
            computed("non_revenue_share", 100 * held.non_revenue / supplied if supplied else 0.0, "%"),
        ),
    )
