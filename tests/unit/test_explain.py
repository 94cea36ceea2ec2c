"""Quantities and calculations in words."""

from __future__ import annotations

import pytest

from config import texts
from config.company import SiteConfig
from rag import explain
from rag.advice import computed
from rag.hold import numbers_hold
from rag.measures.model import Calculation, Quantity
from rag.models import Range


@pytest.mark.parametrize(
    ("value", "unit", "spanish", "english"),
    [
        (151110.4, "kWh/year", "151.110 kWh/año", "151,110 kWh/year"),
        (0.0912, "EUR/kWh", "0,0912 €/kWh", "0.0912 €/kWh"),
        (69.04, "kW", "69 kW", "69 kW"),
        (5.863, "m3/day", "5,86 m³/día", "5.86 m³/day"),
        (61.04, "%", "61 %", "61 %"),
        (3.5, "kWh/m**3", "3,5 kWh/m³", "3.5 kWh/m³"),
        (4, "1", "4", "4"),
        (0, "EUR/year", "0 €/año", "0 €/year"),
    ],
)
def test_values_with_units_by_locale(value: float, unit: str, spanish: str, english: str) -> None:
    """Grouped and with the decimals that the size of the number deserves."""
    assert (explain.shown(value, unit, "es"), explain.shown(value, unit, "en")) == (spanish, english)


def test_one_year_is_no_years() -> None:
    """Where it is rounded to one, too."""
    assert [explain.estimate(Range(n, n, n), "year", "es", "medium") for n in (0.98, 1.02, 1.1)] == [
        "0,98 años",
        "1 año",
        "1,1 años",
    ]


def test_an_estimate_shows_no_more_digits_than_it_knows() -> None:
    """Three for what was metered, two for the rest; one number where low and high are the same."""
    wide = Range(10234.0, 15110.0, 20190.0)
    assert explain.estimate(wide, "EUR/year", "es", "high") == "15.100 €/año (entre 10.200 y 20.200)"
    assert explain.estimate(wide, "EUR/year", "en", "low") == "15,000 €/year (between 10,000 and 20,000)"
    assert explain.estimate(Range(0.0, 0.0, 0.0), "EUR", "es", "low") == "0 €"


def test_changing_an_input_changes_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quote is made of the calculation alone."""
    words = {"quantities.idle_kw": "potencia ociosa", "quantities.saving": "ahorro", "methods.base_load": "carga base"}
    real = texts.text
    monkeypatch.setattr(texts, "text", lambda language, key, /, **values: words.get(key) or real(language, key, **values))

    def calculation(idle: float) -> Calculation:
        inputs = (Quantity("idle_kw", idle, "kW", "contador, 2025", "metered"),)
        results = (Quantity("saving", idle * 2190, "kWh/year", "", "computed"),)
        return Calculation("x", "base_load", "saving = idle_kw * 2190", "CalTRACK", inputs, results)

    first = calculation(69.0)
    assert explain.quote(first, "es") == "ahorro = 151.110 kWh/año (de: potencia ociosa 69 kW)"
    assert explain.with_values(first, "es") == "69 kW × 2190"
    assert explain.title(first, "es") == "Cálculo: carga base"
    assert explain.quote(calculation(70.0), "es") == "ahorro = 153.300 kWh/año (de: potencia ociosa 70 kW)"
    shown, results = explain.lines(first, "es")
    assert (shown[0].source, results[0].source) == ("medido: contador, 2025", "calculado")


@pytest.mark.parametrize(
    ("value", "spanish", "english"),
    [
        ("2025-07-01/2025-07-31", "julio de 2025", "July 2025"),
        ("2025-01-01/2025-12-31", "2025", "2025"),
        ("2025-07-24/2025-07-24", "24 jul 2025", "24 Jul 2025"),
        ("2025-03-01/2025-05-31", "1 mar 2025 - 31 may 2025", "1 Mar 2025 - 31 May 2025"),
        ("2025-07-24T13:00", "24 jul 2025 a las 13:00", "24 Jul 2025 at 13:00"),
        ("2025-07", "julio de 2025", "July 2025"),
        ("9h", "de 9 a 10 h", "9 to 10 h"),
        ("6.1TD", "6.1TD", "6.1TD"),
    ],
)
def test_times_in_words(value: str, spanish: str, english: str) -> None:
    """A span by its shape, a moment, a month, an hour; what is no time stays."""
    assert (explain.said(value, "es"), explain.said(value, "en")) == (spanish, english)


def test_values_of_periods_are_told_together() -> None:
    """Those alike as one."""
    held = [Quantity(f"contracted_p{n}", 160 if n < 6 else 180, "kW", "contract", "configured") for n in range(1, 7)]
    assert explain.by_period(held, "en") == "160 kW (P1-P5), 180 kW (P6)"
    assert (
        explain.title(Calculation("c", "contracted", "", "", (), tuple(held)), "es")
        == "Dato de la instalación: potencia contratada"
    )


def test_less_than_a_year_is_told_in_months() -> None:
    """«0,09 years» is said by nobody: whole months, one of them by its own word, and what is less than half of one in words."""

    def told(*values: float) -> str:
        return explain.estimate(Range(*values), "year", "es", "medium")

    assert [told(n, n, n) for n in (0.02, 0.09, 0.5, 0.9)] == ["menos de un mes", "1 mes", "6 meses", "11 meses"]
    assert told(0.3, 0.5, 1.5) == "6 meses (entre 4 y 18)"
    assert explain.estimate(Range(0.09, 0.09, 0.09), "year", "en", "high") == "1 month"
    assert told(0.0, 0.0, 0.0) == "0 años"


@pytest.mark.parametrize("years", [0.02, 0.09, 0.21, 0.3, 0.46, 0.5835, 0.64, 0.726, 0.8, 0.94])
def test_a_payback_in_months_is_borne_out_by_its_calculation(years: float) -> None:
    """«9 months» of 0.726 years: a sentence whose number its evidence does not hold is left out, the investment with it."""
    payback = Quantity("payback", years, "year", "", "computed")
    evidence = computed(Calculation("c", "finance", "", "", (), (payback,)), SiteConfig(id="a", name="A", kind="office"), "es")
    told = explain.estimate(Range(years, years, years), "year", "es", "medium")
    assert numbers_hold(f"retorno en {told}", "es", [evidence])
