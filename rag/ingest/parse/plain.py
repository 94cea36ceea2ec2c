"""Plain text to blocks: paragraphs between empty lines, list items, headings that look like headings."""

from __future__ import annotations

import re

from rag.ingest.articles import opens_article
from rag.ingest.parse.decode import decode
from rag.ingest.parse.outline import FIELD, Outline
from rag.ports import Parsed

_ITEM = re.compile(r"\s*(?:[-–—•*·▪◦+]\s|\(?[a-zñ]{1,2}\)\s|\d{1,3}[.)]\s|[ivx]+\)\s)")
_RULE = re.compile(r"\s*([=\-~*_#])\1{2,}\s*")
_NUMBERED = re.compile(r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+[A-ZÁÉÍÓÚÑ¿]")
_LONGEST_HEADING = 100


def parse_plain(data: bytes, name: str) -> Parsed:
    """Parser for text files."""
    outline = Outline()
    lines = decode(data).replace("\f", "\n\n").split("\n")
    paragraph: list[str] = []
    for place, line in enumerate(lines):
        before = lines[place - 1] if place else ""
        after = lines[place + 1] if place + 1 < len(lines) else ""
        if _RULE.fullmatch(line):
            continue
        level = _heading_level(line, before, after)
        if not line.strip() or level or _ITEM.match(line) or FIELD.match(line) or (paragraph and FIELD.match(paragraph[-1])):
            _flush(paragraph, outline)
        if level:
            outline.heading(level, line)
        elif line.strip():
            paragraph.append(line)
    _flush(paragraph, outline)
    return Parsed(tuple(outline.blocks), title=outline.first_heading, date=outline.stated_date())


def _flush(paragraph: list[str], outline: Outline) -> None:
    outline.text(" ".join(paragraph))
    paragraph.clear()


def _heading_level(line: str, before: str, after: str) -> int:
    """1 for a title, deeper for numbered sections and articles, 0 for text."""
    text = line.strip()
    if not text or len(text) > _LONGEST_HEADING or (before.strip() and not _RULE.fullmatch(before)):
        return 0
    underlined = _RULE.fullmatch(after) is not None
    if opens_article(text):
        return 4
    if text[-1] in ".;,:" and not underlined:
        return 0
    numbered = _NUMBERED.match(text)
    if numbered and (underlined or not after.strip()):
        return 1 + numbered["number"].count(".") + 1
    if underlined:
        return 1 if after.strip()[0] in "=#*" else 2
    letters = [char for char in text if char.isalpha()]
    shouted = len(letters) > 3 and all(char.isupper() for char in letters)
    return 1 if shouted and not _ITEM.match(line) else 0
