"""A question from the adviser to a person and back: names the expert, takes their answer, tells the asker, keeps the document."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from bot.commands import states
from bot.exchange import Exchange
from bot.experts import Experts, Handed
from bot.kept_answers import audience_of, expert_for, keep_answer
from bot.meant import asked as asked_which
from bot.meant import asks, meant, of_expert, place_named
from bot.messages import Actor, IncomingMessage, Reply
from bot.ports import Handover
from bot.redis_calls import digest
from bot.reviews import RedisReviews
from bot.shelf import Shelf
from config.company import EVERYONE, CompanyConfig
from config.texts import text
from rag.analyse import fold
from rag.courtesy import adds, knows_not
from rag.errors import InputError, NotAllowedError
from rag.evidence import unmarked
from rag.models import Answer, Language

_KEEP = frozenset({"guardar", "guardar respuesta", "guarda la respuesta", "keep", "keep answer", "keep the answer"})
_QUESTION_CHARS = 200

Submit = Callable[[IncomingMessage], Awaitable[bool]]


class NoExpertError(InputError):
    """Nobody is named for the question, or it was answered or forgotten."""

    text_key = "expert.none"


class NotTheirsError(NotAllowedError):
    """Only the expert who answered may say what becomes of the answer."""

    text_key = "expert.not_theirs"


@dataclass(frozen=True, slots=True)
class Handovers:
    """`submit` puts what people are told elsewhere into the inbox; `home` is the state folder."""

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
        await self.experts.offered(exchange.id, message)
        return expert.name

    async def hand_over(self, company: CompanyConfig, actor: Actor, exchange: Exchange) -> Handover:
        """Who is to be asked: from now on what they say there is the answer. NoExpertError if there is nobody."""
        expert = expert_for(company, exchange) if exchange.answer.status == "not_found" else None
        if expert is None or not exchange.question:
            raise NoExpertError("nobody to be asked")
        alone = actor.direct or not exchange.places
        new = await self.experts.hand_over(exchange.id, actor, expert, "" if alone else actor.conversation)
        return Handover(expert.id, expert.name, exchange.question, exchange.answer.language, alone, new)

    async def asked(self, exchange: str, card: IncomingMessage, thread: str) -> None:
        """The question stands before the expert (bot.ports.Desk.expert_asked)."""
        handed = await self.experts.handed(exchange)
        if handed is not None:
            await self.experts.asked(handed, card, thread)

    async def awaits(self, company: CompanyConfig, message: IncomingMessage) -> bool:
        """Whether a message is what an expert was asked for, there, though it names others or nobody."""
        if not of_expert(company, message):
            return False
        here = await self.experts.here(message)
        if message.command == "retract" or not message.text.strip():
            return any(one.answered_by(message.name) for one in here.handed)
        return bool(meant(message, here) or place_named(company, message, here))

    async def between_people(self, company: CompanyConfig, message: IncomingMessage) -> bool:
        """Whether what names nobody is between people (bot.ports.Desk.between_people)."""
        if not company.experts or message.direct or message.files or message.command != "ask":
            return False
        waited_for = await self.experts.waited_for(message)
        return message.user in waited_for or (bool(waited_for) and states(message, company))

    async def elsewhere(self, company: CompanyConfig, message: IncomingMessage, language: Language) -> Reply | None:
        """Of a statement in which nothing was found, whether it answers what its author, alone here, was asked elsewhere."""
        if not message.direct or message.replaces or message.files or asks(message) or not of_expert(company, message):
            return None
        asked = (await self.experts.here(message)).elsewhere
        return await self._unclear(message, list(asked), language) if asked else None

    async def said(self, company: CompanyConfig, message: IncomingMessage, language: Language) -> Reply | None:
        """The reply to an expert who answers what they were asked, or wants it kept; None for any other message."""
        if message.command != "ask" or not message.text.strip() or not of_expert(company, message):
            return None
        here = await self.experts.here(message)
        if fold(message.text).strip(" .!") in _KEEP:
            answered = [one for one in here.handed if one.text]
            if here.unclear and not answered:  # first of all, which question it answers
                return await self._unclear(IncomingMessage.from_json(here.unclear.message), asked_which(here), language)
            if not answered:
                return None
            last = max(answered, key=lambda one: one.said_at)
            await self.keep(company, message.actor, last.exchange)
            return Reply(Answer("answered", language, text(language, "expert.kept")))
        asked, place = asked_which(here), place_named(company, message, here)
        if here.unclear and asked and place:  # what was said before is meant, not this
            before = IncomingMessage.from_json(here.unclear.message)
            chosen = next((one for one in asked if one.exchange in here.unclear.exchanges[place - 1 : place]), None)
            if chosen is None:
                return await self._unclear(before, asked, language)
            await self.experts.unclear(message, ())
            return await self._taken(before, chosen, language)
        found = meant(message, here)
        if here.gone and not asks(message) and not message.replaces and all(0 < one.said_at < here.gone_at for one in found):
            return await self._gone(message, here.gone, language)
        if len(found) > 1:
            return await self._unclear(message, found, language)
        if found and asks(message):  # an answer that became a question
            await self._without(found[0], message.name, message.key)
            return None
        if found:
            if here.unclear:
                await self.experts.unclear(message, ())
            return await self._taken(message, found[0], language)
        return None

    async def choose(self, actor: Actor, exchange: str) -> None:
        """What the actor said last there answers this exchange: it is said again as that. NoExpertError if nothing is open."""
        place = IncomingMessage(
            "", actor.platform, actor.tenant, actor.conversation, actor.user, "", direct=actor.direct
        )  # where they pressed is where they said it
        unclear = (await self.experts.here(place)).unclear
        if unclear is None or exchange not in unclear.exchanges:
            raise NoExpertError("nothing to be answered with")
        said = IncomingMessage.from_json(unclear.message)
        await self.submit(replace(said, id=f"{said.id}/answers/{exchange}", exchange=exchange, replaces=said.said))

    async def keep(self, company: CompanyConfig, actor: Actor, exchange: str) -> None:
        """Make a document of the answer. NotTheirsError for all but the expert, NoExpertError if there is no answer."""
        handed = await self.experts.handed(exchange)
        kept = await self.reviews.get(exchange)
        if handed is None or kept is None or not handed.text:
            raise NoExpertError("no answer to keep")
        if (handed.expert.platform, handed.tenant, handed.expert.id) != (actor.platform, actor.tenant, actor.user):
            raise NotTheirsError("another's answer")
        if audience_of(kept, handed.expert) not in {EVERYONE, *company.audiences}:
            raise NoExpertError("its audience is gone")
        await keep_answer(handed, kept, self.shelf, self.home)
        await self.experts.keep(replace(handed, kept=True))

    async def retracted(self, company: CompanyConfig, message: IncomingMessage) -> None:
        """A message was deleted: what was said before it is the answer again, unless it was kept. Safe to repeat."""
        if not of_expert(company, message):
            return
        for one in (await self.experts.here(message)).handed:
            if one.answered_by(message.name) and not one.kept:
                await self._without(one, message.name, message.key)

    async def withdraw(self, exchange: str) -> None:
        """A question was deleted, or asked otherwise: it is taken from the expert, and the asker's answer goes with it."""
        handed, asker = await self.experts.handed(exchange), await self.experts.asker(exchange)
        if handed and handed.card:
            await self.submit(IncomingMessage.from_json(handed.card))
        if handed and handed.relay and asker:
            await self.submit(_relay(asker, "", "", handed.relay))
        await self.experts.take_back(exchange)

    async def _unclear(self, message: IncomingMessage, meant: list[Handed], language: Language) -> Reply:
        """Which of several questions a statement answers."""
        await self.experts.unclear(message, tuple(one.exchange for one in meant))
        questions = [kept.question if (kept := await self.reviews.get(one.exchange)) else "…" for one in meant]
        lines = [f"{n}. {' '.join(question.split())[:_QUESTION_CHARS]}" for n, question in enumerate(questions, 1)]
        which = "expert.which" if len(lines) > 1 else "expert.which_one"
        asked = Answer("needs_input", language, "\n".join([text(language, which), "", *lines]))
        return Reply(asked, which=tuple(zip((one.exchange for one in meant), lines, strict=True)))

    async def _taken(self, message: IncomingMessage, handed: Handed, language: Language) -> Reply:
        """Note it, tell the asker where they asked, and offer to keep it; one that was kept is kept anew."""
        kept = await self.reviews.get(handed.exchange)
        if kept is None:
            return await self._gone(message, (handed.exchange,), language)
        unknown = knows_not(message.text)
        name, said = message.name, "" if unknown else message.text.strip()
        earlier = next((one for who, one in reversed(handed.said) if who != name and one), "")
        added = bool(earlier) and adds(said)
        said = f"{earlier}\n{said}" if added else said
        again, corrects = handed.said[-1:] == ((name, said),), bool(handed.text)
        words = {"name": handed.expert.name, "question": kept.question[:_QUESTION_CHARS]}
        if unknown and handed.text and (handed.kept or handed.said[-1][0] != name):
            return Reply(Answer("answered", language, text(language, "expert.stands", **words)))
        if not again:  # else the same message once more, after a crash
            told = (*(one for one in handed.said if one[0] != name), (name, said))
            now = replace(handed, said=told, said_at=time.time())
            handed = await self._told(now, kept, message.key, corrects=corrects, added=added)
        if unknown:
            return Reply(Answer("answered", language, text(language, "expert.thanks_unknown", **words)))
        if handed.kept:
            await keep_answer(handed, kept, self.shelf, self.home)
            return Reply(Answer("answered", language, text(language, "expert.kept_again", **words)))
        other = sum(bool(one) for _, one in handed.said) > 1 or (corrects and not again)
        thanks = text(language, "expert.thanks_added" if added else "expert.thanks_again" if other else "expert.thanks", **words)
        return Reply(Answer("answered", language, thanks), keep=handed.exchange)

    async def _without(self, handed: Handed, name: str, key: str) -> None:
        """A message is no answer any more: what was said before it is the answer again, if there is that."""
        kept = await self.reviews.get(handed.exchange)
        left = replace(handed, said=tuple(one for one in handed.said if one[0] != name))
        if kept is None or left.text == handed.text:
            await self.experts.keep(left)
        else:
            await self._told(left, kept, key, corrects=True)

    async def _told(self, handed: Handed, kept: Exchange, key: str, *, corrects: bool, added: bool = False) -> Handed:
        """Note what the answer is now, and tell the asker, if they asked elsewhere than in the conversation `key`.

        A correction is told anew, so that they notice, and what was told before goes; a withdrawal takes its place.
        """
        asker = await self.experts.asker(handed.exchange)
        if asker and asker.key != key:
            words = {"name": handed.expert.name, "question": kept.question[:_QUESTION_CHARS], "answer": unmarked(handed.text)}
            nothing = "unknown" if handed.said else "withdrawn"
            what = nothing if not handed.text else "relayed_more" if added else "relayed_again" if corrects else "relayed"
            told, before = text(kept.answer.language, f"expert.{what}", **words), handed.relay
            name = f"relay-{handed.exchange}-{digest(before, *handed.said[-1]) if handed.said else digest(before)}"
            await self.submit(_relay(asker, name, told, "" if handed.text else before))
            if before and handed.text:
                await self.submit(_relay(asker, "", "", before))
            handed = replace(handed, relay=name)
        await self.experts.keep(handed)
        return handed

    async def _gone(self, message: IncomingMessage, exchanges: tuple[str, ...], language: Language) -> Reply:
        """What is said to an expert whose answer nobody waits for any more; once."""
        await self.experts.let_go(message, exchanges)
        return Reply(Answer("answered", language, text(language, "expert.gone")))


def _relay(asker: IncomingMessage, said: str, told: str, replaces: str = "") -> IncomingMessage:
    """Something told to the asker where they asked; without words it takes back what was told before."""
    shown = replace(asker, text=told, said=said, replaces=replaces, received_at=0.0, joins=False)
    return replace(shown, id=said, command="relay") if told else replace(shown, id=f"{replaces}-gone", command="retract")
