"""Markdown to blocks: front matter, heading path, paragraphs, list items, tables; words verbatim, markup dropped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml
from lxml import etree, html
from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.errors import DocumentError
from rag.ingest.articles import opens_article
from rag.ingest.clean import tidy
from rag.ingest.dates import parse_date
from rag.ingest.parse.decode import decode
from rag.ingest.parse.outline import FIELD, Outline
from rag.ports import Parsed

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<yaml>.{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_DATE_KEYS = ("date", "fecha", "last_updated", "updated", "modified", "revision_date", "publication_date", "published")
_LICENCE_KEYS = ("licence", "license", "licencia")
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
    _walk(MarkdownIt("commonmark").enable("table").parse(body), outline)
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
            outline.text(_without_tags(token.content))


def _paragraph(text: str, outline: Outline) -> None:
    article = opens_article(text)
    if article and article.lower().startswith(("anexo", "annex")) and len(text) < 200:
        outline.annex(text)  # official texts set the titles of annexes as plain paragraphs
    elif sum(FIELD.match(line) is not None for line in text.split("\n")) > 1:
        outline.lines(text)  # «Fecha: …» and «Autor: …», a line each
    else:
        outline.text(text)


def _words(token: Token) -> str:
    """The words of inline content: link targets, images and emphasis marks dropped."""
    words = []
    for child in token.children or []:
        if child.type in ("text", "code_inline"):
            words.append(child.content)
        elif child.type in ("softbreak", "hardbreak") or (
            child.type == "html_inline" and child.content.lower().startswith("<br")
        ):
            words.append("\n")
    return "".join(words)


def _without_tags(markup: str) -> str:
    """The words of an HTML block, without comments, scripts and styles."""
    try:
        tree = html.fromstring(f"<div>{markup}</div>")
    except (etree.ParserError, ValueError):
        return ""
    etree.strip_elements(tree, "script", "style", etree.Comment, with_tail=False)
    return "".join(str(text) for text in tree.itertext())
