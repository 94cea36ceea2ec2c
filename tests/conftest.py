"""What all tests share: a real Redis as a fixture, and no way out of this machine."""

from __future__ import annotations

import os
import sys

import pytest
from hypothesis import settings

from tests.browser_fixtures import open_page, pytest_collection_modifyitems, pytest_terminal_summary
from tests.redis_fixtures import redis, redis_cluster, redis_process

__all__ = [
    "open_page",
    "pytest_collection_modifyitems",
    "pytest_terminal_summary",
    "redis",
    "redis_cluster",
    "redis_process",
]

_LOCAL = ("127.", "::1", "localhost", "0.0.0.0")  # noqa: S104 - compared with, not bound to


def _guard(event: str, args: tuple[object, ...]) -> None:
    """Raise where a test looks up or connects to any other machine. An audit hook sees each library's sockets."""
    if event == "socket.connect" and isinstance(args[1], tuple):
        host = args[1][0]
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else str(host or "127.0.0.1")
    if not name.startswith(_LOCAL):
        raise AssertionError(f"a test reached for the network: {name}")


def pytest_configure(config: pytest.Config) -> None:
    """From the first test on, only loopback; the same examples in each run, others with HYPOTHESIS_PROFILE=explore."""
    sys.addaudithook(_guard)
    settings.register_profile("same", derandomize=True)
    settings.register_profile("explore", max_examples=1000)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
