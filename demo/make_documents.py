"""Builds the demo's DOCX, PDF and XLSX files from the text sources in demo/sources; fixed dates, so a rerun changes nothing."""

import argparse
import datetime as dt
import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
import yaml
from docx.document import Document as Docx
from docx.shared import Pt
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace
from markdown_it import MarkdownIt
from markdown_it.token import Token
from openpyxl import Workbook
from openpyxl.styles import Font

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "sources"
FONTS = SOURCES / "fonts"
PAGE_BREAK = "<!-- pagebreak -->"
COMPANY = "Infraestructuras Valdemora, S.A."


@dataclass(frozen=True, slots=True)
class Source:
    """A Markdown source: its front matter and its block tokens."""

    title: str
    date: dt.date
    author: str
    reference: str
    language: str
    tokens: list[Token]

    @property
    def moment(self) -> dt.datetime:
        """The date every timestamp inside the built file carries."""
        return dt.datetime.combine(self.date, dt.time(9), tzinfo=dt.UTC)


def read_source(path: Path) -> Source:
    """Front matter between two `---` lines, then Markdown with tables."""
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    meta = yaml.safe_load(front)
    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    return Source(meta["title"], meta["date"], meta["author"], meta["reference"], meta["language"], tokens)


def rows_of(tokens: list[Token], start: int) -> tuple[list[list[str]], int]:
    """Cells of the table opened at `start`, and the index of its closing token."""
    rows: list[list[str]] = []
    for i in range(start, len(tokens)):
        kind = tokens[i].type
        if kind == "tr_open":
            rows.append([])
        elif kind == "inline":
            rows[-1].append(tokens[i].content.replace("**", ""))
        elif kind == "table_close":
            return rows, i
    raise ValueError("a table without an end")


def blocks(tokens: list[Token]) -> list[tuple[str, Any]]:
    """Flattens tokens to (kind, content): h1..h3, p, li, ol, table, break."""
    found: list[tuple[str, Any]] = []
    lists: list[str] = []
    counters: list[int] = []
    heading = ""
    i = 0
    while i < len(tokens):
        token = tokens[i]
        if token.type == "heading_open":
            heading = token.tag
        elif token.type == "heading_close":
            heading = ""
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(token.type)
            counters.append(0)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
            counters.pop()
        elif token.type == "list_item_open":
            counters[-1] += 1
        elif token.type == "table_open":
            rows, i = rows_of(tokens, i)
            found.append(("table", rows))
        elif token.type == "html_block" and PAGE_BREAK in token.content:
            found.append(("break", None))
        elif token.type == "inline":
            text = " ".join(token.content.split())
            if heading:
                found.append((heading, text))
            elif lists:
                bullet = "•" if lists[-1] == "bullet_list_open" else f"{counters[-1]}."
                found.append(("li", f"{bullet} {text}"))
            else:
                found.append(("p", text))
        i += 1
    return found


