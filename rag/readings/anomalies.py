"""Days that were not like the others: daily amounts against the median of days of the same kind around them. Pure.

Robust score 0.6745 (x - median) / MAD, beyond 3.5 either way (Iglewicz and Hoaglin 1993), and no less than a tenth off. Days of
the same kind are working days or days off within four weeks on either side, so that seasons and lasting steps are no anomalies.
A day must also be unlike the same weekday of the eight weeks on either side, where there are three: a weekly pattern is ordinary.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rag.measures.model import Calculation
from rag.readings.quantities import computed, metered
from rag.readings.series import Series
from rag.readings.tariffs import working_hours

_SCORE, _LEAST = 3.5, 0.10
_AROUND_DAYS = 28
_LEAST_DAYS, _LEAST_HOURS, _LEAST_WEEKS = 5, 22, 3
_TO_SIGMA = 0.6745


@dataclass(frozen=True, slots=True)
class Odd:
    """A day, what it took, what its like took around it (kWh or m3), and its robust score."""

    day: date
    amount: float
    usual: float
    score: float


def odd_days(series: Series) -> list[Odd]:
    """Days out of the ordinary, the strangest first. A day with more than two hours missing is left out."""
    values = series.values
    index = pd.DatetimeIndex(values.index)
    dates = index.normalize()
    known = values.notna().groupby(dates).sum() * series.hours
    daily = values.groupby(dates).sum()[known >= _LEAST_HOURS]
    days = pd.DatetimeIndex(daily.index)
    found: list[Odd] = []
    working = working_hours(days).to_numpy()
    for kind in (True, False):
        held = daily[working == kind]
        amounts = held.to_numpy(dtype=np.float64)
        ordinal = np.array([one.toordinal() for one in pd.DatetimeIndex(held.index)])
        for place, amount in enumerate(amounts):
            first, last = np.searchsorted(ordinal, [ordinal[place] - _AROUND_DAYS, ordinal[place] + _AROUND_DAYS + 1])
            around = np.delete(amounts[first:last], place - first)
            if len(around) < _LEAST_DAYS:
                continue
            middle, score = _off(float(amount), around)
            if not score or not _unlike_its_weekday(float(amount), amounts, ordinal, place):
                continue
            found.append(Odd(pd.Timestamp(held.index[place]).date(), float(amount), middle, score))
    return sorted(found, key=lambda one: abs(one.amount - one.usual), reverse=True)


def _off(amount: float, around: NDArray[np.float64]) -> tuple[float, float]:
    """The median around it, and the robust score; 0 if it is not out of the ordinary."""
    middle = float(np.median(around))
    spread = float(np.median(np.abs(around - middle)))
    off = amount - middle
    score = float(_TO_SIGMA * off / spread if spread else np.inf * np.sign(off) if off else 0.0)
    return middle, score if abs(score) > _SCORE and abs(off) > _LEAST * abs(middle) else 0.0


def _unlike_its_weekday(amount: float, amounts: NDArray[np.float64], ordinal: NDArray[np.int64], place: int) -> bool:
    """Whether a day is unlike the same day of other weeks, too: what Sundays always are is ordinary."""
    apart = np.abs(ordinal - ordinal[place])
    same = amounts[(apart % 7 == 0) & (apart > 0) & (apart <= 2 * _AROUND_DAYS)]
    return len(same) < _LEAST_WEEKS or bool(_off(amount, same)[1])


def strangest(series: Series, odd: list[Odd]) -> Calculation:
    """How many days were odd, and the strangest against its like. ValueError for none."""
    if not odd:
        raise ValueError("no day out of the ordinary")
    worst = odd[0]
    unit = f"{series.unit}/day"
    return Calculation(
        f"odd_days.{series.meter}",
        "odd_days",
        "off_usual = 100 * (odd_amount - usual_amount) / usual_amount",
        "robust score of Iglewicz and Hoaglin (1993), 3.5, on working days or days off within four weeks",
        (metered("odd_amount", worst.amount, unit, series), metered("usual_amount", worst.usual, unit, series)),
        (
            computed("off_usual", 100 * (worst.amount - worst.usual) / worst.usual if worst.usual else 0.0, "%"),
            computed("odd_count", len(odd), "1"),
        ),
    )
