"""Files that are easily read wrongly: each row is what was sent, and what must come: right numbers, or the reason for none."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

import openpyxl
import pytest

from config.company import MeterConfig
from rag.errors import InputError
from rag.readings.guess import series_in
from rag.readings.headers import judged
from rag.readings.load import load
from rag.readings.marks import decimal_mark

START = datetime(2025, 3, 3)


def hours(
    header: str, *cells: str, rows: int = 96, form: str = "%d/%m/%Y %H:%M", minutes: int = 60, start: datetime = START
) -> bytes:
    """A row each interval, with its time and one of the cells in turn, `{n}` for the row's number."""
    times = [f"{start + timedelta(minutes=minutes * n):{form}}" for n in range(rows)]
    return "\n".join([header, *(f"{time};{cells[n % len(cells)].format(n=n)}" for n, time in enumerate(times))]).encode()


def days(header: str, *cells: str, **more: object) -> bytes:
    """A row a day."""
    return hours(header, *cells, rows=60, form="%d/%m/%Y", minutes=1440, **more)  # type: ignore[arg-type]


def bills(header: str, *rows: str) -> bytes:
    """Three months with their first and last day, and these cells."""
    spans = ("01/01/2025;31/01/2025", "01/02/2025;28/02/2025", "01/03/2025;31/03/2025")
    return "\n".join([header, *(f"{span};{rows[n % len(rows)]}" for n, span in enumerate(spans))]).encode()


def came(data: bytes, name: str = "a.csv") -> list[tuple[str, float, float | None]] | str:
    """Carrier, total and cost of each series; or the reason why there is none."""
    try:
        return [(one.carrier, round(float(one.values.sum()), 3), one.cost_eur) for one in series_in(data, name, "s")]
    except InputError as error:
        return str(error)


def configured(data: bytes, **more: object) -> float | str:
    """The total of a meter of the company's own; or the reason why it is not read."""
    meter = MeterConfig.model_validate({"id": "m", "carrier": "electricity", "unit": "kWh", **more})
    try:
        return round(float(load("s", meter, {"a.csv": data}).values.sum()), 3)
    except InputError as error:
        return str(error)


def is_right(given: object, expected: object) -> bool:
    """A reason holds what was expected; numbers are equal."""
    return expected in given if isinstance(expected, str) and isinstance(given, str) else given == expected


POWER = "electricity"
BOTH = [(POWER, 110400.0, None), ("gas", 1200.0, None)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (hours("Fecha y hora;Consumo (kWh);Gas (kWh)", "1.200;12,5", "1.100;12,5"), BOTH),
        (hours("Time;Consumption (kWh);Natural gas (kWh)", "1,200;12.5", "1,100;12.5"), BOTH),
        (days("Fecha;Consumo (kWh);Precio (€/kWh)", "1.200;0,15", "1.100;0,14"), [(POWER, 69000.0, None)]),
        (days("Fecha;Consumo (kWh)", "1.200"), "thousand or a decimal"),
        (days("Fecha;Consumo (kWh)", "1.234,5", "12.5"), "both marks"),
        (days("Fecha;Consumo (kWh)", "1.234,5", "980", "1,2,3"), "no number"),
        (days("Fecha;Consumo (kWh)", "1234", "1.234"), [(POWER, 37057.02, None)]),
        (days("Fecha;Consumo (kWh)", "1 200", "1\u202f100"), [(POWER, 69000.0, None)]),
        (days("Fecha;Consumo (kWh)", "1'200", "1'100"), [(POWER, 69000.0, None)]),
    ],
)  # fmt: skip
def test_a_thousand_is_no_decimal(data: bytes, expected: object) -> None:
    """The mark is decided once, for all columns of a file; what contradicts it or does not tell is asked."""
    assert is_right(came(data), expected), came(data)


