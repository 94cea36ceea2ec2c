"""Measures that documents propose: their figures as they stand, and their money at a price that the asker sets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from config.company import ProposalConfig, SiteConfig
from rag.measures.model import Case, Estimate
from rag.measures.proposed import proposed


def reckoned(assumptions: Mapping[str, float], **figures: float) -> Estimate:
    """A proposal with these figures, at a site whose water costs 0.58 EUR/m3 and whose energy has no price."""
    site = SiteConfig(id="plant", name="Plant", kind="factory", tariff={"water_eur_per_m3": 0.58})
    proposal = ProposalConfig(id="p", title={"es": "P", "en": "P"}, kind="energy", source="audit.pdf", **figures)  # type: ignore[arg-type]
    return proposed(Case(site, {}, date(2026, 1, 15), assumptions), proposal)


@pytest.mark.parametrize(
    ("assumptions", "figures", "money"),
    [
        ({}, {"energy_kwh": 108_000, "cost_eur": 12_700}, 12_700),
        ({"price": 0.18}, {"energy_kwh": 108_000, "cost_eur": 12_700}, 19_440),
        ({"price": 0.18}, {"energy_kwh": 108_000}, 19_440),
        ({"water_price": 2.0}, {"energy_kwh": 108_000, "cost_eur": 12_700}, 12_700),
        ({"price": 0.18}, {"cost_eur": 15_000}, 15_000),
        ({"price": 0.18}, {"water_m3": 1_000, "cost_eur": 900}, 900),
        ({"water_price": 2.0}, {"water_m3": 1_000, "cost_eur": 900}, 2_000),
        ({"price": 0.2}, {"energy_kwh": 1_000, "water_m3": 1_000, "cost_eur": 900}, 780),
        ({"water_price": 2.0}, {"energy_kwh": 1_000, "water_m3": 1_000, "cost_eur": 900}, 900),
    ],
)
def test_a_price_that_is_set_values_what_the_document_saves(
    assumptions: Mapping[str, float], figures: Mapping[str, float], money: float
) -> None:
    """Energy and water at the price asked for; money alone, or where a price is unknown, stays the document's."""
    made = reckoned(assumptions, **figures)
    assert made.cost_eur is not None
    assert made.cost_eur.mid == pytest.approx(money)


def test_money_at_a_price_that_was_set_is_a_calculation_and_says_so() -> None:
    """The calculation is there to be cited, the net present value follows it, and a reader is told whose money it is."""
    told = {"energy_kwh": 108_000.0, "cost_eur": 12_700.0, "investment_eur": 96_000.0, "life_years": 10}
    stated, asked = reckoned({"discount_rate": 6}, **told), reckoned({"discount_rate": 6, "price": 0.18}, **told)
    assert stated.npv_eur
    assert stated.npv_eur.mid == pytest.approx(-2_527, abs=1)
    assert asked.npv_eur
    assert asked.npv_eur.mid == pytest.approx(47_080, abs=1)
    assert [one.method for one in asked.calculations] == ["stated", "cost_of_energy_saving", "finance"]
    assert ("own_money", {}) in asked.missing
    assert ("own_money", {}) not in stated.missing
