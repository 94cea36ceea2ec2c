"""The small company answered from with a real Redis: manager, memory, records and desk over it, for tests of the desk."""

from __future__ import annotations

from dataclasses import dataclass, field

from redis.asyncio import Redis

from bot.access import readers
from bot.choices import Choices
from bot.conversation import ConversationManager
from bot.desk import BotDesk
from bot.memory import RedisMemory
from bot.messages import Actor, IncomingMessage, Reply
from bot.prompts import Prompts
from bot.records import Records, open_records
from bot.reviews import RedisReviews
from config.company import CompanyConfig
from rag.stores.current import CurrentAudiences
from tests.answer_fixtures import library, unseen


@dataclass
class DeskWorld:
    """One installation; a second with the same Redis is another process of it. `company` may be changed under way."""

    redis: Redis
    company: CompanyConfig = field(default_factory=lambda: library().company)

    def __post_init__(self) -> None:
        self.reviews = RedisReviews(self.redis)
        self.memory = RedisMemory(
            self.redis,
            also_forget=[self.reviews.forget_user],
            also_forget_conversation=[self.reviews.forget_conversation, Choices(self.redis).forget_conversation],
        )
        self.store = CurrentAudiences(library().store(), lambda document: readers(self.company, document))
        self.records: Records = open_records(self.redis, self.store, {"product": "test"})
        self.desk = BotDesk(self.records, Prompts(library().retriever()), lambda: self.company)

    @property
    def manager(self) -> ConversationManager:
        """With the company as it is now."""
        made = library()
        return ConversationManager(made.pipeline(), made.recommender(), self.memory, self.company, 20.0, self.records)

    async def ask(self, message: IncomingMessage) -> Reply:
        """What a worker would post."""
        return await self.manager.respond(message, unseen)


def actor(user: str = "ana", **values: object) -> Actor:
    """Somebody on Slack, with what a test changes; the conversation is that of tests.answer_fixtures.said."""
    given: dict[str, object] = {"platform": "slack", "tenant": "T", "user": user, "conversation": "c", **values}
    return Actor(**given)  # type: ignore[arg-type]  # as the test gives them
