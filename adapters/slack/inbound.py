"""From what Slack tells to an IncomingMessage: who said what where, and whether it is for the adviser. Pure."""

from __future__ import annotations

import re
from typing import Literal

from adapters.slack.payload import CHANGED, DELETED, MESSAGES, SAID, Command, Correction, Envelope, Event, read
from adapters.slack.place import Place
from adapters.untrusted import clean
from bot.messages import Command as CommandName
from bot.messages import IncomingMessage, SentFile
from rag.colleagues import left_alone

Address = Literal["yes", "follows", "if_known", "if_awaited", "no"]
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_CALLED = re.compile(rf"^\s*(?:{_MENTION.pattern}[\s,:;]*)+")
_MARK = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_SHARED, _SHARED_CHARS = 3, 4000
"""Messages that are forwarded with one, and how much of each is read."""
_HELP = frozenset({"help", "ayuda", "?"})
_WORDS: dict[str, CommandName | Literal["settings"]] = {
    "site": "site", "sitio": "site", "instalacion": "site", "instalación": "site",
    "sources": "sources", "fuentes": "sources",
    "forget": "forget", "olvida": "forget", "olvidar": "forget",
    "forget me": "forget_me", "olvidame": "forget_me", "olvídame": "forget_me",
    "language": "language", "idioma": "language",
    "settings": "settings", "ajustes": "settings",
}  # fmt: skip
"""All that stands after /advisor, or its first word."""


def event_message(envelope: Envelope, *, received_at: float) -> tuple[Address, IncomingMessage | None]:
    """The message in an event, and whether it is for the adviser: `follows` in a thread that it began, `if_known` in one if it
    takes part there, `if_awaited` if it is what an expert was asked for.
    """
    if envelope.kind in MESSAGES and envelope.subtype in {CHANGED, DELETED}:
        return _corrected(read(Correction, envelope.event), envelope, received_at)
    if envelope.kind not in MESSAGES or envelope.subtype not in SAID:
        return "no", None
    event = read(Event, envelope.event)
    address = _address(event, envelope.bot_user)
    if address == "no" or not event.user:
        return "no", None
    place = _place(event)
    text, files = plain_text(_said_to(event, address), envelope.bot_user), _files(event)
    return address, IncomingMessage(
        # A mention comes as two events with two event_ids; what both share is the message's name in its channel.
        id=f"{event.channel}/{event.ts}",
        platform="slack",
        tenant=envelope.tenant,
        conversation=place.conversation,
        user=event.user,
        text=text,
        command="ask" if text or files else "help",
        channel="" if _direct(event) else event.channel,
        direct=_direct(event),
        reply_to=place.to_mapping(),
        received_at=received_at,
        said=event.ts,
        files=files,
        joins=_joins(event),
    )


def _corrected(told: Correction, envelope: Envelope, received_at: float) -> tuple[Address, IncomingMessage | None]:
    """A question that its author edited or deleted. Slack tells of unfolded links, too, as of edits: those have no new words."""
    before, now = told.previous_message, told.message
    last = before if told.withdrawn else now
    if last is None or last.bot_id or (not told.withdrawn and (not last.edited or (before and before.text == last.text))):
        return "no", None
    of = {"type": "message", "channel": told.channel, "channel_type": told.channel_type}
    events = [read(Event, {**one.model_dump(), **of}) for one in (last, before) if one]
    addresses = [_address(event, envelope.bot_user) for event in events]
    address: Address = next((one for one in ("yes", "follows", "if_known", "if_awaited") if one in addresses), "no")
    event, user = events[0], last.user
    if address == "no" or not user:
        return "no", None
    when = "deleted" if told.withdrawn else f"edited/{last.edited.ts if last.edited else ''}"
    place, direct = _place(event), _direct(event)
    # thanks and the like in a thread are left alone: what they become is said for the first time
    thanked = bool(before and left_alone(before.text or "")) and address in {"follows", "if_known"}
    return address, IncomingMessage(
        id=f"{event.channel}/{event.ts}/{when}",
        platform="slack",
        tenant=envelope.tenant,
        conversation=place.conversation,
        user=user,
        text="" if told.withdrawn else plain_text(_said_to(event, address), envelope.bot_user),
        command="retract" if told.withdrawn else "ask",
        channel="" if direct else event.channel,
        direct=direct,
        reply_to=place.to_mapping(),
        received_at=received_at,
        said=event.ts,
        replaces="" if thanked and not told.withdrawn else event.ts,
        joins=not told.withdrawn and _joins(event),
    )


