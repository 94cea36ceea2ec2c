"""Files that nobody described, of which a number could be read wrongly: what is not certain is refused, not guessed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from config.company import MeterConfig
from rag.errors import InputError
from rag.readings import bill_text
from rag.readings.guess import series_in
from rag.readings.load import load
from rag.readings.series import Series

START = datetime(2025, 3, 1)


def hourly(*headers: str, rows: int = 48, cell: str = "12,5") -> bytes:
    """Two days of hours under these headers."""
    lines = [";".join(["Fecha y hora", *headers])]
    lines += [";".join([f"{START + timedelta(hours=n):%d/%m/%Y %H:%M}", *[cell] * len(headers)]) for n in range(rows)]
    return "\n".join(lines).encode()


def bills(header: str, *cells: str, months: int = 3) -> bytes:
    """A row a month: its first day, its last, and these cells."""
    spans = [("01/01/2025", "31/01/2025"), ("01/02/2025", "28/02/2025"), ("01/03/2025", "31/03/2025")][:months]
    return "\n".join([header, *(";".join([*span, *cells]) for span in spans)]).encode()


def found(data: bytes, name: str = "a.csv") -> list[tuple[str, str, float]]:
    """Each series: carrier, unit and sum."""
    return [(one.carrier, one.unit, round(float(one.values.sum()), 3)) for one in series_in(data, name, "s")]


@pytest.mark.parametrize(
    "headers",
    [("Precio (€/kWh)", "Consumo (kWh)"), ("Producción FV (kWh)", "Inyectada a red (kWh)", "CO2 (kg/kWh)", "Consumo (kWh)")],
)
def test_what_is_no_consumption_is_no_meter(headers: tuple[str, ...]) -> None:
    """Prices, emissions, what is generated and fed in have units of energy in their headers, too."""
    assert found(hourly(*headers)) == [("electricity", "kWh", 600.0)]


@pytest.mark.parametrize("name", ["consumo_gas_2025.csv", "consumo-gas-2025.csv"])
def test_gas_is_gas_however_its_file_is_written(name: str) -> None:
    """Cubic metres of gas are no water."""
    assert [one[0] for one in found(hourly("Consumo (m3)"), name)] == ["gas"]


@pytest.mark.parametrize("cells", [["1.200", "1.247"], ["1,234", "980"], ["12.810", "12.145"]])
def test_a_thousand_that_may_be_a_decimal_is_refused(cells: list[str]) -> None:
    """Reading it a thousand times too small would be worse than asking for another export."""
    rows = [f"{START + timedelta(days=n):%d/%m/%Y};{cells[n % 2]}" for n in range(48)]
    with pytest.raises(InputError, match="a thousand or a decimal"):
        series_in("\n".join(["Fecha;Consumo (kWh)", *rows]).encode(), "a.csv", "s")


@pytest.mark.parametrize(("cells", "total"), [(["1.234.567", "980"], 24 * 1235547), (["0,345", "1,200"], 24 * 1.545)])
def test_what_the_column_tells_is_read(cells: list[str], total: float) -> None:
    """Two marks group thousands; a zero before the mark is no thousand."""
    rows = [f"{START + timedelta(days=n):%d/%m/%Y};{cells[n % 2]}" for n in range(48)]
    ((_, _, read),) = found("\n".join(["Fecha;Consumo (kWh)", *rows]).encode())
    assert read == pytest.approx(total)


@pytest.mark.parametrize("last", ["TOTAL;600", "Suma;600", "Media;12,5"])
def test_the_sums_beneath_are_no_readings(last: str) -> None:
    """Telecontrol writes them under the last hour."""
    assert found(hourly("Consumo (kWh)") + f"\n{last}".encode()) == [("electricity", "kWh", 600.0)]


def test_from_and_to_of_hours_are_no_bills() -> None:
    """A configured meter and a file that was sent: readings with their beginning and end."""
    rows = [f"0.5,{START + timedelta(hours=n):%Y-%m-%dT%H:%M},{START + timedelta(hours=n + 1):%Y-%m-%dT%H:%M}" for n in range(96)]
    data = "\n".join(["Consumption (kWh),Start,End", *rows]).encode()
    read: Series = load("s", MeterConfig(id="m1", name="m", carrier="electricity", unit="kWh"), {"o.csv": data})
    assert (len(read.values), float(read.values.sum())) == (96, 48.0)
    assert found(data) == [("electricity", "kWh", 48.0)]


@pytest.mark.parametrize(
    ("header", "cells", "amount", "cost"),
    [
        ("Desde;Hasta;P1 (kWh);P2 (kWh);P3 (kWh);Importe (€)", ("10", "20", "30", "12,50"), 180.0, 37.5),
        ("Desde;Hasta;P1 (kWh);P2 (kWh);Total (kWh);Importe (€)", ("10", "20", "30", "12,50"), 90.0, 37.5),
        ("Desde;Hasta;Consumo (kWh);Consumo año anterior (kWh);Importe (€)", ("10", "20", "12,50"), 30.0, 37.5),
        ("From;To;Consumption (kWh);Cost (USD)", ("10", "12.50"), 30.0, None),
        ("From;To;Consumption (kWh);Cost (p)", ("10", "1250"), 30.0, None),
    ],
)
def test_bills_tell_each_thing_once(header: str, cells: tuple[str, ...], amount: float, cost: float | None) -> None:
    """Periods and their total are one consumption; last year's is none of these bills; money that is not euros is no cost."""
    (read,) = series_in(bills(header, *cells), "b.csv", "s")
    assert float(read.values.sum()) == pytest.approx(amount)
    assert read.cost_eur == cost


