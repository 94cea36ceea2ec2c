"""An answer that grows before its readers' eyes in Slack: a message of ours with the text so far, which the reply takes over.

Where one person reads, in a thread with the assistant, it is a stream of Slack's; in channels a message that is changed, since
a stream grows for its one recipient alone. Either tells what it answers: a process that takes the message over after a crash
finds it by that, and writes the reply into it, so that nothing half said is left lying (docs/decisions/slack-streaming.md).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from adapters.slack.bounded import Bounded
from adapters.slack.client import RefusedCallError, SlackClient, UnsureError
from adapters.slack.pace import Pace
from adapters.slack.place import Place
from adapters.slack.render import so_far
from bot.messages import IncomingMessage
from rag.errors import DeliveryError
from rag.ingest.language import detect
from rag.models import Language

log = logging.getLogger(__name__)
STEP_SECONDS = 1.5
"""Between two texts of a message that is changed: slower is dull, faster is more than people read."""
MINUTE_STEPS = 40
"""Changes of messages a minute, all answers together: Slack's tier 3 allows about 50 (rate limits page, seen 2025), and the
replies themselves, their corrections among them, must never wait for steps."""
STREAM_STEP_SECONDS = 0.7
MINUTE_STREAMS, MINUTE_STREAM_STEPS = 15, 80
"""Streams begun, and added to, a minute: tiers 2 and 4 allow about 20 and 100 (chat.startStream and appendStream, seen 2026)."""
NO_STREAMS = frozenset(
    "unknown_method method_not_supported feature_not_enabled missing_scope not_allowed_token_type team_not_supported "
    "invalid_arguments".split()
)
"""Refusals that are of streams and not of one place: from then on answers grow by changes. Our reading of the error lists."""
STREAM_BLOCKS, STREAM_CHARS = 30, 8000
"""Of one stream: beyond that it waits for the reply, which knows how to be several messages."""
Key = tuple[str, str]


@dataclass(slots=True)
class _Draft:
    """What stands of an answer. `stream`: Slack's; `ended`: nothing more is added to it."""

    ts: str
    last: float
    text: str
    stream: bool = False
    blocks: int = 1
    ended: bool = False


class Allowance:
    """So many a minute, of one process, and none before the time that Slack has named."""

    def __init__(self, most: Callable[[], int], clock: Callable[[], float]) -> None:
        self._most, self._clock, self._taken, self._held = most, clock, list[float](), float("-inf")

    def left(self) -> bool:
        """Whether one more may be done now."""
        now = self._clock()
        self._taken = [one for one in self._taken if now - one < 60]
        return len(self._taken) < self._most() and now >= self._held

    def take(self) -> bool:
        """Whether one more may be done now; counted if so."""
        if not self.left():
            return False
        self._taken.append(self._clock())
        return True

    def hold(self, error: RefusedCallError) -> None:
        """Nothing more for as long as a refusal says."""
        if error.retryable:
            self._held = self._clock() + (error.retry_after or STEP_SECONDS)


