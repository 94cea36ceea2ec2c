"""Confluence's REST interface as far as ingest needs it, the same for Cloud and Data Center: search, restrictions, downloads.

Blocking: to be called in threads. No redirect is ever followed with credentials but within the configured host.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from atlassian.confluence import ConfluenceCloud, ConfluenceServer
from requests import HTTPError, PreparedRequest, RequestException, Response, Session
from requests.adapters import HTTPAdapter
from urllib3 import Retry

_PAGE = 100
_MOST_HOPS = 5
_CHUNK = 65_536
_AGAIN = (408, 429, 500, 502, 503, 504)
_REDIRECTS = (301, 302, 303, 307, 308)
_SEARCH = "rest/api/content/search"


@dataclass(frozen=True, slots=True)
class Pace:
    """In seconds: `timeout` of one answer, `backoff` before the second try and doubled after it, `longest` of any wait."""

    timeout: int = 60
    backoff: float = 1.0
    longest: float = 60.0
    tries: int = 4
    download: float = 300.0


class WikiError(Exception):
    """No usable answer after all tries; `status` is 0 if there was none at all."""

    def __init__(self, reason: str, status: int = 0) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where a download leads, outside the configured host."""

    url: str


class Wiki:
    """One Confluence, as one user sees it: with `user` a token or password of theirs, without one a personal access token."""

    def __init__(self, url: str, *, cloud: bool, user: str, token: str, pace: Pace) -> None:
        self.url, self._pace = url.rstrip("/"), pace
        self._session = _session(pace)
        made = ConfluenceCloud if cloud else ConfluenceServer
        # The library's own retries have no limit for broken connections and wait up to half an hour: ours are in the session.
        who = {"username": user, "password": token} if user else {"token": token}
        self._client = made(
            self.url, session=self._session, timeout=pace.timeout, cloud=cloud, retry_with_header=False, **who
        )  # fmt: skip

    def search(self, cql: str, expand: str) -> Iterator[Mapping[str, Any]]:
        """All content that matches, across the pages of the answer. WikiError unless every one of them came."""
        params: dict[str, Any] = {"cql": cql, "expand": expand, "limit": _PAGE}
        asked: set[str] = set()
        while True:
            answer = self._json(_SEARCH, params)
            results = answer.get("results")
            if not isinstance(results, list):
                raise WikiError("the answer holds no results: is this the address of a Confluence?")
            yield from results
            following = urlsplit(str((answer.get("_links") or {}).get("next") or "")).query
            if not following:
                return
            if following in asked:
                raise WikiError("the pages of its answer lead in a circle")
            asked.add(following)
            params |= dict(parse_qsl(following))

    def restrictions(self, content_id: str) -> Mapping[str, Any]:
        """Who may read, of one page or folder."""
        path = f"rest/api/content/{content_id}/restriction/byOperation/read"
        return self._json(path, {"expand": "restrictions.user,restrictions.group"})

    def download(self, url: str, most_bytes: int) -> bytes | Elsewhere:
        """The bytes at an address of this host, one more than `most_bytes` at most; or where else they are."""
        for _ in range(_MOST_HOPS):
            if not self._ours(url):
                return Elsewhere(url)
            with _named(), self._session.get(
                url, stream=True, timeout=self._pace.timeout
            ) as answer:  # fmt: skip
                if answer.status_code not in _REDIRECTS:
                    return self._body(answer, most_bytes)
                url = urljoin(url, answer.headers.get("Location", ""))
        raise WikiError(f"more than {_MOST_HOPS} redirects")

    def _ours(self, url: str) -> bool:
        return origin(url) == origin(self.url)

    def _body(self, answer: Response, most_bytes: int) -> bytes:
        if answer.status_code != 200:
            raise WikiError(f"HTTP {answer.status_code}", answer.status_code)
        until, data = time.monotonic() + self._pace.download, bytearray()
        for chunk in answer.iter_content(_CHUNK):
            data += chunk
            if len(data) > most_bytes:
                break
            if time.monotonic() > until:
                raise WikiError(f"no whole answer in {self._pace.download:g} s")
        return bytes(data[: most_bytes + 1])

    def _json(self, path: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        with _named():
            answer = self._client.get(path, params=dict(params))
        if not isinstance(answer, Mapping):
            raise WikiError("the answer is no JSON: is this the address of a Confluence?")
        return answer


@contextmanager
def _named() -> Iterator[None]:
    """Turn what requests raises into WikiError, which never holds an answer's whole text."""
    try:
        yield
    except HTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        said = " ".join(str(error).split())[:200]
        raise WikiError(f"HTTP {status}" + ("" if said.startswith(("<", "HTTP")) else f": {said}"), status) from None
    except RequestException as error:
        raise WikiError(f"{type(error).__name__}: {' '.join(str(error).split())[:200]}") from None


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)


class _Staying(Session):
    """Follows no redirect: an interface that redirects is another host or a log-in page, and credentials go to neither."""

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:
        """As Session.send; what a redirect says is the answer."""
        return super().send(request, **{**kwargs, "allow_redirects": False})


def _session(pace: Pace) -> Session:
    session = _Staying()
    again = Retry(
        total=pace.tries - 1,
        redirect=0,
        status_forcelist=_AGAIN,
        allowed_methods=("GET",),
        backoff_factor=pace.backoff / 2,
        backoff_max=pace.longest,
        backoff_jitter=pace.backoff / 2,
        retry_after_max=max(1, int(pace.longest)),
        raise_on_status=False,
    )
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=again))
    return session
