"""A follow-up into what is searched for, and when there is nothing to search for."""

from __future__ import annotations

import pytest

from rag.models import Turn
from rag.rewrite import Whole, anchor, asks, holds, latest, leaning, merged, variants, without

BEFORE = (Turn("user", "¿Cuánto gastan las soplantes de la EDAR Norte?"), Turn("assistant", "182 kWh/h [1]."))


@pytest.mark.parametrize(
    "question",
    [
        "¿y por la noche?",
        "pero ¿cuánto cuestan?",
        "¿cuánto costó?",
        "what was the cost?",
        "¿y si las paramos?",
        "¿cómo lo podemos reducir?",
        "¿conviene cambiarlas por otras de menor potencia nominal?",
        "and at night?",
        "¿Cuánto ahorraríamos con eso en un año completo?",
    ],
)
def test_what_points_back_is_never_searched_alone(question: str) -> None:
    """A question that leans on the one before is searched behind it."""
    assert variants(question, BEFORE) == (f"{BEFORE[0].text} {question}",)


def test_a_follow_up_that_says_enough_is_tried_alone_first() -> None:
    """«¿y cada cuánto se limpian los difusores?» names its own subject: it must not drown in the one before."""
    question = "¿y cada cuánto se limpian los difusores?"
    assert variants(question, BEFORE) == (question, f"{BEFORE[0].text} {question}")


def test_a_short_question_has_two_readings() -> None:
    """It may be new or may lean: it is tried alone first."""
    assert variants("¿consumo del bombeo?", BEFORE) == ("¿consumo del bombeo?", f"{BEFORE[0].text} ¿consumo del bombeo?")


def test_a_short_question_that_names_something_stands_alone() -> None:
    """What another place or index is, must not be looked for behind the last question."""
    assert variants("What is the ILI of Red Este?", BEFORE) == ("What is the ILI of Red Este?",)


def test_the_name_of_the_place_is_left_out() -> None:
    """In any spelling of its case, as a whole word, and never when nothing else is asked."""
    assert without("EDAR Norte", "¿Qué gasta la edar norte de noche?") == "¿Qué gasta la de noche?"
    assert without("Norte", "¿Qué gasta la bomba Norteña?") == "¿Qué gasta la bomba Norteña?"
    assert without("EDAR Norte", "¿EDAR Norte?") == "¿EDAR Norte?"
    assert without("", "¿Qué gasta?") == "¿Qué gasta?"


def test_a_whole_question_stands_alone() -> None:
    """With or without a conversation before it."""
    question = "¿Qué potencia tienen las bombas del depósito de cabecera?"
    assert variants(question, BEFORE) == (question,)
    assert variants("¿y por la noche?", ()) == ("¿y por la noche?",)


def test_a_chain_of_follow_ups_leans_on_the_last_whole_question() -> None:
    """«¿y de noche?» after «¿y en verano?» is still about the blowers."""
    history = (*BEFORE, Turn("user", "¿y en verano?"), Turn("assistant", "Igual [1]."))
    assert variants("¿y de noche?", history) == (f"{BEFORE[0].text} ¿y de noche?",)
    only_leaning = (Turn("user", "¿y eso?"),)
    assert variants("¿y de noche?", only_leaning) == ("¿y eso? ¿y de noche?",)


@pytest.mark.parametrize(
    "text", ["", "  ", "¿?", "...", "👍", "hola", "¡Hola, buenos días!",
     "gracias", "Muchas gracias.", "Hi!", "thank you very much", "ok"]
)  # fmt: skip
@pytest.mark.parametrize("history", [(), BEFORE])
def test_greetings_and_bare_mentions_ask_nothing(text: str, history: tuple[Turn, ...]) -> None:
    """Neither at the beginning of a conversation nor in the middle of it."""
    assert not asks(text, history)


