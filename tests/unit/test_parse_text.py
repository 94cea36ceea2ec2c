"""Markdown, plain text and their encodings become blocks with the words of the source and their place in it."""

from __future__ import annotations

from datetime import date

import pytest

from rag.errors import DocumentError
from rag.ingest.parse.decode import decode
from rag.ingest.parse.markdown import parse_markdown
from rag.ingest.parse.plain import parse_plain

LAW = """---
title: "Real Decreto 56/2016"
last_updated: "2021-06-02"
license: BOE
---
# Real Decreto 56/2016

Preámbulo con **negrita** y un [enlace](https://example.com/x).

### CAPÍTULO I. Disposiciones

##### Artículo 3. Alcance.

1. Primer apartado.
2. Segundo apartado,
que sigue.

* Un punto
* Otro *punto*

### CAPÍTULO II. Sanciones

Texto suelto.

ANEXO I

# CALIDAD REQUERIDA

| Uso | Límite |
|---|---|
| Riego | 10 |
| Lavado | 20 |
"""


def test_markdown_keeps_place_and_words() -> None:
    """Front matter, heading path, articles, list numbers and tables, with the markup gone."""
    parsed = parse_markdown(LAW.encode(), "ley.md")
    assert (parsed.title, parsed.date, parsed.licence) == ("Real Decreto 56/2016", date(2021, 6, 2), "BOE")
    found = [(block.locator.article, block.locator.headings[-1], block.text) for block in parsed.blocks]
    assert found == [
        (None, "Real Decreto 56/2016", "Preámbulo con negrita y un enlace."),
        ("Artículo 3", "Artículo 3. Alcance.", "1. Primer apartado."),
        ("Artículo 3", "Artículo 3. Alcance.", "2. Segundo apartado, que sigue."),
        ("Artículo 3", "Artículo 3. Alcance.", "* Un punto"),
        ("Artículo 3", "Artículo 3. Alcance.", "* Otro punto"),
        (None, "CAPÍTULO II. Sanciones", "Texto suelto."),
        ("Anexo I", "CALIDAD REQUERIDA", "Uso | Límite\nRiego | 10\nLavado | 20"),
    ]
    assert parsed.blocks[1].locator.headings == ("Real Decreto 56/2016", "CAPÍTULO I. Disposiciones", "Artículo 3. Alcance.")
    assert parsed.blocks[-1].is_table


def test_markdown_without_front_matter() -> None:
    """The first heading is the title, a line near the top the date; rules and broken front matter do no harm."""
    parsed = parse_markdown(b"# Acta\n\nFecha: 5 de mayo de 2025\nLugar: sala\n\n---\n\nFin.", "acta.md")
    assert (parsed.title, parsed.date) == ("Acta", date(2025, 5, 5))
    assert parsed.blocks[0].text == "Fecha: 5 de mayo de 2025\nLugar: sala"
    assert parse_markdown(b"---\n{: bad\n---\nTexto", "x.md").blocks[-1].text.endswith("Texto")


def test_markdown_html_is_text_without_scripts() -> None:
    """Raw HTML gives its words only."""
    parsed = parse_markdown(b"<div>Visible<script>alert(1)</script></div>\n\n<!-- oculto -->\n\nFin", "x.md")
    assert [block.text for block in parsed.blocks] == ["Visible", "Fin"]


def test_plain_text_headings_and_items() -> None:
    """Shouted, numbered and underlined lines head; wrapped lines join; items and fields stand alone."""
    text = "INFORME DE FUGAS\n\nFecha: 24/01/2025\nAutor: X\n\n1. Causa\n\nUna válvula\nrota.\n- uno\n- dos\n\nNotas\n=====\nFin."
    parsed = parse_plain(text.encode(), "i.txt")
    assert (parsed.title, parsed.date) == ("INFORME DE FUGAS", date(2025, 1, 24))
    found = [(block.locator.headings[-1], block.text) for block in parsed.blocks]
    assert found == [
        ("INFORME DE FUGAS", "Fecha: 24/01/2025"),
        ("INFORME DE FUGAS", "Autor: X"),
        ("1. Causa", "Una válvula rota."),
        ("1. Causa", "- uno"),
        ("1. Causa", "- dos"),
        ("Notas", "Fin."),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"])
def test_decodes_what_companies_have(encoding: str) -> None:
    """Each encoding, with and without its mark, gives the same text."""
    text = "Presión máxima: 3,5 bar · ¿y de noche?\nAño 2024, caudal 12 m³/h"
    assert decode(text.replace("\n", "\r\n").encode(encoding)) == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Más energía según el año\n".encode() * 3 + b"\xff", "Más energía según el año\n" * 3 + "\ufffd"),
        ("Más energía según el añ".encode()[:-1], "Más energía según el a\ufffd"),
        ("Más energía según el año. ".encode() + "Revisión".encode("cp1252"), "Más energía según el año. Revisión"),
        ("Estación n.º 1, cañería, válvula".encode("cp850"), "Estación n.º 1, cañería, válvula"),
    ],
    ids=["stray", "cut", "joined", "dos"],
)
def test_one_wrong_byte_does_not_spoil_a_file(data: bytes, text: str) -> None:
    """A file that is UTF-8 but for a byte stays UTF-8; letters of Windows-1252 in it, and DOS's files, are read as they are."""
    assert decode(data) == text


@pytest.mark.parametrize("data", [b"MZ\x90\x00\x03\x00\x00\x00abc", bytes(range(32)) * 20, b"\xff\xfe\x00\xd8x", b"abc\x00def"])
def test_refuses_binary_junk(data: bytes) -> None:
    """Bytes that are no text are refused with a reason, never indexed."""
    with pytest.raises(DocumentError, match="text"):
        decode(data)


def test_html_within_markdown() -> None:
    """A table in HTML is a table, an empty line in it or not; marks are raised, hidden and struck-out words left out."""
    text = (
        "# Equipos\n\n<table><tr><th>Equipo</th><th>kW</th></tr>\n\n<tr><td>Bomba CR-2</td><td>350</td></tr>\n</table>\n\n"
        '<div style="display:none">SECRETO</div>\n\n'
        "Fueron 182<sup>1</sup> MWh, 10<sup>6</sup> W y <del>SECRETO</del> 9 kWh[^1].\n"
    )
    assert [block.text for block in parse_markdown(text.encode(), "x.md").blocks] == [
        "Equipo | kW\nBomba CR-2 | 350",
        "Fueron 182¹ MWh, 10⁶ W y 9 kWh¹.",
    ]


def test_invisible_characters_go() -> None:
    """Zero-width and direction marks cannot hide or reorder words of a passage."""
    parsed = parse_plain("Pa\u200bgar\u202e 10\u00adkW\ufeff".encode(), "x.txt")
    assert parsed.blocks[0].text == "Pagar 10kW"
