"""What experts answered, as documents: who is asked for a question, who may read the answer, how it is kept and indexed."""

from __future__ import annotations

import asyncio
import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path

from bot.access import KEPT_ANSWERS
from bot.exchange import Exchange
from bot.experts import Handed
from bot.shelf import Shelf
from config.company import EVERYONE, CompanyConfig, ExpertConfig, SourceConfig
from rag.analyse import fold
from rag.ports import Fetched, Item, PassageStore

_TITLE_CHARS = 120


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
