"""What questions ask of readings and tariffs; and which questions ask for something else, so that no value is put to them."""

from __future__ import annotations

import pytest

from rag.asked import Asked, answerable, asked, asked_amount, follow_up
from rag.models import Turn
from tests.value_world import COMPANY_OF_SITES


def of(question: str) -> Asked:
    """As the company of tests.value_world is asked."""
    return asked(question, COMPANY_OF_SITES)


@pytest.mark.parametrize(
    ("question", "metric"),
    [
        ("¿Cuánto consumió la oficina en julio?", "used"),
        ("EDAR March consumption", "used"),
        ("How much electricity did the head office use in Q2?", "used"),
        ("¿Cuánta agua trató la EDAR en abril?", "used"),
        ("¿cuánto pagamos de electricidad en la oficina en 2025?", "cost"),
        ("precio medio de la luz en la oficina", "cost"),
        ("¿cuánto gasta la EDAR de noche?", "night"),
        ("consumo medio diario de la EDAR", "mean"),
        ("¿cuál es la punta de la oficina y cuándo?", "peak"),
        ("What was the highest power of EDAR Norte?", "peak"),
        ("¿qué día consumió más la oficina?", "most"),
        ("which month did the office use least electricity?", "least"),
        ("minimum night flow in S2 now?", "night_flow"),
        ("¿Sigue abierta la fuga del Ensanche?", "leak"),
        ("What is the leak in the Ensanche costing us per day?", "leak"),
        ("kWh/m³ de la depuradora en 2025", "specific"),
        ("cuánta potencia hay contratada en la oficina", "contracted"),
        ("¿Cuánto cuesta el kWh en P2 en la oficina?", "price"),
        ("¿qué tarifa tiene la EDAR?", "tariff"),
        ("¿cuánta energía ha gastado la EDAR por metro cúbico en 2025?", "specific"),
        ("which month was the most expensive for the office?", "most"),
        ("¿qué mes fue el más barato en la oficina?", "least"),
        ("¿en qué mes consumió más la oficina y cuánto costó?", "most"),
        ("how much energy does the office use on Saturdays?", "used"),
        ("¿y por m3 la EDAR?", "specific"),
        ("¿Y en euros?", "cost"),
        ("potencia contratada frente a máxima en la oficina", "contracted"),
    ],
)
def test_what_is_asked_for(question: str, metric: str) -> None:
    """The value that a question is about."""
    assert of(question).metric == metric


@pytest.mark.parametrize(
    "question",
    [
        "¿cuánto consumió la soplante B de la EDAR en marzo?",
        "¿Por qué subió el consumo de la oficina en julio?",
        "¿en qué se va la electricidad de la oficina?",
        "¿qué consume más en la oficina?",
        "How is energy used at the head office?",
        "¿Cuánto cuesta el motor de biogás de la EDAR?",
        "¿cuánto ahorramos si bajamos la potencia contratada de la oficina?",
        "What should the contracted power of the head office be?",
        "how much water does the head office use per person",
        "How much electricity would LED save at the head office?",
        "¿cuánto costará la electricidad de la oficina en 2027?",
        "¿cuándo vence el contrato de la oficina?",
        "¿Cuánto cuesta reparar la fuga del Ensanche?",
        "what does a 10 m³/h leak cost us per day",
        "¿cuántas fugas se repararon en 2024 en la red?",
        "consumo de la EDAR antes de la parada nocturna",
        "consumo mensual de la oficina",
        "precio del agua en la oficina",
        "¿cuál es el total?",
        "¿cuánto cuesta?",
        "consumo de la EDAR en marzo " * 20,
    ],
)
def test_what_asks_for_something_else(question: str) -> None:
    """A word that is not understood, a reason, a part, a forecast: the documents are asked, not the meter."""
    assert not answerable(of(question), Asked(), brought=False)


def test_periods_prices_and_sites() -> None:
    """Beside the value: tariff periods, a price in euros or cents, the sites in order."""
    found = of("compare EDAR and head office consumption in P1 and P6")
    assert (found.periods, found.sites, found.understood) == ((1, 6), ("edar-norte", "oficina"), True)
    assert of("¿cuánto cuesta la luz de la oficina a 0,20 €/kWh?").price == pytest.approx(0.2)
    assert of("and at 15 cents per kWh?").price == pytest.approx(0.15)
    assert of("a 150 €/MWh").price == pytest.approx(0.15)
    assert of("¿cuánto costaría a 0,20 €?").price == pytest.approx(0.2)
    assert of("con 30.000 €").price is None


def test_follow_ups() -> None:
    """Another month, another site, another value at the same time; after a reason a month alone takes its value."""
    july = of("¿Cuánto consumió la EDAR en julio?")
    august = follow_up(of("¿y en agosto?"), july)
    assert (august.metric, august.sites, august.times) == ("used", ("edar-norte",), of("en agosto").times)
    office = follow_up(of("¿y la oficina?"), july)
    assert (office.metric, office.sites, office.times) == ("used", ("oficina",), july.times)
    assert follow_up(of("¿y la punta?"), july).times == july.times
    assert follow_up(of("¿cuál es la punta?"), july).times == ()
    why = of("¿por qué gasta tanto la EDAR por la noche?")
    assert follow_up(of("¿y en julio?"), why).metric == "night"
    assert follow_up(of("¿y la oficina?"), why).metric == ""


