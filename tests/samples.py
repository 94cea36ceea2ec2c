"""A good small file of each format that takes more than a line to write."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from typing import Any

import odfdo
import pptx

from tests.old_office import old_workbook, outlook_message

TEXT = "El caudal nocturno es de 38 metros cúbicos."
_ROWS: list[list[str | float]] = [["Uso", "kWh"], ["Luz", 3.5]]


def saved(document: Any) -> bytes:
    """The bytes of whatever has a `save`."""
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def zipped(members: Mapping[str, bytes]) -> bytes:
    """The bytes of an archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def book(chapters: Mapping[str, str]) -> bytes:
    """The bytes of a book whose spine has the chapters (their HTML) in the reverse order."""
    items = "".join(f'<item id="{one}" href="{one}.xhtml" media-type="application/xhtml+xml"/>' for one in chapters)
    spine = "".join(f'<itemref idref="{one}"/>' for one in reversed(chapters))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>Manual'
        f"</dc:title><dc:date>2022-04-05</dc:date></metadata><manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    root = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="O/p.opf"/></rootfiles></container>'
    )
    pages = {f"O/{name}.xhtml": f"<html><body>{text}</body></html>".encode() for name, text in chapters.items()}
    return zipped({"META-INF/container.xml": root.encode(), "O/p.opf": package.encode(), **pages})


def letter(attachments: Mapping[str, bytes]) -> EmailMessage:
    """A message with attachments."""
    message = EmailMessage()
    message["Subject"] = "Fuga en el depósito"
    message["From"] = "Ana Núñez <ana@example.com>"
    message["To"] = "planta@example.com"
    message["Date"] = "Tue, 05 Mar 2024 10:00:00 +0100"
    message.set_content("Hola:\n\nHay una fuga de 3 m³/h.\n")
    for name, data in attachments.items():
        message.add_attachment(data, "application", "octet-stream", filename=name)
    return message


def opendocument(kind: str, *elements: Any) -> bytes:
    """The bytes of an OpenDocument file (`text`, `presentation`, `spreadsheet`) with these elements."""
    document = odfdo.Document(kind)
    document.body.clear()
    for element in elements:
        document.body.append(element)
    return saved(document)


def opendocument_raw(kind: str, body: str, styles: str = "") -> bytes:
    """The bytes of an OpenDocument file with this XML as its body and its automatic styles."""
    names = ("office", "text", "table", "style", "draw")
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in names)
    media_type = f"application/vnd.oasis.opendocument.{kind}"
    manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    entry = f'<m:file-entry m:full-path="/" m:media-type="{media_type}"/>'
    content = f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}>"
    members = {
        "mimetype": media_type,
        "META-INF/manifest.xml": f'<m:manifest xmlns:m="{manifest}">{entry}</m:manifest>',
        "content.xml": f"<office:document-content {spaces}>{content}</office:body></office:document-content>",
        "meta.xml": f"<office:document-meta {spaces}><office:meta/></office:document-meta>",
        "styles.xml": f"<office:document-styles {spaces}/>",
    }
    return zipped({name: text.encode() for name, text in members.items()})


def slide(title: str, *texts: str) -> Any:
    """A page of an OpenDocument presentation, its title drawn last."""
    page = odfdo.DrawPage(title, name=title)
    page.append(odfdo.Frame.text_frame(list(texts), size=("5cm", "5cm")))
    page.append(odfdo.Frame.text_frame([title], size=("5cm", "1cm"), presentation_class="title"))
    return page


def sheet(rows: list[list[str | float]]) -> Any:
    """A table of OpenDocument."""
    table = odfdo.Table("Consumos")
    for place, row in enumerate(rows):
        table.append_row(odfdo.Row())
        table.set_row_values(place, row)
    return table


def _deck() -> bytes:
    made = pptx.Presentation()
    page = made.slides.add_slide(made.slide_layouts[1])
    page.shapes.title.text, page.placeholders[1].text = "Bombeo", TEXT
    return saved(made)


SAMPLES: Mapping[str, Callable[[], bytes]] = {
    ".pptx": _deck,
    ".pptm": _deck,
    ".odt": lambda: opendocument("text", odfdo.Header(1, "Manual"), odfdo.Paragraph(TEXT), sheet(_ROWS)),
    ".odp": lambda: opendocument("presentation", slide("Bombeo", TEXT)),
    ".ods": lambda: opendocument("spreadsheet", sheet(_ROWS)),
    ".xls": lambda: old_workbook({"Consumos": _ROWS}),
    ".msg": lambda: outlook_message("Fuga", TEXT, "ana@example.com", ["planta@example.com"], {"n.txt": TEXT.encode()}),
    ".eml": lambda: letter({"n.txt": TEXT.encode()}).as_bytes(),
    ".zip": lambda: zipped({"n.txt": TEXT.encode(), "t.csv": b"uso;kWh\nluz;3,5\n"}),
    ".epub": lambda: book({"uno": f"<h1>Uno</h1><p>{TEXT}</p>"}),
    ".json": lambda: b'{"planta": {"uso": "luz"}, "filas": [{"a": 1, "b": 2}, {"a": 3, "b": 4}]}',
    ".jsonl": lambda: b'{"a": 1}\n{"a": 2}\n',
    ".ndjson": lambda: b'{"a": 1}\n{"a": 2}\n',
}
