"""Contracted power: what is paid for and never used. Money only; no energy, no carbon."""

from __future__ import annotations

from typing import Final

from rag.measures.model import Case, Estimate, NotApplicable, Quantity
from rag.measures.sheet import Sheet
from rag.measures.site import electricity
from rag.models import Kind
from rag.readings.tariffs import by_period

_WORTH = 0.97


class ContractedPower:
    """Contracted power down to the highest power of each period, periods in their legal order.

    CNMC Circular 3/2020 art. 6.2 (each period at least the one before) and 9.2 (EUR/kW a year); IAC code 2.8114. Hourly readings
    hide the quarter-hour's peak: `quarter_peak` raises them. Nothing is proposed that could be exceeded by what was read.
    """

    id: Final = "contracted_power"
    kind: Final[Kind] = "energy"
    building_sync: Final = "Change to more favorable rate schedule"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        series = electricity(case, "tariff_periods", self.id)
        if isinstance(series, NotApplicable):
            return series
        tariff, names = case.site.tariff, [f"P{number}" for number in range(1, 7)]
        now, price = (tariff.get(key) for key in ("contracted_kw", "power_eur_per_kw_year"))
        if not isinstance(now, dict) or not isinstance(price, dict) or set(names) - set(now) or set(names) - set(price):
            return NotApplicable(self.id, "no_power_prices")
        sheet = Sheet(case, self.id, self.kind)
        read = by_period(series, case.site)
        source = str(tariff.get("source", ""))
        inputs: list[Quantity] = [sheet.value("quarter_peak")]
        parts, lines = [], []
        for number, name in enumerate(names, start=1):
            inputs.append(read.result(f"highest_p{number}"))
            inputs.append(Quantity(f"contracted_p{number}", float(now[name]), "kW", source, "configured"))
            inputs.append(Quantity(f"power_price_p{number}", float(price[name]), "EUR/(kW*year)", source, "configured"))
            least = f"highest_p{number} * quarter_peak"
            needed = least if number == 1 else f"max(new_p{number - 1}, {least})"
            lines.append(f"new_p{number} = min(contracted_p{number}, {needed})")
            parts.append(f"(contracted_p{number} - new_p{number}) * power_price_p{number}")
        formula = "; ".join([*lines, f"cost_saving = {' + '.join(parts)}"])
        units = {**{f"new_p{number}": "kW" for number in range(1, 7)}, "cost_saving": "EUR/year"}
        reference = "CNMC Circular 3/2020, arts 6.2 and 9.2 (BOE-A-2020-1066)"
        made = sheet.add("power", formula, reference, inputs, units, ("twelve_months", {}))
        if all(made[f"new_p{n}"].value >= _WORTH * float(now[f"P{n}"]) for n in range(1, 7)):
            return NotApplicable(self.id, "power_fits")
        free = Quantity("investment", 0, "EUR", "no work", "default")
        return sheet.estimate(
            "contract", cost=made["cost_saving"], investment=free, life_years=5, basis="metered", confidence="medium"
        )
