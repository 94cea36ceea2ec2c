"""Odd days, losses of a network, specific energy: found where they were planted, worked by hand, silent where nothing is odd."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from config.company import CompanyConfig, SiteConfig, load_company
from config.texts import LANGUAGES
from rag.figures import statement
from rag.hold import held
from rag.readings import anomalies, water
from rag.readings.indicators import of_site
from rag.readings.load import load
from rag.readings.series import Carrier, Series

ROOT = Path(__file__).resolve().parents[2]
RAIN = [(1, 9), (1, 27), (2, 8), (2, 21), (3, 12), (4, 3), (10, 12), (10, 30), (11, 20), (12, 15)]


@pytest.fixture(scope="module")
def company() -> CompanyConfig:
    """The demo."""
    return load_company(ROOT / "config" / "advisor.yaml")


_READ: dict[str, dict[str, Series]] = {}


def readings(site: SiteConfig) -> dict[str, Series]:
    """All meters of a site of the demo, read once."""
    if site.id not in _READ:
        _READ[site.id] = _read(site)
    return _READ[site.id]


def _read(site: SiteConfig) -> dict[str, Series]:
    return {m.id: load(site.id, m, {file.name: (ROOT / file).read_bytes() for file in m.files}) for m in site.meters}


def of(company: CompanyConfig, name: str) -> SiteConfig:
    """A site of the demo."""
    found = company.site(name)
    assert found is not None
    return found


def series(values: np.ndarray, carrier: Carrier = "electricity", minutes: int = 60, start: str = "2025-01-01") -> Series:
    """Amounts from a day on."""
    index = pd.date_range(start, periods=len(values), freq=f"{minutes}min", tz="Europe/Madrid")
    amounts = pd.Series(values, index=index, dtype=float)
    unit = "m3" if carrier == "water" else "kWh"
    return Series("s", carrier, carrier, carrier, unit, timedelta(minutes=minutes), amounts, amounts.isna())


def test_the_days_of_rain_and_good_friday(company: CompanyConfig) -> None:
    """All ten days of rain at the plant and no other; at the office the holiday that the tolls do not know."""
    plant, office = (readings(of(company, name)) for name in ("edar-norte", "oficina-central"))
    assert sorted(one.day for one in anomalies.odd_days(plant["influent"])) == [date(2025, *day) for day in RAIN]
    assert [one.day for one in anomalies.odd_days(office["electricity"])] == [date(2025, 4, 18)]


def test_seasons_and_lasting_steps_are_not_odd() -> None:
    """A load that swings with the year, with noise, that doubles for good in June: no day stands out."""
    hours = np.arange(365 * 24)
    noise = np.random.default_rng(3).normal(0, 2, len(hours))
    made = 100 + 40 * np.sin(2 * np.pi * hours / 8760) + noise
    assert anomalies.odd_days(series(made)) == []
    made[180 * 24 :] += 100
    assert len(anomalies.odd_days(series(made))) == 0


def test_an_odd_day_by_hand() -> None:
    """240 kWh on all days of January but one of 480, twice the usual; days with hours missing are left out."""
    made = np.full(31 * 24, 10.0)
    made[14 * 24 : 15 * 24] = 20.0
    made[20 * 24 : 20 * 24 + 5] = np.nan
    odd = anomalies.odd_days(series(made))
    assert [(one.day, one.amount, one.usual) for one in odd] == [(date(2025, 1, 15), 480, 240)]
    told = anomalies.strangest(series(made), odd)
    assert told.result("off_usual").value == pytest.approx(100)
    with pytest.raises(ValueError, match="no day"):
        anomalies.strangest(series(made), [])


def test_losses_of_a_network_by_hand() -> None:
    """G-19's network at a night flow of 74.49 m3/h: (74.49 - 6) x 20 x 365 = 500,000; over 84,680 is 5.90."""
    night = 500_000 / (20 * 365) + 6
    area = series(np.full(24 * 40, night), "water")
    index = water.leakage_index([area], 10_000, 100, 5000, 0, 40)
    assert index.result("real_losses").value == pytest.approx(500_000)
    assert index.result("unavoidable").value == pytest.approx(84_680)
    assert index.result("ili").value == pytest.approx(5.90, abs=0.005)
    billed = water.non_revenue([area], 0.75 * night * 8760)
    assert billed.result("non_revenue_share").value == pytest.approx(25)


def test_specific_energy_of_any_interval() -> None:
    """Quarter-hours of energy over hours or days of water: 0.5 kWh/m3 at first, 0.7 at last, whatever the length."""
    days = 120
    power = np.where(np.arange(days * 96) < 60 * 96, 0.5, 0.7) * 2.5
    for minutes, flow in ((15, 2.5), (60, 10.0), (24 * 60, 240.0)):
        amounts = series(np.full(days * 24 * 60 // minutes, flow), "water", minutes)
        if minutes == 24 * 60:
            index = pd.date_range("2025-01-01", periods=days, freq="D", tz="Europe/Madrid")
            amounts = Series(
                "s", "w", "w", "water", "m3", timedelta(days=1), pd.Series(flow, index=index), pd.Series(False, index=index)
            )
        told = water.specific_energy(series(power, minutes=15), amounts)
        assert told.result("specific_first").value == pytest.approx(0.5, rel=0.002)
        assert told.result("specific_last").value == pytest.approx(0.7, rel=0.002)
        assert told.result("specific").value == pytest.approx(0.6, rel=0.005)


def test_specific_energy_counts_what_both_read() -> None:
    """Hours that one meter lacks do not count for the other; with nothing in common there is none."""
    power, flow = np.full(24 * 60, 5.0), np.full(24 * 60, 10.0)
    flow[:24] = np.nan
    assert water.specific_energy(series(power), series(flow, "water")).result("specific").value == pytest.approx(0.5)
    with pytest.raises(ValueError, match="same time"):
        water.specific_energy(series(power), series(flow, "water", start="2026-01-01"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_hold(company: CompanyConfig, language: str) -> None:
    """Dates and numbers of the new figures rest on their calculations: none is removed."""
    said = {}
    for name in ("edar-norte", "red-valdemora"):
        site = of(company, name)
        for one in of_site(site, readings(site)):
            said[one.key] = statement(one, site, language)  # type: ignore[arg-type]  # a literal
    for key in ("odd_days", "ili", "specific"):
        assert held(said[key], language) == said[key]
    assert "ILI" in said["ili"].text


def test_billed_water_is_told_where_it_is_known(company: CompanyConfig) -> None:
    """A figure of the site's profile; none without it, and none for a site that is no network."""
    site = of(company, "red-valdemora")
    told = site.model_copy(update={"throughput": {**site.throughput, "billed_m3_per_year": 2.8e6}})
    office = of(company, "oficina-central")
    assert "non_revenue" in {one.key for one in of_site(told, readings(site))}
    assert "non_revenue" not in {one.key for one in of_site(site, readings(site))}
    assert not {"ili", "non_revenue"} & {one.key for one in of_site(office, readings(office))}
