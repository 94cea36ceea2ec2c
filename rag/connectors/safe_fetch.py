"""Fetches an address that somebody else wrote: never from inside the own network, never too much, never for too long.

A name is resolved once, every address of it is checked, and the connection goes to one of just these; so no second answer of
a name server and no spelling of an address leads elsewhere. Redirects are checked like the first address. Nothing is sent
that could tell who asks: no cookies, no credentials, no proxy of the environment.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from types import TracebackType

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from rag.errors import DocumentError

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address
NotChanged = Callable[[str], Mapping[str, str]]
"""The headers that ask for an address only if it has changed since."""
Follow = Callable[[str], bool]
"""Whether to go where a redirect leads. Where it may not lead at all is not asked here."""

MOST_BYTES = 10_000_000
MOST_SECONDS = 20.0
_REDIRECTS = 5
_CONNECT_SECONDS = 10.0
_CHUNK = 65_536
_NEVER: tuple[Network, ...] = tuple(
    ip_network(one)
    for one in (
        "0.0.0.0/8", "::/128", "224.0.0.0/4", "255.255.255.255", "ff00::/8",  # nobody's
        "169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192",  # where clouds tell keys
        "fd00:ec2::254", "fd20:ce::254",
        "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32",  # IPv4 in disguise
    )
)  # fmt: skip
"""Not even if the operator allows a network around them."""
_NOT_PUBLIC: tuple[Network, ...] = tuple(
    ip_network(one) for one in ("192.88.99.0/24", "::/96", "fec0::/10", "3fff::/20", "5f00::/16")
)
"""What `is_global` of the standard library lets through."""
_NUMERIC = re.compile(r"(?:\d+|0x[0-9a-f]*)", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\xa0\\]")


class RefusedError(DocumentError):
    """An address that must not be asked. Asking again does not help."""


class UnreachableError(DocumentError):
    """No answer, or not a whole one. It may come later."""


@dataclass(frozen=True, slots=True)
class Response:
    """What the last address of a chain of redirects answered. The body is empty unless the status is 200; keys in lower case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = b""


def is_allowed(address: Address, networks: Sequence[Network] = ()) -> bool:
    """Whether to connect: public addresses, and what the operator's networks hold."""
    if any(address in never for never in _NEVER):
        return False
    if any(address in network for network in networks):
        return True
    return address.is_global and not address.is_reserved and not any(address in one for one in _NOT_PUBLIC)


def checked(text: str | URL, networks: Sequence[Network] = ()) -> URL:
    """The address, if it may be asked as far as it tells by itself; RefusedError says why not."""
    if isinstance(text, str) and (_UNPRINTABLE.search(text) or len(text) > 4000):
        raise RefusedError("refused: blanks, backslashes or too long an address")
    try:
        url = URL(text) if isinstance(text, str) else text
        host = (url.raw_host or "").rstrip(".")
        port = url.port
    except (ValueError, IndexError) as error:
        raise RefusedError(f"refused: no address: {error}") from None
    if url.scheme not in ("http", "https") or not host or not port:
        raise RefusedError("refused: only http and https addresses with a host are read")
    if url.raw_user is not None or url.raw_password is not None or "@" in url.raw_authority:
        raise RefusedError("refused: a user name or password in the address")
    _check_host(host, networks)
    return url


def _check_host(host: str, networks: Sequence[Network]) -> None:
    try:
        literal = ip_address(host)
    except ValueError:
        if "%" in host or ":" in host or _NUMERIC.fullmatch(host.rsplit(".", 1)[-1]):  # 0x7f.1, 2130706433, fe80::1%eth0
            raise RefusedError(f"refused: {host} is no name and no plain address") from None
        return
    if not is_allowed(literal, networks):
        raise RefusedError(f"refused: {host} is not a public address")


