"""What documents and the law say of a measure: a sentence for it, one against or limiting it, one that obliges; else nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from config.texts import keys, text
from rag.analyse import content_words, stems, terms, words
from rag.cite import shortened
from rag.evidence import Quoted, Statement, unmarked
from rag.extract import LIST_ITEM
from rag.headings import cells, is_row
from rag.ingest.sentences import sentences
from rag.models import Language, Passage, Scope
from rag.ports import Similarity
from rag.retrieve import Retriever

Side = Literal["for", "con", "limit", "obliges"]

PROPOSES = re.compile(
    r"\b(se (recomienda|propone|aconseja|sugiere)|recomend(amos|aci[oó]n|aciones|able)|proponemos|propuesta|conviene"
    r"|convendr[ií]a|es (aconsejable|conveniente|prioritario)|aconsejamos"
    r"|(we|i)( \w+)? (recommend|propose|suggest|advise)|(is|are) (recommended|proposed|advised|suggested)|recommendations?)\b",
    re.IGNORECASE,
)
_ACCEPTS = re.compile(r"\b(se aprueba|propuso|is sound|se aprob[oó])\b", re.IGNORECASE)
AGAINST = re.compile(
    r"\bno (se )?(propone\w*|recomiend\w+|recomendamos|aconsej\w+|proponemos|convien\w+|deb\w+|licitar|lo permite\w*"
    r"|es (necesario|conveniente|recomendable|aconsejable))\b"
    r"|\b(desaconsej\w+|prohib\w+|descart(ar|a|amos)|(must|should|may|can) not|not (recommend|propos|advis)\w*"
    r"|advise against)\b",
    re.IGNORECASE,
)
_LIMITS = re.compile(
    r"\b(no (se )?pued\w+ (ser|superar|bajar|quedar|parar|reducir)\w*"
    r"|(?<!\ba )(nivel|frecuencia|velocidad|presi[oó]n|temperatura|consigna)( \w+)? m[ií]nim[oa]|no se deja|sin autorizaci[oó]n"
    r"|nunca|no antes de|margen (de seguridad|de reserva|para)|(safety|reserve) margin|margin for"
    r"|never|not before|minimum (speed|level|pressure|frequency|temperature)|keep [\w ]+ (below|above))\b",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"\b(sin ([eé]xito|resultados?|localizar)|en vano|no se (ha )?(encontr[oó]|encontrado|localiz[oó]|localizado)"
    r"|in vain|without (success|results?)|unsuccessful\w*|(was|were|been) not (found|located)|not (found|located) yet)\b",
    re.IGNORECASE,
)
"""What was tried already and came to nothing."""
_WORTH_LESS = re.compile(
    r"\b(worth less than|less than (it|they|was|is|the \w+) (says?|said|expected|assumed|promised)|menos (de lo que|que lo que)"
    r"|menos de lo (previsto|estimado|esperado|calculado)|over-?(estimat|stat)\w+|sobree?stim\w+"
    r"|(too|over|demasiado) ?optimist\w+"
    r"|(vale|ahorra|ahorrar[ií]a|rinde|rendir[ií]a) menos)\b",
    re.IGNORECASE,
)
"""What doubts a measure's worth; the rest of its paragraph tells by how much."""
_NOT_BEYOND = re.compile(
    r"\bno (se )?(propone\w*|recomiend\w+|aconsej\w+|convien\w+|deb\w+) "
    r"(bajar|subir|pasar|superar|reducir\w*) (de|a menos|a m[aá]s)\b"
    r"|\bnot (to )?(go|fall|rise|be) (below|above|under|over|beyond)\b",
    re.IGNORECASE,
)
"""What is advised against only from a value on: «no se propone bajar de 105 kW»."""
_WASTES = re.compile(
    r"\b(se (gasta|desperdicia|pierde) (m[aá]s )?(energ[ií]a|agua)|(is|still) wast\w+|of the energy|energ[ií]a de m[aá]s)\b",
    re.IGNORECASE,
)
"""What is advised against because it wastes speaks for a measure that ends it."""
_ASIDE = re.compile(r"[:;]|\b(que|porque|cuando|mientras|aunque|when|which|because|while|although)\b", re.IGNORECASE)
"""Where what is proposed ends and what is said beside it begins."""
_LAW = re.compile(
    r"\b(real decreto|r\.?d\.? ?\d|ley \d|directiva|reglamento|royal decree|directive|regulation|legal limit|l[ií]mite legal)\b",
    re.I,
)
_BINDS = re.compile(
    r"\b(deb(e|en|er[aá]n?)|oblig\w+|exige\w*|requiere\w*|l[ií]mites?|shall|must|requires?|required|limit)\b", re.IGNORECASE
)
_LEANS = re.compile(
    r"^(r: )?(est[eoa]s?|es[eoa]s?|dich[oa]s?|ell[oa]s?|as[ií]|al ser|por (eso|tanto|ello)"
    r"|this|these|those|it|they|that|before that)\b",
    re.IGNORECASE,
)
_RULES = re.compile(r"\b(manual|procedimiento|instrucci[oó]n|pol[ií]tica|procedure|policy|rules?|instructions?)\b", re.IGNORECASE)
_LEAST, _OWN_SITE, _RULE = 0.25, 0.1, 0.1
"""How alike to its measure a sentence must be, -1 to 1; what it gains if its document is of the site, and if that is a rule."""
_LONGEST, _SHORTEST = 330, 4
"""Characters of a quote at most, words that carry meaning at least: what is longer or shorter is not read beneath a measure."""
_LANGUAGES: tuple[Language, ...] = ("es", "en")
_ORDER: tuple[Side, ...] = ("for", "con", "obliges")


