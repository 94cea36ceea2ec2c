"""ConversationManager: one message in, one Reply out. Who may see what, memory, site, language, commands, then the chain."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot import access
from bot.again import all_told, kind_told, meant, request_again, tell
from bot.choices import ConversationChoice, over
from bot.commands import asks_for_measures, kind_named, parse
from bot.dropped import NOTHING, Read
from bot.exchange import Exchange, exchange_id, exchange_of
from bot.language import spoken
from bot.messages import IncomingMessage, Progress, Reply
from bot.places import facility, other_place
from bot.ports import Memory, OnProgress
from bot.records import Records
from bot.redis_calls import digest
from bot.registrar import Registrar
from bot.thread import Made, Subject, subject, turns
from bot.told import Case, command, told
from bot.vague import asked_back, vague
from config.company import CompanyConfig
from config.texts import text
from rag.asked import asked, asked_amount
from rag.assumptions import FollowUp, bare, changes, follow_up
from rag.bill_lines import about_it, explains
from rag.brought import priced_before
from rag.errors import AdvisorError, InputError
from rag.models import KINDS, Answer, Kind, Language, Scope, Turn
from rag.pipeline import Pipeline, Question
from rag.recommend import Recommender

log = logging.getLogger(__name__)


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
        self._recommender = recommender
        self._memory = memory
        self._now = now or (lambda: company)
        self._records = records
        self._registrar = registrar
        self.deadline_seconds = deadline_seconds

    async def respond(self, message: IncomingMessage, on_progress: OnProgress) -> Reply:
        """The reply to a message, remembered. Raises what `failed` turns into a reply: AdvisorError, TimeoutError."""
        started = time.monotonic()
        history = await self._memory.history(message.key, before=message.replaces)
        case = await self._case(message, history)
        reply = await self._at_once(case)
        if reply is not None:
            await self._take_back(message)
            return replace(reply, answer=_traced(reply.answer))
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
            made = await self._made(case, about, scope, history, started + self.deadline_seconds, on_progress)
            if read.readings and made.searched and not any(one.kind == "calculation" for one in made.answer.citations):
                made = replace(made, answer=await self._pipeline.summary(scope, case.language))
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
        request = request_again(parse(message, company), history, company)
        return Case(message, company, choice, request, spoken(company, message, history, choice.language))

    async def _made(
        self, case: Case, about: Subject, scope: Scope, history: Sequence[Turn], deadline: float, on_progress: OnProgress
    ) -> Made:
        """The answer, by what is asked for: recommendations, one measure of those told last, or a search."""
        changed = await self._changed(case, history, scope)
        if not changed and (answer := await all_told(case, history, scope, self._recommender, self._records)):
            if self._registrar and answer.recommendations and not scope.brought:
                answer = await self._registrar.enter(case.message, answer, what_if=True)  # «la 1» is of this order from now on
            return Made(answer, scope, kind=kind_told(history), aside=not answer.recommendations)
        again = None if changed else await meant(case, history, self._records)
        about_them = bool(scope.brought) and asks_for_measures(case.request.text)
        if again and self._records:
            answer = await tell(case, again, scope, self._recommender, self._records)
            site = scope.site if scope.brought else again.site
            return Made(answer, replace(scope, site=site), measure=again.name, aside=True)
        if case.request.name == "recommend" or changed or about_them:
            kind, held = self._kind(case, history, changed), scope.brought
            changed = changed or (priced_before(history, held[-1].site.name, case.language) if held else None)
            return Made(
                await self._recommend(case, scope, kind, changed), scope, kind=kind, aside=case.request.decision is not None
            )
        sent, placed = scope.brought or case.choice.files or case.message.files, scope.site is not None
        if not (sent or about.whole) and vague(case.request.text, case, begins=not history, placed=placed):
            return Made(asked_back(case, scope), scope)
        near = about_it(case.request.text, scope, history, elsewhere=case.request.site not in {None, case.message.site})
        if near and near.brought and explains(case.request.text):
            return Made(await self._pipeline.summary(near, case.language), near)
        answer = await self._ask(case, near or scope, about, history, deadline, on_progress)
        if near and answer.status == "not_found":
            answer = await self._ask(case, scope, about, history, deadline, on_progress)
        if answer.status == "not_found" and scope.site and not about.stays:
            # The site was read from the words or the channel: what another place's documents say may still answer.
            wider = await self._ask(case, replace(scope, site=None), about, history, deadline, on_progress)
            answer = answer if wider.status == "not_found" else wider
        return Made(answer, scope, searched=True)

    async def _ask(
        self, case: Case, scope: Scope, about: Subject, history: Sequence[Turn], deadline: float, on_progress: OnProgress
    ) -> Answer:
        async def on_text(so_far: str) -> None:
            await on_progress(Progress("answer", so_far))

        site = _site_name(case.company, scope.site)
        asked, elsewhere = case.request.text, other_place(case.request.text, case.company)
        lean, of = (about.behind, about.whole), facility(scope.site or case.request.site, case.company)
        question = Question(asked, case.language, scope, tuple(history), site, deadline, on_text, elsewhere, *lean, of)
        return await self._pipeline.ask(question)

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

    async def _changed(self, case: Case, history: Sequence[Turn], scope: Scope) -> FollowUp | None:
        """Values that a question sets for recommendations: those told last, or those beneath which its form stood; if it says
        nothing but a value, those of the facility that is spoken of, unless an amount was asked for: that is what it prices.
        """
        if case.request.name != "ask" or asked(case.request.text, case.company).each:
            return None  # what it costs a month is asked of the readings
        kept = await self._records.reviews.get(case.message.exchange) if self._records and case.message.exchange else None
        if kept and kept.conversation == digest(case.message.key) and (new := changes(case.request.text, case.language)):
            return FollowUp(new, kept.question)
        told = follow_up(case.request.text, history, case.language)
        if told is None and scope.site and history and not (scope.brought or asked_amount(history, case.company)):
            new = bare(case.request.text, case.language)
            return FollowUp(new, "") if new else None
        return told

    def _kind(self, case: Case, history: Sequence[Turn], changed: FollowUp | None) -> Kind | None:
        """Which kind is to be recommended; of a follow-up, the kind of what it follows."""
        if changed is None:
            return case.request.kind
        named = kind_named(changed.asked, case.company)
        return named or (kind_told(history, case.message.exchange) if changed.asked else None)

    async def _recommend(self, case: Case, scope: Scope, kind: Kind | None, changed: FollowUp | None = None) -> Answer:
        request, language = case.request, case.language
        if request.unknown:
            sites = ", ".join(site.name for site in access.sites(case.company, scope.audiences))
            return told(language, "recommend.usage", "needs_input", unknown=request.unknown, sites=sites)
        if request.decision:
            return (
                await self._registrar.answer(case, scope) if self._registrar else told(language, "desk.not_kept", "needs_input")
            )
        kinds, site = (kind,) if kind else KINDS, _site_name(case.company, scope.site)
        answer = await self._recommender.recommend(kinds, language, scope, site, changed.changes if changed else None)
        if self._registrar is None or scope.brought:
            return answer  # the register is the company's: what a conversation brought stays there
        return await self._registrar.enter(case.message, answer, what_if=bool(changed))

    async def _at_once(self, case: Case) -> Reply | None:
        """The reply to what needs no search: a command, or an expert's answer to what they were asked."""
        records = self._records
        if records and records.handovers and case.request.name == "ask":
            reply = await records.handovers.said(case.company, case.message, case.language)
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

    async def _keep(self, case: Case, answer: Answer, scope: Scope) -> Exchange | None:
        """Keep it for review, under the same id for each attempt; None if it is not kept."""
        message = case.message
        if self._records and message.replaces:
            await self._records.take_back(case.company, message, keep=exchange_id(message))
        if self._records is None or answer.status not in {"answered", "not_found"}:
            return None
        if case.request.decision and not answer.citations:
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


def _site_name(company: CompanyConfig, site: str | None) -> str:
    found = company.site(site)
    return found.name if found else ""


def _names(message: IncomingMessage) -> str:
    return ", ".join(sent.name for sent in message.files)


def _of_files(read: Read, language: Language) -> Answer:
    """The reply to files without a question."""
    return Answer("needs_input", language, "\n\n".join((*read.told, *([text(language, "desk.files_ask")] if read.any else []))))


def _traced(answer: Answer) -> Answer:
    return replace(answer, trace_id=uuid.uuid4().hex)
