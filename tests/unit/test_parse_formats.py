"""Each format beyond PDF, Word, Excel and web pages becomes blocks with their place; what cannot be read says why."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path, PurePath
from typing import Any

import odfdo
import pptx
import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Cm

from rag.errors import DocumentError
from rag.ingest.parse.formats import NOT_DOCUMENTS, PARSERS, load_all, parse
from rag.ports import Fetched, Item, Parsed
from tests.old_office import Cell, old_workbook
from tests.samples import SAMPLES, book, opendocument, saved, sheet, slide, zipped


def read(name: str, data: bytes, media_type: str = "") -> Parsed:
    """Parse a file as ingest does."""
    return parse(Fetched(Item(name, name, "1"), data, media_type))


def found(parsed: Parsed) -> list[tuple[tuple[str, ...], str]]:
    """Headings and text of each block."""
    return [(block.locator.headings, block.text) for block in parsed.blocks]


def texts(parsed: Parsed) -> list[str]:
    """The text of each block."""
    return [block.text for block in parsed.blocks]


def deck(write: Callable[[Any], None]) -> bytes:
    """The bytes of a presentation."""
    made = pptx.Presentation()
    made.core_properties.title = ""
    write(made)
    return saved(made)


def test_slides_in_reading_order() -> None:
    """Titles head, the page is the slide's number; lists, tables, chart data and notes follow; a hidden slide is not read."""

    def write(made: Any) -> None:
        first = made.slides.add_slide(made.slide_layouts[1])
        first.shapes.title.text = "Ahorro en bombeo"
        first.placeholders[1].text = "Variadores\nRodetes"
        first.notes_slide.notes_text_frame.text = "Ver contrato de 2023."
        hidden = made.slides.add_slide(made.slide_layouts[1])
        hidden.shapes.title.text = "Borrador secreto"
        hidden._element.set("show", "0")
        third = made.slides.add_slide(made.slide_layouts[6])
        low = third.shapes.add_textbox(Cm(1), Cm(15), Cm(5), Cm(1))
        low.text_frame.text = "abajo"
        third.shapes.add_textbox(Cm(-9), Cm(1), Cm(5), Cm(1)).text_frame.text = "fuera"
        third.shapes.add_textbox(Cm(9), Cm(1), Cm(5), Cm(1)).text_frame.text = "arriba, derecha"
        third.shapes.add_textbox(Cm(1), Cm(1), Cm(5), Cm(1)).text_frame.text = "arriba, izquierda"

    parsed = read("a.pptx", deck(write))
    assert parsed.title == "Ahorro en bombeo"
    assert [(block.locator.page, block.locator.headings, block.text) for block in parsed.blocks] == [
        (1, ("Ahorro en bombeo",), "- Variadores"),
        (1, ("Ahorro en bombeo",), "- Rodetes"),
        (1, ("Ahorro en bombeo",), "Ver contrato de 2023."),
        (3, (), "arriba, izquierda"),
        (3, (), "arriba, derecha"),
        (3, (), "abajo"),
    ]


def test_slide_tables_and_charts() -> None:
    """A cell merged over rows is told in each, over columns once; a chart gives the figures that it draws."""

    def write(made: Any) -> None:
        slide = made.slides.add_slide(made.slide_layouts[6])
        table = slide.shapes.add_table(3, 3, Cm(1), Cm(1), Cm(9), Cm(3)).table
        for place, text in enumerate(("Zona", "kWh", "", "Norte", "1", "2", "", "3", "4")):
            table.cell(place // 3, place % 3).text = text
        table.cell(0, 1).merge(table.cell(0, 2))
        table.cell(1, 0).merge(table.cell(2, 0))
        data = CategoryChartData()
        data.categories = ["2023", "2024"]
        data.add_series("MWh", (12.5, 11))
        slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Cm(1), Cm(9), Cm(9), Cm(5), data)

    blocks = read("a.pptx", deck(write)).blocks
    assert [(block.text, block.is_table) for block in blocks] == [
        ("Zona | kWh\nNorte | 1 | 2\nNorte | 3 | 4", True),
        (" | MWh\n2023 | 12.5\n2024 | 11", True),
    ]


