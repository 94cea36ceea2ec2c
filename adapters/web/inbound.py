"""A checked request body to an IncomingMessage. Pure: no I/O, no clock, no chance; refuses what the contract does not allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapters.http_guard import RefusedError
from bot.messages import Command, IncomingMessage, SentFile
from config import limits
from config.company import CompanyConfig
from rag.models import KINDS

PLATFORM = "web"
ASK_KEYS = frozenset({"question", "thread", "site", "audience", "files"})
RECOMMEND_KEYS = frozenset({"kind", "thread", "site", "audience"})
COMMAND_KEYS = frozenset({"command", "thread"})
COMMANDS: tuple[Command, ...] = ("help", "forget")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as authentication found it. `tenant` keeps the threads of different tokens apart.

    `may` are the audiences the caller can ask for, `default` those that a request without one draws on.
    """

    tenant: str
    user: str
    may: frozenset[str]
    default: tuple[str, ...]

    def grants(self, audience: str | None) -> tuple[str, ...]:
        """The audiences of one request; RefusedError for one that is not the caller's."""
        if audience is None:
            return self.default
        if audience not in self.may:
            raise RefusedError(403, "audience", audience=audience[:100])
        return (audience,)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the request itself does not say: who sent it, under which new id, when (unix seconds), its language hint."""

    caller: Caller
    id: str
    locale: str
    at: float
    events: str


def to_ask(body: Mapping[str, Any], envelope: Envelope, company: CompanyConfig) -> IncomingMessage:
    """`POST /v1/ask`: {"question", "thread"?, "site"?, "audience"?, "files"?}. With files the question may be empty.

    The files have their ids only (`address`): their names stand where they are held.
    """
    _known(body, ASK_KEYS)
    question, files = _string(body, "question") or "", _files(body)
    if not question.strip() and not files:
        raise RefusedError(400, "question_empty")
    if len(question) > limits.WEB_QUESTION_CHARS:
        raise RefusedError(400, "question_long", limit=limits.WEB_QUESTION_CHARS)
    return replace(_message(body, envelope, company, "ask", question.strip()), files=files)


def to_recommend(body: Mapping[str, Any], envelope: Envelope, company: CompanyConfig) -> IncomingMessage:
    """`POST /v1/recommend`: {"kind"?, "thread"?, "site"?, "audience"?}."""
    _known(body, RECOMMEND_KEYS)
    kind = _string(body, "kind")
    if kind is not None and kind not in KINDS:
        raise RefusedError(400, "kind", known=", ".join(KINDS))
    return _message(body, envelope, company, "recommend", kind or "")


def to_command(body: Mapping[str, Any], envelope: Envelope, company: CompanyConfig) -> IncomingMessage:
    """The chat page's commands: {"command": "help"|"forget", "thread"}."""
    _known(body, COMMAND_KEYS)
    command = next((name for name in COMMANDS if name == body.get("command")), None)
    if command is None:
        raise RefusedError(400, "wrong_value", key="command")
    return _message(body, envelope, company, command, "")


def to_thread(value: str | None) -> str | None:
    """A thread's name, checked; None for none."""
    if value is not None and not 0 < len(value) <= limits.WEB_THREAD_CHARS:
        raise RefusedError(400, "thread_long", limit=limits.WEB_THREAD_CHARS)
    return value


def _message(body: Mapping[str, Any], envelope: Envelope, company: CompanyConfig, command: Command, text: str) -> IncomingMessage:
    site = _string(body, "site")
    if site is not None and company.site(site) is None:
        raise RefusedError(400, "site", site=site[:100], known=", ".join(one.id for one in company.sites) or "-")
    audience = _string(body, "audience")
    return IncomingMessage(
        id=envelope.id,
        platform=PLATFORM,
        tenant=envelope.caller.tenant,
        conversation=to_thread(_string(body, "thread")) or envelope.id,
        user=envelope.caller.user,
        text=text,
        command=command,
        direct=True,
        reply_to={"events": envelope.events},
        locale=envelope.locale,
        site=site,
        audience=audience,
        grants=envelope.caller.grants(audience),
        received_at=envelope.at,
    )


def _known(body: Mapping[str, Any], keys: frozenset[str]) -> None:
    unknown = sorted(set(body) - keys)
    if unknown:
        raise RefusedError(400, "unknown_key", key=unknown[0][:100], known=", ".join(sorted(keys)))


def _files(body: Mapping[str, Any]) -> tuple[SentFile, ...]:
    given = body.get("files") or []
    if not isinstance(given, list) or not all(isinstance(one, str) and 0 < len(one) <= 64 for one in given):
        raise RefusedError(400, "wrong_value", key="files")
    if len(given) > limits.CONVERSATION_FILES:
        raise RefusedError(400, "files_most", limit=limits.CONVERSATION_FILES)
    return tuple(SentFile("", address=one) for one in dict.fromkeys(given))


def _string(body: Mapping[str, Any], key: str) -> str | None:
    """The value as a string; null counts as not given."""
    value = body.get(key)
    if value is not None and not isinstance(value, str):
        raise RefusedError(400, "wrong_type", key=key)
    return value
