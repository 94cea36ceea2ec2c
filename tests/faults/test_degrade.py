"""Each outside part dead or alive, in all sixteen ways: one truthful reply every time, and the best that what is left allows."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from redis.asyncio import Redis

from bot.conversation import ConversationManager
from bot.inbox import RedisInbox
from bot.memory import RedisMemory
from bot.messages import IncomingMessage, Reply
from bot.ports import OnProgress
from bot.worker import Worker
from config.texts import text
from rag.embed.openai import OpenAIEmbedder
from rag.ground import EMBEDDED
from rag.llm.openai import OpenAIModel
from rag.models import Answer
from rag.pipeline import Pipeline
from rag.retrieve import Retriever
from rag.stores.pinecone import PineconeStore
from tests.answer_fixtures import library, well_cited
from tests.fakes.faults import closed_port
from tests.fakes.openai_api import FakeOpenAI
from tests.worker_world import Recorder

PUMPS = "¿Qué consumo tiene el bombeo de cabecera?"
FAILED = text("es", "answer.model_failed")
PARTS = ("model", "embeddings", "index", "memory")
WAYS = [frozenset(dead) for count in range(5) for dead in itertools.combinations(PARTS, count)]


@pytest.fixture
async def managers(redis: Redis) -> AsyncIterator[dict[str, ConversationManager]]:
    """A manager for each way, by the names of its dead parts; what is dead refuses connections or answers 500."""
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(FakeOpenAI())
        nowhere = f"http://127.0.0.1:{await stack.enter_async_context(closed_port())}"
        gone = Redis(unix_socket_path="no-such.sock", decode_responses=True)
        made = library()
        models = [OpenAIModel(fake.api_key, name, fake.base_url) for name in ("good", "500")]
        dead_embedder = OpenAIEmbedder("k", "m", f"{nowhere}/v1", dimension=made.embedder.dimension)
        dead_store = PineconeStore("k", nowhere, "t", made.embedder.dimension, made.embedder.name, timeout=2.0)
        for model in models:
            stack.push_async_callback(model.close)
        stack.push_async_callback(dead_embedder.close)
        stack.push_async_callback(dead_store.close)
        stack.push_async_callback(gone.aclose)
        found: dict[str, ConversationManager] = {}
        for dead in WAYS:
            embedder = dead_embedder if "embeddings" in dead else made.embedder
            retriever = Retriever(embedder, dead_store if "index" in dead else made.store(), made.similarity, EMBEDDED)
            pipeline = Pipeline(retriever, made.similarity, models["model" in dead])
            memory = RedisMemory(gone if "memory" in dead else redis)
            found[_name(dead)] = ConversationManager(pipeline, made.recommender(), memory, made.company, 20.0)
        yield found


def _name(dead: frozenset[str]) -> str:
    return "+".join(sorted(dead)) or "nothing"


@pytest.mark.faults
async def test_every_way_gets_one_truthful_reply(redis: Redis, managers: dict[str, ConversationManager]) -> None:
    """No model: from the documents, and it says so. No embeddings, index or memory: an apology that says to come again."""
    answers: dict[str, list[Answer]] = defaultdict(list)

    class Channel(Recorder):
        async def post(self, message: IncomingMessage, reply: Reply) -> None:
            answers[message.id].append(reply.answer)

    async def respond(message: IncomingMessage, on_progress: OnProgress) -> Reply:
        return await managers[message.id].respond(message, on_progress)

    inbox = RedisInbox(redis)
    worker = Worker(inbox, respond, managers["nothing"].failed, {"test": Channel()}, concurrency=16, deadline_seconds=20.0)
    for name in managers:
        await inbox.put(IncomingMessage(name, "test", "T1", name, "ana", PUMPS, direct=True))
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(60):
        while await inbox.depth():  # noqa: ASYNC110 - the test waits from outside
            await asyncio.sleep(0.05)
    await worker.stop()
    await running
    assert {name: len(given) for name, given in answers.items()} == {_name(dead): 1 for dead in WAYS}
    for name, (answer,) in answers.items():
        if name in {"nothing", "model"}:
            well_cited(answer, library().texts)
            assert (answer.status, FAILED in answer.notices) == ("answered", name == "model")
        else:
            assert (answer.status, answer.text, answer.citations) == ("failed", text("es", "error.dependency"), ())
