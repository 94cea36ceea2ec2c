"""Water from elsewhere, or less of it lost to the air: rain, cooling towers, a plant that makes effluent fit for use."""

from __future__ import annotations

from typing import Final

from rag.measures.model import Case, Estimate, NotApplicable, Quantity
from rag.measures.sheet import Sheet
from rag.measures.site import equipment, told
from rag.models import Kind
from rag.readings.quantities import metered, yearly

_WATER = {"water_saving": "m3/year"}


class TowerCycles:
    """More cycles of concentration in a cooling tower: less blowdown for the same heat. IAC code 3.4115.

    Evaporation is 1.48 m3/h for each MW rejected (latent heat at 30 degC; what leaves as warm air is left out, on the safe side
    of the saving only for dry climates: a metered make-up wins).
    """

    id: Final = "tower_cycles"
    kind: Final[Kind] = "water"
    building_sync: Final = "Implement advanced cooling tower controls to manage cycles of concentration"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        fields = (("rejected_mw", "rejected", "MW"), ("hours", "tower_hours", "h/year"), ("cycles", "cycles", "1"))
        towers = [one for one in equipment(case, "cooling_tower") if all(one.get(field) for field, _, _ in fields)]
        sheet = Sheet(case, self.id, self.kind)
        if not towers or sheet.fact("cycles_new") is None:
            return NotApplicable(self.id, "no_equipment", {"kind": "cooling_tower: rejected_mw, hours, cycles; fact cycles_new"})
        read = [held for field, key, unit in fields if (held := told(towers[0], field, key, unit))]
        new = sheet.value("cycles_new")
        if not 1 < read[2].value < new.value:
            return NotApplicable(self.id, "cycles_are_good")
        formula = (
            "evaporation = rejected * evaporation_rate * tower_hours; "
            "water_saving = evaporation * (cycles / (cycles - 1) - cycles_new / (cycles_new - 1))"
        )
        inputs = (*read, sheet.value("evaporation_rate"), new)
        units = {"evaporation": "m3/year", **_WATER}
        made = sheet.add(
            "cycles", formula, "water balance of a cooling tower; ASHRAE Handbook, HVAC Systems", inputs, units, ("cycles", {})
        )
        return sheet.estimate(
            "cooling_tower", water=made["water_saving"], cost=sheet.money(made["water_saving"], sheet.water_price()),
            investment=sheet.fact("investment"), life_years=10, basis="engineering", confidence="medium",
        )  # fmt: skip


class Rainwater:
    """Rain of a roof for what needs no drinking water: at most what is wanted. IAC code 3.4111."""

    id: Final = "rainwater"
    kind: Final[Kind] = "infrastructure"
    building_sync: Final = "Install rainwater harvesting system"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        sheet = Sheet(case, self.id, self.kind)
        lacking = [key for key in ("roof_area", "rain", "rain_demand") if sheet.fact(key) is None]
        if lacking:
            return NotApplicable(self.id, "no_fact", {"fact": ", ".join(lacking)})
        inputs = [sheet.value(key) for key in ("roof_area", "rain", "rain_share", "rain_demand")]
        formula = "water_saving = min(rain_demand, roof_area * rain / 1000 * rain_share)"
        made = sheet.add("rain", formula, "EN 16941-1, yield of a rainwater system", inputs, _WATER, ("rain_at_most", {}))
        return sheet.estimate(
            "service_water", water=made["water_saving"], cost=sheet.money(made["water_saving"], sheet.water_price()),
            investment=sheet.fact("investment"), life_years=25, basis="engineering", confidence="low",
        )  # fmt: skip


class ReusePlant:
    """A plant that makes effluent fit for use, as large as what may take its water, or as what there is. IAC code 3.4113.

    Filtration and disinfection; needs authorisation and a risk plan under RD 1085/2024.
    """

    id: Final = "reuse_plant"
    kind: Final[Kind] = "infrastructure"
    building_sync: Final = "Install greywater reuse system"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        sheet = Sheet(case, self.id, self.kind)
        effluent = _effluent(case)
        price = sheet.water_price()
        if sheet.fact("reuse_demand") is None or effluent is None or price is None:
            return NotApplicable(self.id, "no_fact", {"fact": "reuse_demand"})
        inputs = (sheet.value("reuse_demand"), effluent, sheet.value("reuse_recovery"), price, sheet.value("reuse_running"))
        formula = (
            "water_saving = min(reuse_demand, effluent * reuse_recovery); "
            "cost_saving = water_saving * (water_price - reuse_running)"
        )
        made = sheet.add(
            "reuse_plant", formula, "RD 1085/2024; Regulation (EU) 2020/741", inputs, {**_WATER, **_EUR_A_YEAR}, ("permit", {})
        )
        if made["cost_saving"].value <= 0:
            return NotApplicable(self.id, "water_too_cheap")
        sized = "plant_size = water_saving / 365 * reuse_peak; investment = plant_size * eur_per_m3_day"
        held = (made["water_saving"], sheet.value("reuse_peak"), sheet.value("eur_per_m3_day"))
        cost = sheet.add("reuse_size", sized, "price of a cubic metre a day", held, {"plant_size": "m3/day", "investment": "EUR"})
        return sheet.estimate(
            "service_water", water=made["water_saving"], cost=made["cost_saving"],
            investment=sheet.fact("investment") or cost["investment"], life_years=20, basis="engineering", confidence="low",
        )  # fmt: skip


def _effluent(case: Case) -> Quantity | None:
    """Treated water a year: the mean of a meter of what the site handles, or what its profile says of a day."""
    for meter in case.site.meters:
        series = case.readings.get(meter.id)
        if series is not None and meter.use == "handled" and series.carrier == "water" and series.blocked("yearly") is None:
            return metered("effluent", yearly(series), "m3/year", series)
    daily = case.site.throughput.get("water_m3_per_day")
    return Quantity("effluent", float(daily) * 365, "m3/year", "advisor.yaml", "configured") if daily else None


_EUR_A_YEAR = {"cost_saving": "EUR/year"}
