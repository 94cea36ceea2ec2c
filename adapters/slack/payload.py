"""What Slack posts, read into models: events, slash commands, interactions. All else is an InputError, without its content."""

from __future__ import annotations

import json
import re
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag.errors import InputError

_FIELDS = 100
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
MESSAGES = frozenset({"message", "app_mention"})
SAID = frozenset({"", "thread_broadcast", "file_share", "me_message"})
"""Subtypes in which a person says something; the others tell of edits, deletions, joins and bots."""
CHANGED, DELETED, TOMBSTONE = "message_changed", "message_deleted", "tombstone"
"""An edit, a deletion, and what stands in the place of a deleted message that has a thread."""
OPENED, HOME = "assistant_thread_started", "app_home_opened"


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


P = TypeVar("P", bound=_Part)


class Event(_Part):
    """A message or a mention, as the Events API tells of it."""

    type: str
    channel: str = Field(min_length=1, max_length=64)
    ts: str = Field(min_length=1, max_length=64)
    subtype: str | None = None
    channel_type: str | None = None
    user: str | None = Field(default=None, max_length=64)
    bot_id: str | None = None
    text: str | None = None
    thread_ts: str | None = Field(default=None, max_length=64)
    parent_user_id: str | None = None
    files: tuple[Any, ...] | None = None
    attachments: tuple[Any, ...] | None = None


class Edited(_Part):
    """Who edited a message, and when."""

    user: str = ""
    ts: str = Field(default="", max_length=64)


class Said(_Part):
    """A message inside the event that tells of its edit or deletion; the event names the channel."""

    ts: str = Field(min_length=1, max_length=64)
    user: str | None = Field(default=None, max_length=64)
    bot_id: str | None = None
    subtype: str | None = None
    text: str | None = None
    thread_ts: str | None = Field(default=None, max_length=64)
    parent_user_id: str | None = None
    edited: Edited | None = None


class Correction(_Part):
    """message_changed and message_deleted: a message before, and after if there is one still."""

    type: str
    subtype: str
    channel: str = Field(min_length=1, max_length=64)
    channel_type: str | None = None
    message: Said | None = None
    previous_message: Said | None = None

    @property
    def withdrawn(self) -> bool:
        """Whether the message was deleted; one with a thread leaves a tombstone."""
        return self.subtype == DELETED or (self.message is not None and self.message.subtype == TOMBSTONE)


class Thread(_Part):
    """A thread that a person opened with the assistant."""

    user_id: str
    channel_id: str
    thread_ts: str


class Opened(_Part):
    """assistant_thread_started."""

    assistant_thread: Thread


class Home(_Part):
    """app_home_opened: in `tab` "messages" a person opened their direct message with the adviser."""

    user: str
    channel: str
    tab: str = ""


class Installation(_Part):
    """One installation that sees an event; `team_id` is its workspace, `user_id` the adviser's own user there."""

    team_id: str | None = Field(default=None, max_length=64)
    user_id: str = ""
    is_bot: bool = False


class Envelope(_Part):
    """Around an event: where it happened. `event` is read further once its type is known to matter."""

    team_id: str = Field(min_length=1, max_length=64)
    event: dict[str, Any]
    authorizations: tuple[Installation, ...] | None = None

    @property
    def kind(self) -> str:
        """The event's type."""
        return str(self.event.get("type") or "unknown")

    @property
    def subtype(self) -> str:
        """The event's subtype; empty if it has none."""
        return str(self.event.get("subtype") or "")

    @property
    def bot_user(self) -> str:
        """The adviser's own user id; empty if Slack does not say."""
        return next((one.user_id for one in self.authorizations or () if one.is_bot), "")

    @property
    def tenant(self) -> str:
        """The workspace where the adviser is installed. In a channel shared with another company `team_id` may be theirs
        (slackapi/java-slack-sdk issue 629, 2020-11); an installation for a whole organization names none.
        """
        return next((one.team_id for one in self.authorizations or () if one.is_bot and one.team_id), self.team_id)


class Command(_Part):
    """A slash command."""

    command: str = Field(min_length=1, max_length=64)
    team_id: str = Field(min_length=1, max_length=64)
    channel_id: str = Field(min_length=1, max_length=64)
    user_id: str = Field(min_length=1, max_length=64)
    trigger_id: str = Field(min_length=1, max_length=256)
    text: str = ""
    response_url: str = Field(default="", max_length=2048)


