"""What a measure has saved since it was done: use before and after, brought to the same conditions, with its uncertainty. Pure.

IPMVP option C (whole meter): the year before the day on which it was done, against up to a year after it. What would have been
used is told by a line on the water that was handled (treatment, distribution, desalination), by the weather where it is known,
else by the same months and kinds of day of the year before. Sources: CalTRACK 2.0 §2.2 and §3.1.3 (baseline length, whole days),
LBNL EnPI (R² and range of a driver), ASHRAE Guideline 14-2014 (CV(RMSE), uncertainty of savings: 50 % at 68 % confidence).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from rag.measures.formula import Caveat, calculate
from rag.measures.model import Calculation, Case, NotApplicable, Quantity
from rag.measures.site import usable
from rag.readings import regression
from rag.readings.quantities import computed
from rag.readings.regression import Numbers
from rag.readings.series import Series
from rag.readings.tariffs import working_hours
from rag.registered import Doubt, Entry, Realised

YEAR = 365
LEAST_DAYS = 28
"""Days that must be there on each side (ours: four whole weeks)."""
LEAST_DRIVER_DAYS, WHOLE_YEAR = 90, 329
"""Of the baseline: for a line on a driver (ours: a quarter); and from which it counts as a year (CalTRACK: nine tenths)."""
LEAST_FREEDOM = 10
"""Independent days beyond the parameters (ours): with fewer the uncertainty has no meaning."""
LEAST_R2, DEVIATIONS = 0.5, 3.0
"""Of a driver (LBNL EnPI): how much it explains, and how far from the baseline's mean it may lie beyond the baseline's range."""
MOST_UNCERTAIN, RULE_CONFIDENCE = 0.5, 0.68
"""Savings count as proven up to this share of uncertainty, at this confidence (ASHRAE Guideline 14)."""
CONFIDENCE = 0.90
MOST_CV = 0.35
"""CV(RMSE) of a daily baseline up to which savings may be told (as regression.Fit.fitness)."""
TREATS, DISTRIBUTES = frozenset({"wastewater_treatment", "desalination"}), frozenset({"water_distribution"})
"""Kinds of site whose water meters measure what they handle, where advisor.yaml does not say which ones do."""
_REFERENCE = "IPMVP option C; ASHRAE Guideline 14-2014, fractional savings uncertainty; CalTRACK 2.0 §2.2, §4.3.2.4; LBNL EnPI"
_FORMULA = (
    "saved = expected_use - measured_use; realised = saved * 365 / after_days; of_predicted = 100 * realised / predicted; "
    "uncertainty = student_t * model_factor * baseline_cv / 100 * expected_use * "
    "sqrt(before_days / independent_days * (1 + 2 / independent_days) / after_days) * 365 / after_days"
)
Method = Literal["driver", "weather", "same_months"]


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the days after would have used: `expected` and `measured` by day; statistics as regression.Fit has them."""

    method: Method
    expected: pd.Series[float]
    measured: pd.Series[float]
    points: int
    parameters: int
    cv: float
    rho: float

    @property
    def independent(self) -> float:
        """Days of the baseline that tell something of their own."""
        rho = min(max(self.rho, 0.0), 0.999)
        return self.points * (1 - rho) / (1 + rho)

    def quantile(self, confidence: float) -> float:
        """Student's t."""
        return float(stats.t.ppf((1 + confidence) / 2, self.independent - self.parameters))


def realised(case: Case, entry: Entry, others: Sequence[Entry] = ()) -> tuple[Realised, Calculation] | NotApplicable:
    """What it has saved a year so far, or which rule kept that from being told. `others` of the site were done as well."""
    predicted = entry.energy_kwh or entry.water_m3
    if predicted is None or predicted.mid <= 0:
        return NotApplicable(entry.measure, "money_only")
    if entry.done_on is None:
        return NotApplicable(entry.measure, "not_done")
    meters = _energy(case) if entry.energy_kwh else _water(case)
    if not meters:
        return NotApplicable(entry.measure, "no_meter")
    for one in meters:
        held = usable(one, "realised", entry.measure)
        if isinstance(held, NotApplicable):
            return held
    daily = days(meters)
    fitted = _baseline(case, entry, daily)
    if isinstance(fitted, NotApplicable):
        return fitted
    return reckoned(entry, meters, fitted, _caveats(entry, fitted, others))


def days(meters: Sequence[Series]) -> pd.Series[float]:
    """What was used on each day by all of them together: a day counts if at least half of it was read (CalTRACK 2.2.2.1).

    What the distributor estimated, and a zero of an electricity meter, count as not read (2.2.3.1, 2.2.1.4).
    """
    parts = []
    for one in meters:
        read = one.values.mask(one.estimated.to_numpy())
        read = read.mask(read == 0) if one.carrier == "electricity" else read
        day = read.index.tz_localize(None).normalize()  # type: ignore[attr-defined]  # a series of readings has times
        grouped = read.groupby(day)
        whole = round(24 / one.hours)
        parts.append((grouped.mean() * whole).where(grouped.count() >= whole / 2))
    return pd.concat(parts, axis=1).sum(axis=1, skipna=False).dropna()


