"""Measures that a document proposes with its own figures: taken as they stand, valued like the others."""

from __future__ import annotations

from dataclasses import replace

from config.company import ProposalConfig
from rag.measures.model import Calculation, Case, Estimate, Quantity
from rag.measures.sheet import Sheet


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
    load, life = proposal.load or proposal.id, proposal.life_years
    made = sheet.estimate(
        load, energy=energy, water=water, cost=cost, investment=investment, life_years=life, basis="document", confidence="low"
    )
    return replace(made, instead_of=proposal.instead_of)
