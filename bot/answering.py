"""How a message is answered: with recommendations, with one of those told last, or by a search; several questions one by one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from bot import access
from bot.again import all_told, kind_told, meant, request_again, tell
from bot.commands import asks_for_measures, kind_named, parse
from bot.given import changed as what_changed
from bot.messages import Progress
from bot.ordering import unjudged
from bot.places import facility, other_place
from bot.ports import OnProgress
from bot.records import Records
from bot.registrar import Registrar
from bot.thread import Made, Subject, subject, turns
from bot.told import Case, told
from bot.vague import asked_back, vague
from config.company import CompanyConfig
from config.texts import text
from rag.analyse import fold
from rag.asides import compares_two
from rag.asked import Asked, answerable, asked, told_before
from rag.asked_words import EVERYWHERE
from rag.assumptions import FollowUp, standing
from rag.bill_lines import about_it, explains
from rag.both import both
from rag.bounds import unbounded
from rag.brought import priced_before
from rag.judged import judges
from rag.known import asks_which
from rag.models import KINDS, Answer, Kind, Scope, Turn
from rag.pipeline import Pipeline, Question
from rag.recommend import Recommender
from rag.rewrite import anchor
from rag.several import joined, questions
from rag.weighed import Doubt


class Answering:
    """Makes answers; knows nothing of memory, and keeps nothing but what the registrar keeps of recommendations."""

    def __init__(
        self, pipeline: Pipeline, recommender: Recommender, records: Records | None, registrar: Registrar | None
    ) -> None:
        self._pipeline, self._recommender, self._records, self._registrar = pipeline, recommender, records, registrar

    async def answer(
        self, case: Case, about: Subject, scope: Scope, history: Sequence[Turn], deadline: float, on_progress: OnProgress
    ) -> Made:
        """What a message is answered with: each of its questions by itself, if it asks several; else the one that it is."""
        if case.request.name == "ask" and asks_which(case.request.text):
            return Made(await self._pipeline.known(scope, case.language), scope)
        parts = questions(case.request.text) if case.request.name == "ask" else ()
        if parts and not _of_one_value(parts, case, scope) and not await what_changed(case, history, scope, self._records):
            made = await self._each(parts, case, scope, history, deadline)
            if made:
                return made
        return await self._one(case, about, scope, history, deadline, on_progress)

    async def _each(
        self, parts: Sequence[str], case: Case, scope: Scope, history: Sequence[Turn], deadline: float
    ) -> Made | None:
        """The parts of a message, each asked after the ones before and answered in its share of the time; None if none is."""
        said, found = list(history), list[Made]()
        for place, part in enumerate(parts):
            message = replace(case.message, text=part, files=())
            request = request_again(parse(message, case.company), said, case.company)
            one = replace(case, message=message, request=replace(request, site=request.site or case.request.site))
            about, now = subject(one, said), time.monotonic()
            within = replace(scope, site=access.scope(case.company, message, about.site).site)
            until = now + (deadline - now) / (len(parts) - place)
            made = await self._one(one, about, within, said, until, _silent)
            said += turns(message, about, made)
            found.append(made)
        if all(one.answer.status != "answered" for one in found):
            return None
        chosen = next((one for one in found if one.answer.recommendations), found[0])
        answer = joined(parts, [one.answer for one in found], case.language)
        alike = len({one.scope.site for one in found}) == 1
        return replace(
            chosen,
            answer=answer,
            scope=found[0].scope if alike else replace(scope, site=None),
            searched=any(one.searched for one in found),
        )

    async def _one(
        self, case: Case, about: Subject, scope: Scope, history: Sequence[Turn], deadline: float, on_progress: OnProgress
    ) -> Made:
        """The answer to one question, by what it asks for: recommendations, one measure of those told last, or a search."""
        changed = await what_changed(case, history, scope, self._records)
        if isinstance(changed, Answer):
            return Made(changed, scope, aside=True)
        if changed and changed.states and scope.site and not scope.brought:
            scope = replace(scope, site=changed.states)
        if changed and changed.everywhere and not (changed.states or case.request.site or scope.brought):
            scope = replace(scope, site=None)  # what was looked at in between moves no list of all facilities
        if not changed and (answer := await all_told(case, history, scope, self._recommender, self._records)):
            if self._registrar and answer.recommendations and not scope.brought:
                before = standing(history, case.language)  # «la 1» is of this order from now on
                what_if = before is None or bool(before.changes)
                answer = await self._registrar.enter(case.message, answer, what_if=what_if)
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
            given = changed.changes.given if changed and changed.states else None
            answer, aside = await self._recommend(case, scope, kind, changed), bool(case.request.decisions)
            return Made(answer, scope, kind=kind, aside=aside, given=given)
        sent = scope.brought or case.choice.files or case.message.files
        placed = scope.site is not None or bool(EVERYWHERE.search(fold(about.behind)))
        if not (sent or about.whole) and vague(case.request.text, case, begins=not history, placed=placed):
            return Made(asked_back(case, scope), scope)
        if _unlike(case.request.text, history, case.company) and not scope.brought:
            return Made(told(case.language, "both.which", "needs_input"), scope)
        if judges(case.request.text, history):
            where = (_site_name(case.company, scope.site), facility(scope.site, case.company))
            doubt = Doubt(about.behind or anchor(history), case.language, scope, history, *where)
            return Made(await self._pipeline.weighed(doubt), scope, searched=True)
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

    def _kind(self, case: Case, history: Sequence[Turn], changed: FollowUp | None) -> Kind | None:
        """Which kind is to be recommended; of a follow-up, the kind of what it follows."""
        if changed is None or not changed.asked:
            return case.request.kind
        return kind_named(changed.asked, case.company) or kind_told(history, case.message.exchange)

    async def _recommend(self, case: Case, scope: Scope, kind: Kind | None, changed: FollowUp | None = None) -> Answer:
        request, language = case.request, case.language
        if request.unknown:
            sites = ", ".join(site.name for site in access.sites(case.company, scope.audiences))
            return told(language, "recommend.usage", "needs_input", unknown=request.unknown, sites=sites)
        if request.decisions:
            return (
                await self._registrar.answer(case, scope) if self._registrar else told(language, "desk.not_kept", "needs_input")
            )
        kinds, site = (kind,) if kind else KINDS, _site_name(case.company, scope.site)
        new, order = (changed.changes, changed.order) if changed else (None, ())
        answer = await self._recommender.recommend(kinds, language, scope, site, new, order)
        if changed and unjudged(unbounded(case.message.text), case.company):
            answer = replace(answer, notices=(text(language, "again.unjudged"), *answer.notices))
        if self._registrar is None or scope.brought:
            return answer  # the register is the company's: what a conversation brought stays there
        return await self._registrar.enter(case.message, answer, what_if=bool(changed))


def _unlike(said: str, history: Sequence[Turn], company: CompanyConfig) -> bool:
    """Whether two values are to be compared that are of no kind, or of another facility and another time."""
    return compares_two(said) and bool(told_before(history, company).metric) and both(said, history, company) is None


def _of_one_value(parts: Sequence[str], case: Case, scope: Scope) -> bool:
    """Whether readings answer the whole at once: it asks for one value, or for one with what belongs to it (what it cost)."""
    whole = asked(case.request.text, case.company)
    if not answerable(whole, Asked(), brought=bool(scope.brought)):
        return False
    values = {asked(part, case.company).metric for part in parts} - {""}
    return len(values) < 2 or bool(whole.money or whole.peaks) or values <= {"used", "cost"}


async def _silent(_: Progress) -> None:
    """Nobody watches a part being written: what is shown only ever grows, and the parts are counted through at the end."""


def _site_name(company: CompanyConfig, site: str | None) -> str:
    found = company.site(site)
    return found.name if found else ""
