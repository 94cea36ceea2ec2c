"""Sites as measures see them: a year of hours all alike, what is told of equipment, prices; and what measures say of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd

from config.company import SiteConfig
from rag.measures.model import Case, Estimate, NotApplicable
from rag.measures.registry import BUILT_IN
from rag.readings.series import Carrier, Series

TARIFF = {
    "toll": "3.0TD",
    "energy_eur_per_kwh": {f"P{n}": 0.15 for n in range(1, 7)},
    "gas_eur_per_kwh": 0.06,
    "water_eur_per_m3": 2.0,
    "reactive_eur_per_kvarh": {"fair": 0.041554, "poor": 0.062332},
    "source": "contract",
}
PERIODS = tuple(f"P{n}" for n in range(1, 7))


def year(carrier: Carrier = "electricity", value: float = 20.0, unit: str = "kWh") -> Series:
    """A year of hours, all alike."""
    index = pd.date_range("2025-01-01", "2026-01-01", freq="h", tz="Europe/Madrid", inclusive="left")
    values = pd.Series(value, index=index)
    return Series("s", carrier, carrier, carrier, unit, timedelta(hours=1), values, values.isna())


def case(*equipment: dict[str, Any], tariff: dict[str, Any] | None = None, **facts: float) -> Case:
    """A site with this equipment and these facts; a double underscore stands for the point in a fact's name."""
    told = {key.replace("__", "."): {"value": value, "unit": "1", "source": "study"} for key, value in facts.items()}
    site = {
        "id": "s", "name": "S", "kind": "industrial", "equipment": equipment, "tariff": TARIFF if tariff is None else tariff,
        "facts": told, "grid_factor": {"kg_co2_per_kwh": 0.2, "source": "national"},
    }  # fmt: skip
    return Case(SiteConfig.model_validate(site), {"electricity": year()}, date(2026, 1, 15))


def outcome(measure: str, held: Case) -> Estimate | NotApplicable:
    """What a measure says."""
    return next(one for one in BUILT_IN if one.id == measure).assess(held)


def value(measure: str, held: Case, key: str) -> float:
    """A result of its calculations; fails where it does not apply."""
    found = outcome(measure, held)
    assert isinstance(found, Estimate), found
    return next(
        made.result(key).value for made in found.calculations if key in {one.key for one in (*made.results, *made.inputs)}
    )
