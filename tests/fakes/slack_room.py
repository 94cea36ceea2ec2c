"""The stand-in workspace: its channels, people and messages, and what a person sees of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from tests.fakes.slack_events import ANA, BOT_USER, CHANNEL, DM, LUIS, next_ts
from tests.fakes.slack_limits import RefusedError, texts


@dataclass(frozen=True, slots=True)
class Place:
    """A channel or a direct message as conversations.info tells of it."""

    id: str
    name: str = ""
    private: bool = False
    shared: bool = False
    archived: bool = False
    member: bool = True
    creator: str = ""
    person: str = ""
    """Who is on the other side of a direct message; empty in channels."""


@dataclass(frozen=True, slots=True)
class Person:
    """A user as users.info tells of them."""

    id: str
    name: str
    locale: str = "es-ES"
    tz: str = "Europe/Madrid"
    bot: bool = False
    deleted: bool = False
    admin: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """A message as it stands now; `raw` is what was sent last."""

    channel: str
    ts: str
    thread_ts: str = ""
    text: str = ""
    blocks: tuple[dict[str, Any], ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)
    unfurl_links: bool | None = None
    unfurl_media: bool | None = None
    ephemeral: str = ""
    """The only user who sees it; empty for a message that all see."""
    author: str = BOT_USER
    edited: bool = False
    deleted: bool = False
    streaming: bool = False
    streamed: str = ""
    raw: dict[str, Any] = field(default_factory=dict)

    @property
    def seen(self) -> str:
        """What a person reads: what was streamed, then the blocks; the text only where there are no blocks."""
        written = "\n".join(text for block in self.blocks for text in texts(block))
        return "\n".join(part for part in (self.streamed, written) if part) or self.text


class Room:
    """What the workspace holds; messages in the order of their posting, statuses as (channel, thread_ts, status)."""

    def __init__(self) -> None:
        self.places = {
            CHANNEL: Place(CHANNEL, "energia"),
            "C0002": Place("C0002", "obras"),
            "G0001": Place("G0001", "direccion", private=True),
            DM: Place(DM, person=ANA),
            "D0LUIS": Place("D0LUIS", person=LUIS),
        }
        self.people = {
            ANA: Person(ANA, "Ana García"),
            LUIS: Person(LUIS, "Luis Mora", locale="en-GB", tz="Europe/London"),
            BOT_USER: Person(BOT_USER, "asesor", bot=True),
        }
        self.messages: list[Post] = []
        self.reactions: set[tuple[str, str, str]] = set()
        self.statuses: list[tuple[str, str, str]] = []
        self.prompts: list[dict[str, Any]] = []
        self.titles: dict[tuple[str, str], str] = {}
        self.views: list[dict[str, Any]] = []
        self.uploads: dict[str, dict[str, Any]] = {}
        self.link: Callable[[], str] = str
        """Makes the address of a Socket Mode connection."""

    def place(self, channel: str) -> Place:
        """The channel, or channel_not_found."""
        if channel not in self.places:
            raise RefusedError("channel_not_found")
        return self.places[channel]

    def open_place(self, channel: str) -> Place:
        """The channel if the app may write there."""
        place = self.place(channel)
        if place.archived:
            raise RefusedError("is_archived")
        if not place.member:
            raise RefusedError("not_in_channel")
        return place

    def add(self, post: Post) -> Post:
        """Show a message."""
        self.messages.append(post)
        return post

    def hear(self, event: dict[str, Any]) -> None:
        """Put a person's message into the room: the event (or its envelope) that the app is about to receive."""
        event = event.get("event", event)
        thread = event.get("thread_ts", "")
        self.add(Post(event["channel"], event["ts"], thread, event["text"], author=event["user"], raw=event))

    def find(self, channel: str, ts: str) -> Post | None:
        """The message of that ts, unless deleted; ephemeral ones cannot be found."""
        found = (one for one in self.messages if (one.channel, one.ts) == (channel, ts) and not (one.deleted or one.ephemeral))
        return next(found, None)

    def change(self, post: Post, **changes: Any) -> Post:
        """Put a changed message where it stood."""
        changed = replace(post, **changes)
        self.messages[next(i for i, one in enumerate(self.messages) if one is post)] = changed
        return changed

    def visible(self, channel: str, thread_ts: str = "", *, user: str = "") -> list[Post]:
        """What stands in a thread (its first message too), or at the top of a channel; with `user` also what only they see."""
        return [
            one
            for one in self.messages
            if one.channel == channel
            and not one.deleted
            and one.ephemeral in {"", user}
            and (thread_ts in {one.thread_ts, one.ts} if thread_ts else not one.thread_ts)
        ]

    def clear_status(self, channel: str, thread_ts: str) -> None:
        """The app wrote in the thread: no "is thinking" any more."""
        said = [status for *place, status in self.statuses if place == [channel, thread_ts]]
        if said and said[-1]:
            self.statuses.append((channel, thread_ts, ""))

    def direct(self, person: str) -> Place:
        """The direct message with a person, opened if need be."""
        if person not in self.people:
            raise RefusedError("user_not_found")
        for place in self.places.values():
            if place.person == person:
                return place
        made = Place(f"D0{person}", person=person)
        self.places[made.id] = made
        return made


def made_post(sent: dict[str, Any], blocks: list[dict[str, Any]], **more: Any) -> Post:
    """The message that a call asks for."""
    return Post(
        channel=sent["channel"],
        ts=next_ts(),
        thread_ts=sent.get("thread_ts") or "",
        text=sent.get("text") or sent.get("markdown_text") or "",
        blocks=tuple(blocks),
        metadata=sent.get("metadata") or {},
        unfurl_links=sent.get("unfurl_links"),
        unfurl_media=sent.get("unfurl_media"),
        raw=sent,
        **more,
    )
