"""What the meters say to a question: sentences of a site's own indicators, each resting on its calculation."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from config.company import CompanyConfig, SiteConfig
from config.texts import day, text
from rag import explain
from rag.advice import ReadingsOf, computed
from rag.evidence import Statement
from rag.measures.model import Calculation
from rag.models import Language, Scope
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
        "night_flow": r"nocturn|night",
        "leak": r"fuga|pierd|p[ée]rdida|leak|lost|loss|losing",
        "odd_days": r"an[óo]mal|at[íi]pic|rar[oa]s?\b|extra[ñn]|anomal|unusual|abnormal|strange|\bodd\b",
        "ili": r"\bili\b|infraestructur|fuga|p[ée]rdida|leak|loss",
        "non_revenue": r"no (registrad|factur|contabiliz)|non.?revenue|\bnrw\b|\banr\b|rendimiento|unbilled",
        "specific": r"espec[íi]fic|specific|por (metro|m3|m³)|per (cubic|m3|m³)|kwh/m",
    }.items()
}
_MOST = 2
SURE = 0.7
"""From this likeness on a figure is what was asked for: on 15 questions of the demo those lay from .73 on but for one, others
below .66."""


@dataclass(frozen=True, slots=True)
class Figure:
    """An indicator: the text it fills (under `figures` in config/texts), and its calculations."""

    key: str
    meter: str
    calculations: tuple[Calculation, ...]
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """What meters say to a question, and whether that is surely what was asked for."""

    statements: tuple[Statement, ...] = ()
    sure: bool = False


NOTHING = Told()
Indicators = Callable[[SiteConfig, Mapping[str, Series]], list[Figure]]


class Figures:
    """Indicators of the sites that a scope may see."""

    def __init__(
        self, readings: ReadingsOf, indicators: Indicators, company: Callable[[], CompanyConfig], similarity: Similarity
    ) -> None:
        self._readings, self._indicators, self._company, self._similarity = readings, indicators, company, similarity

    async def answering(self, question: str, language: Language, scope: Scope, whole: str = "") -> Told:
        """The sentences that answer a question about the scope's site, best first; none without a site that it may see.

        `whole` is a follow-up with what it leans on: that tells what it is about, its own words what it asks for.
        """
        site = self._company().site(scope.site)
        if site is None or not scope.audiences & set(site.audience) or not site.meters:
            return NOTHING
        if not any(pattern.search(question) for pattern in _WORDS.values()):
            return NOTHING
        readings = await self._readings(site)
        figures = await asyncio.to_thread(self._indicators, site, readings)
        said = [_statement(one, site, language) for one in figures]
        topics = [text(language, f"figures.{one.key}_topic", meter=one.meter, site=site.name) for one in figures]
        if not said:
            return NOTHING
        alike = await self._similarity.similarity(whole or question, topics)
        ranked = sorted(zip(alike.tolist(), range(len(said)), strict=True), reverse=True)
        kept = [pair for pair in ranked if pair[0] >= ALIKE and _WORDS[figures[pair[1]].key].search(question)][:_MOST]
        return Told(tuple(said[place] for _, place in kept), any(score >= SURE for score, _ in kept))


def _statement(one: Figure, site: SiteConfig, language: Language) -> Statement:
    held = {q.key: explain.quantity(q, language) for made in one.calculations for q in (*made.inputs, *made.results)}
    values = {name: ", ".join(day(_date(part), language) for part in value.split(",")) for name, value in one.values.items()}
    marks = "".join(f"[{n}]" for n, _ in enumerate(one.calculations, start=1))
    said = text(language, f"figures.{one.key}", meter=one.meter, **{**held, **values})
    evidence = tuple(computed(made, site, language, ", ".join([one.meter, *values.values()])) for made in one.calculations)
    return Statement(f"{said} {marks}", evidence)


def _date(iso: str) -> date:
    return date.fromisoformat(iso)
