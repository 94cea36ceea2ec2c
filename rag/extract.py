"""Answers without a language model: the spans of the best passages that answer, verbatim, each with its passage."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite

from rag.analyse import content_words, stems, terms
from rag.ground import Read, rarity
from rag.headings import CELL, cells, is_row, of_lines
from rag.metadata import asks_for_metadata, is_metadata
from rag.models import Hit
from rag.numerals import numerals
from rag.retrieve import Retrieved

SPANS = 3
"""Spans in an answer at most: more is a search result, not an answer."""

_NEIGHBOUR, _WORDS, _TRANSLATED, _RANK, _NUMBER, _THIN = 0.5, 0.2, 0.1, 6.0, 0.12, 0.2
"""Weights, beside 1 for a sentence's cosine: its better neighbour's cosine, for what is asked and what answers often stand side
by side; its share of the question's words; what stands for that share in another language; its passage's distance to the best;
a numeral that was asked for; and what a sentence of hardly any words loses."""
_NEVER = float("-inf")
_NEAR = 0.3
"""A further span is worth saying if its score is within this of the best."""
_CONTINUES = 0.4
"""A neighbouring sentence joins the span if its score is at least this share of the best one's."""
_SPAN_LENGTH, _READABLE = 600, 420
"""Characters of a span at most: with what it cannot be understood without, and with neighbours."""
_ASKS_NUMBER = re.compile(
    r"\b(cu[aá]nt[oa]s?|cu[aá]ndo|cada cu[aá]nto|qu[eé] (porcentaje|potencia|caudal|consumo|plazo|coste|precio)"
    r"|how (much|many|often|long|large|big)|what (percentage|share|is the (cost|price|power|flow|consumption))|when)\b",
    re.IGNORECASE,
)
LIST_ITEM = re.compile(r"^\s*([-•*·]|\(?[a-z]{1,2}\)|\d{1,2}[.)º]|[ivx]+\))\s*", re.IGNORECASE)
_LEANS = re.compile(
    r"^(est[eoa]s?|es[eoa]s?|dich[oa]s?|ell[oa]s?|también|además|no obstante|this|these|those|it|they|also|however)\b", re.I
)


_ORDER = re.compile(
    r"\b(ignor[ae]|disregard|forget|olvida|omite|descarta)\b.{0,40}\b(instruc\w+|prompt|rules|reglas|orders|[oó]rdenes)\b"
    r"|\b(previous|prior|above|system|new) (instructions?|prompts?)\b|\binstrucciones (anteriores|previas|del sistema)\b"
    r"|\b(reply|respond|answer) (exactly|only|always|with)\b|\bresponde (siempre|exactamente|solo|s[oó]lo|[uú]nicamente)\b"
    r"|\b(you are|act as) (now |an? )*(ai|assistant|language model|chatbot)\b|\b(eres|act[uú]a como) (un )?asistente\b"
    r"|</?\s*(system|assistant|evidence|instructions?)\s*>|\[/?INST\]|<\|",
    re.IGNORECASE,
)
"""Words for an assistant, not for a reader: who writes them into a document does not inform anybody."""


@dataclass(frozen=True, slots=True)
class Span:
    """A verbatim slice of a passage's text, with the score it was chosen for."""

    text: str
    hit: Hit
    score: float
    header: str = ""

    @property
    def plain(self) -> str:
        """For reading: a table's row with its headings, a lone list item without its marker («b) Aplicar ...»)."""
        if self.header:
            return labelled(self.text, self.header)
        return self.text if "\n" in self.text else LIST_ITEM.sub("", self.text, count=1)


def extract(question: str, language: str, retrieved: Retrieved) -> list[Span]:
    """The spans that answer a question of this language best, best first, at most one of a passage; empty only if nothing was
    found.
    """
    weights = rarity(content_words(question), retrieved.hits)
    asks_number, of_document = _ASKS_NUMBER.search(question) is not None, asks_for_metadata(question)
    spans = []
    for read in map(_before_orders, retrieved.reads):
        scores = _scores(read, language, weights, asks_number=asks_number)
        if not of_document:
            scores = [_NEVER if is_metadata(one) else score for one, score in zip(read.sentences, scores, strict=True)]
        if any(map(isfinite, scores)):
            best = max(range(len(scores)), key=scores.__getitem__)
            header = _header(read.sentences, best)
            first, last = _widen(read.sentences, scores, best) if header is None else (best, best)
            rank = _RANK * (read.hit.score - retrieved.reads[0].hit.score)
            span = _slice(read.hit.passage.text, read.sentences, first, last)
            names = "" if header is None or best in header else _names(read.sentences, header)
            spans.append(Span(span, read.hit, scores[best] + rank, names))
    return _distinct(sorted(spans, key=lambda span: -span.score))[:SPANS]


