"""The token service's signing keys: fetched without blocking, kept for a day at most, refreshed when an unknown one appears.

A request with a known key never waits for a fetch; requests with an unknown one share a single fetch a minute.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import jwt

from rag.errors import DependencyError

logger = logging.getLogger(__name__)

KEEP_SECONDS = 24 * 3600.0
"""Bot Connector authentication page, seen 2025: cache keys for up to 24 hours."""
RENEW_SECONDS = 3600.0
"""Fetched again in the background by then, so that a new key is usually known before it is used."""
PAUSE_SECONDS = 60.0
"""Between fetches, however many unknown keys are named."""
EMPTY_PAUSE_SECONDS = 5.0
"""Between fetches while there is no key at all: nothing can be accepted until one succeeds."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A public key and the channels that the token service endorses it for."""

    key: jwt.PyJWK
    channels: frozenset[str]


class SigningKeys:
    """Keys by their id. `session` is opened by `start`; until then `find` fails."""

    def __init__(self, openid_url: str, *, timeout: float = 3.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._openid_url = openid_url
        self._timeout = timeout
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._keys: Mapping[str, SigningKey] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the session and begin the first fetch, without waiting for it."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self._timeout))
        self._begin_fetch()

    async def stop(self) -> None:
        """End a fetch under way and close the session. Safe to call twice."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])
        if self._session is not None:
            await self._session.close()

    async def find(self, kid: str) -> SigningKey | None:
        """The key with this id, or None; DependencyError while there are no keys to compare with."""
        age = self._clock() - self._fetched_at
        if age > KEEP_SECONDS:
            self._keys = {}
        found = self._keys.get(kid)
        if found is not None:
            if age > RENEW_SECONDS and self._may_fetch():
                self._begin_fetch()
            return found
        if self._fetching is None and self._may_fetch():
            self._begin_fetch()
        if self._fetching is not None:
            await asyncio.shield(self._fetching)
        if not self._keys:
            raise DependencyError("the token service's keys cannot be fetched")
        return self._keys.get(kid)

    def _may_fetch(self) -> bool:
        pause = PAUSE_SECONDS if self._keys else EMPTY_PAUSE_SECONDS
        return self._clock() - self._tried_at >= pause

    def _begin_fetch(self) -> None:
        if self._fetching is None:
            self._tried_at = self._clock()
            self._fetching = asyncio.create_task(self._fetch())

    async def _fetch(self) -> None:
        """Fetch and keep the keys; a failure is logged and leaves those there are."""
        try:
            async with asyncio.timeout(self._timeout):
                configuration = await self._get(self._openid_url)
                listed = await self._get(str(configuration["jwks_uri"]))
            keys = read_keys(listed)
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError, RecursionError) as error:
            logger.warning("fetching the signing keys of Teams failed: %s", type(error).__name__)
        else:
            self._keys, self._fetched_at = keys, self._clock()
        finally:
            self._fetching = None

    async def _get(self, url: str) -> Any:
        if self._session is None:
            raise ValueError("not started")
        async with self._session.get(url) as response:
            response.raise_for_status()
            return await response.json(content_type=None)


def read_keys(listed: Any) -> dict[str, SigningKey]:
    """The RSA keys of a JWKS by id; entries that cannot be used are passed over. ValueError if none is left."""
    found = {}
    for entry in listed["keys"]:
        kid = entry.get("kid") if isinstance(entry, dict) else None
        if not isinstance(kid, str) or entry.get("kty") != "RSA":
            continue
        try:
            key = jwt.PyJWK(entry, algorithm="RS256")
        except (jwt.PyJWTError, ValueError, TypeError):
            continue
        found[kid] = SigningKey(key, frozenset(filter(lambda name: isinstance(name, str), entry.get("endorsements") or ())))
    if not found:
        raise ValueError("no usable key")
    return found
