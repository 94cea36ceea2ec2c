"""Heating and cooling by the weather: what a degree of the set-point and better insulation save, if the model may be used."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import pandas as pd

from rag.measures.model import Case, Estimate, NotApplicable, Quantity
from rag.measures.sheet import Sheet
from rag.measures.site import equipment
from rag.models import Kind
from rag.readings.quantities import metered
from rag.readings.regression import Fit, weather
from rag.readings.series import Series

_MACHINES = ("heat_pump", "boiler", "chiller")
_LEAST_DAYS = 328
_REFERENCE = "CalTRACK 2.0 §3.2-3.4, change-point model; fit by ASHRAE Guideline 14-2014"
_ENERGY = {"energy_saving": "kWh/year"}


@dataclass(frozen=True, slots=True)
class Weathered:
    """A load's daily energy by daily outdoor temperature (degC), and the model of it."""

    series: Series
    temperature: pd.Series[float]
    fit: Fit

    def degree_days(self, heating: bool, shift: float = 0.0) -> float:
        """A year's degree-days below (heating) or above the balance point moved by `shift`; 0 where the model has none."""
        balance = self.fit.heating_balance if heating else self.fit.cooling_balance
        if balance is None:
            return 0.0
        off = balance + shift - self.temperature if heating else self.temperature - balance - shift
        return float(np.clip(off, 0, None).sum()) * 365 / len(self.temperature)

    def slope(self, heating: bool) -> float:
        """kWh for each degree-day."""
        slopes = list(self.fit.coefficients[1:])
        if (self.fit.heating_balance if heating else self.fit.cooling_balance) is None:
            return 0.0
        return slopes[0 if heating else -1]


def weathered(case: Case, measure: str) -> Weathered | NotApplicable:
    """The site's heating and cooling load by its outdoor temperature, or the rule that forbids to use it."""
    air = next((one for one in case.readings.values() if one.carrier == "temperature" and not one.blocked("weather")), None)
    if not any(equipment(case, kind) for kind in _MACHINES):
        return NotApplicable(measure, "no_equipment", {"kind": ", ".join(_MACHINES)})
    if air is None:
        return NotApplicable(measure, "no_temperature")
    energy = [one for one in case.readings.values() if one.carrier in {"gas", "electricity"} and one.unit == "kWh"]
    loads = [one for one in energy if not one.blocked("weather")]
    fits = [found for one in loads if isinstance(found := _fitted(one, air), Weathered)]
    if not fits:
        return NotApplicable(measure, "unfit_model", {"rule": f">= {_LEAST_DAYS} days"})
    best = max(fits, key=lambda one: one.fit.r2)
    if best.fit.model == "constant":
        return NotApplicable(measure, "unfit_model", {"rule": "no balance point"})
    if not best.fit.fitness():
        return NotApplicable(measure, "unfit_model", {"rule": "CV(RMSE) <= 35 %", "value": best.fit.cv_rmse})
    return best


def _fitted(series: Series, air: Series) -> Weathered | None:
    least = max(1, int(0.9 * 24 / series.hours))
    energy = series.values.resample("D").sum(min_count=least) if series.hours < 24 else series.values
    daily = air.values.resample("D").mean() if air.hours < 24 else air.values
    both = pd.DataFrame({"energy": energy, "air": daily}).dropna()
    if len(both) < _LEAST_DAYS:
        return None
    fit = _fit(both["air"].to_numpy(np.float64).tobytes(), both["energy"].to_numpy(np.float64).tobytes(), series.carrier != "gas")
    return Weathered(series, both["air"], fit)


@lru_cache(maxsize=16)
def _fit(air: bytes, energy: bytes, cooling: bool) -> Fit:
    """Kept, for each measure on the same load asks for it, and a thousand pairs of balance points are tried."""
    return weather(np.frombuffer(air), np.frombuffer(energy), 0.5, cooling=cooling)


def _slopes(held: Weathered, *heating_and_cooling: tuple[str, bool]) -> list[Quantity]:
    unit = "kWh/(delta_degC*day)"
    slopes = [metered(f"{name}_slope", held.slope(heating), unit, held.series) for name, heating in heating_and_cooling]
    fit = [metered("fit_r2", held.fit.r2, "1", held.series), metered("fit_cv", 100 * held.fit.cv_rmse, "%", held.series)]
    return [*slopes, *fit]


class SetPoint:
    """The set-point a degree lower in winter and higher in summer: the model's balance points move with it. IAC code 2.7261."""

    id: Final = "set_point"
    kind: Final[Kind] = "energy"
    building_sync: Final = "Add or repair controls"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        held = weathered(case, self.id)
        if isinstance(held, NotApplicable):
            return held
        sheet = Sheet(case, self.id, self.kind)
        change = sheet.value("set_point_change")
        unit = "delta_degC*day/year"
        days = [
            metered(
                f"{name}_{when}", held.degree_days(heating, sign * change.value if when == "after" else 0.0), unit, held.series
            )
            for name, heating, sign in (("heating", True, -1), ("cooling", False, 1))
            for when in ("before", "after")
        ]
        formula = (
            "energy_saving = heating_slope * (heating_before - heating_after) + cooling_slope * (cooling_before - cooling_after)"
        )
        inputs = (change, *days, *_slopes(held, ("heating", True), ("cooling", False)))
        made = sheet.add("set_point", formula, _REFERENCE, inputs, _ENERGY, ("comfort", {}))
        free = sheet.fact("investment") or Quantity("investment", 0, "EUR", "change of a set-point", "default")
        return _estimate(sheet, held, made["energy_saving"], free, 10)


class Insulation:
    """Better walls, roof or windows: the share of the losses that a study says they remove. IAC code 2.7491."""

    id: Final = "insulation"
    kind: Final[Kind] = "infrastructure"
    building_sync: Final = "Increase wall insulation"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        held = weathered(case, self.id)
        if isinstance(held, NotApplicable):
            return held
        sheet = Sheet(case, self.id, self.kind)
        if sheet.fact("insulated_share") is None:
            return NotApplicable(self.id, "no_fact", {"fact": "insulation.insulated_share"})
        unit = "delta_degC*day/year"
        days = [
            metered(f"{name}_before", held.degree_days(name == "heating"), unit, held.series) for name in ("heating", "cooling")
        ]
        formula = (
            "weather_energy = heating_slope * heating_before + cooling_slope * cooling_before; "
            "energy_saving = weather_energy * insulated_share"
        )
        inputs = (*days, *_slopes(held, ("heating", True), ("cooling", False)), sheet.value("insulated_share"))
        made = sheet.add("insulation", formula, _REFERENCE, inputs, {"weather_energy": "kWh/year", **_ENERGY})
        return _estimate(sheet, held, made["energy_saving"], sheet.fact("investment"), 30)


def _estimate(sheet: Sheet, held: Weathered, saving: Quantity, investment: Quantity | None, life: int) -> Estimate:
    gas = held.series.carrier == "gas"
    price = sheet.gas_price() if gas else sheet.price(held.series)
    return sheet.estimate(
        "hvac", energy=saving, cost=sheet.money(saving, price), investment=investment, life_years=life, basis="metered",
        confidence="medium", carrier="gas" if gas else "electricity",
    )  # fmt: skip
