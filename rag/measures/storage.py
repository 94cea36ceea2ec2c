"""Batteries: filled in the cheap hours and used in the dear ones, or filled with what panels make too much."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rag.measures.model import Case, Estimate, NotApplicable, Quantity
from rag.measures.sheet import Sheet
from rag.measures.site import electricity
from rag.measures.solar import surplus_price, unit_generation
from rag.models import Kind
from rag.readings.quantities import metered
from rag.readings.tariffs import prices


class Battery:
    """One cycle a day from the day's cheapest price to its dearest; what it loses is bought too. IAC code 2.3141.

    Looked at where the site says how large (`battery_kwh`). What it may save of contracted power is not in it.
    """

    id: Final = "battery"
    kind: Final[Kind] = "infrastructure"
    building_sync: Final = "Install battery storage"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        sheet = Sheet(case, self.id, self.kind)
        if sheet.fact("battery_kwh") is None:
            return NotApplicable(self.id, "no_fact", {"fact": "battery_kwh"})
        series = electricity(case, "tariff_periods", self.id)
        if isinstance(series, NotApplicable):
            return series
        price = prices(pd.DatetimeIndex(series.values.index), case.site.tariff)
        if price is None or price.nunique() < 2:
            return NotApplicable(self.id, "no_prices")
        size = sheet.value("battery_kwh")
        held = pd.DataFrame({"kwh": series.values.fillna(0.0), "price": price})
        day = pd.Index(pd.DatetimeIndex(held.index).date)
        dearest = held["price"].groupby(day).transform("max")
        cheapest = held["price"].groupby(day).min()
        taken = held["kwh"].where(held["price"] == dearest, 0.0).groupby(day).sum().clip(upper=size.value)
        top = held["price"].groupby(day).max()
        trip = sheet.value("round_trip")
        pays = top * trip.value > cheapest
        used = taken.where(pays, 0.0)
        if used.sum() <= 0:
            return NotApplicable(self.id, "no_prices")
        source = str(case.site.tariff.get("source", "")) or "advisor.yaml"
        weighted = (
            Quantity(key, float((each * used).sum() / used.sum()), "EUR/kWh", source, "configured")
            for key, each in (("battery_sells", top), ("battery_buys", cheapest))
        )
        cycles = metered("battery_cycles", float(used.sum()) / size.value * 365 / len(used), "1/year", series)
        formula = (
            "delivered = battery_kwh * battery_cycles; cost_saving = delivered * (battery_sells - battery_buys / round_trip)"
        )
        units = {"delivered": "kWh/year", "cost_saving": "EUR/year"}
        made = sheet.add("battery", formula, "one cycle a day between tariff periods", (size, cycles, *weighted, trip), units)
        each = sheet.value("battery_price")
        spent = sheet.add(
            "battery_cost", "investment = battery_kwh * battery_price", "price of a kWh of storage", (size, each), _EUR
        )
        return sheet.estimate(
            "battery", cost=made["cost_saving"], investment=sheet.fact("investment") or spent["investment"], life_years=12,
            basis="metered", confidence="medium",
        )  # fmt: skip


class SolarBattery:
    """A battery for the surplus of panels that stand, or are decided on: the meter tells the load, without what they make.

    Whatever is too much fills it, hour by hour, and whatever is bought empties it first. What it takes in is no longer sold.
    """

    id: Final = "solar_battery"
    kind: Final[Kind] = "infrastructure"
    building_sync: Final = "Install battery storage"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        sheet = Sheet(case, self.id, self.kind)
        lacking = [key for key in ("kwp", "battery_kwh") if sheet.fact(key) is None]
        if lacking:
            return NotApplicable(self.id, "no_fact", {"fact": ", ".join(lacking)})
        series = electricity(case, "tariff_periods", self.id)
        if isinstance(series, NotApplicable):
            return series
        hourly = (series.values.resample("1h").sum() if series.hours < 1 else series.values).fillna(0.0)
        index = pd.DatetimeIndex(hourly.index)
        price = prices(index, case.site.tariff)
        if price is None:
            return NotApplicable(self.id, "no_prices")
        kwp, specific, size, trip = (sheet.value(key) for key in ("kwp", "pv_yield", "battery_kwh", "round_trip"))
        power = sheet.value("battery_kw", Quantity("battery_kw", size.value / 2, "kW", "filled in two hours", "default"))
        load, generated = (
            np.asarray(hourly, dtype=np.float64),
            unit_generation(index) * (kwp.value * specific.value * len(index) / 8760),
        )
        sold = surplus_price(sheet.value("export_price"), load, generated, np.asarray(price, dtype=np.float64), index, kwp.value)
        charged, given = surplus_stored(generated - load, size.value, power.value, trip.value)
        if given.sum() <= 0:
            return NotApplicable(self.id, "no_surplus")
        source = str(case.site.tariff.get("source", "")) or "advisor.yaml"
        sells = Quantity("battery_sells", float((price * given).sum() / given.sum()), "EUR/kWh", source, "configured")
        taken = metered("surplus_stored", float(charged.sum()) * 8760 / len(index), "kWh/year", series)
        formula = (
            "delivered = surplus_stored * round_trip; cost_saving = delivered * battery_sells - surplus_stored * export_price"
        )
        inputs = (kwp, specific, size, power, taken, replace(trip, low=None, high=None), sells, sold)
        units = {"delivered": "kWh/year", "cost_saving": "EUR/year"}
        made = sheet.add(
            "solar_battery", formula, "hour by hour, whatever is too much first", inputs, units, ("typical_year", {})
        )
        if made["cost_saving"].value <= 0:
            return NotApplicable(self.id, "no_surplus")
        each = sheet.value("battery_price")
        spent = sheet.add(
            "battery_cost", "investment = battery_kwh * battery_price", "price of a kWh of storage", (size, each), _EUR
        )
        return sheet.estimate(
            "battery", cost=made["cost_saving"], investment=sheet.fact("investment") or spent["investment"], life_years=12,
            basis="metered", confidence="medium",
        )  # fmt: skip


def surplus_stored(left: NDArray[np.float64], size: float, power: float, trip: float) -> tuple[NDArray[np.float64], ...]:
    """(taken in, given back) each hour by what is left of the generation (kWh; below zero what lacks), half the loss each way."""
    way, held = trip**0.5, 0.0
    taken, given = np.zeros(len(left)), np.zeros(len(left))
    for hour, kwh in enumerate(left.tolist()):
        if kwh > 0:
            taken[hour] = min(kwh, power, (size - held) / way)
            held += taken[hour] * way
        else:
            given[hour] = min(-kwh, power, held * way)
            held -= given[hour] / way
    return taken, given


_EUR = {"investment": "EUR"}
