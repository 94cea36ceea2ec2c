"""Follow-ups to recommendations: the measure that is meant, all of them, another facility, or what is said to the register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot import access
from bot.commands import Request, kind_named, names_only
from bot.exchange import Exchange
from bot.ordering import ordering, several, unjudged, unmistakable
from bot.places import unnamed
from bot.pointing import LAST, Pointed, called, pointed
from bot.records import Records
from bot.register import Register
from bot.register_spoken import asks_standing, spoken
from bot.register_words import BECAUSE, Decision, with_reason
from bot.told import Case, told
from config.company import CompanyConfig
from config.texts import text
from rag.advice import set_values
from rag.assumptions import Changes, begins, standing
from rag.bounds import Bounds
from rag.compared import Ordering
from rag.models import KINDS, Answer, Kind, Language, Recommendation, Scope, Turn
from rag.recommend import Recommender
from rag.registered import is_computed
from rag.retold import Which, requoted

_SURVIVES = 3
"""Answers to something else between a list and what can only be asked of it."""


@dataclass(frozen=True, slots=True)
class Meant:
    """A measure that is asked about again; `which` is None if there is none at the place that was named, of `count`.

    held, kept  what was recommended, and in which exchange; None if only the register has it
    changed     values that are set by now
    title       what it is called
    carbon      what it avoids to be emitted is asked for
    """

    which: Which | None
    count: int
    held: Recommendation | None = None
    kept: Exchange | None = None
    changed: Changes = field(default_factory=Changes)
    title: str = ""
    carbon: bool = False

    @property
    def site(self) -> str | None:
        """Its facility's id."""
        return (self.which.site or None) if self.which else None

    @property
    def name(self) -> str:
        """The measure as turns keep it."""
        return f"{self.which.site}/{self.which.measure}" if self.which else ""


def request_again(request: Request, history: Sequence[Turn], company: CompanyConfig) -> Request:
    """The request; or recommendations for what it names and nothing else, after others or after it was asked what is meant:
    «¿y para la oficina?», "and water?"; or what is said to the register after a list: «acepto la 1», «¿qué hemos decidido?».
    """
    if request.name != "ask":
        return request
    said, site = spoken(request.text), None
    if not said and (said := spoken(unnamed(request.text, company))):
        site = request.site  # «acepto la 1 de la depuradora»: of no other
    if said and (all(one.number for one in said) or _looked(history)):
        return Request("recommend", site=site, decisions=said)
    if not history:
        return request
    if reasoned := _reasoned(request.text, history):
        return Request("recommend", decisions=reasoned)
    if _looked(history) and asks_standing(unnamed(request.text, company)):
        return Request("recommend", site=request.site, decisions=(Decision(),))
    last = _last(history)
    asked_back = begins(history[-1], "vague.which") or begins(history[-1], "vague.of_site")
    if not (last.recommended or asked_back) or not names_only(request.text, company):
        return request
    before = next((turn.text for turn in reversed(history) if turn.role == "user"), "") if asked_back else ""
    kind = kind_named(request.text, company) or kind_named(before, company) or _kind(last)
    return Request("recommend", kind=kind, site=request.site)


def _reasoned(said: str, history: Sequence[Turn]) -> tuple[Decision, ...]:
    """The rejections that were just asked a reason for, with it: «porque son caras»."""
    if "?" in said or len(history) < 2 or not history[-1].aside or not BECAUSE.match(said.strip()):
        return ()
    before = spoken(history[-2].text)
    return tuple(with_reason(one, said.strip()) for one in before if one.status == "rejected" and not one.reason)


def kind_told(history: Sequence[Turn], exchange: str = "") -> Kind | None:
    """The kind of what was recommended last, or in an exchange; None for all kinds."""
    there = next((turn for turn in history if exchange and turn.recommended == exchange), None)
    return _kind(there or next((turn for turn in reversed(history) if turn.recommended), _last(history)))


async def meant(case: Case, history: Sequence[Turn], records: Records | None) -> Meant | None:
    """The measure that a question asks about: of the recommendations told last, or of the register; None if about none."""
    one = pointed(case.request.text, case.company) if case.request.name == "ask" and records else None
    return await pointed_to(case, one, history, records) if one else None