class Growing:
    """The drafts of this process, by message."""

    def __init__(self, client: SlackClient, pace: Pace, language: Language, clock: Callable[[], float] = time.monotonic) -> None:
        """`language`: where a question tells none."""
        self._client, self._pace, self._language, self._clock = client, pace, language, clock
        self._drafts: Bounded[Key, _Draft] = Bounded()
        self._changes = Allowance(lambda: MINUTE_STEPS, clock)
        self._begins = Allowance(lambda: MINUTE_STREAMS, clock)
        self._adds = Allowance(lambda: MINUTE_STREAM_STEPS, clock)
        self._streams = True
        self._refused: Bounded[Key, bool] = Bounded()

    async def show(self, key: Key, message: IncomingMessage, place: Place, text: str) -> None:
        """A step, if one is due. Errors as the client's: what fails here is made good by the reply."""
        draft = self._drafts.get(key)
        if draft is None and key not in self._refused:
            await self._begin(key, message, place, text)
        elif draft is None:
            return
        elif draft.stream or draft.ended:
            await self._add(draft, message, place, text)
        else:
            await self._change(draft, message, place, text)

    def of(self, key: Key) -> str:
        """The draft's ts, for the reply to take its place; "" if there is none."""
        draft = self._drafts.get(key)
        return draft.ts if draft else ""

    async def close(self, key: Key, place: Place) -> None:
        """End the draft if it is a stream, so that it can be changed. Errors as the client's; safe to call twice."""
        draft = self._drafts.get(key)
        if draft and draft.stream:
            await self._client.end(place.channel, draft.ts)
            draft.stream, draft.ended = False, True

    def forget(self, key: Key) -> None:
        """The reply stands in its place."""
        self._drafts.pop(key, None)
        self._refused.pop(key, None)

    async def _begin(self, key: Key, message: IncomingMessage, place: Place, text: str) -> None:
        """Its first words. Where nothing can be begun, or nobody knows whether it was, no step tries again: the reply will do."""
        stream = place.assistant and self._streams
        if stream and not self._begins.left():
            return
        await self._pace.wait(place.channel, patience=0.0)
        try:
            self._drafts[key] = await self._begun(message, place, text, stream=stream)
        except (DeliveryError, asyncio.CancelledError) as error:
            if isinstance(error, UnsureError | asyncio.CancelledError) or not error.retryable:
                self._refused[key] = True
            raise

    async def _begun(self, message: IncomingMessage, place: Place, text: str, *, stream: bool) -> _Draft:
        """Where Slack has no streams for us, answers of this process grow by changes from here on."""
        language, mark = detect(message.text, self._language), _mark(message)
        if stream:
            self._begins.take()
            try:
                ts = await self._client.begin(place.channel, place.thread, so_far(text, language, more="").blocks, mark)
            except RefusedCallError as error:
                self._begins.hold(error)
                if error.code not in NO_STREAMS:
                    raise
                log.warning("Slack streams nothing (%s): answers grow by changes of a message", error.code)
                self._streams = False
            else:
                return _Draft(ts, self._clock(), text, stream=True)
        try:
            ts = await self._client.post(place.channel, so_far(text, language), thread=place.thread, mark=mark)
        except RefusedCallError as error:
            if error.retry_after:
                self._pace.hold(place.channel, error.retry_after)
            raise
        return _Draft(ts, self._clock(), text)

    async def _add(self, draft: _Draft, message: IncomingMessage, place: Place, text: str) -> None:
        """What has come since. A text that begins otherwise than what stands there cannot be added: the reply puts it right."""
        more = text.removeprefix(draft.text)
        full = draft.blocks >= STREAM_BLOCKS or len(text) > STREAM_CHARS
        draft.ended = draft.ended or full or not text.startswith(draft.text)
        if draft.ended or not more.strip() or self._clock() - draft.last < STREAM_STEP_SECONDS or not self._adds.take():
            return
        draft.last = self._clock()
        said = so_far(more.strip(), detect(message.text, self._language), more="")
        try:
            await self._done(draft, self._client.add(place.channel, draft.ts, said.blocks), self._adds)
        except (UnsureError, asyncio.CancelledError):
            draft.ended = True  # perhaps it stands there: said again, it would stand there twice
            raise
        draft.text, draft.blocks = text, draft.blocks + 1

    async def _change(self, draft: _Draft, message: IncomingMessage, place: Place, text: str) -> None:
        if self._clock() - draft.last < STEP_SECONDS or draft.text == text or not self._changes.take():
            return
        draft.last = self._clock()
        said = so_far(text, detect(message.text, self._language))
        await self._done(draft, self._client.update(place.channel, draft.ts, said, mark=_mark(message)), self._changes)
        draft.text = text

    async def _done(self, draft: _Draft, step: Awaitable[None], allowed: Allowance) -> None:
        """A step. What is refused for now is said by a later one; after a refusal for good the draft stays as it is."""
        try:
            await step
        except RefusedCallError as error:
            allowed.hold(error)
            draft.ended = draft.ended or not error.retryable
            raise


def grows(message: IncomingMessage, place: Place) -> bool:
    """Whether a message's answer is shown while it is written: not where one person alone sees it, nor over an earlier answer."""
    return not (place.hook or message.alone or message.replaces or message.command in {"retract", "share", "relay"})


def _mark(message: IncomingMessage) -> dict[str, str | int]:
    return {"message": message.id, "said": message.said, "part": 0}
