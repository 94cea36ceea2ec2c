"""What documents and the law say of a measure: for it, against or limiting it, how it stands, what obliges; else nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from config.texts import keys, text
from rag import states
from rag.analyse import content_words, stems, terms, words
from rag.cite import shortened
from rag.evidence import Quoted, Statement, unmarked
from rag.extract import LIST_ITEM
from rag.headings import cells, is_row
from rag.ingest.sentences import sentences
from rag.models import Hit, Language, Passage, Scope
from rag.ports import Similarity
from rag.retrieve import Retriever
from rag.sides import FAILED, PROPOSES, WORTH_LESS, Side, side_of

_ASIDE = re.compile(r"[:;]|\b(que|porque|cuando|mientras|aunque|when|which|because|while|although)\b", re.IGNORECASE)
"""Where what is proposed ends and what is said beside it begins."""
_LEANS = re.compile(
    r"^(r: )?(est[eoa]s?|es[eoa]s?|dich[oa]s?|ell[oa]s?|as[ií]|al ser|por (eso|tanto|ello)"
    r"|this|these|those|it|they|that|before that)\b",
    re.IGNORECASE,
)
_ALL_DAY = re.compile(r"\b(todo el d[ií]a|las 24 horas|d[ií]a y noche|all day|around the clock|day and night)\b", re.IGNORECASE)
_BY_NIGHT = re.compile(r"\b(noches?|nocturn[oa]s?|nights?|night-time)\b", re.IGNORECASE)
_RULES = re.compile(r"\b(manual|procedimiento|instrucci[oó]n|pol[ií]tica|procedure|policy|rules?|instructions?)\b", re.IGNORECASE)
_LEAST, _OWN_SITE, _RULE = 0.25, 0.1, 0.1
"""How alike to its measure a sentence must be, -1 to 1; what it gains if its document is of the site, and if that is a rule."""
_LONGEST, _SHORTEST = 330, 4
"""Characters of a quote at most, words that carry meaning at least: what is longer or shorter is not read beneath a measure."""
_LANGUAGES: tuple[Language, ...] = ("es", "en")
_ORDER: tuple[Side, ...] = ("standing", "for", "con", "obliges")


@dataclass(frozen=True, slots=True)
class Topic:
    """A measure that is asked about: what it is called, how documents speak of it, the site that it is for."""

    names: Mapping[Language, str]
    phrases: tuple[str, ...]
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of a document that speaks for a measure, against it, or obliges; verbatim in its passage.

    `shown` is how a table's row is read, where the sentence is one.
    """

    side: Side
    sentence: str
    passage: Passage
    shown: str = ""

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
    held = (_terms(_proposed(sentence)), _terms(around))
    return any(all(word & place for word in phrase) for phrase in _about(about) for place in held if place)


@lru_cache(maxsize=256)
def _about(about: tuple[str, ...]) -> tuple[tuple[frozenset[str], ...], ...]:
    """The stems of each word of each phrase."""
    return tuple(tuple(frozenset(stems(word)) for word in content_words(phrase)) for phrase in about)


@lru_cache(maxsize=8192)
def _terms(piece: str) -> frozenset[str]:
    return frozenset(terms(piece))