def _files(event: Event) -> tuple[SentFile, ...]:
    """What came with it. A file that Slack does not hold itself has no address, and the reply says that it cannot be had."""
    return tuple(
        SentFile(
            str(one.get("name") or "")[:200],
            one["size"] if isinstance(one.get("size"), int) else 0,
            str(one.get("mimetype") or "")[:100],
            str(one.get("url_private_download") or "")[:2000],
        )
        for one in event.files or ()
        if isinstance(one, dict)
    )


def _address(event: Event, bot_user: str) -> Address:
    """Other bots and the adviser itself are never answered. A message that names others and not the adviser is for them, but for
    an expert's answer.
    """
    if event.bot_id or not event.user or event.user in {bot_user, "USLACKBOT"}:
        return "no"
    named = {found[1] for found in _MENTION.finditer(event.text or "")}
    if _direct(event) or event.type == "app_mention" or (bot_user and bot_user in named):
        return "yes"
    if not event.thread_ts or event.thread_ts == event.ts:
        return "no"
    if named:
        return "if_awaited"
    return "follows" if bot_user and event.parent_user_id == bot_user else "if_known"


def _said_to(event: Event, address: Address) -> str:
    """What was said, and what was forwarded with it; of an expert's answer without the names of those it is said to."""
    said = "\n".join((event.text or "", *_shared(event)))
    return _CALLED.sub("", said) if address == "if_awaited" else said


def _shared(event: Event) -> list[str]:
    """The words of forwarded messages: attachments with `is_share` (slack types of openclaw/openclaw, 2026-11)."""
    held = [one for one in event.attachments or () if isinstance(one, dict) and one.get("is_share") is True]
    return [str(one.get("text") or "")[:_SHARED_CHARS] for one in held[:_SHARED]]


def _direct(event: Event) -> bool:
    """Direct only if Slack says so: answers there may draw on what the asker alone may read."""
    return event.channel_type == "im" and event.channel.startswith("D")


def _joins(event: Event) -> bool:
    """Whether it is said in a channel's thread that began with another message. What stands there is never read from Slack."""
    return not _direct(event) and event.thread_ts not in {None, "", event.ts}


def _place(event: Event) -> Place:
    """In a channel the reply opens a thread; in a plain direct message it stands beneath the question."""
    thread = event.thread_ts or ("" if _direct(event) else event.ts)
    return Place(
        event.channel,
        thread,
        said=event.ts,
        assistant=_direct(event) and bool(event.thread_ts),
    )


def plain_text(text: str, bot_user: str = "") -> str:
    """What a person said: without the adviser's mention, with names and labels for Slack's `<...>`, and `&<>` as typed."""
    own = _MENTION.sub(lambda found: " " if found[1] == bot_user else found[0], text) if bot_user else text
    said = _MARK.sub(_spoken, own)
    said = said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    said = clean(said.replace("\xa0", " ").replace("\r\n", "\n"))
    return "\n".join(filter(None, (" ".join(line.split()) for line in said.splitlines())))


def _spoken(found: re.Match[str]) -> str:
    """A mark as words: the label of a link or a date, the name of a person, a channel or a group."""
    target, label = found[1], found[2] or ""
    if target.startswith("@"):
        return f"@{label or target[1:]}"
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return label or f"@{target[1:].split('^')[0]}"
    return label or target


def command_name(command: Command) -> CommandName | Literal["settings"]:
    """What a slash command asks for, whatever a company calls it: /recommend, /recomienda ...; /advisor and /asesor by their
    first word; any other asks a question.
    """
    text, name = plain_text(command.text).lower(), command.command.lstrip("/").lower()
    if name.startswith(("advis", "ases")):
        return _WORDS.get(text.strip(" .!")) or _WORDS.get(text.partition(" ")[0], "help")
    if name.startswith("recom"):
        return "help" if text in _HELP else "recommend"
    return "help" if not text or text in _HELP else "ask"


def command_message(command: Command, place: Place, *, received_at: float) -> IncomingMessage:
    """The message in a slash command that is answered in `place`."""
    # Only in the adviser's own direct message, or in answers that the asker alone sees, does a D stand here.
    direct = command.channel_id.startswith("D")
    name, said = command_name(command), plain_text(command.text)
    if name in {"site", "sources", "forget", "forget_me", "language"}:
        said = said.partition(" ")[2]
    return IncomingMessage(
        id=command_id(command),
        platform="slack",
        tenant=command.team_id,
        conversation=place.conversation,
        user=command.user_id,
        text=said,
        command="help" if name == "settings" else name,
        channel="" if direct else command.channel_id,
        direct=direct,
        reply_to=place.to_mapping(),
        received_at=received_at,
        alone=bool(place.asker),
    )


def command_id(command: Command) -> str:
    """Slack's name for this one use of a command."""
    return f"command/{command.trigger_id}"
