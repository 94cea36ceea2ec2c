"""Addresses that others wrote lead nowhere inside: a listening server on this machine sees no connection, however it is spelt."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
from collections.abc import AsyncIterator
from ipaddress import ip_network

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from rag.connectors.safe_fetch import RefusedError, Response, SafeFetch, UnreachableError, checked
from rag.errors import DocumentError
from tests.fakes.faults import FakeServer

LOOPBACK = (ip_network("127.0.0.0/8"),)
SPELLINGS = """
http://127.0.0.1:PORT/ http://127.1:PORT/ http://127.0.1:PORT/ http://127.1.2.3:PORT/ http://2130706433:PORT/ http://0x7f000001:PORT/
http://0x7f.0x0.0x0.0x1:PORT/ http://0x7f.1:PORT/ http://0X7F.0.0.1:PORT/ http://0177.0.0.1:PORT/ http://0177.0.0.01:PORT/
http://017700000001:PORT/ http://00000177.1:PORT/ http://127.0.0.1.:PORT/ http://127.0.0.0x1:PORT/ http://0:PORT/
http://0.0.0.0:PORT/ http://0.0.0.0.:PORT/ http://00.00.00.00:PORT/ http://localhost:PORT/ http://LOCALHOST:PORT/
http://localhost.:PORT/ http://①②⑦.⓪.⓪.①:PORT/ http://１２７.０.０.１:PORT/ http://127。0。0。1:PORT/ http://127．0．0．1:PORT/
http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:PORT/ http://[::1]:PORT/ http://[0:0:0:0:0:0:0:1]:PORT/ http://[::]:PORT/ http://[::ffff:127.0.0.1]:PORT/
http://[::ffff:7f00:1]:PORT/ http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/ http://[::127.0.0.1]:PORT/ http://[::ffff:0:127.0.0.1]:PORT/
http://[64:ff9b::127.0.0.1]:PORT/ http://[64:ff9b::7f00:1]:PORT/ http://[64:ff9b:1::127.0.0.1]:PORT/ http://[2002:7f00:1::]:PORT/
http://[2001:0:7f00:1::]:PORT/ http://[fe80::1%25lo]:PORT/ http://[fe80::1%lo]:PORT/ http://[::1%25lo]:PORT/ http://user@127.0.0.1:PORT/
http://user:pass@127.0.0.1:PORT/ http://example.org@127.0.0.1:PORT/ http://@127.0.0.1:PORT/ http://:@127.0.0.1:PORT/
http://127.0.0.1:PORT\\@example.org/ http://example.org\\@127.0.0.1:PORT/ http://127.0.0.1:PORT#@example.org/ http:127.0.0.1:PORT/
http:///127.0.0.1:PORT/ http:\\\\127.0.0.1:PORT/ //127.0.0.1:PORT/ http://127.0.0.1%2e:PORT/ http://%31%32%37.0.0.1:PORT/
http://127.0.0.1%00.example.org:PORT/ http://127.0.0.1%09:PORT/ ftp://127.0.0.1:PORT/ file:///etc/passwd gopher://127.0.0.1:PORT/
HTTP://127.0.0.1:PORT/ https://127.0.0.1:PORT/ javascript:alert(1) data:text/html,x http://127.0.0.1:PORT:80/ http://127.0.0.1:0PORT/
http://127.0.0.1:99999/ http:// http://[ http://[::1 http://[::ffff:127.1]:PORT/ http://0x7f.0.0.1:PORT/ http://..:PORT/ http://.:PORT/
""".split()
INSIDE = """
10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.1 192.168.1.1 169.254.169.254 169.254.0.1 100.64.0.1 100.100.100.200 168.63.129.16
192.0.0.1 192.0.0.192 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
192.88.99.1 0.1.2.3 ::ffff:169.254.169.254 ::ffff:10.0.0.1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 2001:db8::1 100::1
64:ff9b::a9fe:a9fe 2002:a9fe:a9fe:: 2001:0:a9fe:a9fe::1 3fff::1 5f00::1 ::a9fe:a9fe
""".split()


class Names(AbstractResolver):
    """A name server that answers with the next of its answers; the last one stays."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        self.asked += 1
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(
                hostname=host, host=one, port=port, flags=0, proto=0, family=socket.AF_INET6 if ":" in one else socket.AF_INET
            )
            for one in addresses
        ]  # fmt: skip

    async def close(self) -> None: ...


