"""A message that asks several things: taken apart, answered one by one, told as one; what asks one thing stays whole."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering import _of_one_value
from bot.choices import ConversationChoice
from bot.commands import parse
from bot.told import Case
from config.texts import text
from rag.evidence import MARK
from rag.models import Answer, Citation, Recommendation, Scope
from rag.several import joined, questions
from tests.answer_fixtures import EVERYONE, ListMemory, library, said, unseen, well_cited


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        (
            "¿Cuánto consume la EDAR Norte al año y qué podemos mejorar en ella?",
            ("¿Cuánto consume la EDAR Norte al año", "qué podemos mejorar en ella?"),
        ),
        (
            "cuanto gasta la oficina y que podemos hacer para bajarlo",
            ("cuanto gasta la oficina", "que podemos hacer para bajarlo"),
        ),
        ("What does the office use, and how much does it cost?", ("What does the office use", "how much does it cost?")),
        (
            "Hola. ¿Cada cuánto se limpian los difusores? ¿Con qué ácido? Es para el informe.",
            ("Hola. ¿Cada cuánto se limpian los difusores?", "¿Con qué ácido? Es para el informe."),
        ),
        (
            "¿Qué potencia tiene la bomba y cuándo se cambió y recomiéndame medidas de agua?",
            ("¿Qué potencia tiene la bomba", "cuándo se cambió", "recomiéndame medidas de agua?"),
        ),
    ],
)
def test_several_questions_are_told_apart(message: str, parts: tuple[str, ...]) -> None:
    """By question marks, and by «y» before a word that asks; what stands around them goes with the one before."""
    assert questions(message) == parts


@pytest.mark.parametrize(
    "message",
    [
        "¿Cuánto consumen la EDAR Norte y la oficina?",
        "¿Cuándo y por qué se cambió la bomba?",
        "¿Cuánto y cómo se paga?",
        "¿Qué bomba es la que más gasta y que menos rinde?",
        "¿Por qué sube el consumo? ¿y cuándo?",
        "The office uses more at night and when it rains.",
        "Gracias, y hasta mañana",
        "¿Qué es A9? ¿Qué es B9? ¿Qué es C9? ¿Qué es D9?",
        "",
    ],
)
def test_what_asks_one_thing_stays_whole(message: str) -> None:
    """Two subjects, two words for one question, a relative clause, a bare «¿y cuándo?»; more than three are not taken apart."""
    assert questions(message) == ()


def cited(*quotes: str) -> Answer:
    """An answer of one paragraph a quote."""
    citations = tuple(Citation(n, "passage", "Manual", "m.md", "", quote, "es") for n, quote in enumerate(quotes, 1))
    return Answer("answered", "es", "\n\n".join(f"{one.quote} [{one.n}]" for one in citations), citations)


def test_answers_are_counted_through_and_told_once() -> None:
    """Each below its question as if it stood alone; the same evidence keeps its number, the same sentence is not said again."""
    both = joined(("¿Cuánto gasta", "y de noche [2]?"), (cited("Gasta 5 kWh.", "Poco."), cited("Poco.", "De noche 2 kWh.")), "es")
    assert both.text == "**¿Cuánto gasta?**\n\nGasta 5 kWh. [1]\n\nPoco. [2]\n\n**¿De noche (2)?**\n\nDe noche 2 kWh. [3]"
    assert [one.quote for one in both.citations] == ["Gasta 5 kWh.", "Poco.", "De noche 2 kWh."]


def test_what_was_not_found_is_said_and_one_answer_to_both_stands_alone() -> None:
    """Half an answer names the other half; where the second only repeats the first there is nothing to head."""
    half = joined(
        ("¿Cuánto gasta?", "Dime quién manda"), (cited("Gasta 5 kWh."), Answer("not_found", "es", "Lo más cercano")), "es"
    )
    assert half.text.endswith(f"**Dime quién manda**\n\n{text('es', 'answer.not_found')}")
    assert half.status == "answered"
    assert joined(("¿Cuánto?", "¿Y qué?"), (cited("Gasta 5 kWh."), cited("Gasta 5 kWh.")), "es").text == "Gasta 5 kWh. [1]"


def test_a_heading_is_the_question_alone() -> None:
    """Neither the greeting before it nor the explanation behind it stands in it."""
    asked = ("Hola. ¿Cada cuánto se limpian?", "¿Con qué ácido? Es para el informe.", "Hi there! How often and")
    both = joined(asked, (cited("Uno."), cited("Dos."), cited("Tres.")), "es")
    headings = [line for line in both.text.splitlines() if line.startswith("**")]
    assert headings == ["**¿Cada cuánto se limpian?**", "**¿Con qué ácido?**", "**¿How often and?**"]


def test_recommendations_point_to_their_evidence_after_joining() -> None:
    """A measure's citations are counted through like the marks; the newest source is told once, of all."""
    measure = Recommendation("m", "Medida", "energy", "porque", (1,), "metered", "high")
    second = replace(cited("Ahorra 3 kWh."), recommendations=(measure,), notices=("Faltan lecturas.",), follow_ups=("¿Y ahora?",))
    both = joined(("¿Cuánto gasta?", "qué podemos hacer"), (cited("Gasta 5 kWh."), second), "es")
    assert both.citations[both.recommendations[0].citations[0] - 1].quote == "Ahorra 3 kWh."
    assert (both.notices, both.follow_ups) == (("Faltan lecturas.",), ("¿Y ahora?",))


