"""Bytes to a server as they are: what no HTTP client would send."""

from __future__ import annotations

import asyncio


async def raw(port: int, data: bytes) -> bytes:
    """Send bytes as they are, and read until the server closes or 3 s pass."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    read = b""
    try:
        async with asyncio.timeout(3):
            while piece := await reader.read(65536):
                read += piece
    except TimeoutError:
        pass
    finally:
        writer.close()
    return read
