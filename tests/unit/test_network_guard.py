"""The guard of tests/conftest.py: without it a test could speak to a real platform unnoticed."""

from __future__ import annotations

import asyncio
import socket

import pytest


def test_no_test_reaches_another_machine() -> None:
    """A connection by address and a look-up by name are both refused; loopback is not."""
    with socket.socket() as one, pytest.raises(AssertionError, match="reached for the network"):
        one.connect(("192.0.2.1", 80))
    with pytest.raises(AssertionError, match="reached for the network"):
        socket.getaddrinfo("example.org", 443)
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass


async def test_asyncio_is_guarded_too() -> None:
    """The event loop's own way to connect passes the same guard."""
    with pytest.raises(AssertionError, match="reached for the network"):
        await asyncio.open_connection("192.0.2.1", 80)
