"""Each format beyond PDF, Word, Excel and web pages becomes blocks with their place; what cannot be read says why."""

from __future__ import annotations

import io
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
from rag.ingest.parse.formats import NOT_DOCUMENTS, PARSERS, parse
from rag.ports import Fetched, Item, Parsed
from tests.old_office import old_workbook, outlook_message
from tests.samples import SAMPLES, book, letter, opendocument, saved, sheet, slide, zipped


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
    sheets = {"Consumos": [["Uso", "kWh"], ["Año", 2024.0], ["Luz", 412.5]], "Oculta": [["secreto", "x"]]}
    blocks = read("a.xls", old_workbook(sheets, frozenset({"Oculta"}))).blocks
    assert [(block.text, block.locator.sheet, block.locator.rows) for block in blocks] == [
        ("Uso | kWh\nAño | 2024\nLuz | 412.5", "Consumos", (2, 3))
    ]


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


def test_outlook_message() -> None:
    """As other messages: head, text, attachments."""
    days = (date(2024, 3, 5) - date(1601, 1, 1)).days
    data = outlook_message(
        "Fuga", "Hola:\r\n\r\nHay una fuga.", "ana@example.com", ["planta@example.com"],
        {"notas.txt": "Válvula 3 rota.".encode(), "foto.png": b"x"}, sent=days * 864_000_000_000,
    )  # fmt: skip
    parsed = read("a.msg", data)
    assert (parsed.title, parsed.date) == ("Fuga", date(2024, 3, 5))
    assert found(parsed) == [
        (("Fuga",), "From: <ana@example.com>\nTo: planta@example.com\nDate: 2024-03-05 00:00"),
        (("Fuga",), "Hola:"),
        (("Fuga",), "Hay una fuga."),
        (("notas.txt",), "Válvula 3 rota."),
    ]


def test_message_with_attachments() -> None:
    """Who, to whom and when, the text, then each attachment under its name; one that cannot be read is named."""
    inner = letter({"informe.csv": b"uso;kWh\nluz;3,5\n"})
    inner.replace_header("Subject", "Informe")
    message = letter({"notas.txt": "Válvula 3 rota.".encode(), "plano.dwg": b"x", "viejo.doc": b"x"})
    message.add_attachment(inner)
    parsed = read("a.eml", message.as_bytes())
    subject = "Fuga en el depósito"
    assert (parsed.title, parsed.date) == (subject, date(2024, 3, 5))
    blocks = found(parsed)
    assert blocks[0][1].startswith("From: Ana Núñez <ana@example.com>\nTo: planta@example.com\nDate: Tue, 05 Mar 2024")
    assert blocks[1:4] == [
        ((subject,), "Hola:"),
        ((subject,), "Hay una fuga de 3 m³/h."),
        (("notas.txt",), "Válvula 3 rota."),
    ]
    assert blocks[-1] == (("Informe.eml", "informe.csv"), "uso | kWh\nluz | 3,5")
    assert parsed.notes == ("viejo.doc: old binary Word file: save it as DOCX",)


def test_message_in_html_only() -> None:
    """Its words, without markup, scripts and what its reader does not see."""
    message = letter({})
    unseen = '<div style="DISPLAY : none">secreto</div><p hidden>secreto</p><script>x()</script>'
    message.set_content(f"<h2>Caudal</h2>{unseen}<p>Es de <b>38</b> m³/h.</p>", subtype="html")
    assert found(read("a.eml", message.as_bytes()))[1:] == [(("Fuga en el depósito", "Caudal"), "Es de 38 m³/h.")]


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", "no-such-thing"])
def test_message_encodings(charset: str) -> None:
    """Encoded subjects and bodies are read; one whose encoding does not exist is read as what it looks like."""
    head = f"From: a@b.c\nSubject: =?utf-8?q?Le=C3=B3n?=\nDate: nonsense\nContent-Type: text/plain; charset={charset}\n"
    parsed = read("a.eml", f"{head}Content-Transfer-Encoding: quoted-printable\n\nUna v=E1lvula.\n".encode())
    assert (parsed.title, parsed.date, parsed.blocks[-1].text) == ("León", None, "Una válvula.")


def test_archive_members_under_their_names() -> None:
    """Each document by its parser; pictures, code and hidden files are passed over; names are only names."""
    data = zipped({"../../b.txt": b"Dos.", "a/x.md": b"# T\n\nUno.", "a/f.png": b"x", "__MACOSX/x.txt": b"x", "c.xyz": b"x"})
    parsed = read("a.zip", data)
    assert found(parsed) == [(("../../b.txt",), "Dos."), (("a/x.md", "T"), "Uno.")]
    assert parsed.notes == ("c.xyz: no parser for .xyz",)


def test_archives_in_archives_end() -> None:
    """Two deep is read, three deep is not; a bomb and an encrypted member say so."""
    two = zipped({"b.zip": zipped({"c.txt": b"hondo"})})
    assert found(read("a.zip", two)) == [(("b.zip", "c.txt"), "hondo")]
    with pytest.raises(DocumentError, match="more than 2 deep"):
        read("a.zip", zipped({"a.zip": two}))
    with pytest.raises(DocumentError, match="bomb"):
        read("a.zip", zipped({"a.txt": b"0" * 60_000_000}))
    locked = bytearray(zipped({"a.txt": b"x" * 9}))
    locked[6] |= 1  # the flag in the member's own header
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(DocumentError, match="encrypted"):
        read("a.zip", bytes(locked))


def test_many_members_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The budget of files is one for all that a document holds."""
    inner = zipped({f"{n}.txt": b"x" for n in range(600)})
    parsed = read("a.zip", zipped({"a.zip": inner, "b.zip": inner}))
    assert any("more than 1000 files" in note for note in parsed.notes)
    assert len(parsed.blocks) < 1000


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
