"""A fetched and parsed file as a document with its passages, labelled as its source says."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from rag.ingest.language import detect
from rag.ingest.split import split
from rag.models import Document, Passage
from rag.ports import Fetched, Item, Parsed


class Source(Protocol):
    """What ingest needs of a configured source."""

    @property
    def name(self) -> str: ...
    @property
    def audience(self) -> Sequence[str]: ...
    @property
    def tags(self) -> Mapping[str, str]: ...
    @property
    def licence(self) -> str: ...


def document_id(source: str, uri: str) -> str:
    """Stable across runs and machines."""
    return hashlib.sha256(f"{source}\n{uri}".encode()).hexdigest()[:24]


def content_hash(data: bytes) -> str:
    """Changes with the bytes."""
    return hashlib.sha256(data).hexdigest()


def blank(source: Source, item: Item) -> Document:
    """What is known of a document before it is read."""
    plain = Document(document_id(source.name, item.uri), source.name, item.uri, item.name, frozenset(source.audience))
    return label(plain, source)


def label(document: Document, source: Source) -> Document:
    """The document with audience, tags, site and licence as its source says now."""
    return replace(
        document,
        audience=frozenset(source.audience),
        tags=dict(source.tags),
        site=source.tags.get("site"),
        licence=source.licence or document.licence,
    )


def build(source: Source, fetched: Fetched, parsed: Parsed) -> tuple[Document, list[Passage]]:
    """The document and its passages in reading order."""
    sample = "\n".join(block.text for block in parsed.blocks[:40])
    language = detect(sample)
    headings = (heading for block in parsed.blocks for heading in block.locator.headings[:1])
    document = replace(
        blank(source, fetched.item),
        title=parsed.title or next(headings, "") or fetched.item.name,
        language=language,
        date=parsed.date,
        licence=source.licence or parsed.licence,
        content_hash=content_hash(fetched.data),
    )
    return document, split(parsed.blocks, document, language)