class Action(_Part):
    """One button that was pressed."""

    action_id: str = Field(max_length=255)
    type: str = ""
    value: str | None = Field(default=None, max_length=2000)


class Named(_Part):
    """A person, a workspace or a channel, by its id."""

    id: str = Field(min_length=1, max_length=64)


class Container(_Part):
    """Where a button stood: under a message, or on the Home page."""

    type: str = ""
    channel_id: str = ""
    message_ts: str = ""
    thread_ts: str = ""
    is_ephemeral: bool = False


class View(_Part):
    """A form that was sent."""

    id: str = Field(default="", max_length=64)
    type: str = "modal"
    callback_id: str = ""
    private_metadata: str = Field(default="", max_length=3000)
    app_installed_team_id: str = Field(default="", max_length=64)
    state: dict[str, Any] = Field(default_factory=dict)


class Interaction(_Part):
    """A press of a button under one of our messages or on the Home page."""

    type: Literal["block_actions"]
    actions: tuple[Action, ...] = Field(min_length=1)
    user: Named
    team: Named
    container: Container = Container()
    trigger_id: str = Field(default="", max_length=256)
    response_url: str = Field(default="", max_length=2048)


class Submission(_Part):
    """A form of ours that was sent."""

    type: Literal["view_submission"]
    view: View
    user: Named
    team: Named

    @property
    def workspace(self) -> str:
        """Where the app is installed: of who sends a form from another workspace (a shared channel), `team` is their own."""
        return self.view.app_installed_team_id or self.team.id


class Challenge(_Part):
    """What Slack posts once, when the address is configured."""

    type: Literal["url_verification"]
    challenge: str


def checked(body: dict[str, Any]) -> dict[str, Any] | None:
    """What of a body we read, each part of the type that it should be; None for what asks for nothing. InputError otherwise.

    Bolt looks at payloads before its listeners do, and trips over shapes that Slack never sends: it gets only this.
    """
    if "command" in body:
        return read(Command, body).model_dump()
    match body.get("type"):
        case "event_callback":
            envelope = read(Envelope, body)
            return {"type": "event_callback", **envelope.model_dump(exclude_none=True), "event": _event(envelope)}
        case "block_actions":
            return read(Interaction, body).model_dump()
        case "view_submission":
            return read(Submission, body).model_dump()
        case "url_verification":
            return read(Challenge, body).model_dump()
    return None


def _event(envelope: Envelope) -> dict[str, Any]:
    if envelope.kind in MESSAGES:
        if envelope.subtype in {CHANGED, DELETED}:
            return read(Correction, envelope.event).model_dump()
        if envelope.subtype not in SAID:  # in which nobody says anything: told of in many shapes
            return {"type": envelope.kind, "subtype": "other"}
        return read(Event, envelope.event).model_dump()
    if envelope.kind == OPENED:
        return {"type": OPENED, **read(Opened, envelope.event).model_dump()}
    if envelope.kind == HOME:
        return {"type": HOME, **read(Home, envelope.event).model_dump()}
    return {"type": envelope.kind}


def body_of(raw: bytes, content_type: str) -> dict[str, Any]:
    """A request's body as a mapping: JSON, a form, or the JSON in a form's `payload`. InputError for anything else."""
    try:
        text = raw.decode("utf-8")
        body: object = _parsed(text) if content_type == "application/json" else _form(text)
        if isinstance(body, dict) and isinstance(body.get("payload"), str):
            body = _parsed(body["payload"])
    except (ValueError, RecursionError):
        raise InputError("unreadable body") from None
    if not isinstance(body, dict):
        raise InputError("not an object")
    return body


def _form(text: str) -> dict[str, str]:
    return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS))


def _parsed(text: str) -> object:
    """JSON as a value. ValueError also for half a character, which no store could keep: only an escape can stand for one."""
    found: object = json.loads(text)
    if _HALF.search(text):
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    return found


def read(model: type[P], raw: object) -> P:
    """The model in a payload; InputError that names what is wrong, not its content."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        places = {".".join(str(part) for part in fault["loc"][:2]) for fault in error.errors(include_input=False)}
        raise InputError(f"not a {model.__name__}: {', '.join(sorted(places)[:5])}") from None
