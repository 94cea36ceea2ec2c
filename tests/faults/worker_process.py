"""A worker as a process of its own, to be killed: answers from the inbox at a Redis URL into a file, one line a post.

    python -m tests.faults.worker_process REDIS_URL FILE WORK_SECONDS LEASE_SECONDS

A message "poison" ends the process at once, as a fault in native code would. SIGTERM drains.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from bot.inbox import RedisInbox
from bot.messages import IncomingMessage, Progress, Reply
from bot.ports import OnProgress
from bot.redis_server import open_redis
from bot.worker import Worker
from rag.models import Answer


class FileChannel:
    """Posts by appending to a file, in one write, so that it survives kill -9 of this process."""

    platform = "test"

    def __init__(self, path: Path) -> None:
        self._path = path

    async def progress(self, message: IncomingMessage, progress: Progress) -> None:
        """Shows nothing."""

    async def post(self, message: IncomingMessage, reply: Reply) -> None:
        """Write the line as soon as the platform's answer time has passed."""
        await asyncio.sleep(0.01)
        with self._path.open("a", encoding="utf-8", buffering=1) as file:
            file.write(f"{message.conversation} {message.id} {reply.answer.status}\n")


async def main(url: str, path: str, work_seconds: float, lease_seconds: float) -> None:
    """Work until SIGTERM."""

    async def respond(message: IncomingMessage, on_progress: OnProgress) -> Reply:
        if message.text == "poison":
            os.kill(os.getpid(), signal.SIGKILL)
        await asyncio.sleep(work_seconds)
        return Reply(Answer("answered", "es", message.text))

    def failed(message: IncomingMessage, error: BaseException, attempt: int) -> Reply:
        return Reply(Answer("failed", "es", str(error)))

    async with open_redis(url, Path("unused")) as client:
        inbox = RedisInbox(client, lease_seconds=lease_seconds)
        worker = Worker(inbox, respond, failed, {"test": FileChannel(Path(path))}, concurrency=4, renew_seconds=lease_seconds / 4)
        told = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
        running = asyncio.create_task(worker.run())
        await told.wait()
        await worker.stop()
        await running


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])))
