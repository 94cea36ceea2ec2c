"""Values taken where a site tells none, each with its source and range; a company's own figure or the asker's always wins.

What no public source could be found for is marked as our assumption and has a wide range: it is there to be replaced.
"""

from __future__ import annotations

from rag.measures.model import Quantity

_OURS = "supuesto propio / our assumption"


def _default(key: str, value: float, unit: str, source: str, low: float | None = None, high: float | None = None) -> Quantity:
    return Quantity(key, value, unit, source, "default", low, high)


DEFAULTS = {
    one.key: one
    for one in (
        _default("discount_rate", 5, "%", "ISO 15686-5 leaves it to the owner; 5 % nominal assumed"),
        _default("switchable_share", 0.5, "1", _OURS, 0.3, 0.8),
        _default("proven_share", 1.0, "1", "reached on the site's own nights, or told by a document", 0.9, 1.0),
        _default("quarter_peak", 1.10, "1", f"{_OURS}: quarter-hour peak over the hourly mean", 1.05, 1.15),
        _default("lamp_hours", 4100, "h/year", "night hours of a year, astronomical clock, 40° N", 3900, 4300),
        _default("office_lamp_hours", 2000, "h/year", _OURS, 1500, 2500),
        _default("led_share", 0.45, "1", f"{_OURS}: LED power for the same light as sodium or T8", 0.38, 0.55),
        _default("controls_share", 0.24, "1", "Williams et al. 2012, Leukos: occupancy sensors 24 %", 0.15, 0.38),
        _default("daylight_share", 0.28, "1", "Williams et al. 2012, Leukos: daylighting 28 %", 0.2, 0.43),
        _default("dim_hours", 2190, "h/year", "23:00 to 05:00", 1825, 2190),
        _default("dim_share", 0.5, "1", "half the light in the dead hours", 0.4, 0.5),
        _default("eur_per_lamp", 220, "EUR", _OURS, 140, 320),
        _default("eur_per_office_lamp", 95, "EUR", _OURS, 60, 130),
        _default("eur_per_kw_led", 4000, "EUR/kW", _OURS, 2800, 5300),
        _default("drive_efficiency", 0.97, "1", "IEC 61800-9-2, losses of a drive at full load", 0.955, 0.98),
        _default("leak_exponent", 1.0, "1", "FAVAD, N1 = 1 where nothing is known (0.5 rigid, 1.5 plastic)", 0.5, 1.5),
        _default("night_day_hours", 20, "h/day", "night-day factor: less pressure by day", 18, 22),
        _default("pv_yield", 1550, "kWh/kW", "pvgis.com and published yields for the mainland, 14 % losses", 1430, 1650),
        _default("pv_price", 900, "EUR/kW", _OURS, 750, 1100),
        _default("pv_upkeep", 12, "EUR/kW", _OURS, 8, 20),
        _default("export_price", 0.05, "EUR/kWh", f"{_OURS}: simplified compensation, RD 244/2019", 0.03, 0.07),
        _default("m2_per_kwp", 5.5, "m**2/kW", _OURS, 5, 6),
        _default("aeration_share", 0.52, "1", "45-60 % of a conventional plant's electricity", 0.45, 0.60),
        _default("do_saturation", 9.09, "mg/l", "oxygen saturation of water at 20 °C and sea level", 8.3, 9.3),
        _default("do_target", 1.75, "mg/l", "usual set-point 1.5-2.0 mg/L", 1.5, 2.0),
        _default("old_flush", 9, "l", _OURS, 8, 10),
        _default("new_flush", 4.5, "l", "6/3 litre dual flush", 4.0, 5.0),
        _default("uses_a_day", 4, "1/day", _OURS, 3, 5),
        _default("working_days", 225, "day/year", _OURS, 215, 230),
        _default("eur_per_cistern", 280, "EUR", _OURS, 200, 380),
        _default("scop_old", 2.4, "1", f"{_OURS}: air-to-water of before 2010", 2.1, 2.7),
        _default("scop_new", 3.6, "1", "Regulation (EU) 813/2013 classes A++ and better", 3.2, 4.0),
        _default("leak_repair_cost", 6000, "EUR", f"{_OURS}: locating and repairing one burst", 3000, 12000),
        _default("pump_efficiency_new", 0.78, "1", "wire to water, IE4 motor and a pump at its best point", 0.74, 0.80),
        _default("blower_efficiency_new", 0.72, "1", f"{_OURS}: wire to air, screw or turbo blower", 0.68, 0.76),
        _default("boiler_efficiency_new", 0.94, "1", "condensing boiler, gross heat value, return below 55 °C", 0.90, 0.96),
        _default("scop_heating", 3.2, "1", "Regulation (EU) 813/2013, 55 °C supply", 2.8, 3.6),
        _default("turbine_efficiency", 0.65, "1", f"{_OURS}: pump as turbine with its generator", 0.50, 0.72),
        _default("methane_share", 0.60, "1", f"{_OURS}: biogas of sludge", 0.55, 0.65),
        _default("engine_efficiency", 0.35, "1", f"{_OURS}: electricity of a gas engine over net heat value", 0.30, 0.40),
        _default("engine_upkeep", 0.02, "EUR/kWh", _OURS, 0.01, 0.03),
        _default("gas_factor", 0.182, "kg/kWh", "natural gas, gross heat value; Oficina Española de Cambio Climático"),
        _default("air_leaks_left", 0.075, "1", "US DOE Compressed Air Tip Sheet 3: 5-10 % in well kept nets", 0.05, 0.10),
        _default(
            "cos_phi_target", 0.97, "1", "0.95 pays nothing (CNMC Circular 3/2020 art. 9.5); some room above it", 0.95, 0.98
        ),
        _default("eur_per_kvar", 30, "EUR/kvar", _OURS, 18, 60),
        _default("evaporation_rate", 1.48, "m3/(MW*h)", "latent heat of water at 30 °C, 2,430 kJ/kg", 1.2, 1.48),
        _default("reuse_recovery", 0.85, "1", f"{_OURS}: filtration and disinfection", 0.75, 0.95),
        _default("reuse_running", 0.25, "EUR/m3", f"{_OURS}: energy, reagents, analyses", 0.15, 0.45),
        _default("reuse_peak", 1.5, "1", f"{_OURS}: day of most demand over the mean day", 1.2, 2.0),
        _default("eur_per_m3_day", 600, "EUR*day/m3", _OURS, 300, 1200),
        _default("set_point_change", 1, "delta_degC", "one degree; RITE IT 3.8.2 bounds it"),
        _default("round_trip", 0.88, "1", f"{_OURS}: battery and inverter, both ways", 0.85, 0.90),
        _default("recovered_share", 0.7, "1", f"{_OURS}: heat to recover from a compressor or blower", 0.5, 0.9),
        _default("battery_price", 420, "EUR/kWh", _OURS, 350, 600),
        _default("rain_share", 0.81, "1", "run-off 0.9 and filter 0.9", 0.7, 0.85),
    )
}
