"""Measures that a document proposes with its own figures: taken as they stand, valued like the others.

Where the asker sets the price of what one saves, its money is reckoned with that price: the document's rests on another.
"""

from __future__ import annotations

from dataclasses import replace

from config.company import ProposalConfig
from rag.measures.formula import Caveat
from rag.measures.model import Calculation, Case, Estimate, Quantity
from rag.measures.sheet import Sheet
from rag.measures.site import electricity
from rag.readings.series import Series


def proposed(case: Case, proposal: ProposalConfig) -> Estimate:
    """What a document says that a measure saves and costs, with payback and net present value reckoned from it."""
    sheet = Sheet(case, proposal.id, proposal.kind)

    def stated(key: str, value: float | None, unit: str) -> Quantity | None:
        return None if value is None else Quantity(key, value, unit, proposal.source, "configured")

    energy, water, cost, investment = (
        stated("energy_saving", proposal.energy_kwh, "kWh/year"),
        stated("water_saving", proposal.water_m3, "m3/year"),
        stated("cost_saving", proposal.cost_eur, "EUR/year"),
        stated("investment", proposal.investment_eur, "EUR"),
    )
    told = tuple(one for one in (energy, water, cost, investment) if one)
    # what nothing is reckoned of is cited all the same: as it stands in the document
    sheet.calculations.append(Calculation(f"{proposal.id}.stated", "stated", "", proposal.source, (), told))
    reckoned = _at_asked_price(sheet, energy, water)
    own_money: tuple[Caveat, ...] = (("own_money", {}),) if reckoned and cost else ()
    load, life = proposal.load or proposal.id, proposal.life_years
    made = sheet.estimate(
        load, energy=energy, water=water, cost=reckoned or cost, investment=investment, life_years=life, basis="document",
        confidence="low", missing=own_money,
    )  # fmt: skip
    return replace(made, instead_of=proposal.instead_of)


def _at_asked_price(sheet: Sheet, energy: Quantity | None, water: Quantity | None) -> Quantity | None:
    """What it saves, in money, at a price that the asker set; None if none of what it saves has one, or a price is unknown."""
    asked = sheet.case.assumptions
    if not ((energy and "price" in asked) or (water and "water_price" in asked)):
        return None
    pairs = [(one, price) for one, price in ((energy, _power(sheet)), (water, sheet.water_price())) if one]
    known = [(one, price) for one, price in pairs if price]
    if len(known) < len(pairs):
        return None
    name, inputs = f"cost_of_{known[0][0].key}", [one for pair in known for one in pair]
    formula = "cost_saving = " + " + ".join(f"{one.key} * {price.key}" for one, price in known)
    return sheet.add(name, formula, "the document's quantities at the price asked for", inputs, _EUR)["cost_saving"]


def _power(sheet: Sheet) -> Quantity | None:
    if "price" in sheet.case.assumptions:
        return sheet.value("price", Quantity("price", 0.0, "EUR/kWh", "", "configured"))
    series = electricity(sheet.case, "base_load", sheet.measure)
    return sheet.price(series) if isinstance(series, Series) else None


_EUR = {"cost_saving": "EUR/year"}
