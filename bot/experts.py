"""Questions that found nothing, handed to a person: who is asked, what they answered, and the document that is made of it."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from redis.asyncio import Redis

from bot.access import KEPT_ANSWERS
from bot.exchange import Exchange
from bot.messages import Actor, IncomingMessage
from bot.redis_calls import answering, digest
from bot.shelf import Shelf
from config import limits
from config.company import EVERYONE, CompanyConfig, ExpertConfig, SourceConfig
from rag.analyse import fold
from rag.ports import Fetched, Item, PassageStore

_SECONDS = limits.HANDOVER_DAYS * 24 * 3600
_TITLE_CHARS = 120


@dataclass(frozen=True, slots=True)
class Handed:
    """An exchange in an expert's hands. `text` is what they answered, "" until they did; `said_at` when (unix seconds)."""

    exchange: str
    tenant: str
    expert: ExpertConfig
    text: str = ""
    said_at: float = 0.0


_HANDED: TypeAdapter[Handed] = TypeAdapter(Handed)


def expert_for(company: CompanyConfig, exchange: Exchange) -> ExpertConfig | None:
    """Who is named for a question: of its audiences, on its platform; first by topic, then whoever is of the closer circle."""
    folded = fold(exchange.question)
    fitting = [one for one in company.experts if one.platform == exchange.platform and one.audience in exchange.audiences]
    about = [one for one in fitting if any(fold(topic) in folded for topic in one.topics)]
    anything = [one for one in fitting if not one.topics]
    return next(iter(sorted(about or anything, key=lambda one: one.audience == EVERYONE)), None)


def audience_of(exchange: Exchange, expert: ExpertConfig) -> str:
    """Who may read the answer, and the question in it: never more than could read the place where it was asked."""
    closer = sorted(name for name in exchange.audiences if name != EVERYONE)
    if not closer or expert.audience in closer:
        return expert.audience
    return closer[0]


class Experts:
    """Who was asked what, in Redis. MemoryStoreError when it does not answer."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def asked(self, exchange: str, message: IncomingMessage) -> None:
        """Where to tell the asker, should an expert answer elsewhere. Their words are not kept twice."""
        place = replace(message, text="", files=(), replaces="")
        indexes = (_of_person(message.platform, message.tenant, message.user), _of_conversation(message.key))
        async with answering(), self._client.pipeline(transaction=False) as calls:
            calls.set(_asker(exchange), place.to_json(), ex=_SECONDS)
            for index in indexes:
                calls.sadd(index, exchange)
                calls.expire(index, _SECONDS)
            await calls.execute()

    async def asker(self, exchange: str) -> IncomingMessage | None:
        """The message that asked, without its words, if it is known (still)."""
        async with answering():
            text = await self._client.get(_asker(exchange))
        return IncomingMessage.from_json(str(text)) if text else None

    async def hand_over(self, exchange: str, actor: Actor, expert: ExpertConfig) -> None:
        """From now on what the expert says in the actor's conversation answers it; where only the actor reads that, what they
        say to the adviser alone. Safe to repeat.
        """
        handed = Handed(exchange, actor.tenant, expert)
        async with answering(), self._client.pipeline(transaction=False) as calls:
            where = "" if actor.direct else actor.conversation
            calls.set(_waiting(actor, expert.id, where), exchange, ex=_SECONDS)
            calls.set(_state(exchange), _HANDED.dump_json(handed).decode(), ex=_SECONDS)
            await calls.execute()

    async def awaited(self, message: IncomingMessage) -> Handed | None:
        """What the author of a message was asked, there or in a direct message, and has answered or not."""
        name = _waiting(message.actor, message.user, "" if message.direct else message.conversation)
        async with answering():
            exchange = await self._client.get(name)
        return await self.handed(str(exchange)) if exchange else None

    async def handed(self, exchange: str) -> Handed | None:
        """What became of an exchange that was handed over."""
        async with answering():
            text = await self._client.get(_state(exchange))
        return _HANDED.validate_json(text) if text else None

    async def answered(self, handed: Handed, text: str) -> Handed:
        """Note the expert's answer."""
        done = replace(handed, text=text.strip(), said_at=time.time())
        async with answering():
            await self._client.set(_state(handed.exchange), _HANDED.dump_json(done).decode(), ex=_SECONDS)
        return done

    async def close(self, handed: Handed, actor: Actor) -> None:
        """The answer was kept or dropped: the expert is an asker like others again."""
        async with answering(), self._client.pipeline(transaction=False) as calls:
            for name in (_waiting(actor, handed.expert.id, actor.conversation), _waiting(actor, handed.expert.id, "")):
                calls.unlink(name)
            calls.unlink(_state(handed.exchange))
            calls.unlink(_asker(handed.exchange))
            await calls.execute()

    async def forget_user(self, platform: str, tenant: str, user: str) -> int:
        """Erase where a person asked, and what they were answered. Safe to repeat."""
        return await self._forget(_of_person(platform, tenant, user))

    async def forget_conversation(self, key: str) -> int:
        """Erase what was asked in a conversation, and what was answered. Safe to repeat."""
        return await self._forget(_of_conversation(key))

    async def _forget(self, index: str) -> int:
        async with answering():
            exchanges: set[Any] = await self._client.smembers(index)
            async with self._client.pipeline(transaction=False) as calls:
                for exchange in exchanges:
                    calls.unlink(_asker(exchange))
                    calls.unlink(_state(exchange))
                calls.unlink(index)
                return sum(await calls.execute())


