"""Times that questions name, and the days that they are."""

from __future__ import annotations

from datetime import date

import pytest

from rag.when import Days, days, times

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
        ("until March 2025", "2024-11-15", "2025-03-31"),
        ("last month", "2025-08-01", "2025-08-31"),  # September was not read to its end
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
    "said", ["may I know the use", "2000 kWh", "P1", "S2 may", "a 0,20 €/kWh", "31 de febrero", "de 0 a 6 h"]
)
def test_what_is_no_time(said: str) -> None:
    """Verbs, amounts, names and days that there are not."""
    found, _ = times(said)
    assert not found or said == "31 de febrero"
    if found:  # the month alone is one
        assert days(found[0], READ, TODAY) == Days(date(2025, 2, 1), date(2025, 2, 28))


def test_several_times_and_what_is_left() -> None:
    """Two months side by side share the year that one tells; the words around them stay."""
    found, rest = times("¿gastó más en julio o en agosto de 2024?")
    assert [days(one, READ, TODAY).first for one in found] == [date(2024, 7, 1), date(2024, 8, 1)]
    assert "gasto mas" in rest
    assert "julio" not in rest


def test_a_last_month_that_was_read_is_the_calendars() -> None:
    """Where readings go on to today, last month is last month."""
    found, _ = times("el mes pasado")
    assert days(found[0], Days(date(2025, 1, 1), TODAY), TODAY) == Days(date(2025, 9, 1), date(2025, 9, 30))


def test_a_quarter_beside_a_quarter() -> None:
    """The second of «el primer trimestre comparado con el segundo» is a quarter; «el segundo» alone is no time."""
    found, _ = times("el primer trimestre comparado con el segundo")
    assert [one.first.quarter for one in found if one.first] == [1, 2]
    assert times("el segundo sector")[0] == ()
