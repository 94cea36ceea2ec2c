"""What-ifs on a site's own EPANET network: known leaks repaired, or a reducing valve in front of them. Pressure-driven."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from rag.errors import InputError
from rag.measures.model import Case, Estimate, NotApplicable, Quantity
from rag.measures.sheet import Sheet
from rag.measures.site import equipment, told
from rag.models import Kind

if TYPE_CHECKING:
    from rag.measures.hydraulics import Day, Leak, Valve

_REFERENCE = "WNTR (Klise et al. 2017), pressure-driven demand; leak = Cd A sqrt(2 g h), Cd 0.75"
_WATER, _EUR = {"water_saving": "m3/year"}, {"investment": "EUR"}


def _leaks(case: Case) -> tuple[Leak, ...]:
    """The leaks that the site's file knows in its network."""
    from rag.measures.hydraulics import Leak  # wntr takes three seconds to load, and few sites have a network

    found = [one for one in equipment(case, "network_leak") if one.get("node") and one.get("diameter_mm")]
    return tuple(Leak(str(one["node"]), float(one["diameter_mm"])) for one in found)


def _day(file: Path, leaks: tuple[Leak, ...], valve: Valve | None = None) -> Day:
    from rag.measures.hydraulics import day

    return day(file, leaks, valve)


def _lost(key: str, held: Day, file: Path) -> Quantity:
    return Quantity(key, sum(held.lost.values()), "m3/day", f"{file.name}, 24 h", "configured")


class NetworkLeak:
    """Known leaks of the network repaired: what they lose at the pressure that the network has with them. IAC code 3.4154."""

    id: Final = "network_leak"
    kind: Final[Kind] = "water"
    building_sync: Final = "Install leak detection system"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        file = case.site.network
        if file is None or not equipment(case, "network_leak"):
            return NotApplicable(self.id, "no_network")
        try:
            leaks = _leaks(case)
            held = _day(file, leaks)
        except InputError as error:
            return NotApplicable(self.id, "network_fails", {"why": str(error)})
        sheet = Sheet(case, self.id, self.kind)
        lost = _lost("leaks_a_day", held, file)
        made = sheet.add("network_leak", "water_saving = leaks_a_day * 365", _REFERENCE, (lost,), _WATER, ("model_day", {}))
        each, count = sheet.value("leak_repair_cost"), Quantity("leaks", len(leaks), "1", "advisor.yaml", "configured")
        spent = sheet.add(
            "repair", "investment = leaks * leak_repair_cost", "price of one repair", (count, each), {"investment": "EUR"}
        )
        cost, carbon = sheet.worth_of_water(made["water_saving"])
        return sheet.estimate(
            "leakage", water=made["water_saving"], cost=cost, carbon=carbon,
            investment=sheet.fact("investment") or spent["investment"], life_years=5, basis="engineering", confidence="medium",
        )  # fmt: skip


class NetworkPressure:
    """A reducing valve in a pipe of the network: leaks lose less, and no customer falls below the pressure that is required."""

    id: Final = "network_pressure"
    kind: Final[Kind] = "water"
    building_sync: Final = ""

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        file = case.site.network
        fields = ("pipe", "setting_m", "required_pressure_m")
        valves = [one for one in equipment(case, "pressure_valve") if all(one.get(field) for field in fields)]
        if file is None or not valves or not equipment(case, "network_leak"):
            return NotApplicable(self.id, "no_network")
        from rag.measures.hydraulics import Valve

        one = valves[0]
        try:
            leaks = _leaks(case)
            before = _day(file, leaks)
            after = _day(file, leaks, Valve(str(one["pipe"]), float(one["setting_m"])))
        except InputError as error:
            return NotApplicable(self.id, "network_fails", {"why": str(error)})
        if after.least_pressure < float(one["required_pressure_m"]):
            return NotApplicable(self.id, "pressure_needed", {"least": after.least_pressure})
        sheet = Sheet(case, self.id, self.kind)
        setting = told(one, "setting_m", "pressure_after", "m")
        least = Quantity("least_pressure", after.least_pressure, "m", f"{file.name}, 24 h", "configured")
        inputs = (_lost("leaks_a_day", before, file), _lost("leaks_left", after, file), least, *([setting] if setting else []))
        formula = "water_saving = (leaks_a_day - leaks_left) * 365"
        made = sheet.add("network_pressure", formula, _REFERENCE, inputs, _WATER, ("model_day", {}))
        if made["water_saving"].value <= 0:
            return NotApplicable(self.id, "valve_does_nothing")
        cost, carbon = sheet.worth_of_water(made["water_saving"])
        return sheet.estimate(
            "leakage", water=made["water_saving"], cost=cost, carbon=carbon,
            investment=sheet.fact("investment"), life_years=15, basis="engineering", confidence="medium",
        )  # fmt: skip
