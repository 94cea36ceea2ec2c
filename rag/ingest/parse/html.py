"""HTML to blocks: the main content of a page with its heading path, lists and tables; no menus, banners or footers."""

from __future__ import annotations

import logging
import re
from datetime import date
from typing import Any

import trafilatura
from lxml import etree
from lxml import html as lxml_html

from rag.errors import DocumentError
from rag.ingest.clean import tidy
from rag.ingest.dates import parse_date
from rag.ingest.parse.decode import decode
from rag.ingest.parse.html_clean import clean
from rag.ingest.parse.outline import FIELD, Outline
from rag.ports import Parsed

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it finds wrong with a page is our DocumentError
_CHARSET = re.compile(rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([\w-]{2,20})""", re.IGNORECASE)
_PROLOGUE = re.compile(r"\A\s*(?:<\?xml[^>]*\?>\s*)?(?:<!DOCTYPE[^\[>]*\[[^\]]*\]\s*>)?", re.IGNORECASE)
"""What may stand before a page and is none of it: its declaration as XML, and definitions, which nothing here follows."""
_LONGEST = 20_000_000
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big br cite code data dfn del em font graphic hi i img ins kbd label lb mark nobr q ref s samp "
    "small span strong sub sup time tt u var wbr".split()
)
"""Parts of a sentence; other elements stand apart."""
_DATE_TAGS = (
    "article:modified_time",
    "article:published_time",
    "dcterms.modified",
    "dcterms.date",
    "dc.date",
    "date",
    "last-modified",
)


def parse_html(data: bytes, name: str) -> Parsed:
    """Parser for web pages."""
    tree = _tree(_text(data))
    stated = _date(tree)
    clean(tree, is_page=True)
    outline = Outline()
    content, headings = _main_content(tree), [_words(one) for one in tree.xpath("//h1")]
    if len(headings) == 1 and not any(_level(one, one.tag) for one in content.iter("*")):
        outline.heading(1, headings[0])
    _walk(content, outline)
    if not outline.blocks:
        raise DocumentError("no text content found in the page")
    return Parsed(tuple(outline.blocks), _title(tree) or outline.first_heading, stated or outline.stated_date())


def parse_body(data: bytes, name: str) -> Parsed:
    """Parser for HTML that is content from end to end and has no menus: letters, chapters of a book."""
    tree = _tree(_text(data))
    outline = Outline()
    write_body(tree, outline)
    return Parsed(tuple(outline.blocks), _title(tree) or outline.first_heading, outline.stated_date())


def write_markup(markup: str, outline: Outline) -> None:
    """Write the blocks of a piece of HTML that stands within another text; nothing if it has none."""
    if markup.strip():
        write_body(_tree(f"<div>{markup}</div>"), outline)


def write_body(tree: Any, outline: Outline) -> None:
    """Write all blocks of a tree that is content from end to end."""
    clean(tree, is_page=False)
    bodies = tree.xpath("//body")
    _walk(bodies[0] if bodies else tree, outline)


def _text(data: bytes) -> str:
    if len(data) > _LONGEST:
        raise DocumentError(f"too long for a page: {len(data)} bytes, {_LONGEST} at most")
    declared = _CHARSET.search(data[:4096])
    if declared and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode(declared[1].decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            pass  # pages often lie about it: the bytes themselves tell
    return decode(data)


def _tree(text: str) -> Any:
    try:
        return lxml_html.document_fromstring(_PROLOGUE.sub("", text))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise DocumentError(f"not an HTML page: {error}") from error


def _around_headings(tree: Any) -> Any:
    """The smallest element that holds the page's headings, if it has several: for pages of which trafilatura kept only the
    paragraphs, and with them the footer, since nothing in their markup says where the content is.
    """
    outside = "not(ancestor::nav or ancestor::header or ancestor::footer or ancestor::aside)"
    headings = tree.xpath(f"//*[self::h1 or self::h2 or self::h3][{outside}]")
    if len(headings) < 2:
        return None
    above = [[heading, *heading.iterancestors()] for heading in headings]
    return next((element for element in above[0][1:] if all(element in path for path in above[1:])), None)


def _main_content(tree: Any) -> Any:
    """trafilatura's choice of the main content; the page's own <main> or <body> for pages that it finds nothing in."""
    found = trafilatura.extract(
        lxml_html.tostring(tree, encoding="unicode"), output_format="xml", include_comments=False, include_tables=True,
        include_formatting=False, favor_recall=True, deduplicate=False,
    )  # fmt: skip
    if found:
        body = etree.fromstring(found.encode(), etree.XMLParser(resolve_entities=False, huge_tree=False)).find(".//main")
        if body is not None and any(str(text).strip() for text in body.itertext()) and not _is_flat(body, tree):
            headed = _around_headings(tree) if body.find(".//head") is None else None
            return body if headed is None else headed
    for header in tree.xpath("//header[not(ancestor::article or ancestor::main or descendant::h1)]"):
        header.drop_tree()
    candidates = (*tree.xpath("//main"), *tree.xpath("//article[1]"), *tree.xpath("//body"))
    return next((one for one in candidates if one.text_content().strip()), tree)


def _is_flat(body: Any, tree: Any) -> bool:
    """Whether the choice is all text of the page in one piece, headings too, as it is for pages of a sentence or two."""
    text = tidy(_words(body))
    return len(body) == 1 and any(text.startswith(tidy(_words(one))) for one in tree.xpath("//h1|//h2"))


def _walk(element: Any, outline: Outline, mark: str = "") -> None:
    """Write the blocks of an element: trafilatura's XML (head, list, item, row) and plain HTML alike. `mark` opens the first."""
    run = [_spaced(element.text)]
    for child in element:
        if _is_inline(child):
            run.append(_part("".join(run[-2:]), child))
        else:
            mark = _flush(run, mark, outline)
            _block(child, outline)
        run.append(_spaced(child.tail))
    _flush(run, mark, outline)


def _is_inline(element: Any) -> bool:
    """Whether it is a part of a sentence, and holds nothing but such parts."""
    if element.tag == "code" and "\n" in "".join(element.itertext()).strip():
        return False
    return all(one.tag in _INLINE for one in element.iter("*"))


def _block(element: Any, outline: Outline) -> None:
    tag = element.tag
    level = _level(element, tag)
    if level:
        outline.heading(level, _words(element))
    elif tag == "table" and not _is_layout(element):
        outline.table(_rows(element))
    elif tag in ("code", "pre"):
        outline.lines("".join(element.itertext()))
    else:
        _walk(element, outline, "- " if tag in ("item", "li") else "")


def _level(element: Any, tag: str) -> int:
    mark = element.get("rend", "") if tag == "head" else tag
    found = re.fullmatch(r"h([1-6])", mark)
    return int(found[1]) if found else 2 if tag == "head" else 0


def _flush(run: list[str], mark: str, outline: Outline) -> str:
    """Write the sentences gathered as paragraphs; the mark that is still to be written."""
    text = "".join(run)
    run.clear()
    for paragraph in re.split(r"\n[ \n]*\n", text):
        if len(paragraph.strip()) > 1:
            is_lines = sum(FIELD.match(line) is not None for line in paragraph.split("\n")) > 1
            (outline.lines if is_lines else outline.text)(mark + paragraph.strip())
            mark = ""
    return mark


def _spaced(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")


def _words(element: Any) -> str:
    """All text of an element: breaks as line ends, what stands in blocks of its own between spaces."""
    parts = [_spaced(element.text)]
    for child in element:
        apart = "" if child.tag in _INLINE else " "
        parts += [apart, _part(parts[-1], child), apart, _spaced(child.tail)]
    return "".join(parts)


def _part(before: str, element: Any) -> str:
    """The words of a part of a sentence. trafilatura loses the space between a word and code."""
    if element.tag in ("br", "lb"):
        return "\n"
    is_glued = element.tag == "code" and before[-1:].strip("([{\"'«“/-") != ""
    return " " * is_glued + _words(element)


def _is_layout(table: Any) -> bool:
    """Whether it only puts things beside each other, as letters and old pages do."""
    says_so = table.get("role") in ("presentation", "none")
    return says_so or (table.find(".//table") is not None and table.find(".//th") is None)


def _rows(table: Any) -> list[list[str]]:
    captions = [[tidy(_words(caption))] for caption in table if caption.tag == "caption"]
    rows = [row for row in table.iter("row", "tr") if next(row.iterancestors("table"), None) is table]
    return captions + [[tidy(_words(cell)) for cell in row if cell.tag in ("cell", "td", "th")] for row in rows]


def _title(tree: Any) -> str:
    """The page's first heading, or its <title> without the site's name."""
    headings = [tidy(_words(one)) for one in tree.xpath("//h1")]
    if len(headings) == 1 and headings[0]:
        return str(headings[0])
    titles = [tidy(one) for one in tree.xpath("//head/title/text()|//meta[@property='og:title']/@content")]
    title = next(filter(None, titles), "")
    return re.split(r"\s+[|–—·-]\s+", title)[0] if title else next(filter(None, headings), "")


def _date(tree: Any) -> date | None:
    for meta in tree.xpath("//meta[@content]"):
        key = (meta.get("property") or meta.get("name") or meta.get("http-equiv") or "").lower()
        if key in _DATE_TAGS:
            found = parse_date(meta.get("content"))
            if found:
                return found
    return next((found for one in tree.xpath("//time/@datetime") if (found := parse_date(one))), None)
