"""The short forms of a chat are written out, and nothing else is touched."""

from __future__ import annotations

import pytest

from rag.short_forms import written_out


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("en q hora gasta mas la edar", "en que hora gasta mas la edar"),
        ("q dijo la prueba?", "que dijo la prueba?"),
        ("xq subió?", "por qué subió?"),
        ("y tb la oficina", "y también la oficina"),
        ("no se hace porq es caro", "no se hace porque es caro"),
    ],
)
def test_short_forms(said: str, expected: str) -> None:
    """Before a word or at an end."""
    assert written_out(said) == expected


@pytest.mark.parametrize(
    "said", ["Q = 5 m3/h", "el caudal q = 3", "q. e. d.", "Plan Q de la red", "Prueba de Q 2", "acepta R3", ""]
)
def test_symbols_and_names_stay(said: str) -> None:
    """A flow's symbol, a capital, an abbreviation."""
    assert written_out(said) == said
