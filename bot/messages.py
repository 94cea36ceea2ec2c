"""What comes in and what goes out, the same for every platform. Stored as JSON in the inbox."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from rag.models import Answer

Command = Literal["ask", "recommend", "help", "forget", "forget_me", "site", "sources", "language", "retract", "relay", "share"]
"""`ask` is a plain question too: a message without a command word. `retract`: the message `replaces` was deleted.

`relay` is our own: it has `text` posted to its place, and no adapter makes one. `share` has the answer of its `exchange`
posted to its place, where the desk has found that all may read it.
"""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and where: what a press of a button or an opened page tells. Fields as IncomingMessage's."""

    platform: str
    tenant: str
    user: str
    channel: str = ""
    conversation: str = ""
    direct: bool = False
    locale: str = ""
    grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that came with a message. `address` is what the channel needs to fetch it, opaque to everyone else."""

    name: str
    size: int = 0
    media_type: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """One message addressed to the adviser.

    id             the platform's own id of the event, for deduplication (Slack event_id, Teams activity id, slash trigger_id)
    platform       slack | teams | web | console
    tenant         workspace or tenant id as the platform verified it; part of every key
    conversation   thread or direct message: order and memory are kept per (platform, tenant, conversation)
    user           the platform's id of the asker
    text           what was said, without mention marks, in plain text
    channel        channel or group id, for its settings (site, audience, language); empty in a direct message
    direct         only the asker reads the answer's place
    exchange       whose answer a `share` tells again; the question that an expert says they answer
    alone          only the asker reads this answer, though it draws on what its channel may read, and can be shared there
    reply_to       what the channel needs to post the reply there, JSON-able, opaque to everyone else
    locale         the platform's hint of the asker's language ("es-ES"), may be empty
    site, audience narrower choices by the caller (HTTP, terminal); audience is honoured only within what the caller may see
    grants         audiences that the adapter's own authentication gives the caller (an API token's); empty for chats
    received_at    unix seconds
    said           the platform's id of the message itself (Slack ts, Teams activity id): a correction names it
    replaces       `said` of the earlier message that this one corrects (an edit) or takes back (command `retract`)
    files          files that came with it
    joins          it stands in a thread that others began, of which the adviser knows only what was said to it
    """

    id: str
    platform: str
    tenant: str
    conversation: str
    user: str
    text: str
    command: Command = "ask"
    channel: str = ""
    direct: bool = False
    reply_to: Mapping[str, Any] = field(default_factory=dict)
    locale: str = ""
    site: str | None = None
    audience: str | None = None
    grants: tuple[str, ...] = ()
    received_at: float = 0.0
    said: str = ""
    replaces: str = ""
    files: tuple[SentFile, ...] = ()
    alone: bool = False
    exchange: str = ""
    joins: bool = False

    @property
    def actor(self) -> Actor:
        """Who said it, and where."""
        return Actor(
            self.platform, self.tenant, self.user, self.channel, self.conversation, self.direct, self.locale, self.grants
        )

    @property
    def key(self) -> str:
        """The conversation's key, the same in inbox, memory and locks."""
        return _short([self.platform, self.tenant, self.conversation])

    @property
    def name(self) -> str:
        """A digest that names the message as it was first said: its corrections and its withdrawal have the same."""
        return hashlib.sha256(json.dumps([self.key, self.replaces or self.said or self.id]).encode()).hexdigest()[:32]

    def to_json(self) -> str:
        """For the inbox; `from_json` reads it back equal."""
        # dataclasses.asdict copies every value deeply, which was a tenth of what taking a message costs
        values = {name: getattr(self, name) for name in _FIELDS}
        return _short({**values, "files": [dataclasses.asdict(one) for one in self.files]})

    @classmethod
    def from_json(cls, text: str) -> IncomingMessage:
        """The message that `to_json` wrote; unknown fields of a newer version are dropped."""
        raw = json.loads(text)
        values = {name: value for name, value in raw.items() if name in _FIELDS}
        files = tuple(SentFile(**one) for one in values.get("files", ()))
        return cls(**{**values, "grants": tuple(values.get("grants", ())), "files": files})


_short = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_FIELDS = tuple(one.name for one in dataclasses.fields(IncomingMessage))


@dataclass(frozen=True, slots=True)
class Progress:
    """Work under way: the stage and the verified text so far, to show while the reply is made. `queued`: others come first."""

    stage: Literal["queued", "retrieve", "answer"]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is posted back: the chain's answer, or a command's text, in one neutral form that each platform renders.

    exchange  the id under which question and answer are kept for review: buttons (judge, open a source, share) name it; "" if
              the reply is none of an answer, and then has no such buttons
    expert    the name of a person who may be asked instead, if nothing was found and one is named for the audience
    question  what it answers, where it is told to people who did not ask
    keep      the exchange that an expert has just answered: a button has the answer kept
    which     (exchange, question) pairs: a button for each says that what the expert said last answers it
    """

    answer: Answer
    exchange: str = ""
    expert: str = ""
    question: str = ""
    keep: str = ""
    which: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """The answer's text with its `[n]` marks."""
        return self.answer.text
