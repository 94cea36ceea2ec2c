"""Passages and documents as Pinecone records and back, in requests that fit its limits. Pure.

A record's id is `<hash of the document id>#<generation>#<position>`: ASCII whatever the document's id, listed by prefix, and
with each passage's neighbours known. The generation tells one writing of a document from the next.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from pinecone import Vector

from rag.errors import StoreError
from rag.models import Document, Passage, Scope
from rag.ports import Batch, IndexedDocument, Vectors
from rag.stores.pinecone_words import listed
from rag.stores.rows import Row, document_row, indexed_from_row, indexed_row, passage_from_row, passage_row

_MAX_RECORDS = 100
_MAX_BYTES = 1_800_000
"""Of the 2 MB that an upsert may have; the rest is for the request around the records."""
_MAX_METADATA = 40_000
"""Bytes of the 40 KB that the metadata of a record may have."""
_DECIMALS = 7
"""A float32 below 1 holds no more, and it halves the request."""


def namespaces(tenant: str, embedder: str) -> tuple[str, str]:
    """The namespaces of a tenant's passages and of its documents, apart from every other tenant's and embedder's.

    The embedder's part holds no hyphen, so no tenant's name can be read as another's with an embedder.
    """
    root = f"{quote(tenant, safe='')}--{re.sub(r'[^A-Za-z0-9.]+', '_', embedder)}"
    return f"{root}--passages", f"{root}--documents"


def document_key(document_id: str) -> str:
    """32 hexadecimal digits, whatever the document's id is."""
    return hashlib.sha256(document_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def new_generation() -> str:
    """Different at every writing, also by two processes."""
    return uuid.uuid4().hex[:16]


def record_id(key: str, generation: str, position: int) -> str:
    """The id of one passage's record."""
    return f"{key}#{generation}#{position:06d}"


def split_id(identifier: str) -> tuple[str, str]:
    """Document key and generation of a passage record's id."""
    key, _, rest = identifier.partition("#")
    return key, rest.partition("#")[0]


def passage_records(batch: Batch, generation: str) -> Iterator[Row]:
    """One record for each passage, with everything that a reader needs in its metadata, and the terms that it is asked for by."""
    for passage, vector in zip(batch.passages, batch.vectors, strict=True):
        identifier = record_id(document_key(batch.document.id), generation, passage.position)
        row = {**passage_row(passage), "terms": listed(f"{passage.context} {passage.text}")}
        yield {"id": identifier, "values": numbers(vector), "metadata": fitted(_without_empty_lists(row))}


def relabelled(record: Vector, document: Document, generation: str) -> Row:
    """The record of the same passage in a new generation, with the document's fields as they are now."""
    metadata = fitted({**(record.metadata or {}), **document_row(document)})
    identifier = record_id(document_key(document.id), generation, passage_of(record.metadata).position)
    return {"id": identifier, "values": record.values, "metadata": metadata}


def document_record(indexed: IndexedDocument, generation: str, dimension: int) -> Row:
    """The manifest's line: which generation of a document counts. A namespace cannot do without vectors, so it has a dummy."""
    metadata = {**_without_empty_lists(indexed_row(indexed)), "kind": "document", "generation": generation}
    return {"id": document_key(indexed.document.id), "values": dummy_vector(dimension), "metadata": metadata}


def passage_of(metadata: Mapping[str, Any] | None) -> Passage:
    """The passage that a record holds; StoreError if it is not one of ours."""
    try:
        return passage_from_row({"audience": [], "headings": [], **(metadata or {})})
    except (KeyError, ValueError, TypeError) as error:
        raise StoreError(f"Pinecone: a passage cannot be read ({error})", retryable=False) from error


def indexed_of(metadata: Mapping[str, Any] | None) -> IndexedDocument:
    """The manifest's line that a record holds; StoreError if it is not one of ours."""
    try:
        return indexed_from_row({"audience": [], **(metadata or {})})
    except (KeyError, ValueError, TypeError) as error:
        raise StoreError(f"Pinecone: a document's entry cannot be read ({error})", retryable=False) from error


def generation_of(metadata: Mapping[str, Any] | None) -> str:
    """The generation that counts, as the manifest's line says."""
    return str((metadata or {}).get("generation", ""))


def numbers(vector: Vectors) -> list[float]:
    """Plain floats: the SDK's JSON takes no numpy."""
    rounded: list[float] = vector.astype("float64").round(_DECIMALS).tolist()
    return rounded


def dummy_vector(dimension: int) -> list[float]:
    """The same for all, and not zero: zero vectors are refused."""
    return [1, *[0] * (dimension - 1)]


def scope_filter(scope: Scope) -> dict[str, Any]:
    """What a scope may see, as a metadata filter."""
    audience = {"audience": {"$in": sorted(scope.audiences)}}
    return audience if scope.site is None else {"$and": [audience, {"site": {"$in": ["", scope.site]}}]}


def upserts(records: Iterable[Row]) -> Iterator[list[Row]]:
    """The records in order, in lists that one request may hold."""
    batch: list[Row] = []
    size = 0
    for record in records:
        cost = _bytes(record)
        if batch and (len(batch) == _MAX_RECORDS or size + cost > _MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += cost
    if batch:
        yield batch


def fitted(metadata: Row) -> Row:
    """The metadata if a record may hold it; else without what is only searched for, then with the text's beginning alone.

    Only a passage of one enormous row is that large; refused, it would end every run over its source.
    """
    if _bytes(metadata) <= _MAX_METADATA:
        return metadata
    lean = {name: value for name, value in metadata.items() if name != "terms"}
    over = _bytes(lean) - _MAX_METADATA
    if over <= 0:
        return lean
    text = str(lean["text"])
    while text and _bytes({**lean, "text": text}) > _MAX_METADATA:
        text = text[: len(text) - max(1, over // 8)]
    return {**lean, "text": text}


def _bytes(row: Row) -> int:
    return len(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace"))


def _without_empty_lists(row: Row) -> Row:
    return {name: value for name, value in row.items() if value != []}
