"""Files of readings that nobody described: what their headers tell, and what is said where they do not."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from config.company import MeterConfig
from rag.errors import DocumentError, InputError
from rag.readings.bill_text import Told, told_in
from rag.readings.bills import Bill, series
from rag.readings.guess import series_in
from rag.readings.kept import dumped, loaded
from rag.readings.load import load
from rag.readings.series import Series


def hours(header: str, *columns: str, count: int = 48) -> bytes:
    """A table with a row an hour; each column is written as it is, `{n}` for the row's number."""
    start = datetime(2025, 3, 3)
    rows = [
        ";".join([f"{start + timedelta(hours=n):%Y-%m-%d %H:%M}", *(one.format(n=n) for one in columns)]) for n in range(count)
    ]
    return "\n".join([header, *rows]).encode()


def only(data: bytes, name: str = "planta.csv") -> Series:
    """The single series of a file."""
    (found,) = series_in(data, name, "file-1")
    return found


@pytest.mark.parametrize(
    ("header", "cell", "carrier", "total"),
    [
        ("fecha y hora;Consumo (kWh)", "2,5", "electricity", 120),
        ("timestamp;Potencia activa kW", "2,5", "electricity", 120),
        ("inicio;Energía_MWh", "0,0025", "electricity", 120),
        ("inicio;Caudal (m³/h)", "2,5", "water", 120),
        ("inicio;consumo gas natural kWh", "2,5", "gas", 120),
        ("inicio;Calor cedido (kWh)", "2,5", "heat", 120),
        ("inicio;lectura contador m3", "{n}", "water", 47),
    ],
)
def test_the_header_tells_what_it_is(header: str, cell: str, carrier: str, total: float) -> None:
    """Carrier by unit and words, amounts by unit, counters by their name."""
    found = only(hours(header, cell))
    assert (found.carrier, float(found.values.sum())) == (carrier, pytest.approx(total))


def test_each_column_of_readings_is_a_meter() -> None:
    """By its header; what is fed back or reactive is none."""
    data = hours("inicio;Soplante 1 (kWh);Soplante 2 (kWh);Energía vertida kWh;Reactiva kvarh;Aire °C", "1", "2", "9", "9", "15")
    found = series_in(data, "soplantes.csv", "file-1")
    assert [(one.name, one.carrier, float(one.values.sum())) for one in found] == [
        ("soplantes, Soplante 1 (kWh)", "electricity", 48.0),
        ("soplantes, Soplante 2 (kWh)", "electricity", 96.0),
        ("soplantes, Aire °C", "temperature", 720.0),
    ]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (hours("inicio;Consumo", "1"), "tells no unit"),
        (hours("inicio;vehículos", "1"), "no column of readings"),
        (hours("inicio;kWh", "1", count=5), "too few"),
        (b"nombre;kWh\nuno;1\n", "no header with a date"),
        (hours("inicio;kWh", "muchos"), "is no number"),
        (b"\x00\x01\x02", "binary data"),
        (b"PK\x03\x04 broken", "not an XLSX|broken"),
    ],
)
def test_what_is_not_told_is_not_guessed(data: bytes, why: str) -> None:
    """The reason names what is missing; broken files end in one, too."""
    with pytest.raises((InputError, DocumentError), match=why):
        series_in(data, "x.csv", "file-1")


def test_a_series_outlives_being_kept() -> None:
    """As JSON and back: readings, gaps, clock changes, findings, cost."""
    day = hours("inicio;kWh", "{n}").replace(b";5\n", b";\n")
    bills = series(
        [Bill(datetime(2025, 3, 1).date(), datetime(2025, 4, 30).date(), 610, 61.0)], "s", "m", "b", "water", "m3", "b"
    )
    for one in (only(day), bills):
        back = loaded(dumped(one))
        assert back.values.equals(one.values)
        assert list(back.values.index) == list(one.values.index)
        assert (back.findings, back.cost_eur, back.files, back.interval) == (one.findings, one.cost_eur, one.files, one.interval)


@pytest.mark.parametrize("text", ["{}", "[]", '{"values": []}', '{"values": [1], "interval": "x"}', "no"])
def test_what_was_not_kept_by_us_is_no_series(text: str) -> None:
    """The text may come from a process that a hostile file has taken over."""
    with pytest.raises(InputError):
        loaded(text)


BILLS = "Desde;Hasta;Consumo (kWh);Importe (€)\n01/01/2025;31/01/2025;12.400;2.345,67\n01/02/2025;28/02/2025;11.200;2.100,00\n"


def test_bills_are_days_of_their_mean() -> None:
    """The total is that of the bills, to the last digit; what needs hours says which rule failed."""
    found = only(f"{BILLS}Total;;23.600;4.445,67\n".encode(), "facturas.csv")
    assert float(found.values.sum()) == pytest.approx(23600)
    assert found.cost_eur == pytest.approx(4445.67)
    assert float(found.values.iloc[0]) == pytest.approx(400)
    blocked = found.blocked("base_load")
    assert blocked
    assert (blocked.rule, blocked.values["count"]) == ("bills", 2)
    assert found.blocked("yearly") is None


