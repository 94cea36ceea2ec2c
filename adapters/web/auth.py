"""Who may use the HTTP interface: bearer tokens, the chat page's session cookie, or, with no tokens set, this machine only."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from redis.asyncio import Redis

from adapters.http_guard import RefusedError
from adapters.web.inbound import Caller
from bot.redis_calls import answering
from config import limits
from config.company import EVERYONE, CompanyConfig

COOKIE = "advisor_session"
_LOCAL_NAMES = {"localhost", "127.0.0.1", "::1"}


class Gate:
    """Turns a request into a Caller or refuses it. `tokens` maps each token to the audiences it may read."""

    def __init__(self, tokens: Mapping[str, tuple[str, ...]], company: CompanyConfig, redis: Redis) -> None:
        self._redis = redis
        self._callers = {token: _caller(token, audiences) for token, audiences in tokens.items()}
        everyone = frozenset(company.audiences) | {EVERYONE}
        self._local = Caller("local", "local", everyone, (EVERYONE,))

    @property
    def needs_token(self) -> bool:
        """Whether tokens are set; without any, only this machine may ask."""
        return bool(self._callers)

    async def caller(self, request: web.Request) -> Caller:
        """Who asks. RefusedError: 401 without proof, 403 from elsewhere; MemoryStoreError when sessions cannot be read."""
        if request.method not in hdrs.METH_GET:
            _same_origin(request)
        if not self.needs_token:
            if not _from_this_machine(request):
                raise RefusedError(403, "local_only")
            return self._local
        scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        caller = self._by_token(token.strip()) if scheme.lower() == "bearer" else await self._by_cookie(request)
        if caller is None:
            raise RefusedError(401, "token")
        return caller

    async def sign_in(self, request: web.Request, token: str) -> tuple[str, Caller]:
        """A new session for the bearer of a token, as the cookie's value."""
        _same_origin(request)
        caller = self._by_token(token)
        if caller is None:
            raise RefusedError(401, "token")
        value = secrets.token_urlsafe(32)
        async with answering():
            await self._redis.set(_session_key(value), caller.tenant, ex=limits.WEB_SESSION_SECONDS)
        return value, _in_session(caller, value)

    async def sign_out(self, request: web.Request) -> None:
        """End the request's session, if it has one."""
        _same_origin(request)
        value = request.cookies.get(COOKIE)
        if value:
            async with answering():
                await self._redis.unlink(_session_key(value))

    def _by_token(self, token: str) -> Caller | None:
        """Every token is compared in full, whatever the first ones give: time tells nothing."""
        given = _digest(token)
        found = None
        for known, caller in self._callers.items():
            if hmac.compare_digest(_digest(known), given):
                found = caller
        return found

    async def _by_cookie(self, request: web.Request) -> Caller | None:
        """The session's caller, and a longer life for it; none if its token is no longer configured."""
        value = request.cookies.get(COOKIE)
        if not value:
            return None
        async with answering():
            tenant = await self._redis.getex(_session_key(value), ex=limits.WEB_SESSION_SECONDS)
        caller = next((one for one in self._callers.values() if one.tenant == tenant), None)
        return _in_session(caller, value) if caller else None


def _caller(token: str, audiences: tuple[str, ...]) -> Caller:
    name = f"token-{hashlib.sha256(b'tenant:' + token.encode()).hexdigest()[:20]}"
    return Caller(name, name, frozenset(audiences), audiences)


def _in_session(caller: Caller, value: str) -> Caller:
    user = f"session-{hashlib.sha256(b'user:' + _bytes(value)).hexdigest()[:20]}"
    return Caller(caller.tenant, user, caller.may, caller.default)


def _session_key(value: str) -> str:
    """Redis holds a digest only: who can read it still has no cookie."""
    return f"web:session:{_digest(value).hex()}"


def _digest(value: str) -> bytes:
    return hashlib.sha256(_bytes(value)).digest()


def _bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape")


def _from_this_machine(request: web.Request) -> bool:
    """The peer is loopback, and so is the name it used: a foreign name that resolves to us (DNS rebinding) is refused.

    X-Forwarded-For and the like are anyone's word and are not read; a proxy on this machine passes its public name on.
    """
    peer = request.transport.get_extra_info("peername") if request.transport is not None else None
    try:
        address = ipaddress.ip_address(peer[0] if peer else "")
    except ValueError:  # a unix socket has no peer: whoever connects it decides who may
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback and is_local_name(request.host)


def is_local_name(host: str) -> bool:
    """Whether a Host header names this machine, with or without a port."""
    try:
        return urlsplit(f"//{host}").hostname in _LOCAL_NAMES
    except ValueError:
        return False


def _same_origin(request: web.Request) -> None:
    """A browser names the page that sends; it must be ours. Programs send no Origin."""
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None:
        return
    try:
        parts = urlsplit(origin)
    except ValueError:
        raise RefusedError(403, "origin") from None
    if parts.scheme not in {"http", "https"} or parts.netloc.lower() != request.host.lower():
        raise RefusedError(403, "origin")
