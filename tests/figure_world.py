"""A meter's year, for tests of what readings say."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from rag.readings.series import Series


def hourly() -> Series:
    """A year of a plant that draws 100 kW, 40 more by day, and four times as much on one day."""
    index = pd.date_range("2025-01-01", "2026-01-01", freq="h", tz="Europe/Madrid", inclusive="left")
    values = pd.Series(100.0 + 40.0 * ((index.hour >= 8) & (index.hour < 20)), index=index)
    values.loc["2025-10-12"] *= 4
    name, hour = "Contador general", timedelta(hours=1)
    return Series("edar-norte", "electricity", name, "electricity", "kWh", hour, values, values < 0, ("a.csv",))
