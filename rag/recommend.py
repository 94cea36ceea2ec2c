"""What the documents recommend, by kind and site: sentences in which someone proposes a measure, each cited."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from config.company import SiteConfig
from config.texts import text
from rag import explain
from rag.advice import Advice, Assessed, set_values, title, total, why
from rag.advised import Advised, Chosen, held, only, ranked
from rag.analyse import content_words, terms
from rag.assumptions import Changes
from rag.cite import cite, shortened
from rag.evidence import Quoted, Statement, unmarked
from rag.extract import LIST_ITEM
from rag.for_and_against import PROPOSES, ForAndAgainst, Topic, named, phrases
from rag.ingest.sentences import sentences
from rag.measures.model import Estimate
from rag.models import KINDS, Answer, Hit, Kind, Language, Passage, Recommendation, Scope
from rag.ports import Similarity
from rag.retold import Which, retold
from rag.retrieve import Retriever

_URGES = re.compile(r"\b(deber[ií]an?|should)\b", re.IGNORECASE)
"""Words of advice that as often tell what is expected («the night should come down»): a proposal of the second rank."""
_ELSEWHERE = re.compile(
    r"\b(it|them|this|these|those|that one|ello|eso|esto)\b|\w[aei]r(lo|la|los|las)\b|[aei]r (la|el|los|las) de\b", re.IGNORECASE
)
"""What is proposed stands in a sentence before: «hacerlo en invierno», "asking for it"."""
_OF_WATER = re.compile(
    r"\b(aguas?|fugas?|riego|enjuag\w+|sector(es|iz\w+)?|contador(es)?|presi[oó]n|caudal\w*|cisternas?|grif\w+|m3|m³"
    r"|water|leak\w*|irrigat\w+|rins\w+|districts?|meter(s|ed|ing)?|pressure|flow|flush\w*|taps?|mains)\b",
    re.IGNORECASE,
)
"""A proposal to save water speaks of it: by likeness alone gas sensors came close where little is said of water."""
_ASIDE = re.compile(r"[:;]")
_SECOND_RANK, _OWN_SITE, _PLACE = 0.15, 0.1, 2.0
"""What a proposal of the second rank loses, one from the site's own documents gains, and how much its passage's place counts."""
_LEAST = 0.05
_PASSAGES = 40
_SPOKEN_OF = 8
"""Measures, best first, of which documents are asked what they say for and against."""
_BESIDE = 6
"""Proposals of documents alone that are listed after measures with numbers."""
_ONE_KIND, _ALL_KINDS = 8, 4
_PRICES, _ANOTHER = ("price", "water_price"), 0.1
"""Prices that may be set, and by how much another differs (EUR)."""
_LANGUAGES: tuple[Language, ...] = ("es", "en")


def _goes_by(one: Estimate, prices: Collection[str]) -> bool:
    """Whether who sets these prices would look for the measure to change: one that saves only water is not of electricity's."""
    of_water = ("water_price",) if one.water_m3 else ()
    of_power = () if one.water_m3 and not one.energy_kwh else ("price",)
    return any(name in prices for name in (*of_water, *of_power))


@dataclass(frozen=True, slots=True)
class _Proposal:
    sentence: str
    passage: Passage
    kind: Kind
    score: float


