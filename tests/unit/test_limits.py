"""A limit that is asked for: what it is of, and which sentence gives it."""

from __future__ import annotations

import pytest

from rag.limits import limited
from rag.needs import LIMIT, met, needs
from tests.answer_fixtures import passage
from tests.unit.test_needs import TODAY


@pytest.mark.parametrize(
    ("question", "of"),
    [
        ("¿Cuál es la luminancia mínima de la nave?", ("luminancia",)),
        ("what's the minimum luminance allowed?", ("luminance",)),
        ("¿cuál es el límite de vibración de las prensas?", ("vibracion",)),
        ("what are the vibration limits of the press?", ("vibration",)),
        ("¿cuál es el valor máximo de ruido?", ("ruido",)),
        ("what is the maximum permitted noise level?", ("noise",)),
        ("¿cuánto gastó la prensa como máximo?", ()),
    ],
)
def test_what_a_limit_is_of_is_read_from_its_question(question: str, of: tuple[str, ...]) -> None:
    """The thing beside the word for the least or the most, in both languages; none where no limit is asked for."""
    assert tuple(word for one in limited(question) for word in one.of) == of


@pytest.mark.parametrize(
    ("sentence", "language", "given"),
    [
        ("La vibración no debe superar 4,5 mm/s.", "es", True),
        ("Vibration must never exceed 4.5 mm/s.", "en", True),
        ("La vibración se mide cada mes.", "es", False),  # no number
        ("La vibración era de 2,3 mm/s.", "es", False),  # no limit
        ("El caudal máximo es de 480 m³/h.", "es", False),  # of something else
        ("The maximum flow is 480 m³/h.", "en", False),
    ],
)
def test_a_limit_is_given_by_a_number_of_that_thing(sentence: str, language: str, given: bool) -> None:
    """With a word that it is the least or the most; a word of both languages is known in either."""
    wanted = needs("¿cuál es el límite de vibración de la prensa?", TODAY)
    assert LIMIT in wanted
    assert met(wanted, sentence, passage(sentence, language=language)) is given


def test_what_another_language_calls_it_may_be_any_word() -> None:
    """«Caudal» is "flow": no word tells that it is of something else."""
    wanted = needs("¿cuál es el caudal máximo permitido?", TODAY)
    assert met(wanted, "The flow must not exceed 480 m³/h.", passage("The flow must not exceed 480 m³/h.", language="en"))
    assert not met(wanted, "El ruido máximo es de 80 dB.", passage("El ruido máximo es de 80 dB."))
