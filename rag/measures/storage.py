"""A battery that is filled in the cheap hours and used in the dear ones. Never more than the site takes in them."""

from __future__ import annotations

from typing import Final

import pandas as pd

from rag.measures.model import Case, Estimate, NotApplicable, Quantity
from rag.measures.sheet import Sheet
from rag.measures.site import electricity
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


_EUR = {"investment": "EUR"}
