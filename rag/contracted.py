"""What a facility's contract says in advisor.yaml: contracted power and energy price by period, each with its source. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from config.company import SiteConfig
from rag.figure import Figure
from rag.measures.model import Calculation, Quantity

_KEYS = {"contracted": ("contracted_kw", "contracted_p", "kW"), "price": ("energy_eur_per_kwh", "energy_price_p", "EUR/kWh")}


def told(metric: str, site: SiteConfig, periods: Sequence[int]) -> Figure | None:
    """Powers ("contracted") or prices ("price") of the tariff periods, all or those asked for; None if the file tells none."""
    field, key, unit = _KEYS[metric]
    table = site.tariff.get(field)
    if not isinstance(table, Mapping):
        return None
    source = str(site.tariff.get("source", "advisor.yaml"))
    numbers = [n for n in range(1, 7) if f"P{n}" in table and (not periods or n in periods)]
    held = tuple(Quantity(f"{key}{n}", float(table[f"P{n}"]), unit, source, "configured") for n in numbers)
    if not held:
        return None
    made = Calculation(f"{metric}.{'-'.join(map(str, numbers))}", metric, "", source, (), held)
    values = {"toll": str(site.tariff.get("toll", "")), "source": source}
    valid = [str(site.tariff[one]) for one in ("valid_from", "valid_to") if site.tariff.get(one)]
    if len(valid) == 2:
        return Figure(f"{metric}_valid", "", (made,), {**values, "span": "/".join(valid)})
    return Figure(metric, "", (made,), values)