def test_opendocument_text() -> None:
    """Headings, paragraphs, lists within lists and tables, in their order."""
    data = opendocument(
        "text", odfdo.Header(1, "Consignas"), odfdo.Paragraph("La presión es de 3,5 bar."), odfdo.Header(2, "Noche"),
        odfdo.List(["Bajar a 2 bar", "Parar la bomba 3"]), sheet([["Hora", "bar"], ["00:00", "2,0"]]),
    )  # fmt: skip
    parsed = read("a.odt", data)
    assert found(parsed) == [
        (("Consignas",), "La presión es de 3,5 bar."),
        (("Consignas", "Noche"), "- Bajar a 2 bar"),
        (("Consignas", "Noche"), "- Parar la bomba 3"),
        (("Consignas", "Noche"), "Hora | bar\n00:00 | 2,0"),
    ]
    assert parsed.title == "Consignas"


def test_opendocument_slides() -> None:
    """Each page of a presentation is a page; its title heads it."""
    blocks = read("a.odp", opendocument("presentation", slide("Bombas", "Texto"), slide("Luz", "Texto"))).blocks
    assert [(block.locator.page, block.locator.headings, block.text) for block in blocks] == [
        (1, ("Bombas",), "Texto"),
        (2, ("Luz",), "Texto"),
    ]


def test_opendocument_sheets() -> None:
    """Rows under their header, with the sheet's name and the rows' numbers."""
    blocks = read("a.ods", opendocument("spreadsheet", sheet([["Uso", "kWh"], ["Luz", 412.5], ["Agua", 3]]))).blocks
    assert [(block.text, block.locator.sheet, block.locator.rows) for block in blocks] == [
        ("Uso | kWh\nLuz | 412.5\nAgua | 3", "Consumos", (2, 3))
    ]


def test_old_excel_workbook() -> None:
    """The same for .xls: whole numbers without a decimal point, hidden sheets not read."""
    sheets: dict[str, list[list[Cell]]] = {
        "Consumos": [["Uso", "kWh"], ["Año", 2024.0], ["Luz", 412.5]],
        "Oculta": [["secreto", "x"]],
    }
    blocks = read("a.xls", old_workbook(sheets, frozenset({"Oculta"}))).blocks
    assert [(block.text, block.locator.sheet, block.locator.rows) for block in blocks] == [
        ("Uso | kWh\nAño | 2024\nLuz | 412.5", "Consumos", (2, 3))
    ]


@pytest.mark.parametrize("packed", [False, True])
def test_old_excel_shows_numbers_as_their_formats_do(packed: bool) -> None:
    """Percentages, units and thousands as a reader sees them, wherever on the sheet and however Excel packs the cells."""
    rows: list[list[Cell]] = [
        [],
        [None, "Uso", "Cuota", "Gasto"],
        [None, "Luz", (0.45, "0 %"), (12.5, '0.0 "kWh"')],
        [None, "Agua", (1.0, "0.0%"), (3.0, "0")],
    ]
    blocks = read("a.xls", old_workbook({"Otra": [["x", "y"], ["z", 0.45]], "Cuotas": rows}, packed=packed)).blocks
    assert [(block.text, block.locator.rows) for block in blocks] == [
        ("x | y\nz | 0.45", (2, 2)),
        ("Uso | Cuota | Gasto\nLuz | 45 % | 12.5 kWh\nAgua | 100 % | 3", (3, 4)),
    ]


def test_old_excel_with_broken_formats_is_read_without_them() -> None:
    """Values are what matters: records that cannot be made out cost the formats, not the sheet."""
    data = old_workbook({"Cuotas": [["Uso", "Cuota"], ["Luz", (0.45, "0 %")]]})
    format_text = "0 %".encode("utf-16-le")
    assert data.count(format_text) == 1
    broken = data.replace(format_text, b"\x00\xd8" + format_text[2:])  # half a character
    assert texts(read("a.xls", broken)) == ["Uso | Cuota\nLuz | 0.45"]


def test_what_is_called_xls() -> None:
    """Programs export web pages and tabbed text under that name."""
    page = b"<html><body><table><tr><td>Uso</td><td>kWh</td></tr><tr><td>Luz</td><td>3,5</td></tr></table></body></html>"
    assert texts(read("a.xls", page)) == ["Uso | kWh\nLuz | 3,5"]
    assert texts(read("a.xls", "Uso\tkWh\nLuz\t3,5\n".encode("utf-16"))) == ["Uso | kWh\nLuz | 3,5"]


