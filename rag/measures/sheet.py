"""The sheet on which a measure is reckoned: where each value comes from, the calculations in order, and the estimate they make.

A value is the asker's if they set it in the conversation, else the site's own (advisor.yaml, with its document), else a default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy_financial as npf
import pandas as pd

from config.company import SiteConfig
from rag.measures.defaults import DEFAULTS
from rag.measures.formula import Caveat, calculate
from rag.measures.model import Calculation, Case, Estimate, NotApplicable, Quantity
from rag.measures.site import electricity
from rag.models import Kind, Range
from rag.readings.quantities import metered, yearly
from rag.readings.series import Carrier, Series
from rag.readings.tariffs import prices

_ASKED = "conversation"
Basis = Literal["metered", "engineering", "document"]
Confidence = Literal["high", "medium", "low"]


class Sheet:
    """One measure at one site. Calculations are added in the order in which a reader follows them."""

    def __init__(self, case: Case, measure: str, kind: Kind) -> None:
        self.case, self.measure, self.kind = case, measure, kind
        self.calculations: list[Calculation] = []
        self._changeable: list[str] = []

    @property
    def site(self) -> SiteConfig:
        """The site's profile."""
        return self.case.site

    def fact(self, key: str) -> Quantity | None:
        """What the site's file says of it, for this measure or for all, unless the asker set it; None if nothing."""
        if given := self._given(key):
            return given
        found = self.site.facts.get(f"{self.measure}.{key}") or self.site.facts.get(key)
        return Quantity(key, found.value, found.unit, found.source, "configured", found.low, found.high) if found else None

    def _given(self, key: str) -> Quantity | None:
        """What the asker set of this measure."""
        found = self.case.assumptions.get(f"{self.site.id}/{self.measure}.{key}") if key in _GIVEN else None
        return None if found is None else Quantity(key, found, _GIVEN[key], _ASKED, "asked")

    def _with_given(self) -> tuple[Quantity | None, Quantity | None]:
        """Investment and savings as the asker set them, cited as that; what was reckoned in their place is not shown."""
        investment, cost = self._given("investment"), self._given("cost_saving")
        told = tuple(one for one in (investment, cost) if one)
        if told:
            gone = {"investment"} if investment else set()
            self.calculations = [
                one
                for one in self.calculations
                if not ((gone and {each.key for each in one.results} == gone) or (cost and one.method.startswith("cost_of_")))
            ]
            self.calculations.append(Calculation(f"{self.measure}.given", "given", "", _ASKED, (), told))
        return investment, cost

    def value(self, key: str, otherwise: Quantity | None = None) -> Quantity:
        """A value that the asker may change. KeyError if neither site nor defaults nor the caller have one."""
        self._changeable.append(key)
        found = self.fact(key) or otherwise or DEFAULTS[key]
        if key in self.case.assumptions:
            return Quantity(key, self.case.assumptions[key], found.unit, _ASKED, "asked")
        return found

    def add(
        self, name: str, formula: str, reference: str, inputs: Sequence[Quantity], units: Mapping[str, str], *caveats: Caveat
    ) -> dict[str, Quantity]:
        """One calculation more; its results by key, to be the inputs of the next."""
        made = calculate(f"{self.measure}.{name}", name, formula, reference, inputs, units, caveats)
        self.calculations.append(made)
        return {one.key: one for one in made.results}

    def price(self, series: Series, saved: pd.Series[float] | None = None) -> Quantity | None:
        """EUR/kWh of energy saved, weighted by when it is saved (as much at any time if not given); None without prices."""
        found = prices(pd.DatetimeIndex(series.values.index), self.site.tariff)
        if found is None:
            asked = "price" in self.case.assumptions
            return self.value("price", Quantity("price", 0.0, "EUR/kWh", "", "configured")) if asked else None
        weights = saved if saved is not None else pd.Series(1.0, index=found.index)
        mean = float((found * weights).sum() / weights.sum())
        return self.value("price", Quantity("price", mean, "EUR/kWh", str(self.site.tariff.get("source", "")), "configured"))

    def water_price(self) -> Quantity | None:
        """EUR/m3 that a cubic metre less saves."""
        told = self.site.tariff.get("water_eur_per_m3")
        if told is None and self.fact("water_price") is None and "water_price" not in self.case.assumptions:
            return None
        source = str(self.site.tariff.get("water_source", ""))
        return self.value("water_price", Quantity("water_price", float(told or 0), "EUR/m3", source, "configured"))

    def yearly(self, carrier: Carrier, key: str) -> Quantity | None:
        """Energy of a carrier a year, kWh: what the site's file tells under `key`, else its first meter that may be used."""
        held = (one for one in self.case.readings.values() if one.carrier == carrier and one.unit == "kWh")
        found = next((one for one in held if not one.blocked("yearly")), None)
        if self.fact(key) is not None:
            return self.value(key)
        return metered(key, yearly(found), f"{found.unit}/year", found) if found is not None else None

    def gas_price(self) -> Quantity | None:
        """EUR/kWh of gas, gross heat value, by `gas_eur_per_kwh` of the tariff."""
        told = self.site.tariff.get("gas_eur_per_kwh")
        if told is None and self.fact("gas_price") is None and "gas_price" not in self.case.assumptions:
            return None
        source = str(self.site.tariff.get("gas_source") or self.site.tariff.get("source", ""))
        return self.value("gas_price", Quantity("gas_price", float(told or 0), "EUR/kWh", source, "configured"))

    def money(self, saving: Quantity, price: Quantity | None) -> Quantity | None:
        """Savings in money of an amount of energy or water; None without a price."""
        if price is None:
            return None
        reference = "contract price of the hours in which it is saved"
        return self.add(f"cost_of_{saving.key}", f"cost_saving = {saving.key} * {price.key}", reference, (saving, price), _EUR)[
            "cost_saving"
        ]

    def worth_of_water(self, saving: Quantity) -> tuple[Quantity | None, Quantity | None]:
        """(EUR, t of CO2e) a year of water that is not lost: its price, and its pumping where the site tells `energy_per_m3`."""
        price = self.water_price()
        series = electricity(self.case, "base_load", self.measure)
        if price is None or self.fact("energy_per_m3") is None or isinstance(series, NotApplicable):
            return self.money(saving, price), None
        power = self.price(series)
        if power is None:
            return self.money(saving, price), None
        formula = (
            f"pumping_energy = {saving.key} * energy_per_m3; cost_saving = {saving.key} * water_price + pumping_energy * price"
        )
        inputs = (saving, self.value("energy_per_m3"), price, power)
        reference = "variable price of the water, and the electricity that brings it"
        made = self.add(f"cost_of_{saving.key}", formula, reference, inputs, {"pumping_energy": "kWh/year", **_EUR})
        return made["cost_saving"], self._carbon(made["pumping_energy"])

    def estimate(
        self,
        load: str,
        *,
        energy: Quantity | None = None,
        water: Quantity | None = None,
        cost: Quantity | None = None,
        investment: Quantity | None = None,
        life_years: int,
        basis: Basis,
        confidence: Confidence,
        load_kwh: float | None = None,
        missing: Sequence[Caveat] = (),
        carrier: Literal["electricity", "gas"] = "electricity",
        carbon: Quantity | None = None,
    ) -> Estimate:
        """The estimate, with what it is worth if its cost and its savings are known, and the carbon that its energy has.

        `carrier` is that of `energy`; `carbon` is given where a measure saves one carrier and takes another.
        """
        carbon = carbon or (self._carbon(energy) if carrier == "electricity" else self._gas_carbon(energy))
        asked_investment, asked_cost = self._with_given()
        investment, cost = asked_investment or investment, asked_cost or cost
        payback = npv = irr = None
        if cost is not None and investment is not None and cost.value > 0:
            payback, npv, irr = self._finance(cost, investment, life_years)
        lacking = list(missing)
        lacking += [("no_price", {})] if cost is None else []
        lacking += [("no_investment", {})] if investment is None else []
        return Estimate(
            measure=self.measure,
            kind=self.kind,
            site=self.site.id,
            load=load,
            basis=basis,
            confidence=confidence,
            calculations=tuple(self.calculations),
            energy_kwh=span(energy),
            water_m3=span(water),
            cost_eur=span(cost),
            co2_t=span(carbon),
            investment_eur=span(investment),
            payback_years=payback,
            npv_eur=npv,
            irr=irr,
            load_kwh=load_kwh,
            life_years=life_years,
            changeable=tuple(dict.fromkeys(self._changeable)),
            missing=tuple(lacking),
            given=tuple(one.key for one in (asked_investment, asked_cost) if one),
        )

    def _carbon(self, energy: Quantity | None) -> Quantity | None:
        factor = None if energy is None else self._grid_factor()
        if energy is None or factor is None:
            return None
        return self._co2(f"{energy.key} * grid_factor / 1000", (energy, factor))

    def _gas_carbon(self, energy: Quantity | None) -> Quantity | None:
        return None if energy is None else self._co2(f"{energy.key} * gas_factor / 1000", (energy, self.value("gas_factor")))

    def carbon_of_swap(self, gas: Quantity, power: Quantity) -> Quantity | None:
        """Emissions of gas that is not burnt less those of the electricity that takes its place."""
        grid = self._grid_factor()
        if grid is None:
            return None
        swapped = f"({gas.key} * gas_factor - {power.key} * grid_factor) / 1000"
        return self._co2(swapped, (gas, self.value("gas_factor"), power, grid))

    def _grid_factor(self) -> Quantity | None:
        told = self.site.grid_factor.get("kg_co2_per_kwh")
        if told is None:
            return None
        source = str(self.site.grid_factor.get("source", ""))
        return self.value("grid_factor", Quantity("grid_factor", float(told), "kg/kWh", source, "configured"))

    def _co2(self, side: str, inputs: Sequence[Quantity]) -> Quantity:
        units = {"co2_saving": "t/year"}
        return self.add("carbon", f"co2_saving = {side}", "GHG Protocol, scopes 1 and 2", inputs, units)["co2_saving"]

    def _finance(self, cost: Quantity, investment: Quantity, life: int) -> tuple[Range, Range, Range | None]:
        """Payback, net present value, internal rate of return. Their ends pair the least savings with the highest investment."""
        rate = self.value("discount_rate")
        years = self.value("life_years", Quantity("life_years", life, "year", "", "default"))
        named = cost if cost.origin == "asked" else replace(cost, key="cost_saving", origin="computed")
        formula = (
            "payback = investment / cost_saving; "
            "annuity = (1 - (1 + discount_rate / 100) ** (-life_years)) / (discount_rate / 100); "
            "npv = cost_saving * annuity - investment"
        )
        units = {"payback": "year", "annuity": "year", "npv": "EUR"}
        made = self.add("finance", formula, "EN 17463 (VALERI), ISO 15686-5", (investment, named, rate, years), units)
        worth = span(made["npv"])
        back = span(made["payback"])
        if worth is None or back is None:
            raise ValueError("no results")
        return back, worth, _irr(span(named), span(investment), round(years.value))


def _irr(saving: Range | None, investment: Range | None, years: int) -> Range | None:
    """In per cent; None where nothing is invested, or the savings never pay it back."""
    if saving is None or investment is None or investment.low <= 0:
        return None
    pairs = ((saving.low, investment.high), (saving.mid, investment.mid), (saving.high, investment.low))
    found = [100 * float(npf.irr([-spent, *[saved] * years])) for saved, spent in pairs]
    return Range(*found) if all(one == one for one in found) else None  # nan is not itself


def span(one: Quantity | None) -> Range | None:
    """A quantity as a range; without one of its own, the same three times."""
    if one is None:
        return None
    return Range(one.value if one.low is None else one.low, one.value, one.value if one.high is None else one.high)


_EUR = {"cost_saving": "EUR/year"}
_GIVEN = {"investment": "EUR", "cost_saving": "EUR/year"}
"""What may be set of one measure."""
