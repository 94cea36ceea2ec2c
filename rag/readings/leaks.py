"""Leaks as the minimum night flow shows them: which rises are still open, what they lose and cost. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from config.company import SiteConfig
from rag.figure import Figure
from rag.measures.formula import calculate
from rag.measures.model import Calculation, Quantity
from rag.readings import water
from rag.readings.quantities import computed, metered
from rag.readings.series import Series

_REFERENCE = "SANFLOW (McKenzie 1999); step of the minimum night flow"


def told(series: Series, site: SiteConfig) -> Figure:
    """The rise that is open; else that there is none, and when the last one ended."""
    rises, ended = water.open_rises(series)
    night = water.night_flow(series)
    if rises:
        return _open(series, site, rises, night)
    if not ended:
        return Figure("no_leak", series.name, (night,), {})
    rise, fall = ended[-1]
    made = Calculation(f"ended.{series.meter}", "leak", "", _REFERENCE, (), (metered("closed_leak", rise.size, "m3/h", series),))
    return Figure("leak_ended", series.name, (night, made), {"first": f"{rise.first}", "last": f"{fall.first}"})


def _open(series: Series, site: SiteConfig, rises: Sequence[water.Step], night: Calculation) -> Figure:
    inputs = [
        metered("open_leak", sum(one.size for one in rises), "m3/h", series), computed("hours", 8760, "h/year"),
        computed("hours_a_day", 24, "h/day"),
    ]  # fmt: skip
    formula = "water_a_day = open_leak * hours_a_day; water_a_year = open_leak * hours"
    units = {"water_a_day": "m3/day", "water_a_year": "m3/year"}
    price = site.tariff.get("water_eur_per_m3")
    if price is not None:
        source = str(site.tariff.get("water_source", ""))
        inputs.append(Quantity("water_price", float(price), "EUR/m3", source, "configured"))
        formula += "; cost_a_day = water_a_day * water_price"
        units["cost_a_day"] = "EUR/day"
    made = calculate(f"rise.{series.meter}", "leak", formula, _REFERENCE, inputs, units)
    last = pd.Timestamp(series.values.index[-1]).date()
    values = {"first": ",".join(f"{one.first}" for one in rises), "last": f"{last}"}
    return Figure("leak", series.name, (made, night), values, also=() if price is None else ("leak_cost",))


def none_open(areas: Sequence[Series]) -> Figure:
    """Of several meters at once that none of them shows an open rise."""
    nights = tuple(replace(water.night_flow(one), id=f"night_flow.{one.meter}") for one in areas)
    return Figure("no_leaks", ", ".join(one.name for one in areas), nights, {})


def is_open(series: Series) -> bool:
    """Whether a rise has not ended."""
    return bool(water.open_rises(series)[0])
