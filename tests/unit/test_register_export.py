"""The register as a file: fields that stay, a spreadsheet that runs nothing, XML as BuildingSync has its elements."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from datetime import date
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.register_file import written
from config.company import CompanyConfig
from rag.buildingsync import CATEGORIES, NAMESPACE, to_xml
from rag.errors import InputError
from rag.measures.registry import BUILT_IN
from rag.models import Range, Recommendation, Scope
from rag.registered import FIELDS, Change, Realised, Row, to_csv
from tests.register_world import TODAY, RegisterWorld, entry

EVERYONE = Scope(frozenset({"everyone"}))
ORDER = (
    "LinkedPremises TechnologyCategories MeasureScaleOfApplication CustomMeasureName MeasureSavingsAnalysis MVOption Recommended "
    "EndDate ImplementationStatus DiscardReason UserDefinedFields"
).split()
"""Of MeasureType, as far as we use it; read in the schema's own documentation, version 2."""


def rows() -> list[Row]:
    """One of each standing; the rejected one has a reason that would be a formula, and markup."""
    saved = Realised("kWh/year", 80_000.5, 70_000, 90_001, 365)
    no = Change(TODAY, "rejected", "slack:T:ana", "=HYPERLINK(1) <b>&\x00")
    return [
        Row(entry(), "EDAR Norte", "Regular las soplantes", saved, "Add or repair controls"),
        Row(entry(None, number=2, measure="led", co2_t=Range(1, 2, 3)), "EDAR Norte", "Led", None, "Add daylight controls"),
        Row(entry(None, number=3, measure="x", changes=(no,), energy_kwh=None, water_m3=Range(1, 100, 200)), "EDAR Norte", "X"),
        Row(entry(None, number=4, site="red", measure="y", changes=(Change(TODAY, "accepted"),)), "Red", "Y"),
    ]


def test_the_csv_has_fixed_fields() -> None:
    """Read back by their names: numbers as they are, dates in ISO, empty where nothing is known."""
    found = list(csv.DictReader(io.StringIO(to_csv(rows()))))
    assert tuple(found[0]) == FIELDS
    first = found[0]
    assert (first["id"], first["site"], first["status"], first["done_on"]) == ("R1", "edar-norte", "done", "2024-12-31")
    assert (first["energy_kwh_mid"], first["realised_value"], first["realised_doubt"]) == ("87600", "80000.5", "")
    assert (found[1]["status"], found[1]["realised_value"], found[1]["co2_t_high"]) == ("proposed", "", "3")
    assert [one["decided_by"] for one in found] == ["", "", "slack:T:ana", ""]
    assert found[3]["history"] == f"{TODAY} accepted"


def test_a_reason_is_no_formula() -> None:
    """A spreadsheet would run what begins with an equals sign."""
    found = list(csv.DictReader(io.StringIO(to_csv(rows()))))
    assert found[2]["reason"].startswith("'=HYPERLINK")
    assert not any(value[:1] in "=+-@" for one in found for value in one.values() if value)


def tag(element: ET.Element) -> str:
    """Its name; of our namespace it must be."""
    space, _, name = element.tag[1:].partition("}")
    assert space == NAMESPACE
    return name


def test_the_xml_is_in_order() -> None:
    """Well-formed, whatever was written in it; in the schema's order; each reference leads to an identifier, once given."""
    root = ET.fromstring(to_xml(rows(), "Aguas & Cía"))  # noqa: S314 - our own
    assert tag(root) == "BuildingSync"
    facility = root[0][0]
    assert [tag(one) for one in facility] == ["Sites", "Measures", "UserDefinedFields"]
    measures = list(facility[1])
    assert [one.get("ID") for one in measures] == ["Measure-R1", "Measure-R2", "Measure-R3", "Measure-R4"]
    for one in measures:
        names = [tag(child) for child in one]
        assert names == sorted(names, key=ORDER.index)
    identifiers = [one.get("ID") for one in root.iter() if one.get("ID")]
    assert len(identifiers) == len(set(identifiers))
    assert {one.get("IDref") for one in root.iter() if one.get("IDref")} <= set(identifiers)


def test_what_the_xml_says() -> None:
    """Standing, units of the schema (MMBtu, US gallons), ours in fields of their own; no euro where dollars are meant."""
    space = {"b": NAMESPACE}
    done, proposed, rejected, accepted = ET.fromstring(to_xml(rows())).findall(".//b:Measure", space)  # noqa: S314 - our own

    def told(one: ET.Element, path: str) -> str | None:
        return one.findtext(f".//b:{path}", None, space)

    standings = [told(one, "ImplementationStatus") for one in (done, proposed, rejected, accepted)]
    assert standings == ["Completed", "Proposed", "Discarded", "Selected"]
    assert told(done, "AnnualSavingsSiteEnergy") == "298.904"
    assert told(rejected, "AnnualWaterSavings") == "26417.205"
    assert (told(done, "EndDate"), told(rejected, "Recommended")) == ("2024-12-31", "false")
    assert told(proposed, "TechnologyCategory/b:LightingImprovements/b:MeasureName") == "Add daylight controls"
    assert told(done, "TechnologyCategory/b:Uncategorized/b:MeasureName") == "Other"
    ours = {one[0].text: one[1].text for one in done.iterfind(".//b:UserDefinedField", space)}
    assert ours["Realised savings, kWh/year, mid"] == "80000.5"
    assert ours["Annual energy savings, kWh/year, mid"] == "87600"
    held = {tag(one) for one in done.iter()}
    assert not held & {"AnnualSavingsCost", "MeasureTotalFirstCost", "NetPresentValue"}


def test_an_empty_register_is_a_file_too() -> None:
    """A header, and a facility of no sites."""
    assert to_csv([]).strip() == ",".join(FIELDS)
    assert tag(ET.fromstring(to_xml([]))[0][0]) == "Facility"  # noqa: S314 - our own


def test_names_are_those_of_our_measures() -> None:
    """Each name that has a category is one that a measure has."""
    assert set(CATEGORIES) <= {one.building_sync for one in BUILT_IN}


async def test_both_kinds_are_written(redis: Redis, tmp_path: Path) -> None:
    """What a scope may see, and no more; another kind of file is refused before anything is read."""
    world = RegisterWorld(redis)
    led = Recommendation("led_lighting", "Led", "energy", "", (1,), "metered", "high", "edar-norte", Range(1, 2, 3))
    secret = Recommendation("secret_works", "Obra", "energy", "", (1,), "document", "low", "oficina", Range(1, 2, 3))
    await world.register.propose([led, secret], date(2026, 1, 15))
    assert await written(world.registrar, world.company, EVERYONE, tmp_path / "r.csv") == 1
    assert await written(world.registrar, world.company, EVERYONE, tmp_path / "r.XML") == 1
    assert (tmp_path / "r.csv").read_bytes().startswith(b"\xef\xbb\xbfid,")
    assert "Cambiar el alumbrado a led" in (tmp_path / "r.csv").read_text("utf-8-sig")
    assert "Retrofit with light emitting diode technologies" in (tmp_path / "r.XML").read_text("utf-8")
    assert not any("secret_works" in (tmp_path / name).read_text("utf-8") for name in ("r.csv", "r.XML"))
    with pytest.raises(InputError, match=r"\.csv or \.xml"):
        await written(world.registrar, CompanyConfig(), EVERYONE, tmp_path / "r.ods")
    with pytest.raises(InputError, match="cannot be written"):
        await written(world.registrar, CompanyConfig(), EVERYONE, tmp_path / "none" / "r.csv")
