"""Which passages are tables, and how they change places."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.fuse import fuse
from rag.models import Hit
from rag.ports import Query
from rag.tables import by_words, is_table
from tests.answer_fixtures import passage

ENERGY = "instalación | 2023 | 2024\nconsumo eléctrico de la EDAR | 12 | 13\nconsumo de gas | 3 | 4"
WATER = "instalación | 2023 | 2024\nfugas de la red de agua | 12 | 13\nagua suministrada | 3 | 4"
WASTE = "instalación | 2023 | 2024\nlodos | 12 | 13\nresiduos de arena | 3 | 4"


def hit(text: str, number: int, dense: float, language: str = "es") -> Hit:
    """A hit whose score is its similarity."""
    return Hit(replace(passage(text, number, "en" if language == "en" else "es"), text=text), dense, dense, 0.0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ENERGY, True),
        ("La tabla 3 dice:\n" + ENERGY, True),
        ("uso | kWh", False),
        ("Una frase con a | b.\nOtra.\nY otra.", False),
        ("", False),
    ],
)
def test_a_table_is_mostly_rows(text: str, expected: bool) -> None:
    """A sentence with a stroke, or a single row, is none."""
    assert is_table(text) == expected


def test_the_table_with_the_words_comes_first() -> None:
    """A table a little farther off by its numbers wins by its words; prose between tables stays where it is."""
    prose = hit("Las fugas de la red de agua se miden de noche.", 4, 0.84)
    found = by_words([hit(ENERGY, 1, 0.86), hit(WASTE, 2, 0.85), prose, hit(WATER, 3, 0.8)], "¿fugas en la red de agua?", "es")
    assert [one.passage.text for one in found] == [WATER, ENERGY, prose.passage.text, WASTE]
    assert [one.score for one in found] == [0.86, 0.85, 0.84, 0.8]
    assert found[0].dense == 0.8


def test_similarity_decides_between_equal_words() -> None:
    """Without a word of the question in any, and with all in each, tables stay as they were."""
    found = [hit(ENERGY, 1, 0.8), hit(WASTE, 2, 0.7)]
    assert by_words(found, "¿temperatura?", "es") == found
    assert by_words(found, "instalación", "es") == found
    assert by_words([], "agua", "es") == []


def test_a_table_without_the_year_comes_after() -> None:
    """However like the question it is; a year that stands in the document's name is there."""
    old = hit(ENERGY.replace("2024", "2022"), 1, 0.9)
    found = [old, hit(ENERGY, 2, 0.8)]
    assert by_words(found, "¿Cuál fue el consumo eléctrico de la EDAR en 2024?", "es")[0].passage == found[1].passage
    assert by_words(found, "¿Cuál fue el consumo eléctrico de la EDAR en 2023?", "es")[0].passage == old.passage
    named = replace(old, passage=replace(old.passage, document=replace(old.passage.document, title="Consumos 2024")))
    assert by_words([named, found[1]], "¿Cuál fue el consumo eléctrico de la EDAR en 2024?", "es")[0].passage == named.passage


def test_tables_of_another_language_stay() -> None:
    """Words match across languages by accident only."""
    found = [hit(ENERGY, 1, 0.9, "en"), hit(WASTE, 2, 0.8, "es"), hit(WATER, 3, 0.7, "en")]
    assert by_words(found, "fugas de agua", "es") == found


@given(st.lists(st.tuples(st.sampled_from([ENERGY, WATER, WASTE, "Prosa sobre agua."]), st.floats(0, 1)), max_size=12))
def test_nothing_is_lost_and_prose_is_where_it_was(rows: list[tuple[str, float]]) -> None:
    """The same passages, scores as they fell, and prose in its place, whatever the mixture."""
    before = [hit(text, number, dense) for number, (text, dense) in enumerate(sorted(rows, key=lambda row: -row[1]))]
    after = by_words(before, "fugas de agua", "es")
    assert sorted(one.passage.id for one in after) == sorted(one.passage.id for one in before)
    assert [one.score for one in after] == [one.score for one in before]
    assert all(now == one for one, now in zip(before, after, strict=True) if not is_table(one.passage.text))


def test_the_search_orders_its_tables() -> None:
    """Every index orders what it found so."""
    rows = [(hit(text, number, 0.0).passage, dense, 0.0) for number, (text, dense) in enumerate([(ENERGY, 0.9), (WATER, 0.8)])]
    query = Query("fugas de agua", "es", np.zeros(2, dtype=np.float32), 10)
    assert [one.passage.text for one in fuse(rows, query, 1.0)] == [WATER, ENERGY]
