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
from rag.ingest.parse.outline import Outline
from rag.ports import Parsed

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it finds wrong with a page is our DocumentError
_CHARSET = re.compile(rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([\w-]{2,20})""", re.IGNORECASE)
_LONGEST = 20_000_000
_STYLE = "translate(@style, 'DISPLAYNOEVBTHUZ: ', 'displaynoevbthuz:')"
_UNSEEN = f"//body//*[@hidden or contains({_STYLE}, 'display:none') or contains({_STYLE}, 'visibility:hidden')]"
"""Elements of a letter that its reader does not see."""
_MENUS = "//nav|//footer[not(ancestor::article or ancestor::main)]"
_HEADERS = "//header[not(ancestor::article or ancestor::main)]"
_BANNERS = (
    "//*[contains(@class, 'cookie') or contains(@id, 'cookie') or contains(@class, 'consent') or contains(@id, 'consent')]"
    "[not(descendant-or-self::main or descendant::h1 or self::html or self::body)]"  # <body class="cookies-accepted">
)
_MENU_CHARACTERS = 20
"""A shorter menu may be words that the text uses too."""
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
    if len(data) > _LONGEST:
        raise DocumentError(f"too long for a page: {len(data)} bytes, {_LONGEST} at most")
    text = _text(data)
    tree = _tree(text)
    title, stated = _title(tree), _date(tree)
    outline = Outline()
    _walk(_main_content(text, tree), outline)
    if not outline.blocks:
        raise DocumentError("no text content found in the page")
    return Parsed(tuple(outline.blocks), title or outline.first_heading, stated or outline.stated_date())


def parse_body(data: bytes, name: str) -> Parsed:
    """Parser for HTML that is content from end to end and has no menus: letters, chapters of a book."""
    if len(data) > _LONGEST:
        raise DocumentError(f"too long for a page: {len(data)} bytes, {_LONGEST} at most")
    tree = _tree(_text(data))
    etree.strip_elements(tree, "script", "style", "template", "noscript", etree.Comment, with_tail=False)
    for unseen in tree.xpath(_UNSEEN):
        unseen.drop_tree()
    outline = Outline()
    bodies = tree.xpath("//body")
    _walk(bodies[0] if bodies else tree, outline)
    return Parsed(tuple(outline.blocks), _title(tree) or outline.first_heading, outline.stated_date())


def _text(data: bytes) -> str:
    declared = _CHARSET.search(data[:4096])
    if declared and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode(declared[1].decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            pass  # pages often lie about it: the bytes themselves tell
    return decode(data)


def _tree(text: str) -> Any:
    try:
        return lxml_html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
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


def _main_content(text: str, tree: Any) -> Any:
    """trafilatura's choice of the main content; the page's own <main> or <body> for pages that it finds nothing in."""
    found = trafilatura.extract(
        text, output_format="xml", include_comments=False, include_tables=True, include_formatting=False, favor_recall=True,
        deduplicate=False,
    )  # fmt: skip
    if found:
        body = etree.fromstring(found.encode(), etree.XMLParser(resolve_entities=False, huge_tree=False)).find(".//main")
        if body is not None and any(str(text).strip() for text in body.itertext()) and not _holds_a_menu(body, tree):
            headed = _around_headings(tree) if body.find(".//head") is None else None
            return body if headed is None else headed
    for unwanted in tree.xpath(f"//script|//style|{_MENUS}|//form|//noscript|//template|//aside|{_HEADERS}|{_BANNERS}"):
        if unwanted.getparent() is not None:
            unwanted.drop_tree()
    mains = tree.xpath("//main|//article|//body")
    return mains[0] if mains else tree


def _holds_a_menu(body: Any, tree: Any) -> bool:
    """Whether the choice is the whole page in one piece, as it is for pages of a sentence or two."""
    text = " ".join(" ".join(body.itertext()).split())
    menus = (" ".join(" ".join(menu.itertext()).split()) for menu in tree.xpath(_MENUS))
    return any(len(menu) >= _MENU_CHARACTERS and menu in text for menu in menus)


def _walk(element: Any, outline: Outline) -> None:
    """Write the blocks of an element: trafilatura's XML (head, list, item, row) and plain HTML alike."""
    for child in element:
        tag = child.tag if isinstance(child.tag, str) else ""
        level = _level(child, tag)
        if level:
            outline.heading(level, _words(child))
        elif tag in ("p", "item", "li", "quote", "blockquote", "ab", "dt", "dd", "figcaption"):
            _paragraph(child, tag, outline)
        elif tag == "table":
            outline.table(_rows(child))
        elif tag in ("code", "pre"):
            outline.lines("".join(child.itertext()))
        elif tag:
            _loose_text(child.text, outline)
            _walk(child, outline)
        _loose_text(child.tail, outline)


def _level(element: Any, tag: str) -> int:
    mark = element.get("rend", "") if tag == "head" else tag
    found = re.fullmatch(r"h([1-6])", mark)
    return int(found[1]) if found else 2 if tag == "head" else 0


def _paragraph(element: Any, tag: str, outline: Outline) -> None:
    inner = [child for child in element if child.tag in ("list", "ul", "ol", "p", "table", "item", "li")]
    mark = "- " if tag in ("item", "li") else ""
    if not inner:
        text = _words(element)
        outline.text(mark + text if text else "")
        return
    before = tidy(element.text or "")
    outline.text(mark + before if before else "")
    _walk(element, outline)


def _loose_text(text: str | None, outline: Outline) -> None:
    if text and len(text.strip()) > 1:
        outline.text(text)


def _words(element: Any) -> str:
    """All text of an element; line breaks count as spaces."""
    parts = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str) and child.tag not in ("script", "style", "graphic"):
            parts.append(" " if child.tag in ("lb", "br") else "")
            parts.append(_words(child))
        parts.append(child.tail or "")
    return "".join(parts) if element.tag not in ("table",) else " ".join(parts)


def _rows(table: Any) -> list[list[str]]:
    rows = []
    for row in table.iter("row", "tr"):
        if next(row.iterancestors("table"), None) is table:
            rows.append([tidy(_cell(cell)) for cell in row if cell.tag in ("cell", "td", "th")])
    return rows


def _cell(cell: Any) -> str:
    return " ".join(str(text) for text in cell.itertext())


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
