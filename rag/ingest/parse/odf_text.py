"""The words of OpenDocument paragraphs: nothing hidden by a style, superscripts and marks of notes raised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rag.ingest.clean import tidy
from rag.ingest.parse.raised import raised

SKIPPED = frozenset(
    "text:tracked-changes text:table-of-content text:alphabetical-index text:sequence-decls office:forms office:annotation "
    "text:bibliography text:illustration-index text:table-index office:annotation-end".split()
)
_APART = ("text:s", "text:tab", "text:line-break", "text:p", "text:list-item")
_WHOLE = ("text:p", "text:h", "draw:frame")
_MOST_STYLES = 20
"""Styles that are based on each other."""


class Words:
    """Reads the elements of one document."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._looks: dict[tuple[str, str], tuple[bool, bool]] = {}
        self._pending: list[str] = []

    def of(self, element: Any) -> str:
        """The text of an element and all within it, without comments and text boxes; its notes wait for `notes`."""
        if self.is_hidden(element):
            return ""
        parts = [element.text or ""]
        for child in element.children:
            if child.tag in _APART:
                parts.append(" ")
            if child.tag == "text:note":
                parts.append(self._note(child))
            elif child.tag not in SKIPPED and (child.tag != "draw:text-box" or is_title(element)):
                words = self.of(child)
                parts.append(raised(words) if child.tag == "text:span" and self._look(child, "text")[1] else words)
            parts.append(child.tail or "")
        return tidy("".join(parts)) if element.tag in _WHOLE else "".join(parts)

    def notes(self) -> Iterator[str]:
        """The notes that were referred to since the last call, each behind its mark."""
        yield from self._pending
        self._pending.clear()

    def is_hidden(self, element: Any) -> bool:
        """Whether a paragraph, a section or words of a sentence are formatted as hidden."""
        if element.tag in ("text:p", "text:h"):
            hidden = element.get_elements("text:hidden-paragraph")
            told_so = any(one.get_attribute_string("text:is-hidden") == "true" for one in hidden)
            return told_so or self._look(element, "paragraph")[0]
        if element.tag == "text:section":
            return bool(element.get_attribute_string("text:display") == "none")
        return element.tag == "text:span" and self._look(element, "text")[0]

    def _note(self, note: Any) -> str:
        """The mark of a note, which waits."""
        citation = note.get_element("text:note-citation")
        mark = raised((citation.text or "").strip()) if citation is not None else ""
        body = note.get_element("text:note-body")
        text = tidy(" ".join(self.of(one) for one in body.children)) if body is not None else ""
        if text:
            self._pending.append(f"{mark} {text}")
        return mark

    def _look(self, element: Any, family: str) -> tuple[bool, bool]:
        """Whether an element's style, or one that it is based on, hides it; and whether it raises it."""
        name = element.get_attribute_string("text:style-name") or ""
        if (family, name) not in self._looks:
            said: dict[str, str] = {}
            base: str | None = name
            for _ in range(_MOST_STYLES):
                style = self._document.get_style(family, base) if base else None
                if style is None:
                    break
                said = {**(style.get_properties(area="text") or {}), **said}
                base = style.parent_style
            self._looks[family, name] = (said.get("text:display") == "none", _is_high(said.get("style:text-position", "")))
        return self._looks[family, name]


def is_title(frame: Any) -> bool:
    """Whether a frame holds a slide's title."""
    return bool(frame.get_attribute_string("presentation:class") == "title")


def _is_high(position: str) -> bool:
    """«super 58%», or a height in percent above the line."""
    height = position.split(" ")[0]
    return height == "super" or (height.endswith("%") and height.strip("-%0") != "" and not height.startswith("-"))
