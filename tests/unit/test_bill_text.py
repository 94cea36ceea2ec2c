"""Bills as documents: which of their many quantities are the period, the consumption and the total; the others make no number."""

from __future__ import annotations

import pytest

from rag.readings.bill_text import told_in

ES = "Periodo de facturación: 01/03/2025 - 31/03/2025\n"
EN = "Billing period: 01/03/2025 to 31/03/2025\n"
USED = f"{ES}Consumo: 410 kWh\n"


@pytest.mark.parametrize(
    ("lines", "cost"),
    [
        ("Total factura (IVA 21 %): 82,15 €", 82.15),
        ("Total a pagar antes del 15/04/2025: 82,15 €", 82.15),
        ("Total factura anterior: 99,00 €\nImporte a pagar: 82,15 €", 82.15),
        ("Importe total energía: 45,10 €\nA pagar: 82,15 €", 82.15),
        ("Importe total sin IVA: 67,90 €\nIVA 21 %: 14,25 €\nA abonar: 82,15 €", 82.15),
        ("Descuento: -5,00 €\nTotal a pagar: 1.082,15 €", 1082.15),
        ("Total a pagar: 82,15 MXN", None),
        ("Importes en USD\nTotal a pagar: 82,15", None),
        ("Total a pagar: 0,00 € (saldo a su favor 82,15 €)", None),
    ],
)
def test_the_total_is_what_is_paid_in_euros(lines: str, cost: float | None) -> None:
    """No percentage, date, part, earlier bill or other money; what a balance settles is not what the period cost."""
    told = told_in(USED + lines, "es")
    assert told
    assert (told.amount, told.cost) == (410.0, cost)


@pytest.mark.parametrize(
    "lines",
    [
        "Usage: 410 kWh\nLast year total consumption: 500 kWh",
        "Usage: 410 kWh\nTotal consumption of similar homes: 300 kWh",
        "Consumo: 410 kWh\nPeriodo anterior, total consumo: 500 kWh",
        "Consumo: 410 kWh\nTotal anual consumo: 4.100 kWh, 0,5 kWh al día",
        "Consumo: 410 kWh\nConsumo total en 2024: 4100 kWh",
        "Lectura anterior: 12345 kWh\nLectura actual: 12755 kWh\nConsumo: 410 kWh",
        "Consumo 410 kWh x 0,15 €/kWh = 61,50 €",
        "Consumo P1: 120 kWh\nConsumo P2: 290 kWh\nConsumo total: 410 kWh",
    ],
)
def test_consumption_is_of_the_period(lines: str) -> None:
    """Last year's, the neighbours', a register's and a price's quantities are others."""
    told = told_in(f"{ES}{lines}", "es")
    assert told
    assert told.amount == 410.0


@pytest.mark.parametrize(
    "lines",
    [
        "Previous consumption: 500 kWh", "Your average daily usage: 13 kWh", "Your estimated annual usage: 3500 kWh",
        "Histórico de consumo: 5000 kWh", "Consumo en los doce meses precedentes: 3500 kWh",
        "Consumo desde el inicio del contrato: 35000 kWh", "Day usage: 120 kWh\nNight: 290", "Consumo: 1 410 kWh",
        "Suministro A. Consumo: 410 kWh\nSuministro B. Consumo: 410 kWh", "Consumo: 1.410 kWh\nTotal a pagar: 82 €",
        "Consumo: -410 kWh\nTotal a pagar: -82,15 €", "Consumo: 410 kWh\nTotal factura: − 82,15 €",
        "FACTURA RECTIFICATIVA\nConsumo: 410 kWh", "ES0031000000000001AA\nES0031000000000002BB\nConsumo: 410 kWh",
    ],
)  # fmt: skip
def test_what_is_not_told_plainly_is_not_taken(lines: str) -> None:
    """Another period's, a mean, a part, a number in two pieces, what may be a thousand, what is taken back, two supplies."""
    assert told_in(f"{ES}{lines}", "es") is None


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize(
    "lines", ["Consumption: 1.410 kWh\nAmount due: 1.082,15 €", "Usage: 1,410 kWh\nAmount due: 1,082.15 EUR"]
)
def test_the_document_s_other_numbers_tell_its_mark(lines: str, language: str) -> None:
    """Whatever its language is taken for."""
    told = told_in(EN + lines, language)
    assert told
    assert (told.amount, told.cost) == (1410.0, 1082.15)


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        (f"Contrato en vigor del 01/01/2025 al 31/03/2025\n{ES}", "2025-03-01", "2025-03-31"),
        (f"Consumo del periodo anterior (01/02/2025 - 28/02/2025)\n{ES}", "2025-03-01", "2025-03-31"),
        ("Billing period: 03/01/2025 - 03/31/2025\n", "2025-03-01", "2025-03-31"),
        ("Billing period: 03/02/2025 - 04/01/2025\n", "2025-03-02", "2025-04-01"),
    ],
)
def test_the_period_is_the_bill_s(period: str, first: str, last: str) -> None:
    """Not the contract's, nor the one before; the month may come first."""
    told = told_in(f"{period}Usage: 410 kWh\nConsumo: 410 kWh", "en")
    assert told
    assert (f"{told.first}", f"{told.last}") == (first, last)


def test_a_period_that_fits_twice_is_not_taken() -> None:
    """1 February to 3 April, or January 2 to March 4, in dollars."""
    assert told_in("Billing period: 01/02/2025 - 03/04/2025\nUsage: 410 kWh\nAmount due: $82.15", "en") is None


@pytest.mark.parametrize(
    ("lines", "carrier"),
    [
        ("Gas Natural Servicios SDG, S.A.\nFactura de electricidad\nConsumo: 410 kWh", "electricity"),
        ("Factura de luz. Contrate también su gas natural.\nConsumo: 410 kWh", "electricity"),
        ("Factura de gas natural\nConsumo: 410 m3", "gas"),
        ("Consumo: 410 m3", "water"),
    ],
)
def test_a_bill_s_title_says_what_it_is_of(lines: str, carrier: str) -> None:
    """Not the name of who sells it."""
    told = told_in(ES + lines, "es")
    assert told
    assert told.carrier == carrier
