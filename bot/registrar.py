"""Who keeps the register in a conversation: enters what is proposed, puts down what is decided, tells how everything stands.

Who may see a site may see its entries, in the place where they ask, and decide on them there; of others nothing is told, not even
that they exist.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot import access
from bot.messages import IncomingMessage
from bot.redis_calls import digest
from bot.register import Register, by
from bot.register_words import Decision
from bot.told import Case, told
from config.company import CompanyConfig, SiteConfig
from config.texts import day, text
from rag.advice import CALCULATION, ReadingsOf
from rag.cite import cite
from rag.measures import model
from rag.measures.model import Calculation, NotApplicable
from rag.models import Answer, Language, Scope, Status
from rag.register_text import heading, measure_title, statement
from rag.registered import Change, Entry, Realised, Row, Standing

Saved = tuple[Realised, Calculation] | NotApplicable
MOST_SHOWN = 15
_ORDER = {"done": 0, "accepted": 1, "proposed": 2, "rejected": 3}
_EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one decision; `unreasoned` if it is a rejection that lacks its reason."""

    answer: Answer
    unreasoned: Entry | None = None


class Registrar:
    """Over the register, the readings and the day that it is."""

    def __init__(self, register: Register, readings: ReadingsOf | None = None, today: Callable[[], date] = date.today) -> None:
        """Without `readings` nothing is said of what was saved."""
        self.register, self._readings, self._today = register, readings, today

    async def enter(self, message: IncomingMessage, answer: Answer, *, what_if: bool) -> Answer:
        """Enter what an answer proposes, in the order in which it stands there, and say where it can be followed up.

        `what_if`: its numbers rest on values that the asker set, so nothing is entered; only what is there already is counted.
        """
        if what_if:
            places = [(one.site, one.measure) for one in answer.recommendations]
            held = await self.register.of(sorted({site for site, _ in places if site}))
            known = {(one.site, one.measure): one for one in held}
            entries = [known[place] for place in places if place in known]
        else:
            entries = await self.register.propose(answer.recommendations, self._today())
        if not entries:
            return answer
        await self.register.listed(message.key, entries)
        language = answer.language
        numbered = ", ".join(_numbered(one, language) for one in entries)
        told_of = f"{text(language, 'register.numbers', which=numbered)} {_how(entries, language)}"
        follow_ups = (*answer.follow_ups, text(language, "register.follow_up"))
        return replace(answer, follow_ups=follow_ups, notices=(*answer.notices, told_of))

    async def answer(self, case: Case, scope: Scope) -> Answer:
        """What was asked of the register, or decided in it: of several measures each that can be, and why the others are not."""
        asked = case.request.decisions
        if all(one.status is None for one in asked):
            return await self._status(case, scope)
        outcomes = [await self._decide(case, scope, one) for one in await self._each(case, asked)]
        if len(outcomes) == 1:
            return outcomes[0].answer
        lines = [one.answer.text for one in outcomes if one.unreasoned is None]
        if unreasoned := [one.unreasoned for one in outcomes if one.unreasoned]:
            lines.append(self._why(unreasoned, case))
        status: Status = "answered" if any(one.answer.status == "answered" for one in outcomes) else "needs_input"
        return Answer(status, case.language, "\n".join(f"- {one}" for one in lines))

    async def rows(self, company: CompanyConfig, scope: Scope, language: Language) -> list[Row]:
        """All that a scope may see, to be exported."""
        made = []
        for site in _sites(company, scope):
            entries = await self.register.of([site.id])
            saved = await self._saved(site, entries)
            for one in entries:
                outcome = saved.get(one.measure)
                realised = outcome[0] if isinstance(outcome, tuple) else None
                made.append(Row(one, site.name, measure_title(one, site, language), realised))
        return made

    async def calculation(self, company: CompanyConfig, identity: str, scope: Scope) -> tuple[SiteConfig, Calculation] | None:
        """What a measure has saved, by the calculation's id ("calculation:edar-norte/realised.idle_load")."""
        name, _, rest = identity.removeprefix(CALCULATION).partition("/")
        measure = rest.removeprefix("realised.")
        for site in _sites(company, Scope(scope.audiences, name)) if measure != rest else []:
            found = (await self._saved(site, await self.register.of([site.id]))).get(measure)
            if isinstance(found, tuple):
                return site, found[1]
        return None

    async def _status(self, case: Case, scope: Scope) -> Answer:
        language, sites = case.language, _sites(case.company, scope)
        held = await self.register.of([one.id for one in sites])
        named = case.company.site(scope.site)
        where = named.name if named and named in sites else text(language, "recommend.everywhere")
        if not held:
            return told(language, "register.empty", where=where)
        listed = sorted(held, key=lambda one: (_ORDER[one.status], -one.number))
        shown = listed[:MOST_SHOWN]
        statements = [heading(listed, where, language)]
        by_site = {one.id: one for one in sites}
        saved = {one.id: await self._saved(one, [entry for entry in held if entry.site == one.id]) for one in sites}
        for one in shown:
            statements.append(statement(one, by_site[one.site], saved[one.site].get(one.measure), language, len(sites) > 1))
        body, citations = cite(statements, language)
        more = [text(language, "register.more", count=len(listed) - len(shown))] if len(listed) > len(shown) else []
        await self.register.listed(case.message.key, shown)
        how = _how(shown, language)
        return Answer("answered", language, "\n\n".join([body, *more, how]), citations)

    async def _decide(self, case: Case, scope: Scope, asked: Decision) -> _Outcome:
        language, today = case.language, self._today()
        entry = await self._named(case, scope, asked)
        if entry is None:
            key = "register.which" if not (asked.place or asked.number) else "register.unknown"
            return _asks(language, key, which=f"R{asked.number}" if asked.number else asked.place)
        title, site = self._names(entry, case.company, language)
        if case.request.site not in {None, entry.site}:
            meant = case.company.site(case.request.site)
            return _asks(language, "register.elsewhere", id=entry.id, title=title, site=site, meant=meant.name if meant else "-")
        done_on = (asked.on or today) if asked.status == "done" else None
        if asked.bad_date or (done_on and not _EARLIEST <= done_on <= today):
            said = asked.bad_date or (day(done_on, language) if done_on else "")
            return _asks(language, "register.bad_date", said=said, id=entry.id)
        if not asked.number and _undoes(entry, asked.status, done_on):
            return _Outcome(self._confirm(entry, asked, done_on, case))
        if asked.status == "rejected" and not asked.reason:
            return _Outcome(told(language, "register.why", "needs_input", id=entry.id, title=title), entry)
        who = by(case.message.platform, case.message.tenant, case.message.user)
        once = digest("register", case.message.key, case.message.id)
        change = Change(today, asked.status or "proposed", who, asked.reason, done_on, once)
        if await self.register.decide(entry, change) is None:
            return _asks(language, "register.unknown", which=entry.id)
        when = day(done_on, language) if done_on else ""
        return _Outcome(told(language, f"register.now.{change.status}", id=entry.id, title=title, site=site, day=when))

    async def _each(self, case: Case, asked: Sequence[Decision]) -> Sequence[Decision]:
        """What is decided of all of the last list, decided of each by its place but those that are left out or named apart."""
        if not any(one.every for one in asked):
            return asked
        shown = await self.register.last_list(case.message.key)
        named = [one for one in asked if not one.every]
        apart = [other for one in asked for other in one.but] + named
        left_out = {one.number for one in apart} | {
            shown[at] for one in apart if one.place and -len(shown) <= (at := one.place - (one.place > 0)) < len(shown)
        }
        each = [
            replace(one, place=place, every=False, but=())
            for one in asked
            if one.every
            for place, number in enumerate(shown, start=1)
            if number not in left_out
        ]
        return [*each, *named] or [Decision(asked[0].status)]

    def _why(self, entries: Sequence[Entry], case: Case) -> str:
        """Why they are rejected is asked of all at once."""
        language, last = case.language, entries[-1]
        if len(entries) == 1:
            return text(language, "register.why", id=last.id, title=self._names(last, case.company, language)[0])
        named = [
            text(language, "register.titled", id=one.id, title=self._names(one, case.company, language)[0]) for one in entries
        ]
        which, ids = (
            text(language, "register.both", first=", ".join(each[:-1]), last=each[-1])
            for each in (named, [one.id for one in entries])
        )
        return text(language, "register.why_all", which=which, ids=ids)

    def _confirm(self, entry: Entry, asked: Decision, done_on: date | None, case: Case) -> Answer:
        """What is done already is not written over by its place in a list alone, which may be of another list: by its number."""
        language, (title, site) = case.language, self._names(entry, case.company, case.language)
        since = day(entry.done_on, language) if entry.done_on else "-"
        say = text(language, f"register.say.{asked.status}", id=entry.id, day=done_on or "")
        return told(language, "register.decided", "needs_input", id=entry.id, title=title, site=site, since=since, say=say)

    async def _named(self, case: Case, scope: Scope, asked: Decision) -> Entry | None:
        """The entry that is meant, if it is of a site that may be seen here."""
        number = asked.number
        if asked.place:
            shown = await self.register.last_list(case.message.key)
            at = asked.place - (asked.place > 0)
            number = shown[at] if -len(shown) <= at < len(shown) else 0
        held = await self.register.of([one.id for one in _sites(case.company, Scope(scope.audiences))])
        return next((one for one in held if one.number == number), None)

    async def _saved(self, site: SiteConfig, entries: Sequence[Entry]) -> Mapping[str, Saved]:
        """What each measure that was done has saved, by measure."""
        done = [one for one in entries if one.done_on]
        if self._readings is None or not done:
            return {}
        case = model.Case(site, await self._readings(site), self._today())
        return await asyncio.to_thread(_reckon, case, done)

    @staticmethod
    def _names(entry: Entry, company: CompanyConfig, language: Language) -> tuple[str, str]:
        site = company.site(entry.site)
        return (measure_title(entry, site, language), site.name) if site else (entry.title, entry.site)


def _asks(language: Language, key: str, **values: object) -> _Outcome:
    return _Outcome(told(language, key, "needs_input", **values))


def _undoes(entry: Entry, status: Standing | None, done_on: date | None) -> bool:
    """Whether a decision takes back what is done, or puts another day to it."""
    return entry.status == "done" and (status != "done" or done_on != entry.done_on)


def _numbered(one: Entry, language: Language) -> str:
    """Its number, and how it stands if something was decided."""
    return f"{one.id} ({text(language, f'register.standing.{one.status}')})" if one.changes else one.id


def _how(entries: Sequence[Entry], language: Language) -> str:
    """How to decide, on the first that is to be decided upon."""
    return text(language, "register.how", id=next((one for one in entries if one.status == "proposed"), entries[0]).id)


def _reckon(case: model.Case, done: Sequence[Entry]) -> dict[str, Saved]:
    from rag.realised import realised  # pandas and scipy take a second to load, and only a measure that was done needs them

    return {one.measure: realised(case, one, done) for one in done}


def _sites(company: CompanyConfig, scope: Scope) -> list[SiteConfig]:
    return [one for one in access.sites(company, scope.audiences) if scope.site in {None, one.id}]
