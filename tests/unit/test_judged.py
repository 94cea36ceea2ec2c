"""Whether a value is much or little: how that is asked, and what it may be held against."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.asked import Asked, asked
from rag.extract import Span
from rag.facility import ANY, Facility
from rag.judged import Value, against, judges, told, values, varied, yardsticks
from rag.models import Hit, Passage, Turn
from tests.answer_fixtures import passage
from tests.value_world import COMPANY_OF_SITES

TOLD = (Turn("user", "¿cuánto consume por m3?"), Turn("assistant", "El consumo es de 3,47 kWh/m³. [1]"))
PLANT = Facility("planta", ("Planta Sur", "la planta"), ("Oficina Norte",))
SPECIFIC = Asked(metric="specific", understood=True)


@pytest.mark.parametrize(
    ("words", "judged"),
    [
        ("¿eso es mucho o poco?", True),
        ("¿y eso es normal?", True),
        ("¿es alto para una planta así?", True),
        ("is that a lot?", True),
        ("is it high", True),
        ("is that good or bad for a plant like ours?", True),
        ("¿cuánto es mucho?", False),
        ("how much is that?", False),
        ("¿es normal que la bomba vibre?", False),
        ("¿es eso?", False),
        ("mucho", False),
    ],
)
def test_how_it_is_asked(words: str, judged: bool) -> None:
    """Of what was told last, in these words alone."""
    assert judges(words, TOLD) == judged
    assert not judges(words, ())
    assert not judges(words, (TOLD[0], replace(TOLD[1], recommended="x")))
    assert not judges(words, (TOLD[0], Turn("assistant", "No lo he encontrado.")))


def test_values_with_their_units() -> None:
    """Large units in small ones, marks left out; of a row each number as its headings measure it."""
    assert values("Son 3,47 kWh/m³ [1] y 2.215 MWh.", "es") == [Value("kwh/m3", 3.47), Value("kwh", 2_215_000.0)]
    assert values("used 1,352,000 kWh, that is 12 l/s", "en") == [Value("kwh", 1_352_000.0), Value("l/s", 12.0)]
    assert values("Sur | 40 | 46", "es", "Sector | Mínimo (m³/h) | Alerta (m³/h)")[0] == Value("m3/h", 40.0)


def test_which_value_was_told() -> None:
    """The meters'; of a quote the only one of its kind, or the one behind what was asked about; else none."""
    assert told("3,47 kWh/m³", "otra cosa", "", ANY, "es") == Value("kwh/m3", 3.47)
    assert told("", "26 °C en verano y 21 °C en invierno.\n\n40 kW", "", ANY, "es") == Value("degc", 26.0)
    quote = "El caudal nocturno es de 55,9 m³/h, el 38,1 % del medio."
    assert told("", quote, "¿cuál es el caudal nocturno?", ANY, "es") == Value("m3/h", 55.9)
    assert told("", quote, "¿cuántos empleados hay?", ANY, "es") is None
    assert told("", "Un domingo son 621,6 kWh/día, el 51,5 %.", "¿cuánto gasta?", ANY, "es") is None
    assert told("", "No lo sé.", "", ANY, "es") is None


def test_what_readings_hold_against_it() -> None:
    """Of a month the highest and the lowest; of another value the one of all that was read; of a year nothing."""
    of = asked("¿cuánto consumió la oficina en abril?", COMPANY_OF_SITES)
    assert [(one.metric, one.grain, one.times) for one in yardsticks(of)] == [("most", "month", ()), ("least", "month", ())]
    day = asked("¿cuánto consumió la oficina el 3 de abril?", COMPANY_OF_SITES)
    assert {one.grain for one in yardsticks(day)} == {"day"}
    tuesday = asked("¿cuánto consumió la oficina el último martes de abril?", COMPANY_OF_SITES)
    assert {one.grain for one in yardsticks(tuesday)} == {"day"}
    assert yardsticks(asked("¿cuánto consumió la oficina la primera semana de abril?", COMPANY_OF_SITES)) == ()
    night = asked("consumo nocturno de la oficina en abril", COMPANY_OF_SITES)
    assert [(one.metric, one.times) for one in yardsticks(night)] == [("night", ())]
    assert yardsticks(asked("¿cuánto consumió la oficina en 2025?", COMPANY_OF_SITES)) == ()


def of_site(text: str, site: str | None) -> Passage:
    """A passage of a facility's document, or of a general one."""
    found = passage(text)
    return replace(found, document=replace(found.document, site=site))


@pytest.mark.parametrize(
    ("sentence", "site", "holds"),
    [
        ("El consumo de diseño es de 3,15 kWh/m³.", "planta", True),
        ("El objetivo de la Planta Sur es de 3,25 kWh/m³.", None, True),
        ("El objetivo es de 3,25 kWh/m³.", None, False),
        ("El objetivo de la Oficina Norte es de 3,25 kWh/m³.", "oficina", False),
        ("El consumo es de 3,15 kWh/m³.", "planta", False),
        ("La bomba de diseño consume 0,38 kWh/m³.", "planta", False),
        ("El ahorro previsto es de 3,1 kWh/m³.", "planta", False),
        ("La presión de diseño es de 3,15 bar.", "planta", False),
    ],
)
def test_a_yardstick_is_of_the_same_thing(sentence: str, site: str | None, holds: bool) -> None:
    """Of its unit, its size and its facility, with a word for an aim, a limit or a design; no saving."""
    beside = against(Value("kwh/m3", 3.47), SPECIFIC, "¿cuánto consume por m3?", PLANT)
    assert beside is not None
    assert beside.holds(of_site(sentence, site), sentence) == holds


def test_a_row_is_a_yardstick_by_its_headings() -> None:
    """If it is of the facility, or of what was asked about."""
    table = "Instalación | Indicador | Objetivo 2025\n--- | --- | ---\nPlanta Sur | kWh/m³ | 3,25\nBomba | kWh/m³ | 3,30"
    beside = against(Value("kwh/m3", 3.47), SPECIFIC, "¿consumo específico?", PLANT)
    assert beside is not None
    held = of_site(table, None)
    assert beside.holds(held, "Planta Sur | kWh/m³ | 3,25")
    assert not beside.holds(held, "Bomba | kWh/m³ | 3,30")


def test_what_was_used_in_a_month_has_none_in_documents() -> None:
    """They tell amounts of years, and of those only what names the facility."""
    month = asked("¿cuánto consumió la oficina en abril?", COMPANY_OF_SITES)
    assert against(Value("kwh", 2_000.0), month, "", PLANT) is None
    year = against(Value("kwh", 2_000.0), asked("¿cuánto consumió la oficina en 2025?", COMPANY_OF_SITES), "", PLANT)
    assert year is not None
    assert year.holds(of_site("x", "planta"), "En 2024 la planta consumió 2,1 MWh.")
    assert not year.holds(of_site("x", "planta"), "En 2024 las bombas consumieron 2,1 MWh.")
    assert against(Value("m3/h", 18.0), Asked(metric="leak", understood=True), "", PLANT) is None


def test_each_gives_another_kind_of_yardstick() -> None:
    """A second design value says nothing new; three at most."""
    hit = Hit(passage("x"), 0.0, 0.0, 0.0)
    said = ("diseño 3,15", "valor de diseño 3,15", "objetivo 3,25", "límite 4", "en 2024, 3,31")
    spans = [Span(one, hit, 1.0 - n / 10) for n, one in enumerate(said)]
    assert [one.text for one in varied(spans)] == ["diseño 3,15", "objetivo 3,25", "límite 4"]
