"""What sort of answer a question asks for, and which sentences give it."""

from __future__ import annotations

import pytest

from rag.sorts import AMOUNT, CAUSE, MONEY, SHARE, TIME, Sort, asked_for, forbids, gives


@pytest.mark.parametrize(
    ("question", "sorts"),
    [
        ("¿Cuántas bombas hay?", {AMOUNT}),
        ("¿Cuánto cuesta la valla?", {AMOUNT, MONEY}),
        ("What is the budget of the yard?", {MONEY}),
        ("¿Qué día se cambió la correa?", {TIME}),
        ("When was the belt changed?", {AMOUNT, TIME}),
        ("¿A qué hora se cierra la compuerta?", {AMOUNT}),
        ("¿Por qué vibra la prensa?", {CAUSE}),
        ("why does the press shake", {CAUSE}),
        ("¿Qué porcentaje se pierde?", {AMOUNT, SHARE}),
        ("what share is lost, in percent?", {AMOUNT, SHARE}),
        ("¿De qué color es la nave?", set()),
    ],
)
def test_a_question_tells_what_sort_of_answer_it_wants(question: str, sorts: set[Sort]) -> None:
    """By its interrogative and what stands with it, in both languages."""
    assert set(asked_for(question)) == sorts


@pytest.mark.parametrize(
    ("sort", "given", "not_given"),
    [
        (AMOUNT, "Hay 12 bombas.", "Hay bombas."),
        (SHARE, "Fue el 17 por ciento.", "Fueron 17 m³."),
        (MONEY, "Cuesta 300 €.", "Cuesta 300 horas."),
        (TIME, "Se entrega en marzo de 2031.", "Se entrega más adelante."),
        (TIME, "It comes on 3 May.", "It may come soon; teams march on."),
        (TIME, "Se arregla en otoño.", "Se apaga a las 22:00."),
        (AMOUNT, "Se apaga a las 22:00.", "Se apaga de noche."),
        (CAUSE, "Se debe a un rodamiento gastado.", "Se cambió el rodamiento gastado."),
        (CAUSE, "It shakes because a bearing is worn.", "It has shaken since Monday."),
        (CAUSE, "La causa es el rodamiento.", "Por este motivo se revisa cada mes."),
    ],
)
def test_a_sentence_gives_a_sort_or_does_not(sort: Sort, given: str, not_given: str) -> None:
    """A time is a date or a season, an hour an amount; a cause is said to be one: «por este motivo» tells what follows."""
    assert gives(sort, given)
    assert not gives(sort, not_given)


@pytest.mark.parametrize(
    "sentence",
    [
        "No la abra: no está autorizado.", "Nunca con la bomba en marcha.", "R: Salvo que lo pida el jefe de turno, cerrada.",
        "La potencia basta, pero se guarda un margen.", "- No abrir de noche.", "It must not be opened.", "Never by hand.",
        "However, the guard has to agree.", "Warning: hot surface.", "It opens only if the pump is off.",
    ],
)  # fmt: skip
def test_what_forbids_limits_or_warns(sentence: str) -> None:
    """In both languages, at the beginning of a sentence or within it."""
    assert forbids(sentence)


@pytest.mark.parametrize(
    "sentence", ["La compuerta se abre con la llave.", "¿No se puede abrir?", "The gate opens at six.", "El plano no existe."]
)
def test_what_does_not(sentence: str) -> None:
    """A statement, be it a negative one, and a question."""
    assert not forbids(sentence)