def test_bills_of_months_in_both_languages() -> None:
    """By their names or numbers, in any order; a month without a bill is a gap."""
    for months in (("enero 2025", "marzo 2025"), ("2025-01", "2025-03"), ("Jan-25", "Mar-25"), ("03/2025", "01/2025")):
        found = only("\n".join(["Mes;Agua (m³);Coste EUR", *(f"{month};31,0;62,00" for month in months)]).encode(), "agua.csv")
        assert (found.carrier, float(found.values.sum()), int(found.values.isna().sum())) == ("water", pytest.approx(62), 28)


def test_bills_that_do_not_fit_are_refused() -> None:
    """Two for the same days; years; an amount of which nobody knows whether it is thousands."""
    row = "01/01/2025;31/01/2025;12.400;2.345,67\n"
    for data, why in (
        (BILLS + row, "overlap"),
        (BILLS.partition("\n")[0] + "\n01/01/2025;31/12/2025;12.400;2.345,67\n", "365 days"),
        ("Desde;Hasta;kWh\n01/01/2025;31/01/2025;12.400\n", "thousand or a decimal"),
    ):
        with pytest.raises(InputError, match=why):
            series_in(data.encode(), "f.csv", "file-1")


def test_bills_of_a_configured_meter() -> None:
    """Several files of them make one series, in the meter's unit."""
    meter = MeterConfig.model_validate({"id": "e", "carrier": "electricity", "unit": "kWh"})
    second = BILLS.splitlines()[0] + "\n01/03/2025;31/03/2025;12.400;2.000,00\n"
    found = load("planta", meter, {"a.csv": BILLS.encode(), "b.csv": second.encode()})
    assert (found.meter, float(found.values.sum()), found.files) == ("e", pytest.approx(36000), ("a.csv, b.csv",))
    days = [day.date() for day in found.values.index]
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(days))


def day(text: str) -> datetime:
    """A day by its ISO form."""
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "language", "first", "last", "amount", "unit", "carrier", "cost"),
    [
        ("Periodo de facturación: 01/03/2026 - 31/03/2026\nConsumo total: 12.345 kWh\nIMPORTE TOTAL: 2.345,67 €",
         "es", "2026-03-01", "2026-03-31", 12345.0, "kWh", "electricity", 2345.67),
        ("Factura de gas natural del 15 de enero de 2026 al 14 de marzo de 2026\nConsumo 1,5 MWh\nConsumo medio diario 26 kWh",
         "es", "2026-01-15", "2026-03-14", 1500.0, "kWh", "gas", None),
        ("Billing period: 1 January 2026 to 31 March 2026\nTotal consumption 1,234.5 m³ (last: 900 m3)\nAmount due: 2,001.30 EUR",
         "en", "2026-01-01", "2026-03-31", 1234.5, "m3", "water", 2001.3),
    ],
)  # fmt: skip
def test_a_bill_in_words(
    text: str, language: str, first: str, last: str, amount: float, unit: str, carrier: str, cost: float | None
) -> None:
    """Period, consumption and total to pay, in either language."""
    assert told_in(text, language) == Told(day(first).date(), day(last).date(), amount, unit, carrier, cost)  # type: ignore[arg-type]


def test_what_a_bills_total_is_for() -> None:
    """Energy apart from power, taxes and VAT, where the bill tells them; reactive energy is not the energy."""
    lines = (
        "Periodo: 01/07/2025 - 31/07/2025", "Consumo total: 25.000 kWh", "Término de energía: 4.241,90 €",
        "Energía reactiva: 85,20 €", "Término de potencia: 310,40 €", "Impuesto eléctrico: 237,13 €",
        "IVA 21 %: 1.023,67 €", "Total factura: 5.898,30 €",
    )  # fmt: skip
    told = told_in("\n".join(lines), "es")
    assert told
    assert (told.cost, told.energy_cost, told.paid_for) == (5898.3, 4241.9, ("power", "reactive", "tax", "vat"))
    with_vat, without = (BILLS.replace("Importe", f"Importe {words} IVA").encode() for words in ("con", "sin"))
    assert [only(data, "f.csv").paid_for for data in (with_vat, without)] == [("vat",), ("net",)]


@pytest.mark.parametrize(
    "text",
    [
        "La planta consumió 12.345 kWh en 2025.",
        "Periodo de facturación: 01/03/2026 - 31/03/2026. No hubo lectura.",
        "Periodo de facturación: 01/03/2026 - 31/03/2026\nConsumo P1: 100 kWh\nConsumo P2: 200 kWh",
        "Periodo de facturación: 41/03/2026 - 31/13/2026\nConsumo total: 12 kWh",
    ],
)
def test_what_is_no_bill_makes_no_number(text: str) -> None:
    """A report; a bill without an amount, with several, with impossible days."""
    assert told_in(text, "es") is None
