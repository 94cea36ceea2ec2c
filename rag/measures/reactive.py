"""Reactive energy: what the network charges for it, and the capacitors that would end it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rag.measures.model import Case, Estimate, NotApplicable, Quantity
from rag.measures.sheet import Sheet
from rag.models import Kind
from rag.readings.power import reactive

_LEAST_BILLS = 3


class PowerFactor:
    """Capacitors, where at least three bills charge reactive energy. CNMC Circular 3/2020 art. 9.5; IAC code 2.3212.

    `tariff.reactive` holds lines of the bills: month, period (P1 to P5), active_kwh, reactive_kvarh; a year of them, or it is
    scaled to one. `tariff.reactive_eur_per_kvarh` holds the prices: fair (cos phi 0.80 to 0.95) and poor.
    """

    id: Final = "power_factor"
    kind: Final[Kind] = "energy"
    building_sync: Final = "Implement power factor corrections"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        lines, prices = _lines(case.site.tariff.get("reactive")), case.site.tariff.get("reactive_eur_per_kvarh")
        if not lines or not isinstance(prices, Mapping) or {"fair", "poor"} - set(prices):
            return NotApplicable(self.id, "no_reactive_bills")
        fair, poor = float(prices["fair"]), float(prices["poor"])
        billed = [(one, reactive(float(one["active_kwh"]), float(one["reactive_kvarh"]), fair, poor)) for one in lines]
        if len({str(one.get("month")) for one, held in billed if held.cost > 0}) < _LEAST_BILLS:
            return NotApplicable(self.id, "no_reactive_charge")
        months = len({str(one.get("month")) for one in lines})
        sheet = Sheet(case, self.id, self.kind)
        source = str(case.site.tariff.get("source", "")) or "advisor.yaml"

        def read(key: str, value: float, unit: str) -> Quantity:
            return Quantity(key, value, unit, source, "configured")

        excess = {
            name: sum(held.excess for _, held in billed if held.cost > 0 and (held.power_factor >= 0.80) == (name == "fair"))
            for name in ("fair", "poor")
        }
        inputs = (
            read("reactive_fair", excess["fair"], "kvarh"), read("reactive_poor", excess["poor"], "kvarh"),
            read("reactive_price_fair", fair, "EUR/kvarh"), read("reactive_price_poor", poor, "EUR/kvarh"),
            read("months", months, "month"),
        )  # fmt: skip
        formula = "cost_saving = (reactive_fair * reactive_price_fair + reactive_poor * reactive_price_poor) * 12 / months"
        reference = "CNMC Circular 3/2020, art. 9.5 (BOE-A-2020-1066)"
        made = sheet.add("reactive", formula, reference, inputs, {"cost_saving": "EUR/year"}, ("harmonics", {}))
        load = sheet.fact("reactive_load")
        spent = None
        if load is not None:
            worst = min(held.power_factor for _, held in billed)
            held = (
                sheet.value("reactive_load"),
                read("cos_phi", worst, "1"),
                sheet.value("cos_phi_target"),
                sheet.value("eur_per_kvar"),
            )
            sized = (
                "capacitors = reactive_load * (sqrt(1 / cos_phi ** 2 - 1) - sqrt(1 / cos_phi_target ** 2 - 1)); "
                "investment = capacitors * eur_per_kvar"
            )
            units = {"capacitors": "kvar", "investment": "EUR"}
            spent = sheet.add("capacitors", sized, "Q = P (tan phi 1 - tan phi 2)", held, units)["investment"]
        return sheet.estimate(
            "reactive", cost=made["cost_saving"], investment=sheet.fact("investment") or spent, life_years=10, basis="document",
            confidence="high" if months >= 12 else "medium",
        )  # fmt: skip


def _lines(told: object) -> list[Mapping[str, Any]]:
    """Lines of P1 to P5 that have both energies."""
    lines = told if isinstance(told, list | tuple) else []
    return [
        one for one in lines
        if isinstance(one, Mapping) and one.get("active_kwh") and "reactive_kvarh" in one and one.get("period") != "P6"
    ]  # fmt: skip
