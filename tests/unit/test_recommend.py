"""What the documents recommend, by kind and site."""

from __future__ import annotations

from typing import Literal

import pytest

from config.company import SiteConfig
from config.texts import text
from rag.advice import Advice
from rag.assumptions import Changes
from rag.measures.model import Case, Estimate, NotApplicable
from rag.models import KINDS, Hit, Kind, Range, Scope
from rag.proposals import is_proposal
from rag.readings.series import Series
from rag.recommend import Recommender
from rag.retrieve import Retriever
from tests.answer_corpus import CANARY
from tests.answer_fixtures import EVERYONE, encoder, library, passage, well_cited


class Given(Retriever):
    """Whatever is searched for, these are the hits."""

    def __init__(self, hits: list[Hit]) -> None:
        self._hits = hits

    async def search(self, question: str, language: str, scope: Scope) -> list[Hit]:
        return self._hits


async def test_recommendations_are_cited_sentences() -> None:
    """Each stands in its passage, is a list item under its kind's heading, and says that nothing was computed."""
    answer = await library().recommender().recommend(("energy",), "es", Scope(EVERYONE), "")
    well_cited(answer, library().texts)
    assert answer.status == "answered"
    assert answer.text.splitlines()[0] == text("es", "recommend.heading.energy", where=text("es", "recommend.everywhere"))
    assert len(answer.recommendations) == len(answer.citations) == answer.text.count("\n- ") == 2
    for one, citation in zip(answer.recommendations, answer.citations, strict=True):
        assert one.citations == (citation.n,)
        assert one.why == citation.quote
        assert (one.basis, one.energy_kwh, one.missing) == ("document", None, text("es", "recommend.missing"))
    assert {one.site for one in answer.recommendations} == {"edar-norte", "oficina"}
    assert "**EDAR Norte**: " in answer.text
    assert "(en inglés): «It is recommended to switch" in answer.text


async def test_a_site_narrows() -> None:
    """Of one site only its own; its name stands in the heading and not before each item."""
    answer = await library().recommender().recommend(("energy",), "en", Scope(EVERYONE, "oficina"), "Head office")
    assert {one.site for one in answer.recommendations} == {"oficina"}
    assert "**Head office**" not in answer.text
    assert "Head office" in answer.text.splitlines()[0]


@pytest.mark.parametrize("kinds", [KINDS, ("water",), ("infrastructure",)])
async def test_each_proposal_is_of_one_kind_and_said_once(kinds: tuple[Kind, ...]) -> None:
    """Asked for all kinds, no sentence comes twice; what only another audience may read never comes."""
    answer = await library().recommender().recommend(kinds, "es", Scope(EVERYONE), "")
    well_cited(answer, library().texts)
    said = [one.why for one in answer.recommendations]
    assert len(said) == len(set(said))
    assert {one.kind for one in answer.recommendations} <= set(kinds)
    assert CANARY not in repr(answer)


async def test_what_saves_water_speaks_of_it() -> None:
    """Where little is said of water, nothing else stands in for it."""
    said = (
        "Se recomienda comprar un juego de sondas de gases de repuesto.",
        "Se recomienda usar agua de filtración para lavar las paredes.",
    )
    retriever = Given([Hit(passage(one, n), 0.8, 0.8, 0.0) for n, one in enumerate(said, 1)])
    answer = await Recommender(retriever, encoder(), {}).recommend(("water",), "es", Scope(EVERYONE), "")
    assert [one.why for one in answer.recommendations] == [said[1]]


async def test_nothing_recommended_is_said() -> None:
    """An audience or a site without proposals gives not_found that names where."""
    answer = await library().recommender().recommend(("energy",), "en", Scope(frozenset({"nobody"})), "EDAR Norte")
    assert (answer.status, answer.text) == ("not_found", text("en", "recommend.nothing", where="EDAR Norte"))


async def test_a_study_of_several_sites_speaks_under_its_headings() -> None:
    """A sentence that names no site is of the one that the nearest heading names, whatever the document is about."""
    said = "Se recomienda instalar una planta fotovoltaica de 650 kWp para ahorrar energía en las horas de sol."
    study = passage(said, title="Estudio de autoconsumo", headings=("Estudio de la EDAR Norte y otras", "6. Head office"))
    company = library()
    names = {site.id: (site.name, *site.aliases) for site in company.company.sites}
    recommender = Recommender(Given([Hit(study, 0.8, 0.8, 0.0)]), company.similarity, names)
    for site, status in (("oficina", "answered"), ("edar-norte", "not_found")):
        answer = await recommender.recommend(KINDS, "es", Scope(EVERYONE, site), "")
        assert answer.status == status


@pytest.mark.parametrize(
    "said",
    [
        "Se recomienda hacerlo en invierno, cuando el agua está fría y hay menos olor.",
        "We recommend asking for it in the tender, where it costs 300 to 500 € less.",
        "Se recomienda redimensionar la de la EDAR Norte después de la parada nocturna.",
    ],
)
def test_what_leans_on_another_sentence_is_no_proposal(said: str) -> None:
    """Nobody could act on it as it stands; what is explained behind a colon may lean on what stands before it."""
    assert not is_proposal(said)
    assert is_proposal("We recommend recovering the last rinse in the tank: it saves 50 m³ each time.")


def _priced(case: Case) -> tuple[list[Estimate], list[NotApplicable]]:
    """What is paid at the price, or not, whether a document or readings tell it; of water two; and one without money."""
    price, water = case.assumptions.get("price", 0.2), case.assumptions.get("water_price", 1.0)

    def one(measure: str, basis: Literal["metered", "document"], euros: float, *saves: str) -> Estimate:
        amounts = dict.fromkeys(saves, Range(1, 1, 1))
        cost = Range(euros, euros, euros) if euros else None
        return Estimate(measure, "energy", case.site.id, measure, basis, "medium", (), cost_eur=cost, **amounts)

    made = [one("lamps", "document", 1000 * price, "energy_kwh"), one("night_pumping", "metered", 500.0)]
    made += [one("reuse", "document", 90 * water, "water_m3"), one("sector", "document", 70.0, "water_m3")]
    return [*made, one("taps", "metered", 40 * price, "energy_kwh", "water_m3"), one("signs", "document", 0.0)], []


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ({"price": 0.5}, ["night_pumping"]),
        ({"price": 0.2}, ["night_pumping"]),  # the price that it had all along
        ({"water_price": 2.0}, ["sector", "taps"]),
        ({"price": 0.0, "water_price": 2.0}, ["night_pumping", "sector"]),
        ({"discount_rate": 7.0}, []),
    ],
)
async def test_what_a_price_has_no_part_in_is_named(values: dict[str, float], kept: list[str]) -> None:
    """By what is reckoned with the price, and not by whether a document or readings told it."""
    world = library()

    async def readings(site: SiteConfig) -> dict[str, Series]:
        return {}

    advice, scope = Advice(readings, _priced, lambda: world.company), Scope(EVERYONE, "edar-norte")
    recommender = Recommender(Given([]), world.similarity, {}, advice)
    chosen = [(each.site, one) for each in await advice.assessed(scope, values) for one in each.estimates]
    assert [one.measure for _, one in await recommender._unmoved(chosen, scope, Changes(values))] == kept
