"""What we posted in answer to what: so that a reply is posted once, and goes or gives way with the message that it answers.

Kept by the message's name, so that Slack need not be asked: it allows to read a thread once a minute, fifteen messages at a time,
and an app may not have the right to it. The thread is read only for what was posted without being noted.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from adapters.slack.bounded import Bounded
from adapters.slack.client import SlackClient
from adapters.slack.place import Place
from bot.messages import IncomingMessage
from bot.ports import Kept
from bot.redis_calls import digest
from rag.errors import DeliveryError, MemoryStoreError

log = logging.getLogger(__name__)
KEPT_SECONDS = 30 * 24 * 3600
"""As long as a conversation is remembered: later corrections are answered anew, and Slack is asked what they replace."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A reply, or as much of it as stands there: which message it answers, its own messages in order, how many there will be,
    and what it has still to take the place of.
    """

    message: str
    stands: tuple[str, ...]
    parts: int
    left: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether all of it stands there."""
        return len(self.stands) >= self.parts


class Traces:
    """Over what all processes keep, and Slack's threads."""

    def __init__(self, client: SlackClient, kept: Kept) -> None:
        self._client, self._kept = client, kept
        self._unkept: Bounded[str, Trace] = Bounded()

    async def note(self, message: IncomingMessage, stands: Sequence[str], parts: int, left: Iterable[str]) -> None:
        """So much of the reply stands there now. If that cannot be kept, this process knows, and the thread tells others."""
        name, trace = _name(message, message.said or message.id), Trace(message.id, tuple(stands), parts, tuple(left))
        try:
            await self._kept.set(name, json.dumps(asdict(trace)), KEPT_SECONDS)
            self._unkept.pop(name, None)
        except MemoryStoreError:
            log.warning("a reply was posted but not noted")
            self._unkept[name] = trace

    async def posted(self, message: IncomingMessage, place: Place, *, look: bool) -> tuple[Trace | None, list[str]]:
        """What of a message's reply stands there already, by an earlier try; and what was only begun there.

        With `look` Slack is asked what was not noted. If neither tells, nothing: better twice than never.
        """
        noted = await self._noted(message, message.said or message.id)
        noted = noted if noted and noted.message == message.id else None
        if not look or (noted and noted.whole):
            return noted, []
        try:
            marks = await self._client.marks(place.channel, place.thread, place.said)
        except DeliveryError as error:
            log.warning("cannot tell whether a reply was posted before: %s", error)
            return noted, []
        parts = [mark for mark in marks if mark.get("message") == message.id and isinstance(mark.get("part"), int)]
        await self._ended(place, parts)
        read = _read(message.id, [mark for mark in parts if mark["part"] > 0])
        found = max(filter(None, (noted, read)), key=lambda one: len(one.stands), default=None)
        return found, [str(mark["ts"]) for mark in parts if mark["part"] == 0]

    async def replaced(self, message: IncomingMessage, place: Place) -> list[str]:
        """Our messages that answered what this one replaces; they are there to be written over."""
        if not message.replaces:
            return []
        noted = await self._noted(message, message.replaces)
        if noted and noted.message == message.id:
            return list(noted.left)
        if noted and noted.whole:
            return list(noted.stands)
        try:
            marks = await self._client.marks(place.channel, place.thread, place.said)
        except DeliveryError as error:
            log.warning("what was answered earlier is not known: %s", error)
            return list(noted.stands) if noted else []
        found = [mark for mark in marks if mark.get("said") == message.replaces and mark.get("message") != message.id]
        await self._ended(place, found)
        return [str(mark["ts"]) for mark in sorted(found, key=lambda mark: str(mark["ts"]))]

    async def _noted(self, message: IncomingMessage, said: str) -> Trace | None:
        name = _name(message, said)
        if name in self._unkept:
            return self._unkept[name]
        try:
            kept = await self._kept.get(name)
        except MemoryStoreError:
            return None
        told = json.loads(kept) if kept else None
        return Trace(told["message"], tuple(told["stands"]), told["parts"], tuple(told["left"])) if told else None

    async def _ended(self, place: Place, marks: Iterable[Mapping[str, Any]]) -> None:
        """Streams of another process, which can be changed or deleted only when they have ended."""
        for mark in marks:
            if mark.get("stream"):
                await self._client.end(place.channel, str(mark["ts"]))


def _read(message: str, marks: Iterable[Mapping[str, Any]]) -> Trace | None:
    """What the marks of a thread tell of a reply; with its last part it is whole, whatever of the others was read."""
    parts = {mark["part"]: mark for mark in marks}
    if not parts:
        return None
    last = parts[max(parts)]
    stands = tuple(str(parts[n]["ts"]) if n in parts else "" for n in range(1, max(parts) + 1))
    return Trace(message, stands, last.get("parts") or max(parts) + 1)


def _name(message: IncomingMessage, said: str) -> str:
    return f"slack:reply:{digest(message.tenant, message.conversation, said)}"