@lru_cache(maxsize=8192)
def _pieces(passage_text: str) -> tuple[tuple[str, str], ...]:
    """The sentences of a passage that can be understood alone, and the remarks in its tables' rows, each with its row.

    Kept, since the same passages are read for one measure after another.
    """
    lines = passage_text.split("\n")
    remarks = [(cell.strip(), row) for row in lines if is_row(row) for cell in cells(row)]
    prose = "\n".join("" if is_row(line) else line for line in lines)
    said = [(LIST_ITEM.sub("", one, count=1), "") for one in sentences(prose)]
    return tuple((piece, row) for piece, row in (*said, *remarks) if _readable(piece))


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
        searches = (self._retriever.search(states.SEARCHED, "es", Scope(scope.audiences, site)) for site in sites)
        plans = await asyncio.gather(*searches)
        of_site = dict(zip(sites, plans, strict=True))
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
        with_plans = passages | {hit.passage.id: hit.passage for hit in plans}
        held = [*self._spoken(topic, passages.values()), *self._standing(topic, with_plans.values())]
        if not held:
            return ()
        read = [(one.sentence, f"{(one.passage.locator.headings or ('',))[-1]}. {one.sentence}") for one in held]
        alike = [await self._similarity.similarity(name, place) for name in names.values() for place in zip(*read, strict=True)]
        scored = [(float(max(scores)) + self._weight(one, site), one) for *scores, one in zip(*alike, held, strict=True)]
        best = _newest([(score, one) for score, one in scored if one.side == "standing"])
        for score, one in sorted(scored, key=lambda pair: -pair[0]):
            if score >= _LEAST and one.side != "standing":
                best.setdefault("con" if one.side == "limit" else one.side, one)
        return tuple(best[side] for side in _ORDER if side in best)

    def _spoken(self, topic: Topic, passages: Iterable[Passage]) -> Iterable[Said]:
        for passage in passages:
            for piece, row in _pieces(passage.text):
                side = side_of(piece, passage) or ("standing" if not row and states.tells(piece) else None)
                about = side and speaks_of(topic.phrases, piece, passage, row)
                if side in {"con", "limit"} and _proposes_after(topic.phrases, piece, passage):
                    side = "for"
                if not side or not about or _at_another_time(topic, piece):
                    continue
                if not self._is_of(topic.site, side, row or piece, passage):
                    continue
                if row and side == "limit" and FAILED.search(piece):  # an entry of a log: how far it is
                    yield Said("standing", row, passage, piece)
                else:
                    yield Said(side, _with_figures(piece, passage.text), passage)

    def _standing(self, topic: Topic, passages: Iterable[Passage]) -> Iterable[Said]:
        """The rows of plans and minutes that tell how the measure stands."""
        for passage in passages:
            for told in states.rows(passage.text):
                about = any(_holds(topic.phrases, cell) for cell in told.cells) and len(told.shown) <= _LONGEST
                if about and (told.of_several or self._is_of(topic.site, "standing", told.line, passage)):
                    yield Said("standing", told.line, passage, told.shown)

    def _is_of(self, site: str | None, side: Side, piece: str, passage: Passage) -> bool:
        """Whether it is said of the site; a rule may be said of every site, a proposal is of the one that it names."""
        told = named(self._sites, piece, passage)
        if told:
            return site in told
        own = passage.document.site
        return own == site if own else side not in {"for", "standing"} or site is None

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
    """What was told last of how a measure stands; of one date what is most like it."""
    last = max(told, key=lambda one: (states.when(one[1].sentence, one[1].passage.document.date), one[0]), default=None)
    return {"standing": last[1]} if last else {}


def _holds(about: tuple[str, ...], piece: str) -> bool:
    """Whether all words of one of these phrases stand in it."""
    held = _terms(piece)
    return any(all(word & held for word in phrase) for phrase in _about(about))


def _proposes_after(about: tuple[str, ...], piece: str, passage: Passage) -> bool:
    """Whether what came to nothing leads to this measure: «Sigue sin localizar. Se propone subdividir el sector»."""
    verb = PROPOSES.search(piece) if FAILED.search(piece) else None
    return bool(verb and speaks_of(about, piece[verb.start() :], passage))


def _with_figures(piece: str, passage_text: str) -> str:
    """A doubt of a measure's worth with the rest of its line, if that can be shown whole."""
    if not WORTH_LESS.search(piece) or (start := passage_text.find(piece)) < 0:
        return piece
    line = passage_text[start:].split("\n", 1)[0].strip()
    return line if len(line) <= _LONGEST else piece


def _readable(piece: str) -> bool:
    """Whether it can be understood alone: no question, nothing that leans on the sentence before."""
    if piece.endswith(("?", ":")) or len(piece) > _LONGEST or _LEANS.match(piece):
        return False
    return len(content_words(piece)) >= _SHORTEST
