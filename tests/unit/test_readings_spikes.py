"""Readings that no load has are set aside and told; events that come again, and what was saved up, are not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from rag.readings import anomalies, checks, profile
from rag.readings.series import Series

HOURS = 28 * 24


def hourly(changed: Mapping[int, float], usual: float = 12.0) -> Series:
    """Four weeks of hours, 12 kWh at night and 40 by day, with some changed; with all that is to be said of them."""
    index = pd.date_range("2025-02-03", periods=HOURS, freq="h", tz="Europe/Madrid")
    values = pd.Series(np.where((index.hour < 7) | (index.hour >= 21), usual, 40.0), index=index)
    for place, value in changed.items():
        values.iloc[place] = value
    bare = Series("s", "m", "m", "electricity", "kWh", timedelta(hours=1), values, values.isna())
    return checks.with_findings(bare, ())


def spikes(series: Series) -> list[tuple[object, object]]:
    """Time and value of those that were set aside."""
    return [(one.values["first"], one.values["value"]) for one in series.findings if one.rule == "spike"]


def test_a_fault_is_named_and_left_out() -> None:
    """With its time and value; nights, base and peak are what they are without it, and what is missing is told apart."""
    series = hourly({51: 900.0, 100: np.nan, 101: np.nan})
    assert spikes(series) == [("2025-02-05 03:00", 900.0)]
    assert profile.base_load(series).result("night_rate").value == pytest.approx(12)
    assert profile.load_shape(series).inputs[1].value == 40
    assert next(one.values["count"] for one in series.findings if one.rule == "gaps") == 2
    assert [one.rule for one in checks.noted(series, series)] == ["spike", "gaps"]


@pytest.mark.parametrize(
    "changed",
    [
        {51: 190.0},  # high, and no more than five times the others
        {51: 900.0, 51 + 24 * 7: 900.0},  # each week at the same hour
        {51: 900.0, 51 + 24: 900.0, 51 + 48: 900.0},  # each day
        dict.fromkeys(range(51, 56), 900.0),  # five hours in a row
        {**dict.fromkeys(range(40, 51), np.nan), 51: 240.0},  # what ran while nothing was read
    ],
)
def test_what_may_have_been_stays(changed: Mapping[int, float]) -> None:
    """A high hour, an event that comes again, a long one, a sum behind a gap."""
    assert spikes(hourly(changed)) == []


def test_a_pump_that_runs_once_is_none() -> None:
    """Where most readings are nothing no load is known to compare with."""
    index = pd.date_range("2025-02-03", periods=HOURS, freq="h", tz="Europe/Madrid")
    values = pd.Series(np.where(np.arange(HOURS) % 10 == 0, 1.0, 0.0), index=index)
    values.iloc[55] = 50.0
    assert not spikes(checks.with_findings(Series("s", "m", "m", "water", "m3", timedelta(hours=1), values, values.isna()), ()))


def test_sundays_are_ordinary() -> None:
    """What each Sunday is like is no day out of the ordinary, however unlike other days off; one Sunday unlike the others is."""
    index = pd.date_range("2025-01-06", periods=10 * 7 * 24, freq="h", tz="Europe/Madrid")
    values = pd.Series(np.where(index.day_of_week == 6, 5.0, 20.0 + index.day_of_year % 3), index=index)
    values[index.day_of_week == 5] = np.where(index[index.day_of_week == 5].day < 20, 5.0, 5.1)
    series = Series("s", "m", "m", "electricity", "kWh", timedelta(hours=1), values, values.isna())
    assert [one for one in anomalies.odd_days(series) if one.day.weekday() == 6] == []
    values[index.normalize() == pd.Timestamp("2025-02-16", tz="Europe/Madrid")] = 15.0
    assert "2025-02-16" in [f"{one.day}" for one in anomalies.odd_days(series)]
