"""Pages of Confluence (Cloud and Data Center) and the files attached to them: lists and fetches them for ingest.

What not every reader of Confluence may read is left out: a source's audience cannot express a page's own restrictions.
"""

from __future__ import annotations

import asyncio
import html
import logging
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Self
from urllib.parse import parse_qs, quote, urljoin, urlsplit

from pydantic import Field, SecretStr, model_validator

from rag.connectors.confluence_api import Elsewhere, Pace, Wiki, WikiError, origin
from rag.connectors.globs import wanted
from rag.connectors.registry import Context, Kind, Options
from rag.connectors.safe_fetch import SafeFetch
from rag.errors import DocumentError, InputError
from rag.ingest.parse.formats import LARGEST, NOT_DOCUMENTS, PARSERS, ending, no_parser
from rag.ports import Fetched, Item

log = logging.getLogger(__name__)

_READERS = "restrictions.read.restrictions.user,restrictions.read.restrictions.group"
_LISTED = f"version,ancestors,metadata.labels,{_READERS}"
_READ = f"body.export_view,version,{_READERS}"
_VIEW = "/pages/viewpage.action"
_PACE = Pace()
_AGENT = "EfficiencyAdvisor/1.0"
_HOLDER = re.compile(r"/download/attachments/(\d+)/")
"""The page that a file is attached to, in the file's address."""
_SECRET = "restricted in Confluence: only some may read it"  # noqa: S105 - a reason
_UNLISTED = "cannot be read: the files are not listed: "
_UNSURE = "restricted in Confluence, perhaps: who may read what lies above it cannot be found out"


class ConfluenceOptions(Options):
    """`url` with its path (`https://example.atlassian.net/wiki`); `labels`: only pages that have one of them."""

    url: str
    spaces: tuple[str, ...] = Field(min_length=1)
    labels: tuple[str, ...] = ()
    cloud: bool = False
    attachments: bool = True
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    user: SecretStr | None = None
    token: SecretStr | None = None

    @model_validator(mode="after")
    def _can_log_in(self) -> Self:
        parts = urlsplit(self.url)
        if parts.scheme not in ("https", "http") or not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
            raise ValueError("url is the address of a Confluence, without user, query or fragment")
        if parts.scheme == "http" and not _loopback(parts.hostname):
            raise ValueError("url must begin with https://: a token goes with each request")
        if self.token is None or not self.token.get_secret_value():
            raise ValueError("token is missing: set ADVISOR_SOURCE_<NAME>_TOKEN")
        if self.cloud and self.user is None:
            raise ValueError("Confluence Cloud needs the user of the token: set ADVISOR_SOURCE_<NAME>_USER")
        if any('"' in one or "\\" in one or not one.strip() for one in (*self.spaces, *self.labels)):
            raise ValueError("spaces and labels are keys and names, without quotes")
        return self


@dataclass(frozen=True, slots=True)
class _Listing:
    """`read` are the pages that may be, by id."""

    items: tuple[Item, ...]
    complete: bool
    read: frozenset[str]