def test_a_sheet_s_numbers_tell_nothing_of_its_text() -> None:
    """12.5 as a number beside «1.200» as text: the text may still be a thousand."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet
    sheet.append(["Fecha y hora", "Consumo (kWh)", "Gas (kWh)"])
    for n in range(60):
        sheet.append([START + timedelta(hours=n), f"1.{200 + n % 7}", 12.5])
    out = io.BytesIO()
    book.save(out)
    assert is_right(came(out.getvalue(), "a.xlsx"), "thousand or a decimal")


def test_a_configured_meter_says_its_mark() -> None:
    """`decimal` settles what the file does not; a distributor's own export has decimals after its comma, and no thousands."""
    rows = days("Fecha;Consumo (kWh)", "1.200", "1.247")
    assert is_right(configured(rows), "thousand or a decimal")
    assert (configured(rows, decimal="."), configured(rows, decimal=",")) == (73.41, 73410.0)
    own = "cups;fecha;hora;consumo_kWh\n" + "\n".join(f"ES1;2025/03/03;{n}:00;{'1' if n == 7 else '1,234'}" for n in range(1, 25))
    assert configured(own.encode()) == 29.382
    assert decimal_mark([["1,234", "0,5"]], [], "") == ","
    with pytest.raises(InputError, match="thousand"):
        decimal_mark([["1,234", "980"]], [], "", distributor=True)


@pytest.mark.parametrize(
    "form", ["%m/%d/%Y %H:%M", "%Y%m%d %H:%M", "%Y%m%d%H%M", "%m/%d/%Y %I:%M %p", "%d-%m-%Y %H:%M", "%m/%d/%y %H:%M"]
)
@pytest.mark.parametrize(("start", "rows"), [(datetime(2025, 1, 1), 24 * 80), (datetime(2025, 3, 1), 24 * 12)])
def test_dates_have_one_order(form: str, start: datetime, rows: int) -> None:
    """Weekends stay weekends, whether the month or the day comes first: under the other order the series is not regular."""
    stamps = [start + timedelta(hours=n) for n in range(rows)]
    data = "\n".join(["Timestamp;Consumption (kWh)", *(f"{one:{form}};{10.5 if one.weekday() > 4 else 100.5}" for one in stamps)])
    (read,) = series_in(data.encode(), "a.csv", "s")
    assert (len(read.values), read.values.index[0].date()) == (rows, start.date())
    days = read.values.groupby(pd_weekend(read.values.index)).mean()
    assert list(days) == [100.5, 10.5]


def pd_weekend(index: object) -> list[bool]:
    """Whether each start is of a weekend."""
    return [one.weekday() > 4 for one in index]  # type: ignore[attr-defined]


def test_dates_that_fit_twice_are_asked() -> None:
    """One day, in English: 3 April or March 4. In Spanish it is the third of April."""
    rows = [f"03/04/2025 {hour:02d}:00;12.5" for hour in range(24)]
    assert is_right(came("\n".join(["Timestamp;Consumption (kWh)", *rows]).encode()), "its day or its month")
    (read,) = series_in("\n".join(["Fecha y hora;Consumo (kWh)", *rows]).encode(), "a.csv", "s")
    assert f"{read.values.index[0]:%Y-%m-%d}" == "2025-04-03"


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("Energía acumulada (kWh)", ("1{n:06d},5",), [(POWER, 95.0, None)]),
        ("Import register (kWh)", ("1{n:06d},5",), [(POWER, 95.0, None)]),
        ("Total energy (kWh)", ("1{n:06d},5",), "only rise"),
        ("Lectura (kWh)", ("12,5", "11,5", "10,5"), "falls as theirs do not"),
        ("Consumo (kWh)", ("12,5", "13,5"), [(POWER, 1248.0, None)]),
    ],
)
def test_a_counter_is_no_consumption(header: str, cells: tuple[str, ...], expected: object) -> None:
    """Its differences are; what only rises without saying what it is is asked."""
    assert is_right(came(hours(f"Fecha y hora;{header}", *cells)), expected)


def test_a_configured_counter_says_so() -> None:
    """Either way: what only rises may be a consumption that its owner knows."""
    rows = hours("Fecha y hora;Consumo (kWh)", "1{n:06d},5")
    assert is_right(configured(rows), "set `counter`")
    assert (configured(rows, counter=True), configured(rows, counter=False)) == (95.0, pytest.approx(96e6 + 4608))


