"""Every indicator of a site that a question may be answered with."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from config.company import SiteConfig
from rag.brought import PREFIX
from rag.figure import Figure
from rag.readings import amounts, anomalies, leaks, profile, tariffs, water
from rag.readings.series import Series

_MOST_DAYS = 10
"""Days out of the ordinary that are named."""
_NETWORK = ("population", "mains_km", "connections", "mean_pressure_m")


def of_site(site: SiteConfig, readings: Mapping[str, Series]) -> list[Figure]:
    """Of each meter that may be used, and of energy over water where there is one of each."""
    found: list[Figure] = []
    for series in readings.values():
        if series.carrier == "temperature" or series.blocked("yearly"):
            continue
        if series.blocked("base_load") or site.id.startswith(PREFIX):
            found.append(amounts.billed(series))
        if not series.blocked("base_load"):
            found += _electricity(series, site) if series.carrier == "electricity" else []
            found += _water(series, site) if series.carrier == "water" else []
        found += _odd(series) if not series.blocked("odd_days") else []
    return [one for one in (*found, *_specific(readings), *_network(site, readings)) if _told(one)]


def _told(one: Figure) -> bool:
    """Whether all of its numbers are numbers: readings of a few hours have no weekend."""
    return all(math.isfinite(held.value) for made in one.calculations for held in (*made.inputs, *made.results))


def _electricity(series: Series, site: SiteConfig) -> list[Figure]:
    found = [
        Figure("nights", series.name, (profile.base_load(series),), {}),
        Figure("peaks", series.name, (profile.load_shape(series),), {}),
        Figure("weekends", series.name, (profile.weekend(series),), {}),
    ]
    if isinstance(site.tariff.get("energy_eur_per_kwh"), Mapping):
        found.append(Figure("year", series.name, (profile.base_load(series), tariffs.by_period(series, site)), {}))
    sizes = (("area", site.area_m2, "m**2"), ("people", site.throughput.get("people"), "person"))
    for unit, a_year in _units(site):
        found.append(Figure("per_unit", series.name, (profile.per_unit(series, a_year, unit),), {}))
    return found + [
        Figure(f"per_{of}", series.name, (profile.per(series, of, float(size), unit),), {}) for of, size, unit in sizes if size
    ]


def _units(site: SiteConfig) -> Iterator[tuple[str, float]]:
    """What the site serves or makes, a year, as far as its file tells it."""
    if vehicles := site.throughput.get("vehicles_per_day"):
        yield "vehicle", 365 * float(vehicles)
    if units := site.throughput.get("units_per_year"):
        yield "unit", float(units)


def _water(series: Series, site: SiteConfig) -> list[Figure]:
    open_leak = [leaks.told(series, site)] if leaks.is_open(series) else []
    return [Figure("night_flow", series.name, (water.night_flow(series),), {}), *open_leak]


def _specific(readings: Mapping[str, Series]) -> list[Figure]:
    power = next((one for one in readings.values() if one.carrier == "electricity"), None)
    flows = [one for one in readings.values() if one.carrier == "water"]
    if power is None or len(flows) != 1 or any(one.blocked("specific") for one in (power, flows[0])):
        return []
    try:
        return [Figure("specific", power.name, (water.specific_energy(power, flows[0]),), {})]
    except ValueError:
        return []


def _odd(series: Series) -> list[Figure]:
    odd = anomalies.odd_days(series)
    if not odd:
        return []
    dates = ",".join(one.day.isoformat() for one in sorted(odd[:_MOST_DAYS], key=lambda one: one.day))
    return [Figure("odd_days", series.name, (anomalies.strangest(series, odd),), {"dates": dates})]


def _network(site: SiteConfig, readings: Mapping[str, Series]) -> list[Figure]:
    """Losses of a network whose areas are metered, as far as its profile tells what they are compared with."""
    areas = [one for one in readings.values() if one.carrier == "water" and not one.blocked("night_flow")]
    told = {key: float(site.throughput.get(key) or 0) for key in (*_NETWORK, "private_pipes_km", "billed_m3_per_year")}
    if site.kind != "water_distribution" or not areas:
        return []
    found = []
    if all(told[key] for key in _NETWORK):
        people, mains, connections, pressure = (told[key] for key in _NETWORK)
        index = water.leakage_index(areas, people, mains, connections, told["private_pipes_km"], pressure)
        found.append(Figure("ili", site.name, (index,), {}))
    if told["billed_m3_per_year"]:
        found.append(Figure("non_revenue", site.name, (water.non_revenue(areas, told["billed_m3_per_year"]),), {}))
    return found
