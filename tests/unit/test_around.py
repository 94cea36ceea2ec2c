"""rag.around: the question of a message, without what people say around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.analyse import words
from rag.around import asking, bare

ASKED, ENGLISH = "¿cuánto gasta el pozo 3?", "how much does well 3 use?"


@pytest.mark.parametrize(
    "said",
    [
        f"hola {ASKED}", f"Hola , {ASKED}", f"Hola, ¿qué tal? {ASKED}", f"Buenos días equipo: {ASKED}", f"Buenas, {ASKED}",
        f"hola 👋 {ASKED} 🙏", f":wave: {ASKED} :pray:", f"@U0LUIS mira: {ASKED}", f"https://docs.example/a?b=1 {ASKED}",
        f"{ASKED} https://docs.example", f"{ASKED}\nGracias", f"{ASKED} Muchas gracias, Luis!", f"Una pregunta: {ASKED}",
        f"Hola, soy Ana, de mantenimiento. {ASKED} Un saludo.", f"perdona, {ASKED}",
        "¿Me puedes decir cuánto gasta el pozo 3?", "¿Sabes cuánto gasta el pozo 3?",
    ],
)  # fmt: skip
def test_only_the_question_is_left(said: str) -> None:
    """Greetings, thanks, pictures, addresses, people and politeness go, in whatever order they come."""
    assert bare(said) == ASKED


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (f"Hi team, {ENGLISH} Thanks!", ENGLISH), (f"Hey, quick question: {ENGLISH}", ENGLISH),
        (f"Could you please tell me {ENGLISH}", ENGLISH), (f"thanks for the list, {ENGLISH}", ENGLISH),
        ("Necesito saber cuánto gasta el pozo 3. Gracias.", "cuánto gasta el pozo 3"),
        ("Luis, pregúntale a cuánto gasta el pozo 3", "cuánto gasta el pozo 3"),
        ("Vale, gracias. ¿Y la segunda?", "¿Y la segunda?"), ("ok, and the second?", "and the second?"),
        ("Hola, recomienda agua", "recomienda agua"),
    ],
)  # fmt: skip
def test_what_is_left_of_others(said: str, left: str) -> None:
    """In English, of a request that asks indirectly, of a follow-up and of a command."""
    assert bare(said) == left


@pytest.mark.parametrize(
    "said",
    [
        "hola", "gracias", "👍", "Muchas gracias, Luis", "¿vale la pena cambiarlo?", "buenas prácticas de bombeo", "acepta R3",
        "a 25 °C ¿cuánto gasta?", "En la oficina, ¿cuánto gastamos?", "no, en mayo", "cool the office less",
        "¿Qué significa el 10:30:15?", "¿Sabes si hay fugas?", "olvida", "2",
        "Histórico de consumo del pozo", "Hilo 77", "High flow at night", "a:b:c y slack:t1:u1",
        "advisor.yaml", "Hierro en el pozo",
    ],
)  # fmt: skip
def test_what_says_something_stays(said: str) -> None:
    """Words of the question itself, and a message that is nothing but courtesy."""
    assert bare(said) == said


@given(st.text(max_size=80))
def test_something_is_always_left(said: str) -> None:
    """Whatever is written: what had words still has some, and doing it again changes nothing."""
    left = bare(said)
    assert bool(words(left)) == bool(words(said))
    assert bare(left) == left


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (f"Estamos preparando la memoria. {ASKED}", ASKED), (f"Nos lo piden para mañana.\n{ASKED}\nEs urgente.", ASKED),
        (f"Hemos puesto un variador de 30 kW. {ASKED}", None), (f"{ASKED} ¿Y el 4?", None),
        ("Estamos preparando la memoria. ¿Quién la firma?", None),
    ],
)  # fmt: skip
def test_why_it_is_asked_is_left_out(said: str, left: str | None) -> None:
    """Of one question that is understood alone; not where what is said besides holds a figure, or there are two."""
    assert asking(said, lambda question: "pozo 3" in question) == (left or said)
