"""What a PDF draws is read as it is seen: covered words, raised figures, filled-in fields, turned pages, stamps on scans."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

from rag.analyse import terms
from rag.errors import DocumentError
from rag.ingest.parse.pdf import parse_pdf
from rag.numerals import numerals, unsupported
from rag.ports import Parsed
from tests.unit.test_parse_scans import picture

WIDTH, HEIGHT = A4
VISIBLE = "Informe de la planta: el consumo medio fue de 182 kWh por hora."
SECRET = "Sueldo del director: 98.000 euros al año según contrato."
ROWS = (("Equipo", "Potencia kW", "Horas"), ("Bomba B-201", "30", "4000"), ("Soplante S-401", "75", "8760"))


def read(*pages: Callable[[Canvas], None]) -> Parsed:
    """Parse a PDF with these pages."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    for draw in pages:
        canvas.setFont("Helvetica", 11)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return parse_pdf(out.getvalue(), "x.pdf")


def texts(parsed: Parsed) -> list[str]:
    """The text of each block."""
    return [block.text for block in parsed.blocks]


def rows(canvas: Canvas, left: float, top: float) -> None:
    """Draw a table without lines."""
    for number, row in enumerate(ROWS):
        for column, text in enumerate(row):
            canvas.drawString(left + 150 * column, top - 20 * number, text)


TABLE = "\n".join(" | ".join(row) for row in ROWS)


def box(canvas: Canvas, grey: float) -> None:
    """A filled box over the secret."""
    canvas.setFillGray(grey)
    canvas.rect(70, 676, 420, 14, fill=1, stroke=0)


def black(canvas: Canvas) -> None:
    """A redaction."""
    box(canvas, 0)


def white(canvas: Canvas) -> None:
    """What was blanked out."""
    box(canvas, 1)


def photo(canvas: Canvas) -> None:
    """A picture laid over the words."""
    canvas.drawImage(ImageReader(Image.effect_noise((400, 40), 90)), 70, 672, 420, 22)


@pytest.mark.parametrize("cover", [black, white, photo])
def test_covered_words_are_no_evidence(cover: Callable[[Canvas], None]) -> None:
    """Words under a box or a picture that was drawn over them are left out; what is written on it is read."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 700, VISIBLE)
        canvas.drawString(72, 680, SECRET)
        cover(canvas)
        canvas.setFillGray(0)
        canvas.drawString(72, 660, "Fin.")

    parsed = read(draw)
    assert texts(parsed) == [VISIBLE, "Fin."]
    assert parsed.notes == ("page 1: hidden text left out",)


def test_what_is_written_on_a_cover_does_not_show_the_words_below() -> None:
    """A correction has its new words in the place of the old ones."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 700, VISIBLE)
        canvas.drawString(72, 680, SECRET)
        box(canvas, 1)
        canvas.setFillGray(0)
        canvas.drawString(72, 680, "Corregido: el director no cobra.")

    assert texts(read(draw)) == [VISIBLE, "Corregido: el director no cobra."]


def test_what_only_lies_over_words_hides_none() -> None:
    """A table's ground, a marker's stroke, a seal with a clear ground and a frame leave their words in sight."""
    seal = Image.new("RGBA", (200, 200), (0, 0, 0, 0))

    def draw(canvas: Canvas) -> None:
        canvas.setFillGray(0.9)
        canvas.rect(60, 690, 400, 20, fill=1, stroke=0)
        canvas.setFillGray(0)
        canvas.drawString(72, 700, VISIBLE)
        canvas.setFillColorRGB(1, 1, 0, alpha=0.4)
        canvas.rect(70, 696, 300, 14, fill=1, stroke=0)
        canvas.drawImage(ImageReader(seal), 60, 600, 400, 200, mask="auto")
        canvas.rect(50, 50, 500, 750, fill=0, stroke=1)

    parsed = read(draw)
    assert (texts(parsed), parsed.notes) == ([VISIBLE], ())


def test_words_under_the_picture_of_a_scan_are_its_ocr() -> None:
    """Words that were drawn before the page-size picture over them stay, with a stamp at the foot as without."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 600, VISIBLE)
        canvas.drawImage(ImageReader(picture("x")), 0, 0, WIDTH, HEIGHT)
        canvas.drawString(72, 20, "Firmado electrónicamente el 12/03/2024")

    parsed = read(draw)
    assert (texts(parsed)[0], parsed.notes) == (VISIBLE, ())


def test_layers_that_are_switched_off_are_no_evidence() -> None:
    """Text of a layer that no reader sees is left out, that of one which is on is read."""
    data = b"""%PDF-1.5
