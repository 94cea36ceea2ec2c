"""How much was used between two days, in which tariff period and at what price, each as a calculation. Pure.

The caller checks `Series.blocked`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from config.company import SiteConfig
from rag.brought import OF
from rag.days import Days
from rag.figure import Figure
from rag.measures.formula import calculate
from rag.measures.model import Calculation, Quantity
from rag.readings import profile, tariffs
from rag.readings.quantities import computed, metered
from rag.readings.series import Series
from rag.when import Point

_SUM = "sum of what was read"
_PRICES = {"gas": ("gas_eur_per_kwh", "gas_source"), "water": ("water_eur_per_m3", "water_source")}


def read_days(series: Series) -> Days:
    """The first and the last day on which there may be readings."""
    first, last = (pd.Timestamp(series.values.index[place]).date() for place in (0, -1))
    return Days(first, last)


def cut(series: Series, span: Days) -> Series:
    """The same series between two days, both included, by local time."""
    index = pd.DatetimeIndex(series.values.index)
    start, end = (pd.Timestamp(day, tz=index.tz) for day in (span.first, span.last + pd.Timedelta(days=1)))
    kept = (index >= start) & (index < end)
    return replace(series, values=series.values[kept], estimated=series.estimated[kept])


def missing_share(series: Series) -> float:
    """The share of its intervals in which nothing was read."""
    return float(series.values.isna().mean()) if len(series.values) else 1.0


def tells(series: Series, span: Days) -> bool:
    """Whether bills tell what was used between two days: no bill reaches beyond them. Of other readings always."""
    if not any(one.rule == "bills" for one in series.findings):
        return True
    values, whole = series.values, read_days(series)
    place = {pd.Timestamp(stamp).date(): n for n, stamp in enumerate(values.index)}
    return all(
        day in {whole.first, whole.last + pd.Timedelta(days=1)}
        or (day in place and not np.isclose(values.iloc[place[day]], values.iloc[place[day] - 1]))
        for day in (span.first, span.last + pd.Timedelta(days=1))
    )


def named(series: Series, span: Days) -> str:
    """A calculation's own part of its id: the meter, and the days."""
    return f"{series.meter}@{span.first:%Y%m%d}-{span.last:%Y%m%d}"


def spelled(span: Days) -> str:
    """A span as a figure's value holds it."""
    return f"{span.first}/{span.last}"


def used(series: Series, site: SiteConfig, span: Days, asked_price: float | None, *, money: bool) -> Figure:
    """What was used, and what it costs: at the price that is asked for, by the contract's periods, or at the one price there is.

    `series` is cut already. With `money` a price is also told where only money was asked for and none is known.
    """
    values, electric = {"span": spelled(span)}, series.carrier == "electricity"
    lent = str(site.tariff.get(OF, ""))
    also, others = (("price_of",), {**values, "of": lent}) if lent else ((), values)
    if asked_price is not None:
        price = Quantity("price", asked_price, f"EUR/{series.unit}", "conversation", "asked")
        return Figure("used_priced", series.name, (at_price(series, span, price),), values)
    if electric and not series.blocked("tariff_periods") and (made := by_contract(series, site, span)):
        return Figure("used_paid", series.name, (made,), others, also=also)
    if (flat := one_price(series, site)) and (electric or money):
        return Figure("used_priced", series.name, (at_price(series, span, flat),), others, also=also)
    return Figure("used_unpriced" if money else "used", series.name, (plain(series, span),), values)


def billed(series: Series) -> Figure:
    """All that bills tell: what was used, what it cost, and what that is for."""
    first, last = (f"{day}" for day in (read_days(series).first, read_days(series).last))
    also = ["bill_energy"] if series.energy_eur is not None else []
    if "net" in series.paid_for:
        also.append("bill_net")
    elif series.paid_for:
        also.insert(0, "bill_whole")
    elif not also:
        also.append("bill_untold")
    key = "overview" if series.cost_eur is None else "overview_paid"
    values = {"first": first, "last": last, "parts": ",".join(series.paid_for)}
    return Figure(key, series.name, (profile.overview(series),), values, also=tuple(also) if series.cost_eur is not None else ())


def plain(series: Series, span: Days) -> Calculation:
    """The sum of what was read, and of how many days."""
    return replace(profile.overview(replace(series, cost_eur=None)), id=f"used.{named(series, span)}")


def at_price(series: Series, span: Days, price: Quantity) -> Calculation:
    """What was used times a price."""
    amount = metered("overview_total", float(series.values.sum()), series.unit, series)
    formula = "energy_cost = overview_total * price"
    return calculate(f"cost.{named(series, span)}", "cost", formula, _SUM, (amount, price), {"energy_cost": "EUR"})


