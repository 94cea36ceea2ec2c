"""The embedded index: one LanceDB folder with vectors and full text, scoped by a filter on every read."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import lancedb
import numpy as np
import pyarrow as pa
from lancedb.index import FTS

from rag.analyse import terms
from rag.bm25 import ceiling
from rag.errors import StoreError
from rag.fuse import fuse
from rag.models import Document, Hit, Passage, Scope
from rag.ports import Batch, IndexedDocument, Query
from rag.stores.frequencies import Frequencies
from rag.stores.rows import document_row, indexed_from_row, indexed_row, passage_from_row, passage_row

_CANDIDATES = 100
"""How many rows each of the two searches brings to the fusion, at least."""
_SEEN_AFTER = timedelta(seconds=1)
"""When what another process wrote is seen here at the latest; by default LanceDB never looks."""
_TEXTS = ("source", "uri", "title", "document_language", "date", "licence", "site", "tags", "content_hash")
_FULL_TEXT = FTS(
    base_tokenizer="whitespace",
    lower_case=False,
    stem=False,
    ascii_folding=False,
    remove_stop_words=False,
    max_token_length=None,
    with_position=False,
)  # the column holds our own terms (rag.analyse): Lance's Spanish analyser does not match «tuberia» to «tuberías»


class LanceStore:
    """PassageStore on a folder. Vectors of different embedders live in different sub-folders, never mixed."""

    def __init__(self, path: Path, dimension: int, embedder_name: str) -> None:
        self._path = path / re.sub(r"[^A-Za-z0-9.]+", "_", embedder_name)
        self._dimension = dimension
        self._opening = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._tables: tuple[Any, Any] | None = None
        self._frequencies = Frequencies()

    async def write(self, batches: Sequence[Batch]) -> None:
        if not batches:
            return
        passages, documents = await self._open()
        rows = [row for batch in batches for row in _passage_rows(batch)]
        ids = [batch.document.id for batch in batches]
        async with self._writing:
            merge = passages.merge_insert("id").when_matched_update_all().when_not_matched_insert_all()
            merge = merge.when_not_matched_by_source_delete(f"document_id IN ({_list(ids)})")
            await _guard(merge.execute(pa.Table.from_pylist(rows, schema=self._passage_schema())))
            manifest = pa.Table.from_pylist([_manifest_row(batch) for batch in batches], schema=_MANIFEST)
            await _guard(documents.merge_insert("id").when_matched_update_all().when_not_matched_insert_all().execute(manifest))

    async def relabel(self, document: Document, version: str) -> None:
        passages, documents = await self._open()
        labels = document_row(document)
        async with self._writing:
            rows = await _rows(passages.query().where(f"document_id = '{_quote(document.id)}'"))
            updated = pa.Table.from_pylist([{**row, **labels} for row in rows], schema=self._passage_schema())
            await _guard(passages.merge_insert("id").when_matched_update_all().execute(updated))
            known = await _rows(documents.query().where(f"id = '{_quote(document.id)}'"))
            manifest = pa.Table.from_pylist([{**row, **labels, "version": version} for row in known], schema=_MANIFEST)
            await _guard(documents.merge_insert("id").when_matched_update_all().execute(manifest))

    async def delete(self, document_ids: Sequence[str]) -> None:
        if not document_ids:
            return
        passages, documents = await self._open()
        async with self._writing:
            await _guard(passages.delete(f"document_id IN ({_list(document_ids)})"))
            await _guard(documents.delete(f"id IN ({_list(document_ids)})"))

    async def search(self, query: Query, scope: Scope) -> list[Hit]:
        passages, _ = await self._open()
        count, where = max(_CANDIDATES, 4 * query.limit), _where(scope)
        languages = (f"{where} AND language {sign} '{_quote(query.language)}'" for sign in ("=", "<>"))
        own, other = (passages.query().nearest_to(query.vector).distance_type("dot").where(one).limit(count) for one in languages)
        asked = terms(query.text)
        question = " ".join(asked)
        full = ceiling(asked, *await self._frequencies.get(passages))
        lexical = passages.query().nearest_to_text(question, columns="terms").where(where).limit(count) if question else None
        # Each language has its own search: else the question's own would crowd the other one out of the candidates.
        by_words, *by_vector = await asyncio.gather(_rows(lexical) if lexical else _nothing(), _rows(own), _rows(other))
        bm25 = {row["id"]: float(row["_score"]) for row in by_words}
        found = {row["id"]: row for rows in (*by_vector, by_words) for row in rows}
        dense = {one: float(np.dot(row["vector"], query.vector)) for one, row in found.items()}
        return fuse(((passage_from_row(row), dense[one], bm25.get(one, 0.0)) for one, row in found.items()), query, full)

    async def passage(self, passage_id: str, scope: Scope) -> list[Passage]:
        passages, _ = await self._open()
        scoped = _where(Scope(scope.audiences))
        found = await _rows(passages.query().where(f"id = '{_quote(passage_id)}' AND {scoped}").limit(1))
        if not found:
            return []
        document, position = _quote(found[0]["document_id"]), int(found[0]["position"])
        near = f"document_id = '{document}' AND position BETWEEN {position - 1} AND {position + 1} AND {scoped}"
        rows = await _rows(passages.query().where(near))
        return sorted((passage_from_row(row) for row in rows), key=lambda passage: passage.position)

    async def documents(self, source: str | None = None) -> list[IndexedDocument]:
        _, documents = await self._open()
        query = documents.query()
        rows = await _rows(query.where(f"source = '{_quote(source)}'") if source is not None else query)
        return sorted((indexed_from_row(row) for row in rows), key=lambda one: (one.document.source, one.document.uri))

    async def batches(self, documents: Sequence[IndexedDocument]) -> list[Batch]:
        """These documents as they were written, without vectors."""
        passages, _ = await self._open()
        columns = [field.name for field in self._passage_schema() if field.name not in {"vector", "terms"}]
        where = f"document_id IN ({_list([one.document.id for one in documents])})"
        rows = await _rows(passages.query().where(where).select(columns)) if documents else []
        found = sorted((passage_from_row(row) for row in rows), key=lambda passage: passage.position)
        of = {one.document.id: tuple(passage for passage in found if passage.document.id == one.document.id) for one in documents}
        return [Batch(one.document, one.version, of[one.document.id], error=one.error) for one in documents]

    async def optimize(self) -> None:
        passages, documents = await self._open()
        async with self._writing:
            await _guard(passages.optimize())
            await _guard(documents.optimize())

    async def _open(self) -> tuple[Any, Any]:
        async with self._opening:
            if self._tables is None:
                self._path.mkdir(parents=True, exist_ok=True)
                connection = await _guard(lancedb.connect_async(self._path, read_consistency_interval=_SEEN_AFTER))
                passages = await _guard(connection.create_table("passages", schema=self._passage_schema(), exist_ok=True))
                if not await _guard(passages.list_indices()):
                    await _guard(passages.create_index("terms", config=_FULL_TEXT))
                documents = await _guard(connection.create_table("documents", schema=_MANIFEST, exist_ok=True))
                self._tables = (passages, documents)
            return self._tables

    def _passage_schema(self) -> pa.Schema:
        return pa.schema(
            [
                *(
                    (name, pa.string())
                    for name in ("id", "document_id", *_TEXTS, "text", "language", "article", "sheet", "terms")
                ),
                *((name, pa.int32()) for name in ("position", "page", "row_first", "row_last")),
                *((name, pa.list_(pa.string())) for name in ("audience", "headings")),
                ("vector", pa.list_(pa.float32(), self._dimension)),
            ]
        )


_MANIFEST = pa.schema(
    [
        *((name, pa.string()) for name in ("id", *_TEXTS, "version", "indexed_at", "error")),
        ("audience", pa.list_(pa.string())),
        ("passages", pa.int32()),
    ]
)


def _passage_rows(batch: Batch) -> list[dict[str, Any]]:
    return [
        {**passage_row(passage), "terms": " ".join(terms(f"{passage.context} {passage.text}")), "vector": vector}
        for passage, vector in zip(batch.passages, batch.vectors, strict=True)
    ]


def _manifest_row(batch: Batch) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return indexed_row(IndexedDocument(batch.document, batch.version, len(batch.passages), now, batch.error))


def _where(scope: Scope) -> str:
    audiences = f"array_has_any(audience, [{_list(sorted(scope.audiences))}])"
    return audiences if scope.site is None else f"{audiences} AND site IN ('', '{_quote(scope.site)}')"


def _list(values: Sequence[str]) -> str:
    return ", ".join(f"'{_quote(value)}'" for value in values)


def _quote(value: str) -> str:
    return value.replace("'", "''")


async def _nothing() -> list[dict[str, Any]]:
    return []


async def _rows(query: Any) -> list[dict[str, Any]]:
    return list(await _guard(query.to_list()))


async def _guard(call: Any) -> Any:
    """LanceDB raises plain RuntimeError, OSError and ValueError; callers see one kind of error."""
    try:
        return await call
    except (RuntimeError, OSError, ValueError) as error:
        raise StoreError(f"LanceDB: {error}") from error
