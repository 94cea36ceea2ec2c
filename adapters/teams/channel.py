"""Teams as the worker sees it: shows that work goes on, and posts replies."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

from adapters.teams.client import ConnectorSender
from adapters.teams.place import Place
from adapters.teams.render import render, typing
from bot.messages import IncomingMessage, Progress, Reply
from rag.errors import DeliveryError

TYPING_SECONDS = 3.0
"""Between signs of typing in a conversation: the client shows each for a few seconds."""
_REMEMBERED = 2000
T = TypeVar("T")


class TeamsChannel:
    """bot.ports.Channel over a sender."""

    platform = "teams"

    def __init__(self, sender: ConnectorSender, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._sender = sender
        self._clock = clock
        self._typed: OrderedDict[Hashable, float] = OrderedDict()
        self._posted: OrderedDict[Hashable, int] = OrderedDict()

    async def progress(self, message: IncomingMessage, progress: Progress) -> None:
        """Show that a reply is being prepared, at most every few seconds. A failure to show it is not one of the reply."""
        now = self._clock()
        if now - self._typed.get(message.key, float("-inf")) < TYPING_SECONDS:
            return
        _keep(self._typed, message.key, now)
        place = Place.from_mapping(message.reply_to)
        try:
            await self._sender.send(place, typing(place))
        except DeliveryError:
            return

    async def post(self, message: IncomingMessage, reply: Reply) -> None:
        """Post the reply, in several messages if it is long. After a DeliveryError the next call goes on where this one ended."""
        place = Place.from_mapping(message.reply_to)
        key = (message.tenant, message.id)
        for index, activity in enumerate(render(reply.answer, place)):
            if index >= self._posted.get(key, 0):
                await self._sender.send(place, activity)
                _keep(self._posted, key, index + 1)


def _keep(kept: OrderedDict[Hashable, T], key: Hashable, value: T) -> None:
    """Remember in bounded memory; the oldest goes first."""
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > _REMEMBERED:
        kept.popitem(last=False)
