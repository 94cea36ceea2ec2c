"""What rag needs from outside, one Protocol each; every implementation passes the port's contract test (tests/contract)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from rag.models import Document, Hit, Locator, Passage, Scope

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Item:
    """A document that a connector can fetch. `version` changes whenever the content may have (mtime and size, ETag)."""

    uri: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """The bytes of an item. `media_type` may be empty: the name's ending then decides the parser."""

    item: Item
    data: bytes
    media_type: str = ""


class Connector(Protocol):
    """Lists and fetches the documents of one source. Safe to call again; raises DocumentError for one bad item."""

    def items(self) -> AsyncIterator[Item]:
        """Every item of the source, once, in a stable order."""
        ...

    async def fetch(self, item: Item) -> Fetched:
        """The item's bytes; DocumentError if it cannot be had."""
        ...


@runtime_checkable
class MayMiss(Protocol):
    """A Connector that may not have seen all of its source, as a crawl of which a page failed."""

    @property
    def complete(self) -> bool:
        """After `items` ended: whether what it did not list is gone. If not, only what is known to be is removed."""
        ...

    def is_gone(self, uri: str) -> bool:
        """After `items` ended: whether this, which it did not list, is known to be gone, though the rest could not be seen."""
        ...


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text that belongs together, verbatim: a paragraph, a list item, a table. Never crosses a heading or a page.

    A table's text has one line a row, cells joined by ` | `, its headings first.
    """

    text: str
    locator: Locator
    is_table: bool = False


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a parser makes of a file: `blocks` in reading order; title and date as the document states them, if it does.

    `notes` say what of it could not be read: scanned pages, attachments without a parser.
    """

    blocks: tuple[Block, ...]
    title: str = ""
    date: date | None = None
    licence: str = ""
    notes: tuple[str, ...] = ()


class Parser(Protocol):
    """Reads one family of formats. Pure: bytes in, blocks out; DocumentError with the reason for what it cannot read."""

    def __call__(self, data: bytes, name: str) -> Parsed: ...


class Embedder(Protocol):
    """Text to unit-length vectors whose dot product is similarity. Both methods are safe to call again."""

    @property
    def name(self) -> str:
        """Identifies model and version: vectors of different names are never mixed in one index."""
        ...

    @property
    def dimension(self) -> int: ...

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), dimension); EmbeddingError if it cannot."""
        ...

    async def embed_query(self, text: str) -> Vectors:
        """Shape (dimension,)."""
        ...


class Similarity(Protocol):
    """How alike a text and sentences are in meaning, also across languages; local and quick, whatever embeds the passages."""

    async def similarity(self, text: str, sentences: Sequence[str]) -> Vectors:
        """Cosines, shape (len(sentences),)."""
        ...


class LanguageModel(Protocol):
    """Writes text. ModelError when it fails, times out or is cut; it can reach nothing and knows only its messages."""

    def stream(self, system: str, user: str) -> AsyncIterator[str]:
        """The reply in pieces, as they come."""
        ...


@dataclass(frozen=True, slots=True)
class Query:
    """One search: the standalone question, its language, its vector; `limit` is the number of hits wanted.

    `cross_language` is what the similarity to a passage of another language is raised by: embedders put texts of one language
    nearer to each other than their meaning warrants.
    """

    text: str
    language: str
    vector: Vectors
    limit: int = 10
    cross_language: float = 0.0


@dataclass(frozen=True, slots=True)
class IndexedDocument:
    """What the index holds of a document: for skipping what has not changed, and for `sources`."""

    document: Document
    version: str
    passages: int
    indexed_at: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """One document's passages and their vectors, written together. An empty batch with `error` records a failure."""

    document: Document
    version: str
    passages: tuple[Passage, ...] = ()
    vectors: Vectors = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    error: str = ""


class PassageStore(Protocol):
    """The index. Reads see whole documents only: a document is replaced at once or not at all. StoreError if it cannot."""

    async def write(self, batches: Sequence[Batch]) -> None:
        """Replace each batch's document by it. Safe to repeat."""
        ...

    async def delete(self, document_ids: Sequence[str]) -> None:
        """Remove documents and their passages; unknown ids are ignored."""
        ...

    async def search(self, query: Query, scope: Scope) -> list[Hit]:
        """The best hits that the scope may see, best first. A scope's site admits that site's documents and those of no site."""
        ...

    async def passage(self, passage_id: str, scope: Scope) -> list[Passage]:
        """The passage with its neighbours in the document, in order; empty if unknown or not in scope."""
        ...

    async def documents(self, source: str | None = None) -> list[IndexedDocument]:
        """All that is indexed or failed, of one source or of all. For operators: not scoped, never shown in a chat."""
        ...

    async def optimize(self) -> None:
        """Compact and index what was written; called at the end of an ingest."""
        ...


@runtime_checkable
class Recalls(Protocol):
    """A PassageStore that gives vectors back, so that what is unchanged in a changed document is not embedded again."""

    async def embedded(self, document_ids: Sequence[str]) -> list[tuple[Passage, Vectors]]:
        """The passages of these documents with their vectors, in no order."""
        ...


@runtime_checkable
class Keeps(Protocol):
    """An Embedder that can be given vectors of its own from before, and gives them for the same texts in this run."""

    async def keep(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Shape (len(texts), dimension). Safe to repeat."""
        ...


@runtime_checkable
class Relabels(Protocol):
    """A PassageStore that can change a document's labels and keep its vectors; with any other, ingest embeds it again."""

    async def relabel(self, document: Document, version: str) -> None:
        """Give an indexed document, and all its passages, the audience, tags, site and licence of `document`. Safe to repeat."""
        ...
