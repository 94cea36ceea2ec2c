"""What a meter's file holds, as an amount in kWh or m3 for each interval: units by pint, and rates times their time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import pint

from rag.errors import InputError

_SPELLED = {"kwh": "kWh", "mwh": "MWh", "gwh": "GWh", "wh": "Wh", "kw": "kW", "mw": "MW", "w": "W", "mj": "MJ", "gj": "GJ",
            "ml": "megaliter", "gal": "gallon"}  # fmt: skip
"""Units as files spell them, in lower case. "ml" is a megalitre: nobody meters a facility in millilitres."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Multiply a reading by `factor` to have the interval's amount in `unit` (kWh or m3; or its mean in degC)."""

    factor: float
    unit: str


@cache
def registry() -> pint.UnitRegistry[float]:
    """The units that quantities are written in; money is a unit of its own."""
    units: pint.UnitRegistry[float] = pint.UnitRegistry(cache_folder=None)
    units.define("EUR = [currency]")
    units.define("person = [head]")
    units.define("kvar = 1000 * volt * ampere")
    units.define("kvarh = kvar * hour")
    units.define("m3 = meter ** 3")
    units.define("dam3 = 1e3 * meter ** 3")
    units.define("hm3 = 1e6 * meter ** 3")
    return units


def scale_of(unit: str, interval: timedelta) -> Scale:
    """For a unit as advisor.yaml writes it. InputError for one that is neither energy, power, volume nor flow."""
    name = unit.strip().replace("³", "3").replace(" ", "")
    spelled = _SPELLED.get(name.lower(), name)
    hours = interval / timedelta(hours=1)
    if name in {"degC", "°C", "C"}:
        return Scale(1.0, "degC")
    try:
        held = registry().Quantity(1.0, spelled)
    except (pint.errors.PintError, ValueError, AssertionError, TypeError):
        raise InputError(_unknown(unit)) from None
    for wanted, amount, times in (("kWh", "kWh", 1.0), ("m3", "m3", 1.0), ("kW", "kWh", hours), ("m3/hour", "m3", hours)):
        if held.is_compatible_with(wanted):
            return Scale(float(held.to(wanted).magnitude) * times, amount)
    raise InputError(_unknown(unit))


def _unknown(unit: str) -> str:
    return f"{unit} is no unit of energy, power, volume or flow, as kWh, MWh, kW, m3, m3/h, l/s are (or degC)"
