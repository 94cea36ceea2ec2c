"""Times that questions name, and the days that they are."""

from __future__ import annotations

from datetime import date

import pytest

from rag.days import Days, absent, days
from rag.when import hours, times, weekdays

READ = Days(date(2024, 11, 15), date(2025, 9, 20))
TODAY = date(2025, 10, 6)


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("en julio", "2025-07-01", "2025-07-31"),
        ("in July 2024", "2024-07-01", "2024-07-31"),
        ("en noviembre", "2024-11-01", "2024-11-30"),  # the last one that began before the readings end
        ("in May", "2025-05-01", "2025-05-31"),
        ("May consumption", "2025-05-01", "2025-05-31"),
        ("Sept 2025", "2025-09-01", "2025-09-30"),
        ("2025-02", "2025-02-01", "2025-02-28"),
        ("02/2025", "2025-02-01", "2025-02-28"),
        ("el 24 de julio de 2025", "2025-07-24", "2025-07-24"),
        ("el 24 de julio", "2025-07-24", "2025-07-24"),
        ("on July 24th, 2025", "2025-07-24", "2025-07-24"),
        ("24/07/2025", "2025-07-24", "2025-07-24"),
        ("2025-07-24", "2025-07-24", "2025-07-24"),
        ("en 2025", "2025-01-01", "2025-12-31"),
        ("en el primer trimestre de 2025", "2025-01-01", "2025-03-31"),
        ("in Q2", "2025-04-01", "2025-06-30"),
        ("entre marzo y mayo de 2025", "2025-03-01", "2025-05-31"),
        ("from November to February", "2024-11-01", "2025-02-28"),
        ("de diciembre a enero de 2025", "2024-12-01", "2025-01-31"),
        ("del 1 al 15 de marzo", "2025-03-01", "2025-03-15"),
        ("desde junio", "2025-06-01", "2025-09-20"),
        ("el último martes de marzo", "2025-03-25", "2025-03-25"),
        ("del primer lunes de mayo de 2024", "2024-05-06", "2024-05-06"),
        ("on the first Monday of May", "2025-05-05", "2025-05-05"),
        ("the third Saturday in March", "2025-03-15", "2025-03-15"),
        ("la primera semana de abril", "2025-04-01", "2025-04-07"),
        ("the last week of April 2025", "2025-04-24", "2025-04-30"),
        ("last week in February", "2025-02-22", "2025-02-28"),
        ("el último fin de semana de mayo", "2025-05-31", "2025-06-01"),
        ("la segunda quincena de junio", "2025-06-16", "2025-06-30"),
        ("the first half of February", "2025-02-01", "2025-02-15"),
        ("de la primera semana de abril a la última semana de mayo", "2025-04-01", "2025-05-31"),
        ("el último martes", "2025-09-30", "2025-09-30"),
        ("until March 2025", "2024-11-15", "2025-03-31"),
        ("last month", "2025-09-01", "2025-09-30"),
        ("en verano", "2025-06-01", "2025-08-31"),
        ("in summer 2024", "2024-06-01", "2024-08-31"),
        ("en invierno", "2024-12-01", "2025-02-28"),  # the one of which most was read
        ("invierno de 2025", "2024-12-01", "2025-02-28"),
        ("in the winter 2024/25", "2024-12-01", "2025-02-28"),
        ("in the spring of 2025", "2025-03-01", "2025-05-31"),
        ("en otoño de 2025", "2025-09-01", "2025-11-30"),
        ("el invierno pasado", "2024-12-01", "2025-02-28"),
        ("last autumn", "2024-09-01", "2024-11-30"),  # this one is not over
        ("este otoño", "2025-09-01", "2025-11-30"),
        ("de primavera a verano de 2025", "2025-03-01", "2025-08-31"),
        ("el martes pasado", "2025-09-30", "2025-09-30"),
        ("last Monday", "2025-09-29", "2025-09-29"),  # today is one
        ("el último domingo", "2025-10-05", "2025-10-05"),
        ("last weekend", "2025-10-04", "2025-10-05"),
        ("anteayer", "2025-10-04", "2025-10-04"),
        ("the day before yesterday", "2025-10-04", "2025-10-04"),
        ("this week", "2025-10-06", "2025-10-06"),
        ("el 29 de febrero de 2024", "2024-02-29", "2024-02-29"),
        ("el año pasado", "2024-01-01", "2024-12-31"),
        ("ayer", "2025-10-05", "2025-10-05"),
        ("last week", "2025-09-29", "2025-10-05"),
    ],
)
def test_one_time(said: str, first: str, last: str) -> None:
    """In either language, with what is not said taken from the readings."""
    found, _ = times(f"consumo {said}")
    assert len(found) == 1
    span = days(found[0], READ, TODAY)
    assert (span.first.isoformat(), span.last.isoformat()) == (first, last)


