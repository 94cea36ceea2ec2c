"""Lines that tell of a document, and sentences that only look like them."""

from __future__ import annotations

import pytest

from rag.extract import extract
from rag.ground import Measures, Read, Strength
from rag.metadata import asks_for_metadata, is_control, is_metadata
from rag.models import Hit
from rag.retrieve import Retrieved
from tests.answer_fixtures import passage


@pytest.mark.parametrize(
    ("sentence", "metadata"),
    [
        ("Date: 2025-01-30 · Author: C. Vidal, Energy Management", True),
        ("Fecha: 11 de mayo de 2018", True),
        ("**Fecha:** 3 de marzo\n**Autor:** R. Osés", True),
        ("Lugar: sala de control\nAsistentes: I. Larra (jefa), J. Bel", True),
        ("Responsable: C. Vidal\nReferencia: REG-1 rev. 2\nEste registro recoge lo que pide la ley.", True),
        ("Last reviewed on 15 September 2025 by Energy Management.", True),
        ("Código PR-7 rev. 2", True),
        ("Versión 3 (sustituye a la de 2029)", True),
        ("2. Descripción general de la nave (página 3)", True),
        ("4.1 Pressing ........ 12", True),
        ("2. La prensa se engrasa (véase la página 3) cada mes.", False),
        ("Revisión de la prensa cada seis meses.", False),
        ("Saving: 68,000 kWh a year", False),
        ("The date of the audit: May 2024, which was late.", False),
        ("", False),
    ],
)
def test_what_tells_only_of_its_document(sentence: str, metadata: bool) -> None:
    """Labels of authors, dates and the like with their values, and nothing else to speak of."""
    assert is_metadata(sentence) is metadata


def test_it_is_no_answer_unless_it_is_asked_for() -> None:
    """However alike it is to the question; who wrote something may be asked."""
    lines = ("Date: 2025-01-30 · Author: C. Vidal, Energy Management", "The office used 378,000 kWh of electricity in 2024.")
    hit = Hit(passage(" ".join(lines), language="en"), 0.8, 0.8, 0.0)
    found = Retrieved((hit,), (Read(hit, lines, (0.9, 0.3)),), Strength(Measures(0.8, 0.9, 1.0, 0.0, 1.0), 0.9, True))
    assert [one.text for one in extract("energy of the office", "en", found)] == [lines[1]]
    assert extract("Who wrote the review?", "en", found)[0].text.startswith(lines[0])
    alone = Retrieved((hit,), (Read(hit, lines[:1], (0.9,)),), found.strength)
    assert extract("energy", "en", alone) == []
    assert asks_for_metadata("¿quién asistió?")
    assert not asks_for_metadata("when will it be fixed?")


@pytest.mark.parametrize(
    ("names", "control"),
    [
        (("Rev.", "Fecha", "Motivo", "Redactado"), True),
        (("Version", "Date", "Prepared by"), True),
        (("Fecha", "Motivo"), False),
        (("Fecha", "Equipo", "Revisado", "Coste (€)"), False),
        (("", "Rev."), False),
    ],
)
def test_a_table_of_revisions(names: tuple[str, ...], control: bool) -> None:
    """By its columns, one of them on how the document was made; a log of dates and reasons is none."""
    assert is_control(names) is control
