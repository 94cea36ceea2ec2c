"""Answers without a language model: the spans of the best passages that answer, verbatim, each with its passage."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import isfinite

from rag.analyse import content_words, stems, terms
from rag.facility import ANY, Facility
from rag.ground import Read, rarity
from rag.headings import cells, is_row
from rag.ingest.dates import parse_date
from rag.metadata import asks_for_metadata, is_control, is_metadata
from rag.models import Hit
from rag.needs import Wanted, met
from rag.orders import ORDER, before_orders
from rag.permission import Rule
from rag.replaced import replaced, said_now
from rag.retrieve import Retrieved
from rag.slices import cut, questions, unanswered
from rag.sorts import CAUSE, TIME, Sort, asked_for, forbids, gives
from rag.table_rows import labelled, lacking, named

SPANS = 3
"""Spans in an answer at most: more is a search result, not an answer."""

_NEIGHBOUR, _WORDS, _TRANSLATED, _RANK, _THIN, _LACKING = 0.5, 0.2, 0.1, 6.0, 0.2, 0.4
"""Weights, beside 1 for a sentence's cosine: its better neighbour's cosine, for what is asked and what answers often stand side
by side; its share of the question's words; what stands for that share in another language; its passage's distance to the best;
what a sentence of hardly any words loses; and a table's row without what tells the row apart that is asked for. What the sort of
answer that is asked for adds stands in rag/sorts.py."""
_REPEALED, _FIRST, _OTHER_YEAR, _YEARS = 0.3, 0.01, 0.15, 0.08
"""What a span of a document loses that a newer one replaces, and what the newer one's is ahead of all; and what is lost where
nothing of a passage is of the year asked for, or a sentence tells others only."""
_NEAR = 0.3
"""A further span is worth saying if its score is within this of the best."""
_CONTINUES = 0.4
"""A neighbouring sentence joins the span if its score is at least this share of the best one's."""
_ROWS = 3
"""Rows of a table in a span at most."""
_SPAN_LENGTH, _READABLE, _WARNED = 600, 420, 900
"""Characters of a span at most: with what it cannot be understood without, with neighbours, and with a warning behind it."""
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
LIST_ITEM = re.compile(r"^\s*([-•*·]|\(?[a-z]{1,2}\)|\d{1,2}[.)º](?!\d)|[ivx]+\))\s*", re.IGNORECASE)
_LEANS = re.compile(
    r"^(est[eoa]s?|es[eoa]s?|dich[oa]s?|ell[oa]s?|también|además|no obstante|this|these|those|it|they|also|however"
    r"|las? causas?|el motivo|la razón|por (eso|ello|este motivo|esta razón)|porque|the (cause|reason)|that is why|because)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Span:
    """A verbatim slice of a passage's text, with the score it was chosen for."""

    text: str
    hit: Hit
    score: float
    header: str = ""
    tells_cause: bool = False
    """Whether a cause is asked for and told: no figure tells one."""
    core: str = ""
    """The sentence that it was chosen for."""

    @property
    def plain(self) -> str:
        """For reading: a table's row with its headings, behind the title over it, which may say what its numbers are; a list item
        without its marker, an answer behind its question above.
        """
        if self.header:
            passage = self.hit.passage
            over = (one for one in passage.locator.headings[-1:] if not (one == passage.document.title or ORDER.search(one)))
            rows = "\n".join(labelled(row, self.header) for row in self.text.split("\n"))
            return " — ".join([*(LIST_ITEM.sub("", one, count=1) for one in over), rows])
        said = self.text if "\n" in self.text else LIST_ITEM.sub("", self.text, count=1)
        over = (one for one in self.hit.passage.locator.headings[-1:] if one.endswith("?") and not ORDER.search(one))
        return " ".join([*over, said])


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a question asks: its language, its words with their weights, what sort of answer it wants, whether it asks who made a
    document or when, and what the facility that it is about is called."""

    language: str
    words: dict[str, float]
    sorts: tuple[Sort, ...]
    of_document: bool
    question: str
    places: tuple[str, ...] = ()

    def sort_of(self, sentence: str) -> float:
        """What it adds to a sentence's score that it gives the sort of answer that is asked for."""
        return sum(sort.worth for sort in self.sorts if gives(sort, sentence))


def extract(
    question: str, language: str, retrieved: Retrieved, facility: Facility = ANY, needs: Sequence[Wanted] = ()
) -> list[Span]:
    """The spans that answer a question of this language best, best first, at most one of a passage.

    Empty if nothing was found that says anything and meets its `needs`, or only of other facilities than the question is about.
    """
    weights = rarity(content_words(question), retrieved.hits)
    asked = _Asked(language, weights, asked_for(question), asks_for_metadata(question), question, facility.names)
    spans = []
    for read in map(before_orders, retrieved.reads):
        alike = _alike(read, asked)
        able = [place for place, one in enumerate(alike) if isfinite(one) and _meets(read, place, needs)]
        if able:
            scores = [_about(read.sentences, alike, place) + asked.sort_of(one) for place, one in enumerate(read.sentences)]
            best = max(able, key=scores.__getitem__)
            table = is_row(read.sentences[best])
            first, last = _rows(read, asked, best) if table else _widen(read, scores, best, _CONTINUES * alike[best])
            rank = _RANK * (read.hit.score - retrieved.reads[0].hit.score)
            rank -= _OTHER_YEAR if _of_another_year(read.hit, question) else 0.0
            span = cut(read.hit.passage.text, read.sentences, first, last)
            cause = CAUSE in asked.sorts and gives(CAUSE, span)
            spans.append(Span(span, read.hit, scores[best] + rank, named(read.sentences, best), cause, read.sentences[best]))
    enough = max((span.score for span in spans), default=0.0) - _NEAR
    here = [span for span in spans if span.score >= enough and not facility.told_of_another(span.hit, span.text)]
    kept = _distinct(sorted(_in_force(here, question, retrieved.hits), key=lambda span: -span.score))
    told = _newest_first(kept) if TIME in asked.sorts else kept
    return _forbidden_first(told, retrieved.rules, facility)[:SPANS]


def _meets(read: Read, place: int, needs: Sequence[Wanted]) -> bool:
    """Whether a sentence, or a row with its headings, gives what any answer must hold."""
    return met(needs, f"{named(read.sentences, place)} {read.sentences[place]}", read.hit.passage)


def _forbidden_first(spans: Sequence[Span], rules: Sequence[Rule], facility: Facility) -> list[Span]:
    """The spans behind what forbids the thing that leave is asked for, and none of the same passage: it may be read as leave."""
    rule = next((one for one in rules if not facility.told_of_another(one.hit, one.text)), None)
    if rule is None:
        return list(spans)
    others = [span for span in spans if span.hit.passage.id != rule.hit.passage.id]
    return [Span(rule.text, rule.hit, max((1.0, *(span.score for span in spans)))), *others]


def _in_force(spans: Sequence[Span], question: str, hits: Sequence[Hit]) -> list[Span]:
    """The spans, those of a document that another replaces behind the rest, and behind what that one says of the same, which
    comes first: to be asked about twice, it must be what is asked. Who names the old one's year is told of the old one.
    """
    newer, told = replaced(hits), list[Span]()
    most = max((span.score for span in spans), default=0.0)
    for span in spans:
        document = span.hit.passage.document
        if document.id not in newer or (document.date and str(document.date.year) in question):
            told.append(span)
            continue
        told.append(replace(span, score=span.score - _REPEALED))
        if now := said_now(span.core, newer[document.id], hits):
            told.append(Span(now[0], now[1], most + _FIRST, core=now[0]))
    return told


def _newest_first(spans: Sequence[Span]) -> list[Span]:
    """The spans that give a time change places, so that the latest document's comes first: what an older one foresaw, a later
    one may know better. A heading with a date («Update, 22 September») dates what stands below it.
    """
    places = [place for place, span in enumerate(spans) if gives(TIME, span.text)]
    order = sorted(places, key=lambda place: _dated(spans[place].hit), reverse=True)
    moved = dict(zip(places, order, strict=True))
    return [spans[moved.get(place, place)] for place in range(len(spans))]


def _of_another_year(hit: Hit, question: str) -> bool:
    """Whether a question names years, and neither a passage, nor what stands above it, nor its document's date is of one."""
    passage, years = hit.passage, _YEAR.findall(question)
    held = f"{passage.context} {passage.text} {passage.document.date or ''}"
    return bool(years) and passage.document.date is not None and not any(year in held for year in years)


def _years_apart(sentence: str, question: str) -> bool:
    """Whether a sentence tells years, a question too, and none of these."""
    told, asked = set(_YEAR.findall(sentence)), set(_YEAR.findall(question))
    return bool(told and asked) and not told & asked


def _dated(hit: Hit) -> date:
    passage = hit.passage
    headed = filter(None, map(parse_date, reversed(passage.locator.headings)))
    return next(headed, None) or passage.document.date or date.min


def _alike(read: Read, asked: _Asked) -> list[float]:
    """How much each sentence is about what is asked; a title names what stands below, and says nothing of it; nor
    does a question that nothing answers."""
    passage, scores = read.hit.passage, []
    titles, lacks = (
        {passage.document.title, *passage.locator.headings},
        lacking(read.sentences, asked.words, asked.question, asked.places),
    )
    open_questions = unanswered(passage.text, read.sentences)
    for place, sentence in enumerate(read.sentences):
        near = [*read.cosines[max(0, place - 1) : place], *read.cosines[place + 1 : place + 2]]
        score = read.cosines[place] + _NEIGHBOUR * max(near, default=0.0)
        score += _WORDS * _share(sentence, read.hit, asked.words) + (_TRANSLATED if passage.language != asked.language else 0.0)
        score -= (_THIN if _too_thin(sentence) else 0.0) + _LACKING * lacks.get(place, 0.0)
        score -= _YEARS if not is_row(sentence) and _years_apart(sentence, asked.question) else 0.0
        of_document = is_metadata(sentence) or (is_row(sentence) and is_control(cells(named(read.sentences, place) or sentence)))
        says_nothing = sentence in titles or place in open_questions or (of_document and not asked.of_document)
        scores.append(float("-inf") if says_nothing else score)
    return scores


def _rows(read: Read, asked: _Asked, best: int) -> tuple[int, int]:
    """Bounds of the row and those next to it that are told apart from others by the same words («Camino Hondo»): _ROWS."""
    lacks = lacking(read.sentences, asked.words, asked.question, asked.places)
    first = last = best
    own = lacks.get(best, 1.0)
    if own <= 0.0 and any(lack > own for lack in lacks.values() if isfinite(lack)):
        while last - first + 1 < _ROWS and lacks.get(last + 1) == own:
            last += 1
        while last - first + 1 < _ROWS and lacks.get(first - 1) == own and named(read.sentences, first - 1):
            first -= 1
    return first, last


def _about(part: Sequence[str], alike: Sequence[float], place: int) -> float:
    """How much a sentence is about what is asked: as much as the one before, where it leans on that («La causa es ...»)."""
    leans = place > 0 and _LEANS.match(part[place]) and isfinite(alike[place])
    return max(alike[place - 1], alike[place]) if leans else alike[place]


def _share(piece: str, hit: Hit, weights: dict[str, float]) -> float:
    """The share of the question's words in a sentence; words that its headings hold count half, as it need not repeat them."""
    total = sum(weights.values())
    if not total:
        return 0.0
    own, around = set(terms(piece)), set(terms(hit.passage.context))
    found = 0.0
    for word, weight in weights.items():
        found += (
            weight if any(stem in own for stem in stems(word)) else 0.5 * weight if any(s in around for s in stems(word)) else 0.0
        )
    return found / total


def _too_thin(piece: str) -> bool:
    return len(piece) < 30 or len(content_words(piece)) < 4


def _widen(read: Read, scores: Sequence[float], best: int, enough: float) -> tuple[int, int]:
    """Bounds of the span around the best sentence: what it leans on, the question that it answers, the list that it opens,
    neighbours that speak of it too, and a warning that stands behind them.
    """
    part, asks = read.sentences, questions(read.hit.passage.text, read.sentences)
    first = last = best
    while first > 0 and isfinite(scores[first - 1]) and _size(part, first - 1, last) <= _SPAN_LENGTH:
        if not (_LEANS.match(part[first]) or (first - 1 in asks and first not in asks)):
            break
        first -= 1
    while last + 1 < len(part) and _size(part, first, last + 1) <= _SPAN_LENGTH:
        opens = part[last].endswith((":", "?")) or (part[first].endswith(":") and LIST_ITEM.match(part[last + 1]))
        if not (opens or _too_thin(part[last])) or is_row(part[last + 1]) or last + 1 in asks:
            break
        last += 1

    def joins(place: int) -> bool:
        """Whether it speaks of the same and fits; no row is run into prose, nor what answers one question into another's."""
        if not 0 <= place < len(part) or is_row(part[place]) or max(place, first) in asks:
            return False
        return scores[place] >= enough and _size(part, min(first, place), max(last, place)) <= _READABLE

    while near := [place for place in (first - 1, last + 1) if joins(place)]:
        place = max(near, key=scores.__getitem__)
        first, last = min(first, place), max(last, place)
    while last + 1 < len(part) and forbids(part[last + 1]) and not is_row(part[last + 1]):
        if _size(part, first, last + 1) > _WARNED:
            break
        last += 1
    return first, last


def _size(part: Sequence[str], first: int, last: int) -> int:
    return sum(len(piece) for piece in part[first : last + 1])


def _distinct(spans: list[Span]) -> list[Span]:
    """Spans worth saying: not what an earlier one says already."""
    kept: list[Span] = []
    for span in spans:
        words = set(terms(span.text))
        repeats = any(len(words & set(terms(one.text))) > 0.7 * min(len(words), len(set(terms(one.text)))) for one in kept)
        if not repeats:
            kept.append(span)
    return kept
