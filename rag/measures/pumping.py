"""Pumps: valves that throttle, and reservoirs that could be filled in the cheap hours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rag.measures.model import Case, Estimate, NotApplicable, Quantity
from rag.measures.sheet import Sheet
from rag.measures.site import electricity, equipment, told
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


class PumpSpeed:
    """Flow set by a pump's speed in place of a valve, for each flow of its duty: both curves, not the cube law. IAC code 2.4146.

    At full flow no valve throttles and the drive only loses: a duty that is mostly full saves nothing.
    """

    id: Final = "pump_speed"
    kind: Final[Kind] = "energy"
    building_sync: Final = "Replace with variable speed pump"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        names = [field for field, _, _ in _CURVES]
        pumps = [one for one in equipment(case, "pump") if all(_given(one, field) for field in names) and _duty(one)]
        if not pumps:
            return NotApplicable(self.id, "no_equipment", {"kind": f"pump: {', '.join(names)}, duty"})
        sheet, pump = Sheet(case, self.id, self.kind), pumps[0]
        inputs = [held for field, key, unit in _CURVES if (held := told(pump, field, key, unit))]
        inputs.append(sheet.value("drive_efficiency"))
        valve, drive = [], []
        for n, (flow, hours) in enumerate(_duty(pump), start=1):
            source = inputs[0].source
            inputs.append(Quantity(f"duty_flow_p{n}", flow, "m3/h", source, "configured"))
            inputs.append(Quantity(f"duty_hours_p{n}", hours, "h/year", source, "configured"))
            lifted = f"998.2 * 9.81 / 3600 / 1000 * duty_flow_p{n} * duty_hours_p{n} / pump_efficiency"
            valve.append(f"{lifted} * (shut_off - curve_drop * (duty_flow_p{n} / full_flow) ** 2)")
            drive.append(f"{lifted} * (static_head + friction_head * (duty_flow_p{n} / full_flow) ** 2) / drive_efficiency")
        formula = (
            f"throttled_energy = {' + '.join(valve)}; drive_energy = {' + '.join(drive)}; "
            "energy_saving = throttled_energy - drive_energy"
        )
        units = dict.fromkeys(("throttled_energy", "drive_energy", "energy_saving"), "kWh/year")
        reference = "P = rho g Q H / eta on the curves of pump and system; IEC 61800-9-2"
        made = sheet.add("pump_speed", formula, reference, inputs, units, ("static_head", {}))
        if made["energy_saving"].value <= 0:
            return NotApplicable(self.id, "drive_eats_it")
        series = electricity(case, "base_load", self.id)
        cost = sheet.money(made["energy_saving"], sheet.price(series)) if isinstance(series, Series) else None
        return sheet.estimate(
            "pumps", energy=made["energy_saving"], cost=cost, investment=sheet.fact("investment"), life_years=12,
            basis="engineering", confidence="medium", load_kwh=made["throttled_energy"].value,
        )  # fmt: skip


_CURVES = (
    ("full_flow_m3_h", "full_flow", "m3/h"), ("shut_off_m", "shut_off", "m"), ("drop_m", "curve_drop", "m"),
    ("static_m", "static_head", "m"), ("friction_m", "friction_head", "m"), ("efficiency", "pump_efficiency", "1"),
)  # fmt: skip
"""What is told of a pump and its system: head = shut-off - drop (Q / full)^2, and static + friction (Q / full)^2."""


def _given(pump: Mapping[str, Any], field: str) -> bool:
    """Whether a pump's value is told; a static head may be 0: water that circulates is lifted nowhere."""
    value = pump.get(field)
    return isinstance(value, int | float) and (value > 0 or (value == 0 and field == "static_m"))


def _duty(pump: Mapping[str, Any]) -> list[tuple[float, float]]:
    """(flow in m3/h, hours a year) of each line; none if a line lacks either."""
    duty = pump.get("duty")
    lines = duty if isinstance(duty, list | tuple) else ()
    found = []
    for one in lines:
        flow, hours = (one.get("flow_m3_h"), one.get("hours")) if isinstance(one, Mapping) else (None, None)
        if not isinstance(flow, int | float) or not isinstance(hours, int | float):
            return []
        found.append((float(flow), float(hours)))
    return found


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
