"""Questions over tables: is the right table first? `python -m bench.tables GRIQA [--cache FOLDER]`.

GRIQA is a checkout of GRI-QA (softlab-unimore/gri_qa): tables of companies' sustainability reports and questions on one table
each, which do not name the company. A question is put to the tables of its company only, as to an audience of its own. Tables
are read by the adviser's CSV parser and searched in its index. Reports print many a row in several tables, and the questions
count one of these only. So a second column also counts a table that has the same rows: every figure asked for, in a row that
shares at least half of the words of its label. "Drawn" is what a search would get that finds the rows every time and draws one
of the tables that have them.
"""

from __future__ import annotations

import ast
import asyncio
import csv
import re
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
_FIGURE = re.compile(r"[<>~+(\-−–\s]*[\d.,]+\s?[%)]*|[-–]?")
_NOTE = re.compile(r"\([a-z]\)$|[\s,%]")

Grid = list[list[str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on one table: company, uri of the table, and the places of the cells that it asks for, counted from 1."""

    text: str
    company: str
    uri: str
    places: tuple[tuple[int, int], ...]


def questions(folder: Path, name: str) -> list[Asked]:
    """The questions of one file, each once, whose table is there."""
    found: dict[tuple[str, str], Asked] = {}
    with (folder / "one-table" / f"gri-qa_{name}.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            report, page, number = (ast.literal_eval(line[key])[0] for key in ("pdf name", "page nbr", "table nbr"))
            company = str(report).removesuffix(".pdf")
            uri = f"{company}/{page}_{number}.csv"
            if (folder / "annotation" / uri).exists():
                found[line["question"], uri] = Asked(line["question"], company, uri, _places(line))
    return list(found.values())


def _places(line: Mapping[str, str]) -> tuple[tuple[int, int], ...]:
    rows, columns = (line.get(name) or line[f"{name[:3]} indices"] for name in ("row", "column"))
    return tuple(zip(_numbers(rows), _numbers(columns), strict=False))  # one question names more columns than rows


def _numbers(text: str) -> list[int]:
    """Of «31», «[33, 33]» and «[[3, 3], [4, 4]]»."""
    return [int(number) for number in re.findall(r"(\d+)(?:\.0)?", text)]


def tables_with(asked: Asked, grids: Mapping[str, Grid]) -> frozenset[str]:
    """The company's tables that have the rows asked for, the right one among them."""
    wanted: dict[int, set[str]] = {}
    for row, column in asked.places:
        wanted.setdefault(row, set()).add(_bare(grids[asked.uri][row - 1][column - 1]))
    rows = [(_label(grids[asked.uri][row - 1]), figures) for row, figures in wanted.items()]
    own = (uri for uri in grids if uri.startswith(f"{asked.company}/"))
    return frozenset({asked.uri, *(uri for uri in own if all(_has(grids[uri], *one) for one in rows))})


def _has(grid: Grid, label: set[str], figures: set[str]) -> bool:
    alike = (row for row in grid if figures <= set(map(_bare, row)))
    return any(2 * len(label & other) >= max(1, min(len(label), len(other))) for other in map(_label, alike))


def _label(row: Sequence[str]) -> set[str]:
    return set(terms(" ".join(cell for cell in row if not _FIGURE.fullmatch(cell))))


def _bare(cell: str) -> str:
    """A cell without its note, percent sign and commas, numbers as numbers: «1,200 (a)» is «1200.0»."""
    bare = _NOTE.sub("", _NOTE.sub("", cell)) if any(map(str.isdigit, cell)) else cell
    try:
        return str(float(bare))
    except ValueError:
        return bare.casefold()


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


def shares(found: Mapping[Asked, list[str]], having: Mapping[Asked, frozenset[str]]) -> tuple[str, str]:
    """How often the first table is the right one; how often that or another with the same rows."""
    right = [order[:1] == [asked.uri] for asked, order in found.items()]
    either = [bool(order) and order[0] in having[asked] for asked, order in found.items()]
    return f"{np.mean(right):.3f}", f"{np.mean(either):.3f}"


async def run(folder: Path, cache: Path) -> None:
    """Index the tables, ask every question, print the table of results."""
    batches = list(documents(folder))
    passages = [one for batch in batches for one in batch.passages]
    vectors = embedded([passage_text(one) for one in passages], cache / "tables.npz", queries=False)
    joined = iter(join(vectors.meaning, vectors.short))
    grids = {batch.document.uri: _grid(folder / "annotation" / batch.document.uri) for batch in batches}
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
            having = {one: tables_with(one, grids) for one in asked}
            drawn = f"{np.mean([1 / len(having[one]) for one in asked]):.3f}"
            lines.append((name, len(asked), *shares(words, having), *shares(found, having), drawn))
    print(table(("questions", "count", "BM25 first", "or same rows", "default first", "or same rows", "drawn"), lines))


def _grid(path: Path) -> Grid:
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        return [[cell.strip() for cell in line] for line in csv.reader(file, delimiter=";")]


def main() -> None:
    """Command line."""
    parser = arguments(__doc__)
    parser.add_argument("--cache", type=Path, help="folder to keep the vectors in")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        asyncio.run(run(chosen.data, chosen.cache or Path(temporary)))


if __name__ == "__main__":
    main()
