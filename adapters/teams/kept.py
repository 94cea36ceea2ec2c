"""What Teams does not tell us again and we must remember: our messages, by what they answer; who installed us; what is done.

Feedback names only our message's id, and an edit only the asker's: both must lead to what was said.
"""

from __future__ import annotations

import json
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from bot.kept import KEPT_SECONDS, once
from bot.ports import Kept

_YEARS = 5 * 365 * 24 * 3600
_DAY = 24 * 3600
"""As long as the inbox knows a message again."""
_HOUR = 3600
"""How long a message may come again."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """Our messages and installers, by tenant."""

    kept: Kept

    async def note_reply(self, tenant: str, conversation: str, said: str, ids: tuple[str, ...], exchange: str) -> None:
        """Our messages `ids` answer the message `said`; they tell the answer of `exchange`."""
        if said:
            await self.kept.set(_name("reply", tenant, conversation, said), json.dumps(ids), KEPT_SECONDS)
        for one in ids if exchange else ():
            await self.kept.set(_name("exchange", tenant, conversation, one), exchange, KEPT_SECONDS)

    async def replies(self, tenant: str, conversation: str, said: str) -> tuple[str, ...]:
        """Our messages that answer `said`, in order."""
        found = await self.kept.get(_name("reply", tenant, conversation, said))
        return tuple(json.loads(found)) if found else ()

    async def exchange(self, tenant: str, conversation: str, activity: str) -> str:
        """The exchange that a message of ours tells; empty if it is none or forgotten."""
        return await self.kept.get(_name("exchange", tenant, conversation, activity))

    async def note_posted(self, tenant: str, message: str, ids: tuple[str, ...]) -> None:
        """So much of the reply to a message (by its IncomingMessage.id) is posted: another process goes on from there."""
        await self.kept.set(_name("posted", tenant, message), json.dumps(ids), _DAY)

    async def posted(self, tenant: str, message: str) -> tuple[str, ...]:
        """The ids of what is posted of it, in order."""
        found = await self.kept.get(_name("posted", tenant, message))
        return tuple(json.loads(found)) if found else ()

    async def note_waits(self, tenant: str, message: str, activity: str) -> None:
        """Our message that tells who asked `message` that others come first; "" once it is gone."""
        name = _name("waits", tenant, message)
        await (self.kept.set(name, activity, _DAY) if activity else self.kept.remove(name))

    async def waits(self, tenant: str, message: str) -> str:
        """That message; "" if there is none."""
        return await self.kept.get(_name("waits", tenant, message))

    async def note_aside(self, tenant: str, conversation: str, said: str) -> None:
        """A message was left alone since it only thanked: Teams does not tell of an edit what stood there before."""
        await self.kept.set(_name("aside", tenant, conversation, said), "1", _DAY)

    async def aside(self, tenant: str, conversation: str, said: str) -> bool:
        """Whether that message was."""
        return bool(await self.kept.get(_name("aside", tenant, conversation, said)))

    async def note_installer(self, tenant: str, group: str, person: str) -> None:
        """Someone added the adviser to a team or a group chat."""
        await self.kept.set(_name("installer", tenant, group), person, _YEARS)

    async def installer(self, tenant: str, group: str) -> str:
        """Who added the adviser there; empty if that was not seen."""
        return await self.kept.get(_name("installer", tenant, group))

    def once(self, tenant: str, conversation: str, said: str) -> AbstractAsyncContextManager[bool]:
        """Whether what answers the message `said` is still to be done; what fails within may be done when it comes again."""
        return once(self.kept, _name("once", tenant, conversation, said), _HOUR)


def _name(*parts: str) -> str:
    return f"teams:{json.dumps(parts, ensure_ascii=False, separators=(',', ':'))}"
