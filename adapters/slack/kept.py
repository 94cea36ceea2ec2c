"""What Slack does not tell us again and we must remember: our messages and pictures, by what they answer.

An edit or a deletion names only the asker's message. Slack could be asked what stands there, but tells the newest fifteen
messages only, once a minute (SlackClient.marks): that is for what was posted just before a crash.
"""

from __future__ import annotations

import json
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass, replace

from bot.kept import KEPT_SECONDS, once
from bot.messages import IncomingMessage
from bot.ports import Kept

Spot = tuple[str, str]
"""A message: its channel and ts."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A reply, or as much of it as stands there: which message it answers, our messages in order, how many there will be, what
    it has still to take the place of, and the ids of the pictures beneath them.
    """

    message: str = ""
    posts: tuple[Spot, ...] = ()
    parts: int = 0
    left: tuple[Spot, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether all of it stands there."""
        return len(self.posts) >= self.parts


@dataclass(frozen=True, slots=True)
class Remembered:
    """MemoryStoreError when the store does not answer."""

    kept: Kept

    async def note(self, tenant: str, conversation: str, said: str, shown: Shown) -> None:
        """This answers the message `said`, in place of what did before."""
        await self._set(_name("reply", tenant, conversation, said), shown)

    async def note_files(self, message: IncomingMessage, files: tuple[str, ...]) -> None:
        """These pictures stand beneath the answer to a message."""
        name = _name("reply", message.tenant, message.conversation, message.said)
        await self._set(name, replace(await self._get(name), files=files))

    async def shown(self, tenant: str, conversation: str, said: str) -> Shown:
        """What answers the message `said`, as far as is known."""
        return await self._get(_name("reply", tenant, conversation, said))

    def once(self, name: str, seconds: int) -> AbstractAsyncContextManager[bool]:
        """Whether what is named is still to be done; what fails within may be done when it comes again."""
        return once(self.kept, _name("once", name), seconds)

    async def _get(self, name: str) -> Shown:
        found = await self.kept.get(name)
        if not found:
            return Shown()
        told = json.loads(found)
        posts, left = (tuple((str(one), str(ts)) for one, ts in told[name]) for name in ("posts", "left"))
        return Shown(told["message"], posts, told["parts"], left, tuple(told["files"]))

    async def _set(self, name: str, shown: Shown) -> None:
        await self.kept.set(name, json.dumps(asdict(shown)), KEPT_SECONDS)


def _name(*parts: str) -> str:
    return f"slack:{json.dumps(parts, ensure_ascii=False, separators=(',', ':'))}"
