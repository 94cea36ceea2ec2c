"""E-mail messages (.eml, Outlook's .msg): who, to whom and when; the text; each attachment under its name."""

from __future__ import annotations

import email
import email.policy
import io
import re
from collections.abc import Iterator
from datetime import datetime
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import EmailMessage, Message

import oxmsg

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


def parse_eml(data: bytes, name: str, opening: Opening) -> Parsed:
    """Parser for messages as they are sent (.eml): text before HTML, attached messages among the attachments."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    if not isinstance(message, EmailMessage) or not any(message.get(key) for key in ("From", "To", "Subject", "Date")):
        raise DocumentError("not an e-mail message: no sender, subject or date")
    try:
        head = {key: tidy(str(message[key])) for key in _SHOWN if message[key]}
        parts = list(_attachments(message))
        body = message.get_body(("plain", "html"))
        text = (_bytes(body), body.get_content_type()) if body is not None else (b"", "")
        sent = message["Date"].datetime if message["Date"] else None
        subject = tidy(str(message["Subject"] or ""))
    except (MessageError, ValueError, LookupError, AttributeError, TypeError) as error:
        raise DocumentError(f"broken e-mail message: {error}") from error
    return _letter(subject, head, sent, text, parts, opening)


def parse_msg(data: bytes, name: str, opening: Opening) -> Parsed:
    """Parser for Outlook's files (.msg)."""
    if not data.startswith(_OLE):
        raise DocumentError("not an Outlook message, whatever its name says")
    message = oxmsg.Message.load(io.BytesIO(data))
    to = "; ".join(filter(None, (_person(one.name, one.email_address) for one in message.recipients)))
    sent = message.sent_date
    head = {"From": _person("", _decoded(message.sender or "")), "To": to, "Date": f"{sent:%Y-%m-%d %H:%M}" if sent else ""}
    parts = [Part(one.file_name or "attachment", one.file_bytes or b"", one.mime_type or "") for one in message.attachments]
    plain, html = message.body or "", message.html_body or ""
    text = (plain.encode(), "text/plain") if plain.strip() else (html.encode(), "text/html")
    return _letter(tidy(message.subject or ""), head, sent, text, parts, opening)


def _person(name: str, address: str) -> str:
    name, address = _decoded(name or ""), (address or "").strip()
    return f"{name} <{address}>" if name and address and name != address else name or address


def _decoded(text: str) -> str:
    """Names that Outlook kept as they were sent (`=?UTF-8?B?...?=`)."""
    return tidy(str(make_header(decode_header(text)))) if "=?" in text else tidy(text)


def _letter(
    subject: str, head: dict[str, str], sent: datetime | None, text: tuple[bytes, str], parts: list[Part], opening: Opening
) -> Parsed:
    """A message as blocks: a line each for who and when, the text, then the attachments."""
    outline = Outline()
    outline.heading(1, subject)
    outline.lines("\n".join(f"{key}: {value}" for key, value in head.items() if value))
    blocks = [*outline.blocks, *_body(text, subject)]
    attached, notes = read_parts(parts, opening)
    return Parsed((*blocks, *attached), subject, sent.date() if sent else None, notes=tuple(notes))


def _body(text: tuple[bytes, str], subject: str) -> list[Block]:
    """The text under the subject. A line in capitals is no heading here: people shout in messages."""
    data, kind = text
    if not data.strip():
        return []
    outline = Outline()
    outline.heading(1, subject)
    if kind == "text/html":
        return under(subject, parse_body(data, "").blocks)
    for paragraph in re.split(r"\n[ \t]*\n", data.decode("utf-8", "replace").replace("\r", "")):
        outline.lines(paragraph)
    return outline.blocks


def _attachments(message: EmailMessage) -> Iterator[Part]:
    for count, part in enumerate(message.iter_attachments()):
        if count > _MOST_PARTS:
            raise DocumentError(f"more than {_MOST_PARTS} attachments")
        kind = part.get_content_type()
        if kind == "message/rfc822":
            inner = part.get_payload(0)
            if isinstance(inner, Message):
                yield Part(_name(part.get_filename(), tidy(str(inner["Subject"] or "message")), ".eml"), inner.as_bytes(), kind)
        elif not part.is_multipart():
            data = part.get_payload(decode=True)
            yield Part(part.get_filename() or "attachment", data if isinstance(data, bytes) else b"", kind)


def _name(stated: str | None, subject: str, suffix: str) -> str:
    name = stated or subject
    return name if ending(name) == suffix else name + suffix


def _bytes(part: Message) -> bytes:
    """A text part in UTF-8, whatever it was sent in; one that names no encoding that exists is looked at itself."""
    try:
        content = part.get_content() if isinstance(part, EmailMessage) else ""
    except LookupError:
        payload = part.get_payload(decode=True)
        content = decode(payload if isinstance(payload, bytes) else b"")
    return str(content).encode("utf-8", "replace")
