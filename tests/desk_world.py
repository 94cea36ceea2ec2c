"""The small company answered from with a real Redis: manager, memory, records and desk over it, for tests of the desk."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from redis.asyncio import Redis

from bot.access import readers
from bot.brought import BroughtReadings
from bot.choices import Choices
from bot.conversation import ConversationManager
from bot.desk import BotDesk
from bot.experts import Experts
from bot.inbox import RedisInbox
from bot.memory import RedisMemory
from bot.messages import Actor, IncomingMessage, Progress, Reply, SentFile
from bot.prompts import Prompts
from bot.records import Records, open_records, with_shelf
from bot.registrar import Registrar
from bot.reviews import RedisReviews
from bot.shelf import ForgetList, Shelf
from config.company import CompanyConfig
from rag.advice import Advice
from rag.direct import Direct
from rag.errors import DeliveryError, InputError
from rag.figures import Figures
from rag.ground import EMBEDDED
from rag.ingest.parse.isolate import IsolatedParser
from rag.pipeline import Pipeline
from rag.ports import PassageStore
from rag.readings.meters import Meters
from rag.recommend import Recommender
from rag.retrieve import Retriever
from rag.stores.current import CurrentAudiences
from rag.stores.lance import LanceStore
from tests.answer_fixtures import library, unseen


@dataclass
class FileChannel:
    """A channel whose messages bring files, held by name; "gone" and "away" stand for what a platform may say."""

    files: dict[str, bytes] = field(default_factory=dict)
    platform: str = "slack"
    posted: list[Reply] = field(default_factory=list)

    async def file(self, message: IncomingMessage, sent: SentFile) -> bytes:
        """Its bytes."""
        if sent.address == "gone":
            raise InputError("it was deleted")
        if sent.address == "away":
            raise DeliveryError("HTTP 503")
        return self.files[sent.name]

    async def progress(self, message: IncomingMessage, progress: Progress) -> None:
        """Not shown."""

    async def post(self, message: IncomingMessage, reply: Reply) -> None:
        """Kept."""
        self.posted.append(reply)


@dataclass
class DeskWorld:
    """One installation; a second with the same Redis is another process of it. `company` may be changed under way.

    With a `home` it has an index of its own there, to which files and experts' answers may be added.
    """

    redis: Redis
    company: CompanyConfig = field(default_factory=lambda: library().company)
    home: Path | None = None
    channel: FileChannel = field(default_factory=FileChannel)

    def __post_init__(self) -> None:
        self.reviews, self.inbox = RedisReviews(self.redis), RedisInbox(self.redis)
        files, experts, brought = ForgetList(self.redis), Experts(self.redis), BroughtReadings(self.redis)
        self.memory = RedisMemory(
            self.redis,
            also_forget=[self.reviews.forget_user, experts.forget_user, files.forget_user, brought.forget_user],
            also_forget_conversation=[
                self.reviews.forget_conversation, Choices(self.redis).forget_conversation,
                experts.forget_conversation, files.forget_conversation, brought.forget_conversation,
            ],
        )  # fmt: skip
        self.index = self._opened()
        self.store = CurrentAudiences(self.index, lambda document: readers(self.company, document))
        self.retriever = Retriever(library().embedder, self.store, library().similarity, EMBEDDED)
        self.records: Records = open_records(self.redis, self.store, {"product": "test"})
        if self.home:
            self.shelf = Shelf(self.redis, self.index, library().embedder, IsolatedParser)
            channels = {"slack": self.channel}
            self.records = with_shelf(self.records, self.redis, self.shelf, self.home, self.inbox.put, channels)
        self.meters = Meters((self.home or Path()) / "readings")
        self.advice = Advice(self.meters.of, self.meters.assess, lambda: self.company)
        self.desk = BotDesk(self.records, Prompts(self.retriever), lambda: self.company, self.advice.calculation)

    def _opened(self) -> PassageStore:
        if self.home is None:
            return library().store()
        folder = self.home / "index"
        if not folder.exists():
            shutil.copytree(library().folder / "index", folder)
        return LanceStore(folder, library().embedder.dimension, library().embedder.name)

    @property
    def manager(self) -> ConversationManager:
        """With the company as it is now."""
        meters, similarity = self.meters, library().similarity
        direct = Direct(meters.of, meters.replies, lambda: self.company)
        figures = Figures(meters.of, meters.indicators, lambda: self.company, similarity, direct) if self.home else None
        pipeline = Pipeline(self.retriever, similarity, None, figures)
        recommender = Recommender(self.retriever, similarity, {}, self.advice if self.home else None)
        registrar = Registrar(self.records.register, self.meters.of) if self.home and self.records.register else None
        return ConversationManager(pipeline, recommender, self.memory, self.company, 20.0, self.records, registrar=registrar)

    async def ask(self, message: IncomingMessage) -> Reply:
        """What a worker would post."""
        return await self.manager.respond(message, unseen)


def actor(user: str = "ana", **values: object) -> Actor:
    """Somebody on Slack, with what a test changes; the conversation is that of tests.answer_fixtures.said."""
    given: dict[str, object] = {"platform": "slack", "tenant": "T", "user": user, "conversation": "c", **values}
    return Actor(**given)  # type: ignore[arg-type]  # as the test gives them
