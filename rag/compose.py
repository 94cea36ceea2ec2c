"""Statements, or their absence, into an Answer in the asker's language. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from config.texts import day, text
from rag.analyse import words
from rag.cite import cite, place_in, shortened
from rag.evidence import Quoted, Statement, unmarked
from rag.extract import Span
from rag.headings import is_row
from rag.ingest.sentences import sentences
from rag.metadata import is_metadata
from rag.models import Answer, Citation, Hit, Language
from rag.table_rows import named

_NEAREST = 3
_FOLLOW_UPS = 2
_SAYS = 3
"""Different words in a sentence that says something, at least: «14 de enero de 2026.» has two."""
_NUMBERED = re.compile(r"^\d+(?:\.\d+)*\.?\s+")


def from_spans(spans: Sequence[Span], language: Language) -> list[Statement]:
    """One statement a span: verbatim in the asker's language, quoted and marked as such in another one."""
    return [Statement(f"{_said(span, language)} [1]", (Quoted(span.hit.passage, span.text),)) for span in spans]


def _said(span: Span, language: Language) -> str:
    passage = span.hit.passage
    words = unmarked(span.plain)
    if passage.language == language:
        return words
    original = text(language, f"answer.language_{passage.language}")
    return text(language, "answer.quoted", title=shortened(passage.document.title), quote_language=original, quote=words)


def answered(
    statements: Sequence[Statement], hits: Sequence[Hit], language: Language, notices: Sequence[str] = (), site: str = ""
) -> Answer:
    """The answer made of statements; notes which source is the newest where their dates differ."""
    body, citations = cite(statements, language)
    told = [*notices, *dates(citations, language)]
    return Answer(
        "answered", language, body, citations, follow_ups=_follow_ups(hits, citations, language, site), notices=tuple(told)
    )


def not_found(hits: Sequence[Hit], language: Language, site: str = "", elsewhere: str = "") -> Answer:
    """Says that nothing answers, and which documents come nearest, each cited by its first words.

    `elsewhere`: what was asked about that nobody here knows.
    """
    if not hits:  # a search brings the nearest passages, however far: none means no documents
        return Answer("not_found", language, text(language, "answer.empty"))
    opening = text(language, "answer.not_found_site", site=site) if site else text(language, "answer.not_found")
    opening = text(language, "answer.elsewhere", place=elsewhere) if elsewhere else opening
    nearest: dict[str, tuple[Hit, str]] = {}
    for hit in [*(one for one in hits if _telling(one)), *hits]:  # first those that show a sentence which says something
        nearest.setdefault(hit.passage.document.id, (hit, _telling(hit)))
    listed = [_near(hit, said, language) for hit, said in list(nearest.values())[:_NEAREST]]
    body, citations = cite(listed, language)
    return Answer("not_found", language, f"{opening}\n\n{text(language, 'answer.nearest')}\n{body}", citations)


def _telling(hit: Hit) -> str:
    """The first sentence of a passage that says something: no date, title, question, code or headings; "" if none does."""
    passage = hit.passage
    part, titles = sentences(passage.text), {passage.document.title, *passage.locator.headings}
    for place, piece in enumerate(one.strip() for one in part):
        said = {word for word in words(piece) if not word[0].isdigit()}
        says = bool(named(part, place)) if is_row(piece) else len(said) >= _SAYS and piece.endswith((".", ":", ";", "!", ")"))
        if says and not is_metadata(piece) and piece not in titles:
            return piece
    return ""


def _near(hit: Hit, said: str, language: Language) -> Statement:
    passage = hit.passage
    place = ", ".join(filter(None, (shortened(passage.document.title), place_in(passage, language))))
    pieces = [piece.strip() for piece in sentences(passage.text) if piece.strip()]
    return Statement(f"{unmarked(place)} [1]", (Quoted(passage, said or (pieces[0] if pieces else passage.text)),), lead="\n- ")


def needs_input(language: Language) -> Answer:
    """One question back, for a message that asks for nothing in particular."""
    return Answer("needs_input", language, text(language, "answer.which"))


def dates(citations: Sequence[Citation], language: Language) -> list[str]:
    """Which source is the newest, where their dates differ."""
    dated = [citation for citation in citations if citation.date]
    if len({citation.date for citation in dated}) < 2:
        return []
    newest = max(dated, key=lambda citation: (citation.date, -citation.n))
    return [text(language, "answer.dates", n=newest.n, date=day(newest.date, language))] if newest.date else []


def _follow_ups(hits: Sequence[Hit], citations: Sequence[Citation], language: Language, site: str) -> tuple[str, ...]:
    """Questions that the next best passages answer, so that none leads nowhere."""
    cited = {citation.passage_id for citation in citations}
    offered: list[str] = []
    for hit in hits[:12]:
        passage = hit.passage
        heading = passage.locator.headings[-1] if passage.locator.headings else ""
        if passage.id in cited or not heading or passage.language != language or len(heading) > 80:
            continue
        if heading.isupper():  # a label, as «LUNES 17» in someone's notes, more often than a subject
            continue
        subject = _NUMBERED.sub("", heading)
        question = text(language, "answer.follow_passage", title=shortened(passage.document.title), heading=subject)
        question = subject if subject.endswith("?") else question  # asked there in someone's own words
        if question not in offered and heading != passage.document.title:
            offered.append(question)
    if site:
        offered.insert(0, text(language, "answer.follow_recommend", site=site))
    return tuple(offered[:_FOLLOW_UPS])