class Page(FPDF):
    """A4 with the company's header and a footer that numbers the pages."""

    def __init__(self, source: Source) -> None:
        super().__init__(format="A4")
        self.source = source
        self.word = "Página" if source.language == "es" else "Page"
        for style, name in (("", "DejaVuSansCondensed.ttf"), ("B", "DejaVuSansCondensed-Bold.ttf")):
            self.add_font("demo", style, FONTS / name)
        self.set_margins(22, 24, 22)
        self.set_auto_page_break(True, margin=22)
        self.set_title(source.title)
        self.set_author(source.author)
        self.set_lang(source.language)
        self.set_creation_date(source.moment)

    def header(self) -> None:
        """Company and reference, on every page."""
        self.set_font("demo", "", 8)
        self.set_xy(22, 11)
        self.cell(110, 5, COMPANY)
        self.cell(0, 5, self.source.reference, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.line(22, 17, 188, 17)
        self.set_y(24)

    def footer(self) -> None:
        """Title and page number, on every page."""
        self.set_y(-15)
        self.set_font("demo", "", 8)
        self.cell(130, 5, self.source.title)
        self.cell(0, 5, f"{self.word} {self.page_no()}", align="R")


def write_block(pdf: Page, kind: str, content: Any) -> None:
    """Draws one block at the cursor."""
    if kind == "break":
        pdf.add_page()
    elif kind == "table":
        pdf.set_font("demo", "", 9)
        with pdf.table(line_height=5, headings_style=FontFace(emphasis="BOLD", fill_color=(225, 232, 238))) as table:
            for row in content:
                table.row(row)
        pdf.ln(4)
    elif kind in ("h1", "h2", "h3"):
        size = {"h1": 16, "h2": 13, "h3": 11}[kind]
        pdf.set_font("demo", "B", size)
        pdf.multi_cell(0, size * 0.55, content, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        pdf.ln(2)
    else:
        pdf.set_font("demo", "", 10.5)
        pdf.set_x(pdf.l_margin + (5 if kind == "li" else 0))
        pdf.multi_cell(0, 5.6, content, align="L", markdown=True, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        pdf.ln(1 if kind == "li" else 2.5)


def build_pdf(source: Source) -> bytes:
    """The PDF of a source: title, date and author first, then its blocks."""
    pdf = Page(source)
    pdf.add_page()
    pdf.set_font("demo", "B", 20)
    pdf.multi_cell(0, 10, source.title, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    label = ("Fecha", "Autor") if source.language == "es" else ("Date", "Author")
    pdf.set_font("demo", "", 10.5)
    for line in (f"{label[0]}: {source.date.isoformat()}", f"{label[1]}: {source.author}", source.reference):
        pdf.multi_cell(0, 5.6, line, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pdf.ln(4)
    for kind, content in blocks(source.tokens):
        write_block(pdf, kind, content)
    return bytes(pdf.output())


def add_text(document: Docx, style: str | None, text: str) -> None:
    """A paragraph in which `**...**` is bold."""
    paragraph = document.add_paragraph(style=style)
    for i, part in enumerate(text.split("**")):
        paragraph.add_run(part).bold = i % 2 == 1


def build_docx(source: Source) -> bytes:
    """The DOCX of a source, with real headings, lists and tables."""
    document = docx.Document()
    document.styles["Normal"].font.size = Pt(11)
    properties = document.core_properties
    properties.title, properties.author, properties.language = source.title, source.author, source.language
    properties.created = properties.modified = source.moment
    document.sections[0].header.paragraphs[0].text = f"{COMPANY}\t\t{source.reference}"
    document.add_heading(source.title, 0)
    label = ("Fecha", "Autor") if source.language == "es" else ("Date", "Author")
    add_text(document, None, f"{label[0]}: {source.date.isoformat()} · {label[1]}: {source.author}")
    for kind, content in blocks(source.tokens):
        if kind == "break":
            document.add_page_break()
        elif kind == "table":
            table = document.add_table(0, len(content[0]), style="Table Grid")
            for row in content:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
        elif kind.startswith("h"):
            document.add_heading(content, int(kind[1]))
        elif kind == "li":
            bullet, text = content.split(" ", 1)
            add_text(document, "List Bullet" if bullet == "•" else "List Number", text)
        else:
            add_text(document, None, content)
    out = io.BytesIO()
    document.save(out)
    return fixed_zip(out.getvalue(), source.moment)


def build_xlsx(path: Path) -> bytes:
    """The workbook of a YAML source: {title, date, author, sheets: [{name, intro, header, rows}]}."""
    source = yaml.safe_load(path.read_text(encoding="utf-8"))
    moment = dt.datetime.combine(source["date"], dt.time(9), tzinfo=dt.UTC)
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.title, book.properties.creator = source["title"], source["author"]
    for spec in source["sheets"]:
        sheet = book.create_sheet(spec["name"])
        for line in spec.get("intro", []):
            sheet.append([line])
        sheet.append(spec["header"])
        for cell in sheet[sheet.max_row]:
            cell.font = Font(bold=True)
        for row in spec["rows"]:
            sheet.append(row)
        for column in "ABCDEFGHIJ":
            sheet.column_dimensions[column].width = 22
    out = io.BytesIO()
    book.save(out)
    return fixed_zip(out.getvalue(), moment)


def fixed_zip(content: bytes, moment: dt.datetime) -> bytes:
    """Packs an office file again with one date everywhere, so that building it twice gives the same bytes."""
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+Z?(?=</dcterms)", stamp.encode(), data)
            info = zipfile.ZipInfo(name, (moment.year, moment.month, moment.day, moment.hour, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, data)
    return out.getvalue()


def target_of(source: Path, out: Path) -> Path:
    """sources/SITE/name.pdf.md -> OUT/documents/SITE/name.pdf; sources/direccion/... -> OUT/documents-direccion/..."""
    relative = source.relative_to(SOURCES)
    name = source.name.rsplit(".", 1)[0]
    if relative.parts[0] == "direccion":
        return out / "documents-direccion" / name
    return out / "documents" / relative.parent / name


def build(out: Path) -> list[Path]:
    """Builds every source under `out`; returns the files written."""
    written = []
    for path in sorted(SOURCES.glob("*/*.*.*")):
        target = target_of(path, out)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix == ".xlsx":
            target.write_bytes(build_xlsx(path))
        else:
            build_one = build_pdf if target.suffix == ".pdf" else build_docx
            target.write_bytes(build_one(read_source(path)))
        written.append(target)
    return written


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE, help="folder that gets documents/ and documents-direccion/")
    for made in build(parser.parse_args().out):
        print(made)
