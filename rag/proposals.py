"""What only documents recommend, by kind and site: sentences in which someone proposes a measure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from config.texts import text
from rag.analyse import content_words, terms
from rag.cite import shortened
from rag.evidence import Quoted, Statement, unmarked
from rag.extract import LIST_ITEM
from rag.for_and_against import named
from rag.ingest.sentences import sentences
from rag.models import KINDS, Hit, Kind, Language, Passage, Recommendation, Scope
from rag.ports import Similarity
from rag.retrieve import Retriever
from rag.sides import PROPOSES

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
_ONE_KIND, _ALL_KINDS = 8, 4
_LANGUAGES: tuple[Language, ...] = ("es", "en")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A sentence that proposes something of a kind, verbatim in its passage."""

    sentence: str
    passage: Passage
    kind: Kind
    score: float


class Proposals:
    """Searches what a scope may see. Errors as Retriever's."""

    def __init__(self, retriever: Retriever, similarity: Similarity, sites: Mapping[str, Sequence[str]]) -> None:
        """`sites` has each site's names by its id, the one to show first."""
        self._retriever, self._similarity, self._sites = retriever, similarity, sites

    async def of(self, kinds: Sequence[Kind], scope: Scope) -> list[Proposal]:
        """The likeliest of each kind, each said once."""
        proposals: list[Proposal] = []
        for kind in kinds:
            found = await self._proposals(kind, scope)
            proposals += _distinct(_own_first(found, scope.site), proposals)[: _ONE_KIND if len(kinds) == 1 else _ALL_KINDS]
        return proposals

    async def _proposals(self, kind: Kind, scope: Scope) -> list[Proposal]:
        hits: dict[str, Hit] = {}
        for language in _LANGUAGES:
            found = await self._retriever.search(text(language, f"recommend.query.{kind}"), language, scope)
            for hit in found[:_PASSAGES]:
                hits.setdefault(hit.passage.id, hit)
        pieces = [
            (LIST_ITEM.sub("", piece, count=1), hit)
            for hit in hits.values()
            for piece in sentences(hit.passage.text)
            if is_proposal(piece) and self._is_of(scope.site, piece, hit)
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
                proposals.append(Proposal(piece, hit.passage, kind, score))
        return sorted(proposals, key=lambda proposal: -proposal.score)

    def _is_of(self, site: str | None, piece: str, hit: Hit) -> bool:
        """Whether a proposal is for the site: a document of no site in particular may be about another one here."""
        if site is None or hit.passage.document.site == site:
            return True
        told = named(self._sites, piece, hit.passage)
        return not told or site in told

    def statements(
        self,
        proposals: Sequence[Proposal],
        kinds: Sequence[Kind],
        language: Language,
        scope: Scope,
        site_name: str,
        *,
        first: int = 1,
    ) -> list[Statement]:
        """As lists, one of each kind, numbered from `first`; its site is said where several are asked about."""
        statements, numbers = list[Statement](), count(first)
        where = site_name or text(language, "recommend.everywhere")
        for kind in kinds:
            of_kind = [proposal for proposal in proposals if proposal.kind == kind]
            if of_kind:
                statements.append(Statement(text(language, f"recommend.heading.{kind}", where=where), ()))
            statements += [self._statement(next(numbers), proposal, language, scope) for proposal in of_kind]
        return statements

    def _statement(self, number: int, proposal: Proposal, language: Language, scope: Scope) -> Statement:
        passage, said = proposal.passage, unmarked(" ".join(proposal.sentence.split()))
        if passage.language != language:
            original = text(language, f"answer.language_{passage.language}")
            said = text(language, "answer.quoted", title=shortened(passage.document.title), quote_language=original, quote=said)
        site = next(iter(self._sites.get(passage.document.site or "", ())), "") if scope.site is None else ""
        prefix = f"**{site}**: " if site else ""
        return Statement(f"{prefix}{said} [1]", (Quoted(passage, proposal.sentence),), lead=f"\n- **{number}.** ")

    def recommendations(
        self, proposals: Sequence[Proposal], numbers: Mapping[tuple[str, str], int], language: Language
    ) -> tuple[Recommendation, ...]:
        """For machines, with the numbers of their citations."""
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


def is_proposal(piece: str) -> bool:
    """Whether something is proposed in it that can be understood without the sentence before."""
    proposes = PROPOSES.search(piece) or _URGES.search(piece)
    if proposes is None or len(content_words(piece)) < 5:
        return False
    return not _ELSEWHERE.search(_ASIDE.split(piece[proposes.end() :], maxsplit=1)[0])


def _own_first(proposals: list[Proposal], site: str | None) -> list[Proposal]:
    """Those of the site's own documents alone, if they propose anything: what is said to the whole company is no news there."""
    own = [one for one in proposals if one.passage.document.site == site]
    return own if site and own else proposals


def _title(sentence: str) -> str:
    first = sentence.split()
    return " ".join(first[:12]) + ("…" if len(first) > 12 else "")


def _distinct(proposals: Sequence[Proposal], earlier: Sequence[Proposal]) -> list[Proposal]:
    """Proposals that no earlier one says already: most of the shorter one's words stand in the other."""
    kept: list[Proposal] = []
    for proposal in proposals:
        own = set(terms(proposal.sentence))
        others = [set(terms(one.sentence)) for one in (*earlier, *kept)]
        if not any(len(own & other) > 0.7 * min(len(own), len(other)) for other in others):
            kept.append(proposal)
    return kept
