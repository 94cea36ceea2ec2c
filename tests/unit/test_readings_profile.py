"""What readings show, against published worked figures and the demo's planted faults."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import holidays
import numpy as np
import pandas as pd
import pytest

from config.company import CompanyConfig, MeterConfig, load_company
from rag.measures.model import Quantity
from rag.readings import profile, tariffs, water
from rag.readings.load import load
from rag.readings.series import Series

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def company() -> CompanyConfig:
    """The demo."""
    return load_company(ROOT / "config" / "advisor.yaml")


def demo(company: CompanyConfig, site: str, meter: str) -> Series:
    """A meter of the demo."""
    found = company.site(site)
    assert found is not None
    config: MeterConfig = next(one for one in found.meters if one.id == meter)
    return load(site, config, {file.name: (ROOT / file).read_bytes() for file in config.files})


def hourly(values: list[float], start: str = "2025-01-07") -> Series:
    """Hourly kWh from a day on."""
    index = pd.date_range(start, periods=len(values), freq="h", tz="Europe/Madrid")
    amounts = pd.Series(values, index=index, dtype=float)
    return Series("s", "m", "M", "electricity", "kWh", timedelta(hours=1), amounts, amounts.isna())


@pytest.mark.parametrize(
    ("year", "six", "three"),
    [
        (2024, [774, 971, 845, 1037, 469, 4688], [2048, 2048, 4688]),
        (2025, [765, 964, 854, 1035, 462, 4680], [2040, 2040, 4680]),
        (2026, [756, 975, 886, 1022, 441, 4680], [2040, 2040, 4680]),
    ],
)
def test_hours_of_each_period(year: int, six: list[int], three: list[int]) -> None:
    """On the mainland, over whole years, clock changes included."""
    index = pd.date_range(f"{year}-01-01", f"{year + 1}-01-01", freq="h", tz="Europe/Madrid", inclusive="left")
    assert tariffs.periods(index, "3.0TD").value_counts().sort_index().tolist() == six
    assert tariffs.periods(index, "2.0TD").value_counts().sort_index().tolist() == three


@pytest.mark.parametrize(
    ("when", "period"),
    [("2026-04-03 12:00", 4), ("2026-01-06 12:00", 6), ("2026-07-15 08:30", 2), ("2026-08-03 19:00", 3), ("2026-11-02 23:00", 3)],
)
def test_single_hours(when: str, period: int) -> None:
    """Good Friday is no holiday of the tolls, Epiphany is; half hours and late hours."""
    assert tariffs.periods(pd.DatetimeIndex([pd.Timestamp(when, tz="Europe/Madrid")]), "6.1TD").iloc[0] == period


def test_holidays_are_the_national_fixed_ones() -> None:
    """An independent calendar differs by Good Friday alone, on days that are no weekend."""
    index = pd.date_range("2024-01-01", "2027-01-01", freq="D", tz="Europe/Madrid", inclusive="left")
    ours = {day.date() for day, works in tariffs.working_hours(index).items() if not works and day.day_of_week < 5}  # type: ignore[attr-defined]  # a Timestamp
    theirs = {day for day in holidays.country_holidays("ES", years=range(2024, 2027), observed=False) if day.weekday() < 5}
    assert theirs - ours == {date(2024, 3, 29), date(2025, 4, 18), date(2026, 4, 3)}
    assert ours - theirs == set()


def test_a_day_worked_by_hand() -> None:
    """24 hours, 1,220 kWh: mean over highest, and the points of the duration curve."""
    values = [20.0] * 6 + [30, 50, 80, 100, 100, 95, 90, 95, 100, 90, 70, 50, 40, 30] + [20.0] * 4
    shape = profile.load_shape(hourly(values))
    assert sum(values) == 1220
    assert shape.result("load_factor").value == pytest.approx(50.8, abs=0.05)
    assert shape.result("duration_p5").value == 20
    base = profile.base_load(hourly(values))
    assert base.result("night_rate").value / base.result("day_rate").value == pytest.approx(20 / 87, rel=1e-6)


def test_energy_by_period_adds_up(company: CompanyConfig) -> None:
    """To the year's consumption, and its cost to the mean price times it."""
    series = demo(company, "edar-norte", "electricity")
    site = company.site("edar-norte")
    assert site is not None
    read = tariffs.by_period(series, site)
    energy = sum(read.result(f"energy_p{n}").value for n in range(1, 7))
    assert energy == pytest.approx(float(series.values.sum()), rel=1e-9)
    assert read.result("energy_cost").value == pytest.approx(read.result("mean_price").value * energy, rel=1e-9)


