"""Pumps: valves that throttle, and reservoirs that could be filled in the cheap hours."""

from __future__ import annotations

from typing import Final

from rag.measures.model import Case, Estimate, NotApplicable, Quantity
from rag.measures.sheet import Sheet
from rag.measures.site import electricity, equipment
from rag.models import Kind
from rag.readings.quantities import computed, metered, yearly
from rag.readings.series import Series
from rag.readings.tariffs import by_period


class ThrottledPumps:
    """Valves open and flow set by speed. Never by the cube law: static head stays (affinity laws hold on one system curve only).

    Power at the same flow is proportional to head: what the valves take goes, what the drive loses comes. IAC code 2.4146.
    """

    id: Final = "throttled_pumps"
    kind: Final[Kind] = "energy"
    building_sync: Final = "Add VSD motor controller"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        pumps = [one for one in equipment(case, "pump") if one.get("control") == "throttled" and one.get("head_m")]
        sheet = Sheet(case, self.id, self.kind)
        lost = sheet.fact("valve_head")
        if not pumps or lost is None:
            return NotApplicable(self.id, "no_equipment", {"kind": "pump"})
        series = electricity(case, "base_load", self.id)
        if isinstance(series, NotApplicable):
            return series
        sheet.value("valve_head")
        source = str(pumps[0].get("source", ""))
        inputs = (
            metered("annual", yearly(series), "kWh/year", series),
            Quantity("head", float(pumps[0]["head_m"]), "m", source, "configured"),
            sheet.value("valve_head"),
            sheet.value("drive_efficiency"),
        )
        formula = "energy_saving = annual * (1 - (head - valve_head) / (head * drive_efficiency))"
        reference = "P = rho g Q H / eta at the same flow; IEC 61800-9-2"
        saving = sheet.add("throttle", formula, reference, inputs, {"energy_saving": "kWh/year"}, ("static_head", {}))
        energy = saving["energy_saving"]
        if energy.value <= 0:
            return NotApplicable(self.id, "drive_eats_it")
        cost = sheet.money(energy, sheet.price(series, series.values))
        return sheet.estimate(
            "pumps", energy=energy, cost=cost, investment=sheet.fact("investment"), life_years=12, basis="engineering",
            confidence="medium", load_kwh=yearly(series),
        )  # fmt: skip


class NightPumping:
    """The reservoir filled in the cheapest period: the same energy, less money. IAC code 2.3137.

    The share that can move is what the reservoir holds (usable volume against a day's demand), or what a study of the site says.
    """

    id: Final = "night_pumping"
    kind: Final[Kind] = "energy"
    building_sync: Final = "Implement demand response"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        tanks = equipment(case, "reservoir")
        if not tanks or not equipment(case, "pump"):
            return NotApplicable(self.id, "no_equipment", {"kind": "reservoir"})
        series = electricity(case, "tariff_periods", self.id)
        if isinstance(series, NotApplicable):
            return series
        sheet = Sheet(case, self.id, self.kind)
        gap = _prices(series, case)
        if gap is None:
            return NotApplicable(self.id, "no_prices")
        dear, cheap, share = gap
        target = sheet.value("cheap_share_target", _holds(case))
        if target.value <= share.value:
            return NotApplicable(self.id, "already_cheap")
        inputs = (metered("annual", yearly(series), "kWh/year", series), share, target, dear, cheap)
        formula = "moved = annual * (cheap_share_target - cheap_share) / 100; cost_saving = moved * (dear_price - cheap_price)"
        units = {"moved": "kWh/year", "cost_saving": "EUR/year"}
        made = sheet.add("shift", formula, "mean prices of the hours that it leaves and goes to", inputs, units)
        return sheet.estimate(
            "pump_hours", cost=made["cost_saving"], investment=sheet.fact("investment"), life_years=10, basis="metered",
            confidence="medium", load_kwh=yearly(series),
        )  # fmt: skip


def _prices(series: Series, case: Case) -> tuple[Quantity, Quantity, Quantity] | None:
    """(mean price outside the cheapest period, its price, its share of the energy in %)."""
    told = case.site.tariff.get("energy_eur_per_kwh")
    if not isinstance(told, dict):
        return None
    read = by_period(series, case.site)
    energies = {one.key: one.value for one in read.results}
    held = {name: energies[f"energy_p{name[1:]}"] for name in told if f"energy_p{name[1:]}" in energies}
    cheapest = min(held, key=lambda name: float(told[name]))
    others = {name: energy for name, energy in held.items() if name != cheapest}
    dear = sum(energy * float(told[name]) for name, energy in others.items()) / sum(others.values())
    source = str(case.site.tariff.get("source", ""))
    share = 100 * held[cheapest] / sum(held.values())
    return (
        Quantity("dear_price", dear, "EUR/kWh", source, "configured"),
        Quantity("cheap_price", float(told[cheapest]), "EUR/kWh", source, "configured"),
        metered("cheap_share", share, "%", series),
    )


def _holds(case: Case) -> Quantity:
    """The share of a day's water that the reservoir can hold for the dear hours, with the night hours' own demand (a third)."""
    tank = equipment(case, "reservoir")[0]
    usable = float(tank.get("volume_m3", 0)) * (float(tank.get("max_level", 1)) - float(tank.get("min_level", 0)))
    daily = float(case.site.throughput.get("water_m3_per_day", 0) or 1)
    held = min(90.0, 100 * (usable / daily + 1 / 3))
    return computed("cheap_share_target", held, "%")
