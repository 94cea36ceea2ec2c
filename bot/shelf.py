"""Single documents that people bring into a conversation: read, indexed at once, and removed again when they are to be forgotten.

A file that was sent in a conversation is readable in that conversation alone and goes with it; what an expert answered stays.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol, cast

import numpy as np
from redis.asyncio import Redis

from bot.access import DROPPED_FILES
from bot.ending import end
from bot.redis_calls import answering, digest
from config.company import CONVERSATION, SourceConfig
from rag.errors import AdvisorError, DocumentError, StoreError
from rag.ingest.sync import Parse, passage_text
from rag.models import Document, Passage
from rag.ports import Batch, Embedder, Fetched, IndexedDocument, Item, PassageStore, Vectors

log = logging.getLogger(__name__)

_FORGOTTEN = "shelf:forget"
_EMBEDDED_AT_ONCE, _EMBEDDED_IN_HASTE = 32, 2
_MOST_PASSAGES = 2000
_YOUNG_SECONDS = 3600.0
"""The conversation of a file that is younger may not be remembered yet: its first answer is still being made."""
_SWEEP_SECONDS = 60.0
_WHOLE_SWEEP_SECONDS = 900.0
"""Between two looks for conversations that memory has let go: each lists the index's files."""

OpenParser = Callable[[], AbstractAsyncContextManager[Parse]]


@dataclass(frozen=True, slots=True)
class Written:
    """What was indexed of a document; not `whole` if there was time for its beginning only."""

    passages: list[Passage]
    whole: bool


class Put(Protocol):
    """Index one document (Shelf.put); its beginning only if all of it takes longer than some seconds."""

    def __call__(self, source: SourceConfig, fetched: Fetched, seconds: float | None = None) -> Awaitable[Written]: ...


class ForgetList:
    """What the next sweep removes from the index; written by whoever forgets, also where no index is open."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def forget_user(self, platform: str, tenant: str, user: str) -> int:
        """For RedisMemory's `also_forget`; 0: the sweep counts for itself."""
        return await self._add(digest(platform, tenant, user))

    async def forget_conversation(self, key: str) -> int:
        """For RedisMemory's `also_forget_conversation`."""
        return await self._add(digest(key))

    async def _add(self, name: str) -> int:
        async with answering():
            await self._client.sadd(_FORGOTTEN, name)
        return 0

    async def forget_message(self, name: str) -> None:
        """What came with a message of this name (bot.messages.IncomingMessage.name)."""
        await self._add(name)

    async def names(self) -> set[str]:
        """Digests of persons, conversations and messages."""
        async with answering():
            return cast(set[str], await self._client.smembers(_FORGOTTEN))

    async def done(self, names: set[str]) -> None:
        """They are forgotten."""
        async with answering():
            await self._client.srem(_FORGOTTEN, *names) if names else None


class Shelf:
    """Writes to the index, and tidies what it wrote. `open_parser` gives a parser that is confined to a child process."""

    def __init__(self, redis: Redis, index: PassageStore, embedder: Embedder, open_parser: OpenParser) -> None:
        self._redis, self._index, self._embedder, self._open_parser = redis, index, embedder, open_parser
        self._forgotten = ForgetList(redis)
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    def use(self, embedder: Embedder) -> None:
        """Embed with this from now on: the index has become another."""
        self._embedder = embedder

    async def put(self, source: SourceConfig, fetched: Fetched) -> list[Passage]:
        """Index one document in place of what it was before, and give its passages; it is found from then on.

        DocumentError with the reason if it cannot be read; EmbeddingError or StoreError if it cannot be indexed now.
        """
        async with self.several() as put:
            return (await put(source, fetched)).passages

    @asynccontextmanager
    async def several(self) -> AsyncIterator[Put]:
        """`put` for several documents, which one process reads; it starts with the first."""
        async with self._open_parser() as parse:
            yield partial(self._put, parse)

    async def _put(self, parse: Parse, source: SourceConfig, fetched: Fetched, seconds: float | None = None) -> Written:
        document, passages = await parse(source, fetched)
        if not passages:
            raise DocumentError("no text found")
        if seconds is None and len(passages) > _MOST_PASSAGES:
            raise DocumentError(f"too long: {len(passages)} passages, at most {_MOST_PASSAGES} are read in a conversation")
        begun, vectors, done = time.monotonic(), list[Vectors](), 0
        while done < len(passages) and (not done or seconds is None or time.monotonic() - begun < seconds):
            some = passages[done : done + (_EMBEDDED_AT_ONCE if seconds is None else _EMBEDDED_IN_HASTE)]
            vectors.append(await self._embedder.embed_passages([passage_text(one) for one in some]))
            done += len(some)
        kept = passages[:done]
        await self._index.write([Batch(document, fetched.item.version, tuple(kept), np.concatenate(vectors))])
        return Written(kept, done == len(passages))

    async def forget_message(self, name: str) -> None:
        """Remove what came with a message of this name: now, or by the next sweep if the index does not answer."""
        await self._forgotten.forget_message(name)
        try:
            await self.sweep()
        except StoreError as error:
            log.warning("files are forgotten later: %s", error)

    async def sweep(self) -> int:
        """Remove the files of who or what was forgotten, and of conversations that memory no longer has; how many went."""
        names = await self._forgotten.names()
        gone = []
        for one in await self._index.documents(DROPPED_FILES):
            conversation = _conversation(one.document)
            tags = one.document.tags
            forgotten = {conversation, tags.get("person", ""), tags.get("message", "")} & names
            if forgotten or (_old(one) and not await self._remembered(conversation)):
                gone.append(one.document.id)
        await self._index.delete(gone)
        await self._forgotten.done(names)
        return len(gone)

    def start(self, first: Callable[[], Awaitable[object]]) -> None:
        """Do `first` once, then sweep now and then."""
        self._task = asyncio.create_task(self._run(first))

    async def stop(self) -> None:
        """End; safe to call without a start."""
        self._stopping.set()
        if self._task is not None:
            await end(self._task)

    async def _run(self, first: Callable[[], Awaitable[object]]) -> None:
        done, swept = False, float("-inf")
        while not self._stopping.is_set():
            try:
                if not done:
                    await first()
                    done = True
                if time.monotonic() - swept > _WHOLE_SWEEP_SECONDS or await self._forgotten.names():
                    await self.sweep()
                    swept = time.monotonic()
            except (AdvisorError, OSError) as error:
                log.warning("files of conversations are not tidied now: %s", error)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _SWEEP_SECONDS)

    async def _remembered(self, conversation: str) -> bool:
        async with answering():
            return bool(await self._redis.exists(f"memory:{{{conversation}}}:turns"))


def dropped_by(conversation: str, person: str, message: str) -> SourceConfig:
    """The built-in source of a file sent in a conversation (its digest) by a person (theirs), with a message of this name."""
    tags = {"person": person, "message": message}
    made = {"name": DROPPED_FILES, "audience": (f"{CONVERSATION}{conversation}",), "tags": tags}
    return SourceConfig.model_validate(made)


def fetched_file(place: str, name: str, data: bytes, media_type: str = "") -> Fetched:
    """Bytes as a connector would bring them; `place` tells files of the same name apart."""
    return Fetched(Item(f"{place}/{name}", name, f"{time.time():.3f}"), data, media_type)


def _conversation(document: Document) -> str:
    return next((name.removeprefix(CONVERSATION) for name in document.audience if name.startswith(CONVERSATION)), "")


def _old(one: IndexedDocument) -> bool:
    try:
        return time.time() - datetime.fromisoformat(one.indexed_at).timestamp() > _YOUNG_SECONDS
    except ValueError:
        return True
