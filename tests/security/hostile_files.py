"""Hostile and broken files, made here and nowhere stored: bombs, endless nesting, entities, wrong names, cut-off files.

FILES maps a file's name to what makes its bytes. `python -m tests.security.hostile_files FOLDER` writes them all.
"""

from __future__ import annotations

import io
import random
import sys
import zipfile
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path

import docx
import openpyxl
from fpdf import FPDF
from pptx import Presentation

from tests.security.hostile_pdfs import MB, PDFS

CANARY = "canario-7d1f-que-nadie-debe-leer"
"""What the file that XXE asks for holds."""
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_XLSX = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_XML = (".docx", ".odt", ".xlsx", ".pptx", ".xhtml")
_TEXT = "El caudal nocturno es de 38 metros cúbicos por hora. "


# Good files, which others are made of


@cache
def good(ending: str) -> bytes:
    """A file of each format that is read without complaint."""
    return _GOOD[ending]()


def _pdf() -> bytes:
    made = FPDF()
    made.add_page()
    made.set_font("Helvetica")
    made.write(text=_TEXT * 20)
    return bytes(made.output())


def _docx() -> bytes:
    document, out = docx.Document(), io.BytesIO()
    document.add_heading("Manual", 1)
    document.add_paragraph(_TEXT)
    document.save(out)
    return out.getvalue()


def _xlsx() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["Uso", "kWh"])
    book.active.append(["Luz", 3.5])
    book.save(out)
    return out.getvalue()


def _pptx() -> bytes:
    slides, out = Presentation(), io.BytesIO()
    slide = slides.slides.add_slide(slides.slide_layouts[1])
    slide.shapes.title.text = "Bombeos"
    slide.placeholders[1].text = _TEXT
    slides.save(out)
    return out.getvalue()


_ODF_NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
)


def _odt(body: str = f"<text:p>{_TEXT}</text:p>", declaration: str = "", kind: str = "text") -> bytes:
    mime = "application/vnd.oasis.opendocument." + ("text" if kind == "text" else "spreadsheet")
    content = (
        f'<?xml version="1.0"?>{declaration}<office:document-content {_ODF_NAMES} office:version="1.2"><office:body>'
        f"<office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    entry = '<manifest:file-entry manifest:full-path="{}" manifest:media-type="{}"/>'
    manifest = (
        '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f"{entry.format('/', mime)}{entry.format('content.xml', 'text/xml')}</manifest:manifest>"
    )
    return archive({"mimetype": mime, "content.xml": content, "META-INF/manifest.xml": manifest})


_GOOD: Mapping[str, Callable[[], bytes]] = {
    ".pdf": _pdf,
    ".docx": _docx,
    ".xlsx": _xlsx,
    ".pptx": _pptx,
    ".odt": _odt,
    ".html": lambda: f"<html><body><h1>Manual</h1><p>{_TEXT}</p></body></html>".encode(),
    ".xhtml": lambda: (
        f'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><p>{_TEXT}</p></body></html>'.encode()
    ),
    ".csv": lambda: b"uso;kWh\nluz;3,5\nfuerza;7,25\n",
    ".json": lambda: f'{{"titulo": "Manual", "texto": "{_TEXT}"}}'.encode(),
    ".md": lambda: f"# Manual\n\n{_TEXT}\n".encode(),
    ".txt": lambda: (_TEXT * 3).encode(),
}


def archive(members: Mapping[str, bytes | str]) -> bytes:
    """A zip file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return out.getvalue()


def with_member(data: bytes, member: str, content: bytes | str) -> bytes:
    """A zip file with one member replaced or added."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        return archive({name: old.read(name) for name in old.namelist()} | {member: content})


# Office files and archives


def _zeros(ending: str, member: str, size: int) -> bytes:
    return with_member(good(ending), member, b"\0" * size)


def _lying(ending: str, member: str) -> bytes:
    """A member that unpacks to 300 MB while both its headers say 1 KB."""
    data = with_member(good(ending), member, b" " * 300 * MB)
    for header, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = -1
        while (start := data.find(header, start + 1)) >= 0:
            name = start + (30 if place == 22 else 46)
            if data[name : name + len(member)] == member.encode():
                data = data[: start + place] + (1000).to_bytes(4, "little") + data[start + place + 4 :]
    return data


def _overlapping() -> bytes:
    """Ten thousand members, of which all are one and the same 20 KB of data that unpack to 20 MB."""
    data = archive({"a.txt": b"a" * 20 * MB})
    place = data.index(b"PK\x01\x02")
    entry, end = data[place : data.index(b"PK\x05\x06")], data[data.index(b"PK\x05\x06") :]
    count = 10_000
    end = end[:8] + count.to_bytes(2, "little") * 2 + (len(entry) * count).to_bytes(4, "little") + end[16:]
    return data[:place] + entry * count + end


def _nested_zip(depth: int, wide: int) -> bytes:
    data = archive({"a.txt": b"a" * 10 * MB})
    for _ in range(depth):
        data = archive({f"{n}.zip": data for n in range(wide)})
    return data


def _sheet(rows: int, columns: int) -> bytes:
    row = "".join('<c t="n"><v>1</v></c>' for _ in range(columns))
    body = "".join(f"<row>{row}</row>" for _ in range(rows))
    return with_member(
        good(".xlsx"), "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{_XLSX}"><sheetData>{body}</sheetData></worksheet>'
    )


def _shared_strings() -> bytes:
    """One string of 200,000 characters that 10,000 cells share."""
    strings = f'<sst xmlns="{_XLSX}"><si><t>{"x" * 200_000}</t></si></sst>'
    cells = "".join('<row><c t="s"><v>0</v></c><c t="s"><v>0</v></c></row>' for _ in range(10_000))
    sheet = f'<worksheet xmlns="{_XLSX}"><sheetData>{cells}</sheetData></worksheet>'
    part = '<Override PartName="/xl/sharedStrings.xml" ContentType="{}.sharedStrings+xml"/></Types>'
    with zipfile.ZipFile(io.BytesIO(good(".xlsx"))) as book:
        types = book.read("[Content_Types].xml").decode()
    types = types.replace("</Types>", part.format("application/vnd.openxmlformats-officedocument.spreadsheetml"))
    data = with_member(good(".xlsx"), "xl/sharedStrings.xml", strings)
    return with_member(with_member(data, "[Content_Types].xml", types), "xl/worksheets/sheet1.xml", sheet)


def _paragraphs(text: str, declaration: str = "") -> bytes:
    body = f'<?xml version="1.0"?>{declaration}<w:document xmlns:w="{_W}"><w:body>{text}</w:body></w:document>'
    return with_member(good(".docx"), "word/document.xml", body)


def _ods_repeat() -> bytes:
    cell = (
        '<table:table-cell office:value-type="string" table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell>'
    )
    rows = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    return _odt(f'<table:table table:name="T">{rows}</table:table>', kind="spreadsheet")


# XML entities


def _laughs(levels: int = 9) -> str:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, levels + 1))
    return f'<!DOCTYPE d [<!ENTITY e0 "jajaja">{entities}]>'


