"""The HTTP server itself: clients that drip or send nonsense, what readiness tells, an end that finishes what was taken."""

from __future__ import annotations

import asyncio
import json
import time

import aiohttp
import pytest

from adapters.http import Server, build_app
from bot.health import Health
from bot.messages import IncomingMessage
from config import limits
from tests.raw_http import raw
from tests.scenario.web_world import World, answer, until, world


async def test_slow_headers_and_slow_bodies_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that drips is cut at the limit, which is at most 15 s; one that idles between requests is not."""
    assert max(limits.HTTP_HEADER_SECONDS, limits.HTTP_BODY_SECONDS) <= 15
    monkeypatch.setattr(limits, "HTTP_HEADER_SECONDS", 0.6)
    monkeypatch.setattr(limits, "HTTP_BODY_SECONDS", 0.6)
    head = b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n"
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"

    async def drip(port: int, first: bytes, piece: bytes) -> float:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        started = time.monotonic()
        writer.write(first)
        if first.startswith(b"GET"):
            await reader.readuntil(b"ok")
            await asyncio.sleep(0.9)  # idle beyond the limit, and still welcome
            started = time.monotonic()
            writer.write(b"GET / HTTP/1.1\r\nX-A: ")
        done = asyncio.create_task(reader.read())
        while not done.done() and time.monotonic() - started < 4:
            writer.write(piece)
            await asyncio.sleep(0.05)
        writer.close()
        await asyncio.gather(done, return_exceptions=True)
        return time.monotonic() - started

    async with world() as w:
        for first, piece in ((b"POST /v1/ask HTTP/1.1\r\nX-A: ", b"a"), (head, b" "), (request, b"X")):
            assert 0.4 < await drip(w.port, first, piece) < 1.5, first
        assert b"200 OK" in await raw(w.port, request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))


async def test_malformed_requests_do_no_harm() -> None:
    """Bytes that are no HTTP get a 400 or a closed connection, and the server goes on."""
    async with world() as w:
        for data in (
            b"\x16\x03\x01\x02\x00",
            b"GET / HTTP/9.9\r\n\r\n",
            b"POST /v1/ask HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            b"\r\n" * 10,
        ):
            answer = await raw(w.port, data) if data.strip() else b""
            assert answer == b"" or answer.split(b" ")[1].startswith(b"4")
        assert b"200 OK" in await raw(w.port, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")


async def test_ready_tells_what_is_missing() -> None:
    """Alive whatever happens; ready only while every part answers in time, and each fault is named."""

    async def fine() -> None:
        """Answers."""

    async def hangs() -> None:
        await asyncio.sleep(60)

    async def fails() -> None:
        raise OSError("password in here")

    health = Health({"redis": hangs, "index": fails, "model": fine}, seconds=0.1)
    server = Server(build_app([], health), health)
    port = await server.start("127.0.0.1", 0)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
        async with http.get("/healthz") as response:
            assert response.status == 200
        async with http.get("/readyz") as response:
            assert response.status == 503
            said = await response.json()
        assert said["parts"] == {"redis": "no answer in 0.1 s", "index": "OSError", "model": "ok"}
        assert "password" not in json.dumps(said)
    await server.stop()


async def test_stopping_finishes_what_was_taken() -> None:
    """After `close` new requests get 503 and /readyz says so; who waits still gets his answer before `stop` returns."""
    finish = asyncio.Event()

    async def slow(made: World, message: IncomingMessage) -> None:
        await finish.wait()
        await answer(made, message)

    async with world(script=slow) as w, aiohttp.ClientSession(w.base) as http:
        async with http.get("/healthz") as response:  # a connection that stays open
            await response.read()
        pending = asyncio.create_task(http.post("/v1/ask", json={"question": "q"}))
        await until(lambda: bool(w.submitted))
        kept = await asyncio.open_connection("127.0.0.1", w.port)
        await w.server.close()
        kept[1].write(b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
        assert b"503" in await kept[0].readline()
        kept[1].close()
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", w.port)
        stopping = asyncio.create_task(w.server.stop())
        finish.set()
        assert (await (await pending).json())["status"] == "answered"
        await stopping
