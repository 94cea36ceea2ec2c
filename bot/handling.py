"""What a worker does with one message: compute the reply, post it, record that. In this order, each step safe to come again."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.health import Metrics
from bot.messages import IncomingMessage, Progress, Reply
from bot.ports import Channel, Inbox, Lease, OnProgress
from bot.progress import ProgressRelay
from rag.errors import AdvisorError, DeliveryError, MemoryStoreError

log = logging.getLogger(__name__)

Respond = Callable[[IncomingMessage, OnProgress], Awaitable[Reply]]
Failed = Callable[[IncomingMessage, BaseException, int], Reply]

ATTEMPTS = 3
POST_SECONDS = 15.0
POSTS_IN_PLACE = 3
LONGEST_WAIT_SECONDS = 60.0
"""However much later a platform wants us to come again."""
WAIT_IN_PLACE_SECONDS = 2.0
"""A longer wait is spent in the inbox, so that the worker is free for other conversations."""
POST_AGE_SECONDS = 15 * 60
"""An answer that could not be posted for so long is parked."""
RECORD_SECONDS = 60.0
_REMEMBERED = 1024


class GivenUpError(Exception):
    """A message that ended the process, or failed unexpectedly, too often."""


class LeaseLostError(Exception):
    """Another worker has the message now; nothing may be posted."""


@dataclass(slots=True)
class Outcome:
    """A reply, why the message is parked once it is posted ("" if all is well), and how often it was handed back unposted."""

    reply: Reply
    parked: str = ""
    rounds: int = 0


class MessageHandler:
    """Knows what it has computed and posted in this process, so that neither is done twice when a message comes again."""

    def __init__(
        self,
        inbox: Inbox,
        respond: Respond,
        failed: Failed,
        channels: Mapping[str, Channel],
        deadline_seconds: float,
        metrics: Metrics | None = None,
    ) -> None:
        self._inbox, self._respond, self._failed, self._channels = inbox, respond, failed, channels
        self._deadline_seconds, self._metrics = deadline_seconds, metrics
        self._computed: dict[tuple[str, str, str], Outcome] = {}
        self._posted: dict[tuple[str, str, str], Outcome] = {}

    async def handle(self, lease: Lease) -> None:
        """Answer one message. MemoryStoreError and LeaseLostError: it will come again. Others: see `give_up`."""
        message, identity = lease.message, _identity(lease.message)
        outcome = self._posted.get(identity)
        if outcome is None and await self._inbox.superseded(lease):
            await self._inbox.done(lease)
            return
        if outcome is None:
            channel = self._channels.get(message.platform)
            if channel is None:
                await self._park(lease, "no channel for its platform")
                return
            if lease.attempt > ATTEMPTS + 1:
                await self._park(lease, "ended the process, also when the asker was to be told")
                return
            outcome = self._computed.get(identity) or await self._compute(lease, channel)
            _remember(self._computed, identity, outcome)
            if await self._inbox.superseded(lease):  # while it was computed: what answers the correction replaces this too
                await self._inbox.done(lease)
                return
            if not await self._post(lease, channel, outcome):
                return
            _remember(self._posted, identity, outcome)
            self._count(message, outcome)
        await self._record(lease, outcome)
        self._computed.pop(identity, None)

    async def give_up(self, lease: Lease, error: BaseException) -> None:
        """After an error that another try would meet again: tell the asker, if that is possible, and park."""
        log.error("given up platform=%s id=%s", lease.message.platform, lease.message.id, exc_info=error)
        told = asyncio.gather(self._tell(lease, error), return_exceptions=True)  # the channel may be what fails
        await told
        await self._park(lease, type(error).__name__)

    async def hand_back(self, lease: Lease, delay: float = 0.0) -> None:
        """Let another try begin after `delay` seconds, unless the reply was posted already."""
        if _identity(lease.message) in self._posted:
            await self._inbox.done(lease)
        else:
            await self._inbox.release(lease, delay)

    async def _compute(self, lease: Lease, channel: Channel) -> Outcome:
        message = lease.message
        if lease.attempt > ATTEMPTS:
            error: Exception = GivenUpError(f"ended the process {ATTEMPTS} times")
            return Outcome(self._failed(message, error, lease.attempt), str(error))
        async with ProgressRelay(channel, message) as progress:
            await progress(Progress("retrieve"))
            try:
                async with asyncio.timeout(self._seconds(lease)):
                    return Outcome(await self._try(lease, progress))
            except GivenUpError as given_up:
                cause = given_up.__cause__ or given_up
                return Outcome(self._failed(message, cause, ATTEMPTS), f"{type(cause).__name__} {ATTEMPTS} times")
            except (TimeoutError, AdvisorError) as failure:
                return Outcome(self._failed(message, failure, lease.attempt))

    async def _try(self, lease: Lease, progress: OnProgress) -> Reply:
        """A Redis that was away for a moment and a chance failure deserve another try; what the chain explains does not."""
        for attempt in range(lease.attempt, ATTEMPTS + 1):
            try:
                return await self._respond(lease.message, progress)
            except Exception as error:  # whatever it is, this message must end in a reply and the others must go on
                if isinstance(error, TimeoutError | AdvisorError) and not isinstance(error, MemoryStoreError):
                    raise
                log.warning("attempt %d failed platform=%s error=%s", attempt, lease.message.platform, type(error).__name__)
                if attempt == ATTEMPTS:
                    raise GivenUpError from error
            await asyncio.sleep(_jitter(0.4 * 2**attempt))
        raise GivenUpError

    def _seconds(self, lease: Lease) -> float:
        """The deadline; what a crash has cost of it is not given again, but for a third that leaves a chance."""
        if lease.attempt == 1:
            return self._deadline_seconds
        return max(self._deadline_seconds - _age(lease.message), self._deadline_seconds / 3)

    async def _post(self, lease: Lease, channel: Channel, outcome: Outcome) -> bool:
        """Whether it was posted; if not, the message was handed back for later, or parked."""
        for n in range(POSTS_IN_PLACE):
            if not await self._inbox.renew(lease):
                raise LeaseLostError
            try:
                async with asyncio.timeout(POST_SECONDS):
                    await channel.post(lease.message, outcome.reply)
                return True
            except TimeoutError:
                error = DeliveryError(f"no answer in {POST_SECONDS:g} s")
            except DeliveryError as refused:
                error = refused
            log.warning("not posted platform=%s retryable=%s: %s", lease.message.platform, error.retryable, error)
            if not error.retryable or _age(lease.message) > POST_AGE_SECONDS:
                await self._park(lease, f"not posted: {error}")
                return False
            wait = _wait(error, 0.5 * 2**n)
            if wait > WAIT_IN_PLACE_SECONDS:
                break
            await asyncio.sleep(wait)
        outcome.rounds += 1
        await self._inbox.release(lease, _wait(error, 5 * 2 ** min(outcome.rounds, 4)))
        return False

    async def _record(self, lease: Lease, outcome: Outcome) -> None:
        """It was posted, so this must not get lost: a Redis that is away is waited for."""
        until = time.monotonic() + RECORD_SECONDS
        while True:
            try:
                if outcome.parked:
                    await self._park(lease, outcome.parked)
                else:
                    await self._inbox.done(lease)
                return
            except MemoryStoreError:
                if time.monotonic() > until:
                    raise
            await asyncio.sleep(0.2)

    async def _tell(self, lease: Lease, error: BaseException) -> None:
        if await self._inbox.renew(lease):
            async with asyncio.timeout(POST_SECONDS):
                reply = self._failed(lease.message, error, lease.attempt)
                await self._channels[lease.message.platform].post(lease.message, reply)

    async def _park(self, lease: Lease, reason: str) -> None:
        await self._inbox.park(lease, reason)
        log.error("parked platform=%s id=%s reason=%s", lease.message.platform, lease.message.id, reason)
        if self._metrics:
            self._metrics.parked.labels(lease.message.platform).inc()

    def _count(self, message: IncomingMessage, outcome: Outcome) -> None:
        if self._metrics:
            self._metrics.answers.labels(message.platform, outcome.reply.answer.status).inc()
            self._metrics.answer_seconds.labels(message.platform).observe(_age(message))


def _identity(message: IncomingMessage) -> tuple[str, str, str]:
    return message.platform, message.tenant, message.id


def _remember(kept: dict[tuple[str, str, str], Outcome], identity: tuple[str, str, str], outcome: Outcome) -> None:
    kept[identity] = outcome
    while len(kept) > _REMEMBERED:
        del kept[next(iter(kept))]


def _age(message: IncomingMessage) -> float:
    """Seconds since it came in, by the wall clock."""
    return max(0.0, time.time() - message.received_at)


def _wait(error: DeliveryError, otherwise: float) -> float:
    """Seconds to the next try: never sooner than told, never later than the longest wait, spread out."""
    if error.retry_after is not None:
        return min(max(error.retry_after, 0.0), LONGEST_WAIT_SECONDS) * random.uniform(1.0, 1.1)  # noqa: S311 - no secret
    return _jitter(otherwise)


def _jitter(seconds: float) -> float:
    return min(seconds, LONGEST_WAIT_SECONDS) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
