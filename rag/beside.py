"""Which sentences of documents may stand beside figures that answer a question by themselves. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from config.company import CONVERSATION
from rag.extract import Span, extract
from rag.headings import is_row
from rag.models import Passage
from rag.retrieve import Retrieved

ANSWERS = 0.5
"""Score of a span that answers, too."""
ANY = float("-inf")


@dataclass(frozen=True, slots=True)
class Beside:
    """`holds` tells of a sentence of a passage whether it may; `least` is the score that it needs, `most` how many are told."""

    holds: Callable[[Passage, str], bool]
    least: float = ANSWERS
    most: int = 1


def of_conversation() -> Beside:
    """What was sent in the conversation itself: other facilities' documents say nothing of a file."""
    return Beside(lambda passage, _: any(one.startswith(CONVERSATION) for one in passage.document.audience))


def spans(question: str, language: str, retrieved: Retrieved, beside: Beside) -> Sequence[Span]:
    """The best of the sentences that may be told; a table's rows keep those before them, of which the headings are."""
    reads = []
    for read in retrieved.reads:
        held = [beside.holds(read.hit.passage, one) for one in read.sentences]
        last = max((place for place, one in enumerate(held) if one), default=-1)
        kept = [n for n, one in enumerate(held) if one or (n < last and is_row(read.sentences[n]))]
        if last >= 0:
            cut = replace(read, sentences=tuple(read.sentences[n] for n in kept), cosines=tuple(read.cosines[n] for n in kept))
            reads.append(cut)
    if not reads:
        return []
    found = extract(question, language, replace(retrieved, reads=tuple(reads)))
    return [one for one in found if one.score >= beside.least and beside.holds(one.hit.passage, one.text)][: beside.most]
