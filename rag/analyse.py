"""Text to index terms, the same for passages and questions: folded, stemmed in Spanish and English, without function words."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache
from pathlib import Path

import Stemmer

_WORD = re.compile(r"[^\W_]+(?:[.,][0-9]+)*", re.UNICODE)
_RAISED = re.compile(r"(?<=\d)[⁰¹²³⁴-⁹⁺⁻⁽⁾]+")
"""A footnote's mark or a power behind a figure: 182¹ is found as 182, not as 1821."""
_LINES = (Path(__file__).parent / "function_words.txt").read_text(encoding="utf-8").splitlines()
_STOP = frozenset(word for line in _LINES if not line.startswith("#") for word in line.split())
_stemmers = threading.local()  # the stemmers keep state while they work


def fold(text: str) -> str:
    """Lower case without accents: «Tuberías» -> «tuberias», «m³» -> «m3». Never for quoting."""
    unmarked = _RAISED.sub(lambda mark: " " * len(mark[0]), text)
    decomposed = unicodedata.normalize("NFKD", unmarked.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def words(text: str) -> list[str]:
    """Folded words and numerals in order, function words included."""
    return _WORD.findall(fold(text))


def content_words(text: str) -> list[str]:
    """Folded words that carry meaning, in order: no function words, no single letters."""
    return [word for word in words(text) if word not in _STOP and (len(word) > 1 or word.isdigit())]


def names(text: str) -> list[str]:
    """Folded words that name something: with a capital though not the first word, or with a digit («EDAR Sur», «1987»)."""
    found = [match.group() for match in _WORD.finditer(text)]
    named = [
        word for place, word in enumerate(found) if (place and word[0].isupper() and len(word) > 1) or any(map(str.isdigit, word))
    ]
    return [folded for word in named for folded in content_words(word)]


@lru_cache(maxsize=65536)
def stems(word: str) -> tuple[str, ...]:
    """The Spanish and the English stem of a folded word, once if they agree.

    Folding first makes «tuberia» find «tuberías»; it hides -ción/-ciones from the Spanish stemmer, so that plural goes first.
    """
    if any(char.isdigit() for char in word):
        return (word,)
    if not hasattr(_stemmers, "es"):
        _stemmers.es, _stemmers.en = Stemmer.Stemmer("spanish"), Stemmer.Stemmer("english")
    singular = word[:-2] if word.endswith("iones") else word
    return tuple(dict.fromkeys((_stemmers.es.stemWord(singular), _stemmers.en.stemWord(word))))


def terms(text: str) -> list[str]:
    """Index terms of a text, repetitions kept: what the full-text column holds and what a question is turned into."""
    return [stem for word in content_words(text) for stem in stems(word)]
