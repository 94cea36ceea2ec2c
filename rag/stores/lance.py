"""The embedded index: LanceDB in a folder or a bucket, vectors and full text, scoped by a filter on every read."""

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
from rag.fuse import fuse, score
from rag.models import Document, Hit, Passage, Scope
from rag.ports import Batch, IndexedDocument, Query, Vectors
from rag.stores import lance_indexes
from rag.stores.frequencies import Frequencies
from rag.stores.place import Folder, Place, plainly
from rag.stores.rows import document_row, indexed_from_row, indexed_row, passage_from_row, passage_row

_CANDIDATES = 100
"""How many rows each search brings to the fusion, at least."""
_OLD = timedelta(hours=1)
"""A version that was replaced so long ago is read by nobody."""
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
    """PassageStore in a place. Vectors of different embedders live in different sub-folders, never mixed."""

    def __init__(self, place: Path | Place, dimension: int, embedder_name: str) -> None:
        self._place: Place = Folder(place) if isinstance(place, Path) else place
        self._name = re.sub(r"[^A-Za-z0-9.]+", "_", embedder_name)
        self._dimension = dimension
        self._opening = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._tables: tuple[Any, Any] | None = None
        self._frequencies = Frequencies()

    async def write(self, batches: Sequence[Batch]) -> None:
        if not batches:
            return
        passages, documents = await self._open()
        rows = [row for batch in batches for row in passage_rows(batch.passages, batch.vectors)]
        ids = [batch.document.id for batch in batches]
        async with self._writing:
            merge = passages.merge_insert("id").when_matched_update_all().when_not_matched_insert_all()
            merge = merge.when_not_matched_by_source_delete(f"document_id IN ({_list(ids)})")
            await _guard(merge.execute(pa.Table.from_pylist(rows, schema=self.passage_schema())))
            manifest = pa.Table.from_pylist([_manifest_row(batch) for batch in batches], schema=_MANIFEST)
            await _guard(documents.merge_insert("id").when_matched_update_all().when_not_matched_insert_all().execute(manifest))

    async def relabel(self, document: Document, version: str) -> None:
        passages, documents = await self._open()
        labels = document_row(document)
        async with self._writing:
            rows = await _rows(passages.query().where(f"document_id = '{_quote(document.id)}'"))
            updated = pa.Table.from_pylist([{**row, **labels} for row in rows], schema=self.passage_schema())
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
        where = _where(scope)
        # What lies further than twice the limit can only win by words, and those are searched deeper.
        near, worded = max(_CANDIDATES, 2 * query.limit), max(_CANDIDATES, 4 * query.limit)
        asked = terms(query.text)
        full = ceiling(asked, *await self._frequencies.get(passages))
        # Each language has its own search: else the question's own would crowd the other one out of the candidates.
        own, other, by_words = await asyncio.gather(
            *(self._nearest(query, f"{where} AND language {sign} '{_quote(query.language)}'", near) for sign in ("=", "<>")),
            self._by_words(" ".join(asked), where, worded),
        )
        dense = own | other
        dense |= await self._similarities(query, [one for one in by_words if one not in dense])
        scores = {
            one: score(query, similar, by_words.get(one, (0.0, ""))[0], full, language)[0]
            for one, (similar, language) in dense.items()
        }
        best = sorted(scores, key=lambda one: (-scores[one], one))[: query.limit]
        rows = await self._whole(best)
        return fuse(
            ((passage_from_row(row), dense[row["id"]][0], by_words.get(row["id"], (0.0, ""))[0]) for row in rows), query, full
        )

    async def _nearest(self, query: Query, where: str, count: int) -> dict[str, tuple[float, str]]:
        """(similarity, language) of the nearest passages by id; read again exactly where the index only estimates."""
        passages, _ = await self._open()
        search = passages.query().nearest_to(query.vector).distance_type("dot").where(where).limit(count)
        search = search.nprobes(lance_indexes.probes(self._frequencies.indexed)).refine_factor(lance_indexes.REREAD)
        search = search.select(["id", "language", "_distance"])
        found = await _guard(search.to_arrow())
        similar = 1.0 - found["_distance"].to_numpy()
        return dict(zip(found["id"].to_pylist(), zip(similar.tolist(), found["language"].to_pylist(), strict=True), strict=True))

    async def _by_words(self, question: str, where: str, count: int) -> dict[str, tuple[float, str]]:
        """(BM25 score, language) of the passages that share words with the question, by id."""
        if not question:
            return {}
        passages, _ = await self._open()
        search = passages.query().nearest_to_text(question, columns="terms").where(where).limit(count)
        found = await _guard(search.select(["id", "language", "_score"]).to_arrow())
        scored = zip(found["_score"].to_pylist(), found["language"].to_pylist(), strict=True)
        return dict(zip(found["id"].to_pylist(), scored, strict=True))

    async def _similarities(self, query: Query, ids: Sequence[str]) -> dict[str, tuple[float, str]]:
        """(similarity, language) of these passages."""
        if not ids:
            return {}
        passages, _ = await self._open()
        found = await _guard(passages.query().where(f"id IN ({_list(ids)})").select(["id", "language", "vector"]).to_arrow())
        vectors = found["vector"].combine_chunks().flatten().to_numpy().reshape(-1, self._dimension)
        similar = (vectors @ query.vector).tolist()
        return dict(zip(found["id"].to_pylist(), zip(similar, found["language"].to_pylist(), strict=True), strict=True))

    async def _whole(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """The rows of these passages, without what only searches need."""
        if not ids:
            return []
        passages, _ = await self._open()
        columns = [field.name for field in self.passage_schema() if field.name not in {"vector", "terms"}]
        return await _rows(passages.query().where(f"id IN ({_list(ids)})").select(columns))

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
        columns = [field.name for field in self.passage_schema() if field.name not in {"vector", "terms"}]
        where = f"document_id IN ({_list([one.document.id for one in documents])})"
        rows = await _rows(passages.query().where(where).select(columns)) if documents else []
        found = sorted((passage_from_row(row) for row in rows), key=lambda passage: passage.position)
        of = {one.document.id: tuple(passage for passage in found if passage.document.id == one.document.id) for one in documents}
        return [Batch(one.document, one.version, of[one.document.id], error=one.error) for one in documents]

    async def embedded(self, document_ids: Sequence[str]) -> list[tuple[Passage, Vectors]]:
        passages, _ = await self._open()
        columns = [field.name for field in self.passage_schema() if field.name != "terms"]
        rows = (
            await _rows(passages.query().where(f"document_id IN ({_list(document_ids)})").select(columns)) if document_ids else []
        )
        return [(passage_from_row(row), np.asarray(row["vector"], dtype=np.float32)) for row in rows]

    async def append(self, rows: pa.Table) -> None:
        """Add passages that are known to be new, without a manifest: for filling an index in bulk."""
        passages, _ = await self._open()
        async with self._writing:
            await _guard(passages.add(rows))

    async def optimize(self) -> None:
        """Compact, index what was written, and drop versions that nobody reads any more."""
        passages, documents = await self._open()
        async with self._writing:
            await _guard(lance_indexes.make_indexes(passages))
            await _guard(passages.optimize(cleanup_older_than=_OLD))
            await _guard(documents.optimize(cleanup_older_than=_OLD))

    async def _open(self) -> tuple[Any, Any]:
        async with self._opening:
            if self._tables is None:
                uri, options = await asyncio.to_thread(self._place.index, self._name)
                connection = await _guard(
                    lancedb.connect_async(uri, storage_options=dict(options) or None, read_consistency_interval=_SEEN_AFTER)
                )
                passages = await _guard(connection.create_table("passages", schema=self.passage_schema(), exist_ok=True))
                if not await _guard(passages.list_indices()):
                    await _guard(passages.create_index("terms", config=_FULL_TEXT))
                documents = await _guard(connection.create_table("documents", schema=_MANIFEST, exist_ok=True))
                self._tables = (passages, documents)
            return self._tables

    def passage_schema(self) -> pa.Schema:
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


def passage_rows(passages: Sequence[Passage], vectors: Vectors) -> list[dict[str, Any]]:
    """The rows of passages, with what searches need."""
    return [
        {**passage_row(passage), "terms": " ".join(terms(f"{passage.context} {passage.text}")), "vector": vector}
        for passage, vector in zip(passages, vectors, strict=True)
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


async def _rows(query: Any) -> list[dict[str, Any]]:
    return list(await _guard(query.to_list()))


async def _guard(call: Any) -> Any:
    """LanceDB raises plain RuntimeError, OSError and ValueError; callers see one kind of error."""
    try:
        return await call
    except (RuntimeError, OSError, ValueError) as error:
        raise StoreError(f"LanceDB: {plainly(error)}") from error
