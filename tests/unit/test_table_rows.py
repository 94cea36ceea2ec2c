"""Which rows of a table a question is about."""

from __future__ import annotations

from math import inf

import pytest

from rag.analyse import content_words
from rag.table_rows import labelled, lacking, named

YEARS = ["Año | Obra | Total", "2030 | 10 | 11", "2031 | 20 | 22", "2032-2033 | 30 | 33"]


def test_a_row_of_another_year_is_no_answer() -> None:
    """Of a year that is asked for only the row that has it; without a year none is told from the others."""
    assert lacking(YEARS, ["total", "2031"]) == {0: inf, 1: inf, 2: 0.0, 3: inf}
    assert lacking(YEARS, ["total", "2033"]) == {0: inf, 1: inf, 2: inf, 3: 0.0}
    assert lacking(YEARS, ["total"]) == {0: inf, 1: 0.0, 2: 0.0, 3: 0.0}
    assert lacking(["Año | Total", "2030 | 11"], ["2031"]) == {0: inf, 1: inf}


def test_a_year_among_the_headings_is_every_rows() -> None:
    """«2031» over a column: each row says something of it."""
    table = ["Concepto | 2030 | 2031", "Agua | 5 | 6", "Luz | 7 | 8"]
    assert lacking(table, ["agua", "2031"]) == {0: inf, 1: 0.0, 2: 1.0}


def test_a_year_of_something_else_is_not_another_year() -> None:
    """The year a pump was made does not answer for which year: no row has the one that is asked for in that column."""
    table = ["Bomba | kW | Montada", "B-1 | 30 | 2009", "B-2 | 37 | 2013"]
    assert lacking(table, ["b", "2031"]) == {0: inf, 1: 0.0, 2: 0.0}


@pytest.mark.parametrize(
    ("asked", "lacks"), [(["p2"], [1.0, 0.0]), (["nave", "p2"], [0.5, 0.5]), (["30"], [0.0, 0.0]), (["precio"], [0.0, 0.0])]
)
def test_names_and_numbers_tell_rows_apart(asked: list[str], lacks: list[float]) -> None:
    """What some rows have and others do not; an amount that happens to be asked for does not, nor a heading."""
    rows = lacking(["Periodo | Sitio | Precio", "P1 | Nave | 30", "P2 | Patio | 40"], asked)
    assert [rows[1], rows[2]] == lacks


def test_a_number_tells_rows_apart_in_the_first_column() -> None:
    """«Línea 3»: the rows are numbered."""
    rows = lacking(["Línea | Caudal", "1 | 30", "3 | 40"], ["linea", "3"])
    assert (rows[1], rows[2]) == (1.0, 0.0)


def test_only_what_certainly_names_columns_says_nothing() -> None:
    """A first row with an amount of its own, or over rows without any, may be read like another."""
    assert lacking(["Jefa | Ana", "Turno | Noche"], [])[0] < inf
    assert lacking(["Potencia | 30 kW", "Caudal | 5 l/s"], [])[0] < inf
    assert lacking(["Una frase.", "Otra."], []) == {}


def test_each_table_of_a_passage_has_its_headings() -> None:
    """Rows are told apart within their own table, and named by it."""
    part = ["Sitio | kW", "Nave | 3", "Texto entre medias.", "Turno | Horas", "Noche | 8"]
    assert set(lacking(part, ["nave"])) == {0, 1, 3, 4}
    assert [named(part, place) for place in range(5)] == ["", "Sitio | kW", "", "", "Turno | Horas"]


@pytest.mark.parametrize(
    ("row", "header", "said"),
    [
        ("B-203 | 22 | ", "Bomba | kW | Año", "Bomba: B-203; kW: 22"),
        ("a | b", "x |  ", "x: a; b"),
        ("a | b | c", "x | y", "a | b | c"),
    ],
)
def test_rows_that_do_not_fit_their_headings(row: str, header: str, said: str) -> None:
    """Empty cells are left out, cells without a heading stand alone, and a row of too many cells is shown as it is."""
    assert labelled(row, header) == said


BALANCE = [
    "Concepto | 2030 | 2031",
    "Riego medido cobrado | 4 | 5",
    "Riego no medido | 6 | 7",
    "Riego no medido (%) | 60 | 58",
    "Riego medido total | 9 | 8",
    "Pozo norte | 1 | 2",
]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("¿cuánto riego no medido hubo en 2031?", {2, 3}),
        ("riego medido total 2031", {4}),
        ("¿Qué riegos no medidos hay en el pozo norte?", {2, 3, 5}),
    ],
)
def test_a_row_that_bears_the_name_asked_for_comes_before_those_that_share_words_with_it(question: str, first: set[int]) -> None:
    """«No» tells them apart, a unit in brackets does not, and what shares no word of the name is left alone."""
    lacks = lacking(BALANCE, content_words(question), question)
    assert {place for place, lack in lacks.items() if lack < 1.0} == first
    assert all(lacks[place] < 0.0 for place in first & {2, 3, 4})


@pytest.mark.parametrize("question", ["¿Cuánta agua se pierde en la red?", "How much water does the network lose?"])
def test_water_that_is_lost_has_its_name_in_a_balance(question: str) -> None:
    """However it is asked for, in either language: what is supplied and measured is another thing."""
    table = ["Concepto | 2031", "Agua suministrada a la red | 90", "Agua no registrada | 20", "Energía | 3"]
    lacks = lacking(table, content_words(question), question)
    assert lacks[2] < 0.0
    assert lacks[1] == 1.0


def test_a_row_that_bears_the_facilitys_name_is_not_what_is_asked_for() -> None:
    """«¿Cuántas personas hay en la nave norte?»: that a table has a row of it says nothing of persons."""
    table = ["Sitio | kW", "Nave norte | 3", "Nave sur | 4"]
    question = "¿cuántas personas trabajan en la nave norte?"
    assert lacking(table, content_words(question), question)[1] < 0.0
    assert lacking(table, content_words(question), question, ("Nave norte",))[1] >= 0.0
