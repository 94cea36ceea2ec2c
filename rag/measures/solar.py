"""Photovoltaics for self-consumption, sized on the site's own load, hour by hour.

Chain: pvlib's clear sky (Ineichen and Perez), scaled by month to the irradiation of a typical year, split (Erbs) and turned
onto the panels (Hay and Davies), which warm up (PVsyst), with their inverter (PVWatts); in sum, the site's yield. Compensation of
surplus as RD 244/2019: simplified up to 100 kW, and in no month more than what is bought in it. The weather of a real year is not
in it: the sum is the yield's, the hours are typical.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pvlib import inverter, irradiance, location, pvsystem, temperature

from rag.measures.model import Case, Estimate, NotApplicable, Quantity
from rag.measures.sheet import Sheet
from rag.measures.site import electricity
from rag.models import Kind
from rag.readings.quantities import computed
from rag.readings.tariffs import prices

Hours = NDArray[np.float64]
_MADRID = (40.4168, -3.7038)
_CLEARNESS = (0.752, 0.787, 0.802, 0.791, 0.819, 0.913, 0.982, 0.977, 0.921, 0.852, 0.816, 0.786)
"""Month by month, global irradiation over that of a clear sky: Madrid, 1,716 kWh/m2 a year."""
_TILT, _SOUTH, _ALBEDO = 30, 180, 0.2
_SIMPLIFIED_KW = 100.0
_STEPS = 24


class Photovoltaics:
    """Panels of the size that is worth most, on what the site can hold. IAC code 2.9114."""

    id: Final = "photovoltaics"
    kind: Final[Kind] = "infrastructure"
    building_sync: Final = "Install photovoltaic system"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        series = electricity(case, "base_load", self.id)
        sheet = Sheet(case, self.id, self.kind)
        most = sheet.fact("most_kwp")
        if isinstance(series, NotApplicable):
            return series
        if most is None or most.value <= 0:
            return NotApplicable(self.id, "no_room")
        hourly = (series.values.resample("1h").sum() if series.hours < 1 else series.values).fillna(0.0)
        index = pd.DatetimeIndex(hourly.index)
        price = prices(index, case.site.tariff)
        if price is None or len(hourly) < 8000:
            return NotApplicable(self.id, "no_prices")
        specific, each, upkeep, export = (sheet.value(key) for key in ("pv_yield", "pv_price", "pv_upkeep", "export_price"))
        shape = unit_generation(index) * (specific.value * len(index) / 8760)
        asked = case.assumptions.get("price")
        load = np.asarray(hourly, dtype=np.float64)
        eur = np.asarray(price, dtype=np.float64) if asked is None else np.full(len(price), asked)
        rate = sheet.value("discount_rate").value / 100
        annuity = (1 - (1 + rate) ** -25) / rate

        def worth(kwp: float) -> float:
            own = np.minimum(load, shape * kwp)
            left = np.maximum(shape * kwp - load, 0).sum() * surplus_price(export, load, shape * kwp, eur, index, kwp).value
            yearly = float((own * eur).sum() + left) * 8760 / len(index) - kwp * upkeep.value
            return yearly * annuity - kwp * each.value

        sizes = np.linspace(most.value / _STEPS, most.value, _STEPS)
        chosen = sheet.value("kwp", computed("kwp", float(max(sizes, key=worth)), "kW"))
        own = np.minimum(load, shape * chosen.value)
        generated = shape * chosen.value
        self_share = computed("self_share", 100 * float(own.sum() / generated.sum()), "%")
        source = str(case.site.tariff.get("source", ""))
        told = ("configured", source) if asked is None else ("asked", "conversation")
        mean = Quantity("pv_value", float((own * eur).sum() / own.sum()), "EUR/kWh", told[1], told[0])  # type: ignore[arg-type]  # a literal of two
        inputs = (chosen, specific, self_share, mean, surplus_price(export, load, generated, eur, index, chosen.value), upkeep)
        formula = (
            "generation = kwp * pv_yield; energy_saving = generation * self_share / 100; "
            "cost_saving = energy_saving * pv_value + (generation - energy_saving) * export_price - kwp * pv_upkeep"
        )
        units = {"generation": "kWh/year", "energy_saving": "kWh/year", "cost_saving": "EUR/year"}
        made = sheet.add("pv", formula, "pvlib 0.16 (Holmgren et al. 2018); RD 244/2019", inputs, units, ("typical_year", {}))
        spent = sheet.add("pv_cost", "investment = kwp * pv_price", "price of a kWp", (chosen, each), {"investment": "EUR"})
        return sheet.estimate(
            "generation", energy=made["energy_saving"], cost=made["cost_saving"], investment=spent["investment"], life_years=25,
            basis="metered", confidence="medium",
        )  # fmt: skip


def surplus_price(export: Quantity, load: Hours, generated: Hours, eur: Hours, index: pd.DatetimeIndex, kwp: float) -> Quantity:
    """What a kWh of surplus is paid: nothing above 100 kW; less than its price where a month's surplus exceeds what is bought."""
    if kwp > _SIMPLIFIED_KW:
        return replace(export, value=0.0, low=None, high=None, source="RD 244/2019, > 100 kW", origin="default")
    months = index.month.to_numpy() + 12 * (index.year.to_numpy() - index.year[0])
    sold = np.bincount(months, np.maximum(generated - load, 0)) * export.value
    bought = np.bincount(months, np.maximum(load - generated, 0) * eur)
    if not (sold > bought).any():
        return export
    share = float(np.minimum(sold, bought).sum() / sold.sum())
    low, high = (None if end is None else end * share for end in (export.low, export.high))
    return replace(export, value=export.value * share, low=low, high=high, source=f"{export.source}; RD 244/2019, art. 14.3")


