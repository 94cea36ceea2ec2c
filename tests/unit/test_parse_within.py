"""Messages and archives: each file in them is read as the file that it is, under its name, within limits."""

from __future__ import annotations

from datetime import date
from email.message import Message
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest

from rag.errors import DocumentError
from tests.old_office import outlook_message
from tests.samples import letter, zipped
from tests.unit.test_parse_formats import found, read


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


PLAIN = "Adjunto los datos de consumo de la planta."
HTML = f"<p>{PLAIN}</p>"


def attached() -> MIMEApplication:
    """A file as an attachment."""
    part = MIMEApplication(b"uso;kWh\nluz;3,5\n", "octet-stream")
    part.add_header("Content-Disposition", "attachment", filename="datos.csv")
    return part


def holding(kind: str, *parts: Message) -> MIMEMultipart:
    """A multipart of parts."""
    made = MIMEMultipart(kind)
    for part in parts:
        made.attach(part)
    return made


@pytest.mark.parametrize(
    "message",
    [
        holding("alternative", MIMEText(PLAIN), holding("mixed", MIMEText(HTML, "html"), attached(), MIMEText("", "html"))),
        holding("signed", holding("mixed", MIMEText(PLAIN), attached()), MIMEApplication(b"x", "pkcs7-signature")),
        holding("mixed", holding("mixed", MIMEText(PLAIN), attached())),
        holding("mixed", holding("related", holding("alternative", MIMEText(PLAIN), MIMEText(HTML, "html")), attached())),
        holding("mixed", holding("alternative", MIMEText("Su programa no muestra HTML."), MIMEText(HTML, "html")), attached()),
    ],
    ids=["apple", "signed", "list", "related", "placeholder"],
)
def test_files_and_text_wherever_they_lie(message: MIMEMultipart) -> None:
    """Programs nest the parts of a message as they please: its text is read once, each file is found, a signature is none."""
    message["From"], message["Subject"] = "a@example.com", "Datos"
    parsed = read("a.eml", message.as_bytes())
    assert found(parsed)[1:] == [(("Datos",), PLAIN), (("datos.csv",), "uso | kWh\nluz | 3,5")]
    assert parsed.notes == ()


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
