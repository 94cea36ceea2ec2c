"""What the meters say to a question: sentences of a site's own indicators, each resting on its calculation."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from config.company import CompanyConfig, SiteConfig
from config.texts import text
from rag import explain
from rag.advice import ReadingsOf
from rag.beside import of_conversation
from rag.bill_lines import lines
from rag.brought import Brought
from rag.cite import cite
from rag.direct import Again, Direct, Told
from rag.evidence import Statement
from rag.figure import Figure, statement
from rag.known import known
from rag.models import Answer, Language, Scope, Turn
from rag.naming import meters_in
from rag.ports import Similarity
from rag.readings.series import Series

ALIKE = 0.5
"""A figure answers a question if its topic is this like it, and the question has a word of its own."""
_WORDS = {
    key: re.compile(pattern, re.IGNORECASE)
    for key, pattern in {
        "nights": r"noche|nocturn|madrugada|carga base|nadie|night|base load|nobody|empty",
        "peaks": r"potencia|punta|pico|demanda|factor de carga|peak|demand|power|load factor",
        "weekends": r"fin(es)? de semana|festiv|s[áa]bado|domingo|weekend|holiday|saturday|sunday",
        "year": r"electric|energ|kwh|\bluz\b|consum",
        "overview": r"cu[áa]nt|total|consum|gast|much|total|us(ed|age)",
        "overview_paid": r"cu[áa]nt|total|consum|gast|cost|cuest|precio|pag[ao]|factur|much|price|paid|total|us(ed|age)|bill",
        "night_flow": r"nocturn|night",
        "leak": r"fuga|pierd|p[ée]rdida|leak|lost|loss|losing",
        "odd_days": r"an[óo]mal|at[íi]pic|rar[oa]s?\b|extra[ñn]|anomal|unusual|abnormal|strange|\bodd\b",
        "ili": r"\bili\b|infraestructur|fuga|p[ée]rdida|leak|loss",
        "non_revenue": r"no (registrad|factur|contabiliz)|non.?revenue|\bnrw\b|\banr\b|rendimiento|unbilled",
        "per_area": r"m2\b|m²|metros? cuadrad|superficie|square|floor area|intensi|espec[íi]fic|specific",
        "per_unit": r"veh[íi]cul|coche|unidad|pieza|vehicle|\bcars?\b|\bunits?\b|produced|espec[íi]fic|specific",
        "per_people": r"person|emplead|trabajador|people|employee|per head|per capita",
        "specific": r"espec[íi]fic|specific|por (metro|m3|m³)|per (cubic|m3|m³)|kwh/m",
    }.items()
}
_NOTED = frozenset({"spike", "gaps"})
"""Rules of which a finding is told with each number that rests on the readings."""
_MOST = 2
_MOST_AT_ONCE = 7
"""Figures of readings that were just sent."""
SURE = 0.7
"""From this likeness on a figure is what was asked for: on 15 questions of the demo those lay from .73 on but for one, others
below .66."""

NOTHING = Told()
Indicators = Callable[[SiteConfig, Mapping[str, Series]], list[Figure]]


class Figures:
    """Indicators of the sites that a scope may see."""

    def __init__(
        self,
        readings: ReadingsOf,
        indicators: Indicators,
        company: Callable[[], CompanyConfig],
        similarity: Similarity,
        direct: Direct | None = None,
    ) -> None:
        """`direct` answers what is asked for by name (a month, a price), before any indicator is looked for that may be meant."""
        self._direct = direct
        self._readings, self._indicators, self._company, self._similarity = readings, indicators, company, similarity

    async def answering(
        self, question: str, language: Language, scope: Scope, whole: str = "", leaning: str = "", history: Sequence[Turn] = ()
    ) -> Told:
        """The sentences that answer a question about the scope's site, best first; none without a site that it may see.

        `whole` is a follow-up with what it leans on: that tells what it is about, its own words what it asks for. `leaning` is
        the same for a question that can be understood alone, but need not be; `history` is what was said before.
        """
        if beside := lines(question, scope):
            return Told((), True, beside)
        leaning = leaning or whole or question
        if self._direct and (told := await self._direct.told(question, language, scope, leaning, history)):
            return told
        about = await self._about(scope)
        if about is None:
            return NOTHING
        site, readings = about
        if not any(pattern.search(question) for pattern in _WORDS.values()):
            return NOTHING
        found = await asyncio.to_thread(self._indicators, site, readings)
        figures = [_noting(one, readings) for one in _of_named(found, question, site)]
        said = [statement(one, site, language) for one in figures]
        topics = [text(language, f"figures.{one.key}_topic", meter=one.meter, site=site.name) for one in figures]
        if not said:
            return NOTHING
        alike = await self._similarity.similarity(whole or question, topics)
        ranked = sorted(zip(alike.tolist(), range(len(said)), strict=True), reverse=True)
        kept = [pair for pair in ranked if pair[0] >= ALIKE and _WORDS[figures[pair[1]].key].search(question)]
        special = [pair for pair in kept if not figures[pair[1]].key.startswith("overview")]
        kept = (special or kept)[:_MOST]
        answers = any(score >= SURE for score, _ in kept)
        alone = of_conversation() if answers and scope.brought else None
        sure = answers or bool(kept and scope.brought)  # who brings readings along asks about them
        shown = [said[place] for _, place in kept]
        if self._direct and kept:
            at = await self._direct.at_times(question, [figures[place] for _, place in kept], site, readings)
            shown = [statement(one, site, language) for one in at if sure or one.key != "uncovered"]
        return Told(tuple(dict.fromkeys(shown)), sure, alone)

    async def again(self, language: Language, scope: Scope, history: Sequence[Turn]) -> Again | None:
        """The value that was told last, if it is the meters', and what is usual of it."""
        return await self._direct.again(language, scope, history) if self._direct else None

    async def known(self, scope: Scope, language: Language) -> Answer:
        """Which facilities can be asked about, and what was read of each."""
        return await known(self._company(), scope, self._readings, language)

    async def summary(self, held: Brought, language: Language) -> Answer:
        """What readings that were brought along hold, what is wrong with them and what they show."""
        figures = await asyncio.to_thread(self._indicators, held.site, held.readings)
        totals = [one for one in figures if one.key.startswith("overview")]
        shown = [*totals, *(one for one in figures if one not in totals)][:_MOST_AT_ONCE]
        said = [statement(one, held.site, language) for one in shown]
        if len(held.readings) == 1:  # whose they are is said once
            said = [*said[:1], *(_nameless(one, shown[0].meter) for one in said[1:])]
        body, citations = cite([replace(one, lead="\n- ") for one in said], language)
        wrong = explain.wrong_with(held.readings.values(), language)
        nights = any(one.key == "nights" for one in figures)
        follow_ups = tuple(text(language, f"brought.{key}") for key in ("recommend", *(("nights",) if nights else ())))
        if not body:  # nothing may be said of readings with so many faults but the faults
            return Answer("needs_input", language, "\n\n".join(wrong) or text(language, "brought.unusable", name=held.site.name))
        return Answer("answered", language, body, citations, notices=tuple(wrong), follow_ups=follow_ups)

    async def _about(self, scope: Scope) -> tuple[SiteConfig, Mapping[str, Series]] | None:
        """Readings brought along before those of the company's site; None without any that the scope may see."""
        if scope.brought:
            return scope.brought[-1].site, scope.brought[-1].readings
        site = self._company().site(scope.site)
        if site is None or not scope.audiences & set(site.audience) or not site.meters:
            return None
        return site, await self._readings(site)


def _of_named(figures: list[Figure], question: str, site: SiteConfig) -> list[Figure]:
    """Of a meter that the question names nothing is told but what is its own."""
    named = meters_in(question, site)
    others = {one.name for one in site.meters if one.id not in named} if named else set()
    return [one for one in figures if one.meter not in others]


def _noting(one: Figure, readings: Mapping[str, Series]) -> Figure:
    """A figure with what was set aside of the readings of its meter, or is missing."""
    return replace(
        one, noted=tuple(held for of in readings.values() if of.name == one.meter for held in of.findings if held.rule in _NOTED)
    )


def _nameless(one: Statement, meter: str) -> Statement:
    bare = one.text.removeprefix(f"{meter}: ")
    return replace(one, text=bare[:1].upper() + bare[1:])
