"""What a statement rests on: quoted passages and calculations. Data only."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.models import Passage

MARK = re.compile(r"\[(\d{1,3})\]")
"""A citation mark."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """A passage as evidence for a statement, and the verbatim part of it that bears the statement out."""

    passage: Passage
    quote: str


@dataclass(frozen=True, slots=True)
class Computed:
    """A calculation as evidence, in the asker's language: `id` opens it, `quote` is its result and its inputs in one line.

    `values` are its inputs and results unrounded: a statement may say each of them rounded. `more` is what else opening it
    shows and a statement may repeat: its formula, where its values come from, what limits it.
    """

    id: str
    title: str
    place: str
    quote: str
    values: tuple[float, ...] = ()
    more: str = ""


Evidence = Quoted | Computed


@dataclass(frozen=True, slots=True)
class Statement:
    """Something said, with `[n]` marks that count from 1 into its own `evidence`; `lead` is what goes before it (a bullet)."""

    text: str
    evidence: tuple[Evidence, ...]
    lead: str = "\n\n"


def unmarked(text: str) -> str:
    """Document text for use inside an answer: its own bracketed numbers must not look like citation marks."""
    return MARK.sub(r"(\1)", text)
