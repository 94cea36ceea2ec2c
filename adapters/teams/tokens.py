"""Tokens for our calls to the Bot Connector: client credentials, fetched once for all who wait, kept while they are good.

MSAL does the same in a blocking call without a timeout, and refuses a login address on this machine; hence these lines.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import aiohttp
from pydantic import SecretStr

from rag.errors import DeliveryError

SCOPE = "https://api.botframework.com/.default"
MULTI_TENANT = "botframework.com"
"""The tenant that issues the tokens of a multi-tenant bot (Bot Connector authentication page, seen 2025)."""
EARLY_SECONDS = 300.0


class TokenSource:
    """One bot's token. The password and the token are never logged and stand in no error."""

    def __init__(
        self,
        login_url: str,
        tenant: str | None,
        app_id: str,
        password: SecretStr,
        *,
        timeout: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = f"{login_url.rstrip('/')}/{tenant or MULTI_TENANT}/oauth2/v2.0/token"
        self._app_id = app_id
        self._password = password
        self._timeout = timeout
        self._clock = clock
        self._token = ""
        self._good_until = float("-inf")
        self._fetching: asyncio.Task[DeliveryError | None] | None = None

    async def get(self) -> str:
        """A token that is good for a while; DeliveryError if the token service gives none."""
        if self._clock() >= self._good_until:
            if self._fetching is None:
                self._fetching = asyncio.create_task(self._fetch())
            failed = await asyncio.shield(self._fetching)
            if failed is not None:
                raise failed
        return self._token

    def forget(self) -> None:
        """The Connector refused the token: fetch another next time."""
        self._good_until = float("-inf")

    async def _fetch(self) -> DeliveryError | None:
        """Keep a new token, or return why there is none: nobody may be left to raise it to."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self._app_id,
            "client_secret": self._password.get_secret_value(),
            "scope": SCOPE,
        }
        try:
            async with (
                asyncio.timeout(self._timeout),
                aiohttp.ClientSession() as session,
                session.post(self._url, data=form) as response,
            ):
                if response.status != 200:
                    wrong = response.status in {400, 401, 403, 404}
                    return DeliveryError(f"token service answered {response.status}", retryable=not wrong)
                given = await response.json(content_type=None)
            self._token, seconds = str(given["access_token"]), float(given["expires_in"])
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError) as error:
            return DeliveryError(f"token service: {type(error).__name__}")
        finally:
            self._fetching = None
        self._good_until = self._clock() + max(seconds - EARLY_SECONDS, seconds / 2)
        return None
