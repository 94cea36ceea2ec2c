"""Energy that is thrown away at water works: pressure that a valve destroys, biogas that a torch burns."""

from __future__ import annotations

from typing import Final

from rag.measures.model import Case, Estimate, NotApplicable
from rag.measures.sheet import Sheet
from rag.measures.site import electricity, equipment, told
from rag.models import Kind
from rag.readings.series import Series


class PressureTurbine:
    """A pump run as a turbine beside a pressure valve: the head that nobody needs below it, at a flow that hardly varies.

    IAC code 2.3322.
    """

    id: Final = "pressure_turbine"
    kind: Final[Kind] = "infrastructure"
    building_sync: Final = ""

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        fields = (("flow_m3_h", "valve_flow", "m3/h"), ("excess_head_m", "excess_head", "m"), ("hours", "valve_hours", "h/year"))
        valves = [one for one in equipment(case, "pressure_valve") if all(one.get(field) for field, _, _ in fields)]
        if not valves:
            return NotApplicable(self.id, "no_equipment", {"kind": "pressure_valve: flow_m3_h, excess_head_m, hours"})
        sheet = Sheet(case, self.id, self.kind)
        read = [held for field, key, unit in fields if (held := told(valves[0], field, key, unit))]
        formula = (
            "turbine_power = 998.2 * 9.81 * valve_flow / 3600 * excess_head / 1000 * turbine_efficiency; "
            "energy_saving = turbine_power * valve_hours"
        )
        inputs = (*read, sheet.value("turbine_efficiency"))
        units = {"turbine_power": "kW", **_ENERGY}
        made = sheet.add("turbine", formula, "P = rho g Q H eta", inputs, units, ("own_use", {}))
        series = electricity(case, "base_load", self.id)
        cost = sheet.money(made["energy_saving"], sheet.price(series)) if isinstance(series, Series) else None
        return sheet.estimate(
            "generation", energy=made["energy_saving"], cost=cost, investment=sheet.fact("investment"), life_years=20,
            basis="engineering", confidence="low",
        )  # fmt: skip


class BiogasEngine:
    """Electricity from the biogas of a digester that is burnt in vain. Its heat, which the digester may need, is not valued.

    IAC code 2.3415.
    """

    id: Final = "biogas_engine"
    kind: Final[Kind] = "infrastructure"
    building_sync: Final = "Install CHP/cogeneration systems"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        sheet = Sheet(case, self.id, self.kind)
        if sheet.fact("biogas") is None:
            return NotApplicable(self.id, "no_fact", {"fact": "biogas"})
        inputs = [sheet.value(key) for key in ("biogas", "methane_share", "engine_efficiency")]
        formula = "biogas_energy = biogas * methane_share * 9.97 * 365; energy_saving = biogas_energy * engine_efficiency"
        units = {"biogas_energy": "kWh/year", **_ENERGY}
        reference = "net heat value of methane, 9.97 kWh/m3 (ISO 6976)"
        made = sheet.add("biogas", formula, reference, inputs, units, ("own_use", {}))
        series = electricity(case, "base_load", self.id)
        price = sheet.price(series) if isinstance(series, Series) else None
        if price is None:
            return NotApplicable(self.id, "no_prices")
        held = (made["energy_saving"], price, sheet.value("engine_upkeep"))
        worth = "cost_saving = energy_saving * (price - engine_upkeep)"
        cost = sheet.add(
            "cost_of_energy_saving", worth, "contract price less the engine's upkeep", held, {"cost_saving": "EUR/year"}
        )
        if cost["cost_saving"].value <= 0:
            return NotApplicable(self.id, "no_prices")
        return sheet.estimate(
            "generation", energy=made["energy_saving"], cost=cost["cost_saving"], investment=sheet.fact("investment"),
            life_years=15, basis="engineering", confidence="low",
        )  # fmt: skip


_ENERGY = {"energy_saving": "kWh/year"}
