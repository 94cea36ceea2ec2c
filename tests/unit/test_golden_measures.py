"""Worked figures of measures by name, each reckoned by the measure itself on a site that was made for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from config.company import MeterConfig
from rag.measures.climate import Weathered
from rag.measures.interactions import together
from rag.measures.model import Case, Estimate, NotApplicable
from rag.measures.solar import Hours, alternating_current, irradiation
from rag.readings import water
from rag.readings.load import load
from rag.readings.regression import Fit
from rag.readings.series import Series
from tests.measure_world import HOUR, PERIODS, TARIFF, outcome, reading, site, value, working, year

BLOWER = {"kind": "blower"}
MOTOR = {
    "kind": "motor", "rated_kw": 5.5, "load_share": 0.75, "hours": 6000, "efficiency": 0.847, "efficiency_new": 0.896,
    "source": "plate",
}  # fmt: skip
DUTY = {
    "kind": "pump", "full_flow_m3_h": 200, "shut_off_m": 65, "drop_m": 15, "static_m": 20, "friction_m": 30, "efficiency": 0.65,
    "duty": [{"flow_m3_h": flow, "hours": hours} for flow, hours in ((200, 1000), (160, 3000), (120, 2000))], "source": "curve",
}  # fmt: skip
VALVE = {"kind": "pressure_valve", "flow_m3_h": 50, "excess_head_m": 40, "hours": 8000, "source": "log"}
NEW_LAMPS = {"kind": "lighting", "rated_kw": 0.045, "count": 200, "hours": 3500, "control": "manual", "source": "survey"}
LAMPS = {"kind": "lighting", "rated_kw": 2 * 0.058 * 1.15, "count": 200, "hours": 3500, "source": "survey"}


def idle() -> Case:
    """Open from 8 to 18 h of 255 days: 2,550 hours; 40 kW when closed, 15 would do, and all of it can go."""
    open_now = working() & (HOUR.hour >= 8) & (HOUR.hour < 18)
    return site(load=np.where(open_now, 100, 40), opening="08:00-18:00", target_rate=15, switchable_share=1)


def early() -> Case:
    """30 kW from 5 h on, three hours before opening, of which one is needed."""
    before = working() & (HOUR.hour >= 5) & (HOUR.hour < 8)
    busy = working() & (HOUR.hour >= 8) & (HOUR.hour < 18)
    return site(load=np.select([busy, before], [90, 40], 10), opening="08:00-18:00", lead_hours=1)


def pumping() -> Case:
    """24 MWh a year, 100 kWh on each of 240 days, from hours at 0.25 EUR to hours at 0.10."""
    prices = {**dict.fromkeys(PERIODS, 0.25), "P6": 0.10}
    tariff = {**TARIFF, "energy_eur_per_kwh": prices}
    tank, pump = {"kind": "reservoir"}, {"kind": "pump"}
    before = site(tank, pump, tariff=tariff, cheap_share_target=99)
    now = value("night_pumping", before, "cheap_share")
    return site(tank, pump, tariff=tariff, cheap_share_target=now + 100 * 24_000 / (20 * 8760))


def throttled(flow: float, hours: float) -> Case:
    """A pump of 65 - 15 (Q/200)^2 m in a system of 20 + 30 (Q/200)^2 m, 65 % at every flow, for so many hours of the year."""
    head, system = 65 - 15 * (flow / 200) ** 2, 20 + 30 * (flow / 200) ** 2
    power = 998.2 * 9.81 * flow / 3600 * head / 1000 / 0.65
    pump = {"kind": "pump", "control": "throttled", "head_m": head, "source": "curve"}
    return site(pump, load=power * hours / 8760, valve_head=head - system, drive_efficiency=0.97)


def oxygen(now: float, target: float) -> Case:
    """Aeration that takes 100 MWh."""
    return site(BLOWER, load=100_000 / 8760, oxygen_now=now, do_target=target, do_saturation=9.09, aeration_share=1)


def house() -> Weathered:
    """1.12397 kWh for each degree-day below 53.083: as many days cold as make its published degree-days, before and after."""
    mild = 53.083 - (254.14 - 141 * 1.8)  # a day that only the old balance point counts, and so little
    cold = 53.083 - (2395.08 - (53.083 - mild)) / 141
    air = pd.Series([cold] * 141 + [mild] + [60.0] * 223)
    fit = Fit("heating", (13.0966, 1.12397), 53.083, None, 365, 0.77, 0.77, 0.25, 0.0, 0.0)
    return Weathered(year(), air, fit)


def degree() -> float:
    """kWh that 1.8 degrees less save by the model."""
    held = house()
    return held.slope(heating=True) * (held.degree_days(heating=True) - held.degree_days(heating=True, shift=-1.8))


def sun() -> tuple[Hours, Hours]:
    """Of 2025, by a clock that knows no summer: kWh/m2 on level ground and on the panels."""
    return irradiation(pd.date_range("2025-01-01 00:30", "2025-12-31 23:30", freq="h", tz="Etc/GMT-1"))


def solar() -> Case:
    """100 kWp at 1,528.65 kWh each; 60 kW from 8 to 18 h of Mondays to Fridays by that clock, else 15."""
    clock = HOUR.tz_convert("Etc/GMT-1")
    busy = (clock.day_of_week < 5) & (clock.hour >= 8) & (clock.hour < 18)
    held = site(load=np.where(busy, 60, 15), most_kwp=100, pv_yield=1528.65, pv_upkeep=0, export_price=0.05)
    return replace(held, assumptions={"kwp": 100})


def blower(kw: float) -> Case:
    """1 kg/s of air at 20 degC from the atmosphere to 1.6 times its pressure, 8,000 h; 0.75 would be had."""
    air = 3600 * 287.05 * 293.15 / 101_325
    told = {"kind": "blower", "flow_m3_h": air, "pressure_bar": 0.6 * 1.01325, "measured_kw": kw, "hours": 8000, "source": "test"}
    return site(told, blower_efficiency_new=0.75)


def too_good(measure: str, held: Case) -> float:
    """The efficiency for which a measure is not proposed."""
    found = outcome(measure, held)
    assert isinstance(found, NotApplicable)
    return float(str(found.values["efficiency"]))


def cisterns() -> Case:
    """100 people who flush 12 l five times on 220 days; 6 l would do."""
    held = site({"kind": "toilet_cistern", "litres_per_flush": 12}, uses_a_day=5, working_days=220, new_flush=6)
    return replace(held, site=held.site.model_copy(update={"throughput": {"people": 100}}))


def leak() -> Case:
    """A hole of 10 mm at 40 m since day 200; a cubic metre costs 0.35 EUR and 0.2089 kWh at 0.15 EUR."""
    open_now = np.arange(len(HOUR)) >= 200 * 24
    hole = 3600 * water.orifice(0.010, 40, 0.75)
    area = {"kind": "district_metered_area", "id": "a"}
    held = site(area, tariff={**TARIFF, "water_eur_per_m3": 0.35}, energy_per_m3=0.2089)
    flow = replace(reading(np.where(open_now, 20 + hole, 20)), carrier="water", unit="m3", meter="flow-a", name="DMA")
    return replace(held, readings={**held.readings, "flow-a": flow})


def gas(kwh_per_m3: float | None) -> Series:
    """A day that burns 100 m3, and one that burns none."""
    meter = MeterConfig(id="g", carrier="gas", unit="m3", column="m3", kwh_per_m3=kwh_per_m3)
    return load("s", meter, {"g.csv": b"fecha;m3\n2025-01-01;100\n2025-01-02;0\n"})


def stored() -> Case:
    """The same with a battery."""
    held = solar()
    facts = site(kwp=100, battery_kwh=100, battery_kw=50, round_trip=0.9).site.facts
    return replace(held, site=held.site.model_copy(update={"facts": {**held.site.facts, **facts}}), assumptions={})


FIGURES: list[tuple[str, Callable[[], float], float, float]] = [
    ("G-03", lambda: float(gas(0.98 * 11.7).values.iloc[0]), 1146.6, 0.05),
    # (40 - 15) kW x 6,210 h
    ("G-23", lambda: value("idle_load", idle(), "energy_saving"), 155_250, 0.5),
    ("G-23 hours", lambda: value("idle_load", idle(), "closed_hours"), 6210, 0.01),
    # 30 kW x 2 h x 255 days
    ("G-24", lambda: value("early_start", early(), "energy_saving"), 15_300, 0.5),
    ("G-25 energy", lambda: value("night_pumping", pumping(), "moved"), 24_000, 0.5),
    ("G-25", lambda: value("night_pumping", pumping(), "cost_saving"), 3600, 0.5),
    # 27.06 kW of 37.09 and 15.95 of 29.93 are left: what the measure saves of each hour's energy
    ("G-26 at 160", lambda: value("throttled_pumps", throttled(160, 3000), "energy_saving") / 3000, 37.09 - 27.06, 0.01),
    ("G-26 at 120", lambda: value("throttled_pumps", throttled(120, 2000), "energy_saving") / 2000, 29.93 - 15.95, 0.01),
    # 41.85 kW x 1,000 h + 37.09 x 3,000 + 29.93 x 2,000, and 43.14, 27.06, 15.95: at 200 m3/h the drive loses
    ("G-26 throttled", lambda: value("pump_speed", site(DUTY), "throttled_energy"), 212_988, 0.5),
    ("G-26 drive", lambda: value("pump_speed", site(DUTY), "drive_energy"), 156_208, 0.5),
    ("G-26", lambda: value("pump_speed", site(DUTY), "energy_saving"), 56_780, 0.5),
    ("G-28 three", lambda: value("oxygen_control", oxygen(3, 1.5), "energy_saving") / 100_000, 0.198, 5e-4),
    ("G-28 four", lambda: value("oxygen_control", oxygen(4, 2), "energy_saving") / 100_000, 0.282, 5e-4),
    # 26.68 kW -> 9.00 kW, 3,500 h
    ("G-32", lambda: value("led_lighting", site(LAMPS, led_share=9 / 26.68), "energy_saving"), 61_880, 0.5),
    ("G-32 controls", lambda: value("lighting_controls", site(NEW_LAMPS), "energy_saving"), 7560, 0.5),
    # R x 293.15 K / 0.283 x (1.6^0.283 - 1) = 42.30 kW for 1 kg/s; / 0.70 = 60.43
    ("G-29", lambda: too_good("blower_renewal", blower(60.43)), 0.70, 5e-5),
    ("G-29 renewed", lambda: value("blower_renewal", blower(42.30 / 0.62), "energy_saving") * 0.62 / 42.30 / 8000, 0.173, 5e-4),
    ("G-33", lambda: value("motor_renewal", site(MOTOR), "energy_saving"), 1598, 0.5),
    # 998.2 x 9.81 x 50 / 3600 x 40 m x 0.65
    ("G-42 power", lambda: value("pressure_turbine", site(VALVE), "turbine_power"), 3.54, 0.005),
    ("G-42", lambda: value("pressure_turbine", site(VALVE), "energy_saving"), 28_289, 0.5),
    # 500 m3 a day x 0.60 x 9.97 kWh x 0.35 x 365
    ("G-44 biogas", lambda: value("biogas_engine", site(biogas=500), "energy_saving"), 382_100, 1),
    ("G-38 volume", lambda: value("leak_repair", leak(), "water_saving"), 52_041, 1.5),  # of 1.6502 L/s: 1.65016 are 52,040
    ("G-38", lambda: value("leak_repair", leak(), "cost_saving"), 19_845, 0.5),
    # 13,475 kWh x 0.15 EUR - 14,972 x 0.05, with 100 kWh, 50 kW and 0.9
    ("G-52 delivered", lambda: value("solar_battery", stored(), "delivered"), 13_475, 20),
    ("G-52", lambda: value("solar_battery", stored(), "cost_saving"), 1272.6, 2),
    # 100 people x 5 times x 220 days x 6 l less
    ("G-39", lambda: value("fixtures", cisterns(), "water_saving"), 660, 0.05),
    ("G-36 before", lambda: house().degree_days(heating=True), 2395.08, 0.005),
    ("G-36 after", lambda: house().degree_days(heating=True, shift=-1.8), 2140.94, 0.005),
    ("G-36", degree, 285.6, 0.05),
    ("G-49", lambda: irradiation(HOUR + pd.Timedelta(minutes=30), [1.0] * 12)[0].sum() / 1000, 1974.4, 0.1),
    ("G-50 level", lambda: sun()[0].sum() / 1000, 1715.8, 0.5),
    ("G-50 panels", lambda: sun()[1].sum() / 1000, 1905.6, 0.5),
    ("G-50", lambda: alternating_current(sun()[1]).sum() / 1000, 1528.7, 0.5),
    ("G-51 generation", lambda: value("photovoltaics", solar(), "generation"), 152_865, 0.5),
    ("G-51 self-consumption", lambda: value("photovoltaics", solar(), "self_share"), 79.0, 0.05),
    ("G-51 of the load", lambda: value("photovoltaics", solar(), "energy_saving") / 248_850, 0.485, 5e-4),
    ("G-51", lambda: value("photovoltaics", solar(), "cost_saving"), 37_328 - 17_613, 2),
    ("G-36 insulation", lambda: 0.2 * house().slope(heating=True) * house().degree_days(heating=True), 538, 0.5),
]
"""Name, what computes it, the figure, how near."""


@pytest.mark.parametrize(("compute", "figure", "near"), [one[1:] for one in FIGURES], ids=[one[0] for one in FIGURES])
def test_a_worked_figure(compute: Callable[[], float], figure: float, near: float) -> None:
    """As near as it is printed."""
    assert compute() == pytest.approx(figure, rel=0, abs=near + 1e-9)


def test_sensors_save_of_the_new_lamps_only() -> None:
    """G-32: 61,880 kWh by new lamps and 7,560 of what those take, at 0.15 EUR; not 24 % of the old ones'."""
    held = site({**LAMPS, "control": "manual"}, led_share=9 / 26.68)
    both = [found for name in ("led_lighting", "lighting_controls") if isinstance(found := outcome(name, held), Estimate)]
    assert together(both).mid == pytest.approx(0.15 * (61_880 + 7560), abs=0.5)


