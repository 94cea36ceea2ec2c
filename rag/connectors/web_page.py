"""What a crawl needs of a page: its links, its own name for itself, whether it wants to be indexed, and whether it changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from lxml import etree
from lxml import html as lxml_html

from rag.connectors.web_urls import OLD, name_of
from rag.ingest.parse.formats import PARSERS, ending, media_ending

_BESIDE = "//script|//style|//noscript|//template|//svg|//nav|//footer|//*[@role='navigation' or @role='contentinfo']"
_DATES = "//meta[contains(@property, '_time') or contains(@property, 'date') or contains(@name, 'date')]/@content"
_AGENTS = ("robots", "efficiencyadvisor")
_MOST_LINKS = 10_000


@dataclass(frozen=True, slots=True)
class Page:
    """`fingerprint` changes with the content, not with menus, footers and tokens; `canonical` as the page writes it, or ""."""

    fingerprint: str
    links: tuple[str, ...] = ()
    canonical: str = ""
    noindex: bool = False


def kind_of(url: str, media_type: str) -> str:
    """The ending that tells what an answer is, ".html" for pages; "" if it is nothing that people would want to be read."""
    stated, own = media_ending(media_type), ending(name_of(url))
    if stated in (".json", ".jsonl") and own not in PARSERS:
        return ""  # an interface for programs, no document
    return stated or (own if own in PARSERS or own in OLD else "")  # servers call files application/force-download and worse


def read_page(data: bytes, url: str, headers: Mapping[str, str], kind: str) -> Page:
    """A page or document; what is no HTML has only a fingerprint. Never raises for what a page holds."""
    header = headers.get("x-robots-tag", "").lower()
    if kind != ".html":
        return Page(_hash(data), noindex=_says(header, "noindex"))
    tree = _tree(data, headers.get("content-type", ""))
    if tree is None:
        return Page(_hash(data), noindex=_says(header, "noindex"))
    wishes = ",".join([header, *(meta.get("content", "").lower() for meta in tree.iter("meta") if _is_robots(meta))])
    own = next((link.get("href", "") for link in tree.iter("link") if "canonical" in link.get("rel", "").lower().split()), "")
    base = _joined(url, next((one.get("href") for one in tree.iter("base") if one.get("href")), "")) or url
    links = () if _says(wishes, "nofollow") else _links(tree, base)
    return Page(_fingerprint(tree), links, _joined(base, own) if own else "", _says(wishes, "noindex"))


def _tree(data: bytes, content_type: str) -> Any:
    charset = re.search(r"charset=[\"']?([\w.:-]+)", content_type, re.IGNORECASE)
    encoding = next((one for one in (charset[1] if charset else "", "utf-8") if one and _decodes(data, one)), None)
    try:
        parser = lxml_html.HTMLParser(encoding=encoding, no_network=True, huge_tree=False, remove_comments=True)
        return lxml_html.document_fromstring(data, parser=parser)
    except (etree.LxmlError, ValueError, LookupError):
        return None


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        return bool(data.decode(encoding))
    except (LookupError, UnicodeDecodeError):
        return False


def _is_robots(meta: Any) -> bool:
    return meta.get("name", "").lower() in _AGENTS


def _says(wishes: str, word: str) -> bool:
    said = {one.strip() for one in wishes.split(",")}
    return word in said or "none" in said


def _joined(base: str, link: str) -> str:
    """Absolute; "" for what is no address."""
    try:
        return urljoin(base, link.strip())
    except ValueError:
        return ""


def _links(tree: Any, base: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for element in islice(tree.iter("a", "area", "iframe", "frame"), _MOST_LINKS):
        link = element.get("href") or element.get("src") or ""
        nofollow = "nofollow" in element.get("rel", "").lower().split()
        if link and not nofollow and not link.lstrip().lower().startswith(("#", "mailto:", "tel:", "javascript:", "data:")):
            found[_joined(base, link)] = None
    found.pop("", None)
    return tuple(found)


def _fingerprint(tree: Any) -> str:
    dates = [str(one) for one in tree.xpath(_DATES)]
    for beside in tree.xpath(_BESIDE):
        if beside.getparent() is not None:
            beside.drop_tree()
    text = " ".join(" ".join(str(piece) for piece in tree.itertext()).split())
    return _hash("\n".join([*dates, text]).encode("utf-8", "replace"))


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
