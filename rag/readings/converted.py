"""A told value in another unit that was asked for: MWh, l/s, hm3; the conversion is a calculation of its own. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rag.figure import Figure
from rag.measures.formula import calculate
from rag.measures.model import Quantity
from rag.readings.quantities import computed

CARBON = "tCO2"
"""The unit of what electricity emits."""
_SIZES: Mapping[tuple[str, str], tuple[str, float]] = {
    ("kWh", "MWh"): ("/", 1e3), ("kWh", "GWh"): ("/", 1e6), ("MWh", "kWh"): ("*", 1e3), ("kW", "MW"): ("/", 1e3),
    ("m3", "hm3"): ("/", 1e6), ("m3/h", "l/s"): ("/", 3.6), ("m3/day", "l/s"): ("/", 86.4), ("m3/h", "m3/day"): ("*", 24),
    ("m3/day", "m3/h"): ("/", 24), ("kWh/day", "MWh"): ("/", 1e3),
}  # fmt: skip
"""From a unit to another: the operation, and by what."""
_TOLD = (
    "each_amount", "weekday_mean", "hours_total", "period_energy", "overview_total", "night_rate", "highest_rate", "mean_rate",
    "daily_mean", "most_amount", "open_leak", "night_flow", "contracted",
)  # fmt: skip
"""The quantities that figures are about, the first that a figure has before those that come with it."""


def converted(figure: Figure, units: Sequence[str], factor: Quantity | None = None) -> Figure:
    """A figure with its value in the first unit that it can be told in, too; with a word if there is none.

    `factor` is what a kWh emits, where it is electricity and that is known.
    """
    held = {one.key: one for made in figure.calculations for one in (*made.results, *made.inputs)}
    told = [held[key] for key in _TOLD if key in held]
    if not units or not told or figure.key == "no_leaks" or any(one.unit in units for one in told[:1]):
        return figure
    if CARBON in units and told[0].unit == "kWh" and factor:
        emitted = (replace(told[0], key="converted_from"), factor)
        made = _with(figure, "converted", "converted_from * grid_factor / 1000", emitted, CARBON)
        return replace(made, also=(*made.also, "located"))
    read = held.get("overview_days")
    if read and read.value and told[0].unit == "m3" and "l/s" in units:
        of_days = (replace(told[0], key="converted_from"), read, computed("conversion", 86.4, ""))
        return _with(figure, "converted_mean", "converted_from / overview_days / conversion", of_days, "l/s")
    found = next(((one, unit) for unit in units for one in told if (one.unit, unit) in _SIZES), None)
    if found is None:
        return replace(figure, also=(*figure.also, "unconverted"), values={**figure.values, "unit": units[0]})
    one, unit = found
    sign, by = _SIZES[one.unit, unit]
    inputs = (replace(one, key="converted_from"), computed("conversion", by, ""))
    return _with(figure, "converted", f"converted_from {sign} conversion", inputs, _unit(one, unit))


def _with(figure: Figure, key: str, formula: str, inputs: Sequence[Quantity], unit: str) -> Figure:
    name = f"converted.{figure.calculations[0].id}.{unit}"
    reference = "GHG Protocol, scope 2, location-based" if unit == CARBON else "SI"
    made = calculate(name, "converted", f"converted = {formula}", reference, inputs, {"converted": unit})
    return replace(figure, calculations=(*figure.calculations, made), also=(*figure.also, key))


def _unit(one: Quantity, unit: str) -> str:
    return f"{unit}/day" if one.unit.endswith("Wh/day") else unit
