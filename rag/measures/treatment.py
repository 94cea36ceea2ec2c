"""Treatment of water: aeration by oxygen, membranes that foul, and pressure that is thrown away."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from rag.measures.model import Case, Estimate, NotApplicable, Quantity
from rag.measures.sheet import Sheet
from rag.measures.site import electricity, equipment
from rag.models import Kind
from rag.readings.quantities import metered, yearly
from rag.readings.series import Series


class OxygenControl:
    """Aeration no higher than the process needs: air for the same transfer goes with 1 / (saturation - oxygen).

    Oxygen transfer of ASCE 2-06; blower energy goes with air at constant pressure. IAC code 2.6231.
    """

    id: Final = "oxygen_control"
    kind: Final[Kind] = "energy"
    building_sync: Final = "Add or repair controls"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        sheet = Sheet(case, self.id, self.kind)
        now = sheet.fact("oxygen_now")
        if not equipment(case, "blower") or now is None:
            return NotApplicable(self.id, "no_equipment", {"kind": "blower"})
        series = electricity(case, "base_load", self.id)
        if isinstance(series, NotApplicable):
            return series
        now, target, full = (sheet.value(key) for key in ("oxygen_now", "do_target", "do_saturation"))
        if target.value >= now.value:
            return NotApplicable(self.id, "oxygen_fits")
        inputs = (metered("annual", yearly(series), "kWh/year", series), sheet.value("aeration_share"), now, target, full)
        formula = (
            "aeration = annual * aeration_share; "
            "energy_saving = aeration * (1 - (do_saturation - oxygen_now) / (do_saturation - do_target))"
        )
        units = {"aeration": "kWh/year", "energy_saving": "kWh/year"}
        made = sheet.add("oxygen", formula, "ASCE/EWRI 2-06, oxygen transfer", inputs, units, *_AERATION)
        cost = sheet.money(made["energy_saving"], sheet.price(series))
        return sheet.estimate(
            "blowers", energy=made["energy_saving"], cost=cost, investment=sheet.fact("investment"), life_years=10,
            basis="engineering", confidence="medium", load_kwh=made["aeration"].value,
        )  # fmt: skip


_AERATION = (("nitrification", dict[str, object]()), ("air_in_step", dict[str, object]()))


class MembraneCleaning:
    """Cleaning of reverse-osmosis membranes: specific energy now against the least of the year, as far as it recovers it."""

    id: Final = "membrane_cleaning"
    kind: Final[Kind] = "energy"
    building_sync: Final = ""

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        pair = _desalination(case, self.id)
        if isinstance(pair, NotApplicable):
            return pair
        power, water = pair
        daily = power.values.resample("1D").sum() / water.values.resample("1D").sum()
        smooth = daily.rolling(14).mean().dropna()
        now, least = float(daily.iloc[-28:].mean()), float(smooth.min())
        sheet = Sheet(case, self.id, self.kind)
        recovered = sheet.value(
            "recovered", Quantity("recovered", 0.5 * (now - least), "kWh/m**3", "half of the rise", "default")
        )
        if now - least < 0.03 * least:
            return NotApplicable(self.id, "membranes_clean")
        inputs = (
            metered("specific_now", now, "kWh/m**3", power),
            metered("specific_least", least, "kWh/m**3", power),
            recovered,
            metered("annual_water", yearly(water), "m3/year", water),
        )
        formula = "energy_saving = min(recovered, specific_now - specific_least) * annual_water"
        made = sheet.add(
            "fouling", formula, "ASTM D4516, normalised performance of membranes", inputs, {"energy_saving": "kWh/year"}
        )
        cost = sheet.money(made["energy_saving"], sheet.price(power, power.values))
        return sheet.estimate(
            "membranes", energy=made["energy_saving"], cost=cost, investment=sheet.fact("investment"), life_years=1,
            basis="metered", confidence="medium", load_kwh=yearly(power),
        )  # fmt: skip


class EnergyRecovery:
    """Isobaric exchangers where a Pelton turbine runs: specific energy of the hours with its line against the hours without."""

    id: Final = "energy_recovery"
    kind: Final[Kind] = "infrastructure"
    building_sync: Final = ""

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        pair = _desalination(case, self.id)
        if isinstance(pair, NotApplicable):
            return pair
        lines = [one for one in equipment(case, "reverse_osmosis_rack") if one.get("energy_recovery") == "pelton"]
        if not lines:
            return NotApplicable(self.id, "no_equipment", {"kind": "pelton"})
        power, water = pair
        flow, specific = water.rate, power.values / water.values
        middle = (float(flow.quantile(0.05)) + float(flow.quantile(0.95))) / 2
        high = flow > middle
        # the same days on both sides, so that fouling and sea temperature count alike
        days = pd.DatetimeIndex(flow.index).date
        with_line, without = (specific[mask].groupby(days[mask.to_numpy()]).mean() for mask in (high, ~high))
        gap = float((with_line - without).dropna().median())
        if not np.isfinite(gap) or gap < 0.03:
            return NotApplicable(self.id, "no_gap")
        sheet = Sheet(case, self.id, self.kind)
        inputs = (
            metered("specific_gap", gap, "kWh/m**3", power),
            metered("water_with_line", float(water.values[high].sum()) * 8760 / (len(flow) * water.hours), "m3/year", water),
        )
        formula = "energy_saving = specific_gap * water_with_line"
        reference = "specific energy of the hours with and without the line, same days"
        made = sheet.add("gap", formula, reference, inputs, {"energy_saving": "kWh/year"})
        cost = sheet.money(made["energy_saving"], sheet.price(power, high.astype(float)))
        return sheet.estimate(
            "osmosis", energy=made["energy_saving"], cost=cost, investment=sheet.fact("investment"), life_years=15,
            basis="metered", confidence="medium", load_kwh=yearly(power),
        )  # fmt: skip


def _desalination(case: Case, measure: str) -> tuple[Series, Series] | NotApplicable:
    """Electricity and water produced, on the same grid."""
    series = electricity(case, "specific_energy", measure)
    if isinstance(series, NotApplicable):
        return series
    water = next((one for one in case.readings.values() if one.carrier == "water"), None)
    if case.site.kind != "desalination" or water is None or not series.values.index.equals(water.values.index):
        return NotApplicable(measure, "no_equipment", {"kind": "reverse_osmosis_rack"})
    return series, water