1 0 obj<</Type/Catalog/Pages 2 0 R/OCProperties<</OCGs[6 0 R 7 0 R]/D<</OFF[6 0 R]/Order[6 0 R 7 0 R]>>>>>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R
/Resources<</Font<</F1 5 0 R>>/Properties<</L1 6 0 R/L2 7 0 R>>>>>>endobj
4 0 obj<</Length 210>>stream
/OC /L2 BDC BT /F1 11 Tf 72 700 Td (El consumo visible fue de 182 kWh por hora en marzo.) Tj ET EMC
/OC /L1 BDC BT /F1 11 Tf 72 600 Td (Capa oculta: el consumo fue de 999 kWh por hora.) Tj ET EMC
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
6 0 obj<</Type/OCG/Name(Oculta)>>endobj
7 0 obj<</Type/OCG/Name(Visible)>>endobj
trailer<</Root 1 0 R>>
"""
    parsed = parse_pdf(data, "x.pdf")
    assert texts(parsed) == ["El consumo visible fue de 182 kWh por hora en marzo."]
    assert parsed.notes == ("page 1: hidden text left out",)


def test_raised_figures_stay_apart_from_the_number() -> None:
    """Footnote marks and powers are superscripts: neither search nor a check of numbers reads them into the number."""
    out, style = io.BytesIO(), getSampleStyleSheet()["Normal"]
    marked = (
        "El consumo fue de 182<super>1</super> MWh y de 1.450<super>(2)</super> MWh, 10<super>-6</super> de 2,5 m<sub>2</sub>."
    )
    table = Table([["Año", "kWh"], ["2022", Paragraph("1.234<super>1</super>", style)], ["2023", "1.300"]])
    SimpleDocTemplate(out).build([Paragraph(marked, style), table])
    text, cells = texts(parse_pdf(out.getvalue(), "x.pdf"))
    assert text == "El consumo fue de 182¹ MWh y de 1.450⁽²⁾ MWh, 10⁻⁶ de 2,5 m2."
    assert cells == "Año | kWh\n2022 | 1.234¹\n2023 | 1.300"
    assert numerals(text)[:2] == ["182", "1.450"]
    assert unsupported("Fue de 182 MWh.", "es", text, "es") == []
    assert unsupported("Fue de 1821 MWh.", "es", text, "es") == ["1821"]
    assert "182" in terms(text)
    assert "1821" not in terms(text)


def test_filled_in_fields_stand_with_their_labels() -> None:
    """The values of a form are read, each next to what it was filled in for."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "Ficha de inspección de la bomba B-201, formulario de 2024.")
        canvas.drawString(72, 680, "Presión medida (bar):")
        canvas.drawString(72, 650, "Observaciones:")
        canvas.acroForm.textfield(name="presion", value="6,4", x=220, y=674, width=80, height=18)
        canvas.acroForm.textfield(name="obs", value="Fuga en el sello mecánico", x=220, y=644, width=280, height=18)

    assert texts(read(draw))[1:] == ["Presión medida (bar): | 6,4\nObservaciones: | Fuga en el sello mecánico"]


def test_notes_and_boxes_that_were_added_are_part_of_the_page() -> None:
    """What somebody typed on a page is read; what a box was put over is not, though its words are still in the file."""
    data = b"""%PDF-1.5
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>
/Annots[6 0 R 8 0 R]>>endobj
4 0 obj<</Length 140>>stream
BT /F1 11 Tf 72 700 Td (El consumo de la planta fue de 182 kWh por hora.) Tj ET
BT /F1 11 Tf 72 600 Td (Tapado: el sueldo es secreto.) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
6 0 obj<</Type/Annot/Subtype/Square/Rect[70 595 400 615]/F 4/IC[0 0 0]/AP<</N 7 0 R>>>>endobj
7 0 obj<</Type/XObject/Subtype/Form/BBox[70 595 400 615]/Length 30>>stream
0 g 70 595 330 20 re f
endstream endobj
8 0 obj<</Type/Annot/Subtype/FreeText/Rect[70 500 400 520]/F 4/Contents(Nota)/DA(/Helv 11 Tf 0 g)/AP<</N 10 0 R>>>>endobj
10 0 obj<</Type/XObject/Subtype/Form/BBox[70 500 400 520]/Resources<</Font<</F1 5 0 R>>>>/Length 60>>stream
BT /F1 11 Tf 72 505 Td (Nota escrita sobre el PDF.) Tj ET
endstream endobj
trailer<</Root 1 0 R>>
"""
    parsed = parse_pdf(data, "x.pdf")
    assert texts(parsed) == ["El consumo de la planta fue de 182 kWh por hora.", "Nota escrita sobre el PDF."]
    assert parsed.notes == ("page 1: hidden text left out",)