class ConfluenceConnector:
    """Connector for spaces. A page's `uri` is its address by id, which stays when its title changes; a file's where it is kept.

    `complete` is false if the files of a space could not be listed. A page that only some may read is listed with another
    version and cannot be fetched, so that what was indexed of it goes with the next run.
    """

    def __init__(self, options: ConfluenceOptions, pace: Pace = _PACE) -> None:
        base = options.url.rstrip("/")
        self._base = f"{base}/wiki" if options.cloud and urlsplit(base).path == "" else base
        self._options, self._pace = options, pace
        self._made: Wiki | None = None
        self._complete = False
        self._read: frozenset[str] = frozenset()

    @property
    def complete(self) -> bool:
        """After `items` ended: whether everything was listed."""
        return self._complete

    def is_gone(self, uri: str) -> bool:
        """Pages are all listed, or the run ends; of files that are not, those of pages that are read may still be there."""
        holder = _HOLDER.search(urlsplit(uri).path)
        return self._page_id(uri) != "" or (holder is not None and holder[1] not in self._read)

    async def items(self) -> AsyncIterator[Item]:
        """Every page and file, by page. InputError if a space cannot be listed or shows no page: that is no empty space."""
        self._complete = False
        try:
            listing = await asyncio.to_thread(self._list)
        except WikiError as error:
            raise InputError(f"{self._base} cannot be listed: {error}") from error
        self._complete, self._read = listing.complete, listing.read
        for item in listing.items:
            yield item

    async def fetch(self, item: Item) -> Fetched:
        """A page as HTML or a file's bytes; DocumentError if only some may read it, it has no parser or cannot be read."""
        if item.version.startswith((_SECRET[:10], _UNLISTED)):
            raise DocumentError(item.version)
        page = self._page_id(item.uri)
        try:
            if page:
                return Fetched(item, await asyncio.to_thread(self._page, page), "text/html; charset=utf-8")
            return Fetched(item, await self._file(item))
        except WikiError as error:
            raise DocumentError(f"cannot be read: {error}") from error

    def _wiki(self) -> Wiki:
        if self._made is None:
            options = self._options
            user, token = (one.get_secret_value() if one else "" for one in (options.user, options.token))
            self._made = Wiki(self._base, cloud=options.cloud, user=user, token=token, pace=self._pace)
        return self._made

    def _list(self) -> _Listing:
        items, complete = [], True
        read: set[str] = set()
        for space in self._options.spaces:
            pages = {
                str(one["id"]): one for one in self._wiki().search(f'type = page and space = "{space}" order by created', _LISTED)
            }
            if not pages:
                raise WikiError(f"space {space} shows no page: it does not exist, or this user may not read it")
            above = _Restrictions(self._wiki(), pages)
            reasons = {key: above.reason(page) for key, page in pages.items() if self._chosen(page)}
            found = [
                self._item(pages[key], reason)
                for key, reason in reasons.items()
                if wanted(_title(pages[key]), self._options.include, self._options.exclude)
            ]
            own = {key for key, reason in reasons.items() if not reason}
            read |= own
            if self._options.attachments:
                try:
                    found += list(self._files(space, own))
                except WikiError as error:
                    log.warning("the files of space %s at %s cannot be listed: %s", space, self._base, error)
                    complete = False
                    address = f"{self._base}/pages/listattachmentsaction.action?key={quote(space)}"
                    found.append(Item(address, f"files of {space}", f"{_UNLISTED}{error}"))
            items += sorted(found, key=lambda item: (self._page_id(item.uri) == "", item.uri))
        return _Listing(tuple(items), complete, frozenset(read))

    def _chosen(self, page: Mapping[str, Any]) -> bool:
        """Current, and with one of the labels: neither a draft nor archived nor in the bin."""
        labels = {str(one.get("name")) for one in _at(page, "metadata", "labels", "results") or ()}
        return page.get("status", "current") == "current" and (not self._options.labels or bool(labels & {*self._options.labels}))

    def _item(self, page: Mapping[str, Any], reason: str) -> Item:
        """A restricted page is named by its number: its title, too, is only for some."""
        uri = f"{self._base}{_VIEW}?pageId={page['id']}"
        return Item(uri, f"page {page['id']}", reason) if reason else Item(uri, _title(page), _version(page))

    def _files(self, space: str, pages: Iterable[str]) -> Iterator[Item]:
        """Files of pages that are read; each once, whatever the server says twice."""
        seen, of = set(), {*pages}
        for one in self._wiki().search(f'type = attachment and space = "{space}" order by created', "version,container"):
            name, link = _title(one), _at(one, "_links", "download")
            if str(_at(one, "container", "id")) not in of or one.get("status", "current") != "current" or not link:
                continue
            uri = self._address(str(link).split("?")[0])
            keep = ending(name) not in NOT_DOCUMENTS and wanted(name, self._options.include, self._options.exclude)
            if keep and uri not in seen and origin(uri) == origin(self._base):
                seen.add(uri)
                yield Item(uri, name, _version(one))

    def _address(self, link: str) -> str:
        """A link of the interface, which is relative to the address of Confluence, with or without the path of that."""
        path = urlsplit(self._base).path
        return urljoin(f"{self._base}/", link if path and link.startswith(f"{path}/") else link.lstrip("/"))

    def _page_id(self, uri: str) -> str:
        return parse_qs(urlsplit(uri).query).get("pageId", [""])[0] if uri.startswith(f"{self._base}{_VIEW}?") else ""

    def _page(self, page_id: str) -> bytes:
        """The page as it is exported, with its title and the date of its last change."""
        page = next(iter(self._wiki().search(f"id = {page_id}", _READ)), None) if page_id.isdigit() else None
        if page is None:
            raise DocumentError("cannot be read: the page has gone")
        if _restricted(_at(page, "restrictions", "read")) is not False:
            raise DocumentError(_SECRET)
        body, date = str(_at(page, "body", "export_view", "value") or ""), str(_at(page, "version", "when") or "")[:10]
        title = html.escape(_title(page))
        head = f'<meta charset="utf-8"><title>{title}</title><meta name="last-modified" content="{html.escape(date)}">'
        return f"<!doctype html><html><head>{head}</head><body><main><h1>{title}</h1>{body}</main></body></html>".encode()

    async def _file(self, item: Item) -> bytes:
        if origin(item.uri) != origin(self._base):
            raise DocumentError("cannot be read: no address of this Confluence")
        if ending(item.name) not in PARSERS:
            raise DocumentError(no_parser(ending(item.name)))
        data = await asyncio.to_thread(self._wiki().download, item.uri, LARGEST)
        if isinstance(data, Elsewhere):  # Cloud keeps files with another host: asked without credentials, never inside a network
            if not data.url.startswith("https://"):
                raise DocumentError("cannot be read: a redirect that is not encrypted")
            async with SafeFetch(_AGENT, most_bytes=LARGEST, seconds=self._pace.download) as fetch:
                answer = await fetch.get(data.url)
            if answer.status != 200:
                raise DocumentError(f"cannot be read: HTTP {answer.status}")
            return answer.body
        if len(data) > LARGEST:
            raise DocumentError(f"larger than {LARGEST // 1_000_000} MB")
        return data


