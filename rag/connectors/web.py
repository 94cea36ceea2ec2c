"""The pages and documents of a web site, below one address: a crawl lists them, and keeps what it read until ingest takes it."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import shutil
import weakref
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from protego import Protego
from pydantic import Field, field_validator
from yarl import URL

from rag.connectors import web_state
from rag.connectors.registry import Context, Kind, Options
from rag.connectors.safe_fetch import MOST_SECONDS, SafeFetch, checked
from rag.connectors.web_client import Client, Pace
from rag.connectors.web_crawl import Crawl, Found
from rag.connectors.web_page import in_utf8, kind_of, read_page
from rag.connectors.web_sitemap import AGENT, origin_of, read_robots, read_sitemaps
from rag.connectors.web_state import Remembered
from rag.connectors.web_urls import Scope, canonical, name_of
from rag.errors import DocumentError, InputError
from rag.ingest.parse.formats import PARSERS, ending, media_ending
from rag.ports import Fetched, Item

log = logging.getLogger(__name__)


class WebOptions(Options):
    """`url`: where to start; all below its path is read. The rest is in docs/sources.md, «A web site»."""

    url: str
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    sitemap: bool = True
    max_pages: int = Field(default=500, ge=1, le=100_000)
    max_depth: int = Field(default=12, ge=0, le=100)
    delay: float = Field(default=0.5, ge=0, le=60)
    max_mb: float = Field(default=10, gt=0, le=100)
    timeout: float = Field(default=MOST_SECONDS, gt=0, le=300)
    contact: str = Field(default="", max_length=200, pattern=r"^[\x20-\x7e]*$")
    allow_networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @field_validator("url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        try:
            checked(value, (IPv4Network("0.0.0.0/0"), IPv6Network("::/0")))
            return canonical(value)
        except DocumentError as error:
            raise ValueError(str(error)) from None


class WebConnector:
    """Connector for a site. Complete unless the limit of pages was met, or a page failed that no earlier crawl had seen."""

    def __init__(self, options: WebOptions, state: Path, pace: Pace | None = None) -> None:
        self._options, self._state = options, state
        self._pace = pace or Pace(options.delay)
        self._scope = options.model_dump_json(include={"url", "include", "exclude"})
        self._bodies = state / "bodies"
        self._failed: Mapping[str, str] = {}
        self._pages: Mapping[str, Remembered] = {}
        self._complete, self._gone = False, frozenset[str]()
        weakref.finalize(self, shutil.rmtree, self._bodies, ignore_errors=True)

    @property
    def complete(self) -> bool:
        """Whether what the last `items` did not list is gone."""
        return self._complete

    def is_gone(self, uri: str) -> bool:
        """Whether the site says of an address that it is no more, or that it wants it in no index."""
        return uri in self._gone

    async def items(self) -> AsyncIterator[Item]:
        """Every page and document, ordered by address. InputError if the start cannot be read or robots.txt forbids it."""
        self._complete = False
        file = self._state / "pages.json"
        before = await asyncio.to_thread(web_state.load, file, self._scope)
        await asyncio.to_thread(shutil.rmtree, self._bodies, ignore_errors=True)
        await asyncio.to_thread(self._bodies.mkdir, parents=True)
        async with self._fetcher() as fetch:
            found = await self._crawl(Client(fetch, self._pace), before)
        self._gone = frozenset(found.gone | {url for url, one in found.pages.items() if one.noindex})
        kept = {url: one for url, one in before.items() if url in found.failed or (not found.complete and url not in found.gone)}
        listed = sorted(_listed(found, before))
        self._pages, self._failed = kept | found.pages, found.failed
        self._complete = found.complete and bool(listed)  # a site without a page is a broken site, not an empty one
        await asyncio.to_thread(web_state.save, file, self._scope, self._pages)
        log.info("%s: %d pages and documents, %d failed", self._options.url, len(listed), len(found.failed))
        for url in listed:
            version = f"unread: {found.failed[url]}" if url in found.failed else found.pages[url].fingerprint
            yield Item(url, _named(url, self._pages.get(url)), version)

    async def fetch(self, item: Item) -> Fetched:
        """The page as it was crawled, or asked for now if it had not changed then; DocumentError says why it cannot be had."""
        if item.uri in self._failed:
            raise DocumentError(self._failed[item.uri])
        page = self._pages.get(item.uri)
        with suppress(OSError):
            data = await asyncio.to_thread(self._body(item.uri).read_bytes)
            media_type = page.media_type if page else ""
            return Fetched(item, in_utf8(data, media_type), media_type)
        try:
            async with self._fetcher() as fetch:
                answer = await Client(fetch, self._pace).get(item.uri)
        except DocumentError as error:
            reason = str(error)
            known = reason.startswith(("cannot be read", "access is refused"))
            raise DocumentError(reason if known else f"cannot be read: {reason}") from None
        media_type = answer.headers.get("content-type", "")
        if answer.status != 200 or not kind_of(answer.url, answer.headers):
            raise DocumentError(f"cannot be read: HTTP {answer.status}, {media_type or 'no media type'}")
        return Fetched(item, in_utf8(answer.body, media_type), media_type)

    async def _crawl(self, client: Client, before: Mapping[str, Remembered]) -> Found:
        robots = await _rules(client, self._options.url)
        start = await self._start(client)
        origin = origin_of(start)
        if origin != origin_of(self._options.url):
            robots = await _rules(client, start)
        named: list[str] = []
        whole = True
        if self._options.sitemap:
            first = [one for one in [*robots.sitemaps, f"{origin}/sitemap.xml"] if _same_site(one, origin)]
            named, whole = await read_sitemaps(client, first, lambda url: _same_site(url, origin))
        scope = Scope(start, self._options.include, self._options.exclude)
        crawl = Crawl(
            client, scope, robots, before, self._keep, most_pages=self._options.max_pages, most_depth=self._options.max_depth,
            missing=await _where_no_page_is(client, start),
        )  # fmt: skip
        return await crawl.run([start, *named], whole=whole)

    async def _start(self, client: Client) -> str:
        """Where the start leads: a site may have moved to `www` or https."""
        try:
            answer = await client.get(self._options.url)
        except DocumentError as error:
            raise InputError(f"{self._options.url} {error}") from None
        if answer.status != 200:
            raise InputError(f"{self._options.url} cannot be read: HTTP {answer.status}")
        stays = Scope(self._options.url, self._options.include, self._options.exclude).inside(answer.url)
        return self._options.url if stays else canonical(answer.url)

    def _fetcher(self) -> SafeFetch:
        contact = f" (+{self._options.contact})" if self._options.contact else ""
        return SafeFetch(
            f"{AGENT}/1.0{contact}", self._options.allow_networks, connections=self._pace.connections,
            most_bytes=int(self._options.max_mb * 1_000_000), seconds=self._options.timeout,
        )  # fmt: skip

    def _keep(self, url: str, body: bytes) -> None:
        self._body(url).write_bytes(body)

    def _body(self, url: str) -> Path:
        return self._bodies / hashlib.sha256(url.encode()).hexdigest()


async def _rules(client: Client, url: str) -> Protego:
    """robots.txt of an address, which sets the pace; InputError if it forbids the address."""
    origin = origin_of(url)
    robots = await read_robots(client, origin)
    client.slow_down(robots.crawl_delay(AGENT) or 0.0)
    if not robots.can_fetch(url, AGENT):
        raise InputError(f"{origin}/robots.txt does not let {url} be read")
    return robots


async def _where_no_page_is(client: Client, start: str) -> str:
    """The fingerprint of what a site shows, with status 200, under an address that nobody has; "" where it says that none is."""
    nowhere = str(URL(start).join(URL(f"efficiency-advisor-{secrets.token_hex(6)}")))
    try:
        answer = await client.get(nowhere)
    except DocumentError:
        return ""
    if answer.status != 200 or canonical(answer.url) == start:
        return ""
    page = await asyncio.to_thread(read_page, answer.body, answer.url, answer.headers, kind_of(answer.url, answer.headers))
    return page.bare


def _named(url: str, page: Remembered | None) -> str:
    """A name that ends as what it is: that of a download often does not."""
    name = name_of(url)
    told = page is None or not page.kind or ending(name) in PARSERS or media_ending(page.media_type)
    return name if told or page is None else f"{name}{page.kind}"


def _same_site(url: str, origin: str) -> bool:
    try:
        return str(URL(url).origin()) == origin
    except ValueError:
        return False


def _listed(found: Found, before: Mapping[str, Remembered]) -> set[str]:
    """Each page once: its own name for itself wins, then among equal contents the shortest address; and all that failed.

    A page that failed stands for its content of before: its copy must not take its place for a day.
    """
    pages = {url: one for url, one in found.pages.items() if one.kind and not one.noindex}
    pages |= {url: before[url] for url in found.failed if url in before and before[url].kind and not before[url].noindex}
    homes = {home for one in pages.values() if (home := one.canonical)}
    best: dict[str, str] = {}
    for url in sorted(pages, key=lambda url: (url not in homes, len(url), url)):
        own = _home(url, pages)
        if own == url:
            best.setdefault(pages[url].fingerprint, url)
    return {*best.values(), *(url for url in found.failed if url not in before or url in best.values())}


def _home(url: str, pages: Mapping[str, Remembered]) -> str:
    """Where the canonical links of pages lead.

    One that leads in a circle, or to the root of the site from another page, is a mistake of its makers, and counts for nothing.
    """
    way = [url]
    while (then := pages[way[-1]].canonical) in pages and then != way[-1]:
        if URL(then).path == "/" and URL(url).path != "/":
            break
        if then in way:
            return url
        way.append(then)
    return way[-1]


def _connect(options: WebOptions, context: Context) -> WebConnector:
    return WebConnector(options, context.state)


KIND = Kind(WebOptions, _connect)
