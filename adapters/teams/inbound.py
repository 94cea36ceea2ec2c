"""From an activity of Teams to an IncomingMessage: who said what where, and whether it is for the adviser. Pure."""

from __future__ import annotations

import hashlib
import html
import mimetypes
import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from adapters.teams.place import Place
from bot.messages import Actor, IncomingMessage, SentFile
from rag.errors import InputError
from rag.models import Language

Address = Literal["yes", "if_known", "if_awaited", "no"]
_BOT = "28:"
"""Teams prefixes the ids of bots with 28: and those of people with 29: (conversation pages, seen 2025)."""
_MARKUP = re.compile(
    r"</?(?:at|attachment|a|blockquote|b|code|codeblock|customemoji|div|emoji|em|font|h[1-6]|hr|img|i|label|li|ol|pre|p|quoted?|"
    r"readonly|span|strike|strong|s|table|tbody|td|thead|th|tr|ul|u)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_CALLED = re.compile(r"^\s*(?:<at(?:\s[^<>]*)?>[^<>]*</at>[\s,:;]*)+", re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>|</(?:p|div|li|tr|blockquote)>", re.IGNORECASE)
_QUOTED = re.compile(r"<blockquote[^<>]*schema\.skype\.com/Reply[^<>]*>.*?</blockquote>", re.IGNORECASE | re.DOTALL)
"""The message that a person answers, as Teams puts it before their words (m0nkmaster/msteams-mcp pull 19, 2026-06)."""
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_NAME_CHARS = 200
_ADDRESS_CHARS = 4096
DOWNLOAD = "application/vnd.microsoft.teams.file.download.info"
_EVENTS = {"messageUpdate": {"editMessage", "undeleteMessage"}, "messageDelete": {"softDeleteMessage"}}
"""Of messages that people change after sending them (message update and delete pages, seen 2026-11)."""
_FILES = ("image/", "video/", "audio/", "application/vnd.microsoft.teams.file", "reference")


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True, hide_input_in_errors=True)


class Account(_Part):
    """A person or a bot."""

    id: str = Field(min_length=1, max_length=1024)
    name: str | None = None
    aad_object_id: str | None = None
    role: str | None = None


class Conversation(_Part):
    """A chat or a thread; in a channel its id ends with `;messageid=` and the id of the thread's first message."""

    id: str = Field(min_length=1, max_length=1024)
    conversation_type: str | None = None
    tenant_id: str | None = None


class Activity(_Part):
    """What we read of an activity. The SDK's model logs the whole text of one that it refuses; this one says only where."""

    type: str
    conversation: Conversation
    id: str = Field(default="", max_length=1024)
    service_url: str = Field(default="", max_length=1024)
    channel_id: str = ""
    sender: Account | None = Field(default=None, alias="from")
    recipient: Account | None = None
    text: str | None = None
    locale: str | None = None
    action: str | None = None
    name: str | None = None
    value: Any = None
    reply_to_id: str | None = Field(default=None, max_length=1024)
    timestamp: str | None = Field(default=None, max_length=64)
    members_added: tuple[Account, ...] | None = None
    entities: tuple[dict[str, Any], ...] | None = None
    attachments: tuple[dict[str, Any], ...] | None = None
    channel_data: Any = None

    @property
    def kind(self) -> str:
        """personal, groupChat, channel. Personal only if it says so: answers there may draw on what the asker alone may read."""
        return self.conversation.conversation_type or "groupChat"

    @property
    def tenant(self) -> str:
        """The tenant of the conversation; empty if the activity names none."""
        return self.conversation.tenant_id or str(_dig(self.channel_data, "tenant", "id") or "")

    @property
    def event(self) -> str:
        """What happened to a message: editMessage, undeleteMessage, softDeleteMessage; empty for a new one."""
        return str(_dig(self.channel_data, "eventType") or "") if self.type in {"messageUpdate", "messageDelete"} else ""

    @property
    def group(self) -> str:
        """The team, or the group chat: what the adviser was added to; empty in a personal chat."""
        if self.kind == "personal":
            return ""
        return str(_dig(self.channel_data, "team", "id") or self.conversation.id.split(";messageid=")[0])

    @property
    def person(self) -> str:
        """Who acts, by the id of the directory."""
        return (self.sender.aad_object_id or self.sender.id) if self.sender else ""

    @property
    def mentioned(self) -> tuple[str, ...]:
        """Ids of the accounts that the text mentions."""
        return tuple(
            str(_dig(entity, "mentioned", "id")) for entity in self.entities or () if str(entity.get("type")).lower() == "mention"
        )


