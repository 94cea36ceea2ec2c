"""What the stand-in platforms share: a real HTTP server on a free port that records requests and can be told to misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from aiohttp import web
from aiohttp.typedefs import Middleware

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave. `delay` (seconds) comes first and alone is just slowness; then the others in this order."""

    delay: float = 0.0
    hang: bool = False
    cut: bool = False
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    after: bool = False
    """Do what was asked first, then misbehave: the caller cannot know that it was done."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request as it arrived, for asserting on what was sent and for scanning for secrets."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class Faults:
    """Planned faults, taken by requests in the order in which they were planned."""

    def __init__(self) -> None:
        self._planned: list[tuple[str, Fault, int]] = []

    def plan(self, fault: Fault, *, path: str = "", times: int = 1) -> None:
        """The next `times` requests whose path contains `path` meet the fault; -1 means all."""
        self._planned.append((path, fault, times))

    def clear(self) -> None:
        """Behave again."""
        self._planned.clear()

    def take(self, path: str) -> Fault | None:
        """The fault for this request, if one is planned."""
        for index, (part, fault, times) in enumerate(self._planned):
            if part in path:
                if times == 1:
                    del self._planned[index]
                elif times > 1:
                    self._planned[index] = (part, fault, times - 1)
                return fault
        return None


class FakeServer:
    """A stand-in on 127.0.0.1 and a free port: `async with Subclass() as fake: fake.url`. Subclasses give the routes."""

    def __init__(self) -> None:
        self.requests: list[Recorded] = []
        self.faults = Faults()
        self.url = ""
        self._runner: web.AppRunner | None = None

    def routes(self) -> list[web.RouteDef]:
        """The platform's routes."""
        raise AssertionError("each stand-in has its own")

    def calls(self, path: str = "") -> int:
        """How many requests came whose path contains `path`."""
        return sum(path in request.path for request in self.requests)

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._record_and_fail], client_max_size=64 * 2**20)
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def _record_and_fail(self) -> Middleware:
        @web.middleware
        async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
            body = await request.read()
            self.requests.append(Recorded(request.method, request.path, request.query_string, dict(request.headers), body))
            fault = self.faults.take(request.path)
            if fault is None:
                return await handler(request)
            if fault.after:
                await handler(request)
            return await misbehave(fault, request) or await handler(request)

        return middleware


async def misbehave(fault: Fault, request: web.Request) -> web.Response | None:
    """Carry the fault out; None if the request should then be answered as usual."""
    await asyncio.sleep(fault.delay)
    if fault.hang:
        await hang()
    if fault.cut:
        cut(request)
        return web.Response(status=500)  # goes nowhere: the connection is gone, and nothing was done
    if fault.status:
        return web.Response(status=fault.status, headers=fault.headers, text=fault.body)
    return None


async def hang() -> None:
    """Never answer; ends when the client goes away or the server stops."""
    await asyncio.Event().wait()


def cut(request: web.Request) -> None:
    """Drop the connection at once, with a reset."""
    if request.transport is not None:
        request.transport.abort()


@contextlib.contextmanager
def deaf_port() -> Iterator[int]:
    """A port on 127.0.0.1 to which a connection is never established: its queue is full and nobody accepts."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(3):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(server.getsockname())
        yield server.getsockname()[1]


@contextlib.asynccontextmanager
async def closed_port() -> AsyncIterator[int]:
    """A port on 127.0.0.1 that refuses connections: bound, so nobody else gets it, but not listening."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        yield server.getsockname()[1]