class _Restrictions:
    """Who may read pages, with what lies above them; asked for once where the listing does not tell."""

    def __init__(self, wiki: Wiki, pages: Mapping[str, Mapping[str, Any]]) -> None:
        self._wiki, self._pages = wiki, pages
        self._known: dict[str, bool | None] = {}

    def reason(self, page: Mapping[str, Any]) -> str:
        """Why a page is left out, or "" ."""
        ancestors = page.get("ancestors")
        if not isinstance(ancestors, list):
            return _UNSURE
        states = [self._of(str(one)) for one in (page["id"], *(above["id"] for above in ancestors))]
        return _SECRET if True in states else _UNSURE if None in states else ""

    def _of(self, content_id: str) -> bool | None:
        if content_id not in self._known:
            told = _restricted(_at(self._pages.get(content_id, {}), "restrictions", "read"))
            self._known[content_id] = self._asked(content_id) if told is None else told
        return self._known[content_id]

    def _asked(self, content_id: str) -> bool | None:
        """None if the server will not tell; WikiError if it did not answer, which ends the run."""
        try:
            return _restricted(self._wiki.restrictions(content_id))
        except WikiError as error:
            if error.status in (400, 401, 403, 404, 410):
                return None
            raise


def _restricted(read: object) -> bool | None:
    """Whether the restrictions on reading name anybody; None if they are not told."""
    kinds = [_at(read, "restrictions", kind) for kind in ("user", "group")]
    if not all(isinstance(kind, Mapping) and isinstance(kind.get("results"), list) for kind in kinds):
        return None
    return any(kind["results"] or kind.get("size") for kind in kinds)


def _at(value: object, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _title(content: Mapping[str, Any]) -> str:
    return str(content.get("title") or content["id"])


def _version(content: Mapping[str, Any]) -> str:
    return str(_at(content, "version", "number") or _at(content, "version", "when") or "")


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _connect(options: ConfluenceOptions, _: Context) -> ConfluenceConnector:
    return ConfluenceConnector(options)


KIND = Kind(ConfluenceOptions, _connect)