class Recommender:
    """What the readings show that a site could do, each with what documents say of it; then what only documents recommend."""

    def __init__(
        self, retriever: Retriever, similarity: Similarity, sites: Mapping[str, Sequence[str]], advice: Advice | None = None
    ) -> None:
        """`sites` has each site's names by its id, the one to show first. Without `advice` nothing is reckoned."""
        self._retriever = retriever
        self._similarity = similarity
        self._sites = sites
        self._advice = advice
        self._spoken = ForAndAgainst(retriever, similarity, sites)

    async def recommend(
        self,
        kinds: Sequence[Kind],
        language: Language,
        scope: Scope,
        site_name: str,
        changed: Changes | None = None,
    ) -> Answer:
        """Cited lists, best first; not_found if neither readings nor documents recommend anything of it. Errors as Retriever's.

        `changed` has values that the asker set, by quantity; with a budget, EUR, only what is worth most within it is proposed.
        """
        changed = changed or Changes()
        assessed = await self._advice.assessed(scope, changed.values) if self._advice else []
        chosen = ranked(assessed, kinds, changed.budget)
        brought = scope.brought[-1].site.name if scope.brought else ""
        proposals = [] if brought and chosen else await self._of_documents(kinds, scope)
        advised = await self._advised(chosen, scope, language)
        left = [one for one in proposals if one.sentence not in advised.used]
        if not advised.statements and not left:
            where = site_name or text(language, "recommend.everywhere")
            return Answer("not_found", language, text(language, "recommend.nothing", where=where))
        statements = self._numbers(advised, only(assessed, chosen), language, brought or site_name)
        if statements and (duty := await self._spoken.duty(scope, language)):
            statements.append(duty)
        if statements and left:
            statements.append(Statement(text(language, "advice.documents"), ()))
            left = left[:_BESIDE]
        statements += self._statements(left, kinds, language, scope, site_name)
        body, citations = cite(statements, language)
        numbers = {(one.passage_id, one.quote): one.n for one in citations}
        recommendations = (*advised.recommendations(numbers, language), *self._recommendations(left, numbers, language))
        told = [text(language, "advice.changed", what=set_values(changed, language))] if changed else []
        if fixed := await self._unmoved(chosen, scope, changed):
            names = (title(one, site, language) for site, one in fixed)
            told.append(text(language, "advice.own_figures", names="; ".join(dict.fromkeys(names))))
        told += [text(language, "brought.nothing", name=brought)] if brought and not chosen else []
        wrong = explain.wrong_with((one for site in assessed for one in site.readings.values()), language)
        told += wrong if chosen or brought else []
        return Answer("answered", language, body, citations, recommendations=recommendations, notices=tuple(told))

    async def again(self, which: Which, language: Language, scope: Scope, changed: Changes) -> Answer | None:
        """One measure alone, with its working; None if it does not come out (any more). Errors as Retriever's."""
        seen = scope if scope.brought else Scope(scope.audiences, which.site)
        for one in await self._advice.assessed(seen, changed.values) if self._advice else ():
            for estimate in one.estimates:
                if (one.site.id, estimate.measure) == (which.site, which.measure):
                    advised = await self._advised([(one.site, estimate)], scope, language)
                    return retold(advised.held[0], which, language, changed)
        return None

    async def _unmoved(self, chosen: Sequence[Chosen], scope: Scope, changed: Changes) -> list[Chosen]:
        """What would be expected to go by a price that the asker set and does not: at any other it saves as much money."""
        others = {name: changed.values[name] + _ANOTHER for name in _PRICES if name in changed.values}
        if not others or self._advice is None:
            return []
        assessed = await self._advice.assessed(scope, {**changed.values, **others})
        costs = {(each.site.id, one.measure): one.cost_eur for each in assessed for one in each.estimates}
        asked = [(site, one) for site, one in chosen if one.cost_eur and _goes_by(one, others.keys())]
        return [(site, one) for site, one in asked if costs.get((site.id, one.measure)) == one.cost_eur]

    async def _advised(self, chosen: Sequence[Chosen], scope: Scope, language: Language) -> Advised:
        """A statement for each measure; with the first of them, what documents say for and against."""
        first = [
            Topic(
                {each: f"{title(one, site, each)}. {why(one, site, each)}" for each in _LANGUAGES},
                about(one, site),
                scope.site if scope.brought else site.id,
            )
            for site, one in chosen[:_SPOKEN_OF]
        ]
        spoken = await self._spoken.of(first, scope)
        spoken += [()] * (len(chosen) - len(spoken))
        located = len({site.id for site, _ in chosen}) > 1
        told = zip(chosen, spoken, strict=True)
        return Advised(tuple(held(site, one, language, said, located=located) for (site, one), said in told))

    def _numbers(self, advised: Advised, added_up: Sequence[Assessed], language: Language, site_name: str) -> list[Statement]:
        if not advised.statements:
            return []
        where = site_name or text(language, "recommend.everywhere")
        statements = [Statement(text(language, "advice.heading", site=where), ()), *advised.statements]
        added = total(added_up, language, advised.rejected)
        return [*statements, added] if added else statements

    async def _of_documents(self, kinds: Sequence[Kind], scope: Scope) -> list[_Proposal]:
        proposals: list[_Proposal] = []
        for kind in kinds:
            found = await self._proposals(kind, scope)
            proposals += _distinct(_own_first(found, scope.site), proposals)[: _ONE_KIND if len(kinds) == 1 else _ALL_KINDS]
        return proposals

    async def _proposals(self, kind: Kind, scope: Scope) -> list[_Proposal]:
        hits: dict[str, Hit] = {}
        for language in _LANGUAGES:
            found = await self._retriever.search(text(language, f"recommend.query.{kind}"), language, scope)
            for hit in found[:_PASSAGES]:
                hits.setdefault(hit.passage.id, hit)
        pieces = [
            (LIST_ITEM.sub("", piece, count=1), hit)
            for hit in hits.values()
            for piece in sentences(hit.passage.text)
            if _is_proposal(piece) and self._is_of(scope.site, piece, hit)
        ]
        if not pieces:
            return []
        alike = {
            (one, language): await self._similarity.similarity(text(language, f"recommend.query.{one}"), [p for p, _ in pieces])
            for one in KINDS
            for language in _LANGUAGES
        }
        top, proposals = max(hit.score for hit in hits.values()), []
        for place, (piece, hit) in enumerate(pieces):
            likeness = {one: float(max(alike[one, language][place] for language in _LANGUAGES)) for one in KINDS}
            score = likeness[kind] + _PLACE * (hit.score - top)
            score += _OWN_SITE * (scope.site is not None and hit.passage.document.site == scope.site)
            score -= 0.0 if PROPOSES.search(piece) else _SECOND_RANK
            of_kind = kind != "water" or _OF_WATER.search(piece)
            if of_kind and likeness[kind] >= max(likeness.values()) and score >= _LEAST:
                proposals.append(_Proposal(piece, hit.passage, kind, score))
        return sorted(proposals, key=lambda proposal: -proposal.score)

    def _is_of(self, site: str | None, piece: str, hit: Hit) -> bool:
        """Whether a proposal is for the site: a document of no site in particular may be about another one here."""
        if site is None or hit.passage.document.site == site:
            return True
        told = named(self._sites, piece, hit.passage)
        return not told or site in told

    def _statements(
        self, proposals: Sequence[_Proposal], kinds: Sequence[Kind], language: Language, scope: Scope, site_name: str
    ) -> list[Statement]:
        statements = []
        where = site_name or text(language, "recommend.everywhere")
        for kind in kinds:
            of_kind = [proposal for proposal in proposals if proposal.kind == kind]
            if of_kind:
                statements.append(Statement(text(language, f"recommend.heading.{kind}", where=where), ()))
            statements += [self._statement(proposal, language, scope) for proposal in of_kind]
        return statements

    def _statement(self, proposal: _Proposal, language: Language, scope: Scope) -> Statement:
        passage, said = proposal.passage, unmarked(" ".join(proposal.sentence.split()))
        if passage.language != language:
            original = text(language, f"answer.language_{passage.language}")
            said = text(language, "answer.quoted", title=shortened(passage.document.title), quote_language=original, quote=said)
        site = next(iter(self._sites.get(passage.document.site or "", ())), "") if scope.site is None else ""
        prefix = f"**{site}**: " if site else ""
        return Statement(f"{prefix}{said} [1]", (Quoted(passage, proposal.sentence),), lead="\n- ")

    def _recommendations(
        self, proposals: Sequence[_Proposal], numbers: Mapping[tuple[str, str], int], language: Language
    ) -> tuple[Recommendation, ...]:
        cited = [(numbers.get((one.passage.id, one.sentence)), one) for one in proposals]
        return tuple(
            Recommendation(
                measure="-".join(content_words(proposal.sentence)[:6]),
                title=_title(proposal.sentence),
                kind=proposal.kind,
                why=proposal.sentence,
                citations=(n,),
                basis="document",
                confidence="medium" if proposal.passage.document.date else "low",
                site=proposal.passage.document.site,
                missing=text(language, "recommend.missing"),
                next_step=text(language, "recommend.next_step"),
            )
            for n, proposal in cited
            if n is not None
        )