@pytest.mark.parametrize(
    "said",
    [
        "may I know the use",
        "2000 kWh",
        "P1",
        "S2 may",
        "a 0,20 €/kWh",
        "45 de febrero",
        "de 0 a 6 h",
        "horario de verano",
        "the last week of",
    ],
)
def test_what_is_no_time(said: str) -> None:
    """Verbs, amounts, names and days that there are not."""
    found, _ = times(said)
    assert not found or said == "45 de febrero"
    if found:  # the month alone is one
        assert days(found[0], READ, TODAY) == Days(date(2025, 2, 1), date(2025, 2, 28))


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("el 30 de febrero", "2025-2-30"), ("on 31 June", "2025-6-31"), ("31/04/2025", "2025-4-31"),
        ("del 1 al 31 de junio", "2025-6-31"), ("29 de febrero de 2025", "2025-2-29"), ("on 29 February", "2025-2-29"),
        ("28 de febrero", ""), ("29 February 2024", ""), ("en febrero", ""), ("ayer", ""),
    ],
)  # fmt: skip
def test_a_day_that_there_is_not(said: str, day: str) -> None:
    """Is told with its year, and never becomes another; 29 February without a year is the last that was read."""
    (when,), _ = times(said)
    gone = absent(when, READ)
    assert (f"{gone.year}-{gone.month}-{gone.day}" if gone else "") == day
    if gone is None and when.first:
        days(when, READ, TODAY)
    leap = Days(date(2024, 1, 1), date(2025, 9, 20))
    (feb29,), _ = times("on 29 February")
    assert absent(feb29, leap) is None
    assert days(feb29, leap, TODAY).first == date(2024, 2, 29)


def test_hours_and_weekends() -> None:
    """Hours of the day have a word or a clock's colon; a weekend is two days, where that is asked for."""
    for said, found in (("de 0 a 8 horas", (0, 8)), ("between 22:00 and 06:00", (22, 6)), ("entre las 8 y las 10", (8, 10))):
        assert hours(f"consumo {said}")[0] == found
    assert hours("del 1 al 15 de marzo")[0] is None
    assert weekdays("y los findes", weekends=True)[0] == (5, 6)
    assert weekdays("los fines de semana", weekends=False)[0] == ()


def test_several_times_and_what_is_left() -> None:
    """Two months side by side share the year that one tells; the words around them stay."""
    found, rest = times("¿gastó más en julio o en agosto de 2024?")
    assert [days(one, READ, TODAY).first for one in found] == [date(2024, 7, 1), date(2024, 8, 1)]
    assert "gasto mas" in rest
    assert "julio" not in rest


def test_a_last_month_is_the_calendars() -> None:
    """However far readings go: what is told instead of it is said (rag.readings.replies)."""
    found, _ = times("el mes pasado")
    assert days(found[0], Days(date(2025, 1, 1), TODAY), TODAY) == Days(date(2025, 9, 1), date(2025, 9, 30))


def test_a_quarter_beside_a_quarter() -> None:
    """The second of «el primer trimestre comparado con el segundo» is a quarter; «el segundo» alone is no time."""
    found, _ = times("el primer trimestre comparado con el segundo")
    assert [one.first.quarter for one in found if one.first] == [1, 2]
    assert times("el segundo sector")[0] == ()
