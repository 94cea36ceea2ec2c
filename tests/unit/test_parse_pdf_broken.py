"""A sentence that a page's end breaks off is one, on the page where it begins; what only stands next is not taken for it."""

from __future__ import annotations

from io import BytesIO

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from rag.ingest.parse.pdf import parse_pdf

FULL = (
    "El depósito alto se llena de noche con dos bombas y alimenta la red durante todo el día siguiente.",
    "La planta consume agua potable en el riego, en la limpieza de los tamices y en la preparación de",
)


def read(*pages: tuple[str, ...], size: float = 10) -> list[tuple[int | None, str]]:
    """Page and text of each block of a PDF with these lines; each page begins with the same running header."""
    held = BytesIO()
    canvas = Canvas(held, pagesize=A4)
    for number, lines in enumerate(pages):
        canvas.setFont("Helvetica", 7)
        canvas.drawString(60, 815, "Auditoría de la planta")
        canvas.setFont("Helvetica", size if number else 10)
        for down, line in enumerate(lines):
            canvas.drawString(60, 760 - 14 * down, line)
        canvas.showPage()
    canvas.save()
    return [(block.locator.page, block.text) for block in parse_pdf(held.getvalue(), "auditoria.pdf").blocks]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("que podrían sustituirse por agua depurada. A 0,58 euros por metro cúbico, el ahorro es de", "18.000 euros al año."),
        ("que podrían sustituirse por agua depurada, y así lo propone desde hace años el informe del", "Comité de Dirección."),
        ("que podrían sustituirse por agua depurada. Quien lo quiera consultar tiene los cálculos enteros", "en el anejo 3."),
        ("que podrían sustituirse por agua depurada y desinfectada, siempre que antes se instale un fil-", "tro de anillas."),
    ],
)
def test_a_sentence_goes_on_over_the_page(before: str, after: str) -> None:
    """Before a number, after a word that ends no sentence, in small letters, within a word; what follows stays on its page."""
    rest = "La instalación se revisa cada seis meses."
    found = read((*FULL, before), (f"{after} {rest}", "Otra línea del mismo párrafo, que termina aquí."))
    whole = f"{before.removesuffix('fil-')}filtro de anillas." if before.endswith("fil-") else f"{before} {after}"
    assert found[0] == (1, " ".join((*FULL, whole)))
    assert found[1] == (2, f"{rest} Otra línea del mismo párrafo, que termina aquí.")


def test_a_sentence_over_three_pages() -> None:
    """All of it stands where it began."""
    middle = "soplantes, que se paran por turnos según la temperatura del agua y según la carga que entra, y"
    found = read((*FULL,), (middle,), ("de las bombas.", "Fin."))
    assert found[0] == (1, " ".join((*FULL, middle, "de las bombas.")))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("que podrían sustituirse por agua depurada, filtrada y desinfectada en el canal de la salida.", "18.000 euros al año."),
        ("que podrían sustituirse por agua depurada, filtrada y desinfectada en el canal de la salida", "- bomba de repuesto"),
        ("que podrían sustituirse por agua depurada, filtrada y desinfectada en el canal de la salida", "3. Otra cosa."),
        ("que podrían sustituirse por agua depurada, filtrada y desinfectada en el canal de la salida", "Los tamices son dos."),
        ("Fin del informe", "18 de mayo de 2024."),
    ],
)
def test_what_begins_anew_is_not_taken_for_the_rest(before: str, after: str) -> None:
    """After a full stop, a list item, a number of a clause, a capital; after a line that ended early."""
    found = read((*FULL, before), (after, "Otra línea de la segunda página, que termina aquí."))
    assert found[0] == (1, " ".join((*FULL, before)))
    assert found[1][0] == 2
    assert found[1][1].startswith(after)


def test_letters_of_another_size_are_another_text() -> None:
    """A note in small type at the top of a page is no rest of the text before it."""
    before = "que podrían sustituirse por agua depurada. A 0,58 euros por metro cúbico, el ahorro es de"
    found = read((*FULL, before), ("18.000 euros al año, según la nota.", "Segunda línea de la nota."), size=7.5)
    assert found[0] == (1, " ".join((*FULL, before)))
