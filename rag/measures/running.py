"""Measures against equipment that runs when nobody needs it: idle loads, early starts, days off, controls stuck on full."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from rag.measures.defaults import DEFAULTS
from rag.measures.formula import Caveat
from rag.measures.model import Case, Estimate, NotApplicable, Quantity
from rag.measures.sheet import Sheet
from rag.measures.site import FOLLOWS_DEMAND, closed, electricity, equipment, likely_hours, opening_hours
from rag.models import Kind
from rag.readings.profile import by_hour
from rag.readings.quantities import computed, metered
from rag.readings.series import Series
from rag.readings.tariffs import working_hours

_BEST_NIGHTS = 0.05
"""The share of closed nights that shows what the site can come down to, if they are at least ten (ours)."""
_WORTH = 0.10
"""A share of the closed load below which there is nothing to find (ours)."""
_STEP = 0.10


class IdleLoad:
    """Equipment off when the site is closed: closed-hours load against what the site's own best nights, or a document, need.

    IAC recommendation code 2.6218 "turn off equipment when not in use".
    """

    id: Final = "idle_load"
    kind: Final[Kind] = "energy"
    building_sync: Final = "Automatic shutdown or sleep mode for computers"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        series = electricity(case, "base_load", self.id)
        if isinstance(series, NotApplicable):
            return series
        if case.site.kind in FOLLOWS_DEMAND:
            return NotApplicable(self.id, "always_at_work")
        sheet = Sheet(case, self.id, self.kind)
        rate = series.rate
        index = pd.DatetimeIndex(rate.index)
        off = closed(case, index)
        quiet = rate[off.to_numpy() & (index.hour < 5)]
        nightly = quiet.groupby(pd.DatetimeIndex(quiet.index).date).mean().dropna()
        now = metered("closed_rate", float(nightly.median()), "kW", series)
        best = nightly.sort_values().iloc[: max(1, round(_BEST_NIGHTS * len(nightly)))]
        proven = len(best) >= 10 and float(best.mean()) < (1 - _WORTH) * now.value
        if not proven and sheet.fact("target_rate") is None and "target_rate" not in case.assumptions:
            return NotApplicable(self.id, "no_lower_nights")
        target = sheet.value("target_rate", metered("target_rate", float(best.mean()), "kW", series))
        if target.value >= (1 - _WORTH) * now.value:
            return NotApplicable(self.id, "nothing_idle")
        hours = computed("closed_hours", float(off.mean()) * 8760, "h/year")
        told = proven or sheet.fact("target_rate") is not None  # reached before, or found by those who looked: all of it can go
        share = sheet.value("switchable_share", replace(DEFAULTS["proven_share"], key="switchable_share") if told else None)
        made = sheet.add(
            "idle",
            "energy_saving = (closed_rate - target_rate) * closed_hours * switchable_share",
            "IAC 2.6218; closed-hours base load against the site's own best nights",
            (now, target, hours, share),
            {"energy_saving": "kWh/year"},
        )
        saving = made["energy_saving"]
        cost = sheet.money(saving, sheet.price(series, off.astype(float)))
        load = "blowers" if equipment(case, "blower") else "base_load"
        return sheet.estimate(
            load, energy=saving, cost=cost, investment=sheet.fact("investment"), life_years=10, basis="metered",
            confidence="high" if proven else "medium", load_kwh=now.value * hours.value,
        )  # fmt: skip


class EarlyStart:
    """Later start of heating, cooling and ventilation: they run for hours before anyone comes. IAC code 2.6232, 2.7261."""

    id: Final = "early_start"
    kind: Final[Kind] = "energy"
    building_sync: Final = "Add or repair controls"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        series = electricity(case, "base_load", self.id)
        if isinstance(series, NotApplicable):
            return series
        opening, missing = _hours(case, series)
        if opening is None:
            return NotApplicable(self.id, "no_opening_hours")
        sheet = Sheet(case, self.id, self.kind)
        index = pd.DatetimeIndex(series.rate.index)
        working = working_hours(index).to_numpy()
        hourly = series.rate[working].groupby(index[working].hour).mean()
        night = float(hourly.loc[0:4].mean())
        busy = float(hourly.loc[opening[0] : opening[1] - 1].mean())
        idle = by_hour(series, working=False) if missing else None  # what runs on days off alike is no start
        usual = {hour: max(night, float(idle.loc[hour])) if idle is not None else night for hour in range(5, opening[0])}
        early = [hour for hour in usual if hourly.loc[hour] > usual[hour] + 0.15 * (busy - night)]
        if not early:
            return NotApplicable(self.id, "starts_in_time")
        excess = float(hourly.loc[early].mean()) - sum(usual[hour] for hour in early) / len(early)
        inputs = (
            metered("early_rate", excess, "kW", series),
            computed("early_hours", len(early), "h/day"),
            sheet.value("lead_hours", Quantity("lead_hours", 1, "h/day", "supuesto propio / our assumption", "default", 0.5, 2)),
            computed("days", float(working.mean()) * 365, "day/year"),
        )
        formula = "energy_saving = early_rate * max(0, early_hours - lead_hours) * days"
        saving = sheet.add("early", formula, "IAC 2.7261", inputs, {"energy_saving": "kWh/year"})["energy_saving"]
        when = pd.Series(np.isin(index.hour, early) & working, index=index).astype(float)
        cost = sheet.money(saving, sheet.price(series, when))
        free = sheet.fact("investment") or Quantity("investment", 0, "EUR", "change of a timetable", "default")
        return sheet.estimate(
            "hvac", energy=saving, cost=cost, investment=free, life_years=10, basis="metered",
            confidence="low" if missing else "high", load_kwh=excess * len(early) * float(working.mean()) * 365, missing=missing,
        )  # fmt: skip


class DayOffRunning:
    """What runs on Saturdays as on no Sunday: a timetable that nobody took out. IAC code 2.6218."""

    id: Final = "day_off_running"
    kind: Final[Kind] = "energy"
    building_sync: Final = "Add or repair controls"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        series = electricity(case, "base_load", self.id)
        if isinstance(series, NotApplicable):
            return series
        opening, missing = _hours(case, series)
        if opening is None:
            return NotApplicable(self.id, "no_opening_hours")
        sheet = Sheet(case, self.id, self.kind)
        index = pd.DatetimeIndex(series.rate.index)
        saturday, sunday = (series.rate[index.day_of_week == day] for day in (5, 6))
        hourly = [one.groupby(pd.DatetimeIndex(one.index).hour).mean() for one in (saturday, sunday)]
        gap = hourly[0] - hourly[1]
        hours = [int(hour) for hour in gap.index[gap > _WORTH * hourly[1]]]
        if not hours:
            return NotApplicable(self.id, "days_off_alike")
        inputs = (
            metered("saturday_rate", float(gap.loc[hours].mean()), "kW", series),
            computed("saturday_hours", len(hours), "h/day"),
            computed("saturdays", 52, "day/year"),
        )
        formula = "energy_saving = saturday_rate * saturday_hours * saturdays"
        saving = sheet.add("day_off", formula, "IAC 2.6218", inputs, {"energy_saving": "kWh/year"})["energy_saving"]
        when = pd.Series((index.day_of_week == 5) & np.isin(index.hour, hours), index=index).astype(float)
        cost = sheet.money(saving, sheet.price(series, when))
        free = sheet.fact("investment") or Quantity("investment", 0, "EUR", "change of a timetable", "default")
        return sheet.estimate(
            "ventilation", energy=saving, cost=cost, investment=free, life_years=10, basis="metered",
            confidence="low" if missing else "high", load_kwh=saving.value, missing=missing,
        )  # fmt: skip


def _hours(case: Case, series: Series) -> tuple[tuple[int, int] | None, tuple[Caveat, ...]]:
    """(Opening hours, what to say of them): as the site's file tells them; of a curve that was sent, those that it shows."""
    if told := opening_hours(case):
        return told, ()
    likely = likely_hours(case, series)
    return likely, (("hours_by_curve", {}),) if likely else ()


