"""The one rule for numbers, for model and template alike: each stands in cited text or comes out of a cited calculation. Pure.

A numeral that does neither goes, with its sentence. Every statement passes here on its way to an answer (rag.cite).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rag.evidence import MARK, Evidence, Quoted, Statement, unmarked
from rag.ingest.sentences import sentences
from rag.numerals import numerals, unsupported, value

_LEADING = re.compile(r"(?:\[\d{1,3}\]\s*)+")
_QUOTED = re.compile("«[^«»]*(?:«[^»]*»[^«»]*)*»")
_FEWEST_DIGITS = 2
"""A calculated value may be said with this many significant digits or more; with one, almost any number would be some value's."""
_MOST_DIGITS = 13


def held(statement: Statement, language: str) -> Statement | None:
    """The statement without the sentences whose numbers its evidence does not bear out; None if nothing is left.

    One without evidence is a heading of our own, and has no numbers but those of names.
    """
    evidence = statement.evidence
    if not evidence or numbers_hold(_own_words(statement.text, evidence), language, evidence):
        return statement
    kept = [piece for piece in _marked(statement.text) if numbers_hold(_own_words(piece, evidence), language, evidence)]
    text = " ".join(kept)
    used = list(dict.fromkeys(int(n) for n in MARK.findall(text)))
    if not used:
        return None
    places = {n: place for place, n in enumerate(used, start=1)}
    renumbered = MARK.sub(lambda match: f"[{places[int(match.group(1))]}]", text)
    return replace(statement, text=renumbered, evidence=tuple(evidence[n - 1] for n in used))


def numbers_hold(claim: str, language: str, evidence: Sequence[Evidence]) -> bool:
    """Whether each number of the claim stands in one piece of the evidence (text, title, headings, place, date) or is,
    rounded, an input or a result of a calculation in it.
    """
    missing: set[str] | None = None
    for one in evidence:
        lacking = _lacking(claim, language, one)
        missing = lacking if missing is None else missing & lacking
    return not missing


def _own_words(text: str, evidence: Sequence[Evidence]) -> str:
    """The text without marks and without what it quotes verbatim: a quote's «355.000» is in the quote's language."""
    own = " ".join(MARK.sub("", text).split())
    for one in evidence:
        if isinstance(one, Quoted):
            quote, source = " ".join(unmarked(one.quote).split()), set(numerals(unmarked(one.passage.text)))
            own = "" if own.strip(" .") in quote else own.replace(quote, " ")
            # a table's row is quoted with its headings, so not word for word: its numbers still are
            for said in _QUOTED.findall(own):
                own = own.replace(said, " ") if set(numerals(said)) <= source else own
    return own


def _lacking(claim: str, language: str, one: Evidence) -> set[str]:
    if isinstance(one, Quoted):
        passage = one.passage
        date = passage.document.date.isoformat() if passage.document.date else ""
        # a document's own «[12]» is a number of its text
        text = unmarked(f"{passage.text} {passage.context} {passage.locator.label(language)} {date}")
        return set(unsupported(claim, language, text, passage.language))
    return {
        token
        for token in unsupported(claim, language, f"{one.quote} {one.title} {one.place} {one.more}", language)
        if not _is_rounded(value(token, language), one.values)
    }


def _is_rounded(said: float | None, values: Iterable[float]) -> bool:
    """Whether a number is one of the values, to as many digits as it shows."""
    return said is not None and any(
        math.isclose(said, shown, rel_tol=1e-9) for exact in values if math.isfinite(exact) for shown in _roundings(abs(exact))
    )


def _roundings(exact: float) -> list[float]:
    """The value as it may be shown: 9.5 also as 10, which shows two digits."""
    if not exact:
        return [0.0]
    magnitude = math.floor(math.log10(exact))
    whole = [float(round(exact))] if round(exact) >= 10 else []
    return whole + [round(exact, digits - 1 - magnitude) for digits in range(_FEWEST_DIGITS, _MOST_DIGITS)]


def _marked(text: str) -> list[str]:
    """The sentences, each with the citation marks that follow its end."""
    pieces: list[str] = []
    for piece in sentences(text):
        leading = _LEADING.match(piece)
        marks, rest = (leading.group(), piece[leading.end() :]) if leading and pieces else ("", piece)
        if marks:
            pieces[-1] += f" {marks.strip()}"
        if rest:
            pieces.append(rest)
    return pieces
