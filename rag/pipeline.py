"""The retrieval chain, a LangChain runnable: rewrite -> retrieve -> ground -> answer, each sentence of it verified."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from langchain_core.runnables import Runnable, RunnableLambda

from config.texts import text
from rag import compose
from rag.answer import Declined, write
from rag.answer import standalone as rewritten_by_model
from rag.beside import spans as spans_beside
from rag.cite import cite
from rag.direct import Told
from rag.errors import ModelError
from rag.evidence import Statement
from rag.extract import Span, extract
from rag.facility import ANY, Facility
from rag.figures import NOTHING, Figures
from rag.followed import holds_all, told_of, towards
from rag.models import Answer, Hit, Language, Scope, Turn
from rag.needs import AMOUNT, dated, met, needs
from rag.ports import LanguageModel, Similarity
from rag.retrieve import Retrieved, Retriever
from rag.rewrite import Whole, anchor, asks, variants, without
from rag.weighed import Doubt, weighed

log = logging.getLogger(__name__)

OnText = Callable[[str], Awaitable[None]]
_SURE = 0.75
"""A reading of a follow-up that is this likely to be answered is not compared with its other one."""
_BESIDE, _BEFORE = 0.5, 0.4
"""Scores of spans that are worth saying beside figures that were asked for, and before figures that may only bear on it."""
_ABOUT = 0.25
"""The least score of a span that holds what a follow-up names: lower ones, tried on the demo, only happened to name the month."""
EVIDENCE = 8
"""Passages that a model is given."""


async def _silent(_: str) -> None:
    """Nobody watches the answer being written."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the chain is asked. `deadline` is a time.monotonic() value by which the answer must be there.

    `elsewhere`: a facility that is asked about and is none of the company's; only documents that name it may answer.
    `behind`: the question that it leans on, if it leans on one, with the facility that is spoken of now; `whole`: the two as one,
    where a rule tells. With a language model both are its business.
    `facility`: the one of the company's that is asked about; what is said of others does not answer.
    """

    text: str
    language: Language
    scope: Scope
    history: tuple[Turn, ...] = ()
    site_name: str = ""
    deadline: float = float("inf")
    on_text: OnText = _silent
    elsewhere: str = ""
    behind: str = ""
    whole: Whole | None = None
    facility: Facility = ANY


@dataclass(frozen=True, slots=True)
class State:
    """The question on its way through the chain; each step returns a new one. `answer` once set passes through.

    `asked` is what is read for: the question's own words, or the whole that a rule made of it; `behind` is what it leans on. Each
    of `named` must stand in whatever answers.
    """

    question: Question
    asked: str = ""
    behind: str = ""
    named: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    standalone: str = ""
    retrieved: Retrieved | None = None
    figures: Told = NOTHING
    answer: Answer | None = None
    timings: dict[str, int] = field(default_factory=dict)


class Pipeline:
    """Answers questions from documents. Without a model by extraction; with one, by it, falling back to extraction."""

    def __init__(
        self,
        retriever: Retriever,
        similarity: Similarity,
        model: LanguageModel | None = None,
        figures: Figures | None = None,
        today: Callable[[], date] = date.today,
    ) -> None:
        """`figures` say what the meters show; without them only documents answer."""
        self._today = today
        self._retriever = retriever
        self._figures = figures
        self._similarity = similarity
        self._model = model
        self.chain: Runnable[State, State] = (
            RunnableLambda(self._rewrite)
            | RunnableLambda(_timed("retrieve", self._retrieve))
            | RunnableLambda(self._ground)
            | RunnableLambda(_timed("answer", self._answer))
        )

    async def ask(self, question: Question) -> Answer:
        """The answer, never without a status. EmbeddingError or StoreError if the documents cannot be consulted."""
        started = time.perf_counter()
        state = await self.chain.ainvoke(State(question))
        if state.answer is None:
            raise RuntimeError("the chain ended without an answer")
        return replace(state.answer, timings_ms={**state.timings, "total": _milliseconds(started)})

    async def known(self, scope: Scope, language: Language) -> Answer:
        """Which facilities can be asked about; only where figures are told."""
        return await self._figures.known(scope, language) if self._figures else compose.needs_input(language)

    async def weighed(self, doubt: Doubt) -> Answer:
        """Whether what was told last is much or little."""
        return await weighed(doubt, self._retriever, self._figures)

    async def summary(self, scope: Scope, language: Language) -> Answer:
        """What the scope's brought readings hold and show; only where figures are told and readings were brought."""
        figures = self._figures if scope.brought else None
        return await figures.summary(scope.brought[-1], language) if figures else compose.needs_input(language)

    async def _rewrite(self, state: State) -> State:
        question = state.question
        if not asks(question.text, question.history):
            return replace(state, answer=compose.needs_input(question.language))
        if self._model is None or not question.history:
            return _by_rule(state)
        try:
            async with asyncio.timeout(_share(question.deadline, 0.25)):
                whole = await rewritten_by_model(question.text, question.history, self._model)
                return replace(state, asked=question.text, variants=(whole,))
        except (ModelError, TimeoutError) as error:
            log.warning("rewrite without the model: %s", type(error).__name__)
            return _by_rule(state)

    async def _retrieve(self, state: State) -> State:
        if state.answer is not None:
            return state
        question, best = state.question, state
        for variant in state.variants:
            focus = state.asked if variant != state.asked else ""
            topic = state.behind if focus else ""
            found = await self._retriever.retrieve(variant, question.language, question.scope, focus, question.site_name, topic)
            found = towards(found, state.named)
            if best.retrieved is None or found.strength.probability > best.retrieved.strength.probability:
                best = replace(state, standalone=variant, retrieved=found)
            if found.strength.probability >= _SURE:
                break
        return replace(best, figures=await self._told(self._figures, best)) if self._figures else best

    async def _told(self, figures: Figures, state: State) -> Told:
        """What meters say to the question as it was read; before that, where a follow-up was made whole, to its own words behind
        what was said last, and after it behind the question that it leans on: the first that they answer by themselves.
        """
        question, leaning = state.question, state.variants[-1]
        readings = [(state.asked, state.standalone or state.asked, leaning, question.history)]
        if question.whole and state.asked == question.whole.text:
            behind = f"{question.behind} {question.text}"
            readings.insert(0, (question.text, behind, behind, question.history))
            readings.append((question.text, behind, behind, (Turn("user", question.behind),)))
        found = NOTHING
        for asked, whole, lent, history in readings:
            told = await figures.answering(asked, question.language, question.scope, whole, lent, history)
            if told.beside is not None:
                return told
            found = told if asked == state.asked else found
        return told_of(found, state.named)

    async def _ground(self, state: State) -> State:
        """Weak evidence ends here, before anything is written: a model is never asked to answer from what does not."""
        if state.answer is not None or state.retrieved is None:
            return state
        question, hits = state.question, state.retrieved.hits
        if question.elsewhere and not any(_names(hit, question.elsewhere) for hit in hits):
            return replace(state, answer=compose.not_found(hits, question.language, elsewhere=question.elsewhere))
        if not state.figures.sure and state.figures.beside is None and self._wanting(state):
            return replace(state, answer=compose.not_found(hits, question.language, question.site_name))
        if state.retrieved.strength.sufficient:
            return state if state.figures.beside is None else replace(state, answer=self._extracted(state))
        if said := state.figures.statements:
            return replace(state, answer=compose.answered(said, (), question.language, site=question.site_name))
        if state.figures.beside is not None:  # lines of what was sent, that a question names
            return replace(state, answer=self._extracted(state))
        return replace(state, answer=compose.not_found(hits, question.language, question.site_name))

    def _wanting(self, state: State) -> bool:
        """Whether no passage found gives what any answer must hold: a wage, a telephone number."""
        wanted, hits = needs(state.asked, self._today()), state.retrieved.hits[:EVIDENCE] if state.retrieved else ()
        return bool(wanted) and not any(met(wanted, f"{hit.passage.context} {hit.passage.text}", hit.passage) for hit in hits)

    async def _answer(self, state: State) -> State:
        if state.answer is not None or state.retrieved is None:
            return state
        if self._model is None:
            return replace(state, answer=self._extracted(state))
        try:
            async with asyncio.timeout(_share(state.question.deadline, 0.8)):
                statements = await self._written(state, self._model)
        except Declined:
            return replace(
                state, answer=compose.not_found(state.retrieved.hits, state.question.language, state.question.site_name)
            )
        except (ModelError, TimeoutError) as error:
            log.warning("answer without the model: %s", type(error).__name__)
            return replace(state, answer=self._extracted(state, "answer.model_failed"))
        if not statements:
            return replace(state, answer=self._extracted(state, "answer.model_unsupported"))
        question, said = state.question, [*state.figures.statements, *statements]
        return replace(state, answer=compose.answered(said, state.retrieved.hits, question.language, site=question.site_name))

    async def _written(self, state: State, model: LanguageModel) -> list[Statement]:
        question, statements = state.question, list[Statement]()
        hits = state.retrieved.hits[:EVIDENCE] if state.retrieved else ()
        evidence = [hit.passage for hit in hits]
        async for statement in write(state.standalone, question.language, evidence, model, self._similarity):
            statements.append(statement)
            await question.on_text(cite([*state.figures.statements, *statements], question.language)[0])
        return statements

    def _extracted(self, state: State, notice: str = "") -> Answer:
        question = state.question
        hits = state.retrieved.hits if state.retrieved else ()
        asked = dated(without(question.site_name, state.asked), self._today())
        figures, beside = state.figures.statements, state.figures.beside
        wanted = needs(state.asked, self._today())
        if state.retrieved is None:
            spans: Sequence[Span] = []
        elif beside is not None:
            spans = spans_beside(asked, question.language, state.retrieved, beside)
        else:
            spans = with_figures(extract(asked, question.language, state.retrieved, question.facility, wanted), state.figures)
        if state.named:
            spans = [span for span in spans if span.score >= _ABOUT and holds_all(span, state.named)]
        if not spans and not (figures and (state.figures.sure or set(wanted) <= {AMOUNT})):
            return compose.not_found(hits, question.language, question.site_name)
        notices = (text(question.language, notice),) if notice else ()
        read = compose.from_spans(spans, question.language)
        said = [*figures, *read] if state.figures.sure else [*read, *figures]
        return compose.answered(said, hits, question.language, notices, question.site_name)


