"""One crawl of a site: level by level from its start and sitemaps, each page once, what cannot be had remembered with its reason.

What earlier crawls saw helps: an unchanged page costs no body, a page that fails keeps its links, and if any fails, all that
was known is asked for by name, so that only what has truly gone is missing in the end. So it is if most of it can no longer be
reached: a start that says «back soon» with status 200 links to nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from protego import Protego

from rag.connectors.safe_fetch import RefusedError, Response
from rag.connectors.web_client import Client, PageError
from rag.connectors.web_page import kind_of, read_page, says_noindex
from rag.connectors.web_sitemap import AGENT
from rag.connectors.web_state import Remembered
from rag.connectors.web_urls import Scope, Variants, canonical
from rag.errors import DocumentError, InputError

log = logging.getLogger(__name__)

_PAGES_AT_ONCE = 4
"""More than there are connections, so that one page that waits for its next try does not hold up the others."""
_ASK, _GIVE_UP = 20, 100
"""Failures in a row after which the start is asked whether the site is down, and after which nothing more is asked."""
Keep = Callable[[str, bytes], None]
"""Takes the body of a page that is new or has changed."""


@dataclass(slots=True)
class Found:
    """What a crawl saw: pages by canonical address, reasons of those that could not be had, addresses of which the site says that
    they are no more, and whether it saw all there is.
    """

    pages: dict[str, Remembered] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    complete: bool = True


class Crawl:
    """One run over a site. `before` is what the last one remembered; nothing is asked for that `robots` forbids."""

    def __init__(
        self, client: Client, scope: Scope, robots: Protego, before: Mapping[str, Remembered], keep: Keep,
        *, most_pages: int, most_depth: int, missing: str = "",
    ) -> None:  # fmt: skip
        """`missing`: the fingerprint of what the site shows where there is no page, if it does not say so by its status."""
        self._missing, self._down, self._patience = missing, False, _ASK
        self._client, self._scope, self._robots, self._before, self._keep = client, scope, robots, before, keep
        self._most_pages, self._most_depth = most_pages, most_depth
        self._at_once = asyncio.Semaphore(_PAGES_AT_ONCE)
        self._asked: set[str] = set()
        self._moved: defaultdict[str, list[str]] = defaultdict(list)
        self._in_a_row = 0
        self._blind = False
        self._variants = Variants()
        self.found = Found()

    async def run(self, seeds: Iterable[str], *, whole: bool) -> Found:
        """Crawl from these addresses; `whole` is whether they are all that there are. InputError if the site is down."""
        await self._levels(seeds, self._most_depth)
        if self.found.failed or not whole or 2 * len(self.found.pages.keys() & self._before.keys()) < len(self._before):
            await self._levels(list(self._before), 0)
        if self._blind and not self._before:
            self.found.complete = False
        return self.found

    async def _levels(self, seeds: Iterable[str], depth: int) -> None:
        following: Iterable[str] = seeds
        for _ in range(depth + 1):
            level = self._new(following)
            links = await asyncio.gather(*(self._visit(url) for url in level))
            if self._down:
                raise InputError(f"the site no longer answers: {', '.join(list(self.found.failed.values())[-1:])}")
            following = [url for one in links for url in one]

    def _new(self, links: Iterable[str]) -> list[str]:
        """Those links that belong to the source, may be read and have not been yet, up to the limit of pages."""
        new = []
        for link in links:
            url = self._scope.inside(link)
            if url is None or url in self._asked or not self._robots.can_fetch(url, AGENT):
                continue
            if not self._variants.admits(url):
                continue
            if len(self._asked) >= self._most_pages:
                self.found.complete = False
                break
            self._asked.add(url)
            new.append(url)
        return new

    async def _visit(self, url: str) -> list[str]:
        """Ask for a page; the links to go on with."""
        async with self._at_once:
            if self._in_a_row >= self._patience:
                await self._ask_the_start()
            if self._down:
                return []
            try:
                answer = await self._client.get(url, self._validators, lambda target: self._goes_on(url, target))
            except DocumentError as error:
                return self._missed(url, error)
            return await self._met(url, answer)

    async def _ask_the_start(self) -> None:
        """Whether the site is down, or only a part of it that happens to come in a row."""
        self._patience += _ASK
        self._down |= self._in_a_row >= _GIVE_UP
        try:
            await self._client.get(self._scope.start)
        except DocumentError:
            self._down = True

    async def _met(self, url: str, answer: Response) -> list[str]:
        """Note what answered; the links to go on with."""
        self._in_a_row, self._patience = 0, _ASK
        at = self._scope.inside(answer.url)
        if answer.status in (404, 410):
            self.found.gone.add(at or url)
        if answer.status not in (200, 304) or at is None or at in self.found.pages:
            return []
        page = await self._look(at, answer)
        if page is None:
            self.found.gone.add(at)
            return []
        self.found.pages[at] = page
        return [*page.links, page.canonical] if page.canonical else list(page.links)

    def _goes_on(self, url: str, target: str) -> bool:
        """Whether to follow a redirect: only to a page of the source that no other link has led to yet."""
        at = self._scope.inside(target)
        if at is None or not self._robots.can_fetch(at, AGENT):
            return False
        if at in self._asked and at != url and at not in self._moved[url]:  # a second try goes the same way again
            return False
        self._asked.add(at)
        self._moved[url].append(at)
        return True

    def _missed(self, url: str, error: DocumentError) -> list[str]:
        if isinstance(error, RefusedError):  # a redirect to where nobody may look
            log.warning("%s: %s", url, error)
            return []
        url = [url, *self._moved[url]][-1]  # it is the page at the end of the redirects that has failed, and that is indexed
        self.found.failed[url] = str(error)
        if isinstance(error, PageError) and not error.lasting:
            self._in_a_row += 1
        known = self._before.get(url)
        self._blind |= known is None
        return list(known.links) if known else []

    def _validators(self, url: str) -> Mapping[str, str]:
        try:
            known = self._before.get(canonical(url))
        except ValueError:
            return {}
        return known.validators() if known else {}

    async def _look(self, url: str, answer: Response) -> Remembered | None:
        """What is worth remembering of an answer, None if it only says that there is no page; a new body goes to `keep`."""
        known = self._before.get(url)
        if answer.status == 304 and known:
            return replace(known, noindex=known.noindex or says_noindex(answer.headers))
        media_type = answer.headers.get("content-type", "")
        kind = kind_of(url, answer.headers)
        page = await asyncio.to_thread(read_page, answer.body, answer.url, answer.headers, kind)
        if self._missing and page.bare == self._missing and url != self._scope.start:
            return None
        if kind and not page.noindex and (known is None or known.fingerprint != page.fingerprint):
            await asyncio.to_thread(self._keep, url, answer.body)
        return Remembered(
            _plain(answer.headers.get("etag", "")), _plain(answer.headers.get("last-modified", "")), page.fingerprint, kind,
            _plain(media_type),
            tuple(dict.fromkeys(one for link in page.links if (one := self._scope.inside(link)))),
            self._scope.inside(page.canonical) or "" if page.canonical else "", page.noindex,
        )  # fmt: skip


def _plain(header: str) -> str:
    """What can be sent back as it came; anything else is forgotten."""
    return header if header.isascii() and header.isprintable() and len(header) <= 200 else ""
