"""Files of readings into series: layouts, clock changes, units, and what the checks find."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from config.company import MeterConfig
from rag.errors import InputError
from rag.readings.load import load
from rag.readings.series import Series

DEMO = Path(__file__).resolve().parents[2] / "demo" / "readings"


def meter(unit: str = "kWh", **more: object) -> MeterConfig:
    """A meter's configuration."""
    return MeterConfig.model_validate({"id": "m", "carrier": "electricity", "unit": unit, **more})


def read(text: str, unit: str = "kWh", **more: object) -> Series:
    """The series of one file of text."""
    return load("planta", meter(unit, **more), {"m.csv": text.encode()})


def local(day: str, hours: int = 24) -> pd.DatetimeIndex:
    """The hours of a civil day in Madrid."""
    return pd.date_range(f"{day}", periods=hours, freq="h", tz="Europe/Madrid")


def datadis(day: str, labels: list[str]) -> str:
    """A day as Datadis exports it, reading n = n / 10."""
    rows = [f"ES1;{day};{label};{n / 10:.1f};Real;".replace(".", ",") for n, label in enumerate(labels)]
    return "\ufeffcups;fecha;hora;consumo_kWh;metodoObtencion;energiaVertida_kWh\n" + "\n".join(rows)


def test_datadis_repeats_three_on_the_long_day_and_leaves_it_out_on_the_short_one() -> None:
    """25 and 23 hours, each where it happened; 24:00 stays on its date."""
    long = [f"{hour:02d}:00" for hour in (1, 2, 3, 3, *range(4, 25))]
    short = [f"{hour:02d}:00" for hour in (1, 2, *range(4, 25))]
    autumn, spring = read(datadis("2025/10/26", long)), read(datadis("2025/03/30", short))
    assert list(autumn.values.index) == list(local("2025-10-26", 25))
    assert list(spring.values.index) == list(local("2025-03-30", 23))
    assert autumn.values.tolist() == [n / 10 for n in range(25)]
    assert spring.values.isna().sum() == 0


@pytest.mark.parametrize(("day", "iso", "hours"), [("26/10/2025", "2025-10-26", 25), ("30/03/2025", "2025-03-30", 23)])
def test_cnmc_counts_the_hours_of_the_day(day: str, iso: str, hours: int) -> None:
    """1 to 25 and 1 to 23: the number of the hour, not its label."""
    rows = "\n".join(f"ES1;{day};{n};{n},5;R" for n in range(1, hours + 1))
    made = read(f"CUPS;Fecha;Hora;Consumo_kWh;Metodo_obtencion\n{rows}")
    assert list(made.values.index) == list(local(iso, hours))


def test_hours_from_nought_are_starts_and_what_tells_neither_is_asked() -> None:
    """0 to 23 begin; 1 to 23 alone could be either, until the meter says it."""
    starts = "\n".join(f"2025-01-07;{hour:02d}:00;{hour}" for hour in range(24))
    assert read(f"fecha;hora;kWh\n{starts}").values.index[0] == pd.Timestamp("2025-01-07", tz="Europe/Madrid")
    unclear = "fecha;hora;kWh\n" + "\n".join(f"2025-01-07;{hour:02d}:00;{hour}" for hour in range(1, 23))
    with pytest.raises(InputError, match="hour"):
        read(unclear)
    assert read(unclear, hour="end").values.index[0] == pd.Timestamp("2025-01-07", tz="Europe/Madrid")


def test_quarters_are_amounts_and_rates_become_amounts() -> None:
    """1 to 96 in a day; kW and m3/h times the time of the interval; Wh in the header is Wh."""
    quarters = "fecha;hora;AE_kWh\n" + "\n".join(f"07/01/2025;{n};0,25" for n in range(1, 97))
    made = read(quarters)
    assert (made.interval, made.rate.iloc[0]) == (timedelta(minutes=15), 1.0)
    stamps = "inicio;caudal_m3h\n" + "\n".join(f"2025-01-07T{n // 4:02d}:{n % 4 * 15:02d}+01:00;38,0" for n in range(96))
    flow = read(stamps, "m3/h")
    assert (flow.unit, flow.values.iloc[0], flow.values.sum()) == ("m3", 9.5, 38.0 * 24)
    watt_hours = "CUPS;FECHA-HORA;CONSUMO Wh;GENERACION Wh\n" + "\n".join(f"E;2025/01/07 {h:02d}:00;1500;0" for h in range(24))
    assert read(watt_hours.replace("FECHA-HORA", "Fecha y hora")).values.iloc[0] == 1.5


