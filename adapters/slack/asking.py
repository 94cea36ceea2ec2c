"""What somebody says by a button or a form: shown first where all read it, then stored as their message."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from adapters.registry import Submit
from adapters.slack.client import SlackClient
from adapters.slack.pace import Pace
from adapters.slack.people import People
from adapters.slack.place import Place
from adapters.slack.render import asked
from bot.messages import Actor, IncomingMessage

AGAIN_SECONDS = 600.0
"""So long after a form was opened it may be sent again; what it said the first time is looked for."""


@dataclass(frozen=True, slots=True)
class Said:
    """Words in somebody's name. `hook` is the response_url of a message that they alone see: then nobody else sees the answer.

    `once` names it: the same press or form says it once. `exchange` is the answer beneath which it was said, if that matters.
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

    def __init__(self, client: SlackClient, pace: Pace, people: People, submit: Submit) -> None:
        self._client, self._pace, self._people, self._submit = client, pace, people, submit
        self._saying = asyncio.Lock()

    async def say(self, said: Said) -> None:
        """DeliveryError if it cannot be shown now, MemoryStoreError if it cannot be stored."""
        if said.hook:
            alone = Place(said.channel, hook=said.hook, asker=said.actor.user)
            await self._submit(_message(said, alone, said.once, alone=True))
            return
        async with self._saying:  # a form that is sent twice at once
            channel, ts = await self._shown(said)
        direct = channel.startswith("D")
        place = Place(channel, said.thread or ("" if direct else ts), said=ts, assistant=direct and bool(said.thread))
        await self._submit(_message(said, place, f"{channel}/{ts}"))

    async def _shown(self, said: Said) -> tuple[str, str]:
        """Where it stands for all to read: shown by an earlier try, or now."""
        if said.channel:
            since = f"{time.time() - AGAIN_SECONDS:.6f}"
            for mark in await self._client.marks(said.channel, said.thread, since):
                if mark.get("once") == said.once:
                    return said.channel, str(mark["ts"])
            await self._pace.wait(said.channel, 1.0)
        shown = asked(said.actor.user, "", said.words, self._people.default)
        return await self._client.place(said.channel or said.actor.user, shown, thread=said.thread, mark={"once": said.once})


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