async def keep_answer(handed: Handed, exchange: Exchange, shelf: Shelf, home: Path) -> None:
    """Write the answer as a document, and index it at once for the audience of its question."""
    audience = audience_of(exchange, handed.expert)
    path = _folder(home, audience) / f"{re.sub(r'[^0-9a-z]', '', exchange.id)}.md"
    written = document_of(handed, exchange).encode()
    await asyncio.to_thread(_write, path, written)
    source = SourceConfig(name=KEPT_ANSWERS, audience=(audience,), tags={"site": exchange.site} if exchange.site else {})
    await shelf.put(source, Fetched(Item(path.as_posix(), path.name, f"{handed.said_at:.3f}"), written))


async def restore(company: CompanyConfig, index: PassageStore, shelf: Shelf, home: Path) -> int:
    """Index what was kept and is not in the index, as after the index was lost; how many."""
    known = {one.document.uri for one in await index.documents(KEPT_ANSWERS)}
    count = 0
    for audience in {EVERYONE, *company.audiences}:
        for path in await asyncio.to_thread(_kept, _folder(home, audience)):
            if path.as_posix() not in known:
                data = await asyncio.to_thread(path.read_bytes)
                source = SourceConfig(name=KEPT_ANSWERS, audience=(audience,))
                await shelf.put(source, Fetched(Item(path.as_posix(), path.name, "restored"), data))
                count += 1
    return count


def document_of(handed: Handed, exchange: Exchange) -> str:
    """Markdown with the question as title, the answer, its author and date."""
    question = " ".join(exchange.question.split())
    day = datetime.fromtimestamp(handed.said_at, UTC).date().isoformat()
    when, who = ("Fecha", "Respuesta de") if exchange.answer.language == "es" else ("Date", "Answer by")
    # the heading is what a citation shows as the place: so its author stands beneath every answer that rests on it
    return f"# {question[:_TITLE_CHARS]}\n\n{when}: {day}\n\n## {who} {handed.expert.name}\n\n{question}\n\n{handed.text}\n"


def _folder(home: Path, audience: str) -> Path:
    """An audience's own: an operator may give each other rights on the disk."""
    return home / KEPT_ANSWERS / hashlib.sha256(audience.encode()).hexdigest()[:16]


def _kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.md"))


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(data)
    part.replace(path)


def _state(exchange: str) -> str:
    return f"expert:handed:{exchange}"


def _asker(exchange: str) -> str:
    return f"expert:asked:{exchange}"


def _of_person(platform: str, tenant: str, user: str) -> str:
    return f"expert:of-user:{digest(platform, tenant, user)}"


def _of_conversation(key: str) -> str:
    return f"expert:of-conversation:{digest(key)}"


def _waiting(actor: Actor, expert: str, conversation: str) -> str:
    return f"expert:waiting:{digest(actor.platform, actor.tenant, expert, conversation)}"
