"""Worked figures by name: what methods compute, against numbers that were published or worked out by a second route."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from config.company import MeterConfig
from rag.readings import power, profile, tariffs, water
from rag.readings.load import load
from rag.readings.series import Series
from rag.readings.units import registry

TOLL_3 = (20.376927, 10.617621, 4.481534, 3.886333, 2.513851, 1.442287)
FAIR, POOR = 0.041554, 0.062332
"""3.0TD of 2026, EUR/kW and year; reactive energy, EUR/kVArh."""
DAY = [20.0] * 6 + [30, 50, 80, 100, 100, 95, 90, 95, 100, 90, 70, 50, 40, 30] + [20.0] * 4
PRESSURES = [60.0] * 6 + [45.0] * 12 + [50.0] * 6


def hours(day: str) -> int:
    """Of a local day in Spain."""
    return len(pd.date_range(day, pd.Timestamp(day) + pd.Timedelta(days=1), freq="h", tz="Europe/Madrid", inclusive="left"))


def a_day() -> Series:
    """24 hourly kWh."""
    index = pd.date_range("2025-01-07", periods=24, freq="h", tz="Europe/Madrid")
    values = pd.Series(DAY, index=index)
    return Series("s", "m", "M", "electricity", "kWh", timedelta(hours=1), values, values.isna())


def bill(days: int) -> float:
    """EUR of the power term for so many days: 30 kW, 35 in P2 to P5, 60 in P6."""
    flat = [[None] * 12] * 6
    return power.yearly_cost((30, 35, 35, 35, 35, 60), flat, TOLL_3, (0,) * 6, (30,) * 12) * days / 365


def green_button() -> float:
    """kWh of a reading of 1234 with a multiplier of three."""
    espi = "http://naesb.org/espi"
    readings = "".join(
        f"<IntervalReading><timePeriod><duration>3600</duration><start>{1735689600 + 3600 * n}</start></timePeriod>"
        "<value>1234</value></IntervalReading>"
        for n in range(2)
    )
    xml = (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><content><ReadingType xmlns="{espi}">'
        "<powerOfTenMultiplier>3</powerOfTenMultiplier><uom>72</uom></ReadingType></content></entry><entry><content>"
        f'<IntervalBlock xmlns="{espi}">{readings}</IntervalBlock></content></entry></feed>'
    )
    meter = MeterConfig(id="m", carrier="electricity", unit="kWh")
    return float(load("s", meter, {"m.xml": xml.encode()}).values.iloc[0])


def nrw() -> water.Balance:
    """A million m3 supplied."""
    return water.balance(1_000_000, 730_000, 30_000, apparent=0.02 * 720_000 + 0.0025 * 1_000_000)


def uarl(*told: float) -> float:
    """Unavoidable losses, m3 a year."""
    return water.unavoidable_losses(*told) * 365 / 1000


FIGURES: list[tuple[str, Callable[[], float], float, float]] = [
    ("G-01 long day", lambda: hours("2025-10-26"), 25, 0),
    ("G-01 short day", lambda: hours("2025-03-30"), 23, 0),
    ("G-02", green_button, 1234, 0),
    ("G-05 a month", lambda: bill(31), 123.18, 0.005),
    ("G-05 a year", lambda: bill(365), 1450.32, 0.005),
    ("G-06", lambda: power.excess(40, 46, 0.171373, 31), 31.88, 0.005),
    ("G-07", lambda: power.excess_by_quarters(100, [110, 120, 105, 90], 3.566788, 0.620828), 50.74, 0.005),
    ("G-09 fair", lambda: power.reactive(2000, 900, FAIR, POOR).cost, 9.97, 0.005),
    ("G-09 fair cos", lambda: power.reactive(2000, 900, FAIR, POOR).power_factor, 0.91, 0),
    ("G-09 poor", lambda: power.reactive(1000, 900, FAIR, POOR).cost, 35.53, 0.005),
    ("G-09 poor cos", lambda: power.reactive(1000, 900, FAIR, POOR).power_factor, 0.74, 0),
    ("G-09 free", lambda: power.reactive(1000, 329, FAIR, POOR).cost, 0, 0),
    ("G-15 load factor", lambda: profile.load_shape(a_day()).result("load_factor").value / 100, 0.508, 5e-4),
    ("G-15 night", lambda: profile.base_load(a_day()).result("night_of_day").value / 100, 0.230, 5e-4),
    ("G-15 base share", lambda: profile.base_load(a_day()).result("base_share").value / 100, 0.393, 5e-4),
    ("G-15 middle", lambda: float(np.median(DAY)), 35, 0),
    ("G-16 people", lambda: water.legitimate_night_use(10_000), 6.0, 1e-9),
    ("G-16 NDF 1", lambda: water.night_day_hours(PRESSURES, 60, 1.0), 20.00, 0.005),
    ("G-16 NDF 1.5", lambda: water.night_day_hours(PRESSURES, 60, 1.5), 18.36, 0.005),
    ("G-16 NDF 0.5", lambda: water.night_day_hours(PRESSURES, 60, 0.5), 21.87, 0.005),
    ("G-16 a day", lambda: (45 - water.legitimate_night_use(10_000)) * water.night_day_hours(PRESSURES, 60, 1), 780, 0.5),
    ("G-17 bursts", lambda: 1 - water.pressure_factor(60, 45, 0.5), 0.134, 5e-4),
    ("G-17 mixed", lambda: 1 - water.pressure_factor(60, 45, 1.0), 0.250, 5e-4),
    ("G-17 1.15", lambda: 1 - water.pressure_factor(60, 45, 1.15), 0.282, 5e-4),
    ("G-17 plastic", lambda: 1 - water.pressure_factor(60, 45, 1.5), 0.3505, 5e-5),
    ("G-18 sharp", lambda: 1000 * water.orifice(0.010, 40, 0.60), 1.320, 5e-4),
    ("G-18 round", lambda: 1000 * water.orifice(0.010, 40, 0.75), 1.650, 5e-4),
    ("G-19 UARL", lambda: water.unavoidable_losses(100, 5000, 0, 40), 232_000, 0.5),
    ("G-19 private", lambda: water.unavoidable_losses(100, 5000, 40, 40), 272_000, 0.5),
    ("G-19 ILI", lambda: 500_000 / uarl(100, 5000, 0, 40), 5.90, 0.005),
    ("G-20 losses", lambda: nrw().losses, 240_000, 0.5),
    ("G-20 apparent", lambda: nrw().apparent, 16_900, 0.5),
    ("G-20 real", lambda: nrw().real, 223_100, 0.5),
    ("G-20 NRW", lambda: nrw().non_revenue, 270_000, 0.5),
    ("G-20 UARL", lambda: uarl(120, 6000, 0, 45), 114_318, 0.5),
    ("G-20 ILI", lambda: nrw().real / uarl(120, 6000, 0, 45), 1.95, 0.005),
    ("kWh of a toe", lambda: units("toe", "kWh"), 11_630, 0.5),
    ("kWh of a MMBtu", lambda: 1e6 * units("Btu", "kWh"), 293.0711, 1e-3),
    ("m3 of a US gallon", lambda: units("gallon", "m3"), 3.785412e-3, 1e-8),
]
"""Name, what computes it, the figure, how near."""


def units(of: str, to: str) -> float:
    """One of a unit in another."""
    return float(registry().Quantity(1.0, of).to(to).magnitude)


@pytest.mark.parametrize(("compute", "figure", "near"), [one[1:] for one in FIGURES], ids=[one[0] for one in FIGURES])
def test_a_worked_figure(compute: Callable[[], float], figure: float, near: float) -> None:
    """As near as it is printed."""
    assert math.isclose(compute(), figure, rel_tol=0, abs_tol=near + 1e-9)


def test_a_power_factor_needs_energy() -> None:
    """Nothing is divided by nothing."""
    with pytest.raises(ValueError, match="no active energy"):
        power.reactive(0, 10, FAIR, POOR)


def test_hours_of_the_tolls_are_those_of_2026() -> None:
    """G-04, the six periods of the mainland."""
    index = pd.date_range("2026-01-01", "2027-01-01", freq="h", tz="Europe/Madrid", inclusive="left")
    assert tariffs.periods(index, "6.1TD").value_counts().sort_index().tolist() == [756, 975, 886, 1022, 441, 4680]