def unit_generation(index: pd.DatetimeIndex) -> Hours:
    """Share of the year's generation in each local hour (its sum over 8,760 hours is 1): panels at 30 degrees to the south.

    Sites that are read at the same times share it.
    """
    return _kept(index.asi8.tobytes(), index.unit, str(index.tz))


@lru_cache(maxsize=8)
def _kept(stamps: bytes, unit: str, zone: str) -> Hours:
    utc = pd.DatetimeIndex(np.frombuffer(stamps, dtype=np.int64).view(f"M8[{unit}]")).tz_localize("UTC")
    found = _of_times(utc.tz_convert(zone))
    found.flags.writeable = False
    return found


def _of_times(index: pd.DatetimeIndex) -> Hours:
    made = alternating_current(irradiation(index + pd.Timedelta(minutes=30))[1])
    total = made.sum() * 8760 / len(index)
    return made / total if total else made


def alternating_current(plane: Hours) -> Hours:
    """W for each kWp: panels that warm up in the sun at 15 degC and a wind of 1 m/s, 14 % of losses, an inverter of 96 %."""
    panels = pvsystem.pvwatts_dc(plane, temperature.pvsyst_cell(plane, 15, 1), 1000, -0.0035)
    made: Hours = inverter.pvwatts(panels * 0.86, 1000, 0.96)
    return made


def irradiation(middle: pd.DatetimeIndex, clearness: Sequence[float] = _CLEARNESS) -> tuple[Hours, Hours]:
    """(on level ground, on the panels) in W/m2 at these times, in Madrid."""
    place = location.Location(*_MADRID, altitude=650)
    sun = place.get_solarposition(middle)
    sky = place.get_clearsky(middle, model="ineichen", solar_position=sun)["ghi"].to_numpy(dtype=np.float64)
    ghi = sky * np.array(clearness)[middle.month.to_numpy() - 1]
    split = irradiance.erbs(pd.Series(ghi, index=middle), sun["zenith"], middle)
    plane = irradiance.get_total_irradiance(
        _TILT, _SOUTH, sun["apparent_zenith"], sun["azimuth"], split["dni"], ghi, split["dhi"],
        dni_extra=irradiance.get_extra_radiation(middle), albedo=_ALBEDO, model="haydavies",
    )["poa_global"]  # fmt: skip
    return ghi, np.nan_to_num(np.asarray(plane, dtype=np.float64)).clip(0)