def about(one: Estimate, site: SiteConfig) -> tuple[str, ...]:
    """How documents speak of a measure: as its proposal says, or as the texts know."""
    proposal = next((held for held in site.proposals if held.id == one.measure), None)
    return proposal.about if proposal else phrases(one.measure)


def _is_proposal(piece: str) -> bool:
    """Whether something is proposed in it that can be understood without the sentence before."""
    proposes = PROPOSES.search(piece) or _URGES.search(piece)
    if proposes is None or len(content_words(piece)) < 5:
        return False
    return not _ELSEWHERE.search(_ASIDE.split(piece[proposes.end() :], maxsplit=1)[0])


def _own_first(proposals: list[_Proposal], site: str | None) -> list[_Proposal]:
    """Those of the site's own documents alone, if they propose anything: what is said to the whole company is no news there."""
    own = [one for one in proposals if one.passage.document.site == site]
    return own if site and own else proposals


def _title(sentence: str) -> str:
    first = sentence.split()
    return " ".join(first[:12]) + ("…" if len(first) > 12 else "")


def _distinct(proposals: Sequence[_Proposal], earlier: Sequence[_Proposal]) -> list[_Proposal]:
    """Proposals that no earlier one says already: most of the shorter one's words stand in the other."""
    kept: list[_Proposal] = []
    for proposal in proposals:
        own = set(terms(proposal.sentence))
        others = [set(terms(one.sentence)) for one in (*earlier, *kept)]
        if not any(len(own & other) > 0.7 * min(len(own), len(other)) for other in others):
            kept.append(proposal)
    return kept
