"""What an installation with Redis keeps beside what was said: exchanges for review, settings, how the sources stand."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from redis.asyncio import Redis

from bot.access import KEPT_ANSWERS
from bot.brought import BroughtReadings
from bot.choices import Choices
from bot.dropped import Dropped
from bot.experts import Experts
from bot.handover import Handovers, Submit
from bot.messages import IncomingMessage
from bot.ports import BringsFiles, SourceAge
from bot.register import Register
from bot.reviews import RedisReviews
from bot.runs import Runs
from bot.shelf import Shelf
from bot.source_state import SourceState
from bot.sources import overview
from config.company import CompanyConfig
from config.texts import text
from rag.models import Language
from rag.ports import PassageStore


@dataclass(frozen=True, slots=True)
class Records:
    """`versions` are of what makes the answers: product, prompts, embedder, model. Without `shelf` and what needs it nothing can
    be added to the index from a conversation: no expert's answers, no files.
    """

    reviews: RedisReviews
    choices: Choices
    runs: Runs
    store: PassageStore
    versions: Mapping[str, str]
    shelf: Shelf | None = None
    handovers: Handovers | None = None
    dropped: Dropped | None = None
    register: Register | None = None
    brought: BroughtReadings | None = None

    async def take_back(self, company: CompanyConfig, message: IncomingMessage, keep: str = "") -> None:
        """What a message replaces goes, but for the exchange `keep`: its question from an expert's hands, too; of one that was
        deleted the files that it brought, and what it answered as an expert's. Safe to repeat.
        """
        gone = await self.reviews.take_back(message.key, message.replaces, keep)
        if gone and self.handovers:
            await self.handovers.withdraw(gone)
        if message.command != "retract":
            return  # what came with a message that was edited came with it still
        if self.handovers:
            await self.handovers.retracted(company, message)
        if self.brought:
            await self.brought.forget_message(message.key, message.name)
        if self.shelf and (await self.choices.conversation(message.key)).files:
            await self.shelf.forget_message(message.name)

    async def sources(self, company: CompanyConfig, may: frozenset[str], language: Language) -> tuple[SourceAge, ...]:
        """The sources that a reader of `may` may know, with their age. MemoryStoreError or StoreError."""
        states = await overview(company, self.store, self.runs, may)
        names = {KEPT_ANSWERS: text(language, "desk.source_experts")}
        return tuple(
            SourceAge(state.description or names.get(state.name, state.name), state.documents, _read_at(state))
            for state in states
        )


def open_records(redis: Redis, store: PassageStore, versions: Mapping[str, str], company: str = "company") -> Records:
    """All of it in one Redis; `company` tells installations apart that share it."""
    register = Register(redis, company)
    return Records(
        RedisReviews(redis), Choices(redis), Runs(redis), store, versions, register=register, brought=BroughtReadings(redis)
    )


def with_shelf(
    records: Records, redis: Redis, shelf: Shelf, home: Path, submit: Submit, channels: Mapping[str, BringsFiles]
) -> Records:
    """Where channels are served: experts are asked through `submit`, files come from `channels`, `home` is the state folder."""
    handovers = Handovers(Experts(redis), records.reviews, shelf, home, submit)
    return replace(records, shelf=shelf, handovers=handovers, dropped=Dropped(shelf, records.choices, channels, records.brought))


def _read_at(state: SourceState) -> float:
    """When the source was last read to its end, else when the newest of its documents was; 0 if never."""
    if state.last_run and not state.last_run.error:
        return state.last_run.started + state.last_run.seconds
    try:
        return datetime.fromisoformat(state.indexed_at).timestamp()
    except ValueError:
        return 0.0


def age(read_at: float, now: float | None = None) -> tuple[str, int]:
    """How long ago in whole hours or days, as the key of its text and the count."""
    hours = max(0, int(((time.time() if now is None else now) - read_at) // 3600))
    if hours == 0:
        return "desk.just_now", 0
    if hours < 48:
        return ("desk.hours_one" if hours == 1 else "desk.hours"), hours
    return "desk.days", hours // 24