def test_encrypted_opendocument() -> None:
    """A password is named, not the nonsense that the parts then are."""
    manifest = b"<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    for name in ("a.odt", "a.ods", "a.odp"):
        with pytest.raises(DocumentError, match="encrypted"):
            read(name, zipped({"content.xml": b"x7f", "META-INF/manifest.xml": manifest}))


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ('[{"uso": "luz", "kWh": 3.50}, {"uso": "agua", "kWh": null}]', [((), "uso | kWh\nluz | 3.50\nagua")]),
        ('{"title": "T", "ok": true, "horas": [1, 2]}', [((), "title: T\nok: true\nhoras: 1, 2")]),
        ('{"planta": {"nombre": "Norte", "bomba": {"kW": 7}}}', [(("planta",), "nombre: Norte"), (("planta", "bomba"), "kW: 7")]),
        ('[{"a": {"b": 1}}, "x"]', [(("1", "a"), "b: 1"), (("2",), "x")]),
    ],
)
def test_json(text: str, blocks: list[tuple[tuple[str, ...], str]]) -> None:
    """Alike objects are a table; all else is lines under the keys that lead to them; numbers stay as written."""
    assert found(read("a.json", text.encode())) == blocks


def test_broken_json() -> None:
    """What ends too early or is nested too deep is refused with a reason; an object a line is data, no document."""
    with pytest.raises(DocumentError, match="broken JSON"):
        read("a.json", b'{"a": 1}\n{"a"')
    with pytest.raises(DocumentError):
        read("a.jsonl", b'{"a": 1}\n{"a": 2}\n')
    with pytest.raises(DocumentError):
        read("a.json", b"[" * 100_000)


def test_book_in_the_order_of_its_spine() -> None:
    """Chapters as they are read, not as they are stored; title and date of the book."""
    parsed = read("a.epub", book({"dos": "<h1>Dos</h1><p>Después.</p>", "uno": "<h1>Uno</h1><ul><li>Antes</li></ul>"}))
    assert found(parsed) == [(("Uno",), "- Antes"), (("Dos",), "Después.")]
    assert (parsed.title, parsed.date) == ("Manual", date(2022, 4, 5))


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.doc", b"x", "save it as DOCX"),
        ("a.ppt", b"x", "save it as PPTX"),
        ("a.ods", b"x", "broken ODS"),
        ("a.docm", b"x", "save it as DOCX"),
        ("a.pptx", zipped({"x.txt": b"x"}), "not a PPTX"),
        ("a.odt", zipped({"x.txt": b"x"}), "not a OpenDocument|not an OpenDocument"),
        ("a.eml", b"just words", "not an e-mail"),
        ("a.msg", b"just words", "not an Outlook"),
        ("a.zip", b"PK\x03\x04rest", "broken ZIP"),
        ("a.epub", zipped({"x.txt": b"x"}), "not a"),
    ],
)
def test_reasons(name: str, data: bytes, reason: str) -> None:
    """What the owner of a file is told."""
    with pytest.raises(DocumentError, match=reason):
        read(name, data)


@pytest.mark.parametrize(
    ("name", "member"),
    [("a.odt", "content.xml"), ("a.odp", "content.xml"), ("a.pptx", "ppt/slides/slide1.xml"), ("a.epub", "O/p.opf")],
)
def test_entities_are_neither_fetched_nor_unfolded(name: str, member: str, tmp_path: Path) -> None:
    """No file of this machine is read through an external entity, and an XML bomb does not go off."""
    (tmp_path / "secret.txt").write_text("clave-de-la-caja")
    nested = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 20}">' for n in range(1, 9))
    dtd = f'<!DOCTYPE d [<!ENTITY f SYSTEM "file://{tmp_path}/secret.txt"><!ENTITY e0 "xxxxxxxxxx">{nested}]>'.encode()
    for entity in (b"&f;", b"&e8;"):
        with zipfile.ZipFile(io.BytesIO(SAMPLES[PurePath(name).suffix]())) as good:
            members = {one: good.read(one) for one in good.namelist()}
        head, mark, rest = members[member].rpartition(b"?>") if b"?>" in members[member][:60] else (b"", b"", members[member])
        members[member] = head + mark + dtd + rest.replace(b"Bombeo", entity).replace(b"Manual", entity)
        try:
            found_text = str(read(name, zipped(members)))
        except DocumentError as error:
            found_text = str(error)
        assert "clave" not in found_text
        assert len(found_text) < 10_000


def test_media_type_and_ending() -> None:
    """The media type decides, unless it is one that servers give to files of several kinds."""
    assert read("a", b"uno", "text/plain; charset=utf-8").blocks[0].text == "uno"
    assert read("a.csv", b"a;b\n1;2\n", "application/vnd.ms-excel").blocks[0].is_table
    assert read("a.md", b"# T\n\nuno", "text/plain").title == "T"
    assert not NOT_DOCUMENTS & set(PARSERS)


def test_every_parser_can_be_loaded() -> None:
    """Each ending's module and function exist."""
    load_all()
    assert {one.partition(":")[0] for one in PARSERS.values()} <= set(sys.modules)
