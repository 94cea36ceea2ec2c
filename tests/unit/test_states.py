"""How a measure stands: rows of plans and minutes, entries of logs, sentences; whose they are, which is newest, what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from config.company import SiteConfig
from config.texts import text
from rag.advised import step
from rag.for_and_against import ForAndAgainst, Said, Topic
from rag.measures.model import Case
from rag.measures.proposed import proposed
from rag.models import Passage, Scope
from rag.states import begun, rows, tells, when
from tests.answer_fixtures import EVERYONE, encoder, passage
from tests.register_world import BLOWERS
from tests.unit.test_for_and_against import Given

PLAN = (
    "Plan de inversiones 2026-2030 |  |  | \nCódigo | Instalación | Actuación | Estado\n"
    "PI-01 | EDAR Norte | Parada nocturna de soplantes | Aprobada\n"
    "PI-02 | Red Valdemora | Variadores y bombeo nocturno | Adjudicada\n"
    "PI-03 | Oficina | Led en plantas 2 a 5 | Con la obra de techos\n"
    "PI-04 | Varias | Fotovoltaica para autoconsumo | En licitación"
)
SITES = {"norte": ("EDAR Norte",), "red": ("Red de Valdemora",), "oficina": ("Oficina",)}


def of(one: Passage, day: str, title: str = "Plan") -> Passage:
    """The passage, of a document of that day and title and of no site."""
    return replace(one, document=replace(one.document, date=date.fromisoformat(day), title=title, site=None))


async def standing(about: str, site: str, *passages: Passage, name: str = "Medida") -> list[str]:
    """What is shown of how a measure of these words stands at the site."""
    documents = ForAndAgainst(Given(*passages), encoder(), SITES)
    topic = Topic({"es": name, "en": name}, (about,), site)
    (found,) = await documents.of([topic], Scope(EVERYONE, site))
    assert all(one.sentence in one.passage.text for one in found)
    return [one.shown or one.sentence for one in found if one.side == "standing"]


def test_rows_are_read_where_a_column_of_states_stands() -> None:
    """The title above the headings is none, an equipment list's «estado» holds no states, a table without one tells nothing."""
    assert [one.cells[0] for one in rows(PLAN)] == ["PI-01", "PI-02", "PI-03", "PI-04"]
    assert rows(PLAN)[0].shown == (
        "Código: PI-01; Instalación: EDAR Norte; Actuación: Parada nocturna de soplantes; Estado: Aprobada"
    )
    assert rows("equipo | estado | kW\nBomba | 2006, refrigerante R410A | 42\nCaldera | bueno | 30") == ()
    assert rows("Actuación | Coste\nFotovoltaica aprobada | 3") == ()


async def test_a_row_is_of_the_measure_and_of_the_site_that_it_names() -> None:
    """All words of a phrase within one cell; another site's row is none; a row for several sites is of each."""
    plan = of(passage(PLAN), "2026-02-05")
    assert await standing("parada nocturna", "norte", plan) == [rows(PLAN)[0].shown]
    assert await standing("parada nocturna", "red", plan) == []
    assert await standing("bombeo nocturno", "red", plan) == [rows(PLAN)[1].shown]
    assert await standing("led", "oficina", plan) == [rows(PLAN)[2].shown]
    assert await standing("led soplantes", "oficina", plan) == []
    assert await standing("fotovoltaica", "norte", plan) == [rows(PLAN)[3].shown]


async def test_the_newest_counts() -> None:
    """Of two documents the later; of a log's entries the last date, whatever comes first in it."""
    older = of(passage("Medida | Estado\nParada nocturna en la EDAR Norte | Pendiente\nOtra | Aprobada", 2), "2025-01-02", "Acta")
    plan = of(passage(PLAN), "2026-02-05")
    assert await standing("parada nocturna", "norte", older, plan) == [rows(PLAN)[0].shown]
    log = of(
        passage(
            "fecha | lugar | direccion | observaciones\n"
            "2025-07-22 | EDAR Norte | sin localizar | Segunda búsqueda de la fuga sin éxito\n"
            "2025-05-27 | EDAR Norte | sin localizar | Se busca la fuga por partes sin resultado alguno"
        ),
        "2025-12-31",
        "Fugas",
    )
    assert await standing("localizar fuga", "norte", log) == ["Segunda búsqueda de la fuga sin éxito"]


