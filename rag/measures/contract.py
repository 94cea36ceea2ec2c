"""Contracted power: what is paid for and never used. Money only; no energy, no carbon."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from typing import Final

import pandas as pd

from rag.measures.model import Case, Estimate, NotApplicable, Quantity
from rag.measures.sheet import Sheet
from rag.measures.site import electricity
from rag.models import Kind
from rag.readings import power
from rag.readings.quantities import computed, metered
from rag.readings.series import Series
from rag.readings.tariffs import by_period, periods

_WORTH = 0.97
_MONTHS = 12
_MAXIMETER_KW, _LEAST_LAST = 50.0, 15.001
"""Up to where a maximeter is billed by the day; and what P6 must exceed in 3.0TD, kW."""


class ContractedPower:
    """Contracted power down to the highest power of each period, periods in their legal order.

    CNMC Circular 3/2020 art. 6.2 (each period at least the one before) and 9.2 (EUR/kW a year); IAC code 2.8114. Hourly readings
    hide the quarter-hour's peak: `quarter_peak` raises them. Nothing is proposed that could be exceeded by what was read, nor
    below `least_power`, kW, where the site must keep more than it draws (fire fans, a standby pump), or below `told_peak`, the
    highest quarter of an hour that a document tells.
    """

    id: Final = "contracted_power"
    kind: Final[Kind] = "energy"
    building_sync: Final = "Change to more favorable rate schedule"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        series = electricity(case, "tariff_periods", self.id)
        if isinstance(series, NotApplicable):
            return series
        tariff, names = case.site.tariff, [f"P{number}" for number in range(1, 7)]
        now, price = (tariff.get(key) for key in ("contracted_kw", "power_eur_per_kw_year"))
        if not isinstance(now, dict) or not isinstance(price, dict) or set(names) - set(now) or set(names) - set(price):
            return NotApplicable(self.id, "no_power_prices")
        excess = tariff.get("excess_eur_per_kw_day")
        small = max(float(now[name]) for name in names) <= _MAXIMETER_KW
        if isinstance(excess, dict) and small and not set(names) - set(excess) and "least_power" not in case.site.facts:
            return self._optimum(
                case, series, {name: (float(now[name]), float(price[name]), float(excess[name])) for name in names}
            )
        sheet = Sheet(case, self.id, self.kind)
        read = by_period(series, case.site)
        source = str(tariff.get("source", ""))
        inputs: list[Quantity] = [sheet.value("quarter_peak")]
        parts, lines = [], []
        floors = [one for one in (sheet.fact("least_power"), sheet.fact("told_peak")) if one]
        inputs += floors
        for number, name in enumerate(names, start=1):
            inputs.append(read.result(f"highest_p{number}"))
            inputs.append(Quantity(f"contracted_p{number}", float(now[name]), "kW", source, "configured"))
            inputs.append(Quantity(f"power_price_p{number}", float(price[name]), "EUR/(kW*year)", source, "configured"))
            least = [*(one.key for one in floors), f"highest_p{number} * quarter_peak"]
            least += [f"new_p{number - 1}"] if number > 1 else []
            needed = f"max({', '.join(least)})" if len(least) > 1 else least[0]
            lines.append(f"new_p{number} = min(contracted_p{number}, {needed})")
            parts.append(f"(contracted_p{number} - new_p{number}) * power_price_p{number}")
        formula = "; ".join([*lines, f"cost_saving = {' + '.join(parts)}"])
        units = {**{f"new_p{number}": "kW" for number in range(1, 7)}, "cost_saving": "EUR/year"}
        reference = "CNMC Circular 3/2020, arts 6.2 and 9.2 (BOE-A-2020-1066)"
        made = sheet.add("power", formula, reference, inputs, units, ("twelve_months", {}))
        if all(made[f"new_p{n}"].value >= _WORTH * float(now[f"P{n}"]) for n in range(1, 7)):
            return NotApplicable(self.id, "power_fits")
        free = Quantity("investment", 0, "EUR", "no work", "default")
        return sheet.estimate(
            "contract", cost=made["cost_saving"], investment=free, life_years=5, basis="metered", confidence="medium"
        )

    def _optimum(self, case: Case, series: Series, terms: Mapping[str, tuple[float, float, float]]) -> Estimate | NotApplicable:
        """Up to 50 kW a month's highest power is billed by the day above contract: some excess may be cheaper than more power."""
        sheet = Sheet(case, self.id, self.kind)
        margin = (
            sheet.value("quarter_peak") if series.hours > 0.25 else Quantity("quarter_peak", 1.0, "1", series.name, "metered")
        )
        highest, days = monthly_highest(series, case, margin.value)
        if len(days) < _MONTHS:
            return NotApplicable(self.id, "no_year")
        kw, price, excess = ([terms[name][place] for name in terms] for place in range(3))
        best = power.optimum(highest, price, excess, days, least_last=_LEAST_LAST)
        source = str(case.site.tariff.get("source", ""))
        inputs: list[Quantity] = [margin]
        for n, name in enumerate(terms, start=1):
            inputs.append(Quantity(f"contracted_p{n}", terms[name][0], "kW", source, "configured"))
            inputs.append(computed(f"new_p{n}", best.powers[n - 1], "kW"))
            inputs.append(Quantity(f"power_price_p{n}", terms[name][1], "EUR/(kW*year)", source, "configured"))
            inputs.append(
                metered(f"highest_p{n}", max((one for one in highest[n - 1] if one), default=0.0) / margin.value, "kW", series)
            )
        for key, powers in (("excess_now", kw), ("excess_best", list(best.powers))):
            inputs.append(computed(key, power.yearly_cost(powers, highest, [0.0] * len(kw), excess, days), "EUR/year"))
        terms_of = (f"(contracted_p{n} - new_p{n}) * power_price_p{n}" for n in range(1, len(kw) + 1))
        formula = f"cost_saving = {' + '.join(terms_of)} + excess_now - excess_best"
        reference = "CNMC Circular 3/2020, arts 9.2 and 9.4.b.1 (BOE-A-2020-1066); linear programme over twelve maximeters"
        made = sheet.add("power", formula, reference, inputs, {"cost_saving": "EUR/year"}, ("twelve_months", {}))
        if made["cost_saving"].value <= (1 - _WORTH) * power.yearly_cost(kw, highest, price, excess, days):
            return NotApplicable(self.id, "power_fits")
        free = Quantity("investment", 0, "EUR", "no work", "default")
        return sheet.estimate(
            "contract", cost=made["cost_saving"], investment=free, life_years=5, basis="metered", confidence="medium"
        )


def monthly_highest(series: Series, case: Case, margin: float) -> tuple[list[list[float | None]], list[int]]:
    """The highest kW of each period (rows) in each of the last twelve months (columns), None where it has none; their days."""
    index = pd.DatetimeIndex(series.values.index)
    tariff = case.site.tariff
    found = periods(index, str(tariff.get("toll", "")), str(tariff.get("territory", "peninsula"))).to_numpy()
    month = index.year.to_numpy() * 12 + index.month.to_numpy() - 1
    kept = sorted(set(month.tolist()))[-_MONTHS:]
    top = (series.rate * margin).groupby([found, month]).max()
    held = [[_known(top.get((number, one))) for one in kept] for number in range(1, 7)]
    return held, [monthrange(one // 12, one % 12 + 1)[1] for one in kept]


def _known(value: float | None) -> float | None:
    return None if value is None or value != value else float(value)  # nan is not itself
