"""Which facility a text names, and which it only seems to."""

from __future__ import annotations

import pytest

from bot.places import facility, named_site, other_place, renamed, unnamed
from config.company import CompanyConfig
from rag.facility import ANY
from rag.naming import spelled_right
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
        ("what should we improve in the head office building?", "office"),
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


def test_a_name_is_known_joined_and_short() -> None:
    """«del túnel» of «el túnel», and "the tunnel" of a road tunnel where there is one; of two plants none is meant."""
    made = [("a", "Alfa", "el túnel"), ("b", "Beta", "treatment plant"), ("c", "Gama", "desalination plant")]
    sites = [{"id": one, "name": name, "kind": "x", "aliases": [alias, f"{alias} road"]} for one, name, alias in made]
    company = CompanyConfig.model_validate(
        {"sites": [*sites, {"id": "d", "name": "Delta", "kind": "x", "aliases": ["water net"]}]}
    )
    for text, site in [("la potencia del túnel", "a"), ("vaya al túnel", "a"), ("is the net dry?", "d"), ("the plant", None)]:
        assert named_site(text, company) == site, text


@pytest.mark.parametrize(
    ("said", "rest"),
    [
        ("in the head office building in May", "in the in May"),
        ("en el edificio de la oficina en mayo", "en el en mayo"),
        ("the road tunnel's facility manager", "the 's facility manager"),
        ("el edificio nuevo y la oficina", "el edificio nuevo y"),
    ],
)
def test_what_a_facility_is_called_beside_its_name(said: str, rest: str) -> None:
    """Belongs to the name: «el edificio de», "building"; not where something else stands between."""
    assert unnamed(said, SITES).split() == rest.split()


def test_of_names_that_overlap_the_longest_counts() -> None:
    """«el túnel de la Sierra» is one name, not a shorter one with something behind it."""
    tunnel = {"id": "t", "name": "Túnel de la Sierra", "kind": "tunnel", "aliases": ["el túnel"]}
    assert unnamed("recomienda para el túnel de la Sierra", CompanyConfig.model_validate({"sites": [tunnel]})).split() == [
        "recomienda", "para", "el",
    ]  # fmt: skip


def test_a_question_is_put_to_another_site() -> None:
    """Its one name is replaced; a comparison is left alone, and so is a question that names none."""
    assert renamed("¿Cuánto gasta la depuradora de noche?", "office", SITES) == "¿Cuánto gasta Oficina central de noche?"
    for text in ("¿Gasta más la oficina o la EDAR Norte?", "¿cuánto se gasta?", "¿cuánto gasta la oficina?"):
        assert renamed(text, "office", SITES) == text
    assert renamed("¿cuánto gasta la oficina?", None, SITES) == "¿cuánto gasta la oficina?"


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


def test_what_a_question_is_about_by_its_names_and_the_others() -> None:
    """A site with what it is called and what the others are; nothing for none."""
    of = facility(SITES.sites[0].id, SITES)
    assert of.site == SITES.sites[0].id
    assert of.names == (SITES.sites[0].name, *SITES.sites[0].aliases)
    assert of.others == tuple(name for one in SITES.sites[1:] for name in (one.name, *one.aliases))
    assert facility(None, SITES) == facility("elsewhere", SITES) == ANY


async def test_another_facilitys_documents_do_not_answer_for_the_one_that_is_named() -> None:
    """What the plant's manual says of its blowers is not said of the office, and what is nearest is not the plant's."""
    plant = (await library().manager(ListMemory()).respond(said("¿Cuántas soplantes de 75 kW hay?"), unseen)).answer
    assert "cuatro soplantes" in plant.text
    office = said("¿Cuántas soplantes de 75 kW tiene la oficina?")
    answer = (await library().manager(ListMemory()).respond(office, unseen)).answer
    assert answer.status == "not_found"
    assert not any("planta" in one.uri for one in answer.citations)


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("consumo de la ofcina central en enero", "consumo de la oficina central en enero"),
        ("what does the depuradroa use?", "what does the depuradora use?"),
        ("The safety officer asks", "The safety officer asks"),
        ("depuradoras de Italia", "depuradoras de Italia"),
        ("la purga y la nrote", "la purga y la nrote"),
    ],
)
def test_one_wrong_letter_in_a_facilitys_name_is_put_right(written: str, right: str) -> None:
    """A word that is another one, that only goes on, or that is short stays as it was written."""
    assert spelled_right(written, library().company) == right
