"""No file, however broken or hostile, makes a parser hang, crash or raise anything but DocumentError."""

from __future__ import annotations

import io
import time
import zipfile
from functools import cache

import docx
import openpyxl
import pytest
from fpdf import FPDF
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.errors import DocumentError
from rag.ingest.build import build
from rag.ingest.parse import formats
from rag.ingest.parse.formats import PARSERS, parse
from rag.ports import Fetched, Item
from tests.samples import SAMPLES
from tests.unit.test_sync import Source

DEEP = 100_000
LONGEST_SECONDS = 10.0


@cache
def sample(ending: str) -> bytes:
    """A good file of each format."""
    out = io.BytesIO()
    if ending == ".pdf":
        pdf = FPDF()
        pdf.add_page()
        pdf.set_font("Helvetica")
        pdf.write(text="El caudal nocturno es de 38 metros cúbicos por hora. " * 20)
        return bytes(pdf.output())
    if ending == ".docx":
        document = docx.Document()
        document.add_heading("Manual", 1)
        document.add_paragraph("El caudal nocturno es de 38 metros cúbicos.")
        document.add_table(2, 2).cell(0, 0).text = "x"
        document.save(out)
        return out.getvalue()
    if ending in (".xlsx", ".xlsm"):
        book = openpyxl.Workbook()
        book.active.append(["Uso", "kWh"])
        book.active.append(["Luz", 3.5])
        book.save(out)
        return out.getvalue()
    if ending in SAMPLES:
        return SAMPLES[ending]()
    if ending in (".html", ".htm", ".xhtml"):
        return "<html><body><h1>Título</h1><p>Texto de la página.</p></body></html>".encode()
    if ending in (".csv", ".tsv"):
        return b"uso;kWh\nluz;3,5\n"
    return "---\ntitle: T\n---\n# Título\n\nTexto con **marcas** y\n\n| a | b |\n|---|---|\n| 1 | 2 |\n".encode()


def read(name: str, data: bytes) -> str:
    """Parse and split as ingest does; "" or the reason why not."""
    fetched = Fetched(Item(name, name, "1"), data)
    started = time.monotonic()
    try:
        parsed = parse(fetched)
        build(Source(), fetched, parsed)
        return ""
    except DocumentError as error:
        return str(error)
    finally:
        assert time.monotonic() - started < LONGEST_SECONDS


@pytest.mark.parametrize("ending", PARSERS)
def test_good_files_are_read(ending: str) -> None:
    """The samples that are mutated below are good."""
    assert read(f"x{ending}", sample(ending)) == ""


@pytest.mark.parametrize("ending", PARSERS)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.data())
def test_mutated_files_end_in_blocks_or_a_reason(ending: str, cuts: st.DataObject) -> None:
    """Bytes overwritten, removed or cut off: blocks or DocumentError, nothing else."""
    data = bytearray(sample(ending))
    for _ in range(cuts.draw(st.integers(1, 4))):
        place = cuts.draw(st.integers(0, max(len(data) - 1, 0)))
        junk = cuts.draw(st.binary(max_size=8))
        data[place : place + cuts.draw(st.integers(0, 40))] = junk
    read(f"x{ending}", bytes(data))


@pytest.mark.parametrize("ending", PARSERS)
@settings(max_examples=20, deadline=None)
@given(data=st.binary(max_size=300))
def test_junk_ends_in_blocks_or_a_reason(ending: str, data: bytes) -> None:
    """Random bytes under any name."""
    read(f"x{ending}", data)


@pytest.mark.parametrize("wrong", PARSERS)
@pytest.mark.parametrize("right", [".pdf", ".docx", ".xlsx"])
def test_wrong_endings_are_refused(right: str, wrong: str) -> None:
    """A binary file under the name of another format fails with a reason."""
    if wrong not in (right, ".xlsm" if right == ".xlsx" else right):
        assert read(f"x{wrong}", sample(right))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("deep.html", b"<div>" * DEEP + b"x"),
        ("tags.html", b"<p>a</p>" * 20_000),
        ("quotes.md", b">" * DEEP + b" x"),
        ("lists.md", b"\n".join(b" " * n + b"- x" for n in range(2000))),
        ("brackets.md", b"[" * DEEP),
        ("stars.md", b"*a_ " * 20_000),
        ("backticks.md", b"".join(b"`" * n + b" " for n in range(400))),
        ("yaml.md", b"---\na: &a [x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\ntitle: *b\n---\nTexto"),
        ("nested.md", b"---\n" + b"[" * 5000 + b"\n---\nTexto"),
        ("wide.csv", b"a;" * 200_000),
        ("one.txt", b"palabra " * 100_000),
        ("dots.txt", b"." * 300_000),
        ("dots.csv", b"." * 300_000),
        ("initials.txt", b"A. " * 50_000),
        ("word.txt", b"palabra" * 50_000),
        ("spaces.txt", b"a" + b" " * 300_000 + b"b"),
        ("marks.html", b"<p>" + b"?!." * 100_000 + b"</p>"),
    ],
)
def test_deep_and_long_inputs_end_in_time(name: str, data: bytes) -> None:
    """Nesting, repetition and one endless line: the time is checked by `read`."""
    read(name, data)


def test_entities_are_not_expanded() -> None:
    """An XML bomb in a Word file does not unfold, and no file is read through an entity."""
    evil = (
        b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "'
        + b"x" * 10_000
        + b'">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 50) for n in range(8))
    )
    evil += b'<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    body = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&%s;'
    for entity in (b"i", b"f"):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(sample(".docx"))) as good, zipfile.ZipFile(out, "w") as bad:
            for member in good.namelist():
                document = evil + body % entity + b"</w:t></w:r></w:p></w:body></w:document>"
                bad.writestr(member, document if member == "word/document.xml" else good.read(member))
        assert read("x.docx", out.getvalue())


def test_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file over the limit is refused before it is parsed."""
    monkeypatch.setattr(formats, "LARGEST", 10)
    assert "larger than" in read("x.txt", b"x" * 11)


@pytest.mark.parametrize(
    ("name", "reason"), [("x.xyz", "no parser for .xyz"), ("README", "without an ending"), ("x.txt", "empty")]
)
def test_reasons(name: str, reason: str) -> None:
    """What the owner of a document reads."""
    assert reason in read(name, b"" if name == "x.txt" else b"x")