def test_the_base_load_that_was_planted(company: CompanyConfig) -> None:
    """182 kWh/h, 61 % of the mean of 8 to 18 h, from January to June."""
    whole = demo(company, "edar-norte", "electricity")
    series = hourly(whole.values.loc[:"2025-06-30"].tolist(), "2025-01-01")  # type: ignore[misc]  # a slice of dates
    base = profile.base_load(series)
    assert base.result("base_rate").value == pytest.approx(182, rel=0.01)
    assert base.result("night_of_day").value == pytest.approx(61, abs=1)


@pytest.mark.parametrize(
    ("meter", "found"),
    [
        ("flow-s1", []),
        ("flow-s2", [(date(2025, 5, 12), 18.0)]),
        ("flow-s3", []),
        ("flow-s4", [(date(2025, 9, 8), 9.0), (date(2025, 10, 2), -9.0)]),
    ],
)
def test_leaks_that_were_planted(company: CompanyConfig, meter: str, found: list[tuple[date, float]]) -> None:
    """Day and size of each, the one that was repaired with its end; none where there is none."""
    steps = water.steps(demo(company, "red-valdemora", meter))
    assert [one.first for one in steps] == [day for day, _ in found]
    assert [one.size for one in steps] == pytest.approx([size for _, size in found], rel=0.05)


def test_night_flow_formulas() -> None:
    """Legitimate use of 10,000 people, pressure to the power N1, unavoidable losses: worked figures."""
    assert water.legitimate_night_use(10_000) == 6.0
    for exponent, fall in ((0.5, 0.134), (1.0, 0.25), (1.15, 0.282), (1.5, 0.351)):
        assert 1 - water.pressure_factor(60, 45, exponent) == pytest.approx(fall, abs=1e-3)
    assert water.unavoidable_losses(100, 5000, 0, 40) == 232_000
    assert water.unavoidable_losses(100, 5000, 40, 40) == 272_000
    assert pytest.approx(5.90, abs=0.005) == 500_000 / (232 * 365)


def test_leakage_from_the_night(company: CompanyConfig) -> None:
    """Night flow less what people use, every hour of the year."""
    flat = pd.Series(np.full(24 * 60, 45.0), index=pd.date_range("2025-01-07", periods=24 * 60, freq="h", tz="Europe/Madrid"))
    series = Series("s", "m", "M", "water", "m3", timedelta(hours=1), flat, flat.isna())
    made = water.leakage(series, Quantity("people", 10_000, "person", "", "configured"))
    assert made.result("leakage").value == pytest.approx(39.0 * 8760)


def test_consumption_for_each_square_metre_and_person(company: CompanyConfig) -> None:
    """A year's energy over the size: a series of 10 kW is 87,600 kWh a year, 43.8 for each of 2,000 m2; the demo's office 77.6,
    which its energy review rounds to 78.
    """
    assert profile.per(hourly([10.0] * 48), "area", 2000, "m**2").result("per_area").value == pytest.approx(43.8)
    made = profile.per(demo(company, "oficina-central", "electricity"), "area", 4850, "m**2")
    assert made.result("per_area").value == pytest.approx(77.6, abs=0.05)
    assert made.result("per_area").unit == "kWh/m**2/year"
    unit = profile.per_unit(hourly([10.0] * 48), 876_000, "vehicle").result("per_unit")
    assert (unit.value, unit.unit) == (pytest.approx(0.1), "kWh/vehicle")
