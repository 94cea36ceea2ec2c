"""Figures of several facilities or times side by side: the highest first, what they differ by, what they add up to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from config.company import SiteConfig
from rag.asked import Metric
from rag.explain import PART
from rag.figure import EVERYWHERE, Figure
from rag.measures.formula import calculate
from rag.measures.model import Quantity
from rag.readings.quantities import computed

_KEY: dict[Metric, str] = {
    "used": "overview_total", "cost": "energy_cost", "night": "night_rate", "mean": "mean_rate", "peak": "highest_rate",
    "night_flow": "night_flow", "specific": "specific",
}  # fmt: skip
"""The quantity by which figures are compared."""
_ADDED = frozenset({"used", "cost"})
"""Those that may be added up."""

Row = tuple[SiteConfig, Figure]


def beside(rows: Sequence[Row], metric: Metric, *, everywhere: bool, in_percent: bool = False) -> tuple[Row, ...]:
    """The figures, highest first, and behind them how the first and the last compare; of all facilities their sum."""
    converted = metric == "used" and all(_value(figure, "converted") for _, figure in rows)
    key = "converted" if converted else _KEY.get(metric, "")
    values = [(row, found) for row in rows if (found := _value(row[1], key))]
    if len(values) < 2 or len({one.unit for _, one in values}) > 1:
        return tuple(rows)
    ordered = sorted(values, key=lambda one: -one[1].value)
    sites = len({site.id for site, _ in rows}) > 1
    parts = [replace(one, key=f"{PART}{n}", source=_name(row, rows)) for n, (row, one) in enumerate(ordered, start=1)]
    shown = [(row[0], replace(row[1], bullet=True, site_named=sites)) for row, _ in ordered]
    shown += [(row[0], replace(row[1], bullet=True, site_named=sites)) for row in rows if row not in [one for one, _ in ordered]]
    summed = everywhere and metric in _ADDED
    last = _together(parts, metric, rows) if summed else _apart(parts[0], parts[-1], metric, in_percent)
    return (*shown, (EVERYWHERE if sites else rows[0][0], last)) if last else tuple(shown)


def _value(figure: Figure, key: str) -> Quantity | None:
    held = (one for made in figure.calculations for one in (*made.results, *made.inputs))
    return next((one for one in held if one.key == key), None)


def _name(row: Row, rows: Sequence[Row]) -> str:
    """What tells a row from the others: its facility, its meter where that has several, its time where several are asked for."""
    site, figure = row
    beside_it = {one.meter for other, one in rows if other.id == site.id}
    spans = {one.values.get("span", "") for _, one in rows}
    told = (
        site.name if len({other.id for other, _ in rows}) > 1 else "",
        figure.meter if len(beside_it) > 1 else "",
        figure.values.get("span", "") if len(spans) > 1 else "",
    )
    return "|".join(filter(None, told))


def _apart(most: Quantity, least: Quantity, metric: Metric, in_percent: bool) -> Figure | None:
    if least.value <= 0:
        return None
    parts = (most, replace(least, key="part_2"))
    twice = most.value >= 2 * least.value and not in_percent  # «1,02 times as much» is 2 % more
    told, unit = ("times_more = part_1 / part_2", "1") if twice else ("more = 100 * apart / part_2", "%")
    units = {"apart": most.unit, told.partition(" ")[0]: unit}
    made = calculate(f"compared.{metric}", "compared", f"apart = part_1 - part_2; {told}", "", parts, units)
    return Figure("compared" if twice else "compared_near", "", (made,), {"most": most.source, "least": least.source})


def _together(parts: Sequence[Quantity], metric: Metric, rows: Sequence[Row]) -> Figure:
    """Their sum, of how many facilities: what is read nowhere is not in it."""
    names = [one.key for one in parts]
    formula = f"added = {' + '.join(names)}; first_share = 100 * part_1 / added"
    units = {"added": parts[0].unit, "first_share": "%"}
    metered = computed("metered_sites", len({site.id for site, _ in rows}), "")
    made = calculate(f"added.{metric}", "added", formula, "sum of the facilities with meters", (*parts, metered), units)
    return Figure("added", "", (made,), {"most": parts[0].source}, also=("added_of",))