def _quadratic() -> str:
    return f'<!DOCTYPE d [<!ENTITY e "{"j" * 100_000}">]>'


def _external(path: str) -> str:
    return f'<!DOCTYPE d [<!ENTITY e SYSTEM "file://{path}">]>'


def _with_entity(ending: str, declaration: str, entity: str) -> bytes:
    if ending == ".docx":
        return _paragraphs(f"<w:p><w:r><w:t>{_TEXT}{entity}</w:t></w:r></w:p>", declaration)
    if ending == ".odt":
        return _odt(f"<text:p>{_TEXT}{entity}</text:p>", declaration)
    if ending == ".xlsx":
        cells = f'<row><c t="inlineStr"><is><t>{_TEXT}{entity}</t></is></c></row>'
        sheet = f'<?xml version="1.0"?>{declaration}<worksheet xmlns="{_XLSX}"><sheetData>{cells}</sheetData></worksheet>'
        return with_member(good(".xlsx"), "xl/worksheets/sheet1.xml", sheet)
    if ending == ".pptx":
        with zipfile.ZipFile(io.BytesIO(good(".pptx"))) as slides:
            slide = slides.read("ppt/slides/slide1.xml").decode()
        head, rest = slide.split("?>", 1)
        return with_member(good(".pptx"), "ppt/slides/slide1.xml", f"{head}?>{declaration}{rest.replace('Bombeos', entity)}")
    return f'<?xml version="1.0"?>{declaration}<html xmlns="http://www.w3.org/1999/xhtml"><body><p>{_TEXT}{entity}</p></body></html>'.encode()


def external_entities(path: str) -> dict[str, bytes]:
    """Files of the XML formats that ask for the file at `path`."""
    return {
        f"xxe{ending}": _with_entity(ending, _external(path), "&e;") for ending in (".docx", ".odt", ".xlsx", ".pptx", ".xhtml")
    }


def _encrypted_office() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + random.Random(5).randbytes(20_000)


def _executable() -> bytes:
    return b"MZ\x90\x00\x03" + b"\0" * 60 + b"PE\0\0" + random.Random(1).randbytes(100_000)


