"""Of which measure a plan's row is: by its investment, then by what it names; of something larger it says so."""

from __future__ import annotations

from dataclasses import replace

from config.texts import text
from rag.for_and_against import ForAndAgainst, Topic
from rag.models import Range, Scope
from rag.states import rows
from rag.whose_row import Claim, relation
from tests.answer_fixtures import EVERYONE, encoder, passage
from tests.unit.test_for_and_against import Given
from tests.unit.test_states import SITES, of

PLAN = (
    "Código | Instalación | Actuación | Inversión (€) | Estado\n"
    "A | EDAR Norte | Parada nocturna de hornos y control de vapor | 18500 | Aprobada\n"
    "B | EDAR Norte | Alumbrado led y relojes | 600.000 | Aprobada la primera fase\n"
    "C | EDAR Norte | Variadores y bombeo nocturno | 75000 | Adjudicada\n"
    "D | Varias | Fotovoltaica | 900000 | En licitación\n"
    "E | EDAR Norte | Caldera de condensación |  | Aprobada"
)
A, B, C, D, E = rows(PLAN)


def claim(about: str, spent: float | None = None, low: float | None = None, high: float | None = None) -> Claim:
    """A measure of these words that takes so much."""
    known = None if spent is None else Range(low or spent, spent, high or spent)
    return Claim(tuple(about.split(", ")), known)


NIGHT, STEAM = claim("parada nocturna", 18_600), claim("control vapor", 24_000)


def test_a_row_tells_what_it_takes() -> None:
    """By the column of investments, in thousands where it says so, by locale; none where the cell is empty."""
    assert [one.investment for one in (A, B, C, D, E)] == [18_500, 600_000, 75_000, 900_000, None]
    (row,) = rows("Measure | Budget (thousand EUR) | Status\nLED | 1.5 | approved", "en")
    assert row.investment == 1_500


def test_a_row_is_of_the_measure_that_takes_what_it_says() -> None:
    """Of two that it names, the one of that investment; the other, which takes more, has nothing of it."""
    assert relation(A, NIGHT, [NIGHT, STEAM]) == "own"
    assert relation(A, STEAM, [NIGHT, STEAM]) is None
    assert relation(A, claim("bombas calor", 18_500), [NIGHT]) is None


def test_what_takes_far_less_is_a_part() -> None:
    """Of the whole that another measure of the site is, or of one that none is; of a row for several sites always."""
    led, clocks, whole = claim("led", 190_000), claim("relojes", 14_000), claim("alumbrado led relojes", 612_000)
    for beside in ([led, clocks, whole], [led]):
        assert relation(B, led, beside) == "part"
    assert relation(B, whole, [led, clocks, whole]) == "own"
    assert relation(D, claim("fotovoltaica", 900_000), []) == "part"


def test_what_names_two_things_is_the_whole_of_both() -> None:
    """Where no investment tells of which of them it is."""
    drives, night = claim("variadores", 61_000), claim("bombeo nocturno", 14_000)
    assert [relation(C, one, [drives, night]) for one in (drives, night)] == ["part", "part"]


def test_without_an_amount_the_more_exact_name_counts() -> None:
    """A measure of which the row names all that it is called by goes before one of fewer words; alone each has it."""
    boiler, condensing = claim("caldera", 9_000), claim("caldera condensación")
    assert relation(E, boiler, [boiler, condensing]) is None
    assert relation(E, condensing, [boiler, condensing]) == "own"
    assert relation(E, boiler, [boiler]) == "own"


def test_an_uncertain_price_fits_what_lies_within_its_range() -> None:
    """A default price with wide ends is no reason to give the row away; what lies nearest goes first."""
    wide = claim("parada nocturna", 30_000, 10_000, 60_000)
    assert relation(A, wide, [wide, STEAM]) == "own"
    assert relation(A, wide, [wide, claim("control vapor", 18_500)]) is None


async def test_it_is_told_as_what_it_is() -> None:
    """In both languages a larger project's state says that it is not of the measure alone; another's row is not shown."""
    plan = of(passage(PLAN), "2026-02-05")
    documents = ForAndAgainst(Given(plan), encoder(), SITES)
    led, steam = claim("led", 190_000), STEAM
    topics = [
        Topic({"es": "Medida", "en": "Measure"}, one.phrases, "norte", one.investment, (led, NIGHT, STEAM))
        for one in (led, steam)
    ]
    of_led, of_steam = await documents.of(topics, Scope(EVERYONE, "norte"))
    assert of_steam == ()
    (told,) = of_led
    assert told.key == "advice.part"
    assert replace(told, of_part=False).key == "advice.standing"
    assert told.quoted(told.key, "es")[0].startswith("Estado de una actuación mayor que la incluye")
    assert text("en", "advice.part", title="x", original="", quote="y").startswith("Standing of a larger project")
