"""One Pinecone serverless index as a real server: the data plane that the SDK speaks, with its limits and its lag.

Beliefs about the platform, with source:
* POST /vectors/upsert, /query, /vectors/delete, /vectors/update, /vectors/fetch_by_metadata, /describe_index_stats and GET
  /vectors/fetch, /vectors/list; camelCase JSON; header Api-Key, 401 without the right one (pinecone 10.2 source).
* An upsert holds at most 1000 records and 2 MB; metadata 40 KB a record, of strings, numbers, booleans and lists of strings,
  never null; numbers come back as floats; ids are 1 to 512 ASCII characters (operation limits page, seen 2025; SDK validation).
* A dense vector needs the index's dimension and one value that is not 0 (upsert guide, seen 2025).
* topK <= 10 000 and a result <= 4 MB; list pages hold 100 ids, fetch and delete take 1000 (operation limits page, seen 2025).
* Filters: $eq $ne $in $nin $gt $gte $lt $lte $exists $and $or; on a list of strings $eq and $in match any of its members; a bare
  value means $eq and several keys mean $and; a filter may not be empty (metadata filter guide, seen 2025); $in and $nin take at
  most 10 000 values (operation limits page, as remembered: to be checked against the service).
* Fetch and delete by metadata work on serverless indexes (vendor's announcement, 2025); older pages say they do not.
* A namespace comes into being with its first record. Reading one that does not exist finds nothing; deleting from it is 404
  (seen in user reports, 2024); we treat 404 on any data call as "nothing there".
* Eventually consistent: what is written may be seen a little later, by any kind of read (data freshness page, seen 2025).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from aiohttp import web

from tests.fakes.faults import FakeServer

Record = dict[str, Any]
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": lambda have, want: want in have if isinstance(have, list) else have == want,
    "$in": lambda have, want: bool(set(have) & set(want)) if isinstance(have, list) else have in want,
    "$ne": lambda have, want: not _COMPARE["$eq"](have, want),
    "$nin": lambda have, want: not _COMPARE["$in"](have, want),
    "$gt": lambda have, want: have > want,
    "$gte": lambda have, want: have >= want,
    "$lt": lambda have, want: have < want,
    "$lte": lambda have, want: have <= want,
}


class RefusedError(Exception):
    """The request breaks a rule; `status` is what the platform answers."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class FakePinecone(FakeServer):
    """`async with FakePinecone(dimension=8) as fake:` then give `fake.url` as host. `lag` is in seconds."""

    def __init__(self, dimension: int, api_key: str = "pc-test", lag: float = 0.0) -> None:
        super().__init__()
        self.dimension = dimension
        self.api_key = api_key
        self.lag = lag
        self._spaces: dict[str, dict[str, Record]] = {}
        self._pending: list[tuple[float, Callable[[], None]]] = []

    def routes(self) -> list[web.RouteDef]:
        posts = {
            "/vectors/upsert": self._upsert, "/query": self._query, "/vectors/delete": self._delete,
            "/vectors/update": self._update, "/vectors/fetch_by_metadata": self._fetch_by_metadata,
            "/describe_index_stats": self._stats,
        }  # fmt: skip
        gets = {"/vectors/fetch": self._fetch, "/vectors/list": self._list}
        return [
            *(web.post(path, self._guard(handler)) for path, handler in posts.items()),
            *(web.get(path, self._guard(handler)) for path, handler in gets.items()),
        ]

    def stored(self, namespace: str) -> dict[str, Record]:
        """What a namespace holds now, for tests to look at; {} if there is none."""
        self._settle()
        return self._spaces.get(namespace, {})

    def namespaces(self) -> set[str]:
        """Namespaces that hold anything."""
        self._settle()
        return {name for name, records in self._spaces.items() if records}

    def _guard(self, handler: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[web.Request], Any]:
        async def guarded(request: web.Request) -> web.Response:
            if request.headers.get("Api-Key") != self.api_key:
                return web.json_response({"code": 16, "message": "Invalid API Key", "details": []}, status=401)
            if request.method == "GET":
                asked: dict[str, Any] = {**request.query, "ids": request.query.getall("ids", [])}
            else:
                asked = json.loads(await request.read())
            self._settle()
            try:
                return web.json_response(handler(asked))
            except RefusedError as refused:
                return web.json_response({"code": 3, "message": str(refused), "details": []}, status=refused.status)

        return guarded

    def _upsert(self, asked: dict[str, Any]) -> dict[str, Any]:
        if len(asked["vectors"]) > 1000 or len(json.dumps(asked, ensure_ascii=False).encode()) > 2 * 2**20:
            raise RefusedError("an upsert holds at most 1000 records and 2 MB", 413)
        for record in asked["vectors"]:
            self._check(record)
        space = asked.get("namespace", "")
        fresh = {record["id"]: {**record, "metadata": _floats(record.get("metadata") or {})} for record in asked["vectors"]}
        self._later(lambda: self._spaces.setdefault(space, {}).update(fresh))
        return {"upsertedCount": len(fresh)}

    def _check(self, record: Record) -> None:
        values, metadata = record["values"], record.get("metadata") or {}
        if not record["id"].isascii() or not 0 < len(record["id"]) <= 512:
            raise RefusedError("ids are 1 to 512 ASCII characters")
        if len(values) != self.dimension:
            raise RefusedError(f"Vector dimension {len(values)} does not match the dimension of the index {self.dimension}")
        if not any(values) or not all(isinstance(value, (int, float)) for value in values):
            raise RefusedError("Dense vectors must contain at least one non-zero value")
        if len(json.dumps(metadata, ensure_ascii=False).encode()) > 40 * 1024:
            raise RefusedError("metadata size exceeds 40960 bytes")
        for value in metadata.values():
            if not (isinstance(value, (str, int, float)) or (isinstance(value, list) and all(isinstance(v, str) for v in value))):
                raise RefusedError("Metadata value must be a string, number, boolean or list of strings")

    def _query(self, asked: dict[str, Any]) -> dict[str, Any]:
        if not 0 < asked["topK"] <= 10_000 or len(asked["vector"]) != self.dimension:
            raise RefusedError("topK must be 1 to 10000 and the vector of the index's dimension")
        wanted = np.array(asked["vector"], dtype=np.float64)
        scored = [
            {"id": record["id"], "score": _cosine(wanted, record["values"]), "values": [], **_shown(record, asked)}
            for record in self._matching(asked)
        ]
        matches = sorted(scored, key=lambda match: (-match["score"], match["id"]))[: asked["topK"]]
        if len(json.dumps(matches, ensure_ascii=False).encode()) > 4 * 2**20:
            raise RefusedError("the result exceeds 4 MB")
        return {"matches": matches, "namespace": asked.get("namespace", ""), "usage": {"readUnits": 1}}

    def _fetch(self, asked: dict[str, Any]) -> dict[str, Any]:
        if not 0 < len(asked["ids"]) <= 1000:
            raise RefusedError("fetch takes 1 to 1000 ids")
        space = self._spaces.get(asked.get("namespace", ""), {})
        return {"vectors": {key: space[key] for key in asked["ids"] if key in space}, "usage": {"readUnits": 1}}

    def _fetch_by_metadata(self, asked: dict[str, Any]) -> dict[str, Any]:
        page, after = self._page(sorted(self._matching(asked), key=lambda record: record["id"]), asked, 100)
        return {"vectors": {record["id"]: record for record in page}, **after, "usage": {"readUnits": 1}}

    def _list(self, asked: dict[str, Any]) -> dict[str, Any]:
        ids = sorted(key for key in self._spaces.get(asked.get("namespace", ""), {}) if key.startswith(asked.get("prefix", "")))
        page, after = self._page([{"id": key} for key in ids], asked, 100)
        return {"vectors": page, **after, "namespace": asked.get("namespace", ""), "usage": {"readUnits": 1}}

    @staticmethod
    def _page(rows: list[Record], asked: dict[str, Any], default: int) -> tuple[list[Record], dict[str, Any]]:
        start, size = int(asked.get("paginationToken") or 0), int(asked.get("limit") or default)
        after = {"pagination": {"next": str(start + size)}} if start + size < len(rows) else {}
        return rows[start : start + size], after

    def _delete(self, asked: dict[str, Any]) -> dict[str, Any]:
        space = self._spaces.get(asked.get("namespace", ""))
        if space is None:
            raise RefusedError("Namespace not found", 404)
        if len(asked.get("ids") or []) > 1000:
            raise RefusedError("delete takes 1 to 1000 ids")
        gone = list(space) if asked.get("deleteAll") else asked.get("ids") or [one["id"] for one in self._matching(asked)]
        self._later(lambda: [space.pop(key, None) for key in gone])
        return {}

    def _update(self, asked: dict[str, Any]) -> dict[str, Any]:
        record = self._spaces.get(asked.get("namespace", ""), {}).get(asked.get("id", ""))
        if record is not None:
            self._later(lambda: record["metadata"].update(_floats(asked.get("setMetadata") or {})))
        return {}

    def _stats(self, asked: dict[str, Any]) -> dict[str, Any]:
        counts = {name or "__default__": {"vectorCount": len(records)} for name, records in self._spaces.items()}
        total = sum(len(records) for records in self._spaces.values())
        return {
            "namespaces": counts,
            "dimension": self.dimension,
            "metric": "cosine",
            "indexFullness": 0,
            "totalVectorCount": total,
        }

    def _matching(self, asked: dict[str, Any]) -> list[Record]:
        condition = asked.get("filter")
        if condition == {}:
            raise RefusedError("a filter may not be empty")
        space = self._spaces.get(asked.get("namespace", ""), {}).values()
        return [record for record in space if condition is None or _matches(record["metadata"], condition)]

    def _later(self, change: Callable[[], Any]) -> None:
        self._pending.append((time.monotonic() + self.lag, change))
        self._settle()

    def _settle(self) -> None:
        """Let the writes that are due be seen, in their order."""
        while self._pending and self._pending[0][0] <= time.monotonic():
            self._pending.pop(0)[1]()