_BOMBS: Mapping[str, Callable[[], bytes]] = {
    "zeros.docx": partial(_zeros, ".docx", "word/document.xml", 60 * MB),
    "zeros.xlsx": partial(_zeros, ".xlsx", "xl/worksheets/sheet1.xml", 60 * MB),
    "zeros.pptx": partial(_zeros, ".pptx", "ppt/slides/slide1.xml", 60 * MB),
    "zeros.odt": partial(_zeros, ".odt", "content.xml", 60 * MB),
    "lying.docx": partial(_lying, ".docx", "word/document.xml"),
    "lying.xlsx": partial(_lying, ".xlsx", "xl/worksheets/sheet1.xml"),
    "nested.zip": partial(_nested_zip, 4, 10),
    "overlapping.zip": _overlapping,
    "slip.zip": lambda: archive({"../../../../../../tmp/slipped.txt": _TEXT, "/tmp/slipped.md": _TEXT}),
    "slip.docx": lambda: with_member(good(".docx"), "../../../tmp/slipped.xml", _TEXT),
    "huge-sheet.xlsx": partial(_sheet, 3_000, 200),
    "wide-sheet.xlsx": partial(_sheet, 1, 300_000),
    "shared-strings.xlsx": _shared_strings,
    "repeated-cells.ods": _ods_repeat,
    "paragraphs.docx": lambda: _paragraphs("<w:p/>" * 2_000_000),
    "tables.docx": lambda: _paragraphs("<w:tbl><w:tr><w:tc>" * 300 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 300),
}
_ENTITIES: Mapping[str, Callable[[], bytes]] = {
    f"{kind}{ending}": partial(_with_entity, ending, declaration(), entity)
    for ending in _XML
    for kind, declaration, entity in (("laughs", _laughs, "&e9;"), ("quadratic", _quadratic, "&e;" * 20_000))
}
_TEXTS: Mapping[str, Callable[[], bytes]] = {
    "line.txt": lambda: b"palabra" * 600_000,
    "line.md": lambda: b"palabra" * 600_000,
    "nul.txt": lambda: b"palabra \0" * 10_000,
    "nul.csv": lambda: b"a;b\n\0;\0\n",
    "latin.txt": lambda: bytes(range(128, 256)) * 1000,
    "utf8.txt": lambda: (_TEXT * 10).encode() + b"\xff\xfe\xc3\x28\xed\xa0\x80" * 20,
    "columns.csv": lambda: b"a;" * 20_000 + b"\n" + b"1;" * 20_000 + b"\n",
    "million-columns.csv": lambda: b"a;" * 1_000_000 + b"\n" + b"1;" * 1_000_000,
    "quote.csv": lambda: b'"' + b"a;b\n" * 500_000,
    "deep.html": lambda: b"<div>" * 50_000 + _TEXT.encode(),
    "deep-inline.html": lambda: b"<b><i>" * 50_000 + _TEXT.encode(),
    "attributes.html": lambda: b"<p " + b"".join(b"a%d='x' " % n for n in range(100_000)) + b">" + _TEXT.encode(),
    "entities.html": lambda: b"&amp;&#55296;&#x110000;" * 100_000,
    "deep.json": lambda: b"[" * 200_000,
    "deep-closed.json": lambda: b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "number.json": lambda: b'{"n": ' + b"9" * 1_000_000 + b"}",
    "surrogates.json": lambda: b'{"texto": "El caudal \\ud800 nocturno es de 38 metros por hora"}',
    "quotes.md": lambda: b">" * 200_000 + b" x",
    "links.md": lambda: b"[a](" * 100_000,
    "emphasis.md": lambda: b"*a _b " * 100_000,
    "dots.txt": lambda: b"a.a." * 500_000,
    "spaces.txt": lambda: (b"Art" + b" " * 5_000 + b"\t1.") * 200,
    "colons.txt": lambda: b"a (" * 500_000,
    "dates.txt": lambda: b"1 de 1 de " * 200_000,
    "bidi.txt": lambda: "\u202e\u2066a\u200b".encode() * 200_000,
}
_WRONG: Mapping[str, Callable[[], bytes]] = {
    f"{right[1:]}-as{wrong}": partial(good, right)
    for right, wrong in (
        (".pdf", ".docx"), (".pdf", ".xlsx"), (".pdf", ".html"), (".docx", ".pdf"), (".docx", ".xlsx"), (".xlsx", ".docx"),
        (".odt", ".docx"), (".pptx", ".odt"), (".docx", ".txt"), (".xlsx", ".csv"), (".html", ".pdf"), (".pdf", ".json"),
    )
}  # fmt: skip


def _cut(ending: str) -> bytes:
    return good(ending)[: len(good(ending)) * 2 // 3]


_CUT: Mapping[str, Callable[[], bytes]] = {
    f"cut{ending}": partial(_cut, ending) for ending in _GOOD if ending not in (".txt", ".md")
}
FILES: Mapping[str, Callable[[], bytes]] = {
    **_BOMBS, **_ENTITIES, **PDFS, **_TEXTS, **_WRONG, **_CUT,
    "encrypted.docx": _encrypted_office, "encrypted.xlsx": _encrypted_office, "exe.docx": _executable, "exe.txt": _executable,
    "exe.pdf": _executable,
}  # fmt: skip


def write_all(folder: Path) -> None:
    """Each file, under its name."""
    for name, make in FILES.items():
        (folder / name).write_bytes(make())


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
