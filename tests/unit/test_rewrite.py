"""A follow-up into what is searched for, and when there is nothing to search for."""

from __future__ import annotations

import pytest

from rag.models import Turn
from rag.rewrite import asks, variants, without

BEFORE = (Turn("user", "¿Cuánto gastan las soplantes de la EDAR Norte?"), Turn("assistant", "182 kWh/h [1]."))


@pytest.mark.parametrize(
    "question",
    [
        "¿y por la noche?",
        "pero ¿cuánto cuestan?",
        "¿y si las paramos?",
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
