"""What the bot needs from outside, one Protocol each: channels, memory, inbox."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol, runtime_checkable

from bot.forms import MeasureForm
from bot.messages import Actor, IncomingMessage, Progress, Reply, SentFile
from rag.models import Language, Picture, Turn

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


@runtime_checkable
class BringsFiles(Protocol):
    """A Channel whose messages may come with files."""

    async def file(self, message: IncomingMessage, sent: SentFile) -> bytes:
        """The file's bytes; InputError if it is too large or gone, DeliveryError if it cannot be had now."""
        ...


@dataclass(frozen=True, slots=True)
class SourceView:
    """A citation opened: the quote, and the passage with its neighbours around it, verbatim. `uri` "" if it has no address.

    before, text, after  the passage that is cited and those around it; `quote` stands in `text` (white space aside)
    """

    n: int
    title: str
    locator: str
    date: date | None
    uri: str
    quote: str
    before: str
    text: str
    after: str
    language: str


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """What is set for a channel or group. `sites` and `audiences` are (id, name) pairs that this actor may choose from."""

    site: str | None
    audience: tuple[str, ...]
    language: Language | None
    mention_only: bool = False
    sites: tuple[tuple[str, str], ...] = ()
    audiences: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SourceAge:
    """A source that the actor may read: how many documents of it are indexed, when it was last read (unix seconds, 0 never)."""

    name: str
    documents: int
    read_at: float


@dataclass(frozen=True, slots=True)
class Home:
    """What a person's start page shows: the channel's or their site, questions to begin with, their recent exchanges
    (exchange id, question), sources and their age; in which language: the one they set, else their client's.
    """

    site: str
    prompts: tuple[str, ...]
    recent: tuple[tuple[str, str], ...]
    sources: tuple[SourceAge, ...]
    language: Language = "es"


@dataclass(frozen=True, slots=True)
class Handover:
    """A question that found nothing, for an expert: their id on the platform, their name, and the question as it was asked.

    alone  the asker alone read it, so that the expert is asked in their own direct message
    new    False: they were asked before, and are not asked again
    """

    expert: str
    name: str
    question: str
    language: Language
    alone: bool = False
    new: bool = True


class Desk(Protocol):
    """What buttons, forms and start pages ask of the bot at once, beside the messages in the inbox.

    Each checks anew who may see what. NotAllowedError: it is not for this actor; InputError: it is gone, or makes no sense;
    MemoryStoreError: not now. All carry the text key to show.
    """

    async def judge(self, actor: Actor, exchange: str, verdict: Literal["up", "down"], reason: str = "") -> None:
        """Keep what someone thinks of an answer; the last word of each person counts, and a reason is added to it."""
        ...

    async def open_source(self, actor: Actor, exchange: str, n: int) -> SourceView:
        """The evidence behind `[n]` of an answer, if the actor may read it now."""
        ...

    async def pictures(self, actor: Actor, exchange: str) -> Sequence[Picture]:
        """What an answer's calculations look like, drawn; none if nothing is to be seen."""
        ...

    async def shared(self, actor: Actor, exchange: str) -> Reply:
        """The answer again, to be posted for all who read the actor's channel."""
        ...

    async def recall(self, actor: Actor, exchange: str) -> Reply:
        """What the actor asked once and was answered; to nobody else."""
        ...

    async def measures(self, actor: Actor, exchange: str) -> MeasureForm:
        """What may be decided and assumed otherwise of an answer's recommendations."""
        ...

    async def settings(self, actor: Actor) -> ChannelSettings:
        """What is set for the actor's channel."""
        ...

    async def change_settings(self, actor: Actor, chosen: ChannelSettings) -> ChannelSettings:
        """Set it. That the actor manages the channel is the adapter's to check; audiences beyond the actor's own are refused."""
        ...

    async def home(self, actor: Actor) -> Home:
        """The start page."""
        ...

    async def prompts(self, actor: Actor) -> tuple[str, ...]:
        """Three or four questions that the documents of the actor's site answer, in the actor's language."""
        ...

    async def hand_over(self, actor: Actor, exchange: str) -> Handover:
        """Who is to be asked in place of the adviser. From then on what that expert says in this conversation is the answer."""
        ...

    async def expert_asked(self, exchange: str, card: IncomingMessage, thread: str = "") -> None:
        """The question stands before its expert. `card` is the message that takes it from there again (a `retract`); `thread` the
        conversation in which a reply can mean nothing else, if it has one of its own. Until then a press asks again.
        """
        ...

    async def expert_not_asked(self, exchange: str) -> None:
        """The question could not be put to its expert: the next press does it."""
        ...

    async def awaits(self, message: IncomingMessage) -> bool:
        """Whether a message is what an expert was asked for, there: then it is for the adviser, though it names others."""
        ...

    async def between_people(self, message: IncomingMessage) -> bool:
        """Whether what names nobody is said to each other by those who wait in a thread for an expert, and by the expert."""
        ...

    async def choose(self, actor: Actor, exchange: str) -> None:
        """What the actor, an expert, said last in this conversation answers this exchange, of several that it might."""
        ...

    async def keep(self, actor: Actor, exchange: str) -> None:
        """Make a document of the expert's answer, with its author, for the audience of the question. Only the expert may."""
        ...


class Memory(Protocol):
    """What was said in a conversation. Bounded, expiring; MemoryStoreError when Redis does not answer."""

    async def history(self, key: str, before: str = "") -> list[Turn]:
        """The latest turns, oldest first; with `before` (a message's `said`) only those before it."""
        ...

    async def append(self, key: str, turns: Sequence[Turn], once: str = "", said: str = "", replaces: str = "") -> None:
        """Add turns at once, trim to the cap and renew the expiry, atomically.

        With `once` (a message's id) a second call with the same value changes nothing: a message answered again after a
        crash is not remembered twice. They are marked with `said`, and take the place of the turns marked with `replaces`.
        """
        ...

    async def retract(self, key: str, said: str) -> int:
        """Remove the turns marked with `said`; how many. Safe to repeat."""
        ...

    async def known(self, key: str, said: str = "") -> bool:
        """Whether the adviser takes part in this conversation: follow-ups there need no mention; with `said`, whether the message
        of that name is remembered.
        """
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
        """Store; False if a message with this platform, tenant and id was stored before, or its correction or withdrawal came
        first.
        """
        ...

    async def came(self, key: str, said: str) -> bool:
        """Whether a message of that name (`said`) was stored in a conversation lately: it waits, or was answered."""
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

    async def superseded(self, lease: Lease) -> bool:
        """Whether a correction or withdrawal of the message has come in since it was taken: then it needs no answer."""
        ...

    async def park(self, lease: Lease, reason: str) -> None:
        """Give up on a message that failed too often: keep it aside with its reason, free its conversation."""
        ...

    async def depth(self) -> int:
        """How many messages wait or are under way, for health and metrics."""
        ...


class Kept(Protocol):
    """Short texts by name. MemoryStoreError when the store does not answer."""

    async def get(self, name: str) -> str:
        """What was kept; empty if nothing."""
        ...

    async def set(self, name: str, value: str, seconds: int) -> None:
        """Keep it for a while, in place of what was there."""
        ...

    async def add(self, name: str, value: str, seconds: int) -> bool:
        """Keep it for a while if nothing was there; whether it was kept."""
        ...

    async def remove(self, name: str) -> None:
        """Keep it no longer. Safe to repeat."""
        ...
