"""What tells a borne-out sentence from one on the same subject: `python -m bench.verify_thresholds DATA`.

DATA holds the BEIR folders of XQuAD (see bench/fusion.py). Each Spanish sentence is compared with the English version of its
paragraph (it should hold), with other paragraphs of the same article (it should not) and of other articles. Behind
rag.verify's OVERLAP and COSINE.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bench.common import LANGUAGES, Parallel, arguments, parallel, table
from rag.analyse import terms
from rag.embed.use import SentenceEncoder
from rag.ingest.sentences import sentences
from rag.ports import Vectors
from rag.verify import COSINE, OVERLAP

_LEVELS = (1, 5, 25, 50, 75, 95, 99)
_SHORTEST = 30
"""Characters; shorter pieces (headings, initials) tell nothing."""
_SAME_ARTICLE = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Its sentences, their vectors, and all its terms."""

    pieces: tuple[str, ...]
    vectors: Vectors
    held: frozenset[str]


def read(data: Parallel) -> dict[str, dict[str, Paragraph]]:
    """Language -> key -> paragraph; without those that have no sentence to speak of."""
    encoder = SentenceEncoder()
    found: dict[str, dict[str, Paragraph]] = {language: {} for language in LANGUAGES}
    for language in LANGUAGES:
        for key in data.keys:
            pieces = tuple(one.strip() for one in sentences(data.texts[language][key]) if len(one.strip()) > _SHORTEST)
            if pieces:
                held = frozenset(terms(data.texts[language][key]))
                found[language][key] = Paragraph(pieces, encoder.encode(pieces), held)
    return found


def cosines(claims: Paragraph, evidence: Paragraph) -> list[float]:
    """Of each sentence, to the most alike of the evidence."""
    best: list[float] = (claims.vectors @ evidence.vectors.T).max(axis=1).tolist()
    return best


def overlaps(claims: Paragraph, evidence: Paragraph) -> list[float]:
    """Of each sentence, the share of its terms that the evidence holds."""
    own = [frozenset(terms(piece)) for piece in claims.pieces]
    return [len(one & evidence.held) / len(one) for one in own if one]


def neighbours(key: str, keys: Sequence[str]) -> list[str]:
    """Other paragraphs of the same article (0-3 is the fourth of the first)."""
    return [one for one in keys if one != key and one.split("-")[0] == key.split("-")[0]][:_SAME_ARTICLE]


def percentiles(name: str, values: Iterable[float], least: float) -> list[str]:
    """A row of the table: percentiles, and the share at or above the value in the code."""
    found = np.array(list(values))
    return [name, *(f"{value:.2f}" for value in np.percentile(found, _LEVELS)), f"{(found >= least).mean():.1%}", str(len(found))]


def main() -> None:
    """Command line."""
    data = parallel(arguments(__doc__).parse_args().data)
    found, chance = read(data), random.Random(1)
    spanish, english = found["es"], found["en"]
    keys = [key for key in data.keys if key in spanish and key in english]
    near = {key: neighbours(key, keys) for key in keys}
    far = {key: chance.choice([one for one in keys if one.split("-")[0] != key.split("-")[0]]) for key in keys}
    header = ("sentence against", *(f"{level} %" for level in _LEVELS), "at or above", "sentences")
    rows = [
        percentiles("its translation", (v for key in keys for v in cosines(spanish[key], english[key])), COSINE),
        percentiles(
            "same article, translated", (v for key in keys for n in near[key] for v in cosines(spanish[key], english[n])), COSINE
        ),
        percentiles(
            "same article, same language",
            (v for key in keys for n in near[key] for v in cosines(spanish[key], spanish[n])),
            COSINE,
        ),
        percentiles("another article, translated", (v for key in keys for v in cosines(spanish[key], english[far[key]])), COSINE),
    ]
    print(f"## Cosine of the most alike sentence (in the code {COSINE})\n")
    print(table(header, rows))
    rows = [
        percentiles(
            f"same article, same language ({language})",
            (v for key in keys for n in near[key] for v in overlaps(found[language][key], found[language][n])),
            OVERLAP,
        )
        for language in LANGUAGES
    ]
    print(f"\n## Share of terms that the evidence holds (in the code {OVERLAP}); its own paragraph holds all of them\n")
    print(table(header, rows))


if __name__ == "__main__":
    main()
