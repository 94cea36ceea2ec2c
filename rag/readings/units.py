"""What a meter's file holds, as an amount in kWh or m3 for each interval: the sizes of units, and rates times their time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from rag.errors import InputError

_AMOUNTS = {
    "wh": (1e-3, "kWh"), "kwh": (1.0, "kWh"), "mwh": (1e3, "kWh"), "gwh": (1e6, "kWh"),
    "therm": (29.3071, "kWh"), "mj": (1 / 3.6, "kWh"), "gj": (1000 / 3.6, "kWh"),
    "m3": (1.0, "m3"), "l": (1e-3, "m3"), "hm3": (1e6, "m3"), "ml": (1e3, "m3"), "gal": (0.003785412, "m3"),
}  # fmt: skip
"""Of a unit in lower case: its size and what it becomes. "ml" is a megalitre: nobody meters a facility in millilitres."""
_RATES = {
    "w": (1e-3, "kWh"), "kw": (1.0, "kWh"), "mw": (1e3, "kWh"), "m3/h": (1.0, "m3"), "l/s": (3.6, "m3"), "l/min": (0.06, "m3"),
    "m3/s": (3600.0, "m3"), "m3/d": (1 / 24, "m3"), "m3/day": (1 / 24, "m3"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scale:
    """Multiply a reading by `factor` to have the interval's amount in `unit` (kWh or m3)."""

    factor: float
    unit: str


def scale_of(unit: str, interval: timedelta) -> Scale:
    """For a unit as advisor.yaml writes it. InputError for one that is not known."""
    name = unit.strip().lower().replace("³", "3").replace(" ", "")
    if name in _AMOUNTS:
        factor, amount = _AMOUNTS[name]
        return Scale(factor, amount)
    if name in _RATES:
        factor, amount = _RATES[name]
        return Scale(factor * (interval / timedelta(hours=1)), amount)
    raise InputError(f"unknown unit {unit}; known: {', '.join((*_AMOUNTS, *_RATES))}")
