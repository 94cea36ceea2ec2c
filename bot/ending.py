"""How a task of our own is ended."""

from __future__ import annotations

import asyncio


async def end(task: asyncio.Task[None], again_seconds: float = 1.0) -> None:
    """Cancel a task until it has ended: a cancelling that meets the end of a call inside redis-py can get lost.

    `again_seconds`: what the task may need to put things in order before it is cancelled once more.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=again_seconds)