def test_gas_in_cubic_metres_is_no_energy() -> None:
    """G-03: without what a cubic metre holds no saving is reckoned from them; with it, from 1146.6 kWh in two days."""
    boiler = {"kind": "boiler", "efficiency": 0.84, "source": "plate"}
    held = {known: replace(site(boiler), readings={"g": gas(known)}) for known in (None, 0.98 * 11.7)}
    assert outcome("boiler_renewal", held[None]) == NotApplicable("boiler_renewal", "no_equipment", {"kind": "boiler"})
    assert value("boiler_renewal", held[0.98 * 11.7], "boiler_energy") == pytest.approx(1146.6 / 2 * 365, rel=1e-9)


def test_a_pump_s_efficiency_is_of_wire_and_water() -> None:
    """G-21: 200 m3/h to 50 m take 41.78 kW at 0.70 x 0.93, 0.2089 kWh/m3; that is good enough to keep."""
    pump = {"kind": "pump", "flow_m3_h": 200, "head_m": 50, "measured_kw": 0.2089 * 200, "hours": 8760, "source": "test"}
    assert too_good("pump_replacement", site(pump)) == pytest.approx(0.70 * 0.93, abs=5e-4)


def test_what_an_investment_is_worth() -> None:
    """G-45: 10,000 EUR now for 2,500 a year, ten years at 5 %: paid back in 4, worth 9,304.34 today, a return of 21.4065 %."""
    held = replace(site(replaced=1250, investment=10_000), assumptions={"life_years": 10, "discount_rate": 5})
    found = outcome("water_reuse", held)
    assert isinstance(found, Estimate)
    assert found.payback_years is not None
    assert found.npv_eur is not None
    assert found.irr is not None
    assert found.payback_years.mid == pytest.approx(4.0)
    assert found.npv_eur.mid == pytest.approx(9304.34, abs=0.005)
    assert found.irr.mid == pytest.approx(21.4065, abs=5e-5)


