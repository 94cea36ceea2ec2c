"""What embedding and keeping an estimated amount of text takes: time with the embedded models, money with the services. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from config.limits import EMBEDDED_PASSAGES_A_SECOND, EMBEDDING_PRICES, PINECONE_STORAGE, PINECONE_WRITE, Price
from rag.ingest.estimate import Estimated

_WRITE_UNIT = 1000
"""Bytes of a request for which one write unit is counted."""


@dataclass(frozen=True, slots=True)
class Cost:
    """`usd` for `item`: an embedding model, or pinecone_write (once) or pinecone_storage (a month)."""

    item: str
    usd: float
    price: Price


@dataclass(frozen=True, slots=True)
class Totals:
    """All sources together; `seconds` the embedded models take, at least and at most."""

    documents: int
    passages: int
    tokens: int
    index_bytes: int
    seconds: tuple[float, float]
    costs: tuple[Cost, ...]


def totals(found: Sequence[Estimated]) -> Totals:
    """The sums over sources, with what they would take."""
    passages = sum(one.report.passages for one in found)
    counted, size = sum(one.tokens for one in found), sum(one.index_bytes for one in found)
    slow, quick = EMBEDDED_PASSAGES_A_SECOND
    costs = [Cost(model, counted * price.usd / price.per, price) for model, price in EMBEDDING_PRICES.items()]
    costs += [
        Cost("pinecone_write", size / _WRITE_UNIT * PINECONE_WRITE.usd / PINECONE_WRITE.per, PINECONE_WRITE),
        Cost("pinecone_storage", size * PINECONE_STORAGE.usd / PINECONE_STORAGE.per, PINECONE_STORAGE),
    ]
    documents = sum(one.report.added + one.report.changed for one in found)
    return Totals(documents, passages, counted, size, (passages / quick, passages / slow), tuple(costs))
