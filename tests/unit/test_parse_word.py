"""What a Word document says in unusual places is read, what nobody sees is not, and each cell stands in its column."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from rag.ingest.parse.docx import parse_docx
from rag.ports import Parsed
from tests.samples import saved

W = nsdecls("w")
V = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
NOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"


def read(write: Callable[[Any], None], footnotes: str = "") -> Parsed:
    """A Word document as it is read; `footnotes` is the XML of its notes."""
    document = docx.Document()
    document.core_properties.title = ""
    write(document)
    return parse_docx(_with_notes(saved(document), footnotes), "x.docx")


def texts(parsed: Parsed) -> list[str]:
    """The text of each block."""
    return [block.text for block in parsed.blocks]


def put(document: Any, xml: str) -> None:
    """Append elements to the body."""
    for element in list(parse_xml(f"<w:body {W} {V}>{xml}</w:body>")):
        document.element.body.insert(len(document.element.body) - 1, element)


def _with_notes(data: bytes, footnotes: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name).decode("utf-8", "surrogateescape")
            if name == "[Content_Types].xml":
                content = content.replace("</Types>", f'<Override PartName="/word/footnotes.xml" ContentType="{NOTES}"/></Types>')
            if name == "word/_rels/document.xml.rels":
                kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
                relation = f'<Relationship Id="rId99" Type="{kind}" Target="footnotes.xml"/></Relationships>'
                content = content.replace("</Relationships>", relation)
            new.writestr(name, content.encode("utf-8", "surrogateescape"))
        new.writestr("word/footnotes.xml", f"<w:footnotes {W}>{footnotes}</w:footnotes>")
    return out.getvalue()


def run(text: str, properties: str = "") -> str:
    """A run's XML."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def test_superscripts_and_footnotes() -> None:
    """A footnote's mark is no digit of the number, and the note follows its paragraph or table; an exponent is raised."""

    def write(document: Any) -> None:
        put(document, f'<w:p>{run("Fueron 182")}<w:r><w:footnoteReference w:id="2"/></w:r>{run(" MWh.")}</w:p>')
        put(document, f"<w:p>{run('Son 10')}{run('6', high)}{run(' Wh, el 1')}{run('er', high)}{run(' año.')}</w:p>")
        cell = f'<w:tc><w:p>{run("1.234")}<w:r><w:footnoteReference w:id="3"/></w:r></w:p></w:tc>'
        put(document, f"<w:tbl><w:tr><w:tc><w:p>{run('2022')}</w:p></w:tc>{cell}</w:tr></w:tbl>")

    high = '<w:vertAlign w:val="superscript"/>'
    notes = "".join(
        f'<w:footnote w:id="{n}"><w:p>{run(text)}</w:p></w:footnote>' for n, text in ((2, "Sin fangos."), (3, "Neto."))
    )
    assert texts(read(write, notes)) == [
        "Fueron 182¹ MWh.",
        "¹ Sin fangos.",
        "Son 10⁶ Wh, el 1er año.",
        "2022 | 1.234²",
        "² Neto.",
    ]


def test_cells_stand_in_their_columns() -> None:
    """A cell merged over columns leaves the others in theirs; rows may begin late, stand in a content control or be deleted."""

    def cell(text: str, properties: str = "") -> str:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p>{run(text)}</w:p></w:tc>"

    def row(*cells: str, properties: str = "") -> str:
        return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"

    rows = (
        row(*map(cell, ("Equipo", "2022", "2023", "2024"))),
        row(cell("V-7"), cell("en obras", '<w:gridSpan w:val="2"/>'), cell("3100", '<w:vMerge w:val="restart"/>')),
        row(cell("V-8"), cell("1000"), cell("2000"), cell("", "<w:vMerge/>")),
        row(cell("solo"), cell("5"), properties='<w:gridBefore w:val="2"/>'),
        row(cell("borrada"), properties='<w:del w:id="1" w:author="a"/>'),
        f"<w:sdt><w:sdtContent>{row(cell('V-9'), cell('7'))}</w:sdtContent></w:sdt>",
    )
    assert texts(read(lambda document: put(document, f"<w:tbl>{''.join(rows)}</w:tbl>"))) == [
        "Equipo | 2022 | 2023 | 2024\nV-7 | en obras |  | 3100\nV-8 | 1000 | 2000 | 3100\n |  | solo | 5\nV-9 | 7"
    ]


def test_what_is_not_seen_is_not_read() -> None:
    """Text that was deleted, moved away or hidden by a style, and controls that nobody filled in; hidden=no is seen."""

    def write(document: Any) -> None:
        document.styles.add_style("Oculto", 2).font.hidden = True
        based = document.styles.add_style("Derivado", 2)
        based.base_style = document.styles["Oculto"]
        document.add_paragraph("Visible ").add_run("SECRETO", style="Derivado")
        put(document, f'<w:p><w:moveFrom w:id="3" w:author="a">{run("SECRETO")}</w:moveFrom></w:p>')
        put(document, f'<w:p><w:moveTo w:id="4" w:author="a">{run("Movido")}</w:moveTo></w:p>')
        put(document, f"<w:p>{run('También', shown)}</w:p>")
        put(
            document,
            f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:p>{run('SECRETO')}</w:p></w:sdtContent></w:sdt>",
        )

    shown = '<w:vanish w:val="0"/>'
    assert texts(read(write)) == ["Visible", "Movido", "También"]


def test_content_controls_and_text_boxes() -> None:
    """What stands in them is text of the document, once; what is only drawn is named."""
    box = f"<w:txbxContent><w:p>{run('Retorno: 3,2 años')}</w:p></w:txbxContent>"
    twice = (
        f"<mc:AlternateContent><mc:Choice Requires='wps'>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    )
    math = '<m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"/>'

    def write(document: Any) -> None:
        put(document, f"<w:sdt><w:sdtPr/><w:sdtContent><w:p>{run('Potencia: 420 kW')}</w:p></w:sdtContent></w:sdt>")
        put(document, f"<w:p>{run('Antes.')}<w:r>{twice}</w:r></w:p><w:p>{math}</w:p>")

    parsed = read(write)
    assert texts(parsed) == ["Potencia: 420 kW", "Antes.", "Retorno: 3,2 años"]
    assert parsed.notes == ("charts, diagrams or formulas that are not read: 1",)
