"""What a crawl needs of a page: its links, its own name for itself, whether it wants to be indexed, and whether it changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

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
    """`fingerprint` changes with the content, not with menus, footers and tokens; `canonical` as the page writes it, or "".

    `bare` is the fingerprint without the page's own path, which a page that says «/x does not exist» repeats.
    """

    fingerprint: str
    links: tuple[str, ...] = ()
    canonical: str = ""
    noindex: bool = False
    bare: str = ""


def kind_of(url: str, headers: Mapping[str, str]) -> str:
    """The ending that tells what an answer is, ".html" for pages; "" if it is nothing that people would want to be read.

    By its media type, else by the name under which it is to be saved (RFC 6266), else by its address.
    """
    stated, own = media_ending(headers.get("content-type", "")), ending(_saved_as(headers) or name_of(url))
    if stated in (".json", ".jsonl") and own not in PARSERS:
        return ""  # an interface for programs, no document
    return stated or (own if own in PARSERS or own in OLD else "")  # servers call files application/force-download and worse


def _saved_as(headers: Mapping[str, str]) -> str:
    told = Message()
    told["content-disposition"] = headers.get("content-disposition", "").replace("\r", " ").replace("\n", " ")
    return told.get_filename("")


def says_noindex(headers: Mapping[str, str]) -> bool:
    """Whether an answer's header wants it in no index."""
    return _says(headers.get("x-robots-tag", "").lower(), "noindex")


def read_page(data: bytes, url: str, headers: Mapping[str, str], kind: str) -> Page:
    """A page or document; what is no HTML has only a fingerprint. Never raises for what a page holds."""
    header = headers.get("x-robots-tag", "").lower()
    tree = _tree(data, headers.get("content-type", "")) if kind == ".html" else None
    if tree is None:
        return Page(_hash(data), noindex=says_noindex(headers))
    wishes = ",".join([header, *(meta.get("content", "").lower() for meta in tree.iter("meta") if _is_robots(meta))])
    own = next((link.get("href", "") for link in tree.iter("link") if "canonical" in link.get("rel", "").lower().split()), "")
    base = _joined(url, next((one.get("href") for one in tree.iter("base") if one.get("href")), "")) or url
    links = () if _says(wishes, "nofollow") else _links(tree, base)
    told = _told(tree)
    bare = re.sub(rf"(?<![\w/]){re.escape(urlsplit(url).path)}(?![\w/])", "", told)
    return Page(_hashed(told), links, _joined(base, own) if own else "", _says(wishes, "noindex"), _hashed(bare))


def in_utf8(data: bytes, content_type: str) -> bytes:
    """A text as UTF-8 with its mark, if the answer's header names another encoding: the header knows best (RFC 9110, 8.3)."""
    charset = _charset(content_type)
    if charset in ("", "utf-8", "utf8") or not _decodes(data, charset):
        return data
    return data.decode(charset).encode("utf-8-sig")


def _charset(content_type: str) -> str:
    found = re.search(r"charset=[\"']?([\w.:-]+)", content_type, re.IGNORECASE)
    return found[1].lower() if found else ""


def _tree(data: bytes, content_type: str) -> Any:
    encoding = next((one for one in (_charset(content_type), "utf-8") if one and _decodes(data, one)), None)
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


def _told(tree: Any) -> str:
    """Its dates and its text, without what stands around it."""
    dates = [str(one) for one in tree.xpath(_DATES)]
    for beside in tree.xpath(_BESIDE):
        if beside.getparent() is not None:
            beside.drop_tree()
    text = " ".join(" ".join(str(piece) for piece in tree.itertext()).split())
    return "\n".join([*dates, text])


def _hashed(text: str) -> str:
    return _hash(text.encode("utf-8", "replace"))


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
