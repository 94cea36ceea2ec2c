"""Whatever a measure is told changes what it says: each value of the site, each that the asker sets, each meter that it cites."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from config.company import SiteConfig
from config.texts import LANGUAGES
from rag import advice, explain
from rag.measures.model import Case, Estimate
from rag.measures.registry import BUILT_IN
from rag.models import Language
from tests.measure_world import HOUR, PERIODS, TARIFF, case, house, office, outcome, reading, site, working, year

_CHANGES = (1.25, 0.8)
"""What a value is multiplied by: of two that bound a saving, more of one may change nothing, but less of it does."""
_EMITTED = frozenset({"set grid_factor", "set gas_factor", "grid_factor.kg_co2_per_kwh"})
"""Emissions stand in calculations and in the report, not in the item."""
_SIMULATED = frozenset({"network_leak", "network_pressure"})
"""Run by a simulator: tests/unit/test_measures_network.py changes theirs."""
DAY = (HOUR.hour >= 8) & (HOUR.hour < 18)
NUMBER = np.arange(len(HOUR)) // 24
TWO_PRICES = {**TARIFF, "energy_eur_per_kwh": {**dict.fromkeys(PERIODS, 0.25), "P6": 0.10}}
WATER = {"leak_repair", "pressure_management", "fixtures", "water_reuse", "reuse_plant", "rainwater", "tower_cycles"}
PAYS: Mapping[str, set[str]] = {
    **{measure: {"water_eur_per_m3"} for measure in WATER},
    "leak_repair": {"water_eur_per_m3", "energy_eur_per_kwh"},
    "boiler_renewal": {"gas_eur_per_kwh"},
    "heat_recovery": {"gas_eur_per_kwh"},
    "heat_pump_for_boiler": {"energy_eur_per_kwh", "gas_eur_per_kwh"},
    "power_factor": {"reactive", "reactive_eur_per_kvarh"},
    "contracted_power": {"contracted_kw", "power_eur_per_kw_year", "excess_eur_per_kw_day"},
}
"""The prices of the tariff that a measure is valued at; those of electricity if it is not here."""
CARBONLESS = {
    "solar_battery",
    *(WATER - {"leak_repair"}),
    "boiler_renewal",
    "heat_recovery",
    "power_factor",
    "contracted_power",
    "night_pumping",
    "battery",
}
"""Save no electricity: the grid's emissions do not come into it."""
BOILER = {"kind": "boiler", "efficiency": 0.80, "supply_c": 55}
COMPRESSOR = {
    "kind": "compressor", "measured_kw": 55, "hours": 6000, "test_load_min": 2, "test_unload_min": 6, "pressure_bar": 8,
    "required_pressure_bar": 6,
}  # fmt: skip
COMPRESSED = {key: held for key, held in COMPRESSOR.items() if key in {"kind", "measured_kw", "hours"}}
AREA = {"kind": "district_metered_area", "id": "a", "population": 1000, "night_pressure_m": 60, "required_pressure_m": 30}
LAMPS = {"kind": "lighting", "rated_kw": 0.1, "count": 200, "hours": 3500}
MOTOR = {"kind": "motor", "rated_kw": 5.5, "load_share": 0.75, "hours": 6000, "efficiency": 0.8, "efficiency_new": 0.9}
DUTY = {
    "kind": "pump", "full_flow_m3_h": 200, "shut_off_m": 65, "drop_m": 15, "static_m": 20, "friction_m": 30, "efficiency": 0.65,
    "duty": [{"flow_m3_h": 160, "hours": 3000}, {"flow_m3_h": 120, "hours": 2000}],
}  # fmt: skip
PUMP = {"kind": "pump", "flow_m3_h": 200, "head_m": 50, "measured_kw": 60, "hours": 4000}
BILLS = [
    {"month": f"2025-{n:02d}", "period": "P1", "active_kwh": 2000, "reactive_kvarh": 900 + 900 * (n % 2)} for n in (1, 2, 3, 4)
]


def told(held: Case, kind: str = "", **throughput: object) -> Case:
    """The same of a site of another kind, or with what it handles."""
    changed = {"kind": kind or held.site.kind, "throughput": {**held.site.throughput, **throughput}}
    return replace(held, site=held.site.model_copy(update=changed))