async def test_a_sentence_tells_it_too() -> None:
    """That something was approved, ordered or tried; not what is proposed or how things are bought."""
    said = of(passage("La fotovoltaica de la EDAR Norte se adjudicó en marzo con cargo al presupuesto."), "2025-03-01")
    assert await standing("fotovoltaica", "norte", said) == [said.text]
    assert tells("The order was placed on 30 July.")
    assert tells("The trial ran from 3 to 30 November 2025.")
    assert not tells("Está contratado en baja tensión con peaje 3.0TD, 25 kW en todos los periodos.")
    assert not tells("Si se aprueba en abril, la válvula puede estar en servicio en octubre.")


async def test_a_variant_at_another_time_is_not_the_measure() -> None:
    """What is advised against doing all day says nothing of doing it at night."""
    heading = ("4. Lo que no conviene hacer",)
    what_not = passage(
        "Bajar la presión de la EDAR Norte todo el día a 40 m: dejaría sin agua la última planta.",
        headings=heading,
    )
    documents = ForAndAgainst(Given(what_not), encoder(), SITES)
    by_night = Topic({"es": "Bajar la presión de noche", "en": "Lower the pressure at night"}, ("bajar presión",), "norte")
    always = replace(by_night, names={"es": "Bajar la presión", "en": "Lower the pressure"})
    found = await documents.of([by_night, always], Scope(EVERYONE, "norte"))
    assert [[one.side for one in each] for each in found] == [[], ["con"]]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Actuación: Sondas de gases; Estado: Adjudicada", True),
        ("Medida: Apagado; Estado: En curso: temporizadores comprados", True),
        ("The order was placed on 30 July.", True),
        ("The sensors were ordered on 30 July.", True),
        ("Medida: Equipos instalados en 2011; Estado: Aprobada", False),
        ("Medida: Arranque a las 07:00; Estado: No ejecutada", False),
        ("Estado: Sin solicitar", False),
        ("Status: Not ordered", False),
    ],
)
def test_what_is_ordered_or_under_way(said: str, *, expected: bool) -> None:
    """Told by the state alone, where a row has one; what is not done is none."""
    assert begun(said) is expected


def test_the_date_of_an_entry() -> None:
    """The last that it names, if it is one; else the document's."""
    assert when("2025-05-27 | S2 | 2025-05-15", None) == date(2025, 5, 27)
    assert when("2025-13-40 | S2", date(2025, 1, 1)) == date(2025, 1, 1)
    assert when("nada", None) == date.min


def test_what_follows_from_it() -> None:
    """What is under way is checked first; what a log says against a measure is agreed with nobody."""
    site = SiteConfig.model_validate({"id": "norte", "name": "EDAR Norte", "kind": "x", "proposals": [BLOWERS]})
    made = proposed(Case(site, {}, date(2026, 1, 15), {}), site.proposals[0])
    plan, log = of(passage(PLAN), "2026-02-05"), passage("fecha | observaciones\n2025 | No se debe hacer nunca en verano")
    awarded, approved = (Said("standing", rows(PLAN)[n].line, plan, rows(PLAN)[n].shown) for n in (1, 0))
    against = Said("con", "No se debe hacer nunca en verano", log)
    own = step(made, "es", ())
    assert step(made, "es", [approved]) == step(made, "es", [against]) == own
    assert step(made, "es", [awarded, against]) == text("es", "advice.check_first", title="Plan", step=own)