async def pointed_to(case: Case, one: Pointed, history: Sequence[Turn], records: Records | None) -> Meant | None:
    """The measure that is pointed to; None if there is no list that it can be of, or none is called so."""
    if records is None:
        return None
    at, since = _told_last(history)
    looked = any(begins(turn, "register.heading") for turn in since)
    if records.register and (one.number or (one.place and looked)):
        return await _entered(case, one, records.register)
    if at < 0 or (_others(since) and not (one.explains and one.place)):
        return None
    kept = await records.reviews.get(history[at].recommended)
    listed = kept.answer.recommendations if kept else ()
    place = _place(one, listed, history[at:], case.company)
    if place is None or kept is None:
        return None
    if place < 0:
        return Meant(None, len(listed))
    set_by_now = standing(history[: at + 1], case.language)
    changed = replace(set_by_now.changes, budget=None, bounds=Bounds()) if set_by_now else Changes()
    held = listed[place]
    reckoned = sum(is_computed(each) for each in listed)
    everywhere = len({each.site for each in listed if each.site}) > 1
    which = Which(held.site or "", held.measure, place + 1, len(listed), reckoned, everywhere)
    return Meant(which, len(listed), held, kept, changed, held.title, one.carbon)


async def all_told(
    case: Case, history: Sequence[Turn], scope: Scope, recommender: Recommender, records: Records | None
) -> Answer | None:
    """What is asked of all the measures that were told last: their order, the best, what they come to; None if nothing is."""
    said, (at, since) = case.message.text, _told_last(history)
    if case.message.command != "ask" or records is None or at < 0:
        return None
    if not _others(since) and unjudged(said, case.company):
        return told(case.language, "again.unjudged", "not_found")
    places = several(said, case.company)
    asked = Ordering(together=True, named=True) if places else ordering(said, case.company)
    if asked is None or (_others(since) and not (_others(since) <= _SURVIVES and unmistakable(said, case.company))):
        return None
    if asked.by == "co2" and history[-1].measure:
        return None  # of the one that was told alone
    kept = await records.reviews.get(history[at].recommended)
    every = list(kept.answer.recommendations) if kept else []
    those = [every[place - (place > 0)] for place in places if place <= len(every)] if every else []
    listed = [(one.site or "", one.measure) for one in (those if places else every) if is_computed(one)]
    if len(listed) < len(places):
        return told(case.language, "again.which", "needs_input", count=len(every))
    sites = {site for site, _ in listed}
    only = case.company.site(next(iter(sites))) if len(sites) == 1 else None
    where = only.name if only else text(case.language, "recommend.everywhere")
    set_by_now = standing(history[: at + 1], case.language)
    changed = replace(set_by_now.changes, budget=None, bounds=Bounds()) if set_by_now else Changes()
    at_site = replace(scope, site=None if set_by_now and set_by_now.everywhere else only.id if only else None)
    kind, limited = _kind(history[at]), bool(places) or bool(set_by_now and set_by_now.changes.limited)
    of = () if limited else (kind,) if kind else KINDS
    answer = await recommender.held_against(listed, asked, case.language, at_site, where, changed, of) if listed else None
    if answer is None:
        return None
    notices = [text(case.language, "advice.changed", what=set_values(changed, case.language))] if changed else []
    if asked.brief and (others := len(every) - len(listed)):
        notices.append(text(case.language, "again.brief_others", count=others))
    return replace(answer, follow_ups=_next(0, len(answer.recommendations), case.language), notices=tuple(notices))


