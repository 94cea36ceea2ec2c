"""Whether a sentence that the end of a page broke off goes on at the top of the next. Pure."""

from __future__ import annotations

import re

from rag.ingest.articles import opens_article
from rag.ingest.parse.outline import FIELD
from rag.ingest.parse.pdf_layout import ENDED, ITEM, Measures
from rag.ingest.parse.pdf_lines import Line

_OPEN = re.compile(
    r"(,|\b(el|la|los|las|un|una|de|del|al?|y|e|o|u|en|con|por|para|que|se|su|sus|es|son|fue|hasta|desde|entre|sobre|sin|como|más"
    r"|the|an?|of|and|or|in|on|at|to|for|with|by|from|that|which|is|are|was|were|than|as|its))$",
    re.IGNORECASE,
)
"""How no sentence ends."""
_RAGGED = 6
"""By how many letters' heights a line may fall short of a full one, for the word that had no room."""


def goes_on(above: Line, right: float, line: Line, measures: Measures) -> bool:
    """Whether `line`, the first of a page, goes on with `above`, the last of the one before; full lines end at `right`."""
    text = above.text.rstrip()
    if abs(above.size - line.size) > 0.15 * measures.size or opens_article(line.text):
        return False
    if above.hyphen:
        return True
    if ENDED.search(text) or ITEM.match(line.text) or FIELD.match(line.text):
        return False
    first = line.text[:1]
    full = above.right > right - _RAGGED * measures.size
    return _OPEN.search(text) is not None or (full and (first.islower() or first.isdigit() or first in "(«"))
