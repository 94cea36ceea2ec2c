"""E-mail messages (.eml, Outlook's .msg): who, to whom and when; the text; each attachment under its name."""

from __future__ import annotations

import email
import email.policy
import io
import re
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import EmailMessage, Message

import oxmsg

from rag.analyse import words
from rag.errors import DocumentError
from rag.ingest.clean import tidy
from rag.ingest.parse.decode import decode
from rag.ingest.parse.formats import ending
from rag.ingest.parse.html import parse_body
from rag.ingest.parse.opening import Opening
from rag.ingest.parse.outline import Outline
from rag.ingest.parse.within import Part, read_parts, under
from rag.ports import Block, Parsed

_SHOWN = ("From", "To", "Cc", "Date")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST_PARTS = 500
_SIGNATURES = ("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature")
_SAME = 0.5
"""Share of a text's words that its plain form has; below it the plain form is a remark, and not the text."""


@dataclass(frozen=True, slots=True)
class _Content:
    """The text of a message, and the files in it."""

    text: list[Block]
    parts: list[Part]


def parse_eml(data: bytes, name: str, opening: Opening) -> Parsed:
    """Parser for messages as they are sent (.eml): text before HTML, attached messages among the attachments."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    if not isinstance(message, EmailMessage) or not any(message.get(key) for key in ("From", "To", "Subject", "Date")):
        raise DocumentError("not an e-mail message: no sender, subject or date")
    try:
        head = {key: tidy(str(message[key])) for key in _SHOWN if message[key]}
        subject = tidy(str(message["Subject"] or ""))
        content = _content(message, subject)
        sent = message["Date"].datetime if message["Date"] else None
    except (MessageError, ValueError, LookupError, AttributeError, TypeError) as error:
        raise DocumentError(f"broken e-mail message: {error}") from error
    return _letter(subject, head, sent, content, opening)


def parse_msg(data: bytes, name: str, opening: Opening) -> Parsed:
    """Parser for Outlook's files (.msg)."""
    if not data.startswith(_OLE):
        raise DocumentError("not an Outlook message, whatever its name says")
    message = oxmsg.Message.load(io.BytesIO(data))
    to = "; ".join(filter(None, (_person(one.name, one.email_address) for one in message.recipients)))
    sent = message.sent_date
    head = {"From": _person("", _decoded(message.sender or "")), "To": to, "Date": f"{sent:%Y-%m-%d %H:%M}" if sent else ""}
    parts = [Part(one.file_name or "attachment", one.file_bytes or b"", one.mime_type or "") for one in message.attachments]
    subject = tidy(message.subject or "")
    plain, html = _text(message.body or "", "text/plain", subject), _text(message.html_body or "", "text/html", subject)
    return _letter(subject, head, sent, _Content(_fuller(plain, html), parts), opening)


def _person(name: str, address: str) -> str:
    name, address = _decoded(name or ""), (address or "").strip()
    return f"{name} <{address}>" if name and address and name != address else name or address


def _decoded(text: str) -> str:
    """Names that Outlook kept as they were sent (`=?UTF-8?B?...?=`)."""
    return tidy(str(make_header(decode_header(text)))) if "=?" in text else tidy(text)


def _letter(subject: str, head: dict[str, str], sent: datetime | None, content: _Content, opening: Opening) -> Parsed:
    """A message as blocks: a line each for who and when, the text, then the attachments."""
    outline = Outline()
    outline.heading(1, subject)
    outline.lines("\n".join(f"{key}: {value}" for key, value in head.items() if value))
    if len(content.parts) > _MOST_PARTS:
        raise DocumentError(f"more than {_MOST_PARTS} attachments")
    attached, notes = read_parts(content.parts, opening)
    return Parsed((*outline.blocks, *content.text, *attached), subject, sent.date() if sent else None, notes=tuple(notes))


def _content(message: Message, subject: str) -> _Content:
    """The text of a message or of a part of one, and the files in it, however deep they lie."""
    kind, stated = message.get_content_type(), message.get_filename()
    if kind == "message/rfc822":
        inner = message.get_payload(0)
        name = _name(stated, tidy(str(inner["Subject"] or "message")), ".eml") if isinstance(inner, Message) else ""
        return _Content([], [Part(name, inner.as_bytes(), kind)] if isinstance(inner, Message) else [])
    if message.is_multipart():
        payload = message.get_payload()
        children = [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []
        if kind == "multipart/alternative":
            return _alternative([_content(child, subject) for child in children if _may_be_shown(child)])
        found = [_content(child, subject) for child in children if kind.startswith("multipart/")]
        return _Content([block for one in found for block in one.text], [part for one in found for part in one.parts])
    if kind in ("text/plain", "text/html") and not stated and message.get_content_disposition() != "attachment":
        return _Content(_text(_decoded_text(message), kind, subject), [])
    data = message.get_payload(decode=True)
    return _Content(
        [], [] if kind in _SIGNATURES else [Part(stated or "attachment", data if isinstance(data, bytes) else b"", kind)]
    )


def _may_be_shown(part: Message) -> bool:
    """Of the forms of one text, those that are text or hold it: none for a calendar or a phone."""
    return part.is_multipart() or part.get_content_type() in ("text/plain", "text/html")


def _alternative(forms: list[_Content]) -> _Content:
    """The plainest form, which comes first, unless a later one says more; the files of all."""
    text: list[Block] = []
    for form in forms:
        text = _fuller(text, form.text)
    return _Content(text, [part for form in forms for part in form.parts])


def _fuller(plain: list[Block], other: list[Block]) -> list[Block]:
    """The plain form of a text, or the other if most of its words are missing: «your program does not show HTML»."""
    said = {word for block in plain for word in words(block.text)}
    to_say = {word for block in other for word in words(block.text)}
    return plain if not to_say or len(said & to_say) >= _SAME * len(to_say) else other


def _text(text: str, kind: str, subject: str) -> list[Block]:
    """The text under the subject. A line in capitals is no heading here: people shout in messages."""
    if not text.strip():
        return []
    if kind == "text/html":
        return under(subject, parse_body(text.encode("utf-8", "replace"), "").blocks)
    outline = Outline()
    outline.heading(1, subject)
    for paragraph in re.split(r"\n[ \t]*\n", text.replace("\r", "")):
        outline.lines(paragraph)
    return outline.blocks


def _name(stated: str | None, subject: str, suffix: str) -> str:
    name = stated or subject
    return name if ending(name) == suffix else name + suffix


def _decoded_text(part: Message) -> str:
    """A text part, whatever it was sent in; one that names no encoding that exists is looked at itself."""
    try:
        return str(part.get_content()) if isinstance(part, EmailMessage) else ""
    except LookupError:
        payload = part.get_payload(decode=True)
        return decode(payload if isinstance(payload, bytes) else b"")
