"""Whether something may be done: what leave is asked for, and what forbids that very thing comes first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.extract import extract
from rag.facility import Facility
from rag.permission import leave, rules
from rag.retrieve import Retrieved
from tests.unit.test_extract import retrieved

SHEET = (
    "P: ¿Por qué giran siempre dos molinos?\nR: Porque falló el sensor. No los pare a mano: no está autorizado.\n"
    "P: ¿Puedo apagar la fuente en invierno?\nR: Sí, apáguela a mano al ponerse el sol."
)


@pytest.mark.parametrize(
    ("question", "language", "thing"),
    [
        ("¿Puedo parar los molinos a mano de noche?", "es", "molinos"),
        ("¿Los molinos se pueden parar a mano?", "es", "molinos"),
        ("¿Está permitido detener a mano los molinos?", "es", "molinos"),
        ("¿Pueden los operarios apagar los molinos?", "es", "molinos"),
        ("Can operators switch off the river mills manually?", "en", "mills"),
        ("Should I turn the mills off at night?", "en", "mills"),
        ("Is it allowed to stop the mills of the dam?", "en", "mills"),
        ("May the mills be stopped by hand?", "en", "mills"),
    ],
)
def test_what_leave_is_asked_for(question: str, language: str, thing: str) -> None:
    """The thing that is acted on, wherever it stands, and the action in other words too."""
    asked = leave(question, language)
    assert asked is not None
    assert asked.thing == thing
    assert asked.done_in("No los pare a mano.")
    assert not asked.done_in("No abra la compuerta.")


@pytest.mark.parametrize(
    "question", ["¿Cuánto se puede ahorrar parando los molinos?", "¿Dónde están los molinos?", "How can I stop the mills?"]
)
def test_no_leave_is_asked_for(question: str) -> None:
    """Questions of how much, where and how ask for something else."""
    assert leave(question, "en" if question.startswith("How") else "es") is None


def test_an_action_that_is_not_listed_is_known_by_its_stem() -> None:
    """Any infinitive will do."""
    asked = leave("¿Puedo engrasar la prensa?", "es")
    assert asked is not None
    assert asked.done_in("Nunca se engrasa la prensa en marcha.")


def test_what_forbids_comes_with_the_question_that_it_answers() -> None:
    """«No los pare» names its thing there; what is forbidden of another thing does not hold it."""
    asked, hits = leave("¿Puedo parar los molinos?", "es"), retrieved(SHEET).hits
    assert asked is not None
    found = rules(asked, hits)
    assert [rule.text for rule in found] == [SHEET.split("\nP: ¿Puedo")[0]]
    assert found[0].holds("molinos")
    assert found[0].holds("mills", {"molinos"})
    assert not found[0].holds("fuente")


def test_what_forbids_in_prose_comes_with_what_it_leans_on() -> None:
    """The sentence before, where a pronoun stands for the thing; nothing else."""
    text = "Hay una acequia. Los molinos giran de noche. No los pare a mano. Nadie pasa por allí. Se prohíbe parar la noria."
    asked = leave("¿Puedo parar los molinos?", "es")
    assert asked is not None
    texts = [rule.text for rule in rules(asked, retrieved(text).hits)]
    assert texts == ["Los molinos giran de noche. No los pare a mano.", "Se prohíbe parar la noria."]


def _found() -> Retrieved:
    found = retrieved(SHEET, cosines={"P: ¿Puedo": 0.9, "R: Sí": 0.9})
    asked = leave("¿Puedo parar los molinos?", "es")
    assert asked is not None
    return replace(found, rules=tuple(rules(asked, found.hits)))


def test_what_forbids_is_said_first() -> None:
    """Though another sentence is more alike, and that one, of the same sheet, is not said at all."""
    (span,) = extract("¿Puedo parar los molinos?", "es", _found())
    assert span.text.endswith("No los pare a mano: no está autorizado.")


def test_what_another_facility_forbids_is_not_said() -> None:
    """A rule of one place is none of another."""
    found = _found()
    elsewhere = Facility("otra", ("Otra",), ("molinos",))
    hit = found.hits[0]
    document = replace(hit.passage.document, site="una")
    moved = replace(
        found,
        rules=tuple(replace(rule, hit=replace(hit, passage=replace(hit.passage, document=document))) for rule in found.rules),
    )
    assert not any("No los pare" in span.text for span in extract("¿Puedo parar los molinos?", "es", moved, elsewhere))