def _before_orders(read: Read) -> Read:
    """A passage up to where it begins to order an assistant about: nothing from there on is quoted."""
    for place, one in enumerate(read.sentences):
        if order := _ORDER.search(one):
            before = one[: order.start()].strip()  # where an abbreviation's full stop hides that a sentence ends
            kept = (*read.sentences[:place], *([before] if before.endswith((".", "?", "!", ":")) else ()))
            return replace(read, sentences=kept, cosines=read.cosines[: len(kept)])
    return read


def _scores(read: Read, language: str, weights: dict[str, float], *, asks_number: bool) -> list[float]:
    """How well each sentence answers; a title names what stands below, and says nothing of it."""
    passage, scores = read.hit.passage, []
    titles = {passage.document.title, *passage.locator.headings}
    for place, sentence in enumerate(read.sentences):
        near = [*read.cosines[max(0, place - 1) : place], *read.cosines[place + 1 : place + 2]]
        score = read.cosines[place] + _NEIGHBOUR * max(near, default=0.0)
        score += _WORDS * _share(sentence, read.hit, weights) + (_TRANSLATED if passage.language != language else 0.0)
        score += _NUMBER if asks_number and numerals(sentence) else 0.0
        score -= _THIN if _too_thin(sentence) or place in (_header(read.sentences, place) or ()) else 0.0
        scores.append(_NEVER if sentence in titles else score)
    return scores


def _header(part: Sequence[str], place: int) -> range | None:
    """Where the headings of a table's row stand: the first of the rows around it (see rag.ports.Block). None if it is no row."""
    if not is_row(part[place]):
        return None
    while place > 0 and is_row(part[place - 1]):
        place -= 1
    return range(place, place + of_lines(part[place:]).rows)


def _names(part: Sequence[str], header: range) -> str:
    """What those headings say of each column, as a row."""
    return CELL.join(of_lines(part[header.start :]).names)


def labelled(row: str, header: str) -> str:
    """A table's row for a reader: each cell behind its heading, empty cells left out."""
    told, names = cells(row), cells(header)
    if len(told) > len(names):
        return row
    return "; ".join(
        f"{name.strip()}: {cell.strip()}" if name.strip() else cell
        for name, cell in zip(names, told, strict=False)
        if cell.strip()
    )


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


def _widen(part: Sequence[str], scores: Sequence[float], best: int) -> tuple[int, int]:
    """Bounds of the span around the best sentence: what it leans on, the list that it opens, neighbours that speak of it too."""
    first = last = best
    while first > 0 and _size(part, first - 1, last) <= _SPAN_LENGTH and _LEANS.match(part[first]):
        first -= 1
    while last + 1 < len(part) and _size(part, first, last + 1) <= _SPAN_LENGTH:
        opens = part[last].endswith((":", "?")) or (part[first].endswith(":") and LIST_ITEM.match(part[last + 1]))
        if not (opens or _too_thin(part[last])) or is_row(part[last + 1]):
            break
        last += 1
    while near := [place for place in (first - 1, last + 1) if _joins(part, scores, best, place, first, last)]:
        place = max(near, key=scores.__getitem__)
        first, last = min(first, place), max(last, place)
    return first, last


def _joins(part: Sequence[str], scores: Sequence[float], best: int, place: int, first: int, last: int) -> bool:
    """Whether a neighbouring sentence speaks of the same and still fits; rows of a table are never run into prose."""
    if not 0 <= place < len(part) or is_row(part[place]):
        return False
    fits = _size(part, min(first, place), max(last, place)) <= _READABLE
    return fits and scores[place] >= _CONTINUES * scores[best]


def _size(part: Sequence[str], first: int, last: int) -> int:
    return sum(len(piece) for piece in part[first : last + 1])


def _slice(text: str, part: Sequence[str], first: int, last: int) -> str:
    """The verbatim text from one sentence to another, with what stands between them."""
    start, bounds = 0, []
    for piece in part:
        place = text.find(piece.strip(), start)
        start = place + len(piece.strip())
        bounds.append((place, start))
    return text[bounds[first][0] : bounds[last][1]]


def _distinct(spans: list[Span]) -> list[Span]:
    """Spans worth saying: near the best one, and not what an earlier one says already."""
    kept: list[Span] = []
    for span in spans:
        words = set(terms(span.text))
        repeats = any(len(words & set(terms(one.text))) > 0.7 * min(len(words), len(set(terms(one.text)))) for one in kept)
        if not repeats and (not kept or span.score >= kept[0].score - _NEAR):
            kept.append(span)
    return kept