def membranes(*equipment: dict[str, Any]) -> Case:
    """A desalination plant of 100 m3/h that makes twice as much by day, where its old line takes more; and more each day."""
    water = np.where(DAY, 200.0, 100.0)
    held = told(site(*equipment, load=water * (3 + 0.001 * NUMBER + 0.4 * DAY)), "desalination")
    flow = replace(year("water", unit="m3"), values=reading(water).values)
    return replace(held, readings={**held.readings, "permeate": flow})


def district(area: dict[str, Any], **facts: Any) -> Case:
    """A district of 20 m3/h at any hour, and 5 more since day 200."""
    flow = replace(year("water", unit="m3"), values=reading(np.where(NUMBER < 200, 20.0, 25.0)).values)
    held = case(area, **facts)
    return replace(held, readings={"electricity": held.readings["electricity"], "flow-a": flow})


LIVE: Mapping[str, Case] = {
    "idle_load": site(load=np.where(working() & DAY, 100, 40), opening="08:00-18:00", target_rate=15),
    "early_start": site(load=np.select([working() & DAY, working() & (HOUR.hour >= 5)], [90, 40], 10), opening="08:00-18:00"),
    "day_off_running": site(load=np.where((HOUR.day_of_week == 5) & DAY, 30, 10), opening="08:00-18:00"),
    "demand_ventilation": site({"kind": "fan"}, load=np.where(NUMBER < 150, 30, 100)),
    "contracted_power": office(40, 30),
    "led_lighting": site(LAMPS),
    "portal_lighting": site({"kind": "lighting", "control": "clock"}, load=np.where(DAY, 90, 30)),
    "night_dimming": site({"kind": "lighting", "control": "constant", "rated_kw": 12, "count": 2}),
    "throttled_pumps": site({"kind": "pump", "control": "throttled", "head_m": 55}, valve_head=16),
    "night_pumping": told(
        site({"kind": "reservoir", "volume_m3": 500, "max_level": 0.9, "min_level": 0.4}, {"kind": "pump"}, tariff=TWO_PRICES),
        water_m3_per_day=1000,
    ),
    "oxygen_control": site({"kind": "blower"}, oxygen_now=3),
    "membrane_cleaning": membranes(),
    "energy_recovery": membranes({"kind": "reverse_osmosis_rack", "energy_recovery": "pelton"}),
    "heat_pump_renewal": site({"kind": "heat_pump", "year": 2005}, hvac_energy=50_000),
    "pump_replacement": site(PUMP),
    "blower_renewal": site({"kind": "blower", "flow_m3_h": 3000, "pressure_bar": 0.6, "measured_kw": 80, "hours": 8000}),
    "motor_renewal": site(MOTOR),
    "lighting_controls": site({**LAMPS, "control": "manual"}),
    "pump_speed": site(DUTY),
    "solar_battery": site(kwp=60, battery_kwh=100, battery_kw=15),
    "pressure_turbine": site({"kind": "pressure_valve", "flow_m3_h": 50, "excess_head_m": 40, "hours": 8000}),
    "biogas_engine": site(biogas=500),
    "boiler_renewal": site({**BOILER, "supply_c": None}, boiler_energy=1e6),
    "heat_pump_for_boiler": site(BOILER, boiler_energy=1e6),
    "air_leaks": site({key: held for key, held in COMPRESSOR.items() if "bar" not in key}),
    "air_pressure": site({key: held for key, held in COMPRESSOR.items() if "test" not in key}),
    "heat_recovery": site(COMPRESSED, {**BOILER, "supply_c": None}, heat_use=0.6),
    "power_factor": site(tariff={**TARIFF, "reactive": BILLS}),
    "leak_repair": district({"kind": "district_metered_area", "id": "a"}, energy_per_m3=0.3),
    "pressure_management": district(AREA),
    "fixtures": told(case({"kind": "toilet_cistern", "count": 10, "litres_per_flush": 9}), people=100),
    "water_reuse": case(replaced=5000),
    "reuse_plant": told(case(reuse_demand=300_000), water_m3_per_day=1000),
    "rainwater": case(roof_area=1000, rain=600, rain_demand=600),
    "tower_cycles": case({"kind": "cooling_tower", "rejected_mw": 1, "hours": 1000, "cycles": 3}, cycles_new=6),
    "photovoltaics": site(most_kwp=60),
    "battery": site(tariff=TWO_PRICES, battery_kwh=1000),
    "set_point": house(),
    "insulation": house(insulated_share=0.2),
}
"""A site for each measure, which is told no more than the measure asks for."""


