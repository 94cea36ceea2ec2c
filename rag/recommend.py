"""What the documents recommend, by kind and site: sentences in which someone proposes a measure, each cited."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config.texts import text
from rag.analyse import content_words, terms, words
from rag.cite import cite, shortened
from rag.evidence import Quoted, Statement, unmarked
from rag.extract import LIST_ITEM
from rag.ingest.sentences import sentences
from rag.models import KINDS, Answer, Hit, Kind, Language, Passage, Recommendation, Scope
from rag.ports import Similarity
from rag.retrieve import Retriever

_PROPOSES = re.compile(
    r"\b(se (recomienda|propone|aconseja|sugiere)|recomend(amos|aci[oó]n|aciones|able)|proponemos|propuesta|conviene"
    r"|convendr[ií]a|es (aconsejable|conveniente|prioritario)|aconsejamos"
    r"|(we|i)( \w+)? (recommend|propose|suggest|advise)|(is|are) (recommended|proposed|advised|suggested)|recommendations?)\b",
    re.IGNORECASE,
)
_URGES = re.compile(r"\b(deber[ií]an?|should)\b", re.IGNORECASE)
"""Words of advice that as often tell what is expected («the night should come down»): a proposal of the second rank."""
_SECOND_RANK, _OWN_SITE, _PLACE = 0.15, 0.1, 2.0
"""What a proposal of the second rank loses, one from the site's own documents gains, and how much its passage's place counts."""
_LEAST = 0.05
_PASSAGES = 40
_ONE_KIND, _ALL_KINDS = 8, 4
_LANGUAGES = ("es", "en")


@dataclass(frozen=True, slots=True)
class _Proposal:
    sentence: str
    passage: Passage
    kind: Kind
    score: float


class Recommender:
    """Collects what documents recommend. Numbers from readings are not computed here: savings are null, with the reason."""

    def __init__(self, retriever: Retriever, similarity: Similarity, sites: Mapping[str, Sequence[str]]) -> None:
        """`sites` has each site's names by its id, the one to show first."""
        self._retriever = retriever
        self._similarity = similarity
        self._sites = sites

    async def recommend(self, kinds: Sequence[Kind], language: Language, scope: Scope, site_name: str) -> Answer:
        """A cited list for each kind, best first; not_found if the documents recommend nothing of it. Errors as Retriever's."""
        proposals: list[_Proposal] = []
        for kind in kinds:
            found = await self._proposals(kind, scope)
            proposals += _distinct(found, proposals)[: _ONE_KIND if len(kinds) == 1 else _ALL_KINDS]
        if not proposals:
            where = site_name or text(language, "recommend.everywhere")
            return Answer("not_found", language, text(language, "recommend.nothing", where=where))
        body, citations = cite(list(self._statements(proposals, kinds, language, scope, site_name)), language)
        return Answer("answered", language, body, citations, recommendations=self._recommendations(proposals, language))

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
            score -= 0.0 if _PROPOSES.search(piece) else _SECOND_RANK
            if likeness[kind] >= max(likeness.values()) and score >= _LEAST:
                proposals.append(_Proposal(piece, hit.passage, kind, score))
        return sorted(proposals, key=lambda proposal: -proposal.score)

    def _is_of(self, site: str | None, piece: str, hit: Hit) -> bool:
        """Whether a proposal is for the site: a document of no site in particular may name another one in this sentence."""
        if site is None or hit.passage.document.site == site:
            return True
        said = f" {' '.join(words(piece))} "
        named = {one for one, names in self._sites.items() if any(f" {' '.join(words(name))} " in said for name in names)}
        return not named or site in named

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

    def _recommendations(self, proposals: Sequence[_Proposal], language: Language) -> tuple[Recommendation, ...]:
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
            for n, proposal in enumerate(proposals, start=1)
        )


def _is_proposal(piece: str) -> bool:
    return bool(_PROPOSES.search(piece) or _URGES.search(piece)) and len(content_words(piece)) >= 5


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
