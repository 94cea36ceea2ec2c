"""Which words of a question are asked for by filter, and what a passage lists to be found by them."""

from __future__ import annotations

import pytest

from rag.analyse import terms
from rag.stores.pinecone_words import codes, listed, missed


def test_a_passage_lists_each_term_and_code_once() -> None:
    """Terms are the index's own; a joined code is there whole and by its parts."""
    found = listed("La bomba BK-4471 y la bomba P-101/B; las tuberías.")
    assert {"bk4471", "4471", "p101b", "101", "bomb", "tuberi"} <= set(found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("¿Qué es BK-4471?", ["bk4471", "4471"]),
        ("bk4471", ["bk4471"]),
        ("¿Y el P-101/B?", ["p101b", "101"]),
        ("consumo de 2024", ["2024"]),
        ("aguas-arriba del bombeo", []),
        ("", []),
        ("1 2 3 4 5 6 7 8 9", ["1", "2", "3", "4"]),
    ],
)
def test_codes_are_words_with_a_digit(question: str, expected: list[str]) -> None:
    """Joined ones first, four at most; words without a digit are none, however they are joined."""
    assert codes(question) == [(code,) for code in expected]


def test_only_words_that_no_text_holds_are_asked_for() -> None:
    """In whatever form it is held; the longest word first."""
    texts = [terms("Las tuberías del bombeo"), terms("energy of the pumps")]
    assert missed("¿Y la tubería del compresor Kaeser con pumps?", texts) == [
        tuple(terms("compresor")),
        tuple(terms("kaeser")),
    ]
    assert missed("tuberia bombeos", texts) == []
    assert missed("¿qué?", []) == []


def test_what_is_asked_for_is_what_is_listed() -> None:
    """Every way to write a code in a question meets the passage that holds it."""
    passage = set(listed("Ficha del equipo BK-4471."))
    for question in ("BK-4471", "bk4471", "BK 4471", "BK/4471", "BK–4471", "«BK-4471»."):
        assert any(passage & set(word) for word in codes(question)), question
