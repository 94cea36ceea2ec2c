"""A question and its answer as they are kept for review, and what people said of it. Pure.

Who asked is kept as a digest: enough to find what is theirs, to show it to nobody else, and to erase it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import TypeAdapter

from bot.messages import Actor, IncomingMessage
from bot.redis_calls import digest
from config import limits
from rag.models import Answer

Verdict = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer with its evidence. `who`, `conversation` and `places` are digests; `at` is unix seconds.

    places    channels and conversations whose readers saw the answer; empty if only the asker did
    said      digest of the message's own id in its conversation: its correction or withdrawal finds the exchange by it
    versions  what made the answer: product, prompts, embedder, model
    """

    id: str
    at: float
    platform: str
    who: str
    conversation: str
    question: str
    answer: Answer
    audiences: tuple[str, ...]
    command: str = "ask"
    site: str | None = None
    places: tuple[str, ...] = ()
    said: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Feedback:
    """What one person thinks of an answer."""

    verdict: Verdict
    reason: str = ""
    at: float = 0.0


EXCHANGE: TypeAdapter[Exchange] = TypeAdapter(Exchange)
FEEDBACK: TypeAdapter[Feedback] = TypeAdapter(Feedback)


def exchange_id(message: IncomingMessage) -> str:
    """The same for every attempt at a message, and no guide to any other."""
    return digest("exchange", message.platform, message.tenant, message.conversation, message.id)


def exchange_of(
    message: IncomingMessage, answer: Answer, audiences: frozenset[str], site: str | None, versions: Mapping[str, str]
) -> Exchange:
    """What is kept of an answer."""
    private = message.direct or message.alone or bool(message.grants)
    return Exchange(
        exchange_id(message),
        time.time(),
        message.platform,
        person(message),
        digest(message.key),
        message.text[: limits.REVIEW_QUESTION_CHARS],
        answer,
        tuple(sorted(audiences)),
        message.command,
        site,
        () if private else places(message.actor),
        digest(message.key, message.said) if message.said else "",
        versions,
    )


def person(who: IncomingMessage | Actor) -> str:
    """A person as exchanges know them."""
    return digest(who.platform, who.tenant, who.user)


def places(actor: Actor) -> tuple[str, ...]:
    """The channel and the conversation that an actor is in, as exchanges know them."""
    here = (("channel", actor.channel), ("conversation", actor.conversation))
    return tuple(digest(actor.platform, actor.tenant, kind, name) for kind, name in here if name)


def concerns(exchange: Exchange, actor: Actor) -> bool:
    """Whether the actor asked it, or is where its answer was posted."""
    return exchange.who == person(actor) or (not actor.direct and bool(set(exchange.places) & set(places(actor))))


def feedback_json(exchange: Exchange, words: Mapping[str, Feedback], answer: Mapping[str, Any]) -> dict[str, Any]:
    """One line of the export: the exchange with its answer as the contract has it, and what people said of it."""
    kept = json.loads(EXCHANGE.dump_json(exchange))
    return {
        **kept,
        "answer": answer,
        "feedback": [{"who": who, **json.loads(FEEDBACK.dump_json(one))} for who, one in words.items()],
    }
