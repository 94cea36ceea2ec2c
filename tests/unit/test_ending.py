"""How tasks end that swallow a cancelling, as calls inside redis-py now and then do."""

from __future__ import annotations

import asyncio

from bot.ending import end


async def test_a_task_that_loses_a_cancelling_ends_all_the_same() -> None:
    """The first one is swallowed and the task goes on to wait; it is cancelled again."""
    lost = 0

    async def deaf() -> None:
        nonlocal lost
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            lost += 1
        await asyncio.sleep(60)

    task = asyncio.create_task(deaf())
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        await end(task, 0.01)
    assert (lost, task.cancelled()) == (1, True)


async def test_a_task_may_put_things_in_order() -> None:
    """It is not cancelled again before its time; one that has ended is left alone."""
    tidied = asyncio.Event()

    async def tidy() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(0.05)
            tidied.set()
            raise

    task = asyncio.create_task(tidy())
    await asyncio.sleep(0)
    await end(task, 30.0)
    await end(task)
    assert tidied.is_set()
