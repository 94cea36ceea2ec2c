"""Water: leaks found and repaired, pressure lowered at night, fixtures, reuse."""

from __future__ import annotations

from typing import Any, Final

from rag.measures.model import Case, Estimate, NotApplicable, Quantity
from rag.measures.sheet import Sheet
from rag.measures.site import equipment
from rag.models import Kind
from rag.readings.quantities import computed, metered
from rag.readings.series import Series
from rag.readings.water import legitimate_night_use, nights, open_rises

_RECENT = 28


def _areas(case: Case) -> list[tuple[Series, dict[str, Any]]]:
    """Flow meters of district metered areas with what is known of each: meter "flow-s2" goes with equipment "s2"."""
    areas = {str(one.get("id")): dict(one) for one in equipment(case, "district_metered_area")}
    found = []
    for meter, series in case.readings.items():
        area = next((held for name, held in areas.items() if meter.endswith(f"-{name}")), None)
        if series.carrier == "water" and area is not None and series.blocked("night_flow") is None:
            found.append((series, area))
    return found


class LeakRepair:
    """Leaks that are still open: steps up of the minimum night flow that have not come down again. IAC code 3.4154."""

    id: Final = "leak_repair"
    kind: Final[Kind] = "water"
    building_sync: Final = "Install leak detection system"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        areas = _areas(case)
        if not areas:
            return NotApplicable(self.id, "no_areas")
        sheet = Sheet(case, self.id, self.kind)
        open_leaks = [(series, area, rise) for series, area in areas if (rise := _open(series)) is not None]
        if not open_leaks:
            return NotApplicable(self.id, "no_open_leak")
        where = "; ".join(f"{series.name}, {rise[0]}" for series, _, rise in open_leaks)
        leak = Quantity("open_leak", sum(rise[1] for _, _, rise in open_leaks), "m3/h", where, "metered")
        hours = computed("hours", 8760, "h/year")
        reference = "SANFLOW (McKenzie 1999); step of the minimum night flow"
        made = sheet.add("leak", "water_saving = open_leak * hours", reference, (leak, hours), _WATER)
        cost, carbon = sheet.worth_of_water(made["water_saving"])
        each = sheet.value("leak_repair_cost")
        count = computed("leaks", len(open_leaks), "1")
        made |= sheet.add("repair", "investment = leaks * leak_repair_cost", "price of one repair", (count, each), _EUR)
        spent = sheet.fact("investment") or made["investment"]
        return sheet.estimate(
            "leakage", water=made["water_saving"], cost=cost, carbon=carbon, investment=spent, life_years=5, basis="metered",
            confidence="high",
        )  # fmt: skip


def _open(series: Series) -> tuple[str, float] | None:
    """(First day, size in m3/h) of what rose and is still open; None if all came down."""
    rises, _ = open_rises(series)
    return (", ".join(f"{one.first}" for one in rises), sum(one.size for one in rises)) if rises else None


