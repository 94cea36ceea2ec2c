"""A series as JSON and back: how it comes out of the confined process, and how a conversation keeps it. Pure."""

from __future__ import annotations

import json
import math
from datetime import timedelta
from typing import Any, cast

import pandas as pd

from rag.errors import InputError
from rag.readings.series import Carrier, Finding, Series, Severity

_DAY = timedelta(days=1)
_MOST = 600_000
"""Readings of one series: a year of minutes is 525,600."""


def dumped(series: Series) -> str:
    """The whole series; where nothing was read stands null."""
    values = series.values
    return json.dumps(
        {
            **{name: getattr(series, name) for name in ("site", "meter", "name", "carrier", "unit", "cost_eur", "energy_eur")},
            "paid_for": list(series.paid_for),
            "files": list(series.files),
            "interval": series.interval.total_seconds(),
            "zone": str(pd.DatetimeIndex(values.index).tz),
            "start": pd.Timestamp(values.index[0]).isoformat(),
            "values": [None if math.isnan(one) else one for one in values.tolist()],
            "estimated": [place for place, one in enumerate(series.estimated.tolist()) if one],
            "findings": [[one.rule, one.severity, dict(one.values), sorted(one.blocks)] for one in series.findings],
        }
    )


def loaded(text: str) -> Series:
    """The series again. InputError for what `dumped` cannot have written: it may come from a process that read a hostile file."""
    try:
        return _loaded(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise InputError(f"no series: {type(error).__name__}") from None


def _loaded(told: dict[str, Any]) -> Series:
    values = told["values"]
    if not 0 < len(values) <= _MOST:
        raise ValueError("no readings, or too many")
    interval = timedelta(seconds=float(told["interval"]))
    start = pd.Timestamp(told["start"]).tz_convert(str(told["zone"]))
    index = pd.date_range(start, periods=len(values), freq="D" if interval == _DAY else pd.Timedelta(interval))
    estimated = pd.Series(False, index=index)
    estimated.iloc[[int(place) for place in told["estimated"]]] = True
    findings = [
        Finding(str(rule), cast(Severity, str(severity)), dict(said), frozenset(map(str, blocks)))
        for rule, severity, said, blocks in told["findings"]
    ]
    return Series(
        site=str(told["site"]),
        meter=str(told["meter"]),
        name=str(told["name"]),
        carrier=cast(Carrier, str(told["carrier"])),
        unit=str(told["unit"]),
        interval=interval,
        values=pd.Series([math.nan if one is None else float(one) for one in values], index=index, name="value"),
        estimated=estimated,
        files=tuple(map(str, told["files"])),
        findings=tuple(findings),
        cost_eur=None if told["cost_eur"] is None else float(told["cost_eur"]),
        energy_eur=None
        if told.get("energy_eur") is None
        else float(told["energy_eur"]),  # those kept before it was told have none
        paid_for=tuple(map(str, told.get("paid_for", ()))),
    )
