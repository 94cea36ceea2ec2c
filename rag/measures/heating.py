"""Heating and cooling: an old heat pump against a new one."""

from __future__ import annotations

from typing import Final

from rag.measures.model import Case, Estimate, NotApplicable
from rag.measures.sheet import Sheet
from rag.measures.site import electricity, equipment
from rag.models import Kind
from rag.readings.series import Series

_OLD_AFTER = 12


class HeatPumpRenewal:
    """An old heat pump replaced: the same heat and cold at a better seasonal performance (EN 14825). IAC code 2.7234."""

    id: Final = "heat_pump_renewal"
    kind: Final[Kind] = "energy"
    building_sync: Final = "Install air source heat pump"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        old = [
            one for one in equipment(case, "heat_pump") if case.today.year - int(one.get("year") or case.today.year) >= _OLD_AFTER
        ]
        sheet = Sheet(case, self.id, self.kind)
        if not old or sheet.fact("hvac_energy") is None:
            return NotApplicable(self.id, "no_equipment", {"kind": "heat_pump"})
        inputs = (sheet.value("hvac_energy"), sheet.value("scop_old"), sheet.value("scop_new"))
        formula = "energy_saving = hvac_energy * (1 - scop_old / scop_new)"
        made = sheet.add("renewal", formula, "EN 14825, seasonal performance", inputs, {"energy_saving": "kWh/year"})
        series = electricity(case, "base_load", self.id)
        cost = sheet.money(made["energy_saving"], sheet.price(series)) if isinstance(series, Series) else None
        return sheet.estimate(
            "hvac", energy=made["energy_saving"], cost=cost, investment=sheet.fact("investment"), life_years=18,
            basis="engineering", confidence="low", load_kwh=inputs[0].value,
        )  # fmt: skip
