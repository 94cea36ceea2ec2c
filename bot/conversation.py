"""ConversationManager: one message in, one Reply out. Who may see what, memory, site, language, commands, then the chain."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot import access
from bot.again import request_again
from bot.answering import Answering
from bot.choices import ConversationChoice, over
from bot.commands import parse
from bot.corrected import put_right
from bot.dropped import NOTHING, Read
from bot.elsewhere import other
from bot.exchange import Exchange, exchange_id, exchange_of
from bot.language import spoken
from bot.messages import IncomingMessage, Reply
from bot.ports import Memory, OnProgress
from bot.records import Records
from bot.redis_calls import digest
from bot.registrar import Registrar
from bot.thread import Made, Subject, subject, turns
from bot.told import Case, command, told
from config.company import CompanyConfig
from config.texts import text
from rag.around import asking, bare
from rag.asked import asked
from rag.errors import AdvisorError, InputError
from rag.models import Answer, Language, Scope, Turn
from rag.naming import sites_in, spelled_right
from rag.pipeline import Pipeline
from rag.recommend import Recommender
from rag.short_forms import written_out

log = logging.getLogger(__name__)
_SPOKEN = frozenset({"ask", "recommend"})
"""Commands whose words are a person's question."""


class ConversationManager:
    """Answers messages of any platform. Holds no state of its own: what was said is in memory, who may read what in config."""

    def __init__(
        self,
        pipeline: Pipeline,
        recommender: Recommender,
        memory: Memory,
        company: CompanyConfig,
        deadline_seconds: float,
        records: Records | None = None,
        now: Callable[[], CompanyConfig] | None = None,
        registrar: Registrar | None = None,
    ) -> None:
        """Without `records` nothing is kept for review, and nothing can be set in a chat. `now` gives advisor.yaml as it is when
        a message comes; without it `company` is for good. `registrar` keeps what is recommended and decided.
        """
        self._pipeline = pipeline
        self._memory = memory
        self._now = now or (lambda: company)
        self._records = records
        self._answering = Answering(pipeline, recommender, records, registrar)
        self.deadline_seconds = deadline_seconds

    async def respond(self, message: IncomingMessage, on_progress: OnProgress) -> Reply:
        """The reply to a message, remembered. Raises what `failed` turns into a reply: AdvisorError, TimeoutError."""
        started = time.monotonic()
        history = await self._memory.history(message.key, before=message.replaces)
        case = await self._case(message, history)
        reply = await self._at_once(case, message)
        spoken_so, message = message, case.message
        if reply is not None:
            await self._take_back(message)
            return replace(reply, answer=_traced(reply.answer))
        meant, which = _meant(case, history)
        if meant != case.message.text:
            message = replace(message, text=meant)  # remembered so: what follows leans on what was meant
            case = await self._case(message, history)
        if which:
            return Reply(_traced(which))
        read = await self._read_files(case)
        about = subject(case, history)
        scope = await self._scope(case, about.site, read)
        if read.told and not case.request.text and case.request.name == "ask":
            message = replace(message, text=_names(message))
            if not read.readings:
                answer = _traced(_of_files(read, case.language))
                await self._remember(message, about, Made(answer, scope))
                return Reply(answer)
            made = Made(await self._pipeline.summary(scope, case.language), scope)
        else:
            made = await self._answering.answer(case, about, scope, history, started + self.deadline_seconds, on_progress)
            if read.readings and made.searched and not any(one.kind == "calculation" for one in made.answer.citations):
                made = replace(made, answer=await self._pipeline.summary(scope, case.language))
        if made.answer.status == "not_found" and (reply := await self._elsewhere(case, spoken_so)):
            return reply
        first = (text(case.language, "answer.joined"),) if message.joins and not history else ()
        answer = _traced(replace(made.answer, notices=(*read.told, *first, *made.answer.notices)))
        made = replace(made, answer=answer)
        exchange = await self._keep(case, answer, made.scope)
        await self._remember(message, about, made, exchange)
        return Reply(answer, exchange.id if exchange else "", await self._expert(case, exchange))

    def failed(self, message: IncomingMessage, error: BaseException, attempt: int) -> Reply:
        """What the asker is told when `respond` raised: the reason in words, with a reference that is in the log."""
        language = spoken(self._now(), message, ())
        trace = uuid.uuid4().hex[:12]
        log.error("failed trace=%s attempt=%d error=%s", trace, attempt, type(error).__name__, exc_info=error)
        if isinstance(error, TimeoutError):
            key = "error.timeout"
        else:
            key = error.text_key if isinstance(error, AdvisorError) else AdvisorError.text_key
        detail = str(error) if isinstance(error, InputError) else ""
        return Reply(Answer("failed", language, text(language, key, trace=trace, detail=detail), trace_id=trace))

    async def _case(self, message: IncomingMessage, history: Sequence[Turn]) -> Case:
        """What is set for the message's place, and what it asks for."""
        company, choice = self._now(), ConversationChoice()
        if self._records:
            company = over(company, message, await self._records.choices.channel(message))
            choice = await self._records.choices.conversation(message.key)
        language = spoken(company, message, history, choice.language)  # a greeting tells it too
        if message.command in _SPOKEN:
            message = replace(message, text=_asked(spelled_right(written_out(message.text), company), company))
        request = request_again(parse(message, company), history, company)
        return Case(message, company, choice, request, language)

    async def _scope(self, case: Case, site: str | None, read: Read) -> Scope:
        """What the answer may draw on: with what was sent in the conversation, and the readings that it is about.

        Those that came last, or that are named, until a facility of the company's is named.
        """
        scope, records, key = access.scope(case.company, case.message, site), self._records, case.message.key
        if not (read.told or case.choice.files) or records is None or records.brought is None:
            return scope
        conversation = digest(key)
        scope = replace(scope, audiences=scope.audiences | {access.conversation_audience(conversation)})
        named = read.readings or await records.brought.named(conversation, case.request.text)
        elsewhere = case.request.site not in {None, case.message.site}
        about = named or ("" if elsewhere else case.choice.brought)
        if about != case.choice.brought and not read.readings:
            await records.choices.set_conversation(key, brought=about)
        held = await records.brought.of(conversation, about, case.company.site(site))
        return replace(scope, brought=(held,)) if held else scope

    async def _at_once(self, case: Case, message: IncomingMessage) -> Reply | None:
        """The reply to what needs no search: a command, or an expert's answer in all the words of `message`."""
        records = self._records
        if records and records.handovers and case.request.name == "ask":
            reply = await records.handovers.said(case.company, message, case.language)
            if reply is not None:
                return reply
        if case.request.name == "share":
            return await self._shared(case)
        answer = await command(case, self._memory, records)
        return Reply(answer) if answer else None

    async def _shared(self, case: Case) -> Reply:
        """An answer again, for a conversation of others that goes on from it."""
        kept = await self._records.reviews.get(case.message.exchange) if self._records else None
        if kept is None:
            return Reply(told(case.language, "desk.gone", "needs_input"))
        shown = Made(kept.answer, Scope(frozenset(kept.audiences), kept.site))
        await self._remember(replace(case.message, text=kept.question), Subject(), shown, kept)
        return Reply(kept.answer, kept.id)

    async def _take_back(self, message: IncomingMessage) -> None:
        """What a message replaces goes, if what it says now is not remembered itself."""
        if message.replaces:
            await self._memory.retract(message.key, message.replaces)
            if self._records:
                await self._records.take_back(self._now(), message)

    async def _read_files(self, case: Case) -> Read:
        """Read the files that came with a message; a sentence on each."""
        if not case.message.files:
            return NOTHING
        if self._records is None or self._records.dropped is None:
            return Read((text(case.language, "desk.files_not_here"),))
        return await self._records.dropped.read(case.message, case.language)

    async def _expert(self, case: Case, exchange: Exchange | None) -> str:
        """The name of who may be asked instead."""
        if exchange is None or self._records is None or self._records.handovers is None:
            return ""
        return await self._records.handovers.offered(case.company, case.message, exchange)

    async def _elsewhere(self, case: Case, message: IncomingMessage) -> Reply | None:
        """Whether what was said answers what an expert was asked elsewhere."""
        if case.request.name != "ask" or self._records is None or self._records.handovers is None:
            return None
        return await self._records.handovers.elsewhere(case.company, message, case.language)

    async def _keep(self, case: Case, answer: Answer, scope: Scope) -> Exchange | None:
        """Keep it for review, under the same id for each attempt; None if it is not kept."""
        message = case.message
        if self._records and message.replaces:
            await self._records.take_back(case.company, message, keep=exchange_id(message))
        if self._records is None or answer.status not in {"answered", "not_found"}:
            return None
        if case.request.decisions and not answer.citations:
            return None  # a decision that was put down: there is nothing to judge, to open or to share
        exchange = exchange_of(message, answer, scope.audiences, scope.site, self._records.versions)
        await self._records.reviews.keep(exchange)
        if case.choice.site and case.request.site not in {None, message.site, case.choice.talked or case.choice.site}:
            await self._records.choices.set_conversation(message.key, talked=case.request.site or "")
        return exchange

    async def _remember(self, message: IncomingMessage, about: Subject, made: Made, exchange: Exchange | None = None) -> None:
        added = turns(message, about, made, exchange)
        said = message.said or message.replaces
        await self._memory.append(message.key, added, once=message.id, said=said, replaces=message.replaces)