def one_price(series: Series, site: SiteConfig) -> Quantity | None:
    """The price of all of it, where the site has but one; None where it has none or several."""
    if series.carrier == "electricity":
        told = site.tariff.get("energy_eur_per_kwh")
        prices = {float(one) for one in told.values()} if isinstance(told, Mapping) else set()
        source = str(site.tariff.get("source", ""))
        return Quantity("price", prices.pop(), "EUR/kWh", source, "configured") if len(prices) == 1 else None
    key, source_key = _PRICES.get(series.carrier, ("", ""))
    told = site.tariff.get(key)
    if told is None or (series.carrier == "gas") != (series.unit == "kWh"):
        return None
    return Quantity("price", float(told), f"EUR/{series.unit}", str(site.tariff.get(source_key, "")), "configured")


def by_contract(series: Series, site: SiteConfig, span: Days) -> Calculation | None:
    """Energy of each tariff period times its price; None where the contract does not tell several prices, or nothing was used."""
    told = site.tariff.get("energy_eur_per_kwh")
    if not isinstance(told, Mapping) or not site.tariff.get("toll") or len(set(told.values())) < 2:
        return None
    energy, source = in_periods(series, site), str(site.tariff.get("source", ""))
    if sum(energy.values()) <= 0 or any(f"P{number}" not in told for number in energy):
        return None
    inputs = [metered(f"energy_p{number}", amount, "kWh", series) for number, amount in energy.items()]
    inputs += [Quantity(f"energy_price_p{n}", float(told[f"P{n}"]), "EUR/kWh", source, "configured") for n in energy]
    formula = (
        f"overview_total = {' + '.join(f'energy_p{n}' for n in energy)}; "
        f"energy_cost = {' + '.join(f'energy_p{n} * energy_price_p{n}' for n in energy)}; "
        "mean_price = energy_cost / overview_total"
    )
    units = {"overview_total": "kWh", "energy_cost": "EUR", "mean_price": "EUR/kWh"}
    return calculate(f"cost.{named(series, span)}", "cost", formula, f"{tariffs.REFERENCE}; {_toll(site)}", inputs, units)


def in_periods(series: Series, site: SiteConfig) -> dict[int, float]:
    """kWh in each tariff period that occurs."""
    amounts = series.values.to_numpy(dtype=np.float64)
    found = period_numbers(series, site)
    return {number: float(np.nansum(amounts[found == number])) for number in sorted(set(found.tolist()))}


def period_numbers(series: Series, site: SiteConfig) -> tariffs.Numbers:
    """The tariff period of each interval."""
    territory = str(site.tariff.get("territory", "peninsula"))
    return tariffs.periods(pd.DatetimeIndex(series.values.index), _toll(site), territory).to_numpy().astype(np.int64)


def _toll(site: SiteConfig) -> str:
    return str(site.tariff.get("toll", ""))


def period_share(series: Series, site: SiteConfig, span: Days, number: int) -> Figure | None:
    """What was used in one tariff period, its share and its cost: none, where the toll has the period in other months only; None
    if it has no such period or nothing was used."""
    energy = in_periods(series, site)
    total, told = sum(energy.values()), site.tariff.get("energy_eur_per_kwh")
    has = number in energy or (isinstance(told, Mapping) and f"P{number}" in told)
    if not has or total <= 0:
        return None
    inputs = [metered("period_energy", energy.get(number, 0.0), "kWh", series), metered("overview_total", total, "kWh", series)]
    formula, units = "period_share = 100 * period_energy / overview_total", {"period_share": "%"}
    price = told.get(f"P{number}") if isinstance(told, Mapping) else None
    if price is not None:
        inputs.append(Quantity("price", float(price), "EUR/kWh", str(site.tariff.get("source", "")), "configured"))
        formula += "; energy_cost = period_energy * price"
        units["energy_cost"] = "EUR"
    reference = f"{tariffs.REFERENCE}; {_toll(site)}"
    made = calculate(f"in_period.{named(series, span)}.{number}", "tariff_periods", formula, reference, inputs, units)
    values = {"span": spelled(span), "period": f"P{number}"}
    return Figure("in_period" if price is None else "in_period_paid", series.name, (made,), values)


def no_day(day: Point, series: Series) -> Figure:
    """That there is no such day in its month, and when that ends."""
    last = (pd.Timestamp(day.year, day.month, 1) + pd.offsets.MonthEnd(0)).date()
    length = computed("month_days", last.day, "day")
    made = Calculation(f"calendar.{last:%Y-%m}", "calendar", "", "Gregorian calendar", (), (length,))
    return Figure("no_day", series.name, (made,), {"day": f"{day.day}", "month": f"{last:%Y-%m}", "last": f"{last}"})


def days_between(first: date, last: date) -> int:
    """How many days, both included."""
    return (last - first).days + 1


def covered(series: Series, span: Days) -> Calculation:
    """Of how many of the days that were asked for there are readings."""
    read = computed("overview_days", float(series.values.notna().sum()) * series.hours / 24, "day")
    wanted = computed("asked_days", days_between(span.first, span.last), "day")
    return Calculation(f"covered.{named(series, span)}", "overview", "", "readings of the days asked for", (wanted,), (read,))
