"""Baselines and contracted power against published and hand-worked figures."""

from __future__ import annotations

import numpy as np
import pytest

from rag.readings import power, regression

DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
PRICES = (20.376927, 10.617621, 4.481534, 3.886333, 2.513851, 1.442287)
EXCESSES = (0.171373, 0.090584, 0.028721, 0.021891, 0.006142, 0.006142)
"""3.0TD of 2026: EUR/kW and year, EUR/kW and day."""
HIGHEST: list[list[float | None]] = [
    [52, 50, None, None, None, None, 58, None, None, None, None, 47],
    [49, 48, 44, None, None, None, 55, None, None, None, 43, 46],
    [None, None, 40, None, None, 50, None, 48, 46, None, 41, None],
    [None, None, None, 38, 37, 45, None, 44, 43, 39, None, None],
    [None, None, None, 36, 35, None, None, None, None, 37, None, None],
    [30, 31, 29, 28, 27, 33, 35, 34, 32, 28, 29, 30],
]


def test_a_line_through_twelve_bills() -> None:
    """G-12: coefficients, R² and CV(RMSE) of a worked example."""
    degree_days = np.array([310, 260, 200, 120, 40, 0, 0, 0, 30, 110, 220, 300], dtype=float)
    energy = np.array([1480, 1290, 1060, 760, 520, 400, 410, 395, 480, 720, 1100, 1440], dtype=float)
    fit = regression.line(degree_days, energy)
    assert fit.coefficients == pytest.approx((380.7535, 3.4503), abs=1e-4)
    assert fit.r2 == pytest.approx(0.99604, abs=1e-5)
    assert fit.cv_rmse == pytest.approx(0.03289, abs=1e-5)
    assert fit.fitness(daily=False)


def test_balance_points_are_found() -> None:
    """Those, and the slopes, of a building that heats below 12 and cools above 22 degrees."""
    temperature = 16 + 12 * np.sin(np.arange(365) * 2 * np.pi / 365)
    energy = 100 + 5 * np.clip(12 - temperature, 0, None) + 3 * np.clip(temperature - 22, 0, None)
    fit = regression.weather(temperature, energy)
    assert (fit.model, fit.heating_balance, fit.cooling_balance) == ("both", 12, 22)
    assert fit.coefficients == pytest.approx((100, 5, 3))
    assert fit.predict(np.array([10.0, 24.0])) == pytest.approx([110, 106])


def test_gas_is_not_fitted_with_cooling() -> None:
    """A load that rises with heat alone has no heating slope: the constant stands."""
    temperature = 16 + 12 * np.sin(np.arange(365) * 2 * np.pi / 365)
    assert regression.weather(temperature, 100 + np.clip(temperature - 20, 0, None), cooling=False).model == "constant"


def test_uncertainty_of_savings() -> None:
    """G-10, monthly at 68 and 90 %; G-11, daily with autocorrelation."""
    assert regression.savings_uncertainty(0.10, 0.10, 12, 12, 3, confidence=0.68) == pytest.approx(0.4135, abs=1e-4)
    assert regression.savings_uncertainty(0.10, 0.10, 12, 12, 3) == pytest.approx(0.7202, abs=1e-4)
    assert regression.savings_uncertainty(0.25, 0.10, 365, 365, 5, rho=0.5) == pytest.approx(0.4774, abs=1e-4)


def test_excess_of_a_month() -> None:
    """46 kW on a contract of 40, 31 days of P1; nothing below the contract."""
    assert power.excess(40, 46, EXCESSES[0], 31) == pytest.approx(31.88, abs=0.005)
    assert power.excess(40, 39, EXCESSES[0], 31) == 0


def test_the_contract_that_costs_least() -> None:
    """G-08: 40 kW in all periods, against 60 kW everywhere; its cost is what the same powers cost by hand."""
    found = power.optimum(HIGHEST, PRICES, EXCESSES, DAYS, least_last=15)
    assert found.powers == pytest.approx((40,) * 6)
    assert found.cost == pytest.approx(2130.95, abs=0.01)
    assert power.yearly_cost(found.powers, HIGHEST, PRICES, EXCESSES, DAYS) == pytest.approx(found.cost)
    assert power.yearly_cost((60,) * 6, HIGHEST, PRICES, EXCESSES, DAYS) == pytest.approx(2599.11, abs=0.01)


def test_prices_below_zero_have_no_optimum() -> None:
    """The programme has no end then, and says so."""
    with pytest.raises(ValueError, match="no contract"):
        power.optimum(HIGHEST, (-1.0,) * 6, EXCESSES, DAYS)