def _meant(case: Case, history: Sequence[Turn]) -> tuple[str, Answer | None]:
    """What a message says as it is meant in its conversation; a question back where it may be several facilities, or none."""
    said, company = case.message.text, case.company
    if case.request.name != "ask":
        return said, None
    said = put_right(said, history, case.language, company)
    seen = access.sites(company, access.audiences(company, case.message))
    one = other(said, history, company, seen)
    if one is None or one.text:
        return (one.text if one else said), None
    sites = ", ".join(site.name for site in one.sites or seen)
    return said, told(case.language, "vague.other" if one.sites else "vague.no_other", "needs_input", sites=sites)


def _asked(said: str, company: CompanyConfig) -> str:
    """What a message asks, without what is said around it."""

    def understood(question: str) -> bool:
        return (found := asked(question, company)).understood and bool(found.metric and (found.sites or found.everywhere))

    question = bare(said)
    others = sites_in(question, company)
    return question if len({one.site for one in others}) > 1 else asking(question, understood)


def _names(message: IncomingMessage) -> str:
    return ", ".join(sent.name for sent in message.files)


def _of_files(read: Read, language: Language) -> Answer:
    """The reply to files without a question."""
    return Answer("needs_input", language, "\n\n".join((*read.told, *([text(language, "desk.files_ask")] if read.any else []))))


def _traced(answer: Answer) -> Answer:
    return replace(answer, trace_id=uuid.uuid4().hex)
