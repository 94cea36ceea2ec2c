"""What a law's headings and a document's first lines tell: the article, the date."""

from __future__ import annotations

from datetime import date

import pytest

from rag.ingest.articles import article_of, is_division, opens_article
from rag.ingest.dates import parse_date, pdf_date, stated_date


@pytest.mark.parametrize(
    ("heading", "article"),
    [
        ("Artículo 3. Alcance de la exigencia", "Artículo 3"), ("Artículo 4 bis. Requisitos", "Artículo 4 bis"),
        ("ARTÍCULO 12.- Penalizaciones", "Artículo 12"), ("Artículo único. Aprobación.", "Artículo único"),
        ("Disposición adicional primera. Auditorías", "Disposición adicional primera"),
        ("Disposición final vigésima primera. Entrada", "Disposición final vigésima primera"),
        ("DISPOSICIÓN DEROGATORIA ÚNICA", "Disposición derogatoria única"),
        ("ANEXO I.A: CRITERIOS DE CALIDAD", "Anexo I.A"), ("Anexo II", "Anexo II"), ("Article 5. Scope", "Article 5"),
        ("Anexo a la memoria de cálculo", None), ("Articulación de medidas", None), ("2. Definiciones", None), ("", None),
    ],
)  # fmt: skip
def test_article_of_a_heading(heading: str, article: str | None) -> None:
    """Articles, provisions and annexes are named as a reader cites them; other headings are not."""
    assert article_of(heading) == article


@pytest.mark.parametrize(
    "line",
    [
        "Artículo 3 de la Ley 38/2003, de 17 de noviembre",
        "anexo II.",
        "Artículo 7. Obligaciones ........... 12",
        "artículo 5. Los",
    ],
)
def test_references_open_no_article(line: str) -> None:
    """A wrapped sentence or a line of the contents that begins with an article's name does not open it."""
    assert opens_article(line) is None


def test_divisions() -> None:
    """Chapters end an article; a title with such a word in it does not."""
    assert is_division("CAPÍTULO II. Auditorías")
    assert not is_division("Capital necesario")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Fecha: 12/03/2024", date(2024, 3, 12)), ("Fecha: 27 de marzo de 2025 Lugar: sala", date(2025, 3, 27)),
        ("Revisión 3 de 05/11/2023", date(2023, 11, 5)), ("Date: 4 March 2024", date(2024, 3, 4)),
        ("Version 2, March 12, 2024", date(2024, 3, 12)), ("Updated: 2024-02-29", date(2024, 2, 29)),
        ("El contrato vence el 31/12/2026", None), ("Fecha: 31/02/2024", None), ("Fecha: pendiente", None),
    ],
)  # fmt: skip
def test_stated_dates(line: str, expected: date | None) -> None:
    """Only a line that says so dates a document; impossible dates are none."""
    assert stated_date([line]) == expected


def test_other_dates() -> None:
    """YAML's own dates, PDF metadata, and what is no date."""
    assert parse_date(date(2024, 1, 2)) == date(2024, 1, 2)
    assert pdf_date("D:20210629204820+01'00'") == date(2021, 6, 29)
    assert parse_date(20240102) is None
    assert pdf_date("ayer") is None
