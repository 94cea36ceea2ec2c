"""What a site says of itself: robots.txt, which is obeyed, and the sitemaps that it names or keeps where all do."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Sequence

from lxml import etree
from protego import Protego
from yarl import URL

from rag.connectors.safe_fetch import MOST_BYTES, Response
from rag.connectors.web_client import Client, PageError
from rag.errors import DocumentError, InputError

log = logging.getLogger(__name__)

AGENT = "EfficiencyAdvisor"
_ROBOTS_BYTES = 500_000
_MOST_FILES, _MOST_ADDRESSES = 50, 100_000


async def read_robots(client: Client, origin: str) -> Protego:
    """The site's rules; none if it has no robots.txt. InputError if it cannot tell: then nothing may be read (RFC 9309)."""
    try:
        answer = await client.get(f"{origin}/robots.txt")
    except PageError as error:
        if not error.lasting:
            raise InputError(f"{origin}/robots.txt {error}") from None
        return Protego.parse("")
    except DocumentError as error:
        raise InputError(f"{origin}/robots.txt: {error}") from None
    text = answer.body[:_ROBOTS_BYTES].decode("utf-8", "replace") if answer.status == 200 else ""
    return Protego.parse(text)


async def read_sitemaps(client: Client, first: Sequence[str], admits: Callable[[str], bool]) -> tuple[list[str], bool]:
    """All addresses in sitemaps and the sitemaps that they name, and whether each that there is could be read.

    `admits` tells of a sitemap's address whether it may be asked.
    """
    waiting, seen, whole = list(dict.fromkeys(first)), set(first), True
    found: dict[str, None] = {}
    while waiting and len(found) < _MOST_ADDRESSES:
        url = waiting.pop(0)
        try:
            answer = await client.get(url)
        except DocumentError as error:
            log.warning("sitemap %s: %s", url, error)
            whole = False
            continue
        pages, more = parse_sitemap(answer) if answer.status == 200 else ([], [])
        found |= dict.fromkeys(pages)
        for one in more:
            if one not in seen and len(seen) < _MOST_FILES and admits(one):
                seen.add(one)
                waiting.append(one)
    return list(found)[:_MOST_ADDRESSES], whole


def parse_sitemap(answer: Response) -> tuple[list[str], list[str]]:
    """Addresses of pages and of further sitemaps, from XML or text, packed or not; nothing from anything else."""
    data = _unpacked(answer.body)
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        lines = [line.strip() for line in data.decode("utf-8-sig", "replace").splitlines()]
        return [line for line in lines if line.startswith(("http://", "https://"))], []
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(data.lstrip(), parser)
    except etree.XMLSyntaxError:
        return [], []
    if root is None:
        return [], []
    places = [(element.text or "").strip() for element in root.iterfind("./{*}*/{*}loc")]
    return ([], places) if etree.QName(root).localname == "sitemapindex" else (places, [])


def _unpacked(data: bytes) -> bytes:
    """A .gz file's content, in however many parts, as far as a page may be long: a bomb is cut."""
    text = b""
    while data.startswith(b"\x1f\x8b") and len(text) < MOST_BYTES:
        part = zlib.decompressobj(wbits=31)
        try:
            text += part.decompress(data, MOST_BYTES - len(text))
        except zlib.error:
            return text
        data = part.unused_data
    return text or data


def origin_of(url: str) -> str:
    """Scheme, host and port."""
    return str(URL(url).origin())
