"""What measures ask of a site: its main electricity meter, opening hours, equipment. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rag.measures.model import Case, NotApplicable, Quantity
from rag.readings.series import Series
from rag.readings.tariffs import working_hours

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
