"""OpenDocument text: notes follow their paragraph, superscripts are raised, what a style or a section hides is not read."""

from __future__ import annotations

from rag.ingest.parse.odf import parse_odf
from tests.samples import opendocument_raw

STYLES = (
    '<style:style style:name="T1" style:family="text"><style:text-properties text:display="none"/></style:style>'
    '<style:style style:name="T2" style:family="text"><style:text-properties style:text-position="super 58%"/></style:style>'
    '<style:style style:name="T3" style:family="text" style:parent-style-name="T2"/>'
)
NOTE = (
    '<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body><text:p>Sin fangos.</text:p>'
    "</text:note-body></text:note>"
)


def test_notes_superscripts_and_hidden_text() -> None:
    """In paragraphs and in tables."""
    body = (
        f"<text:p>Fueron 182{NOTE} MWh.</text:p>"
        '<text:section text:display="none"><text:p>SECRETO</text:p></text:section>'
        '<text:p><text:span text:style-name="T1">SECRETO</text:span>Visible, 10'
        '<text:span text:style-name="T3">6</text:span> Wh</text:p>'
        '<text:p><text:hidden-paragraph text:is-hidden="true"/>SECRETO</text:p>'
        "<table:table><table:table-row><table:table-cell><text:p>2022</text:p></table:table-cell><table:table-cell><text:p>1.234"
        '<text:span text:style-name="T2">a</text:span></text:p></table:table-cell></table:table-row></table:table>'
    )
    parsed = parse_odf(opendocument_raw("text", body, STYLES), "x.odt")
    assert [block.text for block in parsed.blocks] == ["Fueron 182¹ MWh.", "¹ Sin fangos.", "Visible, 10⁶ Wh", "2022 | 1.234ª"]
