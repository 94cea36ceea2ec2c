"""What a LanceDB table of passages is indexed by, at which size, and how much of the index a search looks into."""

from __future__ import annotations

import math
from typing import Any

from lancedb.index import Bitmap, BTree, IvfFlat, IvfRq, LabelList

INDEXED_FROM = 5_000
"""Passages from which on vectors are found by an index; with fewer an exact search is as quick."""
CODED_FROM = 50_000
"""Passages from which on the index keeps codes of a bit a dimension: whole vectors of more would fill the memory."""
REREAD = 4
"""How many times the wanted rows are read exactly: codes tell near ones apart badly (docs/speed.md)."""
_PROBED, _LEAST_PROBES = 0.1, 16
"""The share of the index's partitions that a search looks into, and how many at least."""
_GROWN = 4
"""An index is made anew for a table so many times larger than the one that it was made for: its partitions are too large then."""
_NAME = "vector_of_"
_SCALAR = {"id": BTree, "document_id": BTree, "language": Bitmap, "audience": LabelList, "site": Bitmap}


async def make_indexes(table: Any) -> None:
    """Make what is missing for the table's size. The vectors' index is named by the size that it was made for."""
    count = await table.count_rows()
    if count < INDEXED_FROM:
        return
    held = {column: index.name for index in await table.list_indices() for column in index.columns}
    for column, kind in _SCALAR.items():
        if column not in held:
            await table.create_index(column, config=kind())
    before = held.get("vector")
    if before is None or count > _GROWN * _size(before):
        await table.create_index("vector", config=_vectors(count), name=f"{_NAME}{count}")
        if before is not None:
            await table.drop_index(before)


async def indexed(table: Any) -> int:
    """The size of the table for which its vectors' index was made; 0 without one."""
    return max((_size(index.name) for index in await table.list_indices() if "vector" in index.columns), default=0)


def probes(size: int) -> int:
    """How many partitions a search looks into, of an index made for `size` passages."""
    return max(_LEAST_PROBES, round(_PROBED * _partitions(size)))


def _vectors(count: int) -> IvfFlat | IvfRq:
    kind = IvfFlat if count < CODED_FROM else IvfRq
    return kind(distance_type="dot", num_partitions=_partitions(count))


def _partitions(count: int) -> int:
    return max(16, round(math.sqrt(count) / 2))


def _size(name: str) -> int:
    """The size in an index's name; 1 for one that was made before sizes stood in names, so that it is made anew."""
    return int(name.removeprefix(_NAME)) if name.startswith(_NAME) else 1
