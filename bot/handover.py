"""A question from the adviser to a person and back: names the expert, takes their answer, tells the asker, keeps the document."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from bot.exchange import Exchange
from bot.experts import Experts, Handed, audience_of, expert_for, keep_answer
from bot.messages import Actor, IncomingMessage, Reply
from bot.ports import Handover
from bot.reviews import RedisReviews
from bot.shelf import Shelf
from config.company import EVERYONE, CompanyConfig
from config.texts import text
from rag.analyse import fold
from rag.errors import InputError, NotAllowedError
from rag.evidence import unmarked
from rag.models import Answer, Language

_KEEP = frozenset({"guardar", "guardar respuesta", "guarda la respuesta", "keep", "keep answer", "keep the answer"})
_QUESTION_CHARS = 200

Submit = Callable[[IncomingMessage], Awaitable[bool]]


class NoExpertError(InputError):
    """Nobody is named for the question, or it was answered or forgotten."""

    text_key = "expert.none"


@dataclass(frozen=True, slots=True)
class Handovers:
    """`submit` puts what the asker is told into the inbox; `home` is the state folder."""

    experts: Experts
    reviews: RedisReviews
    shelf: Shelf
    home: Path
    submit: Submit

    async def offered(self, company: CompanyConfig, message: IncomingMessage, exchange: Exchange) -> str:
        """The name of who may be asked instead, for a question that found nothing; "" if nobody is named."""
        expert = expert_for(company, exchange) if exchange.answer.status == "not_found" else None
        if expert is None or expert.id == message.user:
            return ""
        await self.experts.asked(exchange.id, message)
        return expert.name

    async def hand_over(self, company: CompanyConfig, actor: Actor, exchange: Exchange) -> Handover:
        """Who is to be asked: from now on what they say there is the answer. NoExpertError if there is nobody."""
        expert = expert_for(company, exchange) if exchange.answer.status == "not_found" else None
        if expert is None or not exchange.question:
            raise NoExpertError("nobody to be asked")
        await self.experts.hand_over(exchange.id, actor, expert)
        return Handover(expert.id, expert.name, exchange.question, exchange.answer.language)

    async def said(self, company: CompanyConfig, message: IncomingMessage, language: Language) -> Reply | None:
        """The reply to an expert who answers what they were asked, or wants it kept; None for any other message."""
        if not any((one.platform, one.id) == (message.platform, message.user) for one in company.experts):
            return None
        handed = await self.experts.awaited(message)
        if handed is None or message.command != "ask" or not message.text.strip():
            return None
        if handed.text and fold(message.text).strip(" .!") in _KEEP:
            await self.keep(company, message.actor, handed.exchange)
            return Reply(Answer("answered", language, text(language, "expert.kept")))
        if handed.text not in {"", message.text.strip()} or message.text.rstrip().endswith("?"):
            return None  # answered before, or a question of their own
        return await self._taken(message, handed, language)

    async def keep(self, company: CompanyConfig, actor: Actor, exchange: str) -> None:
        """Make a document of the answer. NotAllowedError for all but the expert, NoExpertError if there is no answer."""
        handed = await self.experts.handed(exchange)
        kept = await self.reviews.get(exchange)
        if handed is None or kept is None or not handed.text:
            raise NoExpertError("no answer to keep")
        if (handed.expert.platform, handed.tenant, handed.expert.id) != (actor.platform, actor.tenant, actor.user):
            raise NotAllowedError("another's answer")
        if audience_of(kept, handed.expert) not in {EVERYONE, *company.audiences}:
            raise NoExpertError("its audience is gone")
        await keep_answer(handed, kept, self.shelf, self.home)
        await self.experts.close(handed, actor)

    async def _taken(self, message: IncomingMessage, handed: Handed, language: Language) -> Reply | None:
        """Note it, tell the asker where they asked, and offer to keep it."""
        kept = await self.reviews.get(handed.exchange)
        if kept is None:
            return None
        done = await self.experts.answered(handed, message.text)
        question = kept.question[:_QUESTION_CHARS]
        asker = await self.experts.asker(handed.exchange)
        if asker is not None and asker.key != message.key:
            words = {"name": done.expert.name, "question": question, "answer": unmarked(done.text)}
            told = text(kept.answer.language, "expert.relayed", **words)
            relay = replace(asker, id=f"relay-{handed.exchange}", text=told, command="relay", said="", received_at=0.0)
            await self.submit(relay)
        thanks = text(language, "expert.thanks", name=done.expert.name, question=question)
        return Reply(Answer("answered", language, thanks, follow_ups=(text(language, "expert.keep"),)))
