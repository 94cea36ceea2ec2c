"""Every indicator of a site that a question may be answered with."""

from __future__ import annotations

from collections.abc import Mapping

from config.company import SiteConfig
from rag.figures import Figure
from rag.readings import profile, tariffs, water
from rag.readings.series import Series


def of_site(site: SiteConfig, readings: Mapping[str, Series]) -> list[Figure]:
    """Of each meter that may be used, and of energy over water where there is one of each."""
    found: list[Figure] = []
    for series in readings.values():
        if series.blocked("base_load"):
            continue
        found += _electricity(series, site) if series.carrier == "electricity" else _water(series)
    return [*found, *_specific(readings)]


def _electricity(series: Series, site: SiteConfig) -> list[Figure]:
    found = [
        Figure("nights", series.name, (profile.base_load(series),), {}),
        Figure("peaks", series.name, (profile.load_shape(series),), {}),
        Figure("weekends", series.name, (profile.weekend(series),), {}),
    ]
    if isinstance(site.tariff.get("energy_eur_per_kwh"), Mapping):
        found.append(Figure("year", series.name, (profile.base_load(series), tariffs.by_period(series, site)), {}))
    return found


def _water(series: Series) -> list[Figure]:
    night = water.night_flow(series)
    rises = [one for one in water.steps(series) if one.size > 0]
    found = [Figure("night_flow", series.name, (night,), {})]
    if rises:
        found.append(Figure("leak", series.name, (water.rise(series, rises[-1]),), {"first": rises[-1].first.isoformat()}))
    return found


def _specific(readings: Mapping[str, Series]) -> list[Figure]:
    power = next((one for one in readings.values() if one.carrier == "electricity"), None)
    flows = [one for one in readings.values() if one.carrier == "water"]
    if power is None or len(flows) != 1 or not power.values.index.equals(flows[0].values.index):
        return []
    return [Figure("specific", power.name, (water.specific_energy(power, flows[0]),), {})]
