"""Markdown to blocks: front matter, heading path, paragraphs, list items, tables; words verbatim, markup dropped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.errors import DocumentError
from rag.ingest.articles import opens_article
from rag.ingest.clean import tidy
from rag.ingest.dates import parse_date
from rag.ingest.parse.decode import decode
from rag.ingest.parse.html import write_markup
from rag.ingest.parse.html_clean import STRUCK
from rag.ingest.parse.outline import FIELD, Outline
from rag.ingest.parse.raised import raised
from rag.ports import Parsed

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<yaml>.{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_DATE_KEYS = ("date", "fecha", "last_updated", "updated", "modified", "revision_date", "publication_date", "published")
_LICENCE_KEYS = ("licence", "license", "licencia")
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-z][a-z0-9]*)")
_NOTE = re.compile(r"\[\^(\w{1,4})\]")
_LONGEST = 10_000_000
"""Characters; a longer Markdown file is no document but a data dump."""


def parse_markdown(data: bytes, name: str) -> Parsed:
    """Parser for Markdown. Numbers of ordered lists and bullets stay as they are written."""
    return parse_markdown_text(decode(data))


def parse_markdown_text(text: str) -> Parsed:
    """As `parse_markdown`, of text."""
    if len(text) > _LONGEST:
        raise DocumentError(f"too long for a Markdown document: {len(text)} characters, {_LONGEST} at most")
    meta, body = _split_front_matter(text)
    outline = Outline()
    _walk(_joined(MarkdownIt("commonmark").enable("table").parse(body)), outline)
    title = tidy(str(meta.get("title") or meta.get("título") or meta.get("titulo") or "")) or outline.first_heading
    return Parsed(
        blocks=tuple(outline.blocks),
        title=title,
        date=_first_date(meta) or outline.stated_date(),
        licence=next((tidy(str(meta[key])) for key in _LICENCE_KEYS if meta.get(key)), ""),
    )


def _split_front_matter(text: str) -> tuple[Mapping[str, Any], str]:
    found = _FRONT_MATTER.match(text)
    if not found:
        return {}, text
    try:
        meta = yaml.safe_load(found["yaml"])
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}, text
    return (meta, text[found.end() :]) if isinstance(meta, dict) else ({}, text)


def _first_date(meta: Mapping[str, Any]) -> date | None:
    return next((found for key in _DATE_KEYS if (found := parse_date(meta.get(key)))), None)


def _joined(tokens: list[Token]) -> list[Token]:
    """The tokens with blocks of HTML that follow each other as one: an empty line in a table cuts it in two."""
    joined: list[Token] = []
    for token in tokens:
        if token.type == "html_block" and joined and joined[-1].type == "html_block":
            joined[-1].content += token.content
        else:
            joined.append(token)
    return joined


def _walk(tokens: list[Token], outline: Outline) -> None:
    marker = ""
    rows: list[list[str]] = []
    # marker: the bullet or number of the list item that has begun; rows: of the table that is open
    level = 0
    for token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "heading_close":
            level = 0
        elif token.type == "list_item_open":
            marker = f"{token.info}{token.markup} "
        elif token.type == "table_open":
            rows = []
        elif token.type == "tr_open":
            rows.append([])
        elif token.type == "table_close":
            outline.table(rows)
            rows = []
        elif token.type == "inline":
            text = _words(token)
            if rows:
                rows[-1].append(text)
            elif level:
                outline.heading(level, text)
            else:
                _paragraph(marker + text, outline)
                marker = ""
        elif token.type in ("fence", "code_block"):
            outline.lines(marker + token.content)
            marker = ""
        elif token.type == "html_block":
            write_markup(token.content, outline)


def _paragraph(text: str, outline: Outline) -> None:
    article = opens_article(text)
    if article and article.lower().startswith(("anexo", "annex")) and len(text) < 200:
        outline.annex(text)  # official texts set the titles of annexes as plain paragraphs
    elif sum(FIELD.match(line) is not None for line in text.split("\n")) > 1:
        outline.lines(text)  # «Fecha: …» and «Autor: …», a line each
    else:
        outline.text(text)


def _words(token: Token) -> str:
    """The words of inline content: link targets, images and emphasis marks dropped, superscripts as such."""
    words = [""]
    skipped = ""  # the element, of those that are no text, that is open
    for child in token.children or []:
        tag = _TAG.match(child.content.lower()) if child.type == "html_inline" else None
        if skipped:
            skipped = "" if tag and tag["end"] and tag["name"] == skipped else skipped
        elif child.type in ("text", "code_inline"):
            words[-1] += child.content if child.type == "code_inline" else _NOTE.sub(lambda note: raised(note[1]), child.content)
        elif child.type in ("softbreak", "hardbreak") or (tag and tag["name"] == "br"):
            words[-1] += "\n"
        elif tag and tag["name"] == "sup":
            words = [words[0] + raised("".join(words[1:])), *([] if tag["end"] else [""])]
        elif tag and not tag["end"] and tag["name"] in STRUCK:
            skipped = tag["name"]
    return words[0] + raised("".join(words[1:]))
