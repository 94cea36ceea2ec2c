"""Files of a personal chat: their bytes, from Microsoft's file hosts alone, never more than a file may have."""

from __future__ import annotations

import asyncio

import aiohttp

from adapters.teams.hosts import file_url_allowed
from bot.messages import SentFile
from config.limits import CONVERSATION_FILE_BYTES
from rag.errors import DeliveryError, InputError

FILE_HOSTS = ("sharepoint.com", "sharepoint.us", "sharepoint-df.com", "sharepoint.cn")
"""OneDrive for Business and SharePoint, where files sent to a bot lie (files page, seen 2026-11)."""
_CHUNK = 64 * 1024


class FileFetcher:
    """Downloads by the address that Teams gives, which needs no token and is good for a few minutes."""

    def __init__(self, hosts: tuple[str, ...], *, limit: int = CONVERSATION_FILE_BYTES, timeout: float = 9.0) -> None:
        self._hosts, self._limit, self._timeout = hosts, limit, timeout

    async def fetch(self, sent: SentFile) -> bytes:
        """InputError: on an unlisted host, too large, or gone. DeliveryError: not now."""
        if not file_url_allowed(sent.address, self._hosts):
            raise InputError("its address is not one of Microsoft's file hosts")
        try:
            async with (
                asyncio.timeout(self._timeout),
                aiohttp.ClientSession() as session,
                session.get(sent.address, allow_redirects=False) as response,
            ):
                if response.status >= 500 or response.status == 429:
                    raise DeliveryError(f"file host answered {response.status}")
                if response.status != 200:
                    raise InputError(f"file host answered {response.status}")
                return await self._body(response)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise DeliveryError(f"file host: {type(error).__name__}") from None

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        got = bytearray()
        async for part in response.content.iter_chunked(_CHUNK):
            got += part
            if len(got) > self._limit:
                raise InputError(f"> {self._limit // (1024 * 1024)} MB")
        return bytes(got)