class DemandVentilation:
    """Fans back to demand: their control has been stuck since the day on which the daily mean stepped up. IAC code 2.4146."""

    id: Final = "demand_ventilation"
    kind: Final[Kind] = "energy"
    building_sync: Final = "Install demand control ventilation"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        series = electricity(case, "base_load", self.id)
        if isinstance(series, NotApplicable):
            return series
        if not equipment(case, "fan"):
            return NotApplicable(self.id, "no_equipment", {"kind": "fan"})
        found = step_up(series.rate.resample("1D").mean())
        if found is None:
            return NotApplicable(self.id, "no_step")
        first, before, after = found
        sheet = Sheet(case, self.id, self.kind)
        source = f"{series.name}, {first:%Y-%m-%d}"
        inputs = (
            Quantity("rate_after", after, "kW", source, "metered"),
            Quantity("rate_before", before, "kW", source, "metered"),
            computed("hours", 8760, "h/year"),
        )
        formula = "energy_saving = (rate_after - rate_before) * hours"
        saving = sheet.add("step", formula, "step of the daily mean, medians before and after", inputs, _KWH)["energy_saving"]
        cost = sheet.money(saving, sheet.price(series))
        return sheet.estimate(
            "fans", energy=saving, cost=cost, investment=sheet.fact("investment"), life_years=8, basis="metered",
            confidence="high", load_kwh=sum(float(one.get("measured_kw") or 0) for one in equipment(case, "fan")) * 4 * 8760,
        )  # fmt: skip


def step_up(daily: pd.Series[float]) -> tuple[date, float, float] | None:
    """(first day, mean before, mean after) of the largest rise that lasts to the end; None if none exceeds a tenth."""
    values = daily.dropna().to_numpy()
    if len(values) < 60:
        return None
    sums = np.cumsum(values)
    places = np.arange(21, len(values) - 21)
    before = sums[places - 1] / places
    after = (sums[-1] - sums[places - 1]) / (len(values) - places)
    # the split that explains most of the variance (Hinkley 1970): the gap weighted by the lengths of both sides
    explained = (after - before) * np.sqrt(places * (len(values) - places))
    best = int(np.argmax(explained))
    low, high = float(before[best]), float(after[best])
    if high < (1 + _STEP) * low:
        return None
    return pd.Timestamp(daily.dropna().index[places[best]]).date(), low, high


_KWH = {"energy_saving": "kWh/year"}
