"""No file, however broken, gives anything but passages or DocumentError: mutations of good files, junk, endless nesting."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache

import docx
import openpyxl
import pytest
from fpdf import FPDF
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.errors import DocumentError
from rag.ingest.parse import formats
from rag.ingest.parse.formats import PARSERS, parse
from rag.ports import Fetched, Item
from tests.samples import SAMPLES
from tests.security.reader import Reader, reader

DEEP = 100_000


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


@pytest.fixture(scope="module")
def isolated() -> Iterator[Reader]:
    """Reads in a child, as ingest does: a file may end it, never these tests."""
    with reader() as made:
        yield made


@pytest.mark.parametrize("ending", PARSERS)
def test_good_files_are_read(ending: str) -> None:
    """The samples that are mutated below are good."""
    assert parse(Fetched(Item(f"x{ending}", f"x{ending}", "1"), sample(ending))).blocks


@pytest.mark.parametrize("ending", PARSERS)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.data())
def test_mutated_files_end_in_blocks_or_a_reason(isolated: Reader, ending: str, cuts: st.DataObject) -> None:
    """Bytes overwritten, removed or cut off: passages or DocumentError, nothing else."""
    data = bytearray(sample(ending))
    for _ in range(cuts.draw(st.integers(1, 4))):
        place = cuts.draw(st.integers(0, max(len(data) - 1, 0)))
        junk = cuts.draw(st.binary(max_size=8))
        data[place : place + cuts.draw(st.integers(0, 40))] = junk
    assert isolated.read(f"x{ending}", bytes(data))


@pytest.mark.parametrize("ending", PARSERS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300))
def test_junk_ends_in_blocks_or_a_reason(isolated: Reader, ending: str, data: bytes) -> None:
    """Random bytes under any name."""
    assert isolated.read(f"x{ending}", data)


@pytest.mark.parametrize("wrong", PARSERS)
@pytest.mark.parametrize("right", [".pdf", ".docx", ".xlsx"])
def test_wrong_endings_are_refused(isolated: Reader, right: str, wrong: str) -> None:
    """A binary file under the name of another format fails with a reason."""
    if wrong not in (right, *((".xlsm", ".xls") if right == ".xlsx" else ())):
        assert not isolated.read(f"x{wrong}", sample(right)).startswith("read: ")


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
def test_deep_and_long_inputs_end_in_time(isolated: Reader, name: str, data: bytes) -> None:
    """Nesting, repetition and one endless line end before the limit does."""
    assert "took" not in isolated.read(name, data)


def test_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file over the limit is refused before it is parsed."""
    monkeypatch.setattr(formats, "LARGEST", 10)
    with pytest.raises(DocumentError, match="larger than"):
        parse(Fetched(Item("x.txt", "x.txt", "1"), b"x" * 11))


@pytest.mark.parametrize(
    ("name", "reason"), [("x.xyz", "no parser for .xyz"), ("README", "without an ending"), ("x.txt", "empty")]
)
def test_reasons(isolated: Reader, name: str, reason: str) -> None:
    """What the owner of a document reads."""
    assert reason in isolated.read(name, b"" if name == "x.txt" else b"x")