def test_a_drive_at_full_flow_loses() -> None:
    """G-26: at 200 m3/h no valve throttles, and 41.85 kW become 43.14."""
    assert outcome("throttled_pumps", throttled(200, 1000)) == NotApplicable("throttled_pumps", "drive_eats_it")


def test_surplus_pays_no_more_than_the_month_s_bill() -> None:
    """Of 1 kW at 0.15 EUR with 100 kWp, each month's surplus is worth more than what is bought: the whole bill is saved."""
    held = replace(solar(), readings={"electricity": reading(1.0)})
    assert value("photovoltaics", held, "cost_saving") == pytest.approx(8760 * 0.15, rel=1e-6)
    assert value("photovoltaics", held, "export_price") < 0.05
    assert value("photovoltaics", replace(solar(), assumptions={"kwp": 120}), "export_price") == 0  # no compensation above 100 kW


def test_a_duty_at_full_flow_or_none_has_no_drive() -> None:
    """G-26: no valve throttles at 200 m3/h; and of a duty whose hours are not told nothing is reckoned."""
    full = {**DUTY, "duty": [{"flow_m3_h": 200, "hours": 6000}]}
    assert outcome("pump_speed", site(full)) == NotApplicable("pump_speed", "drive_eats_it")
    circulating = outcome("pump_speed", site({**DUTY, "static_m": 0, "friction_m": 50}))
    assert not isinstance(circulating, NotApplicable)  # water that is lifted nowhere saves most
    found = outcome("pump_speed", site({**DUTY, "duty": [{"flow_m3_h": 200}]}))
    assert isinstance(found, NotApplicable)
    assert found.reason == "no_equipment"
