"""Where a Teams message was said and how to answer there: what travels with a message through the inbox."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """The conversation reference. `files` is how many attached files were ignored; `welcome` marks the first words of all."""

    service_url: str
    conversation: str
    activity: str = ""
    channel_id: str = "msteams"
    tenant: str = ""
    kind: str = "personal"
    bot_id: str = ""
    bot_name: str = ""
    user_id: str = ""
    user_name: str = ""
    files: int = 0
    welcome: bool = False

    @property
    def direct(self) -> bool:
        """Only the asker reads here."""
        return self.kind == "personal"

    def to_mapping(self) -> dict[str, Any]:
        """For IncomingMessage.reply_to; `from_mapping` reads it back equal."""
        return dataclasses.asdict(self)

    @classmethod
    def from_mapping(cls, stored: Mapping[str, Any]) -> Place:
        """The place that `to_mapping` wrote; unknown fields of a newer version are dropped."""
        names = {field.name for field in dataclasses.fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in names})