def test_a_day_that_two_bills_share_is_the_earlier_ones() -> None:
    """Bills from reading to reading: the first day is excluded, the last included."""
    data = b"Desde;Hasta;Consumo (kWh)\n31/12/2024;31/01/2025;310\n31/01/2025;28/02/2025;280"
    (read,) = series_in(data, "b.csv", "s")
    assert (len(read.values), f"{read.values.index[0]:%Y-%m-%d}") == (59, "2025-01-01")
    assert float(read.values.iloc[0]) == pytest.approx(10.0)


@pytest.mark.parametrize("month", ["January", "enero", "1"])
def test_a_year_may_stand_in_a_column_of_its_own(month: str) -> None:
    """And a month without any year is refused, not put into the first."""
    (read,) = series_in(f"Año;Mes;Consumo (kWh)\n2023;{month};31".encode(), "b.csv", "s")
    assert f"{read.values.index[0]:%Y-%m-%d}" == "2023-01-01"
    with pytest.raises(InputError, match="no date"):
        series_in(f"Mes;Consumo (kWh)\n{month};31".encode(), "b.csv", "s")


@pytest.mark.parametrize(
    "lines",
    [
        "Consumo punta: 120 kWh, llano: 90 kWh, valle: 200 kWh",
        "Consumo punta: 120 kWh\nConsumo llano: 90 kWh\nConsumo valle: 200 kWh",
        "Consumo acumulado del año: 3.450 kWh",
        "Consumo: 120 kWh\nP2: 90 kWh",
    ],
)
def test_a_part_is_not_taken_for_the_whole(lines: str) -> None:
    """A bill of which no amount is surely that of its period tells none."""
    text = f"Periodo de facturación: 01/03/2025 - 31/03/2025\n{lines}\nTotal a pagar: 82,15 €"
    assert bill_text.told_in(text, "es") is None


def test_pounds_are_no_euros() -> None:
    """The amount is read, its cost is not."""
    told = bill_text.told_in("Billing period: 01/03/2025 to 31/03/2025\nConsumption: 410 kWh\nAmount due: £82.15", "en")
    assert told is not None
    assert (told.amount, told.cost) == (410.0, None)
