"""Cuts clients that send their headers drop by drop, without closing idle connections that a load balancer keeps."""

from __future__ import annotations

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler


class HeaderDeadline(asyncio.Protocol):
    """Stands before aiohttp's protocol and passes everything on; only keeps time.

    aiohttp has one limit for both an idle connection and half-sent headers. Ours starts with a request's first byte and ends
    when its headers are complete, which `headers_complete` reports.
    """

    def __init__(self, inner: web.RequestHandler, seconds: float) -> None:
        self._inner = inner
        self._seconds = seconds
        self._transport: asyncio.BaseTransport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._requests = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self._timer is None and self._requests == 0:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._cut)
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        self._inner.eof_received()
        return None

    def connection_lost(self, exc: BaseException | None) -> None:
        self._stop_timer()
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def begin(self) -> None:
        """A request's headers are complete."""
        self._requests += 1
        self._stop_timer()

    def end(self) -> None:
        """A request has its response."""
        self._requests -= 1

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _cut(self) -> None:
        if isinstance(self._transport, asyncio.Transport):
            self._transport.abort()


@web.middleware
async def headers_complete(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Tells the connection's deadline that a request is under way."""
    protocol = request.transport.get_protocol() if request.transport is not None else None
    if not isinstance(protocol, HeaderDeadline):
        return await handler(request)
    protocol.begin()
    try:
        return await handler(request)
    finally:
        protocol.end()
