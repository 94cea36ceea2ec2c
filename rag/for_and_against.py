"""What documents and the law say of a measure: for it, against or limiting it, how it stands, what obliges; else nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from config.texts import keys, text
from rag import states
from rag.analyse import content_words, words
from rag.cite import shortened
from rag.evidence import Quoted, Statement, unmarked
from rag.headings import is_row
from rag.models import Hit, Language, Passage, Range, Scope
from rag.peaks import quarter_hour_peak
from rag.ports import Similarity
from rag.remarks import LONGEST, pieces, with_decision, with_figures
from rag.retrieve import Retriever
from rag.sides import FAILED, PROPOSES, Side, side_of
from rag.whose_row import Claim, held_terms, relation, stemmed

_ASIDE = re.compile(r"[:;]|\b(que|porque|cuando|mientras|aunque|when|which|because|while|although)\b", re.IGNORECASE)
"""Where what is proposed ends and what is said beside it begins."""
_ALL_DAY = re.compile(r"\b(todo el d[ií]a|las 24 horas|d[ií]a y noche|all day|around the clock|day and night)\b", re.IGNORECASE)
_BY_NIGHT = re.compile(r"\b(noches?|nocturn[oa]s?|nights?|night-time)\b", re.IGNORECASE)
_RULES = re.compile(r"\b(manual|procedimiento|instrucci[oó]n|pol[ií]tica|procedure|policy|rules?|instructions?)\b", re.IGNORECASE)
_LEAST, _OWN_SITE, _RULE = 0.25, 0.1, 0.1
"""How alike to its measure a sentence must be, -1 to 1; what it gains if its document is of the site, and if that is a rule."""
_LANGUAGES: tuple[Language, ...] = ("es", "en")
_ORDER: tuple[Side, ...] = ("standing", "tried", "for", "con", "peak", "allowed", "obliges")
_LATEST: frozenset[Side] = frozenset({"standing", "tried", "peak", "allowed"})
"""Of these the newest is shown, of the others the likeliest."""
_OF_ONE: frozenset[Side] = frozenset({"for", "standing", "tried", "peak", "allowed"})
"""What is of one site, which it names; a rule may be of all."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A measure that is asked about: what it is called, how documents speak of it, the site that it is for.

    `claim` has what it takes, `beside` the other measures of the site, to one of which a row may belong; `most_kw` the highest
    power that it proposes to contract, if it does.
    """

    names: Mapping[Language, str]
    phrases: tuple[str, ...]
    site: str | None = None
    investment: Range | None = None
    beside: tuple[Claim, ...] = ()
    most_kw: float | None = None

    @property
    def claim(self) -> Claim:
        """The measure as one that a plan's row may be of."""
        return Claim(self.phrases, self.investment)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of a document that speaks for a measure, against it, or obliges; verbatim in its passage.

    `shown` is how a table's row is read, where the sentence is one; `of_part`: it is of something larger that includes it.
    """

    side: Side
    sentence: str
    passage: Passage
    shown: str = ""
    of_part: bool = False

    @property
    def key(self) -> str:
        """The text that shows it."""
        return "advice.part" if self.of_part else f"advice.{self.side}"

    @property
    def when(self) -> date:
        """When it was said."""
        return states.when(self.sentence, self.passage.document.date)

    @property
    def in_table(self) -> bool:
        """Whether it is a row of a table or a remark in one: of a list or a log, for which nobody answers as for advice."""
        return any(self.sentence in line for line in self.passage.text.split("\n") if is_row(line))

    def quoted(self, key: str, language: Language) -> tuple[str, Quoted]:
        """What is shown, by the text `key`, with `[1]` for its evidence."""
        original = text(language, f"answer.language_{self.passage.language}") if self.passage.language != language else ""
        return text(
            language,
            key,
            title=shortened(self.passage.document.title),
            original=f" ({text(language, 'advice.said_in', language=original)})" if original else "",
            quote=unmarked(" ".join((self.shown or self.sentence).split())),
        ), Quoted(self.passage, self.sentence)


def named(sites: Mapping[str, Sequence[str]], piece: str, passage: Passage) -> set[str]:
    """The sites that a sentence is about: those that it names, else those that the nearest heading with one names."""
    for said in (piece, *reversed(passage.locator.headings), passage.document.title):
        if found := {one for one, names in sites.items() if any(_names(name, said) for name in names)}:
            return found
    return set()


def is_of(sites: Mapping[str, Sequence[str]], site: str | None, side: Side, piece: str, passage: Passage) -> bool:
    """Whether it is said of the site; a rule may be said of every site, a proposal is of the one that it names."""
    told = named(sites, piece, passage)
    if told:
        return site in told
    own = passage.document.site
    return own == site if own else side not in _OF_ONE or site is None


def _names(name: str, said: str) -> bool:
    """Whether it stands there, be it without its small words: «Red Valdemora» is the «Red de Valdemora»."""
    if f" {' '.join(words(name))} " in f" {' '.join(words(said))} ":
        return True
    bare = content_words(name)
    return len(bare) > 1 and f" {' '.join(bare)} " in f" {' '.join(content_words(said))} "


def speaks_of(about: tuple[str, ...], sentence: str, passage: Passage, row: str = "") -> bool:
    """Whether all words of one of these phrases stand in the sentence or in the heading above it.

    A remark in a table's row is read with that row and the title: «sin localizar» in a log of leaks.
    """
    around = f"{row} {passage.document.title}" if row else (passage.locator.headings or ("",))[-1]
    held = (held_terms(_proposed(sentence)), held_terms(around))
    return any(all(word & place for word in phrase) for phrase in stemmed(about) for place in held if place)


def _proposed(sentence: str) -> str:
    """What a sentence proposes, without what it says beside it; the whole of one that proposes nothing."""
    if (verb := PROPOSES.search(sentence)) is None:
        return sentence
    aside = _ASIDE.search(sentence, verb.end() + len(" que "))
    return sentence[: aside.start()] if aside else sentence


def phrases(measure: str) -> tuple[str, ...]:
    """How documents speak of a measure, in both languages; none for one that the texts do not know."""
    key = f"advice.about.{measure}"
    return tuple(one.strip() for language in _LANGUAGES if key in keys(language) for one in text(language, key).split(","))


class ForAndAgainst:
    """Searches the documents that a scope may see for what they say of measures. Raises as Retriever."""

    def __init__(self, retriever: Retriever, similarity: Similarity, sites: Mapping[str, Sequence[str]]) -> None:
        """`sites` has each site's names by its id."""
        self._retriever, self._similarity, self._sites = retriever, similarity, sites

    async def of(self, topics: Sequence[Topic], scope: Scope) -> list[tuple[Said, ...]]:
        """For each measure at most one sentence of each side, the likeliest."""
        sites = list(dict.fromkeys(topic.site for topic in topics))
        pairs = [(site, each) for site in sites for each in (states.SEARCHED, states.TRIALS)]
        pairs += [(topic.site, states.PEAKS) for topic in topics if topic.most_kw is not None]
        searches = (self._retriever.search(each, "es", Scope(scope.audiences, site)) for site, each in pairs)
        of_site: dict[str | None, list[Hit]] = {site: [] for site in sites}
        for (site, _), hits in zip(pairs, await asyncio.gather(*searches), strict=True):
            of_site[site] += hits
        return list(await asyncio.gather(*(self._one(topic, scope, of_site[topic.site]) for topic in topics)))

    async def duty(self, scope: Scope, language: Language) -> Statement | None:
        """What the law asks of the company whatever it measures: its energy audits. None where no document says so."""
        audit = Topic({one: text(one, "advice.about.audit") for one in _LANGUAGES}, phrases("audit"), scope.site)
        found = await self._one(audit, scope)
        told = [one.quoted("advice.duty", language) for one in found if one.side == "obliges"]
        return Statement(told[0][0], (told[0][1],)) if told else None

    async def _one(self, topic: Topic, scope: Scope, plans: Sequence[Hit] = ()) -> tuple[Said, ...]:
        if not topic.phrases:
            return ()
        names, site = topic.names, topic.site
        hits = await self._retriever.search(f"{names['es']} {' '.join(topic.phrases)}", "es", Scope(scope.audiences, site))
        passages = {hit.passage.id: hit.passage for hit in hits}
        with_plans = (passages | {hit.passage.id: hit.passage for hit in plans}).values()
        held = [*self._spoken(topic, passages.values()), *self._standing(topic, with_plans)]
        held += [*self._tried(topic, with_plans), *self._peaks(topic, with_plans)]
        if not held:
            return ()
        read = [(one.sentence, f"{(one.passage.locator.headings or ('',))[-1]}. {one.sentence}") for one in held]
        alike = [await self._similarity.similarity(name, place) for name in names.values() for place in zip(*read, strict=True)]
        scored = [(float(max(scores)) + self._weight(one, site), one) for *scores, one in zip(*alike, held, strict=True)]
        best = _newest(scored)
        for score, one in sorted(scored, key=lambda pair: -pair[0]):
            if score >= _LEAST and one.side not in _LATEST:
                best.setdefault("con" if one.side == "limit" else one.side, one)
        return tuple(best[side] for side in _ORDER if side in best)

    def _spoken(self, topic: Topic, passages: Iterable[Passage]) -> Iterable[Said]:
        for passage in passages:
            for piece, row in pieces(passage.text):
                side = side_of(piece, passage) or ("standing" if not row and states.tells(piece) else None)
                about = side and speaks_of(topic.phrases, piece, passage, row)
                if side in {"con", "limit"} and _proposes_after(topic.phrases, piece, passage):
                    side = "for"
                if not side or not about or _at_another_time(topic, piece):
                    continue
                if not is_of(self._sites, topic.site, side, row or piece, passage):
                    continue
                if row and side == "limit" and FAILED.search(piece):  # an entry of a log: how far it is
                    yield Said("standing", row, passage, piece)
                else:
                    yield Said(side, with_figures(piece, passage.text), passage)

    def _standing(self, topic: Topic, passages: Iterable[Passage]) -> Iterable[Said]:
        """The rows of plans and minutes that tell how the measure stands."""
        for passage in passages:
            for told in states.rows(passage.text, passage.language):
                how = relation(told, topic.claim, topic.beside) if len(told.shown) <= LONGEST else None
                if how and (told.of_several or is_of(self._sites, topic.site, "standing", told.line, passage)):
                    yield Said("standing", told.line, passage, told.shown, of_part=how == "part")

    def _tried(self, topic: Topic, passages: Iterable[Passage]) -> Iterable[Said]:
        """What came of a trial of the measure, with what was decided on it."""
        for passage in passages:
            for piece, row in pieces(passage.text):
                if row or not states.tried(piece) or not speaks_of(topic.phrases, piece, passage):
                    continue
                if is_of(self._sites, topic.site, "tried", piece, passage):
                    yield Said("tried", with_decision(piece, passage.text), passage)

    def _peaks(self, topic: Topic, passages: Iterable[Passage]) -> Iterable[Said]:
        """Maxima of quarter hours that the power that the measure proposes allows for, or that are higher."""
        for passage in passages if topic.most_kw is not None else ():
            for piece, _ in pieces(passage.text):
                told = quarter_hour_peak(piece, passage.language)
                if told is None or topic.most_kw is None or told < topic.most_kw:
                    continue
                if is_of(self._sites, topic.site, "peak", piece, passage):
                    yield Said("peak" if told > topic.most_kw else "allowed", piece, passage)

    def _weight(self, one: Said, site: str | None) -> float:
        """A site's own documents know it best, and sentences that name it; what a manual limits stands until it is changed."""
        document = one.passage.document
        rule = one.side != "for" and _RULES.search(document.title)
        own = site is not None and (document.site == site or site in named(self._sites, one.sentence, one.passage))
        return _OWN_SITE * own + _RULE * bool(rule)


