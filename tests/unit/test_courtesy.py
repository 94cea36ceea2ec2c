"""rag.courtesy: what asks nothing."""

from __future__ import annotations

import pytest

from rag.courtesy import courtesy


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("gracias", "nod"), ("Muchas gracias, muy amable", "nod"), ("Thanks a lot!", "nod"), ("👍", "nod"),
        (":+1::skin-tone-3:", "nod"), ("jajaja", "nod"), ("ajajaj", "nod"), ("hahaha", "nod"), ("ok, perfecto", "nod"),
        ("Hola, buenos días", "greeting"), ("Hi!", "greeting"),
        ("gracias, Luis", "nod"), ("¡Muchas gracias, Luis!", "nod"), ("thanks all", "nod"), ("hola equipo", "greeting"),
        ("gracias, EDAR Norte", ""), ("vale Norte", ""),
        ("", ""), ("¿?", ""), ("ok?", ""), ("gracias, y la oficina", ""), ("ok, recomienda agua", ""),
        ("hola, cuánto gasta el pozo 3", ""),
        ("a las 16:30:15", ""), ("Jaén", ""), ("sí", ""), ("no", ""), ("2", ""),
    ],
)  # fmt: skip
def test_courtesy(said: str, kind: str) -> None:
    """Only where nothing is left that may ask, answer or name something."""
    assert courtesy(said) == kind
