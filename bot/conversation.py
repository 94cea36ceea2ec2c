"""ConversationManager: one message in, one Reply out. Who may see what, memory, site, language, commands, then the chain."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace

from bot import access
from bot.commands import Request, named_site, parse
from bot.messages import IncomingMessage, Progress, Reply
from bot.ports import Memory, OnProgress
from config.company import CompanyConfig
from config.texts import text
from rag.errors import AdvisorError, InputError
from rag.ingest.language import detect
from rag.models import KINDS, Answer, Language, Scope, Turn
from rag.pipeline import Pipeline, Question
from rag.recommend import Recommender

log = logging.getLogger(__name__)


class ConversationManager:
    """Answers messages of any platform. Holds no state of its own: what was said is in memory, who may read what in config."""

    def __init__(
        self, pipeline: Pipeline, recommender: Recommender, memory: Memory, company: CompanyConfig, deadline_seconds: float
    ) -> None:
        self._pipeline = pipeline
        self._recommender = recommender
        self._memory = memory
        self._company = company
        self.deadline_seconds = deadline_seconds

    async def respond(self, message: IncomingMessage, on_progress: OnProgress) -> Reply:
        """The reply to a message, remembered. Raises what `failed` turns into a reply: AdvisorError, TimeoutError."""
        started = time.monotonic()
        request = parse(message, self._company)
        if request.name in {"forget", "forget_me"}:
            return _reply(await self._forget(message, request))
        history = await self._memory.history(message.key)
        language = self.language(message, history)
        if request.name == "help":
            return _reply(_told(language, "help.text"))
        site = request.site or self._remembered_site(message, history)
        scope = access.scope(self._company, message, site)
        if request.name == "recommend":
            answer = await self._recommend(request, language, scope)
        else:
            deadline = started + self.deadline_seconds
            answer = await self._ask(request, language, scope, history, deadline, on_progress)
            if answer.status == "not_found" and site and site != message.site:
                # The site was read from the words or the channel: what another place's documents say may still answer.
                anywhere = access.scope(self._company, message, None)
                answer = await self._ask(request, language, anywhere, history, deadline, on_progress)
        await self._remember(message, answer)
        return _reply(answer)

    def failed(self, message: IncomingMessage, error: BaseException, attempt: int) -> Reply:
        """What the asker is told when `respond` raised: the reason in words, with a reference that is in the log."""
        language = self.language(message, ())
        trace = uuid.uuid4().hex[:12]
        log.error("failed trace=%s attempt=%d error=%s", trace, attempt, type(error).__name__, exc_info=error)
        if isinstance(error, TimeoutError):
            key = "error.timeout"
        else:
            key = error.text_key if isinstance(error, AdvisorError) else AdvisorError.text_key
        detail = str(error) if isinstance(error, InputError) else ""
        return Reply(Answer("failed", language, text(language, key, trace=trace, detail=detail), trace_id=trace))

    def language(self, message: IncomingMessage, history: Sequence[Turn]) -> Language:
        """The asker's: of the message if it tells, else of what they said before, of the channel, their client, the company."""
        settings = access.channel_settings(self._company, message)
        hints = (settings.language if settings else None, message.locale[:2].lower(), self._company.language)
        default: Language = "en" if next(hint for hint in hints if hint in {"es", "en"}) == "en" else "es"
        for turn in history:
            if turn.role == "user":
                default = detect(turn.text, default)
        return detect(message.text, default)

    async def _ask(
        self,
        request: Request,
        language: Language,
        scope: Scope,
        history: Sequence[Turn],
        deadline: float,
        on_progress: OnProgress,
    ) -> Answer:
        async def on_text(so_far: str) -> None:
            await on_progress(Progress("answer", so_far))

        question = Question(request.text, language, scope, tuple(history), self._site_name(scope.site), deadline, on_text)
        return await self._pipeline.ask(question)

    async def _recommend(self, request: Request, language: Language, scope: Scope) -> Answer:
        if request.unknown:
            sites = ", ".join(site.name for site in self._company.sites)
            return _told(language, "recommend.usage", unknown=request.unknown, sites=sites, status="needs_input")
        kinds = (request.kind,) if request.kind else KINDS
        return await self._recommender.recommend(kinds, language, scope, self._site_name(scope.site))

    async def _forget(self, message: IncomingMessage, request: Request) -> Answer:
        language = self.language(message, await self._memory.history(message.key))
        if request.name == "forget_me":
            await self._memory.forget_user(message.platform, message.tenant, message.user)
            return _told(language, "forget.user")
        await self._memory.forget_conversation(message.key)
        return _told(language, "forget.conversation")

    async def _remember(self, message: IncomingMessage, answer: Answer) -> None:
        turns = (Turn("user", message.text, message.user), Turn("assistant", answer.text, message.user))
        await self._memory.append(message.key, turns, once=message.id)

    def _remembered_site(self, message: IncomingMessage, history: Sequence[Turn]) -> str | None:
        """The site that the asker named last in this conversation, else the channel's."""
        for turn in reversed(history):
            if turn.role == "user" and (site := named_site(turn.text, self._company)):
                return site
        settings = access.channel_settings(self._company, message)
        return settings.site if settings else None

    def _site_name(self, site: str | None) -> str:
        found = self._company.site(site)
        return found.name if found else ""


def _told(language: Language, key: str, status: str = "answered", **values: object) -> Answer:
    return Answer(status, language, text(language, key, **values))  # type: ignore[arg-type]  # a literal of each caller


def _reply(answer: Answer) -> Reply:
    return Reply(replace(answer, trace_id=uuid.uuid4().hex))