class PressureManagement:
    """Less pressure at night where it is higher than needed: leakage goes with pressure to the power N1 (FAVAD).

    What a repair of open leaks saves is taken off first (repair comes before pressure). Never below the required pressure.
    """

    id: Final = "pressure_management"
    kind: Final[Kind] = "water"
    building_sync: Final = ""

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        usable = [one for one in _areas(case) if one[1].get("night_pressure_m") and one[1].get("required_pressure_m")]
        if not usable:
            return NotApplicable(self.id, "no_areas")
        series, area = max(usable, key=lambda one: float(one[1]["night_pressure_m"]) - float(one[1]["required_pressure_m"]))
        source = str(area.get("source", ""))
        sheet = Sheet(case, self.id, self.kind)
        need = float(area["required_pressure_m"])
        after = sheet.value("pressure_after", Quantity("pressure_after", need + 10, "m", f"{source} + 10 m", "default"))
        before = Quantity("pressure_before", float(area["night_pressure_m"]), "m", source, "configured")
        if after.value >= before.value or after.value < need:
            return NotApplicable(self.id, "pressure_needed")
        leak = _open(series)
        people = float(area.get("population", 0))
        inputs = (
            metered("night_flow", float(nights(series).iloc[-_RECENT:].median()), "m3/h", series),
            metered("open_leak", leak[1] if leak else 0.0, "m3/h", series),
            Quantity("night_use", legitimate_night_use(people), "m3/h", f"{source}: {people:g} x 6 % x 10 L", "configured"),
            sheet.value("night_day_hours"),
            before,
            after,
            sheet.value("leak_exponent"),
        )
        formula = (
            "leakage_left = max(0, night_flow - open_leak - night_use) * night_day_hours * 365; "
            "water_saving = leakage_left * (1 - (pressure_after / pressure_before) ** leak_exponent)"
        )
        units = {"leakage_left": "m3/year", "water_saving": "m3/year"}
        made = sheet.add("pressure", formula, "FAVAD (May 1994; Lambert 2001)", inputs, units)
        cost, carbon = sheet.worth_of_water(made["water_saving"])
        return sheet.estimate(
            "leakage_left", water=made["water_saving"], cost=cost, carbon=carbon, investment=sheet.fact("investment"),
            life_years=15, basis="metered", confidence="medium",
        )  # fmt: skip


class Fixtures:
    """Cisterns that flush less. IAC code 3.4156."""

    id: Final = "fixtures"
    kind: Final[Kind] = "water"
    building_sync: Final = "Install WaterSense-qualified tank toilets"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        old = equipment(case, "toilet_cistern")
        people = case.site.throughput.get("people")
        if not old or not people:
            return NotApplicable(self.id, "no_equipment", {"kind": "toilet_cistern"})
        sheet = Sheet(case, self.id, self.kind)
        count = Quantity("cisterns", float(old[0].get("count", 1)), "1", str(old[0].get("source", "")), "configured")
        total = sheet.value("all_cisterns", Quantity("all_cisterns", count.value, "1", count.source, "configured"))
        litres = Quantity("old_flush", float(old[0].get("litres_per_flush", 9)), "l", count.source, "configured")
        inputs = (
            Quantity("people", float(people), "person", "advisor.yaml", "configured"),
            count, total, sheet.value("uses_a_day"), sheet.value("working_days"), litres, sheet.value("new_flush"),
        )  # fmt: skip
        formula = "water_saving = people * cisterns / all_cisterns * uses_a_day * working_days * (old_flush - new_flush) / 1000"
        made = sheet.add("flush", formula, "EN 14055, flush volumes", inputs, _WATER)
        cost = sheet.money(made["water_saving"], sheet.water_price())
        each = sheet.value("eur_per_cistern")
        made |= sheet.add("cisterns_cost", "investment = cisterns * eur_per_cistern", "price of a cistern", (count, each), _EUR)
        return sheet.estimate(
            "toilets", water=made["water_saving"], cost=cost, investment=sheet.fact("investment") or made["investment"],
            life_years=20, basis="engineering", confidence="medium",
        )  # fmt: skip


class WaterReuse:
    """Treated effluent in place of drinking water, where the site says how much could be replaced. IAC code 3.4111.

    Needs authorisation under RD 1085/2024.
    """

    id: Final = "water_reuse"
    kind: Final[Kind] = "infrastructure"
    building_sync: Final = "Install greywater reuse system"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        sheet = Sheet(case, self.id, self.kind)
        if sheet.fact("replaced") is None:
            return NotApplicable(self.id, "no_fact", {"fact": "water_reuse.replaced"})
        replaced = sheet.value("replaced")
        made = sheet.add("reuse", "water_saving = replaced", "RD 1085/2024", (replaced,), _WATER, ("permit", {}))
        cost = sheet.money(made["water_saving"], sheet.water_price())
        return sheet.estimate(
            "service_water", water=made["water_saving"], cost=cost, investment=sheet.fact("investment"), life_years=15,
            basis="document", confidence="medium",
        )  # fmt: skip


_WATER, _EUR = {"water_saving": "m3/year"}, {"investment": "EUR"}
