"""The printable report as PDF on A4: text that can be searched and copied, pictures with their words below, pages numbered."""

from __future__ import annotations

import io
from collections.abc import Sequence
from html import escape
from pathlib import Path

import matplotlib
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Image, KeepTogether, ListFlowable, Paragraph, SimpleDocTemplate, Spacer, TableStyle
from reportlab.platypus import Table as Grid

from rag.models import Language, Picture
from rag.report_blocks import Block, Heading, Listed, Table, Words, Working

_SANS, _BOLD, _MONO = "DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono"
"""They come with matplotlib and have every sign that formulas and units use, which the fonts built into PDF have not."""
_INK, _SOFT, _LINE = HexColor("#1f2933"), HexColor("#52606d"), HexColor("#cbd2d9")
_MARGIN = 18 * mm
_WIDTH = A4[0] - 2 * _MARGIN - 12  # a frame has 6 points of padding on each side
_PLAIN = ParagraphStyle("plain", fontName=_SANS, fontSize=9.5, leading=13.5, textColor=_INK, spaceAfter=4)
_STYLES = {
    "plain": _PLAIN,
    "strong": ParagraphStyle("strong", _PLAIN, fontName=_BOLD),
    "small": ParagraphStyle("small", _PLAIN, fontSize=8, leading=11, textColor=_SOFT),
    "code": ParagraphStyle("code", _PLAIN, fontName=_MONO, fontSize=8, leading=11.5),
    "cell": ParagraphStyle("cell", _PLAIN, fontSize=8.5, leading=11.5, spaceAfter=0),
    "head": ParagraphStyle("head", _PLAIN, fontName=_BOLD, fontSize=8.5, leading=11.5, spaceAfter=0),
    "amount": ParagraphStyle("amount", _PLAIN, fontSize=8.5, leading=11.5, spaceAfter=0, alignment=TA_RIGHT),
    "amounts": ParagraphStyle("amounts", _PLAIN, fontName=_BOLD, fontSize=8.5, leading=11.5, spaceAfter=0, alignment=TA_RIGHT),
    "source": ParagraphStyle("source", _PLAIN, fontSize=7.5, leading=10, textColor=_SOFT, spaceAfter=0),
    "working": ParagraphStyle("working", _PLAIN, fontName=_BOLD, fontSize=9.5, spaceBefore=6, keepWithNext=True),
    "h1": ParagraphStyle("h1", _PLAIN, fontName=_BOLD, fontSize=20, leading=25, spaceAfter=4),
    "h2": ParagraphStyle("h2", _PLAIN, fontName=_BOLD, fontSize=15, leading=20, spaceBefore=14, keepWithNext=True),
    "h3": ParagraphStyle("h3", _PLAIN, fontName=_BOLD, fontSize=12, leading=16, spaceBefore=12, keepWithNext=True),
}


def pdf(blocks: Sequence[Block], language: Language) -> bytes:
    """The report's bytes; the same blocks give the same bytes. Heavy: call it in a thread."""
    _fonts()
    out = io.BytesIO()
    heading = next((one.text for one in blocks if isinstance(one, Heading)), "")
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=heading,
        lang=language,
        invariant=1,
    )

    document.build([part for one in blocks for part in _flow(one)], onFirstPage=_number, onLaterPages=_number)
    return out.getvalue()


def _number(canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.setFont(_SANS, 8)
    canvas.setFillColor(_SOFT)
    canvas.drawCentredString(A4[0] / 2, _MARGIN / 2, str(document.page))


def _fonts() -> None:
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for name in (_SANS, _BOLD, _MONO):
        registerFont(TTFont(name, folder / f"{name}.ttf"))
    registerFontFamily(_SANS, normal=_SANS, bold=_BOLD, italic=_SANS, boldItalic=_BOLD)


def _flow(one: Block) -> list[Flowable]:
    match one:
        case Heading():
            return [_words(one.text, f"h{one.level}")]
        case Words():
            return [_words(one.text, one.style)]
        case Table():
            return [_grid(one), Spacer(0, 3 * mm)]
        case Working():
            first, *others = [part for held in one.held for part in _flow(held)]
            return [KeepTogether([_words(one.title, "working"), first]), *others]
        case Listed():
            items = [_words(item, "small") for item in one.items]
            return [ListFlowable(items, bulletType="bullet", bulletFontSize=6, leftIndent=10)]
        case Picture():
            image = Image(io.BytesIO(one.png))
            image.drawWidth, image.drawHeight = _WIDTH, _WIDTH * image.imageHeight / image.imageWidth
            return [KeepTogether([image, _words(one.alt, "small")]), Spacer(0, 3 * mm)]


def _words(said: str, style: str) -> Paragraph:
    return Paragraph(escape(said), _STYLES[style])


def _grid(one: Table) -> Grid:
    columns = range(len(one.rows[0]))
    kinds = ["amount" if n in one.amounts else "source" if n in one.small else "cell" for n in columns]
    heads = ["amounts" if n in one.amounts else "head" for n in columns]
    rows = [[_words(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in one.rows]
    if one.head:
        rows.insert(0, [_words(name, kind) for name, kind in zip(one.head, heads, strict=True)])
    shares = (0.36, 0.16, 0.16, 0.14, 0.18) if len(columns) == 5 else (0.38, 0.24, 0.38)
    style = TableStyle(
        [
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (0, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ]
    )
    return Grid(rows, colWidths=[share * _WIDTH for share in shares], repeatRows=1 if one.head else 0, style=style)