@dataclass(frozen=True, slots=True)
class Topic:
    """A measure that is asked about: what it is called, how documents speak of it, the site that it is for."""

    names: Mapping[Language, str]
    phrases: tuple[str, ...]
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of a document that speaks for a measure, against it, or obliges; verbatim in its passage."""

    side: Side
    sentence: str
    passage: Passage

    def quoted(self, key: str, language: Language) -> tuple[str, Quoted]:
        """What is shown, by the text `key`, with `[1]` for its evidence."""
        original = text(language, f"answer.language_{self.passage.language}") if self.passage.language != language else ""
        return text(
            language,
            key,
            title=shortened(self.passage.document.title),
            original=f" ({text(language, 'advice.said_in', language=original)})" if original else "",
            quote=unmarked(" ".join(self.sentence.split())),
        ), Quoted(self.passage, self.sentence)


def named(sites: Mapping[str, Sequence[str]], piece: str, passage: Passage) -> set[str]:
    """The sites that a sentence is about: those that it names, else those that the nearest heading with one names."""
    for said in (piece, *reversed(passage.locator.headings), passage.document.title):
        folded = f" {' '.join(words(said))} "
        if found := {one for one, names in sites.items() if any(f" {' '.join(words(name))} " in folded for name in names)}:
            return found
    return set()


def side_of(sentence: str, passage: Passage) -> Side | None:
    """Whether a sentence obliges, forbids or limits, or proposes; a heading («what not to do») speaks for what it stands over."""
    return _side(sentence, (passage.locator.headings or ("",))[-1], passage.document.title)


@lru_cache(maxsize=16384)
def _side(sentence: str, heading: str, title: str) -> Side | None:
    lawful = _LAW.search(sentence) or _LAW.match(title)
    if lawful and _BINDS.search(sentence) and not PROPOSES.search(sentence):
        return "obliges"
    if _FAILED.search(sentence):
        return "con"
    if AGAINST.search(sentence) or AGAINST.search(heading):
        return "for" if _WASTES.search(sentence) else "limit" if _NOT_BEYOND.search(sentence) else "con"
    if _LIMITS.search(sentence) or _WORTH_LESS.search(sentence):
        return "limit"
    return "for" if PROPOSES.search(sentence) or _ACCEPTS.search(sentence) else None


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
        return list(await asyncio.gather(*(self._one(topic, scope) for topic in topics)))

    async def duty(self, scope: Scope, language: Language) -> Statement | None:
        """What the law asks of the company whatever it measures: its energy audits. None where no document says so."""
        audit = Topic({one: text(one, "advice.about.audit") for one in _LANGUAGES}, phrases("audit"), scope.site)
        found = await self._one(audit, scope)
        told = [one.quoted("advice.duty", language) for one in found if one.side == "obliges"]
        return Statement(told[0][0], (told[0][1],)) if told else None

    async def _one(self, topic: Topic, scope: Scope) -> tuple[Said, ...]:
        if not topic.phrases:
            return ()
        names, site = topic.names, topic.site
        hits = await self._retriever.search(f"{names['es']} {' '.join(topic.phrases)}", "es", Scope(scope.audiences, site))
        held = list(self._spoken(topic, (hit.passage for hit in hits)))
        if not held:
            return ()
        read = [(one.sentence, f"{(one.passage.locator.headings or ('',))[-1]}. {one.sentence}") for one in held]
        alike = [await self._similarity.similarity(name, place) for name in names.values() for place in zip(*read, strict=True)]
        scored = [(float(max(scores)) + self._weight(one, site), one) for *scores, one in zip(*alike, held, strict=True)]
        best: dict[Side, Said] = {}
        for score, one in sorted(scored, key=lambda pair: -pair[0]):
            if score >= _LEAST:
                best.setdefault("con" if one.side == "limit" else one.side, one)
        return tuple(best[side] for side in _ORDER if side in best)

    def _spoken(self, topic: Topic, passages: Iterable[Passage]) -> Iterable[Said]:
        for passage in passages:
            for piece, row in _pieces(passage.text):
                side = side_of(piece, passage)
                spoken = side and speaks_of(topic.phrases, piece, passage, row)
                if side == "con" and _proposes_after(topic.phrases, piece, passage):
                    side = "for"
                if side and spoken and self._is_of(topic.site, side, row or piece, passage):
                    yield Said(side, _with_figures(piece, passage.text), passage)

    def _is_of(self, site: str | None, side: Side, piece: str, passage: Passage) -> bool:
        """Whether it is said of the site; a rule may be said of every site, a proposal is of the one that it names."""
        told = named(self._sites, piece, passage)
        if told:
            return site in told
        own = passage.document.site
        return own == site if own else side != "for" or site is None

    def _weight(self, one: Said, site: str | None) -> float:
        """A site's own documents know it best, and sentences that name it; what a manual limits stands until it is changed."""
        document = one.passage.document
        rule = one.side != "for" and _RULES.search(document.title)
        own = site is not None and (document.site == site or site in named(self._sites, one.sentence, one.passage))
        return _OWN_SITE * own + _RULE * bool(rule)


def _proposes_after(about: tuple[str, ...], piece: str, passage: Passage) -> bool:
    """Whether what came to nothing leads to this measure: «Sigue sin localizar. Se propone subdividir el sector»."""
    verb = PROPOSES.search(piece) if _FAILED.search(piece) else None
    return bool(verb and speaks_of(about, piece[verb.start() :], passage))


def _with_figures(piece: str, passage_text: str) -> str:
    """A doubt of a measure's worth with the rest of its line, if that can be shown whole."""
    if not _WORTH_LESS.search(piece) or (start := passage_text.find(piece)) < 0:
        return piece
    line = passage_text[start:].split("\n", 1)[0].strip()
    return line if len(line) <= _LONGEST else piece


def _readable(piece: str) -> bool:
    """Whether it can be understood alone: no question, nothing that leans on the sentence before."""
    if piece.endswith(("?", ":")) or len(piece) > _LONGEST or _LEANS.match(piece):
        return False
    return len(content_words(piece)) >= _SHORTEST
