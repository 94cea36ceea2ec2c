"""What a reader sees of a page, in plain elements: done once, before anything looks for the page's content."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from lxml import etree

from rag.ingest.parse.html_unseen import drop_unseen, stylesheets
from rag.ingest.parse.raised import raised

_NO_TEXT = ("script", "style", "template", "noscript", "svg", "canvas", "iframe", "object", "audio", "video")
STRUCK = ("del", "s", "strike")
"""What is struck out holds no longer: it is no evidence."""
_CONTROLS = "button|select|textarea|datalist|input|menu"
_OUTSIDE = "[not(ancestor::article or ancestor::main)]"
_FURNITURE = (
    f"//nav|//*[@role='navigation' or @role='contentinfo']|//footer{_OUTSIDE}|//aside{_OUTSIDE}"
    "|//dialog|//*[@role='dialog' or @role='alertdialog' or @aria-modal='true']"
)
_BANNER = re.compile(
    r"""(?:onetrust|ot-sdk|optanon|cybot|didomi|qc-cmp|usercentrics|uc-banner|cmplz|cmp-?box|iubenda|sliding-popup|eu-cookie|
    cc-(?:window|banner|revoke|container)|cky-|gdpr|rgpd|lopd|lssi|truste|trustarc|klaro|moove|_?brlbs|osano|termly|axeptio|
    sp_message|privacy-(?:banner|notice|popup|bar)|\S*cookie|\S*consent)""",
    re.IGNORECASE | re.VERBOSE,
)
"""How the ids and classes of consent banners begin, by the makers of such banners, and the words that others use."""
_ASKS = re.compile(r"\b(?:us[ao]\w*|utili[zs]\w+|emple\w+|uses?|using)\b.{0,80}\bcookies?\b", re.IGNORECASE | re.DOTALL)
_LONGEST_ASKED = 600
"""Characters of a paragraph that asks for consent in a banner whose ids and classes do not tell."""
_BLOCKS = ("p", "div", "section", "li", "td", "h2", "h3", "h4")
_FURNISHES = re.compile(
    r"menu|nav|navbar|navigation|breadcrumbs?|(?:site-|page-)?footer|pie(?:-pagina|-de-pagina)?", re.IGNORECASE
)
_PLAIN = {"figure": "div", "figcaption": "p", "address": "p", "aside": "div", "time": "span", "ins": "span"}
"""Elements that the extractor would pass over with their text."""
_WIDEST, _TALLEST, _LONGEST_CELL = 100, 500, 2_000


def clean(tree: Any, *, is_page: bool) -> None:
    """Leave of a tree what its reader sees: no scripts, no hidden or struck-out text; superscripts and merged cells written out.

    `is_page`: with menus, banners and footers, which go too. A letter or a chapter has none.
    """
    sheets = stylesheets(tree)
    etree.strip_elements(tree, *_NO_TEXT, *STRUCK, etree.Comment, etree.ProcessingInstruction, with_tail=False)
    drop_unseen(tree, sheets)
    if is_page:
        _drop(one for one in tree.xpath(_FURNITURE) if not _holds_content(one))
        _drop(one for one in tree.iter("*") if _is_banner(one) or _furnishes(one))
        _drop(_asking(tree))
        _drop(tree.xpath("|".join(f"//{tag}" for tag in _CONTROLS.split("|"))))
        _forms(tree)
    for mark in list(tree.iter("sup")):
        text = raised("".join(mark.itertext()))
        for child in list(mark):
            mark.remove(child)
        mark.text = text
    for table in tree.iter("table"):
        _spread(table)
    for element in list(tree.iter(*_PLAIN)):
        if element.tag == "aside" and _is_mostly_links(element):
            element.drop_tree()
            continue
        if element.tag in ("figcaption", "address"):
            element.attrib.clear()
        element.tag = _PLAIN[element.tag]


def _drop(elements: Any) -> None:
    for element in list(elements):
        if element.getparent() is not None:
            element.drop_tree()


def _holds_content(element: Any) -> bool:
    """Whether it cannot be furniture, whatever it is called: <body class="cookies-accepted">."""
    return element.tag in ("html", "head", "body", "main", "article") or element.find(".//main") is not None


def _names(element: Any) -> Iterator[str]:
    yield from (element.get("class") or "").split()
    yield from (element.get("id") or "").split()


def _is_banner(element: Any) -> bool:
    named = any(map(_BANNER.match, _names(element)))
    return named and not _holds_content(element) and element.find(".//h1") is None and element.find(".//article") is None


def _furnishes(element: Any) -> bool:
    """Menus and footers of pages that call them so, outside of what is marked as content."""
    if not any(map(_FURNISHES.fullmatch, _names(element))) or _holds_content(element):
        return False
    return element.find(".//h1") is None and next(element.iterancestors("main", "article"), None) is None


def _asking(tree: Any) -> Iterator[Any]:
    """Paragraphs that ask to accept cookies, outside of what is marked as content."""
    around = set()
    for text in tree.xpath("//body//text()[contains(translate(., 'COKIE', 'cokie'), 'cookie')]"):
        near = text.getparent().getparent() if text.is_tail else text.getparent()
        around.add(next((one for one in chain([near], near.iterancestors()) if one.tag in _BLOCKS), tree))
    for block in around:
        if block is not tree and next(block.iterancestors("main", "article"), None) is None:
            said = _text(block)
            if len(said) <= _LONGEST_ASKED and _ASKS.search(said):
                yield block


def _forms(tree: Any) -> None:
    """Drop forms, but for one that is the whole page."""
    half = len(_text(tree)) / 2
    for form in list(tree.iter("form")):
        if len(_text(form)) > half:
            form.tag = "div"
        elif form.getparent() is not None:
            form.drop_tree()


def _is_mostly_links(element: Any) -> bool:
    return 2 * sum(len(_text(link)) for link in element.iter("a")) > len(_text(element))


def _text(element: Any) -> str:
    return " ".join(" ".join(element.itertext()).split())


def _spread(table: Any) -> None:
    """Write merged cells out: one over rows is told in each of them, one over columns once with empty cells beside it."""
    below: dict[int, tuple[int, Any]] = {}  # by column: rows still covered, and the cell that covers them
    for row in [one for one in table.iter("tr") if next(one.iterancestors("table"), None) is table]:
        cells = [cell for cell in row if cell.tag in ("td", "th")][::-1]
        width = 0
        while cells or width in below:
            left, covering = below.pop(width, (0, None))
            if covering is not None:
                cell = row.makeelement(covering.tag)
                cell.text = _text(covering)[:_LONGEST_CELL]
                row.insert(width, cell)
                if left > 1:
                    below[width] = (left - 1, covering)
                width += 1
                continue
            cell = cells.pop()
            tall = _span(cell, "rowspan", _TALLEST if width < _WIDEST else 1)
            wide = _span(cell, "colspan", _WIDEST if width < _WIDEST else 1)
            beside = [cell, *(row.makeelement(cell.tag) for _ in range(wide - 1))]
            for one in reversed(beside[1:]):
                cell.addnext(one)
            below.update({width + place: (tall - 1, one) for place, one in enumerate(beside) if tall > 1})
            width += wide


def _span(cell: Any, name: str, most: int) -> int:
    """The span that a cell states, which is then taken off it."""
    stated = cell.attrib.pop(name, "1").strip()
    return max(1, min(int(stated), most)) if stated.isascii() and stated.isdecimal() else 1
