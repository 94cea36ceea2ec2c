"""What the bot needs from outside, one Protocol each: channels, memory, inbox."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.messages import IncomingMessage, Progress, Reply
from rag.models import Turn

OnProgress = Callable[[Progress], Awaitable[None]]


class Channel(Protocol):
    """One platform, seen from the worker."""

    @property
    def platform(self) -> str:
        """The `platform` of the messages it brings and takes."""
        ...

    async def progress(self, message: IncomingMessage, progress: Progress) -> None:
        """Show that work goes on. Best effort: swallows its own delivery failures; safe to call again."""
        ...

    async def post(self, message: IncomingMessage, reply: Reply) -> None:
        """Post the reply where the message was said. DeliveryError says whether and when to try again.

        May be called again for the same message after a crash: it must not knowingly post twice.
        """
        ...


class Memory(Protocol):
    """What was said in a conversation. Bounded, expiring; MemoryStoreError when Redis does not answer."""

    async def history(self, key: str) -> list[Turn]:
        """The latest turns, oldest first."""
        ...

    async def append(self, key: str, turns: Sequence[Turn], once: str = "") -> None:
        """Add turns at once, trim to the cap and renew the expiry, atomically.

        With `once` (a message's id) a second call with the same value changes nothing: a message answered again after a
        crash is not remembered twice.
        """
        ...

    async def known(self, key: str) -> bool:
        """Whether the adviser takes part in this conversation: follow-ups there need no mention."""
        ...

    async def forget_conversation(self, key: str) -> int:
        """Erase a conversation; the number of keys removed. Safe to repeat."""
        ...

    async def forget_user(self, platform: str, tenant: str, user: str) -> int:
        """Erase what a user said and was answered, in all conversations. Safe to repeat."""
        ...


@dataclass(frozen=True, slots=True)
class Lease:
    """A message taken from the inbox, with proof that it is ours until the lease ends. `attempt` counts from 1."""

    message: IncomingMessage
    token: str
    attempt: int


class Inbox(Protocol):
    """Durable, ordered per conversation, deduplicated. A message is stored before its platform gets its 200.

    MemoryStoreError within a second when Redis does not answer: the platform then gets a 503 and delivers again.
    """

    async def put(self, message: IncomingMessage) -> bool:
        """Store; False if a message with this platform, tenant and id was stored before."""
        ...

    async def take(self, wait: float) -> Lease | None:
        """The next message whose conversation has none under way, or None after `wait` seconds."""
        ...

    async def renew(self, lease: Lease) -> bool:
        """Keep the lease while working; False if it was lost to another worker."""
        ...

    async def done(self, lease: Lease) -> None:
        """Answered: remove it and free its conversation. Safe to repeat."""
        ...

    async def release(self, lease: Lease, delay: float = 0.0) -> None:
        """Hand back for another try after `delay` seconds; order in the conversation is kept."""
        ...

    async def park(self, lease: Lease, reason: str) -> None:
        """Give up on a message that failed too often: keep it aside with its reason, free its conversation."""
        ...

    async def depth(self) -> int:
        """How many messages wait or are under way, for health and metrics."""
        ...