class Listener:
    """Counts connections on all of this machine's addresses, so that an attempt shows even if it would have failed later."""

    def __init__(self) -> None:
        self.connections = 0
        self.port = 0

    async def __aenter__(self) -> Listener:
        self._servers = [await asyncio.start_server(self._accept, "127.0.0.1", 0)]
        self.port = self._servers[0].sockets[0].getsockname()[1]
        for also in ("127.0.0.2", "::1"):
            with contextlib.suppress(OSError):  # not every machine has them
                self._servers.append(await asyncio.start_server(self._accept, also, self.port))
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()

    def _accept(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.close()


@pytest.fixture
async def inside() -> AsyncIterator[Listener]:
    """A service that nobody outside may reach."""
    async with Listener() as listener:
        yield listener


class Hostile(FakeServer):
    """A site that answers what a path says."""

    target = ""

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/to", self._to), web.get("/hops/{left}", self._hops), web.get("/bomb", self._bomb), web.get("/ok", self._ok),
            web.get("/long", self._long), web.get("/cookie", self._cookie), web.get("/slow", self._slow),
        ]  # fmt: skip

    async def _ok(self, _: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def _to(self, _: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": self.target})

    async def _hops(self, request: web.Request) -> web.Response:
        left = int(request.match_info["left"])
        return web.Response(status=307, headers={"Location": f"/hops/{left - 1}"}) if left else web.Response(text="there")

    async def _bomb(self, _: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(b"0" * 30_000_000), headers={"Content-Encoding": "gzip"})

    async def _long(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()  # no Content-Length: what comes has to be counted
        await answer.prepare(request)
        for _ in range(400):
            await answer.write(b"x" * 50_000)
        return answer

    async def _slow(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:  # a byte now and then, for ever: no pause is long enough to give up
            await answer.write(b"x")
            await asyncio.sleep(0.02)

    async def _cookie(self, _: web.Request) -> web.Response:
        return web.Response(text="x", headers={"Set-Cookie": "who=me; Path=/"})


@pytest.fixture
async def site() -> AsyncIterator[Hostile]:
    """The hostile site."""
    async with Hostile() as site:
        yield site


def test_there_are_enough_spellings() -> None:
    """None was lost in splitting."""
    assert len(set(SPELLINGS)) >= 75


async def test_the_listener_would_see_it(inside: Listener) -> None:
    """Without the rules a connection arrives and is counted: what follows can fail."""
    async with SafeFetch("test", LOOPBACK, resolver=Names(["127.0.0.1"])) as fetch:
        for address in (f"http://127.0.0.1:{inside.port}/", f"http://inside.example:{inside.port}/"):
            with pytest.raises(UnreachableError):
                await fetch.get(address)
    assert inside.connections >= 2


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_no_spelling_reaches_this_machine(spelling: str, inside: Listener) -> None:
    """Each is refused before a connection; a name that leads here is refused once it is looked up."""
    resolver = Names(["127.0.0.1"], ["::1"])
    async with SafeFetch("test", resolver=resolver) as fetch:
        with pytest.raises(RefusedError):
            await fetch.get(spelling.replace("PORT", str(inside.port)))
    await asyncio.sleep(0)
    assert inside.connections == 0


@pytest.mark.parametrize("address", INSIDE)
async def test_no_name_leads_inside(address: str) -> None:
    """As a literal and as the answer of a name server, even if a public address is named beside it."""
    with pytest.raises(RefusedError):
        checked(f"http://[{address}]/" if ":" in address else f"http://{address}/")
    async with SafeFetch("test", resolver=Names(["93.184.215.14", address])) as fetch:
        with pytest.raises(RefusedError, match="not a public address"):
            await fetch.get("http://innocent.example/")


@pytest.mark.parametrize("address", ["169.254.169.254", "100.100.100.200", "fd00:ec2::254", "::ffff:10.0.0.1", "0.0.0.0"])  # noqa: S104
def test_what_no_network_of_the_operator_opens(address: str) -> None:
    """Where clouds keep their keys, and IPv4 in disguise."""
    with pytest.raises(RefusedError):
        checked(f"http://[{address}]/" if ":" in address else f"http://{address}/", (ip_network("0.0.0.0/0"), ip_network("::/0")))


@pytest.mark.parametrize(
    "address", ["https://example.org/", "http://93.184.215.14:8080/x", "https://[2606:4700::1111]/", "http://a.b.c:81/?q=ñ"]
)
def test_public_addresses_pass(address: str) -> None:
    """The rules do not refuse all there is; nor a private network that the operator names."""
    assert checked(address).host
    assert checked("http://10.1.2.3/", (ip_network("10.1.0.0/16"),)).host == "10.1.2.3"


async def test_a_name_that_turns_is_asked_once_and_believed_once(site: Hostile, inside: Listener) -> None:
    """A name server that answers otherwise the second time does not matter: the address that was checked is connected to."""
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    port = site.url.rsplit(":", 1)[1]
    async with SafeFetch("test", (ip_network("127.0.0.1/32"),), resolver=names) as fetch:
        assert (await fetch.get(f"http://turns.example:{port}/ok")).body == b"ok"
        assert names.asked == 1
        with pytest.raises(RefusedError):
            await fetch.get(f"http://turns.example:{inside.port}/")
    assert inside.connections == 0


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.2:{}/", "//127.0.0.2:{}/", "http://2130706434:{}/", "http://inside.example:{}/", "file:///etc/passwd"],
)
async def test_redirects_are_checked_too(target: str, site: Hostile, inside: Listener) -> None:
    """A public site cannot send the reader inside."""
    site.target = target.format(inside.port)
    async with SafeFetch("test", (ip_network("127.0.0.1/32"),), resolver=Names(["127.0.0.2"])) as fetch:
        with pytest.raises(RefusedError):
            await fetch.get(f"{site.url}/to")
    assert inside.connections == 0
    assert site.calls("/to") == 1


async def test_five_redirects_and_no_more(site: Hostile) -> None:
    """The fifth is followed, a sixth is not."""
    async with SafeFetch("test", LOOPBACK) as fetch:
        assert (await fetch.get(f"{site.url}/hops/5")).body == b"there"
        with pytest.raises(DocumentError, match="more than 5 redirects"):
            await fetch.get(f"{site.url}/hops/6")


@pytest.mark.parametrize("path", ["/bomb", "/long"])
async def test_too_much_is_cut(path: str, site: Hostile) -> None:
    """A small packed body that unpacks to 30 MB, and one without an end: both are left at 10 MB."""
    async with SafeFetch("test", LOOPBACK) as fetch:
        with pytest.raises(DocumentError, match="larger than 10 MB"):
            await fetch.get(site.url + path)


async def test_too_slow_is_cut(site: Hostile) -> None:
    """A body that trickles is given up at the limit for the whole answer."""
    async with SafeFetch("test", LOOPBACK, seconds=0.3) as fetch:
        with pytest.raises(UnreachableError, match=r"0\.3 s"):
            await fetch.get(f"{site.url}/slow")


async def test_nothing_tells_who_asks(site: Hostile, inside: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cookie comes back, no proxy of the environment is used, no credentials are sent."""
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{inside.port}")
    monkeypatch.setenv("HTTP_PROXY", f"http://user:secret@127.0.0.1:{inside.port}")
    async with SafeFetch("Reader/1 (+mailto:it@example.org)", LOOPBACK) as fetch:
        for _ in range(2):
            answer = await fetch.get(f"{site.url}/cookie")
            assert isinstance(answer, Response)
    assert inside.connections == 0
    sent = [{key.lower() for key in request.headers} for request in site.requests]
    assert sent[1] <= {"host", "user-agent", "accept", "accept-encoding"}
    assert site.requests[0].headers["User-Agent"] == "Reader/1 (+mailto:it@example.org)"
