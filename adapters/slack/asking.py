"""What somebody says by a button or a form: shown first where all read it, then stored as their message."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from adapters.registry import Submit
from adapters.slack.bounded import Bounded
from adapters.slack.once import Once
from adapters.slack.people import People
from adapters.slack.place import Place
from adapters.slack.render import asked
from bot.messages import Actor, IncomingMessage
from bot.redis_calls import digest
from rag.errors import MemoryStoreError

Later = Callable[[Coroutine[Any, Any, None]], None]


@dataclass(frozen=True, slots=True)
class Said:
    """Words in somebody's name. `hook` is the response_url of a message that they alone see: then nobody else sees the answer.

    `once` names the press or form: it says the same once. `exchange` is the answer beneath which it was said, if that matters.
    """

    words: str
    actor: Actor
    thread: str
    channel: str
    once: str
    hook: str = ""
    exchange: str = ""


class Asking:
    """Posts what is said for all to see, and submits it."""

    def __init__(self, people: People, submit: Submit, once: Once, later: Later) -> None:
        """`later` does something in the background that may fail without harm."""
        self._people, self._submit, self._once, self._later = people, submit, once, later
        self._untaken: Bounded[str, tuple[str, str, str]] = Bounded()

    async def say(self, said: Said) -> None:
        """DeliveryError if it cannot be shown now, MemoryStoreError if it cannot be stored."""
        name = f"{said.once}/{digest(said.words)}"
        if said.hook:
            alone = Place(said.channel, hook=said.hook, asker=said.actor.user)
            await self._submit(_message(said, alone, name, alone=True))
            return
        shown = asked(said.actor.user, "", said.words, self._people.default)
        channel, ts = await self._once.place(name, said.channel or said.actor.user, shown, said.thread)
        before = self._untaken.pop(said.once, None)
        if before and before[0] != name:  # other words of the same form, of which nothing came
            self._later(self._once.take_back(*before))
        direct = channel.startswith("D")
        place = Place(channel, said.thread or ("" if direct else ts), said=ts, assistant=direct and bool(said.thread))
        try:
            await self._submit(_message(said, place, f"{channel}/{ts}"))
        except MemoryStoreError:
            self._untaken[said.once] = name, channel, ts
            raise


def _message(said: Said, place: Place, identity: str, *, alone: bool = False) -> IncomingMessage:
    direct = place.channel.startswith("D")
    return IncomingMessage(
        id=identity,
        platform="slack",
        tenant=said.actor.tenant,
        conversation=place.conversation,
        user=said.actor.user,
        text=said.words,
        channel="" if direct else place.channel,
        direct=direct,
        reply_to=place.to_mapping(),
        locale=said.actor.locale,
        received_at=time.time(),
        said="" if alone else place.said,
        alone=alone,
        exchange=said.exchange,
    )
