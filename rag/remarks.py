"""What of a passage can be quoted alone beneath a measure: its sentences, the remarks in its tables. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from rag import states
from rag.analyse import content_words
from rag.extract import LIST_ITEM
from rag.headings import cells, is_row
from rag.ingest.sentences import sentences
from rag.sides import WORTH_LESS

_LEANS = re.compile(
    r"^(r: )?(est[eoa]s?|es[eoa]s?|dich[oa]s?|ell[oa]s?|as[ií]|al ser|por (eso|tanto|ello)"
    r"|this|these|those|it|they|that|before that)\b",
    re.IGNORECASE,
)
LONGEST, _SHORTEST = 330, 4
"""Characters of a quote at most, words that carry meaning at least: what is longer or shorter is not read beneath a measure."""


@lru_cache(maxsize=8192)
def pieces(passage_text: str) -> tuple[tuple[str, str], ...]:
    """The sentences of a passage that can be understood alone, and the remarks in its tables' rows, each with its row.

    Kept, since the same passages are read for one measure after another.
    """
    lines = passage_text.split("\n")
    remarks = [(cell.strip(), row) for row in lines if is_row(row) for cell in cells(row)]
    prose = "\n".join("" if is_row(line) else line for line in lines)
    said = [(LIST_ITEM.sub("", one, count=1), "") for one in sentences(prose)]
    return tuple((piece, row) for piece, row in (*said, *remarks) if _readable(piece))


def with_figures(piece: str, passage_text: str) -> str:
    """A doubt of a measure's worth with the rest of its line, if that can be shown whole."""
    if not WORTH_LESS.search(piece) or (start := passage_text.find(piece)) < 0:
        return piece
    line = passage_text[start:].split("\n", 1)[0].strip()
    return line if len(line) <= LONGEST else piece


def with_decision(piece: str, passage_text: str) -> str:
    """What came of a trial with the rest of its line as far as something is approved there, if that can be shown whole."""
    start = max(0, passage_text.find(piece))
    line = passage_text[start:].split("\n", 1)[0]
    ends = [line.find(one) + len(one) for one in sentences(line) if states.approved(one)]
    return line[: ends[0]].strip() if ends and len(piece) <= ends[0] <= LONGEST else piece


def _readable(piece: str) -> bool:
    """Whether it can be understood alone: no question, nothing that leans on the sentence before."""
    if piece.endswith(("?", ":")) or len(piece) > LONGEST or _LEANS.match(piece):
        return False
    return len(content_words(piece)) >= _SHORTEST
