"""The demo company holds together: built files match sources, questions match documents, readings hold the faults named."""

import csv
import datetime as dt
import importlib.util
import json
import re
import statistics
from collections import Counter
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import docx
import lxml.html
import openpyxl
import pypdfium2
import pytest

from config.company import load_company

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "demo"
DOCUMENTS = DEMO / "documents"
READINGS = DEMO / "readings"
BUILT = {".pdf", ".docx", ".xlsx"}


def load_script(name: str) -> ModuleType:
    """A script of demo/, imported from its file."""
    spec = importlib.util.spec_from_file_location(name, DEMO / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def docx_text(path: Path) -> str:
    """Paragraphs and cells of a DOCX."""
    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return " ".join([paragraph.text for paragraph in document.paragraphs] + cells)


def pdf_pages(path: Path) -> list[str]:
    """The text of each page of a PDF, white space made single."""
    pdf = pypdfium2.PdfDocument(path)
    pages = [" ".join(page.get_textpage().get_text_range().split()) for page in pdf]
    pdf.close()
    return pages


def xlsx_text(path: Path) -> str:
    """Every cell of an XLSX."""
    book = openpyxl.load_workbook(path)
    return " ".join(str(value) for sheet in book for row in sheet.values for value in row if value is not None)


@cache
def text_of(path: Path) -> str:
    """A document's text with white space made single, whatever its format."""
    if path.suffix == ".pdf":
        return " ".join(pdf_pages(path))
    if path.suffix == ".docx":
        raw = docx_text(path)
    elif path.suffix == ".xlsx":
        raw = xlsx_text(path)
    else:
        raw = path.read_text(encoding="utf-8")
        raw = str(lxml.html.fromstring(raw).text_content()) if path.suffix == ".html" else raw
    return " ".join(raw.split())


def json_lines(name: str) -> list[dict[str, Any]]:
    """The rows of a JSONL file of the demo."""
    return [json.loads(line) for line in (DEMO / name).read_text(encoding="utf-8").splitlines()]


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a readings file, in order."""
    with (READINGS / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=";"))


@cache
def series(name: str) -> list[tuple[dt.datetime, float]]:
    """(local start, value) of a Datadis or telecontrol file; empty values left out."""
    found = []
    for row in rows(name):
        if "fecha" in row:
            start = dt.datetime.strptime(row["fecha"], "%Y/%m/%d") + dt.timedelta(hours=int(row["hora"][:2]) - 1)
            found.append((start, float(row["consumo_kWh"].replace(",", "."))))
        else:
            _, value, _ = row.values()
            start = dt.datetime.fromisoformat(row["inicio"]).replace(tzinfo=None)
            found += [(start, float(value.replace(",", ".")))] if value else []
    return found


def mean(name: str, first: str, last: str, hours: range) -> float:
    """Mean of a series from day `first` to day `last` inclusive, in these hours of the day."""
    days = (dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    return statistics.mean(value for start, value in series(name) if days[0] <= start.date() <= days[1] and start.hour in hours)


def night_flow(sector: str, first: str, last: str) -> float:
    """Minimum night flow of a sector: mean from 02:00 to 04:00, m³/h."""
    return mean(f"red-valdemora-{sector}-flow.csv", first, last, range(2, 4))


def test_built_documents_match_their_sources(tmp_path: Path) -> None:
    """Building again gives the committed files' text, and no committed office file lacks a source."""
    made = load_script("make_documents").build(tmp_path)
    assert made
    for path in made:
        assert text_of(path) == text_of(DEMO / path.relative_to(tmp_path)), path.name
    committed = {path.name for folder in ("documents", "documents-direccion") for path in (DEMO / folder).rglob("*")}
    assert {name for name in committed if Path(name).suffix in BUILT} == {path.name for path in made}


def test_building_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    """The builder is deterministic: a rerun changes no byte."""
    script = load_script("make_documents")
    first, second = script.build(tmp_path / "a"), script.build(tmp_path / "b")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_readings_are_what_the_script_writes(tmp_path: Path) -> None:
    """The committed readings are byte for byte the script's, and nothing else lies beside them."""
    made = load_script("make_readings").build(tmp_path)
    assert {path.name for path in made} == {path.name for path in READINGS.glob("*.csv")}
    assert [path.name for path in made if path.read_bytes() != (READINGS / path.name).read_bytes()] == []


def test_manual_says_on_page_14_that_three_blowers_run_at_night() -> None:
    """The example conversation's second citation opens at page 14 of a manual of at least 15 pages."""
    pages = pdf_pages(DOCUMENTS / "edar-norte" / "manual-explotacion-edar-norte.pdf")
    assert len(pages) >= 15
    assert "Entre las 00:00 y las 06:00 quedan tres soplantes en marcha" in pages[13]
    assert pages[13].endswith("Página 14")


def test_pdf_text_keeps_accents_and_signs() -> None:
    """The embedded font extracts as the characters that were written."""
    text = " ".join(text_of(path) for path in DOCUMENTS.rglob("*.pdf"))
    for sign in ("explotación", "ñ", "m³", "DBO₅", "CO₂", "€", "µm", "–"):
        assert sign in text, sign
    assert "\ufffd" not in text


def test_documents_cover_sites_formats_and_languages() -> None:
    """At least 30 documents, every site and format among them, and recommendations in both languages at each site."""
    files = [path for path in DOCUMENTS.rglob("*") if path.is_file()]
    assert len(files) >= 30
    assert {path.suffix for path in files} == {".md", ".html", ".docx", ".pdf", ".xlsx", ".csv", ".txt"}
    for site in load_company(ROOT / "config" / "advisor.yaml").sites:
        words = " ".join(text_of(path).lower() for path in files if path.parent.name == site.id)
        assert "se recomienda" in words, site.id
        assert "we recommend" in words, site.id


def test_questions_have_their_answers_in_the_documents() -> None:
    """Every gold string is in the document that it names, and the set has the promised shape."""
    questions = json_lines("questions.jsonl")
    shape = Counter((question["language"], question["answerable"]) for question in questions)
    assert shape == {("es", True): 25, ("en", True): 25, ("es", False): 12, ("en", False): 12}
    assert len({question["id"] for question in questions}) == len(questions)
    for question in [*questions, *json_lines("conversations.jsonl")]:
        assert bool(question["gold"]) == question.get("answerable", True), question["id"]
        for gold in question["gold"]:
            assert gold["contains"] in text_of(DOCUMENTS / gold["document"]), (question["id"], gold["contains"])


@pytest.mark.parametrize(
    "word",
    ["cantina", "edar sur", "levante, túnel", "contraseña", "pfas", "wind farm", "bilbao", "insurance", "decibel", "tranvía"],
)
def test_unanswerable_questions_have_no_answer(word: str) -> None:
    """What the unanswerable questions ask about is nowhere in the documents."""
    assert [path.name for path in DOCUMENTS.rglob("*") if path.is_file() and word in text_of(path).lower()] == []


def test_company_file_names_what_exists() -> None:
    """Every path in advisor.yaml exists, each site has its own source, and management's documents are for management only."""
    company = load_company(ROOT / "config" / "advisor.yaml")
    paths = [Path(source.options["path"]) for source in company.sources] + [
        file for site in company.sites for m in site.meters for file in m.files
    ]
    assert [path for path in paths if path is None or not (ROOT / path).exists()] == []
    assert {source.tags.get("site") for source in company.sources} == {site.id for site in company.sites} | {None}
    assert {source.name: source.audience for source in company.sources}["direccion"] == ("direccion",)
    sites = {path.name for path in DOCUMENTS.iterdir()}
    assert {Path(source.options["path"]).name for source in company.sources} == sites | {"documents-direccion"}


@pytest.mark.parametrize("path", sorted(READINGS.glob("*.csv")), ids=lambda path: path.stem)
def test_days_have_23_and_25_hours_at_the_clock_changes(path: Path) -> None:
    """30 March has 23 rows, 26 October 25, every other day 24."""
    first, *_ = keys = list(rows(path.name)[0])
    column = next(key for key in keys if key.lower() == "fecha") if first != "inicio" else "inicio"
    days = Counter(re.sub(r"T.*", "", row[column]) for row in rows(path.name))
    assert len(days) == 365
    odd = {re.sub(r"\D", "", day): count for day, count in days.items() if count != 24}
    assert odd in ({"20250330": 23, "20251026": 25}, {"30032025": 23, "26102025": 25})


def test_datadis_marks_the_clock_changes_as_its_exports_do() -> None:
    """03:00 is absent in March and stands twice in October."""
    labels = Counter((row["fecha"], row["hora"]) for row in rows("edar-norte-electricity.csv"))
    assert labels["2025/03/30", "03:00"] == 0
    assert labels["2025/10/26", "03:00"] == 2
    assert labels["2025/07/01", "24:00"] == 1


def test_edar_night_load_is_what_the_design_tells() -> None:
    """E1: base load 182 kWh/h and a night at 61 % of the daytime mean, first half of the year."""
    name = "edar-norte-electricity.csv"
    night, day = mean(name, "2025-01-01", "2025-06-30", range(6)), mean(name, "2025-01-01", "2025-06-30", range(8, 18))
    by_day: dict[dt.date, list[float]] = {}
    for start, value in series(name):
        if start < dt.datetime(2025, 7, 1):
            by_day.setdefault(start.date(), []).append(value)
    base = statistics.median(min(sum(v[i : i + 3]) / 3 for i in range(len(v) - 2)) for v in by_day.values())
    assert base == pytest.approx(182, abs=1)
    assert base / day == pytest.approx(0.61, abs=0.01)
    assert night / day == pytest.approx(0.61, abs=0.01)


def test_edar_trial_stops_two_blowers_in_november() -> None:
    """E2: 69 kWh/h less for 28 nights, and only those."""
    name = "edar-norte-electricity.csv"
    trial = mean(name, "2025-11-03", "2025-11-30", range(6))
    assert mean(name, "2025-10-06", "2025-11-02", range(6)) - trial == pytest.approx(69, abs=1)
    assert mean(name, "2025-12-01", "2025-12-28", range(6)) - trial == pytest.approx(69, abs=1)


@pytest.mark.parametrize(
    ("sector", "before", "during", "step"),
    [
        ("s2", ("2025-04-12", "2025-05-11"), ("2025-05-12", "2025-06-10"), 18),
        ("s2", ("2025-04-12", "2025-05-11"), ("2025-12-01", "2025-12-31"), 18),
        ("s4", ("2025-08-15", "2025-09-07"), ("2025-09-08", "2025-10-01"), 9),
        ("s4", ("2025-08-15", "2025-09-07"), ("2025-10-02", "2025-11-01"), 0),
        ("s1", ("2025-04-12", "2025-05-11"), ("2025-05-12", "2025-06-10"), 0),
    ],
)
def test_leaks_start_and_end_on_their_dates(sector: str, before: tuple[str, str], during: tuple[str, str], step: float) -> None:
    """R1, R2: the minimum night flow steps by the leak's size on its dates, and nowhere else."""
    assert night_flow(sector, *during) - night_flow(sector, *before) == pytest.approx(step, abs=0.3)


def test_pumps_work_in_the_dear_hours() -> None:
    """R3: on working days less than a seventh of La Solana's energy is used before 08:00."""
    values = [
        (dt.datetime.strptime(row["Fecha"], "%d/%m/%Y"), int(row["Hora"]), float(row["Consumo_kWh"].replace(",", ".")))
        for row in rows("red-valdemora-la-solana-electricity.csv")
    ]
    weekdays = [(hour, kwh) for day, hour, kwh in values if day.weekday() < 5]
    assert sum(kwh for hour, kwh in weekdays if hour <= 8) / sum(kwh for _, kwh in weekdays) < 1 / 7


def test_office_never_nears_its_contracted_power() -> None:
    """O1, O2, O3: peak of 104 kW against 160 contracted, plant on at 05:00, 25 kWh/h in an empty building."""
    name = "oficina-central-electricity.csv"
    assert max(value for _, value in series(name)) == pytest.approx(104, abs=1)
    assert mean(name, "2025-07-07", "2025-07-11", range(5, 8)) > 2 * mean(name, "2025-07-07", "2025-07-11", range(4))
    assert mean(name, "2025-01-01", "2025-12-31", range(4)) == pytest.approx(25, abs=0.5)


def test_desalination_needs_more_energy_as_membranes_foul() -> None:
    """D1: kWh/m³ rises, falls at the cleaning of 17 June, and rises beyond its former value."""

    def specific(first: str, last: str) -> float:
        energy, water = (f"desaladora-costa-{kind}.csv" for kind in ("electricity", "permeate"))
        return mean(energy, first, last, range(24)) / mean(water, first, last, range(24))

    assert specific("2025-01-01", "2025-01-31") == pytest.approx(3.28, abs=0.02)
    assert specific("2025-06-09", "2025-06-15") == pytest.approx(3.49, abs=0.02)
    assert specific("2025-06-23", "2025-06-29") == pytest.approx(3.40, abs=0.02)
    assert specific("2025-12-01", "2025-12-31") == pytest.approx(3.68, abs=0.02)


def test_tunnel_fans_stop_following_traffic_in_march() -> None:
    """T1, T2: from 3 March the night load is 104 kWh/h of fans above lights and services; lights step at 06:00 and 22:00."""
    name = "tunel-sierra-electricity.csv"
    assert mean(name, "2025-02-01", "2025-02-28", range(1, 3)) == pytest.approx(64 + 18 + 4, abs=3)
    assert mean(name, "2025-04-01", "2025-04-30", range(1, 3)) == pytest.approx(64 + 18 + 104, abs=1)
    quiet, busy = (mean(name, "2025-04-01", "2025-12-31", range(h, h + 1)) for h in (7, 19))
    assert quiet == pytest.approx(busy, abs=1)
    assert quiet - mean(name, "2025-04-01", "2025-12-31", range(23, 24)) == pytest.approx(64, abs=1)


def test_readings_stay_small() -> None:
    """The folder stays under 6 MB, so that a clone stays quick."""
    assert sum(path.stat().st_size for path in READINGS.iterdir()) < 6_000_000
