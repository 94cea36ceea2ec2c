"""Slack's side of Socket Mode: a WebSocket that delivers envelopes, records acknowledgements, asks for reconnection and freezes.

Beliefs about the platform, with source and date of what was read:
* apps.connections.open with an xapp- token gives an address that is good once (Socket Mode page, seen 2025).
* First `hello` with the number of connections; at most ten, the next is told `too_many_websockets` (same page; RELIABILITY of
  slack_sdk 3.47, whose client closes the old connection before it opens the new).
* Envelopes events_api, slash_commands and interactive, each acknowledged by its envelope_id, the latter two also with a payload;
  an event not acknowledged in about 3 seconds comes again in a new envelope with retry_attempt and retry_reason (same page).
* An envelope goes to any one of the open connections (same page); here to the newest.
* `disconnect` with reason `warning` about ten seconds before the end, or `refresh_requested` when it is time (same page).
"""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.slack_events import APP

CONNECTIONS = 10


@dataclass(frozen=True, slots=True)
class Ack:
    """An acknowledgement as it arrived."""

    envelope_id: str
    payload: dict[str, Any] = field(default_factory=dict)


class SocketMode:
    """The connections of one app. `await socket.deliver("events_api", payload)` sends and waits for the acknowledgement."""

    def __init__(self) -> None:
        self.acks: list[Ack] = []
        self.opened = 0
        self.hello = True
        """False: the connection is made but Slack says nothing."""
        self._tickets: set[str] = set()
        self._open: list[web.WebSocketResponse] = []
        self._wires: dict[web.WebSocketResponse, asyncio.Transport] = {}
        self._waiting: dict[str, asyncio.Future[Ack]] = {}
        self._changed = asyncio.Condition()

    @property
    def connections(self) -> int:
        """How many connections are open and not frozen."""
        return len(self._open)

    def ticket(self) -> str:
        """Something to put in an address that is good once."""
        made = secrets.token_hex(8)
        self._tickets.add(made)
        return made

    async def connected(self, count: int = 1, *, seconds: float = 10.0) -> None:
        """Wait until `count` connections are open; TimeoutError after `seconds`."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: len(self._open) >= count)

    async def reopened(self, opened: int, *, seconds: float = 20.0) -> None:
        """Wait until connections have been made `opened` times in all, and one is open."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: self.opened >= opened and bool(self._open))

    async def deliver(self, kind: str, payload: dict[str, Any], *, retry: int = 0, seconds: float = 3.0) -> Ack:
        """Send events_api, slash_commands or interactive and wait for its acknowledgement; TimeoutError if none comes."""
        envelope = await self.send(kind, payload, retry=retry)
        try:
            async with asyncio.timeout(seconds):
                return await self._waiting[envelope]
        finally:
            self._waiting.pop(envelope, None)

    async def send(self, kind: str, payload: dict[str, Any], *, retry: int = 0) -> str:
        """Send without waiting; the envelope_id. Connected first, or TimeoutError."""
        await self.connected()
        envelope = secrets.token_hex(16)
        self._waiting[envelope] = asyncio.get_running_loop().create_future()
        again = {"retry_attempt": retry, "retry_reason": "timeout" if retry else ""} if kind == "events_api" else {}
        outer = {"envelope_id": envelope, "type": kind, "accepts_response_payload": kind != "events_api", "payload": payload}
        await self._open[-1].send_str(json.dumps({**outer, **again}))
        return envelope

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask every connection to be replaced: warning or refresh_requested; Slack closes after the latter."""
        leaving = list(self._open)
        for connection in leaving:
            await connection.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-invented"}})
        if reason != "warning":
            self._open = [one for one in self._open if one not in leaving]

    async def raw(self, text: str) -> None:
        """Send a text frame as it is, for what Slack ought not to send."""
        await self._open[-1].send_str(text)

    async def close(self) -> None:
        """Close every connection in good order."""
        for connection in list(self._open):
            await connection.close()

    def cut(self) -> None:
        """Reset every connection."""
        for connection in self._open:
            self._wires[connection].abort()

    def freeze(self) -> None:
        """Neither read from nor write to the present connections any more, without a FIN, as when a path dies half-way."""
        for connection in self._open:
            self._wires[connection].pause_reading()
        self._open = []

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """The WebSocket itself."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=403)
        self._tickets.discard(ticket)
        connection = web.WebSocketResponse(timeout=0.5)
        await connection.prepare(request)
        if len(self._open) >= CONNECTIONS:
            await connection.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await connection.close()
            return connection
        assert isinstance(request.transport, asyncio.Transport)
        self._wires[connection] = request.transport
        if self.hello:
            await connection.send_json(self._greeting())
        await self._enter(connection)
        try:
            await self._listen(connection)
        finally:
            if connection in self._open:
                self._open.remove(connection)
        return connection

    async def _enter(self, connection: web.WebSocketResponse) -> None:
        async with self._changed:
            self._open.append(connection)
            self.opened += 1
            self._changed.notify_all()

    async def _listen(self, connection: web.WebSocketResponse) -> None:
        async for frame in connection:
            if frame.type is not WSMsgType.TEXT:
                continue
            said = json.loads(frame.data)
            ack = Ack(said["envelope_id"], said.get("payload") or {})
            self.acks.append(ack)
            waiting = self._waiting.get(ack.envelope_id)
            if waiting is not None and not waiting.done():
                waiting.set_result(ack)

    def _greeting(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self._open) + 1,
            "debug_info": {"host": "applink-invented", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": APP},
        }