LEFT_OUT = {
    "export": "Venta a red, Feed-in, Generation, AE_AUTOCONS_kWh, Fotovoltaica, Producción FV, Descarga batería, Devuelta",
    "planned": "Previsión, Target, Ahorro, Línea base",
    "period": "Consumo año anterior, Previous year, Year to date",
    "statistic": "Media móvil, Promedio, Daily average, Consumo máximo",
    "price": "PVPC, Coste, Precio OMIE",
    "ratio": "Factor emisión, Consumo específico",
    "": "Nave producción, Costa Brava, Edificio Europa, Consumo tarifa 2.0TD, Injection moulding, Media tensión, Consumo punta",
}


@pytest.mark.parametrize(("why", "header"), [(why, one) for why, names in LEFT_OUT.items() for one in names.split(", ")])
def test_a_column_is_judged_by_its_words(why: str, header: str) -> None:
    """Generation, forecasts, other periods, means, prices and ratios are no consumption; a place or a department is."""
    assert judged(f"{header.removesuffix('_kWh')}_kWh").why == why


@pytest.mark.parametrize(
    ("header", "unit", "why"),
    [
        ("Caudal (m³/día)", "m3/day", ""), ("Flow (m3/min)", "m3/min", ""), ("Caudal (m3/hora)", "m3/hour", ""),
        ("caudal_m3h", "m3/hour", ""),
        ("Volumen (hm3)", "hm3", ""), ("Volumen (miles m3)", "dam3", ""), ("Consumo (kWh x 1000)", "MWh", ""),
        ("Caudal (l/s)", "l/s", ""),
        ("Consumo (kWh/m2)", "", "ratio"), ("Emisiones (kg/MWh)", "MWh", "ratio"), ("Tarifa (c/kWh)", "kWh", "price"),
        ("Potencia media (kW)", "kW", ""), ("Maxímetro (kW)", "kW", "statistic"), ("Límite (kW)", "kW", "planned"),
        ("Aire comprimido (m3)", "m3", "fluid"), ("08:00 (kWh)", "kWh", "hour"), ("INV / VER", "", ""),
    ],
)  # fmt: skip
def test_a_unit_is_read_whole(header: str, unit: str, why: str) -> None:
    """With what it is divided by: times make rates, all else ratios."""
    told = judged(header)
    assert (told.unit, told.why) == (unit, why)


def test_what_is_left_out_is_named() -> None:
    """By its reason, in what is said of the file."""
    (read,) = series_in(hours("Fecha y hora;Consumo (kWh);Generación (kWh);Precio (€/kWh)", "12,5;3,5;0,15"), "a.csv", "s")
    told = {one.rule: one.values["columns"] for one in read.findings if one.rule.startswith("left_out")}
    assert told == {"left_out_export": "Generación (kWh)", "left_out_price": "Precio (€/kWh)"}


@pytest.mark.parametrize(
    ("header", "name", "carrier"),
    [
        ("Electricidad (kWh)", "luz_y_gas.csv", POWER), ("Agua (m3)", "agua_y_gas.csv", "water"),
        ("Biogás (m3)", "edar.csv", "fuel"),
        ("Propano (m3)", "a.csv", "fuel"), ("Consumo (m3)", "consumo_gas.csv", "gas"), ("Bomba agua (kWh)", "a.csv", POWER),
        ("Consumo (kWh)", "luz y gas.csv", "does not tell whether"), ("Aire comprimido (m3)", "a.csv", "no column of readings"),
    ],
)  # fmt: skip
def test_a_header_outweighs_the_file_s_name(header: str, name: str, carrier: str) -> None:
    """And cubic metres of gas or air are no water."""
    given = came(hours(f"Fecha y hora;{header}", "12,5"), name)
    assert is_right(given if isinstance(given, str) else given[0][0], carrier)


