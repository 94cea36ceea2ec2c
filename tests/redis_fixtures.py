"""Fixtures with a real Redis; tests/conftest.py imports them."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from tests.fakes.redis_proc import RedisProcess


@pytest.fixture
async def redis_process() -> AsyncIterator[RedisProcess]:
    """An empty redis-server of the test's own, up."""
    # pytest's tmp_path may be longer than a unix socket's path may be
    with tempfile.TemporaryDirectory(prefix="r-") as folder:
        process = RedisProcess(Path(folder))
        await process.start()
        try:
            yield process
        finally:
            await process.close()


@pytest.fixture
def redis(redis_process: RedisProcess) -> Redis:
    """A client of `redis_process` with the product's limits."""
    return redis_process.client()
