"""Which words of a question Pinecone is asked for by a filter, since its vectors do not know them, and what each passage offers.

A vector search misses what only a rare word tells apart: part numbers, makes, names. Each record therefore lists its terms, and
a search asks for the question's codes at once, and for those words of it that no candidate holds. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rag.analyse import content_words, fold, stems, terms

_JOINED = re.compile(r"[^\W_]+(?:[-/._–][^\W_]+)+")
_ASKED = 4
"""Words that are asked for at most, of each kind: every one is a request of its own."""


def listed(text: str) -> list[str]:
    """What a passage's record lists: its index terms once each, and its codes without their hyphens («BK-4471» as bk4471)."""
    return sorted({*terms(text), *_codes(text)})


def codes(question: str) -> list[tuple[str, ...]]:
    """The question's words with a digit, joined ones first: each as the listed terms of which a passage holds one."""
    single = (word for word in content_words(question) if _numbered(word))
    found: list[tuple[str, ...]] = [(one,) for one in dict.fromkeys((*_codes(question), *single))]
    return found[:_ASKED]


def missed(question: str, texts: Iterable[Sequence[str]]) -> list[tuple[str, ...]]:
    """The question's words that none of the texts, given as terms, holds; the longest first, for they are the rarest."""
    held = frozenset(term for text in texts for term in text)
    words = dict.fromkeys(word for word in content_words(question) if not _numbered(word))
    absent = (stems(word) for word in sorted(words, key=len, reverse=True))
    return [alternatives for alternatives in absent if held.isdisjoint(alternatives)][:_ASKED]


def _codes(text: str) -> list[str]:
    """Words with a digit that a hyphen, slash or point joins, without it."""
    joined = (re.sub(r"[\W_]", "", match) for match in _JOINED.findall(fold(text)))
    return [code for code in joined if _numbered(code)]


def _numbered(word: str) -> bool:
    return any(char.isdigit() for char in word)
