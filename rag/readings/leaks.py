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


def told(series: Series, site: SiteConfig, price: float | None = None) -> Figure:
    """The rise that is open, at the site's price or one that is asked for; else that there is none, and when the last ended."""
    rises, ended = water.open_rises(series)
    night = water.night_flow(series)
    if rises:
        return _open(series, _price(site, price), rises, night)
    if not ended:
        return Figure("no_leak", series.name, (night,), {})
    rise, fall = ended[-1]
    made = Calculation(f"ended.{series.meter}", "leak", "", _REFERENCE, (), (metered("closed_leak", rise.size, "m3/h", series),))
    return Figure("leak_ended", series.name, (night, made), {"first": f"{rise.first}", "last": f"{fall.first}"})


def _open(series: Series, price: Quantity | None, rises: Sequence[water.Step], night: Calculation) -> Figure:
    inputs = [
        metered("open_leak", sum(one.size for one in rises), "m3/h", series), computed("hours", 8760, "h/year"),
        computed("hours_a_day", 24, "h/day"),
    ]  # fmt: skip
    formula = "water_a_day = open_leak * hours_a_day; water_a_year = open_leak * hours"
    units = {"water_a_day": "m3/day", "water_a_year": "m3/year"}
    if price is not None:
        inputs.append(price)
        formula += "; cost_a_day = water_a_day * water_price; cost_a_year = water_a_year * water_price"
        units |= {"cost_a_day": "EUR/day", "cost_a_year": "EUR/year"}
    made = calculate(f"rise.{series.meter}", "leak", formula, _REFERENCE, inputs, units)
    last = pd.Timestamp(series.values.index[-1]).date()
    values = {"first": ",".join(f"{one.first}" for one in rises), "last": f"{last}"}
    return Figure("leak", series.name, (made, night), values, also=() if price is None else ("leak_cost", "leak_cost_year"))


def _price(site: SiteConfig, asked: float | None) -> Quantity | None:
    """What a cubic metre costs; None if nobody says so."""
    if asked is not None:
        return Quantity("water_price", asked, "EUR/m3", "conversation", "asked")
    told, source = site.tariff.get("water_eur_per_m3"), str(site.tariff.get("water_source", ""))
    return None if told is None else Quantity("water_price", float(told), "EUR/m3", source, "configured")


def none_open(areas: Sequence[Series]) -> Figure:
    """Of several meters at once that none of them shows an open rise."""
    nights = tuple(replace(water.night_flow(one), id=f"night_flow.{one.meter}") for one in areas)
    return Figure("no_leaks", ", ".join(one.name for one in areas), nights, {})


def is_open(series: Series) -> bool:
    """Whether a rise has not ended."""
    return bool(water.open_rises(series)[0])
