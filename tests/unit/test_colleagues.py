"""rag.colleagues: what people tell each other of their doings is theirs; whatever might be asked of the adviser is not."""

from __future__ import annotations

import pytest

from rag.colleagues import among_people


@pytest.mark.parametrize(
    "said",
    [
        "sí, ahora voy", "Luis, ¿puedes venir a las 12?", "ya lo miro yo", "te llamo luego", "vale, me pongo con ello",
        "lo mando hoy", "¿quedamos mañana a las 10?", "¿puedes llamarme, Ana?", "on my way", "I'll call you later",
        "Anna, can you join us at 3?", "I will look into it tomorrow", "brb", "nos vamos", "gracias, ahora te llamo",
    ],
)  # fmt: skip
def test_what_people_tell_each_other(said: str) -> None:
    """Whoever comes, calls or sends; a name before or behind it."""
    assert among_people(said)


@pytest.mark.parametrize(
    "said",
    [
        "¿y la tercera?", "no, en mayo", "sí", "no", "vale", "¿puedes ver la de mayo?", "¿puedes decirme el consumo?",
        "llama a Marta", "¿y en la oficina?", "can you tell me the price?", "how much will it be?", "what are they?",
        "¿cómo vamos de consumo?", "¿vamos bien?", "acepto la 1", "te paso la factura de mayo", "lo que dice el manual",
        "are you sure?", "¿puedes?", "explain it", "¿qué hacemos hoy?", "¿podemos bajar la de la noche?", "drop 2",
        "send it to me", "¿me lo pasas?", "hazlo", "do it", "Oficina, marzo", "", "¿?", "12",
    ],
)  # fmt: skip
def test_what_may_be_for_the_adviser(said: str) -> None:
    """A follow-up, an answer to a question of ours, a request."""
    assert not among_people(said)
