"""«¿Qué diferencia hay entre los dos?» after two values: what was asked last and what was asked before it, side by side. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from config.company import CompanyConfig
from rag.analyse import fold
from rag.asides import compares_two, of_told
from rag.asked import Asked, told_before
from rag.asked_words import IN_PERCENT
from rag.models import Turn


def both(said: str, history: Sequence[Turn], company: CompanyConfig, known: Iterable[str] = ()) -> Asked | None:
    """The last two values that were asked for as one question, if a text asks to compare the two and nothing else.

    None if they are no values of one kind, or differ in more than the facility or the time.
    """
    if not compares_two(said):
        return None
    asked = [place for place, turn in enumerate(history) if turn.role == "user" and not of_told(turn.text)]
    before = asked[-1] if asked else 0
    first, last = told_before(history[:before], company, known), told_before(history, company, known)
    if not (first.metric == last.metric != "") or not (first.understood and last.understood):
        return None
    sites, times = tuple(dict.fromkeys((*first.sites, *last.sites))), tuple(dict.fromkeys((*first.times, *last.times)))
    if (len(sites) == 2) == (len(times) == 2) or len(sites) > 2 or len(times) > 2:
        return None
    return replace(last, sites=sites, times=times, units=(), in_percent=IN_PERCENT.search(fold(said)) is not None)