def test_a_unit_and_the_time_that_was_spoken_of() -> None:
    """«In MWh» alone asks for the value before in MWh; what was asked of the past without a place is of the time before."""
    day = of("¿Cuánto consumió la EDAR el 3 de julio?")
    for said, units in (
        ("me lo pasas en MWh", ("MWh",)),
        ("y en litros por segundo", ("l/s",)),
        ("in kW and in GWh", ("kW", "GWh")),
    ):
        put = follow_up(of(said), day)
        assert (put.units, put.metric, put.times, put.understood) == (units, "used", day.times, True)
    assert of("how many MWh did the office use in March?").units == ("MWh",)
    assert of("consumo de la EDAR en kWh por m3").units == ()
    for said in (
        "¿cuánto CO2 emitió la EDAR en 2025?",
        "what are the emissions of the office in March?",
        "y en toneladas de CO2",
    ):
        assert (of(said).units, of(said).metric, of(said).understood) == (("tCO2",), "used", True)
    assert of("which site emitted most CO2?").everywhere
    assert of("¿cuánto CO2 consume la EDAR?").units == ()  # the gas itself
    assert not of("¿cómo contamos el CO2?").understood
    assert follow_up(of("¿a qué hora fue el pico?"), day).times == day.times
    assert follow_up(of("¿cuál fue el pico de la oficina?"), day).times == ()
    assert follow_up(of("de 0 a 8 horas, ¿cuánto es?"), day).hours == (0, 8)
    assert of("caudal mínimo nocturno del Ensanche de 2 a 4 h").hours is None
    assert not of("¿qué día consumió más la oficina de 8 a 10 h?").understood


def test_a_price_after_an_amount() -> None:
    """Is a price for that amount; after anything else it is not."""
    asked_for = [Turn("user", "¿Cuánto consumió la EDAR en julio?"), Turn("assistant", "7.450 kWh [1].")]
    assert asked_amount(asked_for, COMPANY_OF_SITES)
    assert asked_amount([*asked_for, Turn("user", "¿y en agosto?"), Turn("assistant", "7.440 kWh [1].")], COMPANY_OF_SITES)
    assert asked_amount([Turn("user", "¿Cuánto se pierde por la fuga de la red?")], COMPANY_OF_SITES)
    assert not asked_amount([Turn("user", "¿Qué se recomienda en la EDAR?")], COMPANY_OF_SITES)


def test_weekdays_lengths_and_money() -> None:
    """Days of the week by name, an amount a month, what a day or month cost; a weekday beside its date is only its name."""
    assert of("consumo de la oficina los sábados y domingos").weekdays == (5, 6)
    assert of("consumo de la oficina el lunes 3 de marzo de 2025").weekdays == ()
    assert (of("¿cuánto cuesta la luz de la oficina al mes?").each, of("peak of the office a month").each) == ("month", "")
    assert of("¿en qué mes consumió más la oficina y cuánto costó?").money == "beside"
    assert of("which month cost most at the office?").money == "ranks"


def test_of_a_file_less_has_to_be_said() -> None:
    """On which days, or since when, is enough; of the company it is not."""
    for question, metric in (("how much on Saturdays?", "used"), ("when did it start?", "leak")):
        assert (asked(question, COMPANY_OF_SITES, {"flow"}).metric, of(question).metric) == (metric, "")


def test_what_a_leak_costs_is_asked_after_it() -> None:
    """«And what does it cost at that price?» after a leak is of the leak, and of a month if it says so."""
    leak = of("is there a leak in the network?")
    for question in ("what does it cost at 0.42 €/m3?", "what does it cost?"):
        assert follow_up(of(question), leak).metric == "leak"


def test_a_follow_up_is_understood_in_the_words_of_what_was_asked_before() -> None:
    """ "Has it been repaired?" after a leak is about the leak; who repairs it is not, nor what no leak has."""
    for question, whole in (
        ("has it been repaired?", True),
        ("¿la han reparado ya?", True),
        ("¿quién la va a reparar?", False),
        ("¿la han pintado?", False),
    ):
        assert asked(question, COMPANY_OF_SITES, lent="leak").understood is whole
        assert not of(question).understood


def test_words_that_a_follow_up_is_made_of() -> None:
    """«Entonces» asks nothing more; a tariff period has hours of its own; "did it pump" is water, "the pump" a machine."""
    why = of("¿Por qué subió el consumo de la EDAR en diciembre?")
    august = follow_up(of("cuánto fue en agosto entonces"), why)
    assert (august.metric, august.sites, august.understood) == ("used", ("edar-norte",), True)
    early = follow_up(of("de 0 a 8 horas, ¿cuánto es?"), of("¿Cuánto consumió la EDAR en julio?"))
    assert (early.hours, follow_up(of("and what was the cost in P1?"), early).hours) == ((0, 8), None)
    assert answerable(of("what was the cost in P1?"), Asked(), brought=False)
    assert of("how many m3 did it pump in January?").understood
    assert not of("how much electricity does the pump use at EDAR Norte?").understood


@pytest.mark.parametrize(
    ("question", "of_us"),
    [("¿Cuántos MWh gastamos en total?", True), ("How much energy do we use?", True), ("¿cuánto gasta la oficina?", False)],
)
def test_what_is_used_in_all(question: str, of_us: bool) -> None:
    """Of the company, where no facility is spoken of; «¿y en euros?» after it, too."""
    assert of(question).of_us is of_us
    assert follow_up(of("¿y en euros?"), of(question)).of_us is of_us
