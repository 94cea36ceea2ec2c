"""Compressed air: leaks by the load and unload test, pressure, and the heat that the compressor gives off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rag.measures.model import Case, Estimate, NotApplicable, Quantity
from rag.measures.sheet import Sheet
from rag.measures.site import electricity, equipment, told
from rag.models import Kind
from rag.readings.series import Series


def _compressor(case: Case, *fields: str) -> Mapping[str, Any] | None:
    """The first compressor of which these are told."""
    found = equipment(case, "compressor")
    return next((one for one in found if all(one.get(field) for field in fields)), None)


def _cost(case: Case, sheet: Sheet, saving: Quantity) -> Quantity | None:
    series = electricity(case, "base_load", sheet.measure)
    return sheet.money(saving, sheet.price(series)) if isinstance(series, Series) else None


def _inputs(one: Mapping[str, Any], *more: tuple[str, str, str]) -> list[Quantity]:
    """What is told of a compressor: its power and hours, then `more` as (field, quantity, unit)."""
    fields = (("measured_kw", "compressor_power", "kW"), ("hours", "compressor_hours", "h/year"), *more)
    return [held for field, key, unit in fields if (held := told(one, field, key, unit))]


def _estimate(case: Case, sheet: Sheet, saving: Quantity, inputs: Sequence[Quantity], life_years: int) -> Estimate:
    """Of a measure on the compressed air: what it saves of the compressor's own energy, the first two of `inputs`."""
    return sheet.estimate(
        "compressed_air", energy=saving, cost=_cost(case, sheet, saving), investment=sheet.fact("investment"),
        life_years=life_years, basis="engineering", confidence="medium", load_kwh=inputs[0].value * inputs[1].value,
    )  # fmt: skip


class AirLeaks:
    """Compressed-air leaks repaired: minutes that the compressor loads and unloads while nothing uses air. IAC code 2.4236.

    Counts for machines that unload or stop; one that throttles its inlet saves less.
    """

    id: Final = "air_leaks"
    kind: Final[Kind] = "energy"
    building_sync: Final = ""

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        one = _compressor(case, "measured_kw", "hours", "test_load_min", "test_unload_min")
        if one is None:
            return NotApplicable(
                self.id, "no_equipment", {"kind": "compressor: measured_kw, hours, test_load_min, test_unload_min"}
            )
        sheet = Sheet(case, self.id, self.kind)
        inputs = _inputs(one, ("test_load_min", "test_load", "min"), ("test_unload_min", "test_unload", "min"))
        good = sheet.value("air_leaks_left")
        formula = (
            "air_leak_share = test_load / (test_load + test_unload); "
            "energy_saving = compressor_power * compressor_hours * (air_leak_share - air_leaks_left)"
        )
        units = {"air_leak_share": "1", "energy_saving": "kWh/year"}
        made = sheet.add("air_leaks", formula, "US DOE Compressed Air Tip Sheet 3, load and unload test", (*inputs, good), units)
        if made["energy_saving"].value <= 0:
            return NotApplicable(self.id, "air_is_tight", {"share": made["air_leak_share"].value})
        return _estimate(case, sheet, made["energy_saving"], inputs, life_years=3)


class AirPressure:
    """Less pressure in the compressed-air net: work of compression at either ratio. After the leaks. IAC code 2.4231."""

    id: Final = "air_pressure"
    kind: Final[Kind] = "energy"
    building_sync: Final = ""

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        one = _compressor(case, "measured_kw", "hours", "pressure_bar", "required_pressure_bar")
        if one is None:
            return NotApplicable(
                self.id, "no_equipment", {"kind": "compressor: measured_kw, hours, pressure_bar, required_pressure_bar"}
            )
        if float(one["required_pressure_bar"]) >= float(one["pressure_bar"]):
            return NotApplicable(self.id, "pressure_needed")
        sheet = Sheet(case, self.id, self.kind)
        inputs = _inputs(one, ("pressure_bar", "air_pressure", "bar"), ("required_pressure_bar", "air_pressure_new", "bar"))
        formula = (
            "work_left = (((air_pressure_new + 1.01325) / 1.01325) ** (0.395 / 1.395) - 1)"
            " / (((air_pressure + 1.01325) / 1.01325) ** (0.395 / 1.395) - 1); "
            "energy_saving = compressor_power * compressor_hours * (1 - work_left)"
        )
        units = {"work_left": "1", "energy_saving": "kWh/year"}
        made = sheet.add("air_pressure", formula, "ORNL MEASUR, polytropic compression n = 1.395", inputs, units)
        return _estimate(case, sheet, made["energy_saving"], inputs, life_years=10)


class HeatRecovery:
    """Heat of a compressor in place of gas, as far as it is wanted at the same time. IAC code 2.2437."""

    id: Final = "heat_recovery"
    kind: Final[Kind] = "energy"
    building_sync: Final = "Add heat recovery"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        one = _compressor(case, "measured_kw", "hours")
        sheet = Sheet(case, self.id, self.kind)
        boiler = next((held for held in equipment(case, "boiler") if held.get("efficiency")), None)
        if one is None or boiler is None or sheet.fact("heat_use") is None:
            return NotApplicable(self.id, "no_fact", {"fact": "heat_recovery.heat_use"})
        inputs = [*_inputs(one), sheet.value("recovered_share"), sheet.value("heat_use")]
        inputs += [held] if (held := told(boiler, "efficiency", "boiler_efficiency", "1")) else []
        formula = "energy_saving = compressor_power * compressor_hours * recovered_share * heat_use / boiler_efficiency"
        made = sheet.add(
            "heat_recovery", formula, "IAC 2.2437; heat balance of the compressor", inputs, {"energy_saving": "kWh/year"}
        )
        return sheet.estimate(
            "boiler_heat", energy=made["energy_saving"], cost=sheet.money(made["energy_saving"], sheet.gas_price()),
            investment=sheet.fact("investment"), life_years=12, basis="engineering", confidence="low", carrier="gas",
        )  # fmt: skip
