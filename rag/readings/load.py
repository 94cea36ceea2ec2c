"""A meter's files into one Series: amounts on a regular grid, with what was found on the way. Pure but for no file at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd

from config.company import MeterConfig
from rag.errors import InputError
from rag.readings import bills, checks, green_button, headers, marks, table, times
from rag.readings.series import Finding, Series
from rag.readings.units import scale_of

_ESTIMATED = re.compile(r"^(e|estimad[ao]|estimated|est)$", re.IGNORECASE)
_BAD = re.compile(r"^(malo|bad|invalid[oa]?|dudoso|error)$", re.IGNORECASE)
_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(days=1)


def load(site: str, meter: MeterConfig, files: Mapping[str, bytes]) -> Series:
    """The series of a meter from its files, in any order. InputError says which file cannot be understood and what to set.

    Gas that is read in m3 is told in kWh of gross heat value, as its bills are, where the meter's `kwh_per_m3` is known.
    """
    found = _as_read(site, meter, files)
    if meter.carrier != "gas" or found.unit != "m3" or meter.kwh_per_m3 is None:
        return found
    return replace(found, unit="kWh", values=found.values * meter.kwh_per_m3)


def _as_read(site: str, meter: MeterConfig, files: Mapping[str, bytes]) -> Series:
    if not files:
        raise InputError(f"{site}, {meter.id}: no files")
    if billed := [one for name, data in sorted(files.items()) for one in bills.of_meter(meter, data, name)]:
        return bills.series(
            billed, site, meter.id, meter.name or meter.id, meter.carrier, _unit_of(meter), ", ".join(sorted(files))
        )
    parts = [_read(meter, data, name) for name, data in sorted(files.items())]
    never = sum(int(part.attrs.get("never", 0)) for part in parts)
    rows = pd.concat([part.copy() for part in parts]).sort_index(kind="stable")
    rows, found = checks.without_duplicates(rows)
    found += (Finding("no_clock_change", "warning", {"count": never, "zone": meter.zone}),) if never else ()
    interval = _interval(rows.index, f"{site}, {meter.id}")
    rows, off_grid = checks.on_grid(rows, interval, meter.zone)
    scale = scale_of(meter.unit, interval)
    amounts = scale == scale_of(meter.unit, 2 * interval) and scale.unit != "degC"  # a rate is more in a longer interval
    if meter.counter is None and amounts and checks.is_cumulative(rows["value"]):
        raise InputError(
            f"{site}, {meter.id}: its readings only rise, as a counter's do: say so in its header, as in Lectura (kWh), or set "
            "`counter` of the meter"
        )
    if meter.counter:
        rows, resets = checks.differences(rows)
        found += resets
    values = rows["value"] * scale.factor
    estimated = rows["estimated"].astype(bool)
    bare = Series(
        site,
        meter.id,
        meter.name or meter.id,
        meter.carrier,
        scale.unit,
        interval,
        values,
        estimated,
        tuple(sorted(files)),
    )
    return checks.with_findings(bare, (*found, *off_grid))


def _unit_of(meter: MeterConfig) -> str:
    return scale_of(meter.unit, timedelta(days=1)).unit


def _read(meter: MeterConfig, data: bytes, name: str) -> pd.DataFrame:
    """Columns value (as the file has it, scaled to the meter's unit) and estimated, by UTC start."""
    if green_button.looks_like(data):
        return green_button.read(data, name, meter.unit)
    read = table.read(data, name)
    what = table.columns(read, name, meter.unit, meter.column)
    table.of_one_meter(read, what, name)
    index, never = _starts(read, what, meter, name)
    mark = meter.decimal or read.mark([what.value], name)
    value = np.array(marks.numbers(read.column(what.value), name, mark))
    quality = read.column(what.quality) if what.quality else [""] * len(value)
    value[[bool(_BAD.match(cell)) for cell in quality]] = np.nan
    frame = pd.DataFrame({"value": value * _header_factor(what.value, meter.unit)}, index=index)
    frame["estimated"] = [bool(_ESTIMATED.match(cell)) for cell in quality]
    frame.attrs["never"] = never
    return frame


def _starts(read: table.Table, what: table.Columns, meter: MeterConfig, name: str) -> tuple[pd.DatetimeIndex, int]:
    """Of the readings' intervals, and how many of them never were."""
    if what.stamp:
        return times.from_stamps(read.column(what.stamp), meter.zone, meter.hour, day_first=read.spanish)
    if what.date:
        hours = read.column(what.hour) if what.hour else None
        return times.from_dates(read.column(what.date), hours, meter.zone, meter.hour, day_first=read.spanish), 0
    raise InputError(f"{name}: no column with the date")


def _header_factor(header: str, unit: str) -> float:
    """What the header's own unit makes of a reading where it differs from the meter's only in size: Wh for kWh."""
    said = headers.judged(header).unit
    if not said or said == unit or said.endswith("/month"):
        return 1.0
    held, wanted = (scale_of(one, _LONGEST) for one in (said, unit))
    alike = held.unit == wanted.unit and ("/" in said) == ("/" in unit) and said.endswith("W") == unit.endswith("W")
    return held.factor / wanted.factor if alike else 1.0


def _interval(index: pd.Index[pd.Timestamp], name: str) -> timedelta:
    steps = pd.Series(index).diff().dropna()
    if steps.empty:
        raise InputError(f"{name}: a single reading has no interval")
    step: timedelta = pd.Timedelta(steps.mode().iloc[0]).to_pytimedelta()
    if not step >= _SHORTEST:
        raise InputError(f"{name}: readings {step.total_seconds():g} s apart are not read; a minute at least")
    if timedelta(hours=23) <= step <= timedelta(hours=25):
        return _LONGEST
    if step > _LONGEST:
        raise InputError(f"{name}: readings {step.days} days apart are bills, not a series")
    return step
