"""Sentences are verbatim slices, cut where a reader would cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.ingest.sentences import sentences

CASES = [
    ("El art. 3 obliga. Véase la Fig. 2 y la núm. 4.", ["El art. 3 obliga.", "Véase la Fig. 2 y la núm. 4."]),
    ("El Sr. García (p. ej. en la EDAR) firma. Fin.", ["El Sr. García (p. ej. en la EDAR) firma.", "Fin."]),
    ("Consume 1.234,5 kWh. ¿Por qué? ¡Revise!", ["Consume 1.234,5 kWh.", "¿Por qué?", "¡Revise!"]),
    ("According to J. Smith et al. it leaks. No. 5 runs. No. It stops.", None),
    ("Use 3.5 bar, e.g. at night. Then stop.", ["Use 3.5 bar, e.g. at night.", "Then stop."]),
    ("Riego, lavado, etc. El resto no.", ["Riego, lavado, etc.", "El resto no."]),
    ("Los usos son:\na) riego;\nb) lavado.\nNinguno más.", ["Los usos son:", "a) riego;", "b) lavado.", "Ninguno más."]),
    ("Uso | kWh\nBombeo | 3,5\nluz | 4", ["Uso | kWh", "Bombeo | 3,5", "luz | 4"]),
    ("Una frase que\nsigue en otra línea. Y otra.", ["Una frase que\nsigue en otra línea.", "Y otra."]),
    ("1. Objeto del plan. 2. Alcance.", ["1. Objeto del plan.", "2. Alcance."]),
    ("«Se paran dos.» Después arrancan.", ["«Se paran dos.»", "Después arrancan."]),
    ("Infraestructuras Valdemora, S.A. contrata. La EE. UU. no.", None),
    ("Según el artículo 3. Los demás quedan.", ["Según el artículo 3.", "Los demás quedan."]),
    ("Clase A. El consumo baja.", ["Clase A.", "El consumo baja."]),
    ("", []),
    ("  \n \n", []),
]


@pytest.mark.parametrize(("text", "expected"), [case for case in CASES if case[1] is not None])
def test_cuts_where_a_reader_would(text: str, expected: list[str]) -> None:
    """Abbreviations, decimals, list markers, table rows and wrapped lines, in both languages."""
    assert sentences(text) == expected


@pytest.mark.parametrize("text", [text for text, expected in CASES if expected is None])
def test_never_cuts_after_initials(text: str) -> None:
    """No piece ends in an initial or an acronym that its sentence goes on after."""
    assert not any(piece.endswith(("J.", "S.A.", "EE.")) for piece in sentences(text))


@given(st.text(alphabet=st.sampled_from("aAé1 .,:;!?¿«»()\n|-–•)\t"), max_size=200) | st.text(max_size=200))
def test_pieces_are_slices_in_order(text: str) -> None:
    """Whatever the text: every piece stands in it, in order, and nothing but white space is lost between them."""
    place, lost = 0, ""
    for piece in sentences(text):
        found = text.index(piece, place)
        lost += text[place:found]
        place = found + len(piece)
    assert not (lost + text[place:]).strip()


def test_a_row_is_one_piece() -> None:
    """A remark of two sentences in a cell does not end its row."""
    row = "2031-10-02 | Camino Hondo 2 | Rotura en el cruce. Reparada la tarde del día 1"
    assert sentences(f"{row}\n2031-11-03 | Plaza | Nada") == [row, "2031-11-03 | Plaza | Nada"]
