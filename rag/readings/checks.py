"""What is wrong with readings, found before any number is made of them; each finding is reported and cited, none hidden.

Rules and limits: CalTRACK 2.0 methods 2.2 and 2.3 (openeemeter/caltrack, docs/methods.rst) and opendsm's sufficiency criteria;
what is ours says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd

from rag.readings.series import Finding, Series
from rag.readings.spikes import without_spikes

MISSING_SHARE = 0.10
"""Of a series at most (CalTRACK 2.2.1.2); beyond it no yearly amount is told."""
FLAT_HOURS = 24
"""Identical readings for so long mean a meter that hangs (ours)."""
NEED_HOURS = frozenset({"base_load", "tariff_periods", "night_flow"})
"""Methods that look into the day."""
_LEAST_CUMULATIVE, _STEPS = 48, 4
"""Readings, and different ones among them, of which it is told whether they only rise."""
_FEW = 0.001
_FAR, _THOUSAND = 300.0, (600.0, 1600.0)
"""Times by which a day is another unit's, if the factor that most of them have is about a thousand."""
Found = tuple[Finding, ...]


def without_duplicates(rows: pd.DataFrame) -> tuple[pd.DataFrame, Found]:
    """One reading for each start; of two that differ the later one in the file, which is reported."""
    repeated = rows.index.duplicated(keep=False)
    if not repeated.any():
        return rows, ()
    differ = int((rows[repeated].groupby(level=0)["value"].nunique(dropna=False) > 1).sum())
    kept = rows[~rows.index.duplicated(keep="last")]
    count = len(rows) - len(kept)
    if differ:
        blocks = frozenset({"*"}) if differ > MISSING_SHARE * len(kept) else frozenset[str]()
        return kept, (Finding("conflicts", "error" if blocks else "warning", {"count": differ}, blocks),)
    return kept, (Finding("duplicates", "info", {"count": count}),)


def on_grid(rows: pd.DataFrame, interval: timedelta, zone: str) -> tuple[pd.DataFrame, Found]:
    """The readings on a regular grid from the first to the last, in local time; what stands beside it is left out and told."""
    rows = rows.tz_convert(zone)
    index = pd.DatetimeIndex(rows.index)
    if interval >= timedelta(days=1):  # civil days have 23, 24 or 25 hours: the grid is of days
        daily = rows.set_axis(index.normalize())
        return _filled(daily, pd.date_range(daily.index[0], daily.index[-1], freq="D")), ()
    first = index[0]
    beside = ((index - first) % pd.Timedelta(interval)) != pd.Timedelta(0)
    found: Found = ()
    if beside.any():
        blocks = frozenset({"*"}) if beside.mean() > MISSING_SHARE else frozenset[str]()
        found = (Finding("off_grid", "error" if blocks else "warning", {"count": int(beside.sum())}, blocks),)
        rows = rows[~beside]
    return _filled(rows, pd.date_range(first, rows.index[-1], freq=pd.Timedelta(interval))), found


def _filled(rows: pd.DataFrame, grid: pd.DatetimeIndex) -> pd.DataFrame:
    full = rows.reindex(grid)
    return full.assign(estimated=full["estimated"].eq(True))


def differences(rows: pd.DataFrame) -> tuple[pd.DataFrame, Found]:
    """What ran through a counter between its readings; where it went back (a reset, a new meter) nothing is known."""
    steps = rows["value"].diff().shift(-1)
    back = int((steps < 0).sum())
    changed = rows.assign(value=steps.mask(steps < 0)).iloc[:-1]
    return changed, (Finding("resets", "warning", {"count": back}),) if back else ()


def is_cumulative(values: pd.Series[float]) -> bool:
    """Whether readings are a counter's, whatever they are called: they never fall, and rise little against their size (ours)."""
    known = values.dropna()
    if len(known) < _LEAST_CUMULATIVE or known.nunique() < _STEPS or not known.is_monotonic_increasing:
        return False
    return bool(known.iloc[0] > 0 and known.iloc[-1] - known.iloc[0] <= known.iloc[0])


def with_findings(series: Series, before: Sequence[Finding]) -> Series:
    """The series with all that is to be said of it."""
    values = series.values
    found = [*before]
    found += _gaps(values)
    if not any(one.rule == "bills" for one in before):
        values, spikes = without_spikes(series)
        series = replace(series, values=values)
        found += spikes
    checks = [_mixed, _estimated, _negatives, _outliers, _flat, _short]
    checks += [_coarse] if not any(one.rule == "bills" for one in before) else []
    found += [one for check in checks if (one := check(series))]
    return replace(series, findings=tuple(found))


