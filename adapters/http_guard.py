"""What stands before every route: request ids, time and size limits, one shape of error, security headers, a log without text."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import secrets
import time
from typing import Any

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from bot.health import Health
from config import limits
from config.texts import text
from rag.errors import AdvisorError, DependencyError, MemoryStoreError
from rag.models import Language

logger = logging.getLogger(__name__)

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_OURS: dict[str, Language] = {"es": "es", "en": "en"}
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_ALWAYS_OPEN = {"/healthz", "/readyz", "/metrics"}
LANGUAGE: web.AppKey[Language] = web.AppKey("language")
REQUEST_ID = web.RequestKey("request_id", str)


class RefusedError(Exception):
    """A request that is refused. `code` is for programs, and names the sentence `http.<code>` that people read."""

    def __init__(self, status: int, code: str, **values: object) -> None:
        super().__init__(code)
        self.status, self.code, self.values = status, code, values


def language_of(request: web.Request) -> Language:
    """The first of our languages in Accept-Language; the company's if it names none of them."""
    for part in request.headers.get(hdrs.ACCEPT_LANGUAGE, "")[:200].split(","):
        name = part.split(";")[0].strip()[:2].lower()
        if name in _OURS:
            return _OURS[name]
    return request.config_dict[LANGUAGE]


def refusal(request: web.Request, refused: RefusedError) -> web.Response:
    """The error as JSON, in the asker's language."""
    message = text(language_of(request), f"http.{refused.code}", **refused.values)
    response = web.json_response({"error": {"code": refused.code, "message": message}}, status=refused.status)
    if refused.status == 401:
        response.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
    if refused.status == 503:
        response.headers[hdrs.RETRY_AFTER] = "2"
    return response


async def read_json(request: web.Request) -> dict[str, Any]:
    """The body as a JSON object; RefusedError for anything else. A foreign page cannot send this content type unasked."""
    if request.content_type != "application/json":
        raise RefusedError(415, "content_type")
    try:
        raw = (await request.read()).decode("utf-8")
        body = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise RefusedError(400, "bad_json") from None
    if not isinstance(body, dict):
        raise RefusedError(400, "bad_json")
    if _SURROGATE.search(json.dumps(body, ensure_ascii=False)):
        raise RefusedError(400, "bad_json")  # half a character: no store could keep it
    return body


async def read_upload(request: web.Request, most: int) -> bytes:
    """The body as bytes, at most so many; RefusedError for more, for a slow one, and for another content type.

    A foreign page cannot send this content type unasked, either.
    """
    if request.content_type != "application/octet-stream":
        raise RefusedError(415, "upload_type")
    if (request.content_length or 0) > most:
        raise RefusedError(413, "too_large")
    data = bytearray()
    try:
        async with asyncio.timeout(limits.WEB_UPLOAD_SECONDS):
            async for chunk in request.content.iter_chunked(1 << 16):
                data += chunk
                if len(data) > most:
                    raise RefusedError(413, "too_large")
    except TimeoutError:
        raise RefusedError(408, "slow") from None
    return bytes(data)


def _no_constant(name: str) -> None:
    raise ValueError(f"not JSON: {name}")


def guard(health: Health) -> Middleware:
    """The middleware around every route."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = time.monotonic()
        request[REQUEST_ID] = secrets.token_hex(8)
        response: web.StreamResponse | None = None
        try:
            response = await _answer(request, handler, health)
            return response
        finally:
            _record(request, response.status if response else 499, time.monotonic() - started, health)

    return middleware


async def _answer(request: web.Request, handler: Handler, health: Health) -> web.StreamResponse:
    """The handler's response, or the fault in its place."""
    try:
        if health.draining and request.path not in _ALWAYS_OPEN:
            raise RefusedError(503, "draining")
        await _read_body(request)
        return await handler(request)
    except RefusedError as refused:
        return refusal(request, refused)
    except web.HTTPRequestEntityTooLarge:
        return refusal(request, RefusedError(413, "too_large"))
    except web.HTTPException as error:
        return _plain(request, error)
    except MemoryStoreError as error:
        logger.warning("%s store did not answer: %s", request[REQUEST_ID], error)
        return refusal(request, RefusedError(503, "unavailable"))
    except AdvisorError as error:
        logger.warning("%s failed: %s", request[REQUEST_ID], type(error).__name__)
        outside = isinstance(error, DependencyError)
        return refusal(
            request, RefusedError(503, "unavailable") if outside else RefusedError(500, "internal", trace=request[REQUEST_ID])
        )
    except Exception:  # the HTTP edge: whatever it is, the caller gets a JSON 500 without internals and the log gets the rest
        logger.exception("%s unhandled", request[REQUEST_ID])
        return refusal(request, RefusedError(500, "internal", trace=request[REQUEST_ID]))


async def _read_body(request: web.Request) -> None:
    """Read the body once, here, in limited time and size; handlers find it read."""
    if not request.can_read_body or request.path == limits.WEB_UPLOAD_PATH:
        return
    if request.content.is_eof():  # it came with the headers, as most do: nothing to wait for
        await request.read()
        return
    try:
        async with asyncio.timeout(limits.HTTP_BODY_SECONDS):
            await request.read()
    except TimeoutError:
        raise RefusedError(408, "slow") from None


def _plain(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    """What aiohttp raises of its own: redirects as they are, errors in our shape."""
    if error.status < 400:
        return web.Response(status=error.status, headers={hdrs.LOCATION: error.headers.get(hdrs.LOCATION, "/")})
    code = {404: "not_found", 405: "method"}.get(error.status, "bad_request")
    response = refusal(request, RefusedError(error.status, code))
    if hdrs.ALLOW in error.headers:
        response.headers[hdrs.ALLOW] = error.headers[hdrs.ALLOW]
    return response


def _record(request: web.Request, status: int, seconds: float, health: Health) -> None:
    """One log line and two metrics a request; the route's pattern, never its path, query or body."""
    resource = request.match_info.route.resource
    route = resource.canonical if resource else "(none)"
    # A method is the caller's own word: only known ones become a label.
    method = request.method if request.method in hdrs.METH_ALL else "other"
    method = method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"
    health.metrics.http_requests.labels(method, route, str(status)).inc()
    health.metrics.http_seconds.labels(route).observe(seconds)
    logger.info("%s %s %s %d %.0f ms", request[REQUEST_ID], method, route, status, seconds * 1000)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """On every response, streams too: what a browser must not do with it, and the request's id."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
    if REQUEST_ID in request:
        response.headers["X-Request-Id"] = request[REQUEST_ID]