def test_excel_is_read_like_text() -> None:
    """A title above the header, dates as dates."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Consumos de la planta"])
    sheet.append(["Fecha y hora", "Consumo (kWh)"])
    for hour in range(24):
        sheet.append([datetime(2025, 1, 7, hour), 10 + hour / 10])
    out = io.BytesIO()
    book.save(out)
    made = load("planta", meter(), {"m.xlsx": out.getvalue()})
    assert made.values.tolist() == pytest.approx([10 + hour / 10 for hour in range(24)])


def test_green_button() -> None:
    """1234 with a multiplier of 3 in Wh is 1,234 kWh; estimated ones are marked; entities are not resolved."""
    period = "<timePeriod><duration>3600</duration><start>{s}</start></timePeriod>"
    reading = f"<IntervalReading>{{q}}{period}<value>{{v}}</value></IntervalReading>"
    quality = "<ReadingQuality><quality>8</quality></ReadingQuality>"
    rows = reading.format(q="", s=1736204400, v=1234) + reading.format(q=quality, s=1736208000, v=1000)
    xml = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><content><ReadingType xmlns="http://naesb.org/espi">'
        "<flowDirection>1</flowDirection><powerOfTenMultiplier>3</powerOfTenMultiplier><uom>72</uom></ReadingType></content></entry>"
        f'<entry><content><IntervalBlock xmlns="http://naesb.org/espi">{rows}</IntervalBlock></content></entry></feed>'
    )
    made = load("planta", meter(), {"m.xml": xml.encode()})
    assert made.values.tolist() == [1234.0, 1000.0]
    assert made.estimated.tolist() == [False, True]
    assert made.values.index[0] == pd.Timestamp("2025-01-07", tz="Europe/Madrid")


def hourly(values: list[str]) -> str:
    """Values of consecutive hours."""
    stamps = pd.date_range("2025-01-07", periods=len(values), freq="h", tz="UTC")
    return "inicio;consumo_kWh\n" + "\n".join(f"{stamp.isoformat()};{value}" for stamp, value in zip(stamps, values, strict=True))


def rules(series: Series) -> set[str]:
    """The rules that found something, but for a short series."""
    return {one.rule for one in series.findings} - {"short"}


def test_what_is_wrong_is_found() -> None:
    """Gaps, repeated and contradicting rows, negatives, outliers, a meter that hangs, a counter that goes back."""
    good = [f"{10 + n % 7},5" for n in range(400)]
    assert rules(read(hourly(good))) == set()
    assert rules(read(hourly([*good[:50], "", *good[51:]]))) == {"gaps"}
    assert rules(read(hourly([*good[:50], "-3,5", *good[51:]]))) == {"negatives"}
    assert rules(read(hourly([*good[:50], "60,5", *good[51:]]))) == {"outliers"}
    assert rules(read(hourly([*good[:50], "999,5", *good[51:]]))) == {"spike"}
    assert rules(read(hourly([*good[:50], *["11,5"] * 30, *good[80:]]))) == {"flat"}
    text = hourly(good)
    assert rules(read(text + "\n" + text.splitlines()[10])) == {"duplicates"}
    assert rules(read(text + "\n" + text.splitlines()[10].replace(",5", ",9"))) == {"conflicts"}
    counter = [str(1000 + 3 * n + n % 2 if n < 200 else 3 * n + n % 2) for n in range(400)]
    counted = read(hourly(counter), counter=True)
    assert rules(counted) == {"resets", "gaps"}
    assert counted.values.iloc[0] == 4.0


def test_too_many_gaps_forbid_numbers() -> None:
    """More than a tenth missing: no method may use it, and says which rule failed."""
    series = read(hourly([f"{n},5" if n % 3 else "" for n in range(300)]))
    blocked = series.blocked("base_load")
    assert blocked is not None
    assert blocked.rule == "gaps"


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("a;b\n1;2", "no header"),
        ("fecha;hora;consumo;energia\n2025-01-01;1;2;3", "which column"),
        ("fecha;hora;consumo\n2025-01-01;24;doce", "no number"),
        ("fecha;hora;consumo\nayer;1;2", "no date"),
        ("fecha;consumo\n2025-01-01;2", "single reading"),
    ],
)
def test_what_cannot_be_understood_says_what_to_do(text: str, match: str) -> None:
    """Never a guess, never a traceback."""
    with pytest.raises(InputError, match=match):
        read(text)


@pytest.mark.parametrize(
    ("file", "unit", "total"),
    [
        ("edar-norte-electricity.csv", "kWh", 2.20e6),
        ("red-valdemora-la-solana-electricity.csv", "kWh", 1.03e6),
        ("oficina-central-electricity.csv", "kWh", 376e3),
        ("desaladora-costa-permeate.csv", "m3/h", 7.13e6),
    ],
)
def test_the_demo_year(file: str, unit: str, total: float) -> None:
    """8,760 hours of every layout, and the yearly totals that the demo's description gives."""
    series = load("demo", meter(unit), {file: (DEMO / file).read_bytes()})
    assert len(series.values) == 8760
    assert series.values.sum() == pytest.approx(total, rel=0.005)


def test_a_thousand_times_more_is_another_unit() -> None:
    """Wh among kWh: no number is made of such a series. A day of standstill, or one of much work, is no other unit."""
    days = pd.date_range("2025-01-07", periods=40, freq="D")

    def days_of(amounts: dict[int, float]) -> Series:
        rows = "\n".join(f"{day:%Y-%m-%d};{amounts.get(n, 500 + n)}" for n, day in enumerate(days))
        return read(f"fecha;consumo_kWh\n{rows}")

    mixed = days_of(dict.fromkeys((30, 31, 32), 520_000.0)).blocked("yearly")
    assert mixed
    assert (mixed.rule, mixed.values["count"], mixed.values["first"]) == ("mixed_units", 3, "2025-02-06")
    assert days_of(dict.fromkeys((30, 31, 32), 0.52)).blocked("yearly")
    for other in ({30: 0.0, 31: 0.0}, {30: 90_000.0, 31: 95_000.0}, {30: 0.52}):
        assert days_of(other).blocked("yearly") is None


def test_a_file_without_clock_changes_is_told() -> None:
    """In UTC or winter time all year an hour stands in it that never was; with its zone nothing is wrong."""
    stamps = pd.date_range("2025-03-29", periods=72, freq="h")
    text = "inicio;consumo_kWh\n" + "\n".join(f"{stamp:%Y-%m-%d %H:%M};1,5" for stamp in stamps)
    told = {one.rule: one.values for one in read(text).findings}
    assert told["no_clock_change"] == {"count": 1, "zone": "Europe/Madrid"}
    assert "no_clock_change" not in {one.rule for one in read(text, zone="UTC").findings}
