"""«¿Qué instalaciones conoces?»: those that the reader may see, with what was read of each, and nothing searched."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from config.company import CompanyConfig, SiteConfig
from rag.known import asks_which, known
from rag.models import Scope
from rag.readings.series import Series
from tests.answer_corpus import COMPANY
from tests.answer_fixtures import EVERYONE, library, said, unseen
from tests.figure_world import hourly

_METERS = [{"id": "electricity", "name": "Contador general", "carrier": "electricity", "unit": "kWh"}]
_SITES = [
    {"id": "office", "name": "Oficina", "kind": "office"},
    {"id": "edar-norte", "name": "EDAR Norte", "kind": "wastewater_treatment", "meters": _METERS},
    {"id": "board", "name": "Sede del consejo", "kind": "office", "audience": ["direccion"]},
]


async def readings(_: SiteConfig) -> Mapping[str, Series]:
    return {"electricity": hourly()}


@pytest.mark.parametrize(
    ("message", "asks"),
    [
        ("¿Qué instalaciones conoces?", True),
        ("which facilities do you know and what data do you have?", True),
        ("Dime qué plantas hay", True),
        ("¿Qué instalaciones hay en obras?", False),
        ("How many plants are there with photovoltaics?", False),
        ("¿Qué contadores hay que cambiar?", False),
        ("¿Qué sabes de la EDAR Norte?", False),
    ],
)
def test_who_asks_which_there_are_asks_nothing_else(message: str, asks: bool) -> None:
    """A question that says more is one to readings or documents."""
    assert asks_which(message) is asks


async def test_the_facilities_of_a_reader_with_their_readings() -> None:
    """Each with its meters and their first and last day, one without says so; another audience's is not named."""
    company = CompanyConfig.model_validate({**COMPANY, "sites": _SITES})
    answer = await known(company, Scope(EVERYONE), readings, "es")
    assert "- **Oficina**: sin lecturas" in answer.text
    index = hourly().values.index
    assert f"- **EDAR Norte**: {hourly().name}, del {index[0].day} ene {index[0].year} al " in answer.text
    assert "consejo" not in answer.text
    assert answer.follow_ups == ("¿Cuánto consume EDAR Norte al año?", "¿Qué se recomienda para Oficina?")
    assert (await known(company.model_copy(update={"sites": []}), Scope(EVERYONE), readings, "en")).text.startswith("There is no")


async def test_it_is_one_question_although_it_asks_two_things() -> None:
    """Facilities and data in one message: neither is searched for in the documents."""
    answer = (await library().manager().respond(said("which facilities do you know and what data do you have?"), unseen)).answer
    assert "**" not in answer.text
    assert answer.citations == ()
