"""The register as BuildingSync XML, version 2: sites, and their measures with how they stand and what they save a year. Pure.

Elements and their order are those of the schema's MeasureType. It knows dollars and US units: energy and water are converted, and
what is in euro stands in fields of our own beside the original figures, so that no reader takes one currency for another.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterable, Sequence

from rag.models import Range
from rag.registered import Row

NAMESPACE = "http://buildingsync.net/schemas/bedes-auc/2019"
VERSION = "2.4.0"
MMBTU_PER_KWH = 0.003412142
"""Of the international table Btu, 1,055.056 J."""
GALLONS_PER_M3 = 264.172052
"""US liquid gallons of 231 cubic inches."""
STATUS = {"proposed": "Proposed", "accepted": "Selected", "rejected": "Discarded", "done": "Completed"}
"""Our standings in the schema's words."""
CATEGORIES = {
    "Change to more favorable rate schedule": "EnergyCostReductionThroughRateAdjustments",
    "Install air source heat pump": "OtherHVAC",
    "Retrofit with light emitting diode technologies": "LightingImprovements",
    "Add daylight controls": "LightingImprovements",
    "Add VSD motor controller": "OtherElectricMotorsAndDrives",
    "Automatic shutdown or sleep mode for computers": "PlugLoadReductions",
    "Install demand control ventilation": "OtherHVAC",
    "Install photovoltaic system": "RenewableEnergySystems",
    "Install leak detection system": "WaterAndSewerConservationSystems",
    "Install WaterSense-qualified tank toilets": "WaterAndSewerConservationSystems",
    "Install greywater reuse system": "AlternativeWaterSources",
}
"""Names of measures that the schema enumerates, with their technology category; any other is "Other" and keeps its own title."""


def to_xml(rows: Iterable[Row], company: str = "") -> str:
    """One facility with the sites of the rows and a measure for each. Well-formed, with a declaration; UTF-8."""
    ET.register_namespace("", NAMESPACE)
    by_site: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_site[row.entry.site, row.site_name].append(row)
    root = ET.Element(_name("BuildingSync"), {"version": VERSION})
    facility = _add(_add(root, "Facilities"), "Facility", ID="Facility-1")
    if by_site:
        sites, measures = _add(facility, "Sites"), _add(facility, "Measures")
        for (site, name), held in by_site.items():
            _add(_add(sites, "Site", ID=f"Site-{site}"), "PremisesName", name)
            for row in held:
                _measure(measures, row)
    _fields(facility, [("Company", company)])
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False).join(('<?xml version="1.0" encoding="UTF-8"?>\n', "\n"))


def _measure(measures: ET.Element, row: Row) -> None:
    one = row.entry
    made = _add(measures, "Measure", ID=f"Measure-{one.id}")
    _add(_add(_add(made, "LinkedPremises"), "Site"), "LinkedSiteID", IDref=f"Site-{one.site}")
    category = CATEGORIES.get(row.building_sync, "Uncategorized")
    technology = _add(_add(_add(made, "TechnologyCategories"), "TechnologyCategory"), category)
    _add(technology, "MeasureName", row.building_sync if row.building_sync in CATEGORIES else "Other")
    _add(made, "MeasureScaleOfApplication", "Entire site")
    _add(made, "CustomMeasureName", row.title)
    savings = _add(made, "MeasureSavingsAnalysis")
    _add(_add(savings, "CalculationMethod"), "EngineeringCalculation")
    if one.energy_kwh:
        _add(savings, "AnnualSavingsSiteEnergy", _number(one.energy_kwh.mid * MMBTU_PER_KWH))
    if one.water_m3:
        _add(savings, "AnnualWaterSavings", _number(one.water_m3.mid * GALLONS_PER_M3))
    if row.realised:
        _add(made, "MVOption", "Option C: Whole Building Measurement")
    _add(made, "Recommended", "false" if one.status == "rejected" else "true")
    if one.done_on:
        _add(made, "EndDate", one.done_on.isoformat())
    _add(made, "ImplementationStatus", STATUS[one.status])
    if one.status == "rejected":
        _add(made, "DiscardReason", "Other")
    _fields(made, _own(row))


def _own(row: Row) -> Sequence[tuple[str, str]]:
    """What the schema has no place for, or only in other units."""
    one, saved = row.entry, row.realised
    ranges: tuple[tuple[str, Range | None], ...] = (
        ("Annual energy savings, kWh/year", one.energy_kwh), ("Annual water savings, m3/year", one.water_m3),
        ("Annual cost savings, EUR/year", one.cost_eur), ("Annual emission savings, tCO2e/year", one.co2_t),
        ("Investment, EUR", one.investment_eur),
    )  # fmt: skip
    told = [("Register number", one.id), ("Measure", one.measure), ("Proposed on", one.proposed.isoformat()),
            ("Decided on", one.changes[-1].at.isoformat() if one.changes else ""), ("Reason", one.reason)]  # fmt: skip
    for name, held in ranges:
        told += [(f"{name}, {end}", _number(getattr(held, end))) for end in ("low", "mid", "high")] if held else []
    if saved:
        name = f"Realised savings, {saved.unit}"
        told += [(f"{name}, {end}", _number(value)) for end, value in
                 (("low", saved.low), ("mid", saved.value), ("high", saved.high))]  # fmt: skip
        told += [("Realised savings, days measured", str(saved.days)), ("Realised savings, doubt", saved.doubt)]
    return told


def _fields(parent: ET.Element, told: Sequence[tuple[str, str]]) -> None:
    known = [(name, value) for name, value in told if value]
    if known:
        held = _add(parent, "UserDefinedFields")
        for name, value in known:
            one = _add(held, "UserDefinedField")
            _add(one, "FieldName", name)
            _add(one, "FieldValue", value)


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    made = ET.SubElement(parent, _name(name), attributes)
    made.text = None if text is None else _written(text)
    return made


def _name(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _number(value: float) -> str:
    """A decimal as XML Schema has it: no exponent."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _written(text: str) -> str:
    """Without the characters that XML 1.0 has no place for."""
    return "".join(char for char in text if char in "\t\n" or "\x20" <= char <= "\ud7ff" or "\ue000" <= char <= "\ufffd"
                   or char >= "\U00010000")  # fmt: skip
