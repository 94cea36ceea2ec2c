"""A real redis-server as a child process, with knobs: freeze, thaw, kill, start again, fill up."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import weakref
from collections.abc import Sequence
from pathlib import Path

from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from bot.redis_calls import CLIENT_OPTIONS
from bot.redis_server import find_server


class RedisProcess:
    """One server on a unix socket in `folder`, with an append-only file there. The folder's path must be short."""

    def __init__(self, folder: Path, extra: Sequence[str] = ()) -> None:
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self._command = [
            find_server(), "--port", "0", "--unixsocket", str(self.socket), "--dir", str(folder), "--save", "",
            "--appendonly", "yes", "--appendfsync", "everysec", *extra,
        ]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None
        self._clients: list[Redis] = []

    async def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = await asyncio.to_thread(
            subprocess.Popen, self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        weakref.finalize(self, _end, self._process)  # also when a test is cut in a way that runs no fixture to its end
        client = self.client()
        async with asyncio.timeout(10):
            while True:
                if await _alive(client):
                    return
                await asyncio.sleep(0.005)

    def client(self) -> Redis:
        """A client with the product's own limits; closed with the server."""
        client = Redis(connection_pool=BlockingConnectionPool.from_url(self.url, **CLIENT_OPTIONS))
        self._clients.append(client)
        return client

    def freeze(self) -> None:
        """It keeps its connections and answers nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on where it stopped."""
        self._signal(signal.SIGCONT)

    async def kill(self) -> None:
        """End it at once, as a crash would."""
        self._signal(signal.SIGKILL)
        if self._process:
            await asyncio.to_thread(self._process.wait)
        self._process = None

    async def fill(self) -> None:
        """From now on it is over its memory limit: writes are refused."""
        await self.client().config_set("maxmemory", "1")

    async def close(self) -> None:
        """End it and its clients."""
        for client in self._clients:
            await client.aclose()
            await client.connection_pool.disconnect()
        if self._process:
            self.thaw()
            await self.kill()

    def _signal(self, number: int) -> None:
        if self._process:
            os.kill(self._process.pid, number)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


async def _alive(client: Redis) -> bool:
    try:
        return bool(await client.ping())
    except RedisError:
        return False
