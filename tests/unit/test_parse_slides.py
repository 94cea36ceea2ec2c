"""Slides: groups and diagrams are read where they stand, superscripts raised, and what cannot be read is named."""

from __future__ import annotations

from typing import Any

import pptx
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.oxml import parse_xml
from pptx.util import Cm

from rag.ingest.parse.pptx import parse_pptx
from rag.ports import Parsed
from tests.samples import saved

SPACES = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:d="http://schemas.openxmlformats.org/drawingml/2006/diagram"'
)


def blank() -> tuple[Any, Any]:
    """A presentation and its only slide, which is empty."""
    made = pptx.Presentation()
    made.core_properties.title = ""
    return made, made.slides.add_slide(made.slide_layouts[6])


def read(made: Any) -> Parsed:
    """The presentation as it is read."""
    return parse_pptx(saved(made), "x.pptx")


def texts(parsed: Parsed) -> list[str]:
    """The text of each block."""
    return [block.text for block in parsed.blocks]


def diagram(slide: Any, place: str) -> None:
    """Put the frame of a diagram on a slide; `place` names the part with its texts."""
    frame = (
        f'<p:graphicFrame {SPACES}><p:nvGraphicFramePr><p:cNvPr id="9" name="D"/><p:cNvGraphicFramePr/><p:nvPr/>'
        '</p:nvGraphicFramePr><p:xfrm><a:off x="9" y="9"/><a:ext cx="9" cy="9"/></p:xfrm><a:graphic><a:graphicData '
        f'uri="http://schemas.openxmlformats.org/drawingml/2006/diagram"><d:relIds r:dm="{place}"/></a:graphicData></a:graphic>'
        "</p:graphicFrame>"
    )
    slide.shapes._spTree.append(parse_xml(frame))


def test_superscripts_on_slides() -> None:
    """In text and in tables: a raised mark is no digit of the number."""
    made, slide = blank()
    table = slide.shapes.add_table(1, 1, Cm(1), Cm(9), Cm(5), Cm(1)).table
    frames = (slide.shapes.add_textbox(Cm(1), Cm(1), Cm(5), Cm(1)).text_frame, table.cell(0, 0).text_frame)
    for frame in frames:
        for text, height in (("Fueron 182", None), ("1", "30000"), (" t CO", None), ("2", "-25000")):
            piece = frame.paragraphs[0].add_run()
            piece.text = text
            if height:
                piece.font._element.set("baseline", height)
    assert texts(read(made)) == ["Fueron 182¹ t CO2", "Fueron 182¹ t CO2"]


def test_groups_have_their_own_measure() -> None:
    """Places in a group are the group's: what lies on the slide is read, what lies beside it or is hidden with it is not."""
    made, slide = blank()
    for text, left, hidden in (("dentro", Cm(1), False), ("fuera", Cm(90), False), ("oculto", Cm(1), True)):
        group = slide.shapes.add_group_shape()
        box = group.shapes.add_textbox(Cm(1), Cm(2), Cm(3), Cm(1))
        box.text_frame.text = text
        frame = group._element.grpSpPr.xfrm
        frame.off.x = left
        for one in (box._element.spPr.xfrm.off, frame.chOff):
            one.x, one.y = one.x * 100, one.y * 100
        for size in (box._element.spPr.xfrm.ext, frame.chExt):
            size.cx, size.cy = size.cx * 100, size.cy * 100
        if hidden:
            group._element.nvGrpSpPr.cNvPr.set("hidden", "1")
    assert texts(read(made)) == ["dentro"]


def test_diagrams() -> None:
    """A diagram's texts are read; of one without any the slide is named."""
    made, slide = blank()
    points = "".join(f"<d:pt><d:t><a:p><a:r><a:t>{text}</a:t></a:r></a:p></d:t></d:pt>" for text in ("Medir", "Reparar"))
    content = f"<d:dataModel {SPACES}>{points}</d:dataModel>".encode()
    part = Part(PackURI("/ppt/diagrams/data1.xml"), "application/xml", made.part.package, content)
    diagram(slide, slide.part.relate_to(part, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/diagramData"))
    diagram(slide, "rId77")
    parsed = read(made)
    assert texts(parsed) == ["- Medir", "- Reparar"]
    assert parsed.notes == ("slide 1: a chart, diagram or embedded object is not read",)