def _energy(case: Case) -> list[Series]:
    """The one meter that measures energy, electricity first."""
    held = [one for one in case.readings.values() if one.unit == "kWh"]
    return sorted(held, key=lambda one: one.carrier != "electricity")[:1]


def _water(case: Case) -> list[Series]:
    """The meters of the water that a site uses; a network's leaks show in all of its own."""
    held, handled = [one for one in case.readings.values() if one.unit == "m3"], {one.meter for one in _handled(case)}
    return held if case.site.kind in DISTRIBUTES else [one for one in held if one.meter not in handled]


def _handled(case: Case) -> list[Series]:
    """The meters of the water that a site treats or passes on."""
    held = [one for one in case.readings.values() if one.unit == "m3"]
    told = {one.id for one in case.site.meters if one.use == "handled"}
    if told or case.site.kind not in TREATS | DISTRIBUTES:
        return [one for one in held if one.meter in told]
    return held


def _baseline(case: Case, entry: Entry, daily: pd.Series[float]) -> Baseline | NotApplicable:
    done = pd.Timestamp(entry.done_on or date.max)
    year = pd.Timedelta(days=YEAR)
    before, after = (daily[(daily.index >= done - year) & (daily.index < done)],
                     daily[(daily.index > done) & (daily.index <= done + year)])  # fmt: skip
    for name, held in (("days_before", before), ("days_after", after)):
        if len(held) < LEAST_DAYS:
            return NotApplicable(entry.measure, name, {"days": len(held), "least": LEAST_DAYS})
    found = _by_driver(case, entry, before, after) or _by_weather(case, before, after) or _by_months(before, after)
    if isinstance(found, int):
        return NotApplicable(entry.measure, "same_months", {"days": found, "least": LEAST_DAYS})
    if found.cv > MOST_CV:
        return NotApplicable(entry.measure, "poor_fit", {"cv": round(100 * found.cv), "most": round(100 * MOST_CV)})
    if found.independent - found.parameters < LEAST_FREEDOM:
        return NotApplicable(entry.measure, "days_alike", {"days": round(found.independent), "parameters": found.parameters})
    return found


def _by_driver(case: Case, entry: Entry, before: pd.Series[float], after: pd.Series[float]) -> Baseline | None:
    """A line on the water that the site handles, if that explains its energy and the days after lie where it was observed."""
    water = [one for one in _handled(case) if not one.blocked("realised")]
    if not entry.energy_kwh or not water:
        return None
    handled = days(water)
    known = before.index.intersection(handled.index)
    if len(known) < LEAST_DRIVER_DAYS:
        return None
    driver = _numbers(handled[known])
    fit = regression.line(driver, _numbers(before[known]))
    if fit.r2 < LEAST_R2 or fit.coefficients[1] <= 0:
        return None
    later = after.index.intersection(handled.index)
    low, high = (driver.mean() - DEVIATIONS * driver.std(), driver.mean() + DEVIATIONS * driver.std())
    inside = handled[later].between(min(low, driver.min()), max(high, driver.max()))
    later = later[inside.to_numpy()]
    if len(later) < LEAST_DAYS:
        return None
    expected = pd.Series(fit.predict(_numbers(handled[later])), index=later)
    return Baseline("driver", expected, after[later], fit.points, fit.parameters, fit.cv_rmse, fit.rho)


def _by_weather(case: Case, before: pd.Series[float], after: pd.Series[float]) -> Baseline | None:
    """Change points of the daily mean temperature, where there is a file of it and nearly a year before."""
    air = case.temperature or next((one for one in case.readings.values() if one.unit == "degC"), None)
    if air is None or air.blocked("realised") or len(before) < WHOLE_YEAR:
        return None
    held = air.values
    mean = held.groupby(held.index.tz_localize(None).normalize()).mean()  # type: ignore[attr-defined]  # as above
    known, later = (one.index.intersection(mean.dropna().index) for one in (before, after))
    if len(known) < WHOLE_YEAR or len(later) < LEAST_DAYS:
        return None
    fit = regression.weather(_numbers(mean[known]), _numbers(before[known]), step=0.5)
    expected = pd.Series(fit.predict(_numbers(mean[later])), index=later)
    return Baseline("weather", expected, after[later], fit.points, fit.parameters, fit.cv_rmse, fit.rho)


