"""Machines past their time: pumps, blowers and motors of poor efficiency, boilers renewed or replaced by a heat pump."""

from __future__ import annotations

from typing import Final

from rag.measures.model import Case, Estimate, NotApplicable
from rag.measures.sheet import Sheet
from rag.measures.site import electricity, equipment, told
from rag.models import Kind
from rag.readings.series import Series

_POOR = 0.60
"""Wire to water: below it a pump is past its time (ours; maker's curves start at 0.70)."""
_POOR_BLOWER = 0.65
"""Wire to air, the same (ours; lobe blowers 0.50 to 0.62, screw and turbo blowers from 0.70)."""
_GAINED = 0.03
_WARMEST = 65.0
"""degC of supply up to which a heat pump keeps its seasonal performance."""


class PumpReplacement:
    """A pump and motor that waste too much: wire-to-water efficiency from flow, head and measured power. IAC code 2.4132.

    First make demand and pressure right, then the pump, then its drive.
    """

    id: Final = "pump_replacement"
    kind: Final[Kind] = "energy"
    building_sync: Final = "Replace with higher efficiency pump"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        fields = (("flow_m3_h", "pump_flow", "m3/h"), ("head_m", "head", "m"), ("measured_kw", "pump_power", "kW"))
        pumps = [one for one in equipment(case, "pump") if all(one.get(field) for field, _, _ in (*fields, ("hours", "", "")))]
        if not pumps:
            return NotApplicable(self.id, "no_equipment", {"kind": "pump: flow_m3_h, head_m, measured_kw, hours"})
        sheet, pump = Sheet(case, self.id, self.kind), pumps[0]
        read = [one for field, key, unit in (*fields, ("hours", "pump_hours", "h/year")) if (one := told(pump, field, key, unit))]
        formula = (
            "wire_to_water = 998.2 * 9.81 * pump_flow / 3600 * head / 1000 / pump_power; "
            "pump_energy = pump_power * pump_hours; "
            "energy_saving = pump_energy * (1 - wire_to_water / pump_efficiency_new)"
        )
        units = {"wire_to_water": "1", "pump_energy": "kWh/year", "energy_saving": "kWh/year"}
        inputs = (*read, sheet.value("pump_efficiency_new"))
        made = sheet.add("pump", formula, "P = rho g Q H / eta; ISO/ASME 14414", inputs, units)
        if made["wire_to_water"].value >= _POOR:
            return NotApplicable(self.id, "pump_is_good", {"efficiency": made["wire_to_water"].value})
        series = electricity(case, "base_load", self.id)
        cost = sheet.money(made["energy_saving"], sheet.price(series)) if isinstance(series, Series) else None
        return sheet.estimate(
            "pumps", energy=made["energy_saving"], cost=cost, investment=sheet.fact("investment"), life_years=15,
            basis="engineering", confidence="medium", load_kwh=made["pump_energy"].value,
        )  # fmt: skip


class BlowerRenewal:
    """A blower that wastes too much: wire-to-air efficiency from flow, pressure and measured power (adiabatic, 20 degC)."""

    id: Final = "blower_renewal"
    kind: Final[Kind] = "energy"
    building_sync: Final = ""

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        fields = (
            ("flow_m3_h", "blower_flow", "m3/h"), ("pressure_bar", "blower_pressure", "bar"),
            ("measured_kw", "blower_power", "kW"), ("hours", "blower_hours", "h/year"),
        )  # fmt: skip
        blowers = [one for one in equipment(case, "blower") if all(one.get(field) for field, _, _ in fields)]
        if not blowers:
            return NotApplicable(self.id, "no_equipment", {"kind": "blower: flow_m3_h, pressure_bar, measured_kw, hours"})
        sheet = Sheet(case, self.id, self.kind)
        read = [held for field, key, unit in fields if (held := told(blowers[0], field, key, unit))]
        formula = (
            "wire_to_air = 101.325 * blower_flow / 3600 / 0.283"
            " * (((1.01325 + blower_pressure) / 1.01325) ** 0.283 - 1) / blower_power; "
            "blower_energy = blower_power * blower_hours; "
            "energy_saving = blower_energy * (1 - wire_to_air / blower_efficiency_new)"
        )
        units = {"wire_to_air": "1", "blower_energy": "kWh/year", **_ENERGY}
        reference = "adiabatic compression of air, p V / 0.283 (r^0.283 - 1) / eta; flow at the inlet"
        made = sheet.add("blower", formula, reference, (*read, sheet.value("blower_efficiency_new")), units)
        if made["wire_to_air"].value >= _POOR_BLOWER:
            return NotApplicable(self.id, "pump_is_good", {"efficiency": made["wire_to_air"].value})
        series = electricity(case, "base_load", self.id)
        cost = sheet.money(made["energy_saving"], sheet.price(series)) if isinstance(series, Series) else None
        return sheet.estimate(
            "blowers", energy=made["energy_saving"], cost=cost, investment=sheet.fact("investment"), life_years=15,
            basis="engineering", confidence="medium", load_kwh=made["blower_energy"].value,
        )  # fmt: skip


