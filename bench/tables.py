"""Questions over tables: is the right table first? `python -m bench.tables GRIQA [--cache FOLDER]`.

GRIQA is a checkout of GRI-QA (softlab-unimore/gri_qa): tables of companies' sustainability reports and questions on one table
each, which do not name the company. A question is put to the tables of its company only, as to an audience of its own. Tables
are read by the adviser's CSV parser and searched in its index. Some reports print a table twice, so the second column also
counts another table of the company that holds the answer's value.
"""

from __future__ import annotations

import ast
import asyncio
import csv
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.common import arguments, embedded, table
from config.company import SourceConfig
from rag.analyse import terms
from rag.bm25 import bm25
from rag.embed.embedded import EmbeddedEmbedder, join
from rag.embed.use import SentenceEncoder
from rag.ground import EMBEDDED
from rag.ingest.build import build
from rag.ingest.parse.formats import parse
from rag.ingest.sync import passage_text
from rag.models import Passage, Scope
from rag.ports import Batch, Fetched, Item, Query
from rag.stores.lance import LanceStore

SETS = ("extra", "rel", "quant", "multistep")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on one table: company, uri of the table, and the value that answers it if it stands in one cell."""

    text: str
    company: str
    uri: str
    value: str


def questions(folder: Path, name: str) -> list[Asked]:
    """The questions of one file, each once, whose table is there."""
    found: dict[tuple[str, str], Asked] = {}
    with (folder / "one-table" / f"gri-qa_{name}.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            report, page, number = (ast.literal_eval(line[key])[0] for key in ("pdf name", "page nbr", "table nbr"))
            company = str(report).removesuffix(".pdf")
            uri = f"{company}/{page}_{number}.csv"
            if (folder / "annotation" / uri).exists():
                found[line["question"], uri] = Asked(line["question"], company, uri, str(line["value"]).strip())
    return list(found.values())


def documents(folder: Path) -> Iterator[Batch]:
    """Every table as the adviser reads it, its company as audience; without vectors."""
    for path in sorted((folder / "annotation").glob("*/*.csv")):
        company = path.parent.name
        source = SourceConfig(name=company.lower(), audience=(company,))
        fetched = Fetched(Item(f"{company}/{path.name}", path.name, "1"), path.read_bytes())
        document, passages = build(source, fetched, parse(fetched))
        yield Batch(document, "1", tuple(passages))


async def ranked(store: LanceStore, asked: Asked, vector: np.ndarray) -> list[str]:
    """The company's tables, best first."""
    hits = await store.search(Query(asked.text, "en", vector, 60, EMBEDDED.cross_language), Scope(frozenset({asked.company})))
    return list(dict.fromkeys(hit.passage.document.uri for hit in hits))


def by_words(passages: Sequence[Passage], asked: Asked) -> list[str]:
    """The same by BM25 alone, rarity taken over all tables."""
    own = [place for place, one in enumerate(passages) if one.document.uri.startswith(f"{asked.company}/")]
    scores = np.asarray(bm25(terms(asked.text), [terms(f"{one.context} {one.text}") for one in passages]))
    return [passages[place].document.uri for place in sorted(own, key=lambda place: -scores[place])]


def shares(found: Mapping[Asked, list[str]], cells: Mapping[str, frozenset[str]]) -> tuple[str, str]:
    """How often the first table is the right one; how often that or another with the answer's value."""
    right = [bool(order) and order[0] == asked.uri for asked, order in found.items()]
    either = [
        hit or (bool(order) and asked.value in cells[order[0]]) for hit, (asked, order) in zip(right, found.items(), strict=True)
    ]
    return f"{np.mean(right):.3f}", f"{np.mean(either):.3f}"


async def run(folder: Path, cache: Path) -> None:
    """Index the tables, ask every question, print the table of results."""
    batches = list(documents(folder))
    passages = [one for batch in batches for one in batch.passages]
    vectors = embedded([passage_text(one) for one in passages], cache / "tables.npz", queries=False)
    joined = iter(join(vectors.meaning, vectors.short))
    cells = {batch.document.uri: _cells(folder / "annotation" / batch.document.uri) for batch in batches}
    embedder = EmbeddedEmbedder(SentenceEncoder())
    lines = []
    with tempfile.TemporaryDirectory() as index:
        store = LanceStore(Path(index), embedder.dimension, embedder.name)
        await store.write(
            [Batch(one.document, "1", one.passages, np.array([next(joined) for _ in one.passages])) for one in batches]
        )
        for name in SETS:
            asked = questions(folder, name)
            of = embedded([one.text for one in asked], cache / f"tables-{name}.npz", queries=True)
            found = {one: await ranked(store, one, vector) for one, vector in zip(asked, join(of.meaning, of.short), strict=True)}
            words = {one: by_words(passages, one) for one in asked}
            lines.append((name, len(asked), *shares(words, cells), *shares(found, cells)))
    print(table(("questions", "count", "BM25 first", "or same value", "default first", "or same value"), lines))


def _cells(path: Path) -> frozenset[str]:
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        return frozenset(cell.strip() for line in csv.reader(file, delimiter=";") for cell in line)


def main() -> None:
    """Command line."""
    parser = arguments(__doc__)
    parser.add_argument("--cache", type=Path, help="folder to keep the vectors in")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        asyncio.run(run(chosen.data, chosen.cache or Path(temporary)))


if __name__ == "__main__":
    main()
