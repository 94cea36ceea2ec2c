"""The loop that takes messages from the inbox, several conversations at a time, and keeps their leases while they are handled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress

from bot.handling import ATTEMPTS, Failed, LeaseLostError, MessageHandler, Respond
from bot.health import Metrics
from bot.ports import Channel, Inbox, Lease
from rag.errors import MemoryStoreError

log = logging.getLogger(__name__)

_TAKE_SECONDS = 0.5
"""One wait for a message, which a stop has to sit out: a cancelled take might lose the lease that was just given."""
_HAND_BACK_SECONDS = 1.0


class Worker:
    """Runs until stopped. Several in one or more processes share an inbox."""

    def __init__(
        self,
        inbox: Inbox,
        respond: Respond,
        failed: Failed,
        channels: Mapping[str, Channel],
        *,
        concurrency: int = 8,
        deadline_seconds: float = 30.0,
        renew_seconds: float = 1.5,
        metrics: Metrics | None = None,
    ) -> None:
        """`respond` makes a reply, `failed` words an error for the asker; `renew_seconds` is well under the lease's length."""
        self._inbox, self._renew_seconds = inbox, renew_seconds
        self._handler = MessageHandler(inbox, respond, failed, channels, deadline_seconds, metrics)
        self._slots = asyncio.Semaphore(concurrency)
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._ended = asyncio.Event()
        self._ended.set()
        self._inbox_answers = True

    async def run(self) -> None:
        """Take and handle messages until `stop`."""
        self._ended.clear()
        try:
            while not self._stopping:
                await self._slots.acquire()
                lease = await self._take()
                alone = lease is not None and lease.attempt >= ATTEMPTS
                if lease is None or (alone and not await self._quiet(lease)):
                    self._slots.release()
                    continue
                task = asyncio.create_task(self._keep(lease))
                self._tasks.add(task)
                task.add_done_callback(self._free)
                if alone:
                    await asyncio.wait({task})
        finally:
            self._ended.set()

    async def stop(self, seconds: float = 7.0) -> None:
        """Take no more, wait `seconds` for what is under way, then hand it back; returns at most 2 s after that."""
        self._stopping = True
        ended = asyncio.create_task(self._ended.wait())
        await asyncio.wait({ended, *self._tasks}, timeout=seconds)
        late = set(self._tasks)
        for task in late:
            task.cancel()
        if late:
            log.warning("handing back %d messages under way", len(late))
            await asyncio.wait(late, timeout=2 * _HAND_BACK_SECONDS)
        ended.cancel()

    async def _take(self) -> Lease | None:
        if self._stopping:
            return None
        try:
            lease = await self._inbox.take(_TAKE_SECONDS)
        except MemoryStoreError as error:
            if self._inbox_answers:
                log.error("inbox does not answer: %s", error)
            self._inbox_answers = False
            await asyncio.sleep(_TAKE_SECONDS / 2)
            return None
        self._inbox_answers = True
        if lease and self._stopping:
            await self._hand_back(lease)
            return None
        return lease

    async def _quiet(self, lease: Lease) -> bool:
        """Wait until nothing else is under way. A message that was there when the process died gets its last try alone: if the
        process dies again, it was this one, and none of its neighbours is blamed. False if we stop or lose the lease meanwhile.
        """
        while self._tasks and not self._stopping:
            await asyncio.wait(self._tasks, timeout=self._renew_seconds)
            with suppress(MemoryStoreError):
                if not await self._inbox.renew(lease):
                    return False
        if self._stopping:
            await self._hand_back(lease)
        return not self._stopping

    def _free(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._slots.release()

    async def _keep(self, lease: Lease) -> None:
        """Handle a message as a task of its own and renew its lease meanwhile; a lost lease ends the task."""
        work = asyncio.create_task(self._handler.handle(lease))
        try:
            await self._watch(work, lease)
            error = None if work.cancelled() else work.exception()
            if work.cancelled() or isinstance(error, LeaseLostError | MemoryStoreError):
                log.warning("not finished platform=%s attempt=%d: %r", lease.message.platform, lease.attempt, error)
                await self._hand_back(lease, delay=1.0)  # without effect if the lease is lost
            elif error is not None:
                work = asyncio.create_task(self._handler.give_up(lease, error))
                await self._watch(work, lease)
                await asyncio.gather(work, return_exceptions=True)
        finally:
            if not work.done():
                work.cancel()
                await asyncio.wait({work}, timeout=_HAND_BACK_SECONDS)
                await self._hand_back(lease)

    async def _watch(self, work: asyncio.Task[None], lease: Lease) -> None:
        while not (await asyncio.wait({work}, timeout=self._renew_seconds))[0]:
            # whether a Redis that does not answer still knows the lease will show when it is back
            with suppress(MemoryStoreError):
                if not await self._inbox.renew(lease):
                    work.cancel()

    async def _hand_back(self, lease: Lease, delay: float = 0.0) -> None:
        with suppress(MemoryStoreError, TimeoutError):
            async with asyncio.timeout(_HAND_BACK_SECONDS):
                await self._handler.hand_back(lease, delay)