class MotorRenewal:
    """A motor of an old class replaced at the same load. IAC code 2.4133.

    New motors turn a little faster: a fan or pump then takes more, by the third power of its speed.
    """

    id: Final = "motor_renewal"
    kind: Final[Kind] = "energy"
    building_sync: Final = "Upgrade motors"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        fields = (
            ("rated_kw", "motor_power", "kW"), ("load_share", "motor_load", "1"), ("hours", "motor_hours", "h/year"),
            ("efficiency", "motor_efficiency", "1"), ("efficiency_new", "motor_efficiency_new", "1"),
        )  # fmt: skip
        motors = [one for one in equipment(case, "motor") if all(one.get(field) for field, _, _ in fields)]
        if not motors:
            return NotApplicable(self.id, "no_equipment", {"kind": f"motor: {', '.join(field for field, _, _ in fields)}"})
        sheet = Sheet(case, self.id, self.kind)
        *read, new = (held for field, key, unit in fields if (held := told(motors[0], field, key, unit)))
        now = read[-1]
        new = sheet.value("motor_efficiency_new", new)
        if new.value <= now.value:
            return NotApplicable(self.id, "pump_is_good", {"efficiency": now.value})
        formula = (
            "motor_energy = motor_power * motor_load * motor_hours / motor_efficiency; "
            "energy_saving = motor_energy * (1 - motor_efficiency / motor_efficiency_new)"
        )
        units = {"motor_energy": "kWh/year", **_ENERGY}
        reference = "IEC 60034-30-1, efficiency classes; Regulation (EU) 2019/1781"
        made = sheet.add("motor", formula, reference, (*read, new), units, ("motor_speed", {}))
        series = electricity(case, "base_load", self.id)
        cost = sheet.money(made["energy_saving"], sheet.price(series)) if isinstance(series, Series) else None
        return sheet.estimate(
            "motors", energy=made["energy_saving"], cost=cost, investment=sheet.fact("investment"), life_years=15,
            basis="engineering", confidence="medium", load_kwh=made["motor_energy"].value,
        )  # fmt: skip


class BoilerRenewal:
    """A boiler renewed by a condensing one: the same heat from less gas. Both efficiencies on the gross heat value, as bills are.

    IAC code 2.1224.
    """

    id: Final = "boiler_renewal"
    kind: Final[Kind] = "energy"
    building_sync: Final = "Replace boiler"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        boilers = [one for one in equipment(case, "boiler") if one.get("efficiency")]
        sheet = Sheet(case, self.id, self.kind)
        gas = sheet.yearly("gas", "boiler_energy")
        if not boilers or gas is None:
            return NotApplicable(self.id, "no_equipment", {"kind": "boiler"})
        now = told(boilers[0], "efficiency", "boiler_efficiency", "1")
        new = sheet.value("boiler_efficiency_new")
        if now is None or now.value + _GAINED >= new.value:
            return NotApplicable(self.id, "boiler_is_good")
        formula = "energy_saving = boiler_energy * (1 - boiler_efficiency / boiler_efficiency_new)"
        made = sheet.add("boiler", formula, "EN 15378-1; gross heat value", (gas, now, new), _ENERGY, ("condensing", {}))
        cost = sheet.money(made["energy_saving"], sheet.gas_price())
        return sheet.estimate(
            "boiler", energy=made["energy_saving"], cost=cost, investment=sheet.fact("investment"), life_years=20,
            basis="engineering", confidence="medium", load_kwh=gas.value, carrier="gas",
        )  # fmt: skip


class HeatPumpForBoiler:
    """A boiler's heat from a heat pump, where its water is no hotter than that suits and the prices let it pay. IAC code 2.7234.

    It pays from a seasonal performance of boiler efficiency times electricity price over gas price.
    """

    id: Final = "heat_pump_for_boiler"
    kind: Final[Kind] = "infrastructure"
    building_sync: Final = "Install air source heat pump"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        boilers = [one for one in equipment(case, "boiler") if one.get("efficiency") and one.get("supply_c")]
        sheet = Sheet(case, self.id, self.kind)
        gas = sheet.yearly("gas", "boiler_energy")
        series = electricity(case, "base_load", self.id)
        if not boilers or gas is None:
            return NotApplicable(self.id, "no_equipment", {"kind": "boiler: efficiency, supply_c"})
        if float(boilers[0]["supply_c"]) > _WARMEST:
            return NotApplicable(self.id, "too_hot", {"supply_c": boilers[0]["supply_c"]})
        power = sheet.price(series) if isinstance(series, Series) else None
        fuel = sheet.gas_price()
        now = told(boilers[0], "efficiency", "boiler_efficiency", "1")
        scop = sheet.value("scop_heating")
        if power is None or fuel is None or now is None:
            return NotApplicable(self.id, "no_prices")
        formula = (
            "heat = boiler_energy * boiler_efficiency; heat_pump_energy = heat / scop_heating; "
            "scop_break_even = boiler_efficiency * price / gas_price; "
            "energy_saving = boiler_energy - heat_pump_energy; "
            "cost_saving = boiler_energy * gas_price - heat_pump_energy * price"
        )
        units = {"heat": "kWh/year", "heat_pump_energy": "kWh/year", "scop_break_even": "1", **_ENERGY, "cost_saving": "EUR/year"}
        made = sheet.add("swap", formula, "EN 14825, seasonal performance", (gas, now, scop, fuel, power), units)
        if made["cost_saving"].value <= 0:
            return NotApplicable(self.id, "scop_too_low", {"break_even": made["scop_break_even"].value})
        return sheet.estimate(
            "boiler", energy=made["energy_saving"], cost=made["cost_saving"], investment=sheet.fact("investment"), life_years=18,
            basis="engineering", confidence="low", load_kwh=gas.value,
            carbon=sheet.carbon_of_swap(gas, made["heat_pump_energy"]),
        )  # fmt: skip


_ENERGY = {"energy_saving": "kWh/year"}