def test_turned_pages_and_tables_are_read_upright() -> None:
    """A table on a landscape page, and one that is turned on an upright page; an axis' label is no text."""

    def landscape(canvas: Canvas) -> None:
        canvas.setPageRotation(90)
        canvas.translate(WIDTH, 0)
        canvas.rotate(90)
        rows(canvas, 72, 400)

    def sideways(canvas: Canvas) -> None:
        canvas.setPageRotation(0)
        canvas.drawString(72, 60, VISIBLE)
        canvas.drawString(72, 45, f"En 2024: {VISIBLE}")
        canvas.translate(WIDTH, 0)
        canvas.rotate(90)
        rows(canvas, 100, 300)

    def chart(canvas: Canvas) -> None:
        canvas.drawString(72, 600, VISIBLE)
        canvas.rotate(90)
        canvas.drawString(300, -200, "Consumo (kWh)")

    found = [(block.locator.page, block.text) for block in read(landscape, sideways, chart).blocks]
    assert [found[0], *found[-2:]] == [(1, TABLE), (2, TABLE), (3, VISIBLE)]
    assert all(text.count("|") == 0 for _, text in found[1:-2])


def stamped(canvas: Canvas) -> None:
    """A scan with the stamp of an electronic signature."""
    canvas.drawImage(ImageReader(picture("El contrato fija 420 kW")), 0, 0, WIDTH, HEIGHT)
    canvas.drawString(40, 20, "Firmado electrónicamente por ANA PÉREZ. CSV: 8F3A-22B1 Verificable en sede.aguas.es")
    canvas.rotate(90)
    canvas.drawString(100, -20, "Documento firmado en la sede electrónica de la entidad")


def strips(canvas: Canvas) -> None:
    """A scan of four pictures."""
    for number in range(4):
        part = picture("El contrato fija 420 kW").crop((0, 438 * number, 1240, 438 * number + 438))
        canvas.drawImage(ImageReader(part), 0, HEIGHT * (3 - number) / 4, WIDTH, HEIGHT / 4)
    canvas.drawString(40, 20, "Página 1")


def half(canvas: Canvas) -> None:
    """A scan of half a page."""
    canvas.drawImage(ImageReader(picture("El contrato fija 420 kW")), 0, HEIGHT / 2, WIDTH, HEIGHT / 2)


@pytest.mark.parametrize("scan", [stamped, strips, half])
def test_scans_are_told_by_what_their_words_leave_out(scan: Callable[[Canvas], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Signature stamps, strips and half pages: recognised where that can be, else named; never their stamp alone."""
    monkeypatch.setattr("rag.ingest.parse.pdf_pages.recognise", lambda page: ["El contrato fija 420 kW."])
    parsed = read(scan)
    assert texts(parsed) == ["El contrato fija 420 kW."]
    assert parsed.blocks[0].locator.headings == ("OCR",)

    def missing(page: object) -> list[str]:
        raise DocumentError("needs OCR")

    monkeypatch.setattr("rag.ingest.parse.pdf_pages.recognise", missing)
    with pytest.raises(DocumentError, match="page 1: scanned: needs OCR"):
        read(scan)
    with_text = read(lambda canvas: canvas.drawString(72, 400, VISIBLE), scan)
    assert texts(with_text)[0] == VISIBLE
    assert with_text.notes == ("page 2: scanned: needs OCR",)


def test_written_pages_on_a_picture_are_no_scans() -> None:
    """A page-size ground, a letterhead or a photograph beside a text make no scan of it."""

    def draw(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(picture()), 0, 0, WIDTH, HEIGHT)
        canvas.drawString(72, 400, VISIBLE)

    parsed = read(draw, lambda canvas: (half(canvas), canvas.drawString(72, 300, VISIBLE))[0])
    assert (texts(parsed), parsed.notes) == ([VISIBLE, VISIBLE], ())
