"""Which facilities a reader may ask about, and what was read of each: the answer to «¿qué instalaciones conoces?»."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from config.company import CompanyConfig, SiteConfig
from config.texts import day, text
from rag.advice import ReadingsOf
from rag.analyse import content_words, fold
from rag.models import Answer, Language, Scope
from rag.readings.series import Series

_FACILITIES = re.compile(r"\b(instalaciones|sitios|plantas|sedes|contadores|facilities|sites|plants|meters)\b")
_KNOWS = re.compile(
    r"\b(conoces|conoceis|tienes|tenemos|hay|ves|sabes|llevas|puedo preguntar"
    r"|do you (know|have|see)|are there|do we have|can i ask)\b"
)
_WORDS = frozenset(
    "instalaciones instalacion sitios plantas sedes contadores datos lecturas conoces conoceis tienes tenemos hay ves sabes "
    "llevas puedo preguntar preguntarte dime lista listame cuales facilities sites plants meters data readings know have see "
    "are there ask about can list tell show which company empresa".split()
)
"""All that such a question is made of: one that says more asks for something else."""
_OFFERED = 2


def asks_which(said: str) -> bool:
    """Whether it is asked which facilities there are to ask about, and nothing else."""
    plain = fold(said)
    return bool(_FACILITIES.search(plain) and _KNOWS.search(plain)) and set(content_words(said)) <= _WORDS


async def known(company: CompanyConfig, scope: Scope, readings: ReadingsOf, language: Language) -> Answer:
    """The facilities that the scope may see, each with its meters and from when to when they were read."""
    sites = [one for one in company.sites if scope.audiences & set(one.audience)]
    if not sites:
        return Answer("answered", language, text(language, "known.none"))
    lines = [_line(site, await readings(site) if site.meters else {}, language) for site in sites]
    body = "\n".join((text(language, "known.sites"), "", *lines, "", text(language, "known.documents")))
    return Answer("answered", language, body, follow_ups=_offers(sites, language))


def _line(site: SiteConfig, held: Mapping[str, Series], language: Language) -> str:
    """A facility with its meters, those that were read from the same day to the same day together."""
    spans: dict[tuple[date, date], list[str]] = {}
    for one in held.values():
        if len(one.values):
            spans.setdefault((one.values.index[0].date(), one.values.index[-1].date()), []).append(one.name)
    told = [
        text(language, "known.meters", names=", ".join(names), first=day(first, language), last=day(last, language))
        for (first, last), names in spans.items()
    ]
    return text(language, "known.site", site=site.name, meters="; ".join(told) or text(language, "known.no_meters"))


def _offers(sites: Sequence[SiteConfig], language: Language) -> tuple[str, ...]:
    """What can be asked of those that are measured; recommendations of those that are not."""
    return tuple(
        text(language, "known.used" if one.meters else "known.recommend", site=one.name)
        for one in sorted(sites, key=lambda site: not site.meters)[:_OFFERED]
    )
