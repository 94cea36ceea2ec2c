"""Baselines: energy by weather or by production, with the statistics that say whether the fit may be used. Pure, on numbers.

Sources: CalTRACK 2.0 §3.2-3.4 (balance points searched on a grid, at least ten days and twenty degree-days, slopes not negative,
best adjusted R²); ASHRAE Guideline 14-2014 (CV(RMSE), NMBE and the fractional uncertainty of savings).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Model = Literal["constant", "heating", "cooling", "both", "line"]
Numbers = NDArray[np.float64]
_LEAST_DAYS, _LEAST_DEGREE_DAYS = 10, 20.0
_DAILY, _MONTHLY = 0.35, 0.25
"""CV(RMSE) up to which a baseline may be told without "low confidence" (ours)."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted baseline. `coefficients`: intercept, then slopes (each per degree-day, or per unit of the driver).

    cv_rmse and nmbe are shares of the mean, with n - p in the denominator; rho is the residuals' lag-1 autocorrelation.
    """

    model: Model
    coefficients: tuple[float, ...]
    heating_balance: float | None
    cooling_balance: float | None
    points: int
    r2: float
    adjusted_r2: float
    cv_rmse: float
    nmbe: float
    rho: float

    @property
    def parameters(self) -> int:
        """Coefficients and balance points."""
        return len(self.coefficients) + (self.heating_balance is not None) + (self.cooling_balance is not None)

    def fitness(self, daily: bool = True) -> bool:
        """Whether CV(RMSE) lets a baseline be published."""
        return self.cv_rmse <= (_DAILY if daily else _MONTHLY)

    def predict(self, driver: Numbers) -> Numbers:
        """Energy for each temperature (or value of the driver), in the unit that was fitted."""
        design = _line(driver) if self.model == "line" else _design(driver, self.heating_balance, self.cooling_balance)
        found: Numbers = design @ np.asarray(self.coefficients)
        return found


def line(driver: Numbers, energy: Numbers) -> Fit:
    """Energy on one driver: production, cubic metres, or degree-days of a period. ValueError for fewer than three points."""
    driver, energy = _read(driver, energy)
    return _fit("line", _line(driver), energy, None, None)


def weather(temperature: Numbers, energy: Numbers, step: float = 1.0, cooling: bool = True) -> Fit:
    """The best of constant, heating, cooling and both (1P, 3P, 5P) for daily means in one unit of temperature.

    Degree-days count as read: give degC with a `step` of 0.5, or degF with 1. `cooling` False for gas.
    """
    temperature, energy = _read(temperature, energy)
    grid = np.arange(np.ceil(temperature.min()), np.floor(temperature.max()) + step / 2, step)
    heats = [float(one) for one in grid if _enough(one - temperature)]
    cools = [float(one) for one in grid if cooling and _enough(temperature - one)]
    pairs: list[tuple[float | None, float | None]] = [
        (None, None),
        *((one, None) for one in heats),
        *((None, one) for one in cools),
    ]
    pairs += [(heat, cool) for heat, cool in product(heats, cools) if cool >= heat]
    fits = [_fit(_name(*pair), _design(temperature, *pair), energy, *pair) for pair in pairs]
    return max((one for one in fits if min(one.coefficients[1:], default=0.0) >= 0), key=lambda one: one.adjusted_r2)


def savings_uncertainty(
    fit_cv: float, share: float, baseline: int, reporting: int, parameters: int, rho: float = 0.0,
    confidence: float = 0.90, factor: float = 1.26,
) -> float:  # fmt: skip
    """Uncertainty of savings over savings (FSU): ASHRAE Guideline 14, with n' = n (1 - rho) / (1 + rho) where that is fewer.

    fit_cv and share (of the baseline that is saved) are fractions; baseline and reporting are numbers of points.
    """
    independent = baseline * (1 - rho) / (1 + rho)
    quantile = float(stats.t.ppf((1 + confidence) / 2, independent - parameters))
    spread = np.sqrt(baseline / independent * (1 + 2 / independent) / reporting)
    return float(quantile * factor * fit_cv * spread / share)


def _read(driver: Numbers, energy: Numbers) -> tuple[Numbers, Numbers]:
    held = np.isfinite(driver) & np.isfinite(energy)
    if held.sum() < 3:
        raise ValueError("a regression needs three points")
    return driver[held], energy[held]


def _enough(degrees: Numbers) -> bool:
    days = degrees[degrees > 0]
    return len(days) >= _LEAST_DAYS and float(days.sum()) >= _LEAST_DEGREE_DAYS


def _name(heating: float | None, cooling: float | None) -> Model:
    if heating is not None:
        return "heating" if cooling is None else "both"
    return "constant" if cooling is None else "cooling"


def _line(driver: Numbers) -> Numbers:
    return np.column_stack([np.ones(len(driver)), driver])


def _design(temperature: Numbers, heating: float | None, cooling: float | None) -> Numbers:
    columns = [np.ones(len(temperature))]
    columns += [np.clip(heating - temperature, 0, None)] if heating is not None else []
    columns += [np.clip(temperature - cooling, 0, None)] if cooling is not None else []
    return np.column_stack(columns)


def _fit(model: Model, design: Numbers, energy: Numbers, heating: float | None, cooling: float | None) -> Fit:
    found = np.linalg.lstsq(design, energy, rcond=None)[0]
    left = energy - design @ found
    count, used, mean = len(energy), design.shape[1], float(energy.mean())
    free = max(1, count - used - (heating is not None) - (cooling is not None))
    total, squares = float(((energy - mean) ** 2).sum()), float((left**2).sum())
    r2 = 1 - squares / total if total else 0.0
    rho = float((left[1:] * left[:-1]).sum() / squares) if squares else 0.0
    return Fit(
        model, tuple(map(float, found)), heating, cooling, count, r2, 1 - (1 - r2) * (count - 1) / free,
        float(np.sqrt(squares / free)) / mean if mean else np.inf, float(left.sum()) / (free * mean) if mean else np.inf, rho,
    )  # fmt: skip
