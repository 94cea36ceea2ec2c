"""What is said to the register, in Spanish and English, with and without a slash."""

from __future__ import annotations

from datetime import date

import pytest

from bot.commands import Request, parse
from bot.register_words import Decision
from tests.answer_fixtures import library, said

WORDS = [
    ("recommend status", Decision()),
    ("recomienda estado", Decision()),
    ("Recomendaciones: estado", Decision()),
    ("recommend accept 2", Decision("accepted", place=2)),
    ("recomienda acepta la 2", Decision("accepted", place=2)),
    ("/recommend accept R12", Decision("accepted", number=12)),
    ("recommend accept r-12.", Decision("accepted", number=12)),
    ("recommend reject 3 because it is too dear.", Decision("rejected", place=3, reason="it is too dear")),
    ("recomienda rechaza R3 porque no hay presupuesto", Decision("rejected", number=3, reason="no hay presupuesto")),
    ("recomienda rechazar 3: ya está hecho", Decision("rejected", place=3, reason="ya está hecho")),
    ("recommend reject 3", Decision("rejected", place=3)),
    ("recommend done 1", Decision("done", place=1)),
    ("recommend done R1 2026-03-01", Decision("done", number=1, on=date(2026, 3, 1))),
    ("recomienda hecho 1 el 1 de marzo de 2026", Decision("done", place=1, on=date(2026, 3, 1))),
    ("recomienda hecha 1 01/03/2026", Decision("done", place=1, on=date(2026, 3, 1))),
    ("recommend done 1 today", Decision("done", place=1, on=date.today())),
    ("recommend done 1 next spring", Decision("done", place=1, bad_date="next spring")),
    ("recommend reopen R1", Decision("proposed", number=1)),
    ("recommend accept", Decision("accepted")),
]


@pytest.mark.parametrize(("text", "decision"), WORDS)
def test_in_words(text: str, decision: Decision) -> None:
    """As a message; and as the text behind a platform's own command."""
    assert parse(said(text), library().company) == Request("recommend", decisions=(decision,))
    behind = text.lstrip("/").partition(" ")[2]
    assert parse(said(behind, command="recommend"), library().company) == Request("recommend", decisions=(decision,))


@pytest.mark.parametrize(
    ("text", "decision"),
    [
        ("accept 2", Decision("accepted", place=2)),
        ("acepta R2", Decision("accepted", number=2)),
        ("rechaza la 2 porque no", Decision("rejected", place=2, reason="no")),
        ("hecho R1 el 1 de marzo de 2026", Decision("done", number=1, on=date(2026, 3, 1))),
    ],
)
def test_a_decision_needs_no_other_word(text: str, decision: Decision) -> None:
    """What follows a list of recommendations is said as to a colleague."""
    assert parse(said(text), library().company) == Request("recommend", decisions=(decision,))


def test_the_status_of_a_site() -> None:
    """Named behind it."""
    assert parse(said("recommend status edar-norte"), library().company) == Request(
        "recommend", site="edar-norte", decisions=(Decision(),)
    )
    assert parse(said("recomienda estado de la depuradora"), library().company).site == "edar-norte"


@pytest.mark.parametrize(
    "text",
    [
        "recommend status of the blowers after the storm", "accept two of them", "recomienda aceptar el riesgo de vertido",
        "recommend done deals for lighting", "done 3 pump tests, what do they show", "hecho",
    ],
)  # fmt: skip
def test_a_question_stays_a_question(text: str) -> None:
    """What merely begins like it decides nothing."""
    request = parse(said(text), library().company)
    assert (request.name, request.text, request.decisions) == ("ask", text, ())


@pytest.mark.parametrize("text", ["recommend", "recommend energy", "recomienda agua edar-norte"])
def test_recommending_is_as_before(text: str) -> None:
    """No decision in it."""
    request = parse(said(text), library().company)
    assert (request.name, request.decisions, request.unknown) == ("recommend", (), "")