def _by_months(before: pd.Series[float], after: pd.Series[float]) -> Baseline | int:
    """The means of the same months, working days and days off apart; or how many days after have such a day before."""
    cells, later = _cells(before), _cells(after)
    shared = set(cells) & set(later)
    before, cells = before[cells.isin(shared).to_numpy()], cells[cells.isin(shared)]
    after, later = after[later.isin(shared).to_numpy()], later[later.isin(shared)]
    if min(len(before), len(after)) < LEAST_DAYS:
        return min(len(before), len(after))
    means = before.groupby(cells.to_numpy()).mean()
    left = (before - cells.map(means).to_numpy()).to_numpy()
    parameters = len(means)
    squares = float((left**2).sum())
    cv = float(np.sqrt(squares / max(1, len(before) - parameters)) / before.mean())
    rho = float((left[1:] * left[:-1]).sum() / squares) if squares else 0.0
    expected = pd.Series(_numbers(later.map(means)), index=after.index)
    return Baseline("same_months", expected, after, len(before), parameters, cv, rho)


def _cells(daily: pd.Series[float]) -> pd.Series[float]:
    """The month of each day, days off counted as months of their own."""
    index = pd.DatetimeIndex(daily.index)
    return pd.Series(np.where(working_hours(index), index.month, 100.0 + index.month), index=index)


def model_factor(reporting_days: int) -> float:
    """What the scatter of the baseline is multiplied by, because its coefficients are uncertain as well.

    ASHRAE Guideline 14 has 1.26 throughout; where that is more, the polynomial of Sun and Baltazar for daily data, in months that
    were measured (CalTRACK 2.0 §4.3.2.4): 1.39 of a year. In trials with known savings 1.26 made the bands a little too narrow.
    """
    months = reporting_days * 12 / YEAR
    return max(1.26, -0.00024 * months**2 + 0.03535 * months + 1.00286)


def _numbers(values: pd.Series[float]) -> Numbers:
    return np.asarray(values, dtype=np.float64)


def _caveats(entry: Entry, fitted: Baseline, others: Sequence[Entry]) -> list[Caveat]:
    told: list[Caveat] = [(f"realised_{fitted.method}", {})]
    if len(fitted.measured) < 0.9 * YEAR:
        told.append(("realised_part_of_year", {"days": len(fitted.measured)}))
    done = entry.done_on or date.min
    near = [one for one in others if one.done_on and one.id != entry.id and abs(one.done_on - done) <= timedelta(days=YEAR)]
    if near:
        told.append(("realised_with_others", {"others": ", ".join(one.id for one in near)}))
    return told


def reckoned(
    entry: Entry, meters: Sequence[Series], fitted: Baseline, caveats: list[Caveat]
) -> tuple[Realised, Calculation]:  # fmt: skip
    """What was saved, with the calculation that tells how it comes out; `meters` are named as its source."""
    unit, predicted = meters[0].unit, entry.energy_kwh or entry.water_m3
    assert predicted is not None, "checked by the caller"  # noqa: S101 - tells the type checker
    first, last = fitted.measured.index[0], fitted.measured.index[-1]
    source = f"{', '.join(one.name for one in meters)}, {first:%Y-%m-%d} - {last:%Y-%m-%d}"
    count, quantile = len(fitted.measured), fitted.quantile(CONFIDENCE)
    inputs = (
        computed("expected_use", float(fitted.expected.sum()), unit),
        Quantity("measured_use", float(fitted.measured.sum()), unit, source, "metered"),
        Quantity("predicted", predicted.mid, f"{unit}/year", f"{entry.id}, {entry.updated}", "computed"),
        computed("before_days", fitted.points, "day"),
        computed("after_days", count, "day"),
        computed("independent_days", fitted.independent, "day"),
        computed("baseline_cv", 100 * fitted.cv, "%"),
        computed("student_t", quantile, "1"),
        computed("model_factor", model_factor(count), "1"),
    )
    units = {"saved": unit, "realised": f"{unit}/year", "of_predicted": "%", "uncertainty": f"{unit}/year"}
    made = calculate(f"realised.{entry.measure}", "realised", _FORMULA, _REFERENCE, inputs, units)
    value, band = made.result("realised").value, made.result("uncertainty").value
    if doubt := _doubt(fitted, value, fitted.quantile(RULE_CONFIDENCE) / quantile * band):
        caveats = [*caveats, (f"realised_{doubt}", {"days": fitted.points, "least": WHOLE_YEAR})]
    results = tuple(replace(one, low=value - band, high=value + band) if one.key == "realised" else one for one in made.results)
    shown = replace(made, results=results, caveats=tuple(caveats))
    return Realised(f"{unit}/year", value, value - band, value + band, count, doubt), shown


def _doubt(fitted: Baseline, value: float, band: float) -> Doubt:
    """Why it proves no saving; `band` at 68 % confidence. The same months of a year before need no other months."""
    if value <= 0:
        return "no_saving"
    if band > MOST_UNCERTAIN * value:
        return "uncertain"
    return "short_baseline" if fitted.method != "same_months" and fitted.points < WHOLE_YEAR else ""
