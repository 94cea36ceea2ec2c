"""The redis-server of the state folder: started once, shared, outliving kill -9, private, and ended by the last to leave."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import redis_server
from bot.redis_calls import answering
from bot.redis_server import find_server, open_redis
from rag.errors import MemoryStoreError
from tests.fakes.redis_proc import RedisProcess

USER = """
import asyncio, sys
from pathlib import Path
from bot.redis_server import open_redis

async def main():
    async with open_redis(None, Path(sys.argv[1])) as client:
        await client.incr("visits")
        print("up", flush=True)
        await asyncio.to_thread(sys.stdin.readline)

asyncio.run(main())
"""


@pytest.fixture
async def home() -> AsyncIterator[Path]:
    with tempfile.TemporaryDirectory(prefix="h-") as folder:
        yield Path(folder) / "state"


async def another_process(home: Path) -> asyncio.subprocess.Process:
    """A process that has the server open until its input ends."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", USER, str(home), stdin=pipe, stdout=pipe)
    assert process.stdout
    assert await asyncio.wait_for(process.stdout.readline(), 20) == b"up\n"
    return process


def server_pid(home: Path) -> int:
    """The process id that the server wrote down."""
    return int((home / "redis" / "redis.pid").read_text())


def lives(pid: int) -> bool:
    """Whether such a process runs; one that has ended but is not reaped yet does not count."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_given_url_is_used(redis_process: RedisProcess, home: Path) -> None:
    """REDIS_URL wins: nothing is started and the state folder is not touched."""
    async with open_redis(redis_process.url, home) as client:
        assert await client.ping()
    assert not home.exists()  # noqa: ASYNC240 - one look


async def test_url_of_nothing_fails_at_the_first_call_and_quickly() -> None:
    """A Redis that is down stops no start; each call says so within a second."""
    async with open_redis("redis://127.0.0.1:1/0", Path("unused")) as client:
        started = time.monotonic()
        with pytest.raises(MemoryStoreError):
            async with answering():
                await client.ping()
        assert time.monotonic() - started < 1


async def test_started_private_and_ended(home: Path) -> None:
    """No TCP port, no file that others may read, an append-only file; the server is gone afterwards and its data is kept."""
    async with open_redis(None, home) as client:
        await client.set("kept", "yes", ex=60)
        config = await client.config_get("port", "appendonly", "appendfsync", "save")
        assert config == {"port": "0", "appendonly": "yes", "appendfsync": "everysec", "save": ""}
        folder = home / "redis"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "redis.sock").stat().st_mode) & 0o077 == 0
        assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in (folder / "appendonlydir").iterdir())
        pid = server_pid(home)
        assert lives(pid)
    assert not lives(pid)
    async with open_redis(None, home) as client:
        assert await client.get("kept") == "yes"
        assert 0 < await client.ttl("kept") <= 60


async def test_second_process_joins_and_the_last_one_ends_it(home: Path) -> None:
    """Whoever started it may leave first: the server stays for the other process, and nobody starts a second one."""
    async with open_redis(None, home) as client:
        await client.set("visits", "10")
        pid = server_pid(home)
        other = await another_process(home)
        assert await client.get("visits") == "11"
    assert server_pid(home) == pid
    assert lives(pid)
    await other.communicate(b"\n")
    assert other.returncode == 0
    assert not lives(pid)


async def test_five_starts_at_once_make_one_server(home: Path) -> None:
    """Processes that start together share one server."""
    others = await asyncio.gather(*(another_process(home) for _ in range(5)))
    async with open_redis(None, home) as client:
        assert await client.get("visits") == "5"
        assert (await client.info("server"))["process_id"] == server_pid(home)
    await asyncio.gather(*(other.communicate(b"\n") for other in others))
    assert not (home / "redis" / "redis.pid").exists()


async def test_server_outlives_a_killed_owner_and_is_taken_over(home: Path) -> None:
    """After kill -9 of its only user the next process finds the same server, data and all, and ends it when it leaves."""
    owner = await another_process(home)
    pid = server_pid(home)
    owner.kill()
    await owner.communicate()
    async with open_redis(None, home) as client:
        assert (await client.info("server"))["process_id"] == pid
        assert await client.get("visits") == "1"
    assert not lives(pid)


async def test_killed_server_is_back_in_two_seconds(home: Path) -> None:
    """The server dies while it is used: it is started again by itself, with what was written before."""
    async with open_redis(None, home) as client:
        await client.set("kept", "yes", ex=60)
        os.kill(server_pid(home), signal.SIGKILL)
        started = time.monotonic()
        while True:
            try:
                async with answering():
                    assert await client.get("kept") == "yes"
                break
            except MemoryStoreError:
                if time.monotonic() - started > 10:
                    pytest.fail((home / "redis" / "redis.log").read_text("utf-8"))
                await asyncio.sleep(0.02)
        assert time.monotonic() - started < 2
        pid = server_pid(home)
    assert not lives(pid)


async def test_long_path_of_the_state_folder(home: Path) -> None:
    """Where the socket's path would be too long, it goes to a private temporary folder, which others find."""
    deep = home / ("d" * 60) / ("e" * 60)
    async with open_redis(None, deep) as client:
        await client.set("visits", "1")
        named = Path((deep / "redis" / "socket").read_text())
        assert stat.S_IMODE(named.parent.stat().st_mode) == 0o700
        other = await another_process(deep)
        assert await client.get("visits") == "2"
        await other.communicate(b"\n")


async def test_server_that_cannot_start_says_where_to_look(home: Path) -> None:
    """A damaged append-only file: the error comes at once and names the log."""
    (home / "redis" / "appendonlydir").mkdir(parents=True)
    (home / "redis" / "appendonlydir" / "appendonly.aof.manifest").write_text("nonsense\n")
    started = time.monotonic()
    with pytest.raises(MemoryStoreError, match=r"redis\.log"):
        async with open_redis(None, home):
            pass
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(("version", "used"), [("8.0.1", True), ("7.0.15", True), ("6.2.14", False)])
def test_server_on_path_is_preferred_if_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, used: bool
) -> None:
    """The machine's own server is taken from 7.0 on; else the package's."""
    program = tmp_path / "valkey-server"
    program.write_text(f"#!/bin/sh\necho 'Server v={version} sha=0'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/nowhere")
    assert (find_server() == str(program)) is used
    assert find_server().endswith("-server")


def test_socket_limit_leaves_room() -> None:
    """The limit is below what any supported system allows, the closing zero included."""
    assert redis_server._SOCKET_PATH_BYTES < 104
