"""Which facility a text names, and which it only seems to."""

from __future__ import annotations

import pytest

from bot.places import named_site, other_place
from config.company import CompanyConfig
from tests.answer_fixtures import ListMemory, library, said, unseen

SITES = CompanyConfig.model_validate(
    {
        "sites": [
            {
                "id": "edar-norte",
                "name": "EDAR Norte",
                "kind": "wastewater_treatment",
                "aliases": ["la depuradora", "depuradora norte"],
            },
            {"id": "office", "name": "Oficina central", "kind": "office", "aliases": ["head office", "la oficina"]},
            {"id": "tunel", "name": "Túnel de la Sierra", "kind": "tunnel", "aliases": ["road tunnel", "Sierra tunnel"]},
        ]
    }
)


def test_two_sites_are_none() -> None:
    """A comparison must not be narrowed to one of its sites."""
    assert named_site("EDAR Norte o el Túnel de la Sierra", SITES) is None
    assert named_site("edarnorte", SITES) is None


@pytest.mark.parametrize(
    ("said", "site"),
    [
        ("la potencia del Túnel de la Sierra", "tunel"),
        ("consumo de oficina y nada más", "office"),
        ("EDAR Norte March consumption", "edar-norte"),
        ("el consumo de la EDAR", None),
    ],
)
def test_names_as_they_are_said(said: str, site: str | None) -> None:
    """Without their article, and before a month with its English capital."""
    assert named_site(said, SITES) == site


def test_a_name_that_goes_on_is_another() -> None:
    """What the company does not have is not taken for what it has; the longest name that it does have counts."""
    company = CompanyConfig.model_validate(
        {
            "sites": [
                {"id": "edar-norte", "name": "EDAR Norte", "kind": "wastewater_treatment", "aliases": ["EDAR", "la depuradora"]}
            ]
        }
    )
    assert named_site("¿cuánta electricidad gasta la EDAR Sur?", company) is None
    assert named_site("¿cuánto gasta la depuradora Levante?", company) is None
    for text in ("¿cuánto gasta la EDAR?", "la EDAR Norte", "¿y la EDAR S-401?", "en la EDAR de noche", "EDAR: ¿cuánto?"):
        assert named_site(text, company) == "edar-norte", text


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("¿cuánta electricidad gasta la EDAR Sur?", "EDAR Sur"),
        ("¿cuántos kilómetros tiene el túnel de Levante?", "túnel de Levante"),
        ("what did the Bilbao office use in 2024?", "Bilbao office"),
        ("¿y la depuradora de la Albufera?", "depuradora de la Albufera"),
        ("¿qué gasta la EDAR Norte en Noviembre?", ""),
        ("is the Sierra tunnel lit?", ""),
        ("does the office on Monday need heating?", ""),
        ("who opens the office in July?", ""),
        ("¿gasta la oficina LED?", ""),
        ("How do Office workers save?", ""),
        ("¿qué compró Bilbao?", ""),
    ],
)
def test_another_facility_is_told_apart(text: str, place: str) -> None:
    """What is called as the company's facilities are called, and is none of them; days and seasons are no names."""
    assert other_place(text, SITES) == place


async def test_what_nobody_knows_is_not_answered_with_what_is_known() -> None:
    """The plant's figures are not told of a plant that no document names; of one that a document names they may be."""
    known = (await library().manager(ListMemory()).respond(said("¿Cuánto gastan las soplantes de la EDAR Norte?"), unseen)).answer
    assert known.status == "answered"
    other = (await library().manager(ListMemory()).respond(said("¿Cuánto gastan las soplantes de la EDAR Sur?"), unseen)).answer
    assert other.status == "not_found"
    assert "EDAR Sur" in other.text
