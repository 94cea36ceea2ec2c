"""EPUB books to blocks: the chapters in the order of their spine, each read as a web page."""

from __future__ import annotations

import io
import posixpath
import zipfile
from typing import Any
from urllib.parse import unquote

from lxml import etree

from rag.errors import DocumentError
from rag.ingest.clean import tidy
from rag.ingest.dates import parse_date
from rag.ingest.parse.archive import check_archive
from rag.ingest.parse.html import parse_body
from rag.ports import Block, Parsed

_CONTAINER = "META-INF/container.xml"
_NAMES = {
    "c": "urn:oasis:names:tc:opendocument:xmlns:container",
    "o": "http://www.idpf.org/2007/opf",
    "dc": "http://purl.org/dc/elements/1.1/",
}
_PAGES = ("application/xhtml+xml", "text/html")


def parse_epub(data: bytes, name: str) -> Parsed:
    """Parser for books (.epub). One with copy protection is refused."""
    check_archive(data, _CONTAINER, "EPUB")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            if "META-INF/encryption.xml" in book.namelist() and "META-INF/rights.xml" in book.namelist():
                raise DocumentError("protected against copying: it cannot be read")
            roots = _xml(book.read(_CONTAINER)).xpath("//c:rootfile/@full-path", namespaces=_NAMES)
            if not roots:
                raise DocumentError("broken EPUB file: it names no contents")
            package = _xml(book.read(str(roots[0])))
            blocks, notes = _chapters(book, package, posixpath.dirname(str(roots[0])))
    except (KeyError, ValueError, RuntimeError, etree.LxmlError, zipfile.BadZipFile, OSError) as error:
        raise DocumentError(f"broken EPUB file: {error}") from error
    title = next(iter(package.xpath("//dc:title/text()", namespaces=_NAMES)), "")
    stated = next(iter(package.xpath("//dc:date/text()", namespaces=_NAMES)), "")
    return Parsed(tuple(blocks), tidy(str(title)), parse_date(str(stated)[:10]), notes=tuple(notes))


def _chapters(book: zipfile.ZipFile, package: Any, folder: str) -> tuple[list[Block], list[str]]:
    """The blocks of all chapters; a chapter without text (a cover) is none, a broken one is noted."""
    items = {
        item.get("id"): item
        for item in package.xpath("//o:manifest/o:item", namespaces=_NAMES)
        if item.get("media-type") in _PAGES and "nav" not in (item.get("properties") or "").split()
    }
    blocks: list[Block] = []
    notes = []
    for reference in package.xpath("//o:spine/o:itemref[not(@linear='no')]/@idref", namespaces=_NAMES):
        if str(reference) not in items:
            continue
        path = posixpath.normpath(posixpath.join(folder, unquote(items[str(reference)].get("href") or "")))
        try:
            blocks += parse_body(book.read(path), path).blocks
        except DocumentError as error:
            notes.append(f"{path}: {error}")
        except KeyError:
            notes.append(f"{path}: missing in the book")
    return blocks, notes


def _xml(data: bytes) -> Any:
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
