"""The words of a Word document's paragraphs: nothing hidden, deleted or moved away, superscripts and marks of notes raised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from docx.oxml.ns import qn
from lxml import etree

from rag.ingest.clean import tidy
from rag.ingest.parse.docx_table import is_no_text
from rag.ingest.parse.raised import raised

_WORDS = tuple(map(qn, ("w:t", "w:tab", "w:br", "w:cr", "w:noBreakHyphen", "w:footnoteReference", "w:endnoteReference")))
_ELSEWHERE = tuple(map(qn, ("w:del", "w:moveFrom", "w:txbxContent")))
"""What stands in these is deleted, has moved to another place, or is a text box's, which is written after its paragraph."""
_OFF = ("0", "false", "off")
_BOX = qn("w:txbxContent")
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MOST_STYLES = 20
"""Styles that are based on each other."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What formatting says of a run; None if it says nothing."""

    hidden: bool | None = None
    raised: bool | None = None

    def over(self, other: _Look) -> _Look:
        """This formatting where it says something, else the other."""
        return _Look(other.hidden if self.hidden is None else self.hidden, other.raised if self.raised is None else self.raised)


class Words:
    """Reads paragraphs of one document, numbering its notes as they come."""

    def __init__(self, document: Any) -> None:
        self._styles = _styles(document.styles.element)
        self._notes = {qn(f"w:{kind}Reference"): _notes(document, kind) for kind in ("footnote", "endnote")}
        self._count = 0
        self._pending: list[str] = []

    def of(self, paragraph: Any) -> str:
        """The words of a `w:p`, with those of links and insertions; its notes wait for `notes`."""
        words = []
        for node in paragraph.iter(*_WORDS):
            if _is_elsewhere(node, paragraph):
                continue
            look = self._look(node, paragraph)
            if look.hidden:
                continue
            if node.tag in self._notes:
                words.append(self._note(node))
            elif node.tag == qn("w:t"):
                words.append(raised(node.text or "") if look.raised else node.text or "")
            else:
                words.append("-" if node.tag == qn("w:noBreakHyphen") else " ")
        return tidy("".join(words))

    def notes(self) -> Iterator[str]:
        """The footnotes that were referred to since the last call, each behind its mark."""
        yield from self._pending
        self._pending.clear()

    def _note(self, reference: Any) -> str:
        """The mark of a note, none where the author's own follows. The note waits."""
        text = self._notes[reference.tag].get(reference.get(qn("w:id")), "")
        if reference.get(qn("w:customMarkFollows"), "0") not in _OFF:
            self._pending.append(text)
            return ""
        self._count += 1
        mark = raised(str(self._count))
        self._pending.append(f"{mark} {text}" if text else "")
        return mark

    def _look(self, node: Any, paragraph: Any) -> _Look:
        run = next(node.iterancestors(qn("w:r")), None)
        own = run.find(qn("w:rPr")) if run is not None else None
        look = _formatting(own)
        for properties, name in ((own, "w:rStyle"), (paragraph.find(qn("w:pPr")), "w:pStyle")):
            style = properties.find(qn(name)) if properties is not None else None
            look = look.over(self._styles.get(style.get(qn("w:val")), _Look()) if style is not None else _Look())
        return look


def boxes(paragraph: Any) -> Iterator[Any]:
    """The contents of the text boxes that hang on a paragraph, each once: old programs' copies of them are passed over."""
    for box in paragraph.iter(_BOX):
        if next(box.iterancestors(_BOX), None) is None and not _is_copy(box):
            yield box


def _is_copy(box: Any) -> bool:
    fallback = next(box.iterancestors(_FALLBACK), None)
    return fallback is not None and any(True for one in fallback.getparent() if one is not fallback for _ in one.iter(_BOX))


def _is_elsewhere(node: Any, paragraph: Any) -> bool:
    """Whether the node's words are not the paragraph's, though it stands within it."""
    for above in node.iterancestors():
        if above is paragraph:
            return False
        if above.tag in _ELSEWHERE or is_no_text(above):
            return True
    return False


def _formatting(properties: Any) -> _Look:
    if properties is None:
        return _Look()
    hidden, place = properties.find(qn("w:vanish")), properties.find(qn("w:vertAlign"))
    return _Look(
        None if hidden is None else hidden.get(qn("w:val"), "1") not in _OFF,
        None if place is None else place.get(qn("w:val")) == "superscript",
    )


def _styles(element: Any) -> Mapping[str, _Look]:
    """What each style says, with the styles that it is based on."""
    own, based = {}, {}
    for style in element.iter(qn("w:style")):
        name, base = style.get(qn("w:styleId")), style.find(qn("w:basedOn"))
        own[name] = _formatting(style.find(qn("w:rPr")))
        based[name] = base.get(qn("w:val")) if base is not None else None
    looks = {}
    for name, look in own.items():
        base, steps = based[name], 0
        while base in own and steps < _MOST_STYLES:
            look, base, steps = look.over(own[base]), based[base], steps + 1
        looks[name] = look
    return looks


def _notes(document: Any, kind: str) -> Mapping[str, str]:
    """The text of each footnote or endnote by its id."""
    part = next((one.target_part for one in document.part.rels.values() if one.reltype.endswith(f"/{kind}s")), None)
    if part is None:
        return {}
    root = etree.fromstring(part.blob, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    return {
        note.get(qn("w:id"), ""): tidy(
            " ".join("".join(text.text or "" for text in p.iter(qn("w:t"))) for p in note.iter(qn("w:p")))
        )
        for note in root.iter(qn(f"w:{kind}"))
    }
