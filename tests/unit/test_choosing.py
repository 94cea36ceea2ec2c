"""Which measures are told and added up, and of how many: budgets, lists of some, orders, tonnes; on measures known by heart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from config.company import ProposalConfig, SiteConfig
from config.texts import text
from rag.advice import Advice
from rag.assumptions import Changes
from rag.compared import Ordering
from rag.measures.formula import calculate
from rag.measures.model import Case, Estimate, NotApplicable, Quantity
from rag.models import Hit, Range, Scope
from rag.readings.series import Series
from rag.recommend import Recommender
from tests.answer_fixtures import EVERYONE, library, passage
from tests.unit.test_recommend import Given

PLANT = Scope(EVERYONE, "edar-norte")
NAMES = ("panels", "lamps", "pumps", "fans", "taps", "walls", "doors", "roofs", "boilers", "motors", "drives", "hours")


def worked(measure: str, invested: float, value: float) -> Estimate:
    """A measure that saves a hundred kWh and ten euros a year, with what it takes and is worth."""
    saved = Quantity("energy_saving", 100.0, "kWh/year", "", "metered")
    factor = Quantity("grid_factor", 0.19, "kg/kWh", "the grid", "configured")
    paid = calculate(f"{measure}.cost", "cost", "cost_saving = energy_saving / 10", "", (saved,), {"cost_saving": "EUR/year"})
    formula = "co2_saving = energy_saving * grid_factor / 1000"
    carbon = calculate(f"{measure}.carbon", "carbon", formula, "", (saved, factor), {"co2_saving": "t/year"})
    spent = (Quantity("investment", invested, "EUR", "", "configured"), Quantity("npv", value, "EUR", "", "configured"))
    units = {"payback": "year"}
    finance = calculate(f"{measure}.finance", "finance", "payback = investment / cost_saving", "", (*spent, *paid.results), units)
    amounts = {
        "cost_eur": 10.0,
        "energy_kwh": 100.0,
        "investment_eur": invested,
        "npv_eur": value,
        "payback_years": invested / 10,
    }
    ranges = {key: Range(one, one, one) for key, one in {**amounts, "co2_t": 0.019}.items()}
    return Estimate(measure, "energy", "edar-norte", measure, "metered", "medium", (paid, carbon, finance), **ranges)


def recommender(estimates: Sequence[Estimate], *said: str) -> Recommender:
    """Of these measures at the plant, whose documents say this."""
    world = library()
    own = [
        ProposalConfig(id=one, title={"es": one, "en": one}, kind="energy", cost_eur=1, source="s", about=(one,)) for one in NAMES
    ]
    sites = tuple(one.model_copy(update={"proposals": own if one.id == "edar-norte" else []}) for one in world.company.sites)
    company = world.company.model_copy(update={"sites": sites})

    async def readings(_: SiteConfig) -> dict[str, Series]:
        return {}

    def assess(case: Case) -> tuple[list[Estimate], list[NotApplicable]]:
        return [one for one in estimates if one.site == case.site.id], []

    told = [replace(one, document=replace(one.document, site="edar-norte")) for one in map(passage, said)]
    hits = [Hit(one, 0.8, 0.8, 0.0) for one in told]
    return Recommender(Given(hits), world.similarity, {"edar-norte": ("EDAR Norte",)}, Advice(readings, assess, lambda: company))


async def test_a_budget_is_not_spent_on_what_a_document_speaks_against() -> None:
    """The next best is chosen; what the budget would have gone to is named with the sentence; without another that is all."""
    panels, lamps, budget = worked("panels", 100, 900), worked("lamps", 90, 50), Changes(budget=100.0)
    no = "Se recomienda descartar panels en la EDAR Norte."
    answer = await recommender([panels, lamps], no).recommend(("energy",), "es", PLANT, "EDAR Norte", budget)
    assert [one.measure for one in answer.recommendations] == ["lamps"]
    assert no in [one.quote for one in answer.citations]
    assert text("es", "advice.not_chosen", title="EDAR Norte: panels") in answer.text
    answer = await recommender([panels], no).recommend(("energy",), "es", PLANT, "EDAR Norte", budget)
    assert (answer.status, answer.recommendations) == ("answered", ())
    answer = await recommender([panels, lamps]).recommend(("energy",), "es", PLANT, "EDAR Norte", budget)
    assert [one.measure for one in answer.recommendations] == ["panels"]


async def test_a_sum_is_without_what_a_document_speaks_against() -> None:
    """It says so; of measures that the asker names all are added up, and that is said."""
    of_both = recommender(
        [worked("panels", 100, 900), worked("lamps", 90, 50)], "Se recomienda descartar panels en la EDAR Norte."
    )
    listed, changed = [("edar-norte", "panels"), ("edar-norte", "lamps")], Changes()
    asked = Ordering(together=True)
    added = await of_both.held_against(listed, asked, "es", PLANT, "EDAR Norte", changed, ("energy",))
    assert added
    assert text("es", "advice.left_out.advised_against", measure="panels") in added.text
    assert "10 €/año" in added.text
    added = await of_both.held_against(listed, replace(asked, named=True), "es", PLANT, "EDAR Norte", changed)
    assert added
    assert text("es", "advice.together_against", measures="panels", mark="[1]") in added.text
    assert "20 €/año" in added.text


async def test_a_list_of_some_says_of_how_many() -> None:
    """Above the list and behind the sum; another order is of all of them, those without investment first by payback."""
    many = [*(worked(one, 100 - n, 100 - n) for n, one in enumerate(NAMES[:-1])), worked(NAMES[-1], 0, 1)]
    of_many = recommender(many)
    answer = await of_many.recommend(("energy",), "en", PLANT, "EDAR Norte")
    assert answer.text.splitlines()[1] == text("en", "advice.some_here", shown=10, every=12, others="")
    assert text("en", "advice.together_of", shown=10, every=12, mark="[")[:-2] in answer.text
    listed = [("edar-norte", one.measure) for one in answer.recommendations]
    assert len(listed) == 10
    ordered = await of_many.held_against(listed, Ordering("payback"), "en", PLANT, "EDAR Norte", Changes(), ("energy",))
    assert ordered
    assert len(ordered.recommendations) == 12
    assert ordered.recommendations[0].measure == NAMES[-1]
    assert text("en", "again.at_once") in ordered.text
    few = await recommender(many[:3]).recommend(("energy",), "en", PLANT, "EDAR Norte")
    assert "measures reckoned" not in few.text


async def test_tonnes_of_those_that_were_told() -> None:
    """Each with its calculation, and what they come to; of one alone without an order."""
    of_many = recommender([worked(one, 100 - n, 100 - n) for n, one in enumerate(NAMES)])
    listed = [("edar-norte", one) for one in NAMES[:10]]
    tonnes = await of_many.held_against(listed, Ordering("co2"), "en", PLANT, "EDAR Norte", Changes(), ("energy",))
    assert tonnes
    assert len(tonnes.recommendations) == 10
    assert "0.19 t CO₂e/year" in tonnes.text
    assert text("en", "advice.together_of", shown=10, every=12, mark="[")[:-2] in tonnes.text
    one = await of_many.held_against(listed[:1], Ordering("co2"), "en", PLANT, "EDAR Norte", Changes())
    assert one
    assert one.text.startswith(text("en", "again.of_one", what=text("en", "again.by.co2"), where="EDAR Norte"))
    assert any(cited.passage_id == "calculation:edar-norte/panels.carbon" for cited in one.citations)
