"""What the composition root expects of a channel adapter: its routes, its life, and the Channel that the worker posts through."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from aiohttp import web

from bot.messages import IncomingMessage
from bot.ports import Channel

Submit = Callable[[IncomingMessage], Awaitable[bool]]
"""Stores a message in the inbox; False if it was there before. MemoryStoreError: answer the platform with 503."""


class Known(Protocol):
    """What the bot remembers of a conversation."""

    async def __call__(self, key: str, said: str = "") -> bool:
        """Whether the adviser takes part in the conversation with this key (IncomingMessage.key); with `said`, whether the
        message of that name was said to it there.
        """
        ...


class Adapter(Protocol):
    """One platform: verifies and translates what comes in, submits it, and brings the Channel that posts what goes out."""

    @property
    def channel(self) -> Channel: ...

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """HTTP routes to mount; none for a platform that we connect to (Socket Mode, terminal)."""
        ...

    async def start(self) -> None:
        """Open clients and connections."""
        ...

    async def stop(self) -> None:
        """Take no more messages and close what start opened. Safe to call twice."""
        ...
