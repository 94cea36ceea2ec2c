"""The HTTP server: mounts the adapters' routes, health and metrics, and stops without dropping what it took."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Sequence

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from adapters.http_guard import LANGUAGE, add_headers, guard
from adapters.http_slow import HeaderDeadline, headers_complete
from adapters.registry import Adapter
from bot.health import Health
from config import limits
from rag.models import Language

__all__ = ["Server", "build_app"]


def build_app(adapters: Sequence[Adapter], health: Health, *, language: Language = "es") -> web.Application:
    """The application: every adapter's routes behind one guard. `language` is for callers who name none."""
    app = web.Application(client_max_size=limits.HTTP_BODY_BYTES, middlewares=[headers_complete, guard(health)])
    app[LANGUAGE] = language
    app.on_response_prepare.append(add_headers)
    for adapter in adapters:
        app.router.add_routes(adapter.routes())
    app.router.add_routes(_health_routes(health))
    return app


def _health_routes(health: Health) -> list[web.RouteDef]:
    async def alive(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def ready(_request: web.Request) -> web.Response:
        states = await health.ready()
        good = all(state == "ok" for state in states.values())
        return web.json_response({"status": "ok" if good else "not ready", "parts": states}, status=200 if good else 503)

    async def metrics(_request: web.Request) -> web.Response:
        await health.look()
        return web.Response(body=health.exposition(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    return [web.get("/healthz", alive), web.get("/readyz", ready), web.get("/metrics", metrics)]


class _WithoutBytes(logging.Filter):
    """aiohttp logs a malformed request with its bytes, which may hold a token: keep the kind of fault only."""

    def filter(self, record: logging.LogRecord) -> bool:
        fault = record.exc_info[1] if record.exc_info else None
        if isinstance(fault, HttpProcessingError):
            record.levelno, record.levelname = logging.INFO, "INFO"
            record.msg, record.args, record.exc_info = f"malformed request: {type(fault).__name__}", (), None
        return True


def _protocol_log() -> logging.Logger:
    logger = logging.getLogger("adapters.http.protocol")
    if not logger.filters:
        logger.addFilter(_WithoutBytes())
    return logger


class Server:
    """Serves an application. Stop in two steps: `close` takes no more requests, `stop` waits for those under way.

    Between the two, the composition root lets its worker finish: requests that wait for an answer then still get it.
    """

    def __init__(self, app: web.Application, health: Health, *, drain_seconds: float = 5.0) -> None:
        self._health = health
        self._runner = web.AppRunner(
            app,
            access_log=None,
            logger=_protocol_log(),
            keepalive_timeout=limits.HTTP_IDLE_SECONDS,
            shutdown_timeout=drain_seconds,
            handler_cancellation=True,
        )
        self._listener: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port, which with `port=0` the system chose. OSError if it is taken."""
        await self._runner.setup()
        server = self._runner.server
        assert server is not None, "set up above"  # noqa: S101 - tells the type checker
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            lambda: HeaderDeadline(server(), limits.HTTP_HEADER_SECONDS), host, port, backlog=512, reuse_address=True
        )
        bound: socket.socket = self._listener.sockets[0]
        return int(bound.getsockname()[1])

    async def close(self) -> None:
        """Take no more connections, answer 503 on those that are open, and say so on /readyz. Safe to call twice."""
        self._health.draining = True
        if self._listener is not None:
            self._listener.close()

    async def stop(self) -> None:
        """Wait for requests under way, at most `drain_seconds`, then end them. Safe to call twice."""
        await self.close()
        await self._runner.cleanup()
