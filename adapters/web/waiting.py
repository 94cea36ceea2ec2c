"""From a submitted message to its HTTP response: one JSON answer, or a stream of events."""

from __future__ import annotations

import time
from contextlib import suppress

from aiohttp import hdrs, web

from adapters.http_guard import RefusedError, language_of
from adapters.web.events import Events
from adapters.web.render import Event, error_event, frame, timed_out
from config import limits
from config.texts import text
from rag.errors import MemoryStoreError

_SSE = "text/event-stream"


class Waiting:
    """Waits for the answers of messages, up to `seconds` each and a limited number at the same time."""

    def __init__(self, events: Events, seconds: float, most: int = limits.WEB_WAITING) -> None:
        self._events, self._seconds, self._most = events, seconds, most
        self._now = 0

    def admit(self) -> None:
        """RefusedError when too many wait already: better said now than after the message was taken."""
        if self._now >= self._most:
            raise RefusedError(503, "busy")

    async def respond(self, request: web.Request, key: str, message_id: str, after: str = "0") -> web.StreamResponse:
        """The answer in the form that the caller accepts."""
        self._now += 1
        try:
            headers: dict[str, str] = {"Location": f"/v1/messages/{message_id}"}
            if _SSE in request.headers.get(hdrs.ACCEPT, ""):
                return await self._stream(request, key, after, headers)
            return await self._whole(request, key, headers)
        finally:
            self._now -= 1

    async def _whole(self, request: web.Request, key: str, headers: dict[str, str]) -> web.Response:
        started = time.monotonic()
        async for event in self._events.follow(key, "0", started + self._seconds):
            if event is not None and event.name == "answer":
                return _json(event, headers)
            if request.transport is None:  # the caller hung up, and the cancelling got lost on its way
                break
        return _json(timed_out(language_of(request), _since(started)), headers)

    async def _stream(self, request: web.Request, key: str, after: str, headers: dict[str, str]) -> web.StreamResponse:
        started = time.monotonic()
        # X-Accel-Buffering: nginx would otherwise hold the events back
        response = web.StreamResponse(headers={**headers, hdrs.CONTENT_TYPE: f"{_SSE}; charset=utf-8", "X-Accel-Buffering": "no"})
        with suppress(ConnectionError):  # the reader went away; the answer stays in memory and, for a while, in the stream
            await response.prepare(request)
            await response.write(f": {key.rpartition(':')[2]}\nretry: 1000\n\n".encode())
            try:
                done = False
                async for event in self._events.follow(key, after, started + self._seconds):
                    await response.write(frame(event) if event else b": still working\n\n")
                    done = event is not None and event.name == "answer"
                if not done:
                    await response.write(frame(timed_out(language_of(request), _since(started))))
            except MemoryStoreError:
                await response.write(frame(error_event("unavailable", text(language_of(request), "http.unavailable"))))
            await response.write_eof()
        return response


def _json(event: Event, headers: dict[str, str]) -> web.Response:
    return web.Response(text=event.data, content_type="application/json", headers=headers)


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
