"""Photovoltaics for self-consumption, sized on the site's own load, hour by hour.

Chain: pvlib's solar position and transposition (Hay and Davies) of a clear sky, scaled by month to the irradiation of a typical
year and in sum to the site's yield. Compensation of surplus as RD 244/2019: simplified up to 100 kW. The weather of a real year
is not in it: the sum is the yield's, the hours are typical.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pvlib import irradiance, location

from rag.measures.model import Case, Estimate, NotApplicable, Quantity
from rag.measures.sheet import Sheet
from rag.measures.site import electricity
from rag.models import Kind
from rag.readings.quantities import computed
from rag.readings.tariffs import prices

_CLEARNESS = (0.752, 0.787, 0.802, 0.791, 0.819, 0.913, 0.982, 0.977, 0.921, 0.852, 0.816, 0.786)
"""Month by month, global irradiation over that of a clear sky: Madrid, 1,716 kWh/m2 a year."""
_TILT, _SOUTH = 30, 180
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
        load, eur = hourly.to_numpy(), price.to_numpy() if asked is None else np.full(len(price), asked)
        rate = sheet.value("discount_rate").value / 100
        annuity = (1 - (1 + rate) ** -25) / rate

        def worth(kwp: float) -> float:
            own = np.minimum(load, shape * kwp)
            left = np.maximum(shape * kwp - load, 0).sum() * (export.value if kwp <= _SIMPLIFIED_KW else 0.0)
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
        nothing = Quantity("export_price", 0, "EUR/kWh", "RD 244/2019, > 100 kW", "default")
        compensated = export if chosen.value <= _SIMPLIFIED_KW else nothing
        inputs = (chosen, specific, self_share, mean, compensated, upkeep)
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


def unit_generation(index: pd.DatetimeIndex) -> NDArray[np.float64]:
    """Share of the year's generation in each local hour (its sum over 8,760 hours is 1): panels at 30 degrees to the south.

    Sites that are read at the same times share it.
    """
    return _kept(index.asi8.tobytes(), index.unit, str(index.tz))


@lru_cache(maxsize=8)
def _kept(stamps: bytes, unit: str, zone: str) -> NDArray[np.float64]:
    utc = pd.DatetimeIndex(np.frombuffer(stamps, dtype=np.int64).view(f"M8[{unit}]")).tz_localize("UTC")
    found = _of_times(utc.tz_convert(zone))
    found.flags.writeable = False
    return found


def _of_times(index: pd.DatetimeIndex, latitude: float = 40.4, longitude: float = -3.7) -> NDArray[np.float64]:
    middle = index + pd.Timedelta(minutes=30)
    place = location.Location(latitude, longitude, altitude=650)
    sun = place.get_solarposition(middle)
    sky = place.get_clearsky(middle, model="haurwitz")["ghi"].to_numpy()
    ghi = sky * np.array(_CLEARNESS)[index.month.to_numpy() - 1]
    split = irradiance.erbs(pd.Series(ghi, index=middle), sun["zenith"], middle)
    plane = irradiance.get_total_irradiance(
        _TILT, _SOUTH, sun["apparent_zenith"], sun["azimuth"], split["dni"], ghi, split["dhi"],
        dni_extra=irradiance.get_extra_radiation(middle), model="haydavies",
    )["poa_global"]  # fmt: skip
    found: NDArray[np.float64] = np.nan_to_num(np.asarray(plane, dtype=np.float64)).clip(0)
    total = found.sum() * 8760 / len(index)
    return found / total if total else found
