"""Statements with their evidence into text and citations: one number per piece of evidence, in order of appearance. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.evidence import MARK, Computed, Evidence, Statement, unmarked
from rag.hold import held
from rag.models import Citation, Passage


def cite(statements: Sequence[Statement], language: str) -> tuple[str, tuple[Citation, ...]]:
    """The joined text, its marks renumbered over all statements, and one citation for each number.

    The same quote of the same passage keeps its number; another quote of it is another citation, as a reader checks quotes.
    Whoever wrote them, a sentence with a number that its evidence does not bear out is left out here (rag.hold).
    """
    citations: list[Citation] = []
    numbers: dict[tuple[str, str], int] = {}
    parts = []
    for statement in filter(None, (held(one, language) for one in statements)):
        local = {}
        for place, one in enumerate(statement.evidence, start=1):
            key = (one.id if isinstance(one, Computed) else one.passage.id, one.quote)
            if key not in numbers:
                numbers[key] = len(numbers) + 1
                citations.append(_citation(numbers[key], one, language))
            local[place] = numbers[key]
        parts.append(statement.lead + renumber(statement.text, local))
    return "".join(parts).strip(), tuple(citations)


def renumber(text: str, numbers: Mapping[int, int]) -> str:
    """The text with each `[n]` mark replaced by `[numbers[n]]`."""
    return MARK.sub(lambda match: f"[{numbers[int(match.group(1))]}]", text)


def shortened(title: str, most: int = 90) -> str:
    """A title for use inside a sentence: whole if short, else cut at a word; its own brackets are no marks."""
    title = unmarked(title)
    return title if len(title) <= most else title[:most].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def place_in(passage: Passage, language: str) -> str:
    """The locator for a reader; nothing where it would only repeat the document's title."""
    label = passage.locator.label(language)
    title = passage.document.title
    return "" if label and (title.startswith(label) or label.startswith(title)) else label


def _citation(n: int, one: Evidence, language: str) -> Citation:
    if isinstance(one, Computed):
        site = one.id.partition(":")[2].partition("/")[0].strip("*")
        return Citation(n, "calculation", one.title, "", one.place, one.quote, language, passage_id=one.id, site=site)
    passage = one.passage
    return Citation(
        n=n,
        kind="passage",
        title=passage.document.title,
        uri=passage.document.uri,
        locator=place_in(passage, language),
        quote=one.quote,
        language=passage.language,
        passage_id=passage.id,
        date=passage.document.date,
        site=passage.document.site or "",
    )
