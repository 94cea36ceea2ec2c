"""Addresses of a web site: one spelling for each page, which of them belong to the source, and which are a trap."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import unquote

from yarl import URL

from rag.ingest.parse.formats import NOT_DOCUMENTS, PARSERS, ending

_TRACKING = re.compile(
    r"(?:utm_.*|(?:g|d|fb|y|tt|tw|li_fat_)clid|msclkid|gbraid|wbraid|gclsrc|srsltid|mc_[ce]id|igshid|_ga|_gl|_hs(?:enc|mi|fp)|"
    r"__hs\w+|hsctatracking|mkt_tok|oly_(?:anon|enc)_id|vero_id|pk_\w+|mtm_\w+|matomo_\w+)",
    re.IGNORECASE,
)
_SESSION = re.compile(
    r"(?:phpsessid|jsessionid|aspsessionid\w*|session_?id|sess_?id|sid|cfid|cftoken|zenid|osCsid)", re.IGNORECASE
)
_SESSION_VALUE = re.compile(r"[\w.!~-]{8,}")
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.IGNORECASE)
_LONGEST, _SEGMENTS, _PARAMETERS, _REPEATED, _VARIANTS = 1000, 16, 6, 3, 50
OLD = frozenset({".doc", ".dot", ".ppt", ".pps", ".rtf"})
"""Files of old formats are listed too, and fail with what their owner can do."""
_PAGES = frozenset({".html", ".htm", ".xhtml"})


def canonical(link: str, base: str = "") -> str:
    """The one spelling of an address; ValueError if it is none of http(s).

    Without fragment, default port, tracking parameters and session ids; host in lower case, parameters in order.
    """
    try:
        url = URL(base).join(URL(link.strip())) if base else URL(link.strip())
    except IndexError:  # what yarl has to say to //[::1]@
        raise ValueError("no address") from None
    if url.scheme not in ("http", "https") or not url.raw_host or "@" in url.raw_authority:
        raise ValueError("no http or https address")
    if url.raw_host.endswith("."):
        url = url.with_host(url.raw_host.rstrip("."))
    query = sorted((key, value) for key, value in url.query.items() if not _is_noise(key, value))
    path = _SESSION_IN_PATH.sub("", url.raw_path) or "/"
    plain = url.with_path(path, encoded=True).with_query(query or None)
    return str(plain.with_port(None) if plain.is_default_port() else plain)


def _is_noise(key: str, value: str) -> bool:
    return bool(_TRACKING.fullmatch(key) or (_SESSION.fullmatch(key) and _SESSION_VALUE.fullmatch(value)))


def name_of(url: str) -> str:
    """The last part of the path, or the host."""
    parsed = URL(url)
    return unquote(parsed.raw_path.rstrip("/").rsplit("/", 1)[-1]) or parsed.host or url


def is_document(url: str) -> bool:
    """Whether the address ends like a file that is no page: it has a parser, or people would like it to."""
    suffix = ending(URL(url).path)
    return suffix not in _PAGES and (suffix in PARSERS or suffix in OLD)


def _prefix(url: URL) -> str:
    """What a start's path stands for: a folder for all below it, a file for its folder."""
    head, _, last = url.path.rpartition("/")
    return f"{head}/" if "." in last else url.path


@dataclass(frozen=True, slots=True)
class Scope:
    """What belongs to the source: the start's host and path, as far as `include` and `exclude` (paths or globs) admit.

    Documents may lie anywhere on the host: sites keep them in a folder of their own.
    """

    start: str
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()

    def inside(self, link: str, base: str = "") -> str | None:
        """A link's canonical address if it belongs to the source and does not look like a trap; else None."""
        try:
            url = URL(canonical(link, base))
        except ValueError:
            return None
        start = URL(self.start)
        if start.scheme == "https" and url.scheme == "http" and url.is_default_port():
            url = url.with_scheme("https")
        if (url.scheme, url.raw_host, url.port) != (start.scheme, start.raw_host, start.port) or ending(
            url.path
        ) in NOT_DOCUMENTS:
            return None
        return str(url) if self._admits(url) and not _is_trap(url) else None

    def _admits(self, url: URL) -> bool:
        if str(url) == self.start:
            return True
        whole = url.path_qs
        if any(_matches(whole, url.path, one) for one in self.exclude):
            return False
        if self.include:
            return any(_matches(whole, url.path, one) for one in self.include)
        return is_document(str(url)) or _below(url.path, _prefix(URL(self.start)))


def _matches(whole: str, path: str, pattern: str) -> bool:
    if any(mark in pattern for mark in "*?["):
        return fnmatchcase(path, pattern) or fnmatchcase(whole, pattern)
    return _below(path, pattern)


def _below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix if prefix.endswith("/") else prefix + "/")


def _is_trap(url: URL) -> bool:
    """Paths that grow or turn in circles, and addresses of more parameters than a page has."""
    parts = [part for part in url.raw_path.split("/") if part]
    repeated = max(Counter(parts).values(), default=0)
    return len(str(url)) > _LONGEST or len(parts) > _SEGMENTS or repeated >= _REPEATED or len(url.query) > _PARAMETERS


class Variants:
    """Counts the parameters under which a path has been seen: filters that can be combined have no end of them.

    One parameter is most often the number of a page (`ficha?id=17`): of those there are as many as pages, and a calendar that
    turns for ever is ended by the depth of the crawl.
    """

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def admits(self, url: str) -> bool:
        """Whether to read this address too."""
        path, _, query = url.partition("?")
        combined = "&" in query
        self._seen[path] += combined
        return not combined or self._seen[path] <= _VARIANTS
