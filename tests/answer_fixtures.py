"""The small company of tests/answer_corpus.py indexed once with the real models and the real index, and who answers from it."""

from __future__ import annotations

import asyncio
import atexit
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path

from bot.conversation import ConversationManager
from bot.messages import IncomingMessage, Progress
from config.company import CompanyConfig
from rag.connectors.folder import FolderConnector
from rag.embed.embedded import EmbeddedEmbedder
from rag.embed.use import SentenceEncoder
from rag.ground import EMBEDDED
from rag.ingest.parse.isolate import IsolatedParser
from rag.ingest.sync import sync
from rag.models import Answer, Document, Language, Locator, Passage, Scope, Turn
from rag.pipeline import Pipeline, Question
from rag.ports import LanguageModel, PassageStore, Query
from rag.recommend import Recommender
from rag.retrieve import Retriever
from rag.stores.lance import LanceStore
from tests.answer_corpus import COMPANY, write

EVERYONE = frozenset({"everyone"})
_MARK = re.compile(r"\[(\d+)\]")


@dataclass
class Library:
    """The indexed company. `texts` holds each passage's text by its id, the management's too."""

    company: CompanyConfig
    embedder: EmbeddedEmbedder
    similarity: SentenceEncoder
    folder: Path
    texts: dict[str, str] = field(default_factory=dict)

    def store(self) -> PassageStore:
        """The index, opened for the event loop of the test that asks."""
        return LanceStore(self.folder / "index", self.embedder.dimension, self.embedder.name)

    def retriever(self) -> Retriever:
        """Search over the index."""
        return Retriever(self.embedder, self.store(), self.similarity, EMBEDDED)

    def pipeline(self, model: LanguageModel | None = None) -> Pipeline:
        """The chain, by extraction or with a model."""
        return Pipeline(self.retriever(), self.similarity, model)

    def recommender(self) -> Recommender:
        """What the documents recommend."""
        return Recommender(
            self.retriever(), self.similarity, {site.id: (site.name, *site.aliases) for site in self.company.sites}
        )

    def manager(self, memory: ListMemory | None = None, model: LanguageModel | None = None) -> ConversationManager:
        """The conversation over all of it."""
        return ConversationManager(self.pipeline(model), self.recommender(), memory or ListMemory(), self.company, 20.0)

    async def ask(
        self, text: str, language: Language = "es", site: str | None = None, audiences: frozenset[str] = EVERYONE
    ) -> Answer:
        """An extracted answer, checked."""
        answer = await self.pipeline().ask(Question(text, language, Scope(audiences, site)))
        well_cited(answer, self.texts)
        return answer


@cache
def encoder() -> SentenceEncoder:
    """The sentence encoder alone, for tests that need no index."""
    return SentenceEncoder()


@cache
def library() -> Library:
    """Built once a session; its folder goes at exit."""
    folder = Path(tempfile.mkdtemp(prefix="library-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write(folder)
    made = Library(CompanyConfig.model_validate(COMPANY), EmbeddedEmbedder(encoder()), encoder(), folder)
    with ThreadPoolExecutor(1) as thread:  # a test's own event loop may be running in this one
        thread.submit(asyncio.run, _index(made)).result()
    return made


async def _index(made: Library) -> None:
    store = made.store()
    async with IsolatedParser() as parse:
        for source in made.company.sources:
            report = await sync(source, FolderConnector(made.folder / source.options["path"]), parse, made.embedder, store)
            assert not report.failures
    everything = Query("agua", "es", await made.embedder.embed_query("agua"), 1000)
    found = await store.search(everything, Scope(frozenset({"everyone", "direccion"})))
    made.texts |= {hit.passage.id: hit.passage.text for hit in found}


def well_cited(answer: Answer, texts: Mapping[str, str]) -> None:
    """The contract of any answer: each mark has its citation, each citation is used, each quote is verbatim in its passage."""
    marked = {int(n) for n in _MARK.findall(answer.text)}
    assert [citation.n for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
    assert marked == {citation.n for citation in answer.citations}
    for citation in answer.citations:
        assert citation.quote
        assert citation.quote in texts[citation.passage_id]
    assert answer.citations or answer.status != "answered"


def passage(
    text: str, n: int = 1, language: str = "es", *, title: str = "", headings: tuple[str, ...] = (), when: date | None = None
) -> Passage:
    """A passage of a document of its own, for tests without an index."""
    document = Document(f"d{n}", "s", f"d{n}.md", title or f"Documento {chr(64 + n)}", EVERYONE, language, when)
    return Passage(f"p{n}", document, text, Locator(headings=headings), language, 0)


def said(text: str, user: str = "ana", **values: object) -> IncomingMessage:
    """A message on Slack, with what a test changes."""
    message = IncomingMessage("1", "slack", "T", "c", user, text)
    return replace(message, **values)  # type: ignore[arg-type]  # as the test gives them


async def unseen(_: Progress) -> None:
    """Nobody watches."""


@dataclass
class ListMemory:
    """bot.ports.Memory in a list, for conversations of one test."""

    turns: dict[str, list[Turn]] = field(default_factory=dict)

    async def history(self, key: str, before: str = "") -> list[Turn]:
        return list(self.turns.get(key, ()))

    async def retract(self, key: str, said: str) -> int:
        return 0

    async def append(self, key: str, turns: Sequence[Turn], once: str = "", said: str = "", replaces: str = "") -> None:
        """Kept in order; `once` is the real memory's business."""
        self.turns.setdefault(key, []).extend(turns)

    async def known(self, key: str) -> bool:
        return key in self.turns

    async def forget_conversation(self, key: str) -> int:
        return int(self.turns.pop(key, None) is not None)

    async def forget_user(self, platform: str, tenant: str, user: str) -> int:
        count = len(self.turns)
        self.turns.clear()
        return count


@dataclass
class Scripted:
    """A LanguageModel that says what the test says, in pieces of `size` characters, and keeps what it was asked."""

    reply: str
    size: int = 7
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def stream(self, system: str, user: str) -> AsyncIterator[str]:
        """The reply in pieces."""
        self.asked.append((system, user))
        for start in range(0, len(self.reply), self.size):
            yield self.reply[start : start + self.size]