def _by_rule(state: State) -> State:
    """The question as a rule without a model reads it in its conversation."""
    question = state.question
    if question.whole:
        return replace(state, asked=question.whole.text, named=question.whole.named, variants=(question.whole.text,))
    behind = question.behind or anchor(question.history)
    return replace(state, asked=question.text, behind=behind, variants=variants(question.text, question.history, behind))


def with_figures(spans: Sequence[Span], figures: Told) -> list[Span]:
    """Of the documents' spans those worth saying with figures: what answers too, and the cause that is asked for."""
    if not figures.statements:
        return list(spans)
    enough, cause = _BESIDE if figures.sure else _BEFORE, next((span for span in spans if span.tells_cause), None)
    return [span for span in spans if span.score >= enough or span is cause]


def _names(hit: Hit, place: str) -> bool:
    """Whether a passage holds the name in a place's name, written as one: Sur, Bilbao."""
    held = f"{hit.passage.context} {hit.passage.text}"
    return all(re.search(rf"\b{word}\b", held) for word in place.split() if word.istitle())


def _timed(name: str, step: Callable[[State], Awaitable[State]]) -> Callable[[State], Awaitable[State]]:
    async def timed(state: State) -> State:
        started = time.perf_counter()
        after = await step(state)
        return replace(after, timings={**after.timings, name: _milliseconds(started)})

    return timed


def _milliseconds(started: float) -> int:
    return round(1000 * (time.perf_counter() - started))


def _share(deadline: float, share: float) -> float | None:
    """Seconds that a step may take: a share of what is left, so that there is time to say what went wrong."""
    left = deadline - time.monotonic()
    return None if left == float("inf") else max(0.1, left * share)
