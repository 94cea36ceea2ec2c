"""Of which measure a row of a plan is: of the one that it fits best by what it names and by its investment. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rag.analyse import content_words, stems, terms
from rag.models import Range
from rag.states import Row

Relation = Literal["own", "part"]
"""The row is of the measure; or of something larger, of which the measure is a part."""

_SAME, _LARGER = 0.05, 1.5
"""How far apart two investments may be and be the same; how many times a measure's own is another thing's."""

Phrase = tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A measure that a row may be of: how documents speak of it, and what it takes (EUR), if that is known."""

    phrases: tuple[str, ...]
    investment: Range | None = None


@lru_cache(maxsize=256)
def stemmed(phrases: tuple[str, ...]) -> tuple[Phrase, ...]:
    """The stems of each word of each phrase."""
    return tuple(tuple(frozenset(stems(word)) for word in content_words(phrase)) for phrase in phrases)


@lru_cache(maxsize=8192)
def held_terms(piece: str) -> frozenset[str]:
    """The stems that stand in a piece of text."""
    return frozenset(terms(piece))


def relation(row: Row, mine: Claim, others: Sequence[Claim]) -> Relation | None:
    """How the row is of `mine`, where `others` are the measures of the same site; None if it is not, or another's.

    What is worth as much as the row says is what the row is of. Where no investment tells, it is of what it names most of;
    what names two things is the whole of both.
    """
    named = _named(row, mine)
    if not named:
        return None
    if row.of_several:
        return "part"
    rivals = [(one, words) for one in others if one != mine and (words := _named(row, one))]
    spent = _high(mine)
    owners = _owners(row, [mine, *(one for one, _ in rivals)])
    if mine in owners:
        return "own"
    apart = any(words.isdisjoint(named) for _, words in rivals)
    if owners:
        larger = apart if spent is None or row.investment is None else row.investment > spent
        return "part" if larger else None
    larger = spent is not None and row.investment is not None and row.investment > _LARGER * spent
    if larger or apart:
        return "part"
    return None if any(words > named for _, words in rivals) else "own"


def _owners(row: Row, claims: Sequence[Claim]) -> list[Claim]:
    """Those that take what the row says: nearly as much; else those within whose range it lies."""
    told = [(one, one.investment) for one in claims if one.investment is not None and one.investment.mid > 0]
    if row.investment is None:
        return []
    away = [(abs(held.mid - row.investment) / max(held.mid, row.investment), one) for one, held in told]
    nearest = min((far for far, _ in away), default=1.0)
    if nearest <= _SAME:
        return [one for far, one in away if far == nearest]
    return [one for one, held in told if held.low <= row.investment <= held.high]


def _named(row: Row, claim: Claim) -> frozenset[str]:
    """The stems of the measure's phrases all words of which stand in one of the row's cells."""
    cells = [held_terms(cell) for cell in row.cells]
    return frozenset(
        stem
        for phrase in stemmed(claim.phrases)
        for held in cells
        if all(word & held for word in phrase)
        for word in phrase
        for stem in word & held
    )


def _high(claim: Claim) -> float | None:
    return claim.investment.high if claim.investment is not None else None
