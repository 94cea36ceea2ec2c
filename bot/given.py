"""What a message sets: prices and the like for all that was recommended, or investment and savings of one measure of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot.again import pointed_to, within_reach
from bot.commands import asks_what_to_do
from bot.places import named_site, unnamed
from bot.pointing import ORDINALS, Pointed
from bot.records import Records
from bot.redis_calls import digest
from bot.told import Case, told
from rag.analyse import content_words, fold, words
from rag.asked import asked, asked_amount
from rag.assumptions import TAKES_BACK, Changes, FollowUp, bare, changes, follow_up, standing, sums
from rag.bounds import only_bounds, unbounded
from rag.models import Answer, Given, Scope, Turn
from rag.registered import is_computed

Key = Literal["investment", "cost_saving"]
_LONGEST, _MOST = 160, 1e10
"""Characters of a text that sets one value; EUR."""
_KEYS: dict[Key, frozenset[str]] = {
    "investment": frozenset(
        "inversion inversiones cuesta cuestan cueste cuesten costara costaran costaria costarian costase coste costes vale valen "
        "sale salen saldria importe presupuesto oferta investment cost costs costing budget quote".split()
    ),
    "cost_saving": frozenset(
        "ahorro ahorros ahorra ahorran ahorrara ahorraria ahorrarian ahorramos ahorre saving savings save saves".split()
    ),
}
_SUPPOSES = frozenset("si if suponiendo suppose".split())
_FOLLOWS = _SUPPOSES | {"y", "and"}
_FRAME = frozenset(
    "la el lo los las de del es son sera seria serian fuera fuese en a al por para nos le se que con o pero medida numero opcion "
    "propuesta cada unos unas tiene tenemos pon ponle puesto puse valor ya mejor me original normal antes favor the is are was "
    "were would be will of its it us we for what about that with measure number option proposal per an set put at to i has have "
    "only please before ano anual year".split()
)
"""Words around the value of a measure."""
_TOKEN = re.compile(r"[rR]-?\d{1,7}\b|[^\W_]+")
_YEARLY = re.compile(
    r"^\s*(?:(?:/|al|por|a|per|cada|each|every)\s*(?:el\s+)?(?:año|ano|year)|anuales|yearly|annually)\b", re.IGNORECASE
)
_OF_ELSE = re.compile(r"^\s*(?:/|por|per|al|a|each|cada)\s*(?:el\s+|un[ao]?\s+)?[^\W\d_]", re.IGNORECASE)
_OF_USE = re.compile(r"\d\s*(?:kwh|mwh|m3|m³)(?![\w/])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stated:
    """A value that is set of a measure; None takes it back. `problem` is why it cannot be set: a key under `given` in the texts.

    supposed  it is put as a supposition: then nothing else is asked
    """

    key: Key
    where: Pointed
    value: float | None = None
    problem: str = ""
    supposed: bool = False


def stated(said: str, case: Case) -> Stated | None:
    """The value of one measure that a text sets or takes back; None if it says anything else."""
    rest, site = unnamed(said, case.company), named_site(said, case.company)
    rest, found = sums(rest, case.language)
    spoken = set(words(rest))
    key = next((one for one, held in _KEYS.items() if spoken & held), None)
    if key is None or len(said) > _LONGEST or ("?" in said and not spoken & _FOLLOWS):
        return None
    supposed = bool(spoken & _SUPPOSES)
    if not found:
        back, of_use = spoken & TAKES_BACK, key == "cost_saving" and _OF_USE.search(rest) is not None
        where = _where(re.sub(r"\d[\d.,]*\s*(?:kwh|mwh|m3|m³)\S*", " ", rest, flags=re.IGNORECASE) if of_use else rest, site)
        if where is None or not (back or (of_use and (where.place or where.number))):
            return None
        return Stated(key, where, problem="" if back else "use", supposed=supposed)
    amount, start, end = found[-1]
    behind = rest[end:]
    yearly = _YEARLY.match(behind)
    several = len(found) > 1 or (not yearly and _OF_ELSE.match(behind) is not None)
    left = rest[: found[0][1]] if several else f"{rest[:start]} {behind[yearly.end() :] if yearly else behind}"
    where = _where(left, site)
    if where is None or (several and not (where.place or where.number)):
        return None
    good = not several and amount is not None and 0 <= amount <= _MOST and (amount or key == "investment")
    return Stated(key, where, amount if good else None, "" if good else "one", supposed)


def _where(said: str, site: str | None) -> Pointed | None:
    """Which measure is meant, if nothing else is said: its place or number, or what it is called; of neither all that are set."""
    place = number = count = 0
    rest = list[str]()
    for token in _TOKEN.findall(said):
        word = fold(token)
        at = ORDINALS.get(word) or (int(word) if word.isascii() and word.isdigit() and len(word) < 3 else 0)
        entry = int(word.lstrip("r-")) if re.fullmatch(r"r-?\d+", word) else 0
        if at or entry:
            place, number, count = at, entry, count + 1
        elif not (word in _FRAME or word in _FOLLOWS or word in TAKES_BACK or any(word in held for held in _KEYS.values())):
            rest.append(word)
    called = tuple(content_words(" ".join(rest)))
    if count > 1 or (count and rest) or (rest and not called):
        return None
    return Pointed(place, number, called, site, explains=True)


async def changed(case: Case, history: Sequence[Turn], scope: Scope, records: Records | None) -> FollowUp | Answer | None:
    """Values that a question sets for recommendations: those told last, or those beneath which its form stood; if it says
    nothing but a value, those of the facility that is spoken of, unless an amount was asked for: that is what it prices.

    Or an answer that says why a value cannot be set.
    """
    if case.request.name == "recommend":
        return _limited(case, history)
    if case.request.name != "ask" or asked(case.request.text, case.company).each:
        return None  # what it costs a month is asked of the readings
    if own := await _of_one(case, history, records):
        return own
    kept = await records.reviews.get(case.message.exchange) if records and case.message.exchange else None
    if kept and kept.conversation == digest(case.message.key) and (new := changes(case.request.text, case.language)):
        return FollowUp(new, kept.question)
    said = unnamed(case.request.text, case.company)
    found = follow_up(said, history, case.language)
    if found is None and only_bounds(said):
        found = follow_up(said, within_reach(history), case.language)
    if found is None and scope.site and history and not (scope.brought or asked_amount(history, case.company)):
        new = bare(case.request.text, case.language)
        return FollowUp(new, "") if new else None
    return found


def _limited(case: Case, history: Sequence[Turn]) -> FollowUp | None:
    """The limits with which recommendations are asked for; of those told last, if it says neither what for nor where."""
    request, said = case.request, case.message.text
    new = changes(said, case.language)
    if request.decisions or not new.limited:
        return None
    anew = request.kind or named_site(said, case.company) or asks_what_to_do(unbounded(said))
    return (None if anew else follow_up(said, history, case.language)) or FollowUp(new, "")


async def _of_one(case: Case, history: Sequence[Turn], records: Records | None) -> FollowUp | Answer | None:
    """What is set of one measure of a list that was told, with all that was set before; None if nothing is."""
    listed = [n for n, turn in enumerate(history) if turn.recommended]
    one = stated(case.request.text, case) if listed else None
    if one is None:
        return None
    language = case.language
    before = standing(history[: listed[-1] + 1], language) or FollowUp(Changes(), "")
    kept = await records.reviews.get(history[listed[-1]].recommended) if records else None
    told_then = kept.answer.recommendations if kept else ()
    before = replace(before, order=tuple((each.site or "", each.measure) for each in told_then))
    where = one.where
    if not (where.place or where.number or where.called):
        return _back(case, before, one) if one.value is None and not one.problem else _which(case, one)
    then = history[: listed[-1] + 1] if where.called else history  # a name, and a sum, mean those whatever was told since
    meant = await pointed_to(case, where, then, records)
    if meant is None:
        return _which(case, one)
    if meant.which is None:
        return told(language, "again.which", "needs_input", count=meant.count)
    if meant.held and not is_computed(meant.held):
        return told(language, "given.document", "needs_input", title=meant.held.title)
    if one.problem:
        return told(language, f"given.{one.problem}", "needs_input")
    which = meant.which
    new = Given(which.site, which.measure, one.key, one.value, meant.title)
    return _with(case, before, new)


def _with(case: Case, before: FollowUp, new: Given) -> FollowUp | Answer:
    others = tuple(one for one in before.changes.given if one.name != new.name)
    if new.value is None and others == before.changes.given:
        return told(case.language, "given.none", "needs_input", title=new.title)
    given = others if new.value is None else (*others, new)
    return replace(before, changes=replace(before.changes, given=given), states=new.site)


def _back(case: Case, before: FollowUp, one: Stated) -> FollowUp | Answer:
    """What was set of any measure is taken back: «quita la inversión»."""
    gone = [held for held in before.changes.given if held.key == one.key]
    if not gone:
        return told(case.language, "given.nothing", "needs_input")
    left = tuple(held for held in before.changes.given if held.key != one.key)
    return replace(before, changes=replace(before.changes, given=left), states=gone[0].site)


def _which(case: Case, one: Stated) -> Answer | None:
    """A supposition is about a measure that was not understood; anything else may be about anything."""
    return told(case.language, "given.which", "needs_input") if one.supposed else None
