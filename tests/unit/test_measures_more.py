"""Measures on what a site's file tells: each against a figure that was worked by hand, and refused where it does not apply."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from config.company import MeterConfig
from config.texts import LANGUAGES
from rag import advice, explain
from rag.brought import PREFIX
from rag.measures.formula import evaluate
from rag.measures.model import Case, Estimate, NotApplicable
from rag.readings.load import load
from tests.measure_world import HOUR, TARIFF, case, house, office, outcome, site, value, working

BOILER = {"kind": "boiler", "efficiency": 0.90, "supply_c": 55, "source": "plate"}
COMPRESSOR = {"kind": "compressor", "measured_kw": 55, "hours": 6000, "source": "plate"}
TOWER = {"kind": "cooling_tower", "rejected_mw": 1 / 1.48, "hours": 1000, "cycles": 3, "source": "log"}
PUMP = {"kind": "pump", "flow_m3_h": 200, "head_m": 50, "measured_kw": 45.336, "hours": 4411.5, "source": "test"}
"""27.201 kW of water power: 0.60 wire to water, and 200,000 kWh a year."""


def bill(month: int, active: float, reactive: float, period: str = "P1") -> dict[str, object]:
    """A line of reactive energy."""
    return {"month": f"2025-{month:02d}", "period": period, "active_kwh": active, "reactive_kvarh": reactive}


BILLS = {**TARIFF, "reactive": [*(bill(n, 2000, 900) for n in range(1, 7)), *(bill(n, 1000, 900) for n in range(7, 13))]}
REACTIVE = case(tariff=BILLS, reactive_load=100, cos_phi_target=0.95)
AIR = case({**COMPRESSOR, "test_load_min": 2, "test_unload_min": 6, "pressure_bar": 8, "required_pressure_bar": 7})
WORKED = [
    # G-27: 200,000 kWh, 0.60 -> 0.78 saves 200,000 x (1 - 0.60 / 0.78) = 46,154
    ("pump_replacement", case(PUMP), "wire_to_water", 0.600, 5e-4),
    ("pump_replacement", case(PUMP), "energy_saving", 46_154, 60),
    # G-34: 1 GWh of gas, 84 -> 94 % saves 1,000,000 x (1 - 0.84 / 0.94) = 106,383; at 0.06 EUR 6,383; at 0.182 kg 19.36 t
    ("boiler_renewal", case({**BOILER, "efficiency": 0.84}, boiler_energy=1e6), "energy_saving", 106_383, 0.5),
    ("boiler_renewal", case({**BOILER, "efficiency": 0.84}, boiler_energy=1e6), "cost_saving", 6_383, 0.5),
    ("boiler_renewal", case({**BOILER, "efficiency": 0.84}, boiler_energy=1e6), "co2_saving", 19.36, 0.005),
    # G-35: 300 MWh of heat at 0.9 are 333.3 of gas; / 3.2 = 93.75 MWh of electricity; 20,000 - 14,062 EUR; pays from 2.25
    ("heat_pump_for_boiler", case(BOILER, boiler_energy=1e6 / 3), "heat", 300_000, 0.5),
    ("heat_pump_for_boiler", case(BOILER, boiler_energy=1e6 / 3), "heat_pump_energy", 93_750, 0.5),
    ("heat_pump_for_boiler", case(BOILER, boiler_energy=1e6 / 3), "scop_break_even", 2.25, 5e-4),
    ("heat_pump_for_boiler", case(BOILER, boiler_energy=1e6 / 3), "cost_saving", 20_000 - 14_062.5, 0.5),
    # 60.67 t of gas less 93.75 MWh at 0.2
    ("heat_pump_for_boiler", case(BOILER, boiler_energy=1e6 / 3), "co2_saving", 60.667 - 18.75, 0.005),
    # G-30: loads 2 minutes, unloads 6: 25 %; (0.25 - 0.075) x 55 kW x 6,000 h = 57,750
    ("air_leaks", AIR, "air_leak_share", 0.25, 1e-9),
    ("air_leaks", AIR, "energy_saving", 57_750, 0.5),
    # G-31: 8 -> 7 bar(g) takes 7.1 % less work; 55 x 6,000 x 0.071
    ("air_pressure", AIR, "work_left", 1 - 0.071, 5e-4),
    ("air_pressure", AIR, "energy_saving", 23_430, 150),
    # G-43: 55 kW x 0.7 x 6,000 h x 0.6 / 0.9 = 154,000 kWh of gas
    ("heat_recovery", case(COMPRESSOR, BOILER, heat_use=0.6), "energy_saving", 154_000, 0.5),
    # G-09: six months of 9.97 (9.97296) and six of 35.53 (35.52924)
    ("power_factor", REACTIVE, "cost_saving", 6 * 9.97296 + 6 * 35.52924, 0.001),
    # G-37 at the worst cos phi, 0.74 -> 0.95: 100 x (0.9089 - 0.3287) = 58.0 kvar
    ("power_factor", REACTIVE, "capacitors", 58.0, 0.05),
    # G-40: evaporation of 1 m3/h, 1,000 h, cycles 3 -> 6: (1.5 - 1.2) x 1,000
    ("tower_cycles", case(TOWER, cycles_new=6), "water_saving", 300, 0.05),
    # G-41: 1,000 m2, 600 mm, 0.9 x 0.9 = 486; never more than is wanted
    ("rainwater", case(roof_area=1000, rain=600, rain_demand=900), "water_saving", 486, 0.05),
    ("rainwater", case(roof_area=1000, rain=600, rain_demand=200), "water_saving", 200, 0),
]


@pytest.mark.parametrize(("measure", "held", "key", "figure", "near"), WORKED)
def test_a_measure_worked_by_hand(measure: str, held: Case, key: str, figure: float, near: float) -> None:
    """As in the line above it."""
    assert value(measure, held, key) == pytest.approx(figure, abs=near)


@pytest.mark.parametrize(
    ("measure", "held", "reason"),
    [
        ("pump_replacement", case({**PUMP, "measured_kw": 41.0}), "pump_is_good"),
        ("pump_replacement", case(), "no_equipment"),
        ("boiler_renewal", case({**BOILER, "efficiency": 0.93}, boiler_energy=1e6), "boiler_is_good"),
        ("boiler_renewal", case(BOILER), "no_equipment"),
        ("heat_pump_for_boiler", case({**BOILER, "supply_c": 80}, boiler_energy=1e6), "too_hot"),
        ("heat_pump_for_boiler", case(BOILER, boiler_energy=1e6, scop_heating=2.2), "scop_too_low"),
        ("heat_pump_for_boiler", case(BOILER, boiler_energy=1e6, tariff={}), "no_prices"),
        ("heat_pump_for_boiler", case(), "no_equipment"),
        ("air_leaks", case({**COMPRESSOR, "test_load_min": 1, "test_unload_min": 20}), "air_is_tight"),
        ("air_leaks", case(COMPRESSOR), "no_equipment"),
        ("air_pressure", case({**COMPRESSOR, "pressure_bar": 7, "required_pressure_bar": 7}), "pressure_needed"),
        ("heat_recovery", case(COMPRESSOR, BOILER), "no_fact"),
        ("power_factor", case(), "no_reactive_bills"),
        ("power_factor", case(tariff={**TARIFF, "reactive": [bill(1, 2000, 900), bill(2, 2000, 900)]}), "no_reactive_charge"),
        ("power_factor", case(tariff={**TARIFF, "reactive": [bill(n, 9, 9, "P6") for n in range(1, 9)]}), "no_reactive_bills"),
        ("tower_cycles", case(TOWER, cycles_new=3), "cycles_are_good"),
        ("tower_cycles", case(TOWER), "no_equipment"),
        ("rainwater", case(roof_area=10, rain=600), "no_fact"),
        ("reuse_plant", case(), "no_fact"),
        ("battery", case(), "no_fact"),
        ("battery", case(battery_kwh=100), "no_prices"),
    ],
)
def test_what_does_not_apply_says_why(measure: str, held: Case, reason: str) -> None:
    """The rule that failed, never a number."""
    found = outcome(measure, held)
    assert isinstance(found, NotApplicable)
    assert found.reason == reason


def handled(daily: float = 1000, **facts: float) -> Case:
    """A plant that treats so much water a day."""
    held = case(tariff=None, **facts)
    return Case(held.site.model_copy(update={"throughput": {"water_m3_per_day": daily}}), held.readings, held.today)


def test_a_reuse_plant_is_as_large_as_demand_or_effluent() -> None:
    """Demand of 100,000 m3 of 365,000: all of it at 2.00 - 0.25 EUR; of 900,000, 85 % of the effluent. 411 m3 a day, 247 kEUR."""
    assert value("reuse_plant", handled(reuse_demand=100_000), "cost_saving") == pytest.approx(175_000)
    assert value("reuse_plant", handled(reuse_demand=900_000), "water_saving") == pytest.approx(310_250)
    assert value("reuse_plant", handled(reuse_demand=100_000), "plant_size") == pytest.approx(410.96, abs=0.01)
    assert value("reuse_plant", handled(reuse_demand=100_000), "investment") == pytest.approx(246_575, abs=1)
    assert isinstance(outcome("reuse_plant", handled(reuse_demand=1e5, water_price=0.1)), NotApplicable)


def test_a_battery_moves_a_day_s_dear_hours() -> None:
    """0.30 EUR in P1, 0.10 in P6, else 0.20; 100 kWh, load of 20 kW. Working days of four dear hours or more: 80 kWh or 100."""
    prices = {**{f"P{n}": 0.20 for n in range(2, 6)}, "P1": 0.30, "P6": 0.10}
    held = case(tariff={**TARIFF, "energy_eur_per_kwh": prices}, battery_kwh=100)
    # every working day has at least four hours above the night's price, of 20 kWh each; days off have one price and no cycle
    working = 365 - 104 - 8  # weekends of 2025, and the fixed national holidays that fall on a working day
    assert value("battery", held, "delivered") == pytest.approx(100 * working, rel=0.01)
    sells, buys = value("battery", held, "battery_sells"), value("battery", held, "battery_buys")
    assert buys == pytest.approx(0.10)
    assert value("battery", held, "cost_saving") == pytest.approx(100 * working * (sells - 0.10 / 0.88), rel=0.01)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_can_be_told(language: str) -> None:
    """Title, reason, calculations, next step, with every value filled in; each formula gives what is shown."""
    more = {"set_point": house(), "insulation": house(insulated_share=0.2), "contracted_power": office(40, 30)}
    for measure, held in {**{one[0]: one[1] for one in WORKED}, **more}.items():
        found = outcome(measure, held)
        assert isinstance(found, Estimate)
        said = advice.statement(found, held.site, language).text  # type: ignore[arg-type]  # a literal
        assert "{" not in said
        for made in found.calculations:
            assert explain.quote(made, language)  # type: ignore[arg-type]  # a literal
            again = evaluate(made.formula, {one.key: one.value for one in made.inputs})
            assert {one.key: one.value for one in made.results} == pytest.approx(again)


def test_power_that_costs_least_may_be_exceeded() -> None:
    """One month at 30 kW: 31 days x 10 kW x 0.171373 = 53.13 EUR of excess, where 10 kW more in P1 to P6 would cost 433 a year.

    From 40 kW everywhere to 20: 20 kW x 43.318553 = 866.37 EUR of power less, less the excess.
    """
    held = office(40, 30)
    assert [value("contracted_power", held, f"new_p{n}") for n in range(1, 7)] == pytest.approx([20] * 6)
    assert value("contracted_power", held, "excess_best") == pytest.approx(53.13, abs=0.01)
    assert value("contracted_power", held, "excess_now") == 0
    assert value("contracted_power", held, "cost_saving") == pytest.approx(866.37 - 53.13, abs=0.02)


def test_power_that_is_too_low_is_raised() -> None:
    """At 10 kW with 20 kW in every month: P1 alone pays 121 days x 10 kW x 0.171373 = 207.36 EUR, where 10 kW cost 203.77."""
    assert value("contracted_power", office(10, 20), "new_p1") == pytest.approx(20)
    assert value("contracted_power", office(10, 20), "excess_now") > 207.36
    assert value("contracted_power", office(10, 20), "excess_best") == pytest.approx(0)
    assert value("contracted_power", office(10, 20), "cost_saving") > 0
    assert outcome("contracted_power", office(20, 20)) == NotApplicable("contracted_power", "power_fits")


def test_without_prices_of_excess_nothing_is_exceeded() -> None:
    """The highest quarter-hour, 30 kW, with its margin of a tenth."""
    assert value("contracted_power", office(40, 30, excess=False), "new_p1") == pytest.approx(33)


def test_a_degree_by_the_model() -> None:
    """5 kWh for each degree-day less below 12 than below 11, and 3 for each less above 22 than above 23, summed by hand."""
    air = 16 + 12 * np.sin(np.arange(365) * 2 * np.pi / 365)
    heat = np.clip(12 - air, 0, None).sum() - np.clip(11 - air, 0, None).sum()
    cool = np.clip(air - 22, 0, None).sum() - np.clip(air - 23, 0, None).sum()
    assert value("set_point", house(), "energy_saving") == pytest.approx(5 * heat + 3 * cool, rel=1e-6)
    assert value("set_point", house(), "cost_saving") == pytest.approx(0.15 * (5 * heat + 3 * cool), rel=1e-6)
    assert value("set_point", house(noise=0.1), "energy_saving") == pytest.approx(5 * heat + 3 * cool, rel=0.25)
    parts = 5 * np.clip(12 - air, 0, None).sum() + 3 * np.clip(air - 22, 0, None).sum()
    assert value("insulation", house(insulated_share=0.2), "energy_saving") == pytest.approx(0.2 * parts, rel=1e-6)


def changed(days: int = 365, flat: bool = False) -> Case:
    """The house with fewer days read, or with a load that nothing moves."""
    held = house()
    readings = {name: replace(one, values=one.values[:days]) for name, one in held.readings.items()}
    power = readings["electricity"]
    readings["electricity"] = replace(power, values=power.values * 0 + 7) if flat else power
    return Case(held.site, readings, held.today)


@pytest.mark.parametrize(
    ("held", "reason", "rule"),
    [
        (house(noise=0.9), "unfit_model", "CV(RMSE) <= 35 %"),
        (house(equipment="pump"), "no_equipment", "-"),
        (house(air=False), "no_temperature", None),
        (changed(days=200), "unfit_model", ">= 328 days"),
        (changed(flat=True), "unfit_model", "no balance point"),
    ],
)
def test_an_unfit_model_is_refused_with_its_rule(held: Case, reason: str, rule: str | None) -> None:
    """The measure says which rule failed; both measures do."""
    for measure in ("set_point", "insulation"):
        found = outcome(measure, held)
        assert isinstance(found, NotApplicable)
        assert found.reason == reason
        assert rule == "-" or found.values.get("rule") == rule


def test_insulation_needs_a_study() -> None:
    """Nobody guesses what share of the losses walls have; a temperature below zero is no fault of a meter."""
    assert outcome("insulation", house()) == NotApplicable("insulation", "no_fact", {"fact": "insulation.insulated_share"})
    meter = MeterConfig(id="air", carrier="temperature", unit="degC", column="temperatura")
    rows = "\n".join(f"2025-01-{1 + n // 24:02d}T{n % 24:02d}:00+01:00;{-5 + n % 7}" for n in range(240))
    read = load("s", meter, {"air.csv": f"inicio;temperatura\n{rows}\n".encode()})
    assert (read.unit, read.values.iloc[0]) == ("degC", -5)
    assert "negatives" not in {one.rule for one in read.findings}


def sent(load: object) -> Case:
    """A curve of 2025 that somebody sent: nobody told the hours of work."""
    held = site(load=load)
    return replace(held, site=held.site.model_copy(update={"id": f"{PREFIX}1", "throughput": {}}))


def test_a_curve_that_was_sent_tells_its_hours() -> None:
    """Work from 8 to 18 h, heating since 5 h and a Saturday morning: both are found, and that the hours were guessed is said."""
    day = (HOUR.hour >= 8) & (HOUR.hour < 18)
    saturday = (HOUR.day_of_week == 5) & (HOUR.hour >= 8) & (HOUR.hour < 14)
    curve = np.select([working() & day, working() & (HOUR.hour >= 5) & (HOUR.hour < 8), saturday], [90, 40, 25], 10)
    for measure, kwh in (("early_start", 30 * 2 * 255), ("day_off_running", 15 * 6 * 52)):
        found = outcome(measure, sent(curve))
        assert isinstance(found, Estimate)
        assert found.energy_kwh
        assert found.energy_kwh.mid == pytest.approx(kwh, rel=0.01)
        assert (found.confidence, found.missing[0][0]) == ("low", "hours_by_curve")
    assert outcome("early_start", site(load=curve)) == NotApplicable("early_start", "no_opening_hours")


@pytest.mark.parametrize("shape", ["alike", "every day", "split"])
def test_a_curve_without_hours_of_work_tells_none(shape: str) -> None:
    """Flat, the same at weekends, or with a gap at noon."""
    day = (HOUR.hour >= 8) & (HOUR.hour < 18)
    curves = {
        "alike": np.full(len(HOUR), 20.0),
        "every day": np.where(day, 90, 10),
        "split": np.where(working() & day & (HOUR.hour != 13), 90, 10),
    }
    assert outcome("day_off_running", sent(curves[shape])) == NotApplicable("day_off_running", "no_opening_hours")