TWO = "\n".join(f"ES{n % 2};{START + timedelta(days=n // 48):%Y/%m/%d};{n // 2 % 24 + 1:02d}:00;1,5" for n in range(192))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (f"cups;fecha;hora;consumo_kWh\n{TWO}".encode(), "2 meters (cups: ES0, ES1)"),
        (f"Suministro;fecha;hora;consumo_kWh\n{TWO.replace('ES0', 'Media').replace('ES1', 'Total')}".encode(), "Media, Total"),
        (
            hours("Fecha y hora;Consumo (kWh)", "12,5") + b"\nTOTALES;1200\n;1200\nNota: provisional;",
            [(POWER, 1200.0, None)],
        ),
        (hours("Fecha y hora;Periodo;Consumo (kWh)", "P1;12,5"), [(POWER, 1200.0, None)]),
        (hours("Timestamp;Month;Consumption (kWh)", "March;12.5"), [(POWER, 1200.0, None)]),
        (hours("Fecha y hora;P1_kWh;P2_kWh;Total_kWh", "1,5;2;3,5"), [(POWER, 336.0, None)]),
        (hours("Fecha y hora;P1 (kWh);P2 (kWh);Consumo (kWh)", "1,5;2;3,5"), [(POWER, 336.0, None)]),
        (hours("Fecha y hora;P1 (kWh);P2 (kWh);Nave (kWh)", "1,5;2;9,5"), "parts of Nave"),
        (b"Fecha y hora;Consumo (kWh)", "no rows"),
    ],
)
def test_rows_and_columns_are_what_they_are(data: bytes, expected: object) -> None:
    """Several meters are not mixed; a row without a date is a sum; what stands twice counts once."""
    assert is_right(came(data), expected), came(data)


@pytest.mark.parametrize(
    "data",
    [
        b"Suministro;" + hours("Fecha;Consumo", "1,5").replace(b"\n", b"\nMedia tension;"),
        b"Punto;" + hours("FechaHora;Consumo", "1,5").replace(b"\n", b"\nTotal nave;"),
        hours("Fecha;Mes;Consumo", "3;1,5"),
        b"Start;End;Consumption\n"
        + b"\n".join(f"2025-03-03 {n:02d}:00;{'' if n else '2025-03-03 01:00'};6".encode() for n in range(24)),
        b"Fecha;Periodo;Consumo\n" + b"\n".join(f"{3 + n // 24:02d}/03/2025;{n % 24 + 1};1,5".encode() for n in range(96)),
    ],
)
def test_configured_files_load_as_before(data: bytes) -> None:
    """Labels that are called as sums are, columns of months and periods, an end that is blank."""
    assert configured(data) == 144.0


@pytest.mark.parametrize(
    ("header", "cells", "amount", "cost"),
    [
        ("Desde;Hasta;Consumo (kWh);Precio (€/kWh)", "10;0,15", 30.0, None),
        ("Desde;Hasta;Consumo (kWh);Importe IVA (€)", "10;2,5", 30.0, None),
        ("Desde;Hasta;Consumo (kWh);Importe potencia (€)", "10;2,5", 30.0, None),
        ("Desde;Hasta;Consumo (kWh);Importe acumulado (€)", "10;2,5", 30.0, None),
        ("Desde;Hasta;Consumo (kWh);Importe (k€)", "10;2,5", 30.0, None),
        ("From;To;Consumption (kWh);Cost (SEK)", "10;2.5", 30.0, None),
        ("Desde;Hasta;Consumo (kWh);Importe;Moneda", "10;2,5;USD", 30.0, None),
        ("Desde;Hasta;Consumo (kWh);Importe;Moneda", "10;2,5;EUR", 30.0, 7.5),
        ("Desde;Hasta;Consumo (kWh);Importe", "10;2,5 €", 30.0, 7.5),
        ("Desde;Hasta;Consumo (kWh);Base imponible (€);Total factura (€)", "10;2;2,5", 30.0, 7.5),
        ("Desde;Hasta;Consumo (kWh);Consumo medio diario (kWh/día);Importe (€)", "10;0,3;2,5", 30.0, 7.5),
        ("Desde;Hasta;Lectura anterior (m3);Lectura actual (m3);Consumo (m3)", "10000;10010;10", 30.0, None),
        ("Desde;Hasta;P1_kWh;P2_kWh;Total_kWh;Importe (€)", "4;6;10;2,5", 30.0, 7.5),
        ("Desde;Hasta;P1 (kWh);P2 (kWh);Consumo (kWh);Importe (€)", "4;6;10;2,5", 30.0, 7.5),
        ("Desde;Hasta;P1 (kWh);P2 (kWh);P3 (kWh);P4 (kWh);Importe (€)", "4;6;;;2,5", 30.0, 7.5),
        ("Desde;Hasta;Consumo (kWh);Consumo 2024 (kWh);Importe (€)", "10;20;2,5", 30.0, 7.5),
        ("Desde;Hasta;Generación (kWh);Consumo (kWh);Importe (€)", "20;10;2,5", 30.0, 7.5),
        ("Desde;Hasta;Volumen (miles de m3)", "10", 30000.0, None),
    ],
)
def test_a_bill_tells_what_was_used_and_all_that_it_cost(header: str, cells: str, amount: float, cost: float | None) -> None:
    """In euros, as a whole; no price, part, other money or other period."""
    (read,) = series_in(bills(header, cells), "b.csv", "s")
    assert (float(read.values.sum()), read.cost_eur) == (pytest.approx(amount), cost)


