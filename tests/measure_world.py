"""Sites as measures see them: a year of hours all alike, what is told of equipment, prices; and what measures say of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
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
HOUR = pd.date_range("2025-01-01", "2026-01-01", freq="h", tz="Europe/Madrid", inclusive="left")


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


def reading(values: object) -> Series:
    """The hours of 2025, kWh."""
    held = pd.Series(np.broadcast_to(np.asarray(values, dtype=float), len(HOUR)), index=HOUR)
    return Series("s", "electricity", "E", "electricity", "kWh", timedelta(hours=1), held, held.isna())


def site(
    *equipment: dict[str, Any], load: object = 20.0, opening: str = "", tariff: dict[str, Any] | None = None, **facts: float
) -> Case:
    """A case with hours of its own; with `opening`, those of its working days."""
    held = case(*equipment, tariff=tariff, **facts)
    told = held.site.model_copy(update={"throughput": {"opening_hours": opening} if opening else {}})
    return replace(held, site=told, readings={"electricity": reading(load)})


def working() -> np.ndarray[Any, np.dtype[np.bool_]]:
    """The 255 working days of 2025: neither weekends nor the six fixed holidays that fall on a weekday."""
    holidays = {(1, 1), (1, 6), (5, 1), (8, 15), (12, 8), (12, 25)}
    return np.array([one.day_of_week < 5 and (one.month, one.day) not in holidays for one in HOUR])


def office(kw: float, high: float, excess: bool = True) -> Case:
    """A supply of up to 50 kW whose highest quarter-hour is 20 kW, but one of `high` on a working day of January (P1)."""
    index = pd.date_range("2025-01-01", "2026-01-01", freq="15min", tz="Europe/Madrid", inclusive="left")
    values = pd.Series(5.0, index=index)
    values.loc["2025-01-15 12:00"] = high / 4
    series = Series("s", "electricity", "E", "electricity", "kWh", timedelta(minutes=15), values, values.isna())
    prices = dict(zip(PERIODS, (20.376927, 10.617621, 4.481534, 3.886333, 2.513851, 1.442287), strict=True))
    tariff: dict[str, Any] = {
        "toll": "3.0TD", "source": "contract", "contracted_kw": {f"P{n}": kw for n in range(1, 7)},
        "power_eur_per_kw_year": prices,
        "energy_eur_per_kwh": TARIFF["energy_eur_per_kwh"],
    }  # fmt: skip
    if excess:
        daily = (0.171373, 0.090584, 0.028721, 0.021891, 0.006142, 0.006142)
        tariff["excess_eur_per_kw_day"] = dict(zip(PERIODS, daily, strict=True))
    site = SiteConfig.model_validate({"id": "s", "name": "S", "kind": "office", "tariff": tariff})
    return Case(site, {"electricity": series}, date(2026, 1, 15))


def house(noise: float = 0.0, equipment: str = "heat_pump", air: bool = True, **facts: float) -> Case:
    """A year of days: 100 kWh, 5 for each degree below 12, 3 for each above 22; the air swings from 4 to 28 degC."""
    index = pd.date_range("2025-01-01", periods=365, freq="D", tz="Europe/Madrid")
    temperature = 16 + 12 * np.sin(np.arange(365) * 2 * np.pi / 365)
    energy = 100 + 5 * np.clip(12 - temperature, 0, None) + 3 * np.clip(temperature - 22, 0, None)
    energy = energy * np.exp(np.random.default_rng(1).normal(0, noise, 365))
    held = case({"kind": equipment}, tariff=TARIFF, **facts)
    readings = {}
    for carrier, values, unit in (("electricity", energy, "kWh"), ("temperature", temperature, "degC"))[: 2 if air else 1]:
        amounts = pd.Series(values, index=index)
        readings[carrier] = Series("s", carrier, carrier, carrier, unit, timedelta(days=1), amounts, amounts.isna())  # type: ignore[arg-type]  # literals
    return Case(held.site, readings, held.today)
