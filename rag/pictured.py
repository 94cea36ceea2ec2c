"""Which pictures belong to what: to a site's report, and to an answer by the calculations that it cites."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from rag.advice import CALCULATION, Advice, Assessed, title
from rag.measures.interactions import together
from rag.models import Answer, Language, Picture, Scope
from rag.readings.series import Series

_LEAST_HOURS = 48.0
"""Of readings that are drawn: of fewer there is no shape to see."""
MOST = 2
"""Beneath an answer; the report has more."""
_OF_METER = {
    "base_load": "heat_map", "weekend": "heat_map", "odd_days": "heat_map", "load_shape": "duration_curve",
    "night": "heat_map", "peak": "duration_curve", "by_period": "duration_curve", "night_flow": "night_flow",
    "rise": "night_flow", "leakage": "night_flow",
}  # fmt: skip
"""The picture of a calculation about a meter, by what its id begins with."""
_BY_HOUR = frozenset({"idle_load", "early_start", "day_off_running", "night_pumping", "demand_ventilation", "portal_lighting"})
"""Measures that show in the hours of the day."""
_AT_NIGHT = frozenset({"leak_repair", "pressure_management"})

DoneOn = Callable[[str, str], Awaitable[date | None]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture to be drawn: `of` is a meter, or a measure that was done; "" for all of a site's."""

    kind: str
    site: str
    of: str = ""


def wanted(answer: Answer) -> tuple[Wanted, ...]:
    """The pictures that an answer calls for, as its calculations come. Pure."""
    found: list[Wanted] = []
    for cited in answer.citations:
        if cited.kind != "calculation":
            continue
        site, _, name = cited.passage_id.removeprefix(CALCULATION).partition("/")
        first, _, rest = name.partition(".")
        if first in _OF_METER:
            found.append(Wanted(_OF_METER[first], site, rest.partition("@")[0]))  # behind it stand the days
        elif first == "realised":
            found.append(Wanted("before_after", site, rest))
        elif first in _BY_HOUR:
            found.append(Wanted("heat_map", site))
        elif first in _AT_NIGHT:
            found.append(Wanted("night_flow", site))
    reckoned = [one.site for one in answer.recommendations if one.site and one.cost_eur and one.investment_eur]
    if len(set(reckoned)) == 1 and len(reckoned) > 1:
        found.insert(0, Wanted("savings", reckoned[0]))
    return tuple(dict.fromkeys(found))[:MOST]


class Pictures:
    """Draws them, each in a thread."""

    def __init__(self, advice: Advice, done_on: DoneOn) -> None:
        """`done_on` tells when a measure of a site was done."""
        self._advice, self._done_on = advice, done_on

    async def of(self, answer: Answer, scope: Scope) -> list[Picture]:
        """The pictures of an answer, of sites that the scope may see; what cannot be drawn (any more) is left out."""
        chosen = wanted(answer)
        sites: dict[str, Assessed] = {}
        for name in {want.site for want in chosen}:
            sites |= {one.site.id: one for one in await self._advice.assessed(replace(scope, site=name))}
        made = []
        for want in chosen:
            if (site := sites.get(want.site)) is not None:
                changed = await self._done_on(want.site, want.of) if want.kind == "before_after" else None
                made.append(await asyncio.to_thread(_drawn, want, site, changed, answer.language))
        return [one for one in made if one]


def of_site(one: Assessed, language: Language) -> list[Picture]:
    """All pictures of a site, for its report. To be called in a thread."""
    wants = [Wanted(kind, one.site.id, meter) for meter, kind in _meters(one.readings)]
    return [made for want in [*wants, Wanted("savings", one.site.id)] if (made := _drawn(want, one, None, language))]


def _meters(readings: Mapping[str, Series]) -> list[tuple[str, str]]:
    found = []
    for name, series in readings.items():
        if series.carrier == "electricity":
            found += [(name, "heat_map"), (name, "duration_curve")]
        elif series.carrier == "water" and _rose(series):
            found.append((name, "night_flow"))
    return found


def _drawn(want: Wanted, one: Assessed, changed: date | None, language: Language) -> Picture | None:
    from rag import pictures  # matplotlib takes a second to load, and few answers need it

    if want.kind == "savings":
        paid = _paid(one, language)
        return pictures.savings(paid, one.site.name, language) if len(paid) > 1 else None
    series = _series(want, one.readings)
    if series is None or not series.values.notna().any() or len(series.values) * series.hours < _LEAST_HOURS:
        return None
    if want.kind == "before_after":
        alike = _same_days(series, changed) if changed and series.hours <= 1 else None
        return pictures.before_after(alike, changed, language) if alike and changed else None
    if want.kind == "night_flow":
        return pictures.night_flow(series, language, _rose(series))
    return pictures.heat_map(series, language) if want.kind == "heat_map" else pictures.duration_curve(series, language)


def _series(want: Wanted, readings: Mapping[str, Series]) -> Series | None:
    """The meter that is named; else the first of the carrier that the picture is about."""
    if want.of in readings:
        return readings[want.of]
    at_night = want.kind == "night_flow"
    held = [one for one in readings.values() if one.carrier == ("water" if at_night else "electricity")]
    return next((one for one in held if not at_night or _rose(one)), None)


def _rose(series: Series) -> date | None:
    """The day on which the night flow stepped up last."""
    from rag.readings.water import steps  # with pandas, like the series that it reads

    return next((step.first for step in reversed(steps(series)) if step.size > 0), None)


def _same_days(series: Series, changed: date) -> Series | None:
    """The readings since a change, and those of the same days of the year before it: another season is no saving."""
    import pandas as pd

    index = pd.DatetimeIndex(series.values.index)
    day, after = index.month * 100 + index.day, pd.Series(index.date >= changed)
    kept = after.to_numpy() | pd.Series(day).isin(set(day[after.to_numpy()])).to_numpy()
    if not after.any() or not (kept & ~after.to_numpy()).any():
        return None
    return replace(series, values=series.values[kept], estimated=series.estimated[kept])


def _paid(one: Assessed, language: Language) -> list[tuple[str, float, float]]:
    """Measures that cost something, quickest payback first: title, what it adds to the savings of those before it, investment."""
    held = sorted(
        (each for each in one.estimates if each.cost_eur and each.investment_eur),
        key=lambda each: each.payback_years.mid if each.payback_years else 99.0,
    )
    sums = [0.0, *(together(held[: n + 1]).mid for n in range(len(held)))]
    return [
        (title(each, one.site, language), max(0.0, after - before), each.investment_eur.mid)
        for each, before, after in zip(held, sums, sums[1:], strict=False)
        if each.investment_eur
    ]