def said(measure: str, held: Case) -> tuple[str, str]:
    """What a reader is shown of it: the item, and what its calculations result in; why not, if it does not apply."""
    found = outcome(measure, held)
    if not isinstance(found, Estimate):
        return repr(found), repr(found)
    results = [f"{one.name} {one.value}" for made in found.calculations for one in explain.lines(made, "en")[1]]
    return advice.statement(found, held.site, "en").text, "\n".join(results)


def leaves(one: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where its numbers stand; prices by period as one, for no measure has hours of all periods."""
    if isinstance(one, Mapping):
        if set(one) == set(PERIODS):
            yield path
            return
        for key, held in one.items():
            yield from leaves(held, (*path, key))
    elif isinstance(one, list | tuple):
        for place, held in enumerate(one):
            yield from leaves(held, (*path, place))
    elif isinstance(one, int | float) and not isinstance(one, bool):
        yield path


def changed(one: Any, path: tuple[str | int, ...], times: float) -> Any:
    """The same with so many times as much at that place."""
    if not path:
        return {key: held * times for key, held in one.items()} if isinstance(one, Mapping) else one * times
    held: Any = dict(one) if isinstance(one, Mapping) else list(one)
    held[path[0]] = changed(held[path[0]], path[1:], times)
    return held


def mutants(measure: str, held: Case, times: float) -> Iterator[tuple[str, Case]]:
    """Each case that differs from it in one value, with the value's name."""
    found = outcome(measure, held)
    assert isinstance(found, Estimate), found
    known = {one.key: one.value for made in found.calculations for one in (*made.inputs, *made.results)}
    for key in found.changeable:
        yield f"set {key}", replace(held, assumptions={key: known[key] * times})
    kept = held.site.model_dump(exclude_none=True)
    for path in leaves({part: kept.get(part, {}) for part in ("throughput", "facts", "equipment", "tariff", "grid_factor")}):
        foreign = path[0] == "tariff" and path[1] not in PAYS.get(measure, {"energy_eur_per_kwh"})
        if not foreign and not (path[0] == "grid_factor" and measure in CARBONLESS):
            yield ".".join(map(str, path)), replace(held, site=SiteConfig.model_validate(changed(kept, path, times)))
    sources = [one.source for made in found.calculations for one in made.inputs if one.origin == "metered"]
    for name, series in held.readings.items():
        early = np.arange(len(series.values)) < 0.6 * len(series.values)
        factor = pd.Series(np.where(early, times, 1.0), index=series.values.index)
        more = series.values * factor + (3.0 if series.unit == "degC" else 0.0)
        if any(series.name in source for source in sources):
            yield f"meter {name}", replace(held, readings={**held.readings, name: replace(series, values=more)})


def test_every_measure_has_its_site() -> None:
    """None is left out."""
    assert set(LIVE) | _SIMULATED == {one.id for one in BUILT_IN}


@pytest.mark.parametrize("measure", LIVE)
def test_an_input_that_changes_changes_the_text(measure: str) -> None:
    """Of whatever the measure is told, nothing is without effect, and nothing it says was written beforehand."""
    held = LIVE[measure]
    item, results = said(measure, held)
    unmoved = {name for name, _ in mutants(measure, held, 1.0)}
    unsaid = unmoved - _EMITTED
    for times in _CHANGES:
        after = {name: said(measure, one) for name, one in mutants(measure, held, times) if name in unsaid | unmoved}
        unsaid = {name for name in unsaid if after[name][0] == item}
        unmoved = {name for name in unmoved if after[name][1] == results}
    assert unmoved == set()
    assert unsaid == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_measure_can_be_told(language: Language) -> None:
    """With every value filled in, and each formula in words with its values."""
    for measure, held in LIVE.items():
        found = outcome(measure, held)
        assert isinstance(found, Estimate)
        told = [
            advice.statement(found, held.site, language).text,
            *(explain.quote(made, language) for made in found.calculations),
        ]
        assert not [one for one in told if "{" in one]
