"""Lighting: lamps to LED, lamps that nobody turns off, and portals that burn by the clock whatever the daylight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from rag.measures.model import Case, Estimate, NotApplicable, Quantity
from rag.measures.sheet import Sheet
from rag.measures.site import closed, electricity, equipment, opening_hours
from rag.models import Kind
from rag.readings.quantities import computed, metered
from rag.readings.series import Series


class LedLighting:
    """Old lamps to LED of the same light, at the hours that they burn. IAC code 2.7142."""

    id: Final = "led_lighting"
    kind: Final[Kind] = "energy"
    building_sync: Final = "Retrofit with light emitting diode technologies"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        lamps = [one for one in equipment(case, "lighting") if one.get("rated_kw") and one.get("control") != "clock"]
        if not lamps:
            return NotApplicable(self.id, "no_equipment", {"kind": "lighting"})
        sheet = Sheet(case, self.id, self.kind)
        office = opening_hours(case) is not None
        installed = sum(float(one["rated_kw"]) * float(one.get("count", 1)) for one in lamps)
        source = ", ".join(sorted({str(one.get("source", "")) for one in lamps}))
        inputs = [
            Quantity("lamps_kw", installed, "kW", source, "configured"),
            _hours(sheet, lamps, office),
            sheet.value("led_share"),
        ]
        formula = "energy_saving = lamps_kw * lamp_hours * (1 - led_share)"
        saving = sheet.add("led", formula, "MEASUR lighting; IAC 2.7142", inputs, {"energy_saving": "kWh/year"})["energy_saving"]
        series = electricity(case, "base_load", self.id)
        cost = sheet.money(saving, sheet.price(series, _burning(case, series, lamps))) if isinstance(series, Series) else None
        return sheet.estimate(
            "lighting", energy=saving, cost=cost, investment=sheet.fact("investment") or _price(sheet, lamps, installed, office),
            life_years=15, basis="engineering", confidence="medium", load_kwh=installed * inputs[1].value,
        )  # fmt: skip


def _hours(sheet: Sheet, lamps: list[Mapping[str, Any]], office: bool) -> Quantity:
    """The hours of the year that they burn, by their power: what the equipment list says, else by what kind of site it is."""
    told = [one for one in lamps if one.get("hours") or one.get("control") == "constant"]
    if told and len(told) == len(lamps):
        weight = [float(one["rated_kw"]) * float(one.get("count", 1)) for one in lamps]
        hours = [float(one.get("hours") or 8760) for one in lamps]
        mean = sum(kw * hour for kw, hour in zip(weight, hours, strict=True)) / sum(weight)
        source = ", ".join(sorted({str(one.get("source", "")) for one in lamps}))
        return sheet.value("lamp_hours", Quantity("lamp_hours", mean, "h/year", source, "configured"))
    default = sheet.value("office_lamp_hours" if office else "lamp_hours")
    return Quantity("lamp_hours", default.value, default.unit, default.source, default.origin, default.low, default.high)


def _burning(case: Case, series: Series, lamps: list[Mapping[str, Any]]) -> pd.Series[float]:
    """When they burn, for the price: in opening hours, always if nobody turns them off, else from dusk to dawn."""
    index = pd.DatetimeIndex(series.values.index)
    if all(one.get("control") == "constant" for one in lamps):
        return pd.Series(1.0, index=index)
    if opening_hours(case) is not None:
        return 1.0 - closed(case, index).astype(float)
    return _between(series, *_DARK)


def _between(series: Series, first: int, last: int) -> pd.Series[float]:
    """1 from the first hour to the last, past midnight; else 0."""
    index = pd.DatetimeIndex(series.values.index)
    return pd.Series(((index.hour >= first) | (index.hour < last)).astype(float), index=index)


def _price(sheet: Sheet, lamps: list[Mapping[str, Any]], installed: float, office: bool) -> Quantity:
    """What new lamps cost: by piece where pieces are known, else by power."""
    count = sum(float(one["count"]) for one in lamps if one.get("count"))
    if count:
        each = sheet.value("eur_per_office_lamp" if office else "eur_per_lamp")
        pieces = Quantity("lamps", count, "1", "equipment list", "configured")
        return sheet.add("lamps_cost", f"investment = lamps * {each.key}", "price of a lamp", (pieces, each), _EUR)["investment"]
    each = sheet.value("eur_per_kw_led")
    power = Quantity("lamps_kw", installed, "kW", "equipment list", "configured")
    return sheet.add("lamps_cost", f"investment = lamps_kw * {each.key}", "price of a kW", (power, each), _EUR)["investment"]


class LightingControls:
    """Sensors of presence where lamps are switched by hand; together with new lamps only what those take is saved."""

    id: Final = "lighting_controls"
    kind: Final[Kind] = "energy"
    building_sync: Final = "Add occupancy sensors"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        lamps = [one for one in equipment(case, "lighting") if one.get("rated_kw") and one.get("control") == "manual"]
        if not lamps:
            return NotApplicable(self.id, "no_equipment", {"kind": "lighting: control manual"})
        sheet = Sheet(case, self.id, self.kind)
        power = sum(float(one["rated_kw"]) * float(one.get("count", 1)) for one in lamps)
        source = ", ".join(sorted({str(one.get("source", "")) for one in lamps}))
        hours = _hours(sheet, lamps, opening_hours(case) is not None)
        inputs = (Quantity("lamps_kw", power, "kW", source, "configured"), hours, sheet.value("controls_share"))
        formula = "energy_saving = lamps_kw * lamp_hours * controls_share"
        made = sheet.add("controls", formula, "Williams et al. 2012, Leukos 8(3)", inputs, {"energy_saving": "kWh/year"})
        series = electricity(case, "base_load", self.id)
        when = _burning(case, series, lamps) if isinstance(series, Series) else None
        cost = sheet.money(made["energy_saving"], sheet.price(series, when)) if isinstance(series, Series) else None
        return sheet.estimate(
            "lighting", energy=made["energy_saving"], cost=cost, investment=sheet.fact("investment"), life_years=10,
            basis="engineering", confidence="medium", load_kwh=power * hours.value,
        )  # fmt: skip


class PortalLighting:
    """Reinforcement lighting of tunnel portals by the daylight instead of the clock (EN 16276, CIE 88). IAC code 2.7135."""

    id: Final = "portal_lighting"
    kind: Final[Kind] = "energy"
    building_sync: Final = "Add daylight controls"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        series = electricity(case, "base_load", self.id)
        if isinstance(series, NotApplicable):
            return series
        if not [one for one in equipment(case, "lighting") if one.get("control") == "clock"]:
            return NotApplicable(self.id, "no_equipment", {"kind": "lighting"})
        by_hour = series.rate.groupby(pd.DatetimeIndex(series.rate.index).hour).mean()
        jumps = by_hour.diff().dropna()
        on, off = int(jumps.index[int(jumps.argmax())]), int(jumps.index[int(jumps.argmin())])
        size = min(float(jumps.max()), -float(jumps.min()))
        if on >= off or size < 0.05 * float(by_hour.mean()):
            return NotApplicable(self.id, "no_clock_step")
        sheet = Sheet(case, self.id, self.kind)
        share = sheet.value("daylight_share")
        inputs = (metered("clock_rate", size, "kW", series), computed("clock_hours", (off - on) * 365, "h/year"), share)
        formula = "energy_saving = clock_rate * clock_hours * daylight_share"
        saving = sheet.add("daylight", formula, "Williams et al. 2012, Leukos 8(3)", inputs, {"energy_saving": "kWh/year"})
        when = pd.Series((by_hour.index >= on) & (by_hour.index < off), index=by_hour.index)
        local = pd.DatetimeIndex(series.rate.index)
        mask = pd.Series(when.to_numpy()[local.hour], index=local).astype(float)
        energy = saving["energy_saving"]
        cost = sheet.money(energy, sheet.price(series, mask))
        return sheet.estimate(
            "portal_lighting", energy=energy, cost=cost, investment=sheet.fact("investment"), life_years=10, basis="metered",
            confidence="medium", load_kwh=size * (off - on) * 365,
        )  # fmt: skip


class NightDimming:
    """Lamps that burn at full power all night at half of it in the dead hours (CIE 88, EN 13201 adaptive classes)."""

    id: Final = "night_dimming"
    kind: Final[Kind] = "energy"
    building_sync: Final = "Add advanced digital lighting controls"

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """See rag.measures.model.Measure."""
        lamps = [one for one in equipment(case, "lighting") if one.get("control") == "constant" and one.get("rated_kw")]
        if not lamps:
            return NotApplicable(self.id, "no_equipment", {"kind": "lighting"})
        series = electricity(case, "base_load", self.id)
        sheet = Sheet(case, self.id, self.kind)
        power = sum(float(one["rated_kw"]) * float(one.get("count", 1)) for one in lamps)
        inputs = (
            Quantity("lamps_kw", power, "kW", str(lamps[0].get("source", "")), "configured"),
            sheet.value("dim_hours"),
            sheet.value("dim_share"),
        )
        formula = "energy_saving = lamps_kw * dim_hours * dim_share"
        saving = sheet.add("dimming", formula, "CIE 88:2004; EN 13201-1", inputs, {"energy_saving": "kWh/year"})["energy_saving"]
        cost = sheet.money(saving, sheet.price(series, _between(series, *_DEAD))) if isinstance(series, Series) else None
        return sheet.estimate(
            "lighting", energy=saving, cost=cost, investment=sheet.fact("investment"), life_years=10, basis="engineering",
            confidence="low", load_kwh=power * 8760,
        )  # fmt: skip


_EUR = {"investment": "EUR"}
_DARK, _DEAD = (20, 7), (23, 5)
"""From and to what hour it is dark, on average over a year at 40° N, and hardly anybody is about."""
