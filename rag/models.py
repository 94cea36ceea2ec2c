"""The words of the product as data: documents, passages, evidence, citations, answers; passed between all layers."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from rag.brought import Brought

Language = Literal["es", "en"]
Status = Literal["answered", "not_found", "needs_input", "failed"]
Kind = Literal["energy", "water", "infrastructure"]
KINDS: tuple[Kind, ...] = ("energy", "water", "infrastructure")


@dataclass(frozen=True, slots=True)
class Scope:
    """Which audiences a question may draw on, and optionally which site it is about. No search runs without one.

    An empty set of audiences is refused: a forgotten scope must fail, never read everything. `brought` are readings that were
    sent in the conversation and are talked of there: numbers come from them, and from no facility of the company's.
    """

    audiences: frozenset[str]
    site: str | None = None
    brought: tuple[Brought, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if not self.audiences:
            raise ValueError("a Scope needs at least one audience")


@dataclass(frozen=True, slots=True)
class Locator:
    """Where a passage stands in its document. Unknown parts are empty; `rows` are 1-based and inclusive."""

    page: int | None = None
    headings: tuple[str, ...] = ()
    article: str | None = None
    sheet: str | None = None
    rows: tuple[int, int] | None = None

    def label(self, language: str) -> str:
        """For a reader, the most exact part that is known: «Artículo 3», «p. 14», «Costes, filas 2-9», a heading."""
        if self.article:
            return self.article
        if self.sheet or self.rows:
            rows = ""
            if self.rows:
                word = "filas" if language == "es" else "rows"
                rows = f"{word} {self.rows[0]}-{self.rows[1]}"
            return ", ".join(part for part in (self.sheet or "", rows) if part)
        heading = self.headings[-1] if self.headings else ""
        page = f"p. {self.page}" if self.page is not None else ""
        return ", ".join(part for part in (page, heading) if part)


@dataclass(frozen=True, slots=True)
class Document:
    """One file or page of a source. `id` is stable across runs; `content_hash` changes with its bytes."""

    id: str
    source: str
    uri: str
    title: str
    audience: frozenset[str]
    language: str = ""
    date: datetime.date | None = None
    licence: str = ""
    site: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    content_hash: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A citable piece of a document: `text` is verbatim (white space aside); `position` is its order in the document."""

    id: str
    document: Document
    text: str
    locator: Locator
    language: str
    position: int

    @property
    def context(self) -> str:
        """What the passage is about, for search only, never quoted: title, headings and article."""
        parts = (self.document.title, *self.locator.headings, self.locator.article or "", self.locator.sheet or "")
        seen: list[str] = []
        for part in parts:
            if part and not any(part in earlier for earlier in seen):
                seen.append(part)
        return " · ".join(seen)


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a question. `score` orders; `dense` is the cosine part and `lexical` the BM25 part."""

    passage: Passage
    score: float
    dense: float
    lexical: float


@dataclass(frozen=True, slots=True)
class Citation:
    """A number in the answer that points to evidence. `quote` is verbatim; `passage_id` opens it in its context; `site` is the
    facility that the evidence is of, "" for none in particular.
    """

    n: int
    kind: Literal["passage", "calculation"]
    title: str
    uri: str
    locator: str
    quote: str
    language: str
    passage_id: str = ""
    date: datetime.date | None = None
    site: str = ""


@dataclass(frozen=True, slots=True)
class Range:
    """A quantity a year (or once, for money) as low, mid and high."""

    low: float
    mid: float
    high: float


@dataclass(frozen=True, slots=True)
class Assumption:
    """A value that an estimate rests on, with where it comes from."""

    name: str
    value: float
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A measure proposed for a site. What cannot be estimated is None, and `missing` says why."""

    measure: str
    title: str
    kind: Kind
    why: str
    citations: tuple[int, ...]
    basis: Literal["metered", "engineering", "document"]
    confidence: Literal["high", "medium", "low"]
    site: str | None = None
    energy_kwh: Range | None = None
    water_m3: Range | None = None
    cost_eur: Range | None = None
    co2_t: Range | None = None
    investment_eur: Range | None = None
    payback_years: Range | None = None
    npv_eur: Range | None = None
    method: str = ""
    assumptions: tuple[Assumption, ...] = ()
    missing: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the retrieval chain says. Each `[n]` in `text` has its citation, and each citation is used.

    `text` uses only paragraphs, `- ` list items and `**bold**`; `notices` are lines about how it was made (a model that
    failed, say), already in the asker's language, shown apart from the text.
    """

    status: Status
    language: Language
    text: str
    citations: tuple[Citation, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    follow_ups: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    trace_id: str = ""
    timings_ms: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Given:
    """What is set of one measure in a conversation: `key` is investment (EUR) or cost_saving (EUR a year); None if no more."""

    site: str
    measure: str
    key: Literal["investment", "cost_saving"]
    value: float | None
    title: str = ""

    @property
    def name(self) -> str:
        """The value as a case's assumptions have it."""
        return f"{self.site}/{self.measure}.{self.key}"


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance of a conversation, as memory keeps it.

    site         of a question, the facility that was sent with it or with an earlier one and still holds; of an answer, the one
                 that it drew on; "" for none
    whole        of a question that only named another month, code or facility than the one before, the two as one
    recommended  of an answer that recommends, the id of the exchange that holds what; and the kind that was asked for, "" for all
    measure      of an answer that tells one measure of those again, "site/measure"
    aside        an answer that changes nothing of what was recommended before: one measure alone, the register, a decision
    given        of an answer to what was set of a measure, or taken back, all that is set of measures since; else None
    """

    role: Literal["user", "assistant"]
    text: str
    user_id: str = ""
    site: str = ""
    whole: str = ""
    recommended: str = ""
    kind: Kind | Literal[""] = ""
    measure: str = ""
    aside: bool = False
    given: tuple[Given, ...] | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: `name` is a file name without ending, `alt` says in words what it shows."""

    name: str
    title: str
    alt: str
    png: bytes
