"""What a follow-up names must stand in whatever answers it: of what was read, of a span, of what meters say. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.direct import Told
from rag.extract import Span
from rag.figures import NOTHING
from rag.ground import Read
from rag.retrieve import Retrieved
from rag.rewrite import holds

_AWAY = 0.5
"""What a sentence loses that does not hold what a follow-up names."""


def towards(found: Retrieved, named: Sequence[str]) -> Retrieved:
    """What was read, with the sentences that hold none of the terms put behind those that do."""

    def likeness(read: Read, place: int) -> float:
        said = f"{read.sentences[place]} {read.hit.passage.context}"
        return read.cosines[place] - (0.0 if all(holds(said, term) for term in named) else _AWAY)

    reads = (replace(one, cosines=tuple(likeness(one, place) for place in range(len(one.sentences)))) for one in found.reads)
    return replace(found, reads=tuple(reads)) if named else found


def holds_all(span: Span, named: Sequence[str]) -> bool:
    return all(holds(f"{span.plain} {span.hit.passage.context}", one) for one in named)


def told_of(told: Told, named: Sequence[str]) -> Told:
    """Of what meters say, what holds each term."""
    kept = tuple(one for one in told.statements if all(holds(one.text, term) for term in named))
    return replace(told, statements=kept) if kept else NOTHING
