"""Fixtures with a real Redis; tests/conftest.py imports them."""

from __future__ import annotations

import asyncio
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
        try:
            await process.start()
            yield process
        finally:
            await process.close()


@pytest.fixture
def redis(redis_process: RedisProcess) -> Redis:
    """A client of `redis_process` with the product's limits."""
    return redis_process.client()


@pytest.fixture
async def redis_cluster() -> AsyncIterator[Redis]:
    """One node that serves all slots, and refuses keys of two slots in one call."""
    with tempfile.TemporaryDirectory(prefix="r-") as folder:
        process = RedisProcess(Path(folder), ["--cluster-enabled", "yes", "--port", "0"])
        try:
            await process.start()
            client = process.client()
            await client.execute_command("CLUSTER ADDSLOTSRANGE", 0, 16383)
            async with asyncio.timeout(5):
                while (await client.execute_command("CLUSTER INFO"))["cluster_state"] != "ok":  # noqa: ASYNC110 - no event
                    await asyncio.sleep(0.02)
            yield client
        finally:
            await process.close()