def _dig(value: Any, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def read(raw: object) -> Activity:
    """The activity in a request's JSON; InputError if it is none, without its content."""
    try:
        return Activity.model_validate(raw)
    except ValidationError as error:
        places = {".".join(str(part) for part in fault["loc"][:2]) for fault in error.errors(include_input=False)}
        raise InputError(f"not an activity: {', '.join(sorted(places)[:5])}") from None


def address(activity: Activity) -> Address:
    """Whether a message is for the adviser. `if_known`: only in a thread in which it takes part, an edit only of what was said to
    it; `if_awaited`: only if it is what an expert was asked for.

    Other bots and its own messages are never answered. A message that mentions others and not the adviser is for them.
    """
    sender, bot = activity.sender, activity.recipient
    if activity.type not in {"message", *_EVENTS} or not activity.id or sender is None or bot is None:
        return "no"
    if sender.id == bot.id or sender.id.startswith(_BOT) or sender.role == "bot":
        return "no"
    if activity.type != "message" and activity.event not in _EVENTS[activity.type]:
        return "no"
    if activity.event == "softDeleteMessage":
        return "yes" if activity.kind == "personal" else "if_known"
    if activity.type == "message" and activity.value is not None and activity.reply_to_id:
        return "yes"  # a button of our own card
    if activity.kind == "personal" or bot.id in activity.mentioned:
        return "yes"
    follows = activity.kind == "channel" or activity.type == "messageUpdate"  # in a group chat a question needs a mention
    return "if_known" if follows and not activity.mentioned else "if_awaited"


def plain_text(activity: Activity) -> str:
    """What was said, without the adviser's name and those whom it is said to, other mentions as names, and without markup and the
    message that it answers.
    """
    said = activity.text or str(_dig(activity.value, "msteams", "text") or "")  # a button's, in hosts that hand it over as it is
    bot = activity.recipient.id if activity.recipient else ""
    for entity in activity.entities or ():
        mark = entity.get("text")
        if isinstance(mark, str) and mark and _dig(entity, "mentioned", "id") == bot:
            said = said.replace(mark, " ")
    called = _CALLED.match(said)
    if called and (
        address(activity) == "if_awaited" or called.group().rstrip()[-1] in ",:;" or said[called.end() :].startswith("¿")
    ):
        said = said[called.end() :]
    said = _QUOTED.sub("", said) if _MARKUP.sub("", _QUOTED.sub("", said)).strip() else said
    said = html.unescape(_MARKUP.sub("", _BREAK.sub("\n", said)))
    said = _UNSEEN.sub("", said.replace("\xa0", " ").replace("\r\n", "\n"))
    return "\n".join(filter(None, (" ".join(line.split()) for line in said.splitlines())))


def to_message(activity: Activity, *, tenant: str, received_at: float) -> IncomingMessage:
    """The message that an addressed activity carries. `tenant` stands in where the activity names none."""
    place = _place(activity, tenant)
    event = activity.event
    return IncomingMessage(
        id=f"{activity.conversation.id}/{activity.id}" + (f"/{event}/{_moment(activity)}" if event else ""),
        platform="teams",
        tenant=place.tenant,
        conversation=activity.conversation.id,
        user=activity.person,
        text="" if event == "softDeleteMessage" else plain_text(activity),
        command="retract" if event == "softDeleteMessage" else "ask",
        said=activity.id,
        replaces=activity.id if event else "",
        files=() if event else _files(activity),
        joins=_joins(activity),
        channel=_channel(activity),
        direct=place.direct,
        reply_to=place.to_mapping(),
        locale=activity.locale or "",
        received_at=received_at,
    )


def to_welcome(activity: Activity, *, tenant: str, received_at: float) -> IncomingMessage | None:
    """The first words in a conversation that the adviser was added to, as a request for help; None for other events.

    An installation comes as two activities: both give the same id, so that the inbox keeps one.
    """
    bot = activity.recipient
    added = activity.type == "installationUpdate" and (activity.action or "").startswith("add")
    joined = activity.type == "conversationUpdate" and bot is not None and bot.id in {m.id for m in activity.members_added or ()}
    if not added and not joined:
        return None
    place = _place(activity, tenant)
    return IncomingMessage(
        id=f"{activity.conversation.id}/welcome",
        platform="teams",
        tenant=place.tenant,
        conversation=activity.conversation.id,
        user=activity.person,
        text="",
        command="help",
        channel=_channel(activity),
        direct=place.direct,
        reply_to={**place.to_mapping(), "activity": "", "welcome": True},
        locale=activity.locale or "",
        received_at=received_at,
    )


def _moment(activity: Activity) -> str:
    """What tells one edit of a message from the next, and is the same when it is delivered again."""
    return activity.timestamp or hashlib.sha256((activity.text or "").encode("utf-8", "replace")).hexdigest()[:16]


def language_of(locale: str) -> Language:
    """The language of buttons and dialogs for someone with this locale; that of answers is the bot's to choose."""
    return "es" if not locale or locale[:2].lower() in {"es", "ca", "gl", "eu"} else "en"


def to_actor(activity: Activity, *, tenant: str) -> Actor:
    """Who presses a button, and where."""
    return Actor(
        "teams",
        activity.tenant or tenant,
        activity.person,
        _channel(activity),
        activity.conversation.id,
        activity.kind == "personal",
        activity.locale or "",
    )


def place_of(activity: Activity, *, tenant: str) -> Place:
    """Where an answer to an activity goes."""
    return _place(activity, tenant)


def _joins(activity: Activity) -> bool:
    """Whether it is said in a channel's thread that began with another message: Teams brings only those that mention us."""
    root = activity.conversation.id.partition(";messageid=")[2]
    return activity.kind == "channel" and root not in {"", activity.id}


def _files(activity: Activity) -> tuple[SentFile, ...]:
    """The files that can be had: those of a personal chat come with an address."""
    found = []
    for one in activity.attachments or ():
        address = _dig(one.get("content"), "downloadUrl")
        if str(one.get("contentType", "")).lower() == DOWNLOAD and isinstance(address, str) and len(address) <= _ADDRESS_CHARS:
            name = _UNSEEN.sub("", str(one.get("name") or ""))[:_NAME_CHARS] or "archivo"
            found.append(SentFile(name, media_type=mimetypes.guess_type(name)[0] or "", address=address))
    return tuple(found)


def _channel(activity: Activity) -> str:
    """What advisor.yaml calls the channel: the channel's or group chat's id; empty in a personal chat."""
    if activity.kind == "personal":
        return ""
    named = _dig(activity.channel_data, "channel", "id")
    return str(named) if named else activity.conversation.id.split(";messageid=")[0]


def _place(activity: Activity, tenant: str) -> Place:
    files = sum(str(one.get("contentType", "")).lower().startswith(_FILES) for one in activity.attachments or ())
    files = max(0, files - len(_files(activity)))
    return Place(
        service_url=activity.service_url,
        conversation=activity.conversation.id,
        activity=activity.id,
        channel_id=activity.channel_id,
        tenant=activity.tenant or tenant,
        kind=activity.kind,
        bot_id=activity.recipient.id if activity.recipient else "",
        bot_name=(activity.recipient.name or "")[:_NAME_CHARS] if activity.recipient else "",
        user_id=activity.sender.id if activity.sender else "",
        user_name=(activity.sender.name or "")[:_NAME_CHARS] if activity.sender else "",
        files=files,
    )