def _at_another_time(topic: Topic, piece: str) -> bool:
    """Whether it is of a variant: done all day what the measure does at night."""
    return bool(_ALL_DAY.search(piece)) and any(_BY_NIGHT.search(name) for name in topic.names.values())


def _newest(told: Sequence[tuple[float, Said]]) -> dict[Side, Said]:
    """What was told last of how a measure stands, of its trial, of of the highest power; of one date the likeliest.

    What stood before a trial that ended in approval stands no longer, unless it was begun.
    """
    ordered = sorted(told, key=lambda one: (one[1].when, one[0]))
    last = {one.side: one for _, one in ordered if one.side in _LATEST}
    standing, tried = last.get("standing"), last.get("tried")
    if standing and tried and tried.when > standing.when and states.approved(tried.sentence):
        outrun = not states.begun(standing.shown or standing.sentence)
        return {side: one for side, one in last.items() if one is not standing or not outrun}
    return last


def _proposes_after(about: tuple[str, ...], piece: str, passage: Passage) -> bool:
    """Whether what came to nothing leads to this measure: «Sigue sin localizar. Se propone subdividir el sector»."""
    verb = PROPOSES.search(piece) if FAILED.search(piece) else None
    return bool(verb and speaks_of(about, piece[verb.start() :], passage))
