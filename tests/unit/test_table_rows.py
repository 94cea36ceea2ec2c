"""Which rows of a table a question is about."""

from __future__ import annotations

from math import inf

import pytest

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
