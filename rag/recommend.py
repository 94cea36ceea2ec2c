"""What the documents recommend, by kind and site: sentences in which someone proposes a measure, each cited."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from config.company import SiteConfig
from config.texts import text
from rag import explain
from rag.advice import NEW_KW, Advice, Assessed, set_values, title, titled, why
from rag.advised import Advised, Chosen, Held, fitting, held, kept_in, not_chosen, only, ranked, some, worthwhile
from rag.assumptions import Changes
from rag.cite import cite
from rag.compared import Ordering, brief, compared
from rag.evidence import Statement
from rag.for_and_against import ForAndAgainst, Topic, phrases
from rag.measures.interactions import Rejected
from rag.measures.model import Estimate
from rag.models import Answer, Kind, Language, Scope
from rag.ports import Similarity
from rag.proposals import Proposals
from rag.retold import Which, retold
from rag.retrieve import Retriever
from rag.together import carbon, total
from rag.whose_row import Claim

_SPOKEN_OF = 8
"""Measures, best first, of which documents are asked what they say for and against."""
_BESIDE = 6
"""Proposals of documents alone that are listed after measures with numbers."""
_PRICES, _ANOTHER = ("price", "water_price"), 0.1
"""Prices that may be set, and by how much another differs (EUR)."""
_LANGUAGES: tuple[Language, ...] = ("es", "en")


def _goes_by(one: Estimate, prices: Collection[str]) -> bool:
    """Whether who sets these prices would look for the measure to change: one that saves only water is not of electricity's;
    of one with money alone its kind tells.
    """
    by_kind = not (one.energy_kwh or one.water_m3)
    of_water = bool(one.water_m3) or (by_kind and one.kind == "water")
    of_power = bool(one.energy_kwh) or (by_kind and one.kind != "water")
    return (of_water and "water_price" in prices) or (of_power and "price" in prices)


def _left_out(every: Sequence[Chosen], proposed: int, language: Language) -> list[str]:
    """What cannot be held against a sum: measures without a known investment, and what only documents propose."""
    names = [title(one, site, language) for site, one in every if one.investment_eur is None]
    told = [text(language, "advice.unpriced", names="; ".join(dict.fromkeys(names)))] if names else []
    return told + ([text(language, "advice.unreckoned", count=proposed)] if proposed else [])


class Recommender:
    """What the readings show that a site could do, each with what documents say of it; then what only documents recommend."""

    def __init__(
        self, retriever: Retriever, similarity: Similarity, sites: Mapping[str, Sequence[str]], advice: Advice | None = None
    ) -> None:
        """`sites` has each site's names by its id, the one to show first. Without `advice` nothing is reckoned."""
        self._advice, self._proposals = advice, Proposals(retriever, similarity, sites)
        self._spoken = ForAndAgainst(retriever, similarity, sites)

    async def recommend(
        self,
        kinds: Sequence[Kind],
        language: Language,
        scope: Scope,
        site_name: str,
        changed: Changes | None = None,
        order: Sequence[tuple[str, str]] = (),
    ) -> Answer:
        """Cited lists, best first; not_found if neither readings nor documents recommend anything of it. Errors as Retriever's.

        `changed` has values that the asker set, by quantity; with a budget, EUR, only what is worth most within it is proposed.
        `order` has (site, measure) of a list that was told, whose order is kept.
        """
        changed = changed or Changes()
        assessed = await self._advice.assessed(scope, changed.assumed) if self._advice else []
        changed = titled(changed, assessed, language)
        fit, chosen, advised, against = await self._chosen(assessed, kinds, scope, language, changed, order)
        every = worthwhile(assessed, kinds)
        brought = scope.brought[-1].site.name if scope.brought else ""
        proposals = [] if brought and chosen else await self._proposals.of(kinds, scope)
        if brought:  # of a facility that no document knows: what others are told to do is no advice to it
            proposals = [one for one in proposals if not one.passage.document.site]
        left = [one for one in proposals if one.sentence not in advised.used]
        limits = _left_out(every, len(left), language) if changed.limited and every else []
        if changed.limited and every:
            left = []
        where = site_name or text(language, "recommend.everywhere")
        if not (chosen or against) and every and changed.limited:
            none = text(language, "advice.none_within", where=where, what=set_values(changed, language))
            return Answer("not_found", language, " ".join((none, *limits)))
        if not (advised.statements or against or left):
            none = (
                text(language, "brought.nothing", name=brought) if brought else text(language, "recommend.nothing", where=where)
            )
            return Answer("not_found", language, none)
        statements = self._numbers(advised, only(assessed, chosen), fit, language, brought or site_name, ordered=bool(order))
        statements += [not_chosen(one, language) for one in against]
        if statements and (duty := await self._spoken.duty(scope, language)):
            statements.append(duty)
        if statements and left:
            statements.append(Statement(text(language, "advice.documents"), ()))
            left = left[:_BESIDE]
        statements += self._proposals.statements(left, kinds, language, scope, site_name, first=len(advised.statements) + 1)
        body, citations = cite(statements, language)
        numbers = {(one.passage_id, one.quote): one.n for one in citations}
        recommendations = (*advised.recommendations(numbers, language), *self._proposals.recommendations(left, numbers, language))
        key = "advice.changed" if changed.values or changed.given else "advice.chosen"
        told = [text(language, key, what=set_values(changed, language))] if changed else []
        told += limits
        if fixed := await self._unmoved(chosen, scope, changed):
            names = (title(one, site, language) for site, one in fixed)
            told.append(text(language, "advice.own_figures", names="; ".join(dict.fromkeys(names))))
        used = {f"{each.site.id}/{one.measure}.{key}" for each in assessed for one in each.estimates for key in one.given}
        if idle := [one.title for one in changed.given if one.name not in used]:
            told.append(text(language, "advice.given_idle", names="; ".join(dict.fromkeys(idle))))
        told += [text(language, "brought.general", name=brought)] if brought and not chosen else []
        wrong = explain.wrong_with((one for site in assessed for one in site.readings.values()), language)
        told += wrong if chosen or brought else []
        return Answer("answered", language, body, citations, recommendations=recommendations, notices=tuple(told))

    async def _chosen(
        self,
        assessed: Sequence[Assessed],
        kinds: Sequence[Kind],
        scope: Scope,
        language: Language,
        changed: Changes,
        order: Sequence[tuple[str, str]],
    ) -> tuple[list[Chosen], list[Chosen], Advised, list[Held]]:
        """What fits, what of it is told, with what documents say; and what a budget would have gone to but for a document."""
        rejected, against = Rejected(), list[Held]()
        while True:
            fit = fitting(assessed, kinds, changed, rejected)
            chosen = kept_in(ranked(fit, len(assessed)), order)
            advised = await self._advised(chosen, assessed, scope, language, of_many=len(assessed) > 1)
            if changed.budget is None or not advised.rejected:
                return fit, chosen, advised, against
            against += [one for one in advised.held if one.against]
            rejected |= advised.rejected

    async def again(self, which: Which, language: Language, scope: Scope, changed: Changes) -> Answer | None:
        """One measure alone, with its working; None if it does not come out (any more). Errors as Retriever's."""
        seen = scope if scope.brought else Scope(scope.audiences, which.site)
        for one in await self._advice.assessed(seen, changed.assumed) if self._advice else ():
            for estimate in one.estimates:
                if (one.site.id, estimate.measure) == (which.site, which.measure):
                    advised = await self._advised([(one.site, estimate)], [one], scope, language, of_many=which.everywhere)
                    return retold(advised.held[0], which, language, changed)
        return None

    async def held_against(
        self,
        listed: Sequence[tuple[str, str]],
        asked: Ordering,
        language: Language,
        scope: Scope,
        where: str,
        changed: Changes,
        of: Sequence[Kind] = (),
    ) -> Answer | None:
        """Measures that were told, by (site, measure), as they come out now: in another order, or together; None if none does.

        They were told of all that are `of` these kinds, if any, at the scope's site or everywhere: an order is of all of those.
        """
        assessed = (
            await self._advice.assessed(Scope(scope.audiences, None, scope.brought), changed.assumed) if self._advice else []
        )
        chosen = [(one.site, held) for one in assessed for held in one.estimates if (one.site.id, held.measure) in listed]
        chosen.sort(key=lambda pair: listed.index((pair[0].id, pair[1].measure)))
        seen = [one for one in assessed if scope.site in {None, one.site.id}]
        every = worthwhile(seen, of) if of else chosen
        all_of = asked.together or asked.brief or asked.by == "co2"
        if not all_of:
            chosen = [*chosen, *(one for one in every if one not in chosen)]
        most = len(chosen) if all_of else _SPOKEN_OF  # a sum leaves out what a document speaks against
        advised = await self._advised(chosen, assessed, scope, language, asked_of=most)
        kept = [one for one in only(assessed, chosen) if one.estimates]
        if not (asked.together or asked.brief):
            emitted = carbon(kept, language, advised.rejected, len(every)) if asked.by == "co2" else None
            return compared(advised.held, asked, where, language, emitted) if advised.held else None
        added = total(kept, language, advised.rejected, named=asked.named, every=0 if asked.named else len(every))
        if asked.brief:
            return brief(advised.held, added, where, language) if advised.held else None
        if added is None:
            return None
        names = "; ".join(title(one, site, language) for site, one in chosen)
        lead = [Statement(text(language, "again.added", names=names), ())] if asked.named else []
        body, citations = cite([*lead, added], language)
        return Answer("answered", language, body, citations)

    async def _unmoved(self, chosen: Sequence[Chosen], scope: Scope, changed: Changes) -> list[Chosen]:
        """What would be expected to go by a price that the asker set and does not: at any other it saves as much money."""
        others = {name: changed.values[name] + _ANOTHER for name in _PRICES if name in changed.values}
        if not others or self._advice is None:
            return []
        assessed = await self._advice.assessed(scope, {**changed.assumed, **others})
        costs = {(each.site.id, one.measure): one.cost_eur for each in assessed for one in each.estimates}
        asked = [(site, one) for site, one in chosen if one.cost_eur and not one.given and _goes_by(one, others.keys())]
        return [(site, one) for site, one in asked if costs.get((site.id, one.measure)) == one.cost_eur]

    async def _advised(
        self,
        chosen: Sequence[Chosen],
        assessed: Sequence[Assessed],
        scope: Scope,
        language: Language,
        *,
        of_many: bool = False,
        asked_of: int = _SPOKEN_OF,
    ) -> Advised:
        """A statement for each measure; with the first of them, what documents say for and against.

        `of_many`: chosen of several facilities' measures, so that each names its own.
        A row of a plan may be of any measure of the site, be it asked for or not; what the asker takes it to cost does not tell.
        """
        if self._advice and any(one.given for _, one in chosen):
            assessed = await self._advice.assessed(Scope(scope.audiences, None, scope.brought))
        claims = {
            (each.site.id, one.measure): Claim(about(one, each.site), one.investment_eur)
            for each in assessed
            for one in each.estimates
        }
        first = [
            Topic(
                {each: f"{title(one, site, each)}. {why(one, site, each)}" for each in _LANGUAGES},
                about(one, site),
                scope.site if scope.brought else site.id,
                claims[site.id, one.measure].investment if (site.id, one.measure) in claims else None,
                tuple(claim for (where, _), claim in claims.items() if where == site.id),
                _most_kw(one),
            )
            for site, one in chosen[:asked_of]
        ]
        spoken = await self._spoken.of(first, scope)
        spoken += [()] * (len(chosen) - len(spoken))
        located = of_many or len({site.id for site, _ in chosen}) > 1
        told = zip(chosen, spoken, strict=True)
        return Advised(tuple(held(site, one, language, said, located=located) for (site, one), said in told))

    def _numbers(
        self,
        advised: Advised,
        added_up: Sequence[Assessed],
        fit: Sequence[Chosen],
        language: Language,
        site_name: str,
        *,
        ordered: bool,
    ) -> list[Statement]:
        """Those told, under what they are of all that `fit`; then what they come to."""
        if not advised.statements:
            return []
        where = site_name or text(language, "recommend.everywhere")
        listed = (replace(one, lead=f"\n- **{n}.** ") for n, one in enumerate(advised.statements, start=1))
        heading = "advice.heading_same_order" if ordered else "advice.heading"
        statements = [Statement(text(language, heading, site=where), ()), *some(advised.held, fit, language), *listed]
        added = total(added_up, language, advised.rejected, every=len(fit))
        return [*statements, added] if added else statements


def _most_kw(one: Estimate) -> float | None:
    """The highest power that a measure proposes to contract; None if it proposes none."""
    held = (each for made in one.calculations for each in (*made.inputs, *made.results))
    return max((each.value for each in held if each.key.startswith(NEW_KW)), default=None)


def about(one: Estimate, site: SiteConfig) -> tuple[str, ...]:
    """How documents speak of a measure: as its proposal says, or as the texts know."""
    proposal = next((held for held in site.proposals if held.id == one.measure), None)
    return proposal.about if proposal else phrases(one.measure)
