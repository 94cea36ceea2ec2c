"""A file that someone sent, from an address that the caller has checked: no redirect, never more than a file may have."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import aiohttp

from config.limits import CONVERSATION_FILE_BYTES
from rag.errors import DeliveryError, InputError

_CHUNK = 64 * 1024
SECONDS = 9.0


async def downloaded(
    address: str, headers: Mapping[str, str] | None = None, *, limit: int = CONVERSATION_FILE_BYTES, seconds: float = SECONDS
) -> tuple[bytes, str]:
    """The bytes and their content type. InputError: too large, elsewhere, or gone. DeliveryError: not now."""
    try:
        async with (
            asyncio.timeout(seconds),
            aiohttp.ClientSession(headers=headers) as session,
            session.get(address, allow_redirects=False) as response,
        ):
            if response.status >= 500 or response.status == 429:
                raise DeliveryError(f"file host answered {response.status}")
            if response.status != 200:
                raise InputError(f"file host answered {response.status}")
            return await _body(response, limit), response.content_type
    except (aiohttp.ClientError, TimeoutError) as error:
        raise DeliveryError(f"file host: {type(error).__name__}") from None


async def _body(response: aiohttp.ClientResponse, limit: int) -> bytes:
    got = bytearray()
    async for part in response.content.iter_chunked(_CHUNK):
        got += part
        if len(got) > limit:
            raise InputError(f"> {limit // (1024 * 1024)} MB")
    return bytes(got)