@given(
    st.lists(
        st.lists(st.sampled_from(["Uno.", "Dos.", "Tres.", "Cuatro."]), min_size=1, max_size=4, unique=True),
        min_size=2,
        max_size=3,
    )
)
def test_every_mark_has_its_citation_and_each_is_used(answers: list[list[str]]) -> None:
    """Whatever the parts share, marks and citations are 1 to n, and each mark stands behind its own quote."""
    both = joined([f"¿Qué {n}?" for n in range(len(answers))], [cited(*quotes) for quotes in answers], "es")
    marks = {int(found) for found in MARK.findall(both.text)}
    assert marks == set(range(1, len(both.citations) + 1)) == {one.n for one in both.citations}
    assert all(f"{one.quote} [{one.n}]" in both.text for one in both.citations)
    assert {one.quote for one in both.citations} == {quote for quotes in answers for quote in quotes}


async def test_two_questions_in_one_message_are_both_answered() -> None:
    """From the documents, each with its evidence; the second is understood from the first, and the next message from both."""
    memory = ListMemory()
    asked = "¿Qué potencia tienen las soplantes de la EDAR Norte y qué dicen de ellas las auditorías?"
    answer = (await library().manager(memory).respond(said(asked), unseen)).answer
    well_cited(answer, library().texts)
    assert "**¿Qué potencia tienen las soplantes de la EDAR Norte?**" in answer.text
    assert "**¿Qué dicen de ellas las auditorías?**" in answer.text
    assert [turn.text for kept in memory.turns.values() for turn in kept] == [asked, answer.text]


async def test_a_question_and_what_to_do_are_both_answered() -> None:
    """«... y qué podemos mejorar?» brings recommendations for the facility that the first half names."""
    answer = (
        await library()
        .manager()
        .respond(said("¿Qué potencia tienen las soplantes de la EDAR Norte y qué podemos mejorar allí?"), unseen)
    ).answer
    assert "los documentos recomiendan" in answer.text
    assert answer.text.startswith("**¿Qué potencia tienen las soplantes de la EDAR Norte?**")


async def test_where_no_part_is_answered_the_whole_is_searched() -> None:
    """Not one «not found» for each: one, with what comes nearest."""
    answer = (await library().manager().respond(said("¿Cuánto gana el director y quién es su dentista?"), unseen)).answer
    assert answer.status == "not_found"
    assert "**" not in answer.text


@pytest.mark.parametrize(
    ("message", "one"),
    [
        ("¿Cuánto consumió la EDAR Norte en marzo y qué potencia máxima alcanzó?", False),
        ("¿Cuánto consumió la EDAR Norte en marzo y cuánto costó?", True),
        ("¿En qué mes consumió más la EDAR Norte y cuánto costó?", True),
        ("¿Cuánto consumió la EDAR Norte en marzo y quién la dirige?", False),
    ],
)
def test_two_values_are_two_questions(message: str, one: bool) -> None:
    """What was used and the peak are told one by one; what was used and what it cost are one answer of the readings."""
    company = library().company
    case = Case(said(message), company, ConversationChoice(), parse(said(message), company), "es")
    assert _of_one_value(questions(message), case, Scope(EVERYONE)) is one
