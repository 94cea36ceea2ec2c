"""What a conversation is about when a message comes: its facility, and the question that a follow-up leans on. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.exchange import Exchange
from bot.messages import IncomingMessage
from bot.places import mentions, named_site, renamed, unnamed
from bot.told import ALL_SITES, Case, chosen_site
from rag.analyse import fold
from rag.asked_words import EVERYWHERE
from rag.models import Answer, Given, Kind, Scope, Turn
from rag.rewrite import Whole, anchor, latest, leaning, merged


@dataclass(frozen=True, slots=True)
class Subject:
    """The facility that a message is about. `stays`: what other facilities' documents say is no answer to it, as to what may be a
    follow-up in a conversation about one.

    `behind` is the question that it leans on, if it leans on one, and `whole` the two as one where only a name is another;
    `sent` is the facility that was sent with it, or earlier in the conversation and still holds.
    """

    site: str | None = None
    sent: str = ""
    stays: bool = False
    behind: str = ""
    whole: Whole | None = None


def subject(case: Case, history: Sequence[Turn]) -> Subject:
    """What a message is about, by its own words, what was sent with it, and what was spoken of before."""
    company, said = case.company, case.request.text
    how = leaning(said, history) if case.request.name == "ask" else ""
    before = next((turn.site for turn in reversed(history) if turn.role == "user"), "")
    sent = case.message.site or ("" if case.request.site else before)
    site = _site(case, history, leans=bool(how))
    stays = bool(sent) and site == sent
    if not how:
        return Subject(site, sent, stays)
    elsewhere = bool(mentions(said, company))
    behind = renamed(latest(history) if elsewhere else anchor(history), site, company)
    whole = merged(unnamed(said, company), behind, elsewhere=elsewhere)
    talked_of = bool(company.site(site)) and not case.request.site
    return Subject(site, sent, stays or talked_of or how == "wholly" or whole is not None, behind, whole)


@dataclass(frozen=True, slots=True)
class Made:
    """An answer as it was made, within `scope`: `searched` for, or of recommendations, with what their turn is to say of them."""

    answer: Answer
    scope: Scope
    searched: bool = False
    kind: Kind | None = None
    measure: str = ""
    aside: bool = False
    given: tuple[Given, ...] | None = None


def turns(message: IncomingMessage, about: Subject, made: Made, exchange: Exchange | None = None) -> tuple[Turn, Turn]:
    """A message and its answer as memory keeps them."""
    recommends = exchange is not None and bool(made.answer.recommendations) and not made.aside
    return (
        Turn("user", message.text, message.user, site=about.sent, whole=about.whole.text if about.whole else ""),
        Turn(
            "assistant",
            made.answer.text,
            message.user,
            site=_drawn_on(made),
            recommended=exchange.id if exchange and recommends else "",
            kind=made.kind or "",
            measure=made.measure,
            aside=made.aside,
            given=made.given,
        ),
    )


def _drawn_on(made: Made) -> str:
    """The facility that an answer is of: the scope's, or the one that its evidence is of, the first piece included."""
    cited = made.answer.citations if made.answer.status == "answered" else ()
    sites = {one.site for one in cited if one.site}
    if sites <= {made.scope.site}:
        return made.scope.site or ""
    return sites.pop() if len(sites) == 1 and cited[0].site else ""


def _site(case: Case, history: Sequence[Turn], *, leans: bool) -> str | None:
    """Sent, named, set or spoken of before, in this order; what is asked of the company as a whole is of none spoken of before.

    What was quoted since recommendations for one facility moves nothing: what names none stays with those.
    """
    message, company = case.message, case.company
    named = case.request.site or named_site(", ".join(sent.name for sent in message.files), company)
    if named:
        return named
    if len({one.site for one in mentions(case.request.text, company)}) > 1:
        return None
    if case.choice.site and (case.choice.site == ALL_SITES or company.site(case.choice.site)):
        return chosen_site(case)
    if EVERYWHERE.search(fold(case.request.text)):
        return chosen_site(case)
    listed = next((n for n in reversed(range(len(history))) if history[n].recommended), -1)
    last = listed if listed >= 0 and history[listed].site else len(history)
    for place, (asked, answered) in reversed(
        [(n, pair) for n, pair in enumerate(pairwise(history), 1) if pair[0].role == "user"]
    ):
        several = len({one.site for one in mentions(asked.text, company)}) > 1
        if leans and several:
            break
        told = asked.site or named_site(asked.text, company) or (answered.site if leans and place <= last else "")
        if company.site(told):
            return told
    return chosen_site(case)
