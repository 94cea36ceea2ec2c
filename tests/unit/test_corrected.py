"""What puts the last question right: said as a follow-up, or left as it is where it says something else."""

from __future__ import annotations

import pytest

from bot.corrected import put_right
from rag.models import Language, Turn
from tests.answer_fixtures import ListMemory, library, said, unseen
from tests.value_world import COMPANY_OF_SITES

ASKED = (Turn("user", "¿Cuánto consumió la EDAR Norte en marzo?"), Turn("assistant", "7.440 kWh"))


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("no, perdona, quería decir en abril", "¿y en abril?"),
        ("no, en marzo no, en mayo", "¿y en mayo?"),
        ("no en marzo, en mayo", "¿y en mayo?"),
        ("en mayo, no en marzo", "¿y en mayo?"),
        ("no quería decir marzo, quería decir mayo", "¿y mayo?"),
        ("me refería a la oficina", "¿y a la oficina?"),
        ("no, la EDAR no, la oficina", "¿y la oficina?"),
        ("perdón, la oficina", "¿y la oficina?"),
        ("no perdona en abril", "¿y en abril?"),
        ("perdona ¿y la oficina?", "¿y la oficina?"),
        ("no, mejor en mayo", "¿y en mayo?"),
        ("me he equivocado, en abril", "¿y en abril?"),
        ("no, quería decir la segunda", "¿y la segunda?"),
        ("de 0 a 8 h no, de 8 a 16 h", "¿y de 8 a 16 h?"),
        ("no, perdona, ¿cuánto costó?", "¿y cuánto costó?"),
        ("quería decir ¿qué bombas hay?", "¿qué bombas hay?"),
    ],
)
def test_what_was_meant_is_a_follow_up(words: str, meant: str) -> None:
    """Whether words say so, or one thing is named instead of another."""
    assert put_right(words, ASKED, "es", COMPANY_OF_SITES) == meant


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("no, I meant in May", "and in May?"),
        ("not March, May", "and May?"),
        ("not in March but in May", "and in May?"),
        ("I didn't mean March, I meant May", "and May?"),
        ("May, not March", "and May?"),
        ("sorry, I meant the head office", "and the head office?"),
        ("no, for the head office", "and for the head office?"),
        ("I mean the cost", "and the cost?"),
    ],
)
def test_in_english_too(words: str, meant: str) -> None:
    """With the same words for it as in Spanish."""
    assert put_right(words, ASKED, "en", COMPANY_OF_SITES) == meant


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("no", "es"),
        ("no, gracias", "es"),
        ("no, eso no es verdad", "es"),
        ("no, la 2", "es"),
        ("no en mayo", "es"),
        ("¿cuánta agua no registrada hubo en 2025?", "es"),
        ("agua no registrada en 2025", "es"),
        ("espera un momento", "es"),
        ("perdona pero no es así", "es"),
        ("no, rechazo la 2", "es"),
        ("no funciona la bomba, en mayo se paró", "es"),
        ("¿por qué no en mayo?", "es"),
        ("¿y en mayo?", "es"),
        ("sorry, the pump does not start", "en"),
        ("I mean that the operators of the plant never told anybody why the pumps stop so often at night", "en"),
    ],
)
def test_what_says_something_else_is_left(words: str, language: Language) -> None:
    """An apology or a «no» alone puts nothing right; nor does anything where nothing was asked before."""
    assert put_right(words, ASKED, language, COMPANY_OF_SITES) == words
    assert put_right("no, quería decir en mayo", (), "es", COMPANY_OF_SITES) == "no, quería decir en mayo"


async def test_what_follows_leans_on_what_was_meant() -> None:
    """The conversation remembers the question as it was put right."""
    memory = ListMemory()
    manager = library().manager(memory)
    for n, one in enumerate(("¿Cuántas soplantes de 75 kW hay en la EDAR Norte?", "no, perdona, quería decir la oficina")):
        await manager.respond(said(one, id=str(n)), unseen)
    asked = memory.turns[said("").key]
    assert (asked[2].text, asked[2].whole) == ("¿y la oficina?", "¿Cuántas soplantes de 75 kW hay en la Head office?")