def _matches(metadata: Mapping[str, Any], condition: Mapping[str, Any]) -> bool:
    for key, want in condition.items():
        if key == "$and":
            met = all(_matches(metadata, part) for part in want)
        elif key == "$or":
            met = any(_matches(metadata, part) for part in want)
        else:
            met = all(_compare(metadata, key, *pair) for pair in (want if isinstance(want, dict) else {"$eq": want}).items())
        if not met:
            return False
    return True


def _compare(metadata: Mapping[str, Any], key: str, operator: str, want: Any) -> bool:
    if operator == "$exists":
        return bool((key in metadata) == want)
    if operator not in _COMPARE:
        raise RefusedError(f"{operator} is not a valid operator")
    if operator in ("$in", "$nin") and not (isinstance(want, list) and 0 < len(want) <= 10_000):
        raise RefusedError(f"{operator} takes a list of 1 to 10000 values")
    return key in metadata and bool(_COMPARE[operator](metadata[key], want))


def _shown(record: Record, asked: dict[str, Any]) -> dict[str, Any]:
    shown = {"metadata": record["metadata"]} if asked.get("includeMetadata") else {}
    return {**shown, "values": record["values"]} if asked.get("includeValues") else shown


def _cosine(wanted: np.ndarray[Any, np.dtype[np.float64]], values: list[float]) -> float:
    have = np.array(values, dtype=np.float64)
    return float(wanted @ have / (np.linalg.norm(wanted) * np.linalg.norm(have) or 1.0))


def _floats(metadata: Mapping[str, Any]) -> Record:
    return {key: float(value) if type(value) is int else value for key, value in metadata.items()}
