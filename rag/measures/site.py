"""What measures ask of a site: its main electricity meter, opening hours, equipment. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rag.brought import PREFIX
from rag.measures.model import Case, NotApplicable, Quantity
from rag.readings.profile import by_hour
from rag.readings.series import Series
from rag.readings.tariffs import working_hours

_LEAST_HOURS = 8 * 7 * 24
_BUSY, _CLEAR = 0.7, 1.5
"""Share of the way from the night to the highest hours from which an hour is of work; how far those must be above the night."""
FOLLOWS_DEMAND = frozenset({"water_distribution", "desalination", "road_tunnel"})
"""Kinds of site whose night load is work, not idling."""


def electricity(case: Case, method: str, measure: str) -> Series | NotApplicable:
    """The site's electricity, if it may be used by this method."""
    found = [one for one in case.readings.values() if one.carrier == "electricity"]
    if not found:
        return NotApplicable(measure, "no_readings")
    return usable(found[0], method, measure)


def usable(series: Series, method: str, measure: str) -> Series | NotApplicable:
    """The series, unless a finding forbids the method."""
    blocked = series.blocked(method)
    return NotApplicable(measure, "unusable_readings", {"meter": series.name, "rule": blocked.rule}) if blocked else series


def equipment(case: Case, kind: str) -> list[Mapping[str, Any]]:
    """The site's equipment of a kind."""
    return [one for one in case.site.equipment if one.get("kind") == kind]


def opening_hours(case: Case) -> tuple[int, int] | None:
    """From and to the whole hour on working days ("08:00-19:00"); None for a site that never closes."""
    told = str(case.site.throughput.get("opening_hours", ""))
    first, _, last = told.partition("-")
    try:
        return int(first.split(":")[0]), int(last.split(":")[0])
    except ValueError:
        return None


def likely_hours(case: Case, series: Series) -> tuple[int, int] | None:
    """From and to the hour in which a curve that somebody sent shows work, where nobody told the opening hours.

    The hours of working days near their highest, if days off stay far below them (ours); None for a company's own site, whose
    file tells its hours, for a curve without such hours, and for one of less than eight weeks.
    """
    if not case.site.id.startswith(PREFIX) or series.hours > 1 or len(series.values) * series.hours < _LEAST_HOURS:
        return None
    working, off = by_hour(series, working=True), by_hour(series, working=False)
    if len(working) < 24 or len(off) < 24:
        return None
    night, high = float(working.loc[0:4].mean()), float(working.quantile(0.9))
    busy = [int(hour) for hour in working.index[working >= night + _BUSY * (high - night)]]
    if high < _CLEAR * night or len(busy) != busy[-1] - busy[0] + 1:
        return None
    excess = float(working.loc[busy].mean()) - night
    return (busy[0], busy[-1] + 1) if float(off.loc[busy].mean()) - night < 0.5 * excess else None


def closed(case: Case, index: pd.DatetimeIndex) -> pd.Series[bool]:
    """Whether nobody works in an interval: outside opening hours and on days off; from 0 to 6 h where a site never closes."""
    hours = index.hour
    opening = opening_hours(case)
    if opening is None:
        return pd.Series(hours < 6, index=index)
    off = (hours < opening[0]) | (hours >= opening[1]) | ~working_hours(index).to_numpy()
    return pd.Series(off, index=index)


def told(one: Mapping[str, Any], field: str, key: str, unit: str) -> Quantity | None:
    """What the site's file says of a piece of equipment, as a quantity with its document; None where it does not say it."""
    value = one.get(field)
    return None if value is None else Quantity(key, float(value), unit, str(one.get("source", "advisor.yaml")), "configured")