def test_function_words_ask_something_only_after_something() -> None:
    """«¿y por qué?» is a question in a conversation, and none outside it."""
    assert asks("¿y por qué?", BEFORE)
    assert asks("gracias, ¿y por qué?", BEFORE)
    assert not asks("¿y por qué?", ())
    assert asks("Hola, ¿cuánto gastan las soplantes?", ())


@pytest.mark.parametrize(
    ("question", "behind", "whole", "named"),
    [
        ("and in August?", "How much did we use in July 2025?", "How much did we use in August 2025?", ("August",)),
        ("¿y en julio?", "¿Por qué gasta tanto de noche?", "¿Por qué gasta tanto de noche en julio?", ("julio",)),
        ("¿Y en P6?", "precio del kWh en P1", "precio del kWh en P6", ("P6",)),
        ("¿y el 2024?", "¿Cuánto se gastó en 2025?", "¿Cuánto se gastó en 2024?", ("2024",)),
        ("and what about May 2024?", "What did it cost in July 2025?", "What did it cost in May 2024?", ("May", "2024")),
    ],
)
def test_a_name_takes_the_place_of_its_like(question: str, behind: str, whole: str, named: tuple[str, ...]) -> None:
    """A month, a year or a code alone is the question before with it; what there was none of is added."""
    assert merged(question, behind) == Whole(whole, named)


@pytest.mark.parametrize("question", ["¿y por la noche?", "¿y por qué?", "since when?", "¿y cuánto cuesta en julio?", "may we?"])
def test_what_asks_something_of_its_own_is_not_merged(question: str) -> None:
    """Only names and the words around them are."""
    assert merged(question, BEFORE[0].text) is None
    assert merged("¿y en julio?", "") is None


def test_a_place_that_was_named_makes_it_the_same_question() -> None:
    """What is left of «¿y la EDAR Norte?» without its name is nothing; with a reason asked for, it is something."""
    assert merged("¿y la ?", "¿Cuánto gasta la oficina?", elsewhere=True) == Whole("¿Cuánto gasta la oficina?")
    assert merged("¿y por qué la ?", "¿Cuánto gasta la oficina?", elsewhere=True) is None


@pytest.mark.parametrize(
    ("text", "term", "held"),
    [
        ("in July 2025", "julio", True), ("15 Jul 2025", "julio", True), ("de 2025-07-03", "July", True),
        ("it may rain", "mayo", False), ("in May", "mayo", True), ("agua de mar", "marzo", False), ("en P6", "P6", True),
        ("P61", "P6", False), ("junio", "julio", False),
    ],
)  # fmt: skip
def test_a_text_holds_a_term(text: str, term: str, held: bool) -> None:
    """A month in either language and in dates; a code or year as a word of its own."""
    assert holds(text, term) is held


def test_follow_ups_lean_on_the_question_that_said_what_it_is_about() -> None:
    """A short one of two words says it; one that was made whole is leaned upon as it was made."""
    short = (Turn("user", "¿Cuánta potencia contratada tenemos en total aquí?"), Turn("user", "¿consumo del bombeo?"))
    assert anchor((*short, Turn("user", "¿y de noche?"))) == "¿consumo del bombeo?"
    assert (
        anchor((*short, Turn("user", "¿y en julio?", whole="¿consumo del bombeo en julio?"))) == "¿consumo del bombeo en julio?"
    )
    assert anchor(()) == ""
    asked = (*short, Turn("user", "¿qué superficie tiene?"))
    assert (latest(asked), anchor(asked)) == ("¿qué superficie tiene?", "¿consumo del bombeo?")
    assert latest((*asked, Turn("user", "¿y eso?"))) == "¿consumo del bombeo?"
    asked = {
        "¿y de noche?": "wholly",
        "¿consumo del bombeo?": "perhaps",
        "¿Qué potencia tienen las bombas del depósito alto?": "",
    }
    assert {one: leaning(one, BEFORE) for one in asked} == asked
