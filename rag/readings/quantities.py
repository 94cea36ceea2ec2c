"""Small makers of quantities with their source, so that every number says where it comes from. Pure."""

from __future__ import annotations

import pandas as pd

from rag.measures.model import Quantity
from rag.readings.series import Series


def metered(key: str, value: float, unit: str, series: Series) -> Quantity:
    """A value that was read off a series."""
    return Quantity(key, float(value), unit, source_of(series), "metered")


def computed(key: str, value: float, unit: str) -> Quantity:
    """A value that the calculation's own inputs give."""
    return Quantity(key, float(value), unit, "", "computed")


def source_of(series: Series) -> str:
    """What a citation of a series says: its name and the days that it covers."""
    first, last = (pd.Timestamp(series.values.index[place]) for place in (0, -1))
    return f"{series.name}, {first:%Y-%m-%d} - {last:%Y-%m-%d}"


def yearly(series: Series) -> float:
    """What the series would be in a year of 8,760 hours, by the mean of what was read."""
    return float(series.rate.mean()) * 8760