def noted(series: Series, part: Series) -> tuple[Finding, ...]:
    """What is told with a number of a part of a series: which readings of it were set aside, and which are missing."""
    index = part.values.index
    spikes = [one for one in series.findings if one.rule == "spike"]
    within = [
        one
        for one in spikes
        if len(index) and f"{index[0]:%Y-%m-%d %H:%M}" <= str(one.values["first"]) <= f"{index[-1]:%Y-%m-%d %H:%M}"
    ]
    set_aside = {str(one.values["first"]) for one in within}
    known = part.values[[f"{stamp:%Y-%m-%d %H:%M}" not in set_aside for stamp in index]] if within else part.values
    return (*within, *_gaps(known))


def _gaps(values: pd.Series[float]) -> Found:
    missing = int(values.isna().sum())
    if not missing:
        return ()
    share = missing / len(values)
    blocks = frozenset({"*"}) if share > MISSING_SHARE else frozenset[str]()
    first = values.index[int(np.argmax(values.isna().to_numpy()))]
    said = {"count": missing, "share": round(100 * share, 2), "first": f"{first:%Y-%m-%d %H:%M}"}
    return (Finding("gaps", "error" if blocks else "warning", said, blocks),)


def _mixed(series: Series) -> Finding | None:
    """Days a thousand times above or below the others: Wh among kWh, litres among cubic metres (ours)."""
    if series.carrier == "temperature":
        return None
    daily = series.values.resample("D").sum(min_count=1)
    daily = daily[daily > 0]
    ratio = daily / daily.median()
    far = ratio[(ratio > _FAR) | (ratio < 1 / _FAR)]
    if not 2 <= len(far) < len(daily) / 2:
        return None
    times = float(far.median()) if far.median() > 1 else 1 / float(far.median())
    said = {"count": len(far), "first": f"{far.index[0]:%Y-%m-%d}"}
    return Finding("mixed_units", "error", said, frozenset({"*"})) if _THOUSAND[0] <= times <= _THOUSAND[1] else None


def _estimated(series: Series) -> Finding | None:
    count = int(series.estimated.sum())
    return Finding("estimated", "info", {"count": count}) if count else None


def _negatives(series: Series) -> Finding | None:
    """Possible generation on site (CalTRACK 2.3.5), or a flow meter that was mounted the wrong way round."""
    count = int((series.values < 0).sum()) if series.carrier != "temperature" else 0
    share = count / len(series.values)
    blocks = frozenset({"*"}) if share > MISSING_SHARE else frozenset[str]()
    return Finding("negatives", "error" if blocks else "warning", {"count": count}, blocks) if count else None


def _outliers(series: Series) -> Finding | None:
    """Beyond three interquartile ranges above the upper quartile (opendsm data_settings): to be looked at, not deleted.

    What no load has was set aside before (rag.readings.spikes).
    """
    low, high = series.values.quantile([0.25, 0.75])
    beyond = series.values > high + 3 * (high - low)
    count = int(beyond.sum())
    if not count or high <= low or count > _FEW * len(series.values) + 5:
        return None
    worst = series.values[beyond].idxmax()
    return Finding("outliers", "warning", {"count": count, "first": f"{worst:%Y-%m-%d %H:%M}"})


def _flat(series: Series) -> Finding | None:
    values = series.values
    same = values.diff().eq(0) & values.ne(0)
    runs = same.groupby((~same).cumsum()).sum()
    hours = (int(runs.max()) + 1) * series.hours if len(runs) else 0.0
    return Finding("flat", "warning", {"hours": round(hours)}) if hours >= FLAT_HOURS and series.hours < FLAT_HOURS else None


def _coarse(series: Series) -> Finding | None:
    """Readings of a day, or of hours together, do not tell what ran at night."""
    return Finding("coarse", "error", {"hours": round(series.hours)}, NEED_HOURS) if series.hours > 1 else None


def _short(series: Series) -> Finding | None:
    days = round(len(series.values) * series.hours / 24)
    return Finding("short", "info", {"days": days}, frozenset()) if days < 329 else None
