"""What of ours stands in Slack already: what answered a message that was corrected, what an earlier try posted of a reply.

By what was noted, so that Slack need not be asked: it allows to read a thread once a minute, fifteen messages at a time, and an
app may not have the right to it. The thread is read only for what was posted without being noted.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from adapters.slack.bounded import Bounded
from adapters.slack.client import SlackClient
from adapters.slack.kept import Remembered, Shown, Spot
from adapters.slack.place import Place
from bot.messages import IncomingMessage
from rag.errors import DeliveryError, MemoryStoreError

log = logging.getLogger(__name__)
_Key = tuple[str, str, str]


class Standing:
    """Over what all processes keep, and what was sent along with our messages (SlackClient.marks)."""

    def __init__(self, client: SlackClient, remembered: Remembered) -> None:
        self._client, self._remembered = client, remembered
        self._unkept: Bounded[_Key, Shown] = Bounded()

    async def note(self, message: IncomingMessage, shown: Shown) -> None:
        """So much of the reply stands there now. If that cannot be kept, this process knows, and the thread tells others."""
        key = _key(message, message.said or message.id)
        try:
            await self._remembered.note(*key, shown)
            self._unkept.pop(key, None)
        except MemoryStoreError:
            log.warning("a reply was posted but not noted")
            self._unkept[key] = shown

    async def before(self, message: IncomingMessage, place: Place) -> Shown:
        """What answered what this one replaces; it is there to be written over, and its pictures to be taken away."""
        if not message.replaces:
            return Shown()
        noted = await self._noted(message, message.replaces)
        if noted.message and noted.message == message.id:
            return Shown(posts=noted.left, files=noted.files)
        if (noted.posts and noted.whole) or place.hook or not place.said:
            return noted
        try:
            marks = await self._client.marks(place.channel, place.thread, place.said)
        except DeliveryError as error:
            log.warning("what was answered earlier is not known: %s", error)
            return noted
        found = [mark for mark in marks if mark.get("said") == message.replaces and mark.get("message") != message.id]
        await self._ended(place, found)
        return Shown(posts=tuple(sorted((place.channel, str(mark["ts"])) for mark in found)), files=noted.files)

    async def posted(self, message: IncomingMessage, place: Place, *, look: bool) -> tuple[Shown, tuple[Spot, ...]]:
        """What of a message's reply stands there already, by an earlier try; and what was only begun there.

        With `look` Slack is asked what was not noted. If neither tells, nothing: better twice than never.
        """
        noted = await self._noted(message, message.said or message.id)
        noted = noted if noted.message == message.id else Shown()
        if not look or (noted.posts and noted.whole):
            return noted, ()
        try:
            marks = await self._client.marks(place.channel, place.thread, place.said)
        except DeliveryError as error:
            log.warning("cannot tell whether a reply was posted before: %s", error)
            return noted, ()
        parts = [mark for mark in marks if mark.get("message") == message.id and isinstance(mark.get("part"), int)]
        await self._ended(place, parts)
        read = _read(message.id, place, [mark for mark in parts if mark["part"] > 0])
        drafts = tuple((place.channel, str(mark["ts"])) for mark in parts if mark["part"] == 0)
        return max(noted, read, key=lambda one: len(one.posts)), drafts

    async def _noted(self, message: IncomingMessage, said: str) -> Shown:
        key = _key(message, said)
        if key in self._unkept:
            return self._unkept[key]
        try:
            return await self._remembered.shown(*key)
        except MemoryStoreError:
            log.warning("what was answered earlier is not known now")
            return Shown()

    async def _ended(self, place: Place, marks: Iterable[Mapping[str, Any]]) -> None:
        """Streams of another process, which can be changed or deleted only when they have ended."""
        for mark in marks:
            if mark.get("stream"):
                await self._client.end(place.channel, str(mark["ts"]))


def _read(message: str, place: Place, marks: Iterable[Mapping[str, Any]]) -> Shown:
    """What the marks of a thread tell of a reply; with its last part it is whole, whatever of the others was read."""
    parts = {mark["part"]: mark for mark in marks}
    if not parts:
        return Shown()
    last = parts[max(parts)]
    posts = tuple((place.channel, str(parts[n]["ts"]) if n in parts else "") for n in range(1, max(parts) + 1))
    return Shown(message, posts, last.get("parts") or max(parts) + 1)


def _key(message: IncomingMessage, said: str) -> _Key:
    return message.tenant, message.conversation, said
