"""Passage, Document and IndexedDocument as flat rows of scalars and lists of strings, as every index stores them.

An absent value is "" (0 for a number), never null: neither Pinecone's metadata nor a full-text column holds nulls well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from rag.models import Document, Locator, Passage
from rag.ports import IndexedDocument

Row = dict[str, Any]  # str, int or list[str]; Any because stores give numbers back as float and lists as their own types


def document_row(document: Document) -> Row:
    """The document's fields, without its id."""
    return {
        "source": document.source,
        "uri": document.uri,
        "title": document.title,
        "audience": sorted(document.audience),
        "document_language": document.language,
        "date": document.date.isoformat() if document.date else "",
        "licence": document.licence,
        "site": document.site or "",
        "tags": json.dumps(dict(document.tags), ensure_ascii=False, sort_keys=True),
        "content_hash": document.content_hash,
    }


def document_from_row(document_id: str, row: Mapping[str, Any]) -> Document:
    """The inverse of document_row."""
    return Document(
        id=document_id,
        source=row["source"],
        uri=row["uri"],
        title=row["title"],
        audience=frozenset(row["audience"]),
        language=row["document_language"],
        date=date.fromisoformat(row["date"]) if row["date"] else None,
        licence=row["licence"],
        site=row["site"] or None,
        tags=json.loads(row["tags"]),
        content_hash=row["content_hash"],
    )


def passage_row(passage: Passage) -> Row:
    """The passage with its document and locator; `id` is the passage's, `document_id` the document's."""
    locator = passage.locator
    first, last = locator.rows or (0, 0)
    return {
        "id": passage.id,
        "document_id": passage.document.id,
        **document_row(passage.document),
        "text": passage.text,
        "language": passage.language,
        "position": passage.position,
        "page": locator.page or 0,
        "headings": list(locator.headings),
        "article": locator.article or "",
        "sheet": locator.sheet or "",
        "row_first": first,
        "row_last": last,
    }


def passage_from_row(row: Mapping[str, Any]) -> Passage:
    """The inverse of passage_row; other columns (vectors, scores) are ignored."""
    first, last = int(row["row_first"]), int(row["row_last"])
    return Passage(
        id=row["id"],
        document=document_from_row(row["document_id"], row),
        text=row["text"],
        locator=Locator(
            page=int(row["page"]) or None,
            headings=tuple(row["headings"]),
            article=row["article"] or None,
            sheet=row["sheet"] or None,
            rows=(first, last) if first else None,
        ),
        language=row["language"],
        position=int(row["position"]),
    )


def indexed_row(indexed: IndexedDocument) -> Row:
    """One line of the manifest: the document and what is known of its indexing; `id` is the document's."""
    return {
        "id": indexed.document.id,
        **document_row(indexed.document),
        "version": indexed.version,
        "passages": indexed.passages,
        "indexed_at": indexed.indexed_at,
        "error": indexed.error,
    }


def indexed_from_row(row: Mapping[str, Any]) -> IndexedDocument:
    """The inverse of indexed_row."""
    return IndexedDocument(
        document=document_from_row(row["id"], row),
        version=row["version"],
        passages=int(row["passages"]),
        indexed_at=row["indexed_at"],
        error=row["error"],
    )
