"""Where in Slack a reply goes: what `IncomingMessage.reply_to` holds for this channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """A channel and what of it.

    thread     ts of the thread's first message; empty where replies are not threaded (a plain direct message)
    said       ts of the message that is answered: it carries the sign that work goes on
    assistant  a thread with the assistant, which shows that sign of its own
    hook       a response_url: the way to answer for the asker's eyes alone
    asker      who alone sees what is said here: they have a conversation of their own in the channel
    """

    channel: str
    thread: str = ""
    said: str = ""
    assistant: bool = False
    hook: str = ""
    asker: str = ""

    @property
    def conversation(self) -> str:
        """What order and memory are kept by: the thread, or the channel where there is none; what one person sees is theirs."""
        if self.asker:
            return f"{self.channel}:@{self.asker}"
        return f"{self.channel}:{self.thread}" if self.thread else self.channel

    def to_mapping(self) -> dict[str, Any]:
        """For `reply_to`; `from_mapping` reads it back."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_mapping(cls, raw: Mapping[str, Any]) -> Place:
        """The place that `to_mapping` wrote, whatever a newer version may have added."""
        return cls(**{name: raw[name] for name in cls.__slots__ if name in raw})
