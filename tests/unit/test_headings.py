"""Which of a table's rows are headings, and what they say of each column."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.headings import CELL, cells, column_names, headings, is_row, of_lines, only_names
from rag.ingest.parse.tables import parse_csv
from rag.ingest.split import LONGEST, split
from tests.unit.test_split import DOCUMENT

MERGED = ["Consumo | 2023 |  | 2024", " | kWh | EUR | kWh | EUR", "Bombeo | 1.200 | 90 | 1.300 | 95"]
REPEATED = [" | Red | Red | Propia | Propia", "Uso | 2023 | 2024 | 2023 | 2024", "Luz | 12 | 13 | 3 | -"]
UNITS = [" | Energía | Energía", " | 2023 | 2024", "Uso | kWh | kWh", "Luz | 12 | 13"]


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (MERGED, ["Consumo", "2023 kWh", "2023 EUR", "2024 kWh", "2024 EUR"]),
        (REPEATED, ["Uso", "Red 2023", "Red 2024", "Propia 2023", "Propia 2024"]),
        ([" | 2023 | 2023 | ", " | Total | Parcial | 2022", "Agua | 1 | 2 | 3"], ["", "2023 Total", "2023 Parcial", "2022"]),
        ([*REPEATED[:2], "Alumbrado", REPEATED[2]], ["Uso", "Red 2023", "Red 2024", "Propia 2023", "Propia 2024"]),
    ],
    ids=["a merged cell told once", "told in each column", "an empty cell among repeated ones", "a section's name below"],
)
def test_two_rows_of_headings(lines: list[str], names: list[str]) -> None:
    """They are read together, column by column."""
    found = of_lines(lines)
    assert (found.rows, list(found.names)) == (2, names)


@pytest.mark.parametrize(
    "lines",
    [
        ["Uso | 2023 | 2024", "Certificado | sí | sí", "Luz | 12 | 13"],
        ["Uso | kWh | kWh", "Luz | 12 | 13", "Gas | 3 | 4"],
        ["Área | Objetivo | Objetivo", "Agua | menos fugas | más medida", "Luz | LED | LED"],
        ["Uso | kWh", "Luz | 12"],
        [" | Red | Red"],
    ],
    ids=["columns are told apart", "amounts follow", "no amounts at all", "two columns", "one row"],
)
def test_one_row_of_headings(lines: list[str]) -> None:
    """What may be data is not taken for headings."""
    assert of_lines(lines).rows == 1


def test_three_rows_of_headings_at_most() -> None:
    """A third row, of units, where the first two do not tell the columns apart."""
    assert of_lines([" | Energía | Energía | Energía", *[" | Red | Red | Red"] * 3, "Luz | 1 | 2 | 3"]).rows == 3
    assert of_lines(UNITS).rows == 2


@pytest.mark.parametrize("line", [" | 2023 | 2024", "| 2023 | 2024"])
def test_an_empty_first_cell(line: str) -> None:
    """It is one, be the line stripped or not."""
    assert is_row(line)
    assert cells(line)[0].strip() == ""
    assert cells(line)[1:] == ["2023", "2024"]


def test_no_row() -> None:
    """Prose is none, nor is what stands between strokes of its own."""
    assert not is_row("Una frase.")
    assert not is_row("|x| es un valor absoluto")


def test_each_part_of_a_long_table_has_all_headings() -> None:
    """The parser's groups of rows and the parts of a long one alike: a part without the years would say nothing."""
    rows = [f"Bomba número {place} de la estación | {place} | {place} | 3 | 4" for place in range(80)]
    text = "\n".join(line.replace(CELL, ";") for line in [*REPEATED[:2], *rows])
    parts = split(parse_csv(text.encode(), "x.csv").blocks, DOCUMENT)
    assert len(parts) > 3
    assert all(part.text.split("\n")[:2] == REPEATED[:2] for part in parts)
    assert [line for part in parts for line in part.text.split("\n")[2:]] == rows
    assert all(len(part.text) <= LONGEST for part in parts)
    assert parts[0].locator.rows is not None
    assert parts[0].locator.rows[0] == 3


def test_names_over_merged_cells_belong_to_the_table() -> None:
    """They fill few columns, and a title above them is none of them."""
    text = "Consumos;;;;\n;2023;;2024;\nUso;kWh;EUR;kWh;EUR\nLuz;12;3;13;4\nAgua;5;1;6;2"
    title, table = parse_csv(text.encode(), "x.csv").blocks
    assert (title.text, title.locator.rows) == ("Consumos", (1, 1))
    assert table.text == " | 2023 |  | 2024\nUso | kWh | EUR | kWh | EUR\nLuz | 12 | 3 | 13 | 4\nAgua | 5 | 1 | 6 | 2"
    assert table.locator.rows == (4, 5)


@given(st.lists(st.lists(st.sampled_from(["", "2023", "kWh", "12", "Red"]), min_size=1, max_size=5), min_size=1, max_size=6))
def test_nothing_said_by_a_heading_is_lost(rows: list[list[str]]) -> None:
    """Whatever the table, uneven rows too: one to three rows of headings, and every word of theirs in the names."""
    found = headings(rows)
    assert 1 <= found.rows <= min(3, len(rows))
    said = " ".join(found.names).split()
    assert all(cell in said for row in rows[: found.rows] for cell in row if cell)


def test_when_a_first_row_surely_names_columns() -> None:
    """It has no amount and some row below has; years are no amounts."""
    assert only_names(["Sector | 2030 | 2031", "Norte | 5 | 4"])
    assert not only_names(["Potencia | 30 kW", "Caudal | 5 l/s"])
    assert not only_names(["Jefa | Ana", "Turno | Noche"])
    assert not only_names(["Sector | Fugas"])


def test_the_columns_of_a_row_in_its_passage() -> None:
    """Of the table in which it stands, with both rows of headings; none of a row of headings, nor of what is no row there."""
    passage = "\n".join(["Antes.", *MERGED, "Entre tablas.", "Uso | 2024", "Agua | 9"])
    assert column_names(MERGED[-1], passage) == ("Consumo", "2023 kWh", "2023 EUR", "2024 kWh", "2024 EUR")
    assert column_names("Agua | 9", passage) == ("Uso", "2024")
    assert [column_names(one, passage) for one in (*MERGED[:2], "Uso | 2024", "Gas | 4", "Antes.")] == [()] * 5
