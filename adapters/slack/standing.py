"""What of ours stands in Slack already: what answered a message that was corrected, a reply that was posted before a crash."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.slack.client import SlackClient
from adapters.slack.kept import Remembered, Shown, Spot
from adapters.slack.place import Place
from bot.messages import IncomingMessage
from rag.errors import DeliveryError, MemoryStoreError

log = logging.getLogger(__name__)
_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """How many parts of a reply were `done`, the messages that tell them, and what was only begun."""

    done: int = 0
    posts: tuple[Spot, ...] = ()
    drafts: tuple[Spot, ...] = ()


class Standing:
    """By what was noted, else by what was sent along with our messages (SlackClient.marks)."""

    def __init__(self, client: SlackClient, remembered: Remembered) -> None:
        self._client, self._remembered = client, remembered

    async def before(self, message: IncomingMessage, place: Place) -> Shown:
        """What answered what this one replaces."""
        if not message.replaces:
            return Shown()
        try:
            shown = await self._remembered.shown(message.tenant, message.conversation, message.replaces)
        except MemoryStoreError:
            log.warning("what was answered earlier is not known now")
            shown = Shown()
        if shown.posts or place.hook or not place.said:
            return shown
        try:
            marks = await self._client.marks(place.channel, place.thread, place.said)
        except DeliveryError as error:
            log.warning("what was answered earlier is not known: %s", error)
            return shown
        found = [mark for mark in marks if mark.get("said") == message.replaces and mark.get("message") != message.id]
        await self._ended(place, found)
        return Shown(tuple(sorted((place.channel, str(mark["ts"])) for mark in found)), shown.files)

    async def found(self, message: IncomingMessage, place: Place) -> Found:
        """What stands of the reply to a message. If Slack does not tell, nothing: better twice than never."""
        try:
            marks = await self._client.marks(place.channel, place.thread, place.said)
        except DeliveryError as error:
            log.warning("cannot tell whether a reply was posted before: %s", error)
            return Found()
        parts = [mark for mark in marks if mark.get("message") == message.id and isinstance(mark.get("part"), int)]
        await self._ended(place, parts)
        drafts = tuple((place.channel, str(mark["ts"])) for mark in parts if mark["part"] == 0)
        whole = sorted((mark["part"], str(mark["ts"])) for mark in parts if mark["part"])
        done = _ALL if any(mark["part"] == mark.get("parts") for mark in parts) else max((part for part, _ in whole), default=0)
        return Found(done, tuple((place.channel, ts) for _, ts in whole), drafts)

    async def _ended(self, place: Place, marks: Iterable[Mapping[str, Any]]) -> None:
        """Streams of another process, which can be changed or deleted only when they have ended."""
        for mark in marks:
            if mark.get("stream"):
                await self._client.end(place.channel, str(mark["ts"]))