def test_a_period_s_column_is_not_given_the_whole_cost() -> None:
    """A meter that reads one column of several is of a part of what was paid."""
    rows = bills("Desde;Hasta;P1 (kWh);P2 (kWh);Importe (€)", "10;20;5,5")
    read = {column: load("s", MeterConfig(id="m", carrier="electricity", unit="kWh", column=column), {"b.csv": rows})
            for column in ("", "P1 (kWh)")}  # fmt: skip
    assert {column: (one.values.sum().round(3), one.cost_eur) for column, one in read.items()} == {
        "": (90, 16.5),
        "P1 (kWh)": (30, None),
    }


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (bills("Desde;Hasta;Consumo (kWh);Importe (€)", "10;2,5", "-10;-2,5"), "negative"),
        (bills("Desde;Hasta;Consumo (kWh);Importe (€)", "10;-2,5"), "negative"),
        (b"CUPS;Desde;Hasta;Consumo (kWh)\nES1;01/01/2025;31/01/2025;10\nES2;01/02/2025;28/02/2025;20", "2 meters"),
        (b"Periodo;Consumo (m3)\n1T 2025;10\n2T 2025;20", [("water", 30.0, None)]),
        (b"Mes;Consumo (m3)\nEnero-Febrero 2025;10", [("water", 10.0, None)]),
        ("Año;Mes;Consumo (kWh)\n2025;enero;10\n2025;Total;10".encode(), [(POWER, 10.0, None)]),
        (b"Desde;Hasta;Consumo (kWh)\n01/01/2025;31/01/2025;10\n01/01/2025;Total;10", [(POWER, 10.0, None)]),
        (b"From;To;Consumption (kWh)\n03/02/2025;04/01/2025;10", [(POWER, 10.0, None)]),
        (b"From;To;Consumption (kWh)\n01/02/2025;03/04/2025;10", "its day or its month"),
    ],
)
def test_bills_are_of_their_days(data: bytes, expected: object) -> None:
    """Quarters and two months are as long as they are; credit notes, several supplies and dates that fit twice are refused."""
    assert is_right(came(data), expected), came(data)


@pytest.mark.parametrize(
    ("data", "last"),
    [
        ("Periodo;m3\n1T 2025;10", "2025-03-31"),
        ("Mes;m3\nEnero-Febrero 2025;10", "2025-02-28"),
        ("From;To;m3\n03/02/2025;04/01/2025;9", "2025-04-01"),
    ],
)
def test_a_bill_s_last_day(data: str, last: str) -> None:
    """Of a quarter, of two months, and with the month first."""
    (read,) = series_in(data.encode(), "b.csv", "s")
    assert f"{read.values.index[-1]:%Y-%m-%d}" == last
