"""Questions that readings or contracts answer by themselves: the value, and which documents may stand beside it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePath

from config.company import CompanyConfig, SiteConfig
from rag.advice import ReadingsOf
from rag.analyse import content_words, fold
from rag.asked import CONTRACT, Asked, Metric, answerable, asked, follow_up, told_before
from rag.beside import ANY, Beside, of_conversation
from rag.both import both
from rag.evidence import Statement
from rag.figure import Figure, Reply, Target, statement
from rag.headings import cells, column_names, is_amount, is_row
from rag.judged import yardsticks
from rag.models import Language, Passage, Scope, Turn
from rag.naming import meters_in, sites_in
from rag.numerals import numerals, value
from rag.readings.series import Series
from rag.rewrite import anchor

_AMOUNTS, _RATES = re.compile(r"\b([kmg]wh|m3|hm3)\b"), re.compile(r"\b([km]w|m3/h)\b")
"""Units, folded, by which a sentence tells how much was used, or how much at a time."""
_AT_TIMES: Mapping[str, Metric] = {
    "year": "used", "overview": "used", "overview_paid": "used", "nights": "night", "peaks": "peak", "night_flow": "night_flow",
    "specific": "specific",
}  # fmt: skip
"""The value that an indicator of all that was read is at a time."""
Answers = Callable[[Asked, Sequence[Target], date], Reply]
Again = tuple[Asked, tuple[Statement, ...], tuple[Statement, ...]]
"""What was asked, the value, and what is usual."""


@dataclass(frozen=True, slots=True)
class Told:
    """What meters say to a question, and whether that is surely what was asked for.

    `beside`: where they answer all of it, what of documents may still be told; None where documents are to answer, too.
    """

    statements: tuple[Statement, ...] = ()
    sure: bool = False
    beside: Beside | None = None


class Direct:
    """Answers what rag.asked understands, for the sites that a scope may see."""

    def __init__(
        self, readings: ReadingsOf, answers: Answers, company: Callable[[], CompanyConfig], today: Callable[[], date] = date.today
    ) -> None:
        """`answers` is heavy to load, so given."""
        self._readings, self._answers, self._company, self._today = readings, answers, company, today

    async def told(
        self, question: str, language: Language, scope: Scope, whole: str, history: Sequence[Turn] = ()
    ) -> Told | None:
        """The answer; None if the question asks for something else, or for more.

        `whole` is the question behind the one that it may lean on, or as a model put them together; `history` what was said.
        """
        company = self._company()
        brought, known = scope.brought[-1].site if scope.brought else None, _known(scope)
        alone = whole.endswith(question)  # or a model has put it in other words
        lent = told_before(history, company, known) if alone and whole != question else Asked()
        own = asked(question if alone else whole, company, known, lent.metric)
        wanted = both(question, history, company, known) or follow_up(
            own, lent if brought is None else replace(lent, sites=(), everywhere=False)
        )
        if not answerable(wanted, lent, brought=brought is not None):
            return None
        if wanted.of_us and not (wanted.sites or scope.site or brought) and wanted.metric in {"used", "cost"}:
            wanted = replace(wanted, everywhere=True)
        said_of = (question, whole) if own.opens or not own.metric else (question,)
        targets = await self._targets(wanted, scope, said_of)
        if not targets:
            return None
        reply = await asyncio.to_thread(self._answers, wanted, targets, self._today())
        if not reply.figures or (reply.unread and "tCO2" in wanted.units):
            return None  # what was emitted in a year that was not read documents tell, if anything does
        said = tuple(statement(figure, site, language) for site, figure in reply.figures)
        return Told(said, True, _beside(wanted, reply, company))

    async def again(self, language: Language, scope: Scope, history: Sequence[Turn]) -> Again | None:
        """What the last question of a conversation asked of meters, their answer once more, and what is usual of it."""
        company = self._company()
        wanted = told_before(history, company, _known(scope))
        if not answerable(wanted, wanted, brought=bool(scope.brought)):
            return None
        last = next((turn.text for turn in reversed(history) if turn.role == "user"), "")
        targets, told = await self._targets(wanted, scope, (last, anchor(history))), list[tuple[Statement, ...]]()
        for one in (wanted, *(yardsticks(wanted) if len(targets) == 1 else ())):
            reply = await asyncio.to_thread(self._answers, one, targets, self._today())
            told.append(tuple(statement(figure, site, language) for site, figure in reply.figures))
        return (wanted, told[0], tuple(said for one in told[1:] for said in one)) if told[0] else None

    async def at_times(
        self, question: str, chosen: Sequence[Figure], site: SiteConfig, readings: Mapping[str, Series]
    ) -> list[Figure]:
        """Indicators, which are of all that was read, at the times that a question names instead; as they are if it names none.

        What has no value at a time says of when it is.
        """
        wanted = asked(question, self._company())
        found: list[Figure] = []
        for one in chosen if wanted.times else ():
            meters = tuple(name for name, held in readings.items() if held.name == one.meter)
            target = Target(site, readings, meters)
            metric = _AT_TIMES.get(one.key)
            put = replace(wanted, metric=metric or "used", carrier="", sites=(), everywhere=False, price=None, understood=True)
            reply = await asyncio.to_thread(self._answers, put, [target], self._today())
            told = [figure for _, figure in reply.figures]
            found += told if metric else [_of_all(one, told)]
        return found if wanted.times else list(chosen)

    async def _targets(self, wanted: Asked, scope: Scope, said: Sequence[str]) -> list[Target]:
        """What is asked about: readings that were brought along; else facilities that are named, or that the scope is about."""
        if scope.brought:
            held = scope.brought[-1]
            several = wanted.everywhere or wanted.sites
            return [] if several else [Target(held.site, held.readings, _meters(said, held.site))]
        chosen = self._sites(wanted, scope, said)
        return [Target(site, await self._readings(site), _meters(said, site)) for site in chosen]

    def _sites(self, wanted: Asked, scope: Scope, said: Sequence[str]) -> list[SiteConfig]:
        sites = [one for one in self._company().sites if scope.audiences & set(one.audience)]
        if wanted.everywhere:
            return [one for one in sites if one.meters]
        if wanted.sites:
            named = [one for one in sites if one.id in wanted.sites]
            return named if len(named) == len(wanted.sites) else []
        if scope.site:
            return [one for one in sites if one.id == scope.site]
        if measured := [one for one in sites if _meters(said, one)]:
            return measured if len(measured) == 1 else []
        return [one for one in sites if one.kind == "water_distribution"] if wanted.metric == "leak" else []


def _known(scope: Scope) -> Sequence[str]:
    """What a file that is talked of is called."""
    site = scope.brought[-1].site if scope.brought else None
    return content_words(" ".join([site.name, *(one.name for one in site.meters)])) if site else ()


def _of_all(one: Figure, told: Sequence[Figure]) -> Figure:
    """An indicator with a word that it is of all that was read, where a value `told` of another time is not."""
    other = next((figure.values for figure in told if "span" in figure.values or "asked" in figure.values), None)
    if other is None:
        return one
    return replace(one, also=(*one.also, "of_all"), values={**one.values, "asked": other.get("asked", other.get("span", ""))})


def _meters(said: Sequence[str], site: SiteConfig) -> tuple[str, ...]:
    """The meters that a question names; if none, those of the one that it leans on."""
    return next((found for one in said if (found := meters_in(one, site))), ())


def _beside(wanted: Asked, reply: Reply, company: CompanyConfig) -> Beside:
    """Documents of a time that was not read; a contract that a figure comes from; what was written since a leak opened; of the
    company as a whole what names the highest of its facilities.
    """
    figures = [figure for _, figure in reply.figures]
    if reply.unread:
        unit = _AMOUNTS if wanted.metric in {"used", "cost"} else _RATES
        sites = {site.id for site, _ in reply.figures}
        return Beside(lambda passage, said: _of_year(reply.unread, unit, passage, said, sites, company), ANY)
    if wanted.metric in CONTRACT:
        return Beside(lambda passage, said: any(_states(one, passage, said, company) for one in reply.figures), ANY)
    if since := [figure.values["first"][:10] for figure in figures if figure.key == "leak"]:
        return Beside(lambda passage, _: passage.document.date is not None and f"{passage.document.date}" >= min(since))
    if wanted.everywhere:
        first = reply.figures[0][0].id
        return Beside(lambda passage, said: passage.document.site is None and _tells(first, said, company), ANY)
    return of_conversation()


def _of_year(year: str, unit: re.Pattern[str], passage: Passage, said: str, sites: set[str], company: CompanyConfig) -> bool:
    """Whether a sentence has year and amount; a row of a table, if it is of one of the sites and has an amount of that year."""
    if not is_row(said):
        return year in said and unit.search(fold(said)) is not None
    if not sites & {one.site for one in sites_in(said, company)}:
        return False
    columns = zip(column_names(said, passage.text), cells(said), strict=False)
    return any(year in name and unit.search(fold(name)) and is_amount(cell) for name, cell in columns)


def _states(told: tuple[SiteConfig, Figure], passage: Passage, said: str, company: CompanyConfig) -> bool:
    """Whether a sentence is of the document that a contract's figure names as its source, and has a number of it."""
    site, figure = told
    others = any(one.site != site.id for one in sites_in(said, company))
    if others or PurePath(passage.document.uri).name not in figure.values.get("source", ""):
        return False
    values = {one.value for made in figure.calculations for one in made.results}
    return bool(values & {value(one, passage.language) for one in numerals(said)})


def _tells(site: str, said: str, company: CompanyConfig) -> bool:
    """Whether a sentence has a number and names a facility."""
    return bool(numerals(said)) and any(one.site == site for one in sites_in(said, company))
