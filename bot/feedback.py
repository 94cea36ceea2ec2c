"""What the kept exchanges tell: which questions found nothing, which answers were disliked and why, which sources are used."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis

from bot.contract import answer_json
from bot.exchange import Exchange, Feedback, feedback_json
from bot.reviews import RedisReviews
from rag.analyse import fold

DAY_SECONDS = 24 * 3600
_SHOWN = 50
_TEXT_CHARS = 600


@dataclass(slots=True)
class Unanswered:
    """A question that found nothing, as it was worded last; how often and when (unix seconds)."""

    question: str
    site: str | None
    at: float
    count: int = 1


@dataclass(slots=True)
class Report:
    """Counts, and the lists of a report on some days. `sources` counts the answers that cite each document."""

    days: float
    asked: int = 0
    answered: int = 0
    not_found: int = 0
    up: int = 0
    down: int = 0
    unanswered: dict[str, Unanswered] = field(default_factory=dict)
    disliked: list[tuple[Exchange, Mapping[str, Feedback]]] = field(default_factory=list)
    sources: Counter[str] = field(default_factory=Counter)

    def add(self, exchange: Exchange, words: Mapping[str, Feedback]) -> None:
        """Count one; they come latest first."""
        self.asked += 1
        if exchange.answer.status == "not_found":
            self.not_found += 1
            self._nothing(exchange)
        else:
            self.answered += 1
            self.sources.update({cited.title for cited in exchange.answer.citations if cited.kind == "passage"})
        verdicts = [word.verdict for word in words.values()]
        self.up += verdicts.count("up")
        self.down += verdicts.count("down")
        if "down" in verdicts:
            self.disliked.append((exchange, words))

    def _nothing(self, exchange: Exchange) -> None:
        key = fold(exchange.question).strip(" .!¡?¿")
        known = self.unanswered.get(key)
        if known:
            known.count += 1
        else:
            self.unanswered[key] = Unanswered(exchange.question, exchange.site, exchange.at)


async def report(reviews: RedisReviews, days: float, may: frozenset[str] | None = None) -> Report:
    """Of the last `days`. With `may`, only of what was drawn from audiences that this reader may read."""
    made = Report(days)
    async for exchange, words in reviews.since(time.time() - days * DAY_SECONDS):
        if may is None or set(exchange.audiences) <= may:
            made.add(exchange, words)
    return made


def report_json(made: Report) -> dict[str, Any]:
    """As the HTTP interface gives it; most frequent first, times in ISO 8601, UTC. Nothing in it says who asked."""
    unanswered = sorted(made.unanswered.values(), key=lambda one: (-one.count, -one.at))
    return {
        "days": made.days,
        "asked": made.asked,
        "answered": made.answered,
        "not_found": made.not_found,
        "up": made.up,
        "down": made.down,
        "unanswered": [
            {"question": one.question, "site": one.site, "count": one.count, "last": _iso(one.at)} for one in unanswered[:_SHOWN]
        ],
        "disliked": [_disliked(exchange, words) for exchange, words in made.disliked[:_SHOWN]],
        "sources": [{"title": title, "answers": count} for title, count in made.sources.most_common(_SHOWN)],
    }


def _disliked(exchange: Exchange, words: Mapping[str, Feedback]) -> dict[str, Any]:
    down = [word for word in words.values() if word.verdict == "down"]
    return {
        "exchange": exchange.id,
        "question": exchange.question,
        "text": exchange.answer.text[:_TEXT_CHARS],
        "at": _iso(exchange.at),
        "up": len(words) - len(down),
        "down": len(down),
        "reasons": [word.reason for word in down if word.reason],
    }


async def exported(redis: Redis, days: float) -> AsyncIterator[str]:
    """Each exchange of the last `days` as one line of JSON, latest first: question, answer, evidence, versions, feedback."""
    async for exchange, words in RedisReviews(redis).since(time.time() - days * DAY_SECONDS):
        yield json.dumps(feedback_json(exchange, words, answer_json(exchange.answer)), ensure_ascii=False)


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