class _Resolver(AbstractResolver):
    """Looks a name up and refuses it if any of its addresses may not be connected to."""

    def __init__(self, networks: Sequence[Network], inner: AbstractResolver) -> None:
        self._networks, self._inner = networks, inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:  # fmt: skip
        found = await self._inner.resolve(host, port, family)
        for one in found:
            if not is_allowed(ip_address(one["host"].split("%")[0]), self._networks):
                raise RefusedError(f"refused: {host} leads to {one['host']}, which is not a public address")
        return found

    async def close(self) -> None:
        await self._inner.close()


class SafeFetch:
    """An async context manager; `get` may be called by several tasks. `networks` are private ones that may be asked."""

    def __init__(
        self,
        agent: str,
        networks: Sequence[Network] = (),
        *,
        connections: int = 2,
        most_bytes: int = MOST_BYTES,
        seconds: float = MOST_SECONDS,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._agent, self._networks, self._connections, self._resolver = agent, tuple(networks), connections, resolver
        self._most_bytes, self._seconds = most_bytes, seconds
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> SafeFetch:
        resolver = _Resolver(self._networks, self._resolver or aiohttp.ThreadedResolver())
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=resolver, use_dns_cache=False, limit=self._connections, socket_factory=self._socket
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._agent, "Accept-Encoding": "gzip, deflate", "Accept": "text/html, */*;q=0.8"},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS),
            trust_env=False,
        )  # fmt: skip
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._session.close()

    def _socket(self, info: aiohttp.AddrInfoType) -> socket.socket:
        """The last check, on the very address that is connected to next."""
        if not is_allowed(ip_address(str(info[4][0]).split("%")[0]), self._networks):
            raise OSError("not a public address")
        made = socket.socket(info[0], info[1], info[2])
        made.setblocking(False)
        return made

    async def get(
        self, address: str, not_changed: NotChanged = lambda url: {}, follow: Follow = lambda url: True
    ) -> Response:  # fmt: skip
        """Ask, following up to 5 redirects. RefusedError, UnreachableError, or DocumentError for what is too large."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._hops(address, not_changed, follow)
        except TimeoutError:
            raise UnreachableError(f"no whole answer in {self._seconds:g} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise UnreachableError(str(error)[:200] or type(error).__name__) from None

    async def _hops(self, address: str, not_changed: NotChanged, follow: Follow) -> Response:
        url = checked(address, self._networks)
        for _ in range(_REDIRECTS + 1):
            async with self._session.get(url, headers=not_changed(str(url)), allow_redirects=False) as answer:
                location = answer.headers.get("Location")
                if answer.status not in (301, 302, 303, 307, 308) or not location:
                    return Response(str(url), answer.status, _headers(answer), await self._body(answer))
                answer.close()  # whatever a redirect says besides is not read
                target = self._next(url, location)
                if not follow(str(target)):
                    return Response(str(url), answer.status, _headers(answer))
                url = target
        raise DocumentError(f"cannot be read: more than {_REDIRECTS} redirects")

    def _next(self, url: URL, location: str) -> URL:
        if _UNPRINTABLE.search(location):
            raise RefusedError("refused: a redirect to no address")
        try:
            return checked(url.join(URL(location)), self._networks)
        except (ValueError, IndexError):
            raise RefusedError("refused: a redirect to no address") from None

    async def _body(self, answer: aiohttp.ClientResponse) -> bytes:
        """The body, unpacked; what is counted is what comes out, so that a small bomb is as large as it is."""
        if answer.status != 200:
            answer.close()
            return b""
        body = bytearray()
        too_large = (answer.content_length or 0) > self._most_bytes
        while not too_large and (chunk := await answer.content.read(_CHUNK)):
            body += chunk
            too_large = len(body) > self._most_bytes
        if too_large:
            answer.close()
            raise DocumentError(f"larger than {self._most_bytes / 1_000_000:g} MB")
        return bytes(body)


def _headers(answer: aiohttp.ClientResponse) -> dict[str, str]:
    return {key.lower(): ", ".join(answer.headers.getall(key)) for key in answer.headers}