async def tell(case: Case, one: Meant, scope: Scope, recommender: Recommender, records: Records) -> Answer:
    """The measure alone; of what only a document proposes, the document's words."""
    language, which = case.language, one.which
    if which is None:
        return replace(told(language, "again.which", "needs_input", count=one.count), follow_ups=_next(0, one.count, language))
    if one.held and one.kept and not is_computed(one.held):
        answer = await _quoted_again(case, one.held, one.kept, which, scope, records)
    elif one.carbon:
        known, those = case.company.site(which.site), [(which.site, which.measure)]
        where = known.name if known else text(language, "recommend.everywhere")
        answer = await recommender.held_against(those, Ordering("co2", falling=True), language, scope, where, one.changed)
    else:
        answer = await recommender.again(which, language, scope, one.changed)
    if answer is None:
        return told(language, "again.gone", "needs_input")
    return replace(answer, follow_ups=_next(which.place, which.count, language))


async def _entered(case: Case, one: Pointed, register: Register) -> Meant:
    """The entry of the register with this number, or at this place of what was shown of it last, if its site may be seen."""
    seen = access.sites(case.company, access.audiences(case.company, case.message))
    shown = await register.last_list(case.message.key)
    at = shown[-1:] if one.place == LAST else shown[one.place - 1 : one.place] if one.place else [one.number]
    entry = next((held for held in await register.of([site.id for site in seen]) if [held.number] == at), None)
    return Meant(Which(entry.site, entry.measure) if entry else None, len(shown), title=entry.title if entry else "")


async def _quoted_again(
    case: Case, held: Recommendation, kept: Exchange, which: Which, scope: Scope, records: Records
) -> Answer | None:
    cited = next((each for each in kept.answer.citations if each.n in held.citations), None)
    around = await records.store.passage(cited.passage_id, Scope(scope.audiences)) if cited else []
    passage = next((each for each in around if cited and each.id == cited.passage_id), None)
    if passage is None:
        return None
    site = next((each.name for each in access.sites(case.company, scope.audiences) if each.id == held.site), "")
    where = site or text(case.language, "recommend.everywhere")
    return requoted(held, passage, which, where, case.language)


def _place(one: Pointed, listed: Sequence[Recommendation], since: Sequence[Turn], company: CompanyConfig) -> int | None:
    """The place from 0 of the measure that is pointed to; -1 if there is no such place; None if none is called so."""
    if one.called:
        return called(one, listed, company)
    places = [n for n, each in enumerate(listed) if one.site in {None, each.site}]
    if not places:
        return None
    if one.place:
        at = len(places) if one.place == LAST else one.place
        return places[at - 1] if at <= len(places) else -1
    last = next((turn.measure for turn in reversed(since) if turn.measure), "")
    return next((n for n in places if f"{listed[n].site or ''}/{listed[n].measure}" == last), places[0])


def within_reach(history: Sequence[Turn]) -> Sequence[Turn]:
    """What was said up to the list of measures that was told last, if not too much else was told since."""
    at, since = _told_last(history)
    return history[: at + 1] if _others(since) <= _SURVIVES else ()


def _told_last(history: Sequence[Turn]) -> tuple[int, list[Turn]]:
    """Where the list of measures that was told last stands, -1 if nowhere; the answers since."""
    at = next((n for n in range(len(history) - 1, -1, -1) if history[n].recommended), -1)
    return at, [turn for turn in history[at + 1 :] if turn.role == "assistant"]


def _looked(history: Sequence[Turn]) -> bool:
    """Whether a list of measures was told last, recommended or of the register: looks at one of them, and decisions, aside."""
    for turn in reversed([one for one in history if one.role == "assistant"]):
        if turn.recommended or begins(turn, "register.heading") or not turn.aside:
            return bool(turn.recommended) or begins(turn, "register.heading")
    return False


def _others(since: Sequence[Turn]) -> int:
    """How many answers since were of something else."""
    return sum(not turn.aside for turn in since)


def _last(history: Sequence[Turn]) -> Turn:
    """The last answer that was no aside."""
    return next((turn for turn in reversed(history) if turn.role == "assistant" and not turn.aside), Turn("assistant", ""))


def _kind(turn: Turn) -> Kind | None:
    return turn.kind or None


def _next(place: int, count: int, language: Language) -> tuple[str, ...]:
    """How to ask for the next measure of a list, after the first again; `place` is from 1, 0 before the first."""
    return (text(language, "again.next", place=place % count + 1),) if count > min(place, 1) else ()
