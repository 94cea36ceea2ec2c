"""Whether evidence suffices: each measure moves the verdict the right way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.ground import EMBEDDED, OTHER, Gate, Measures, Read, names_together, rarity, strength, told, unheld
from rag.models import Hit
from tests.answer_fixtures import passage

TEXT = "La EDAR Norte dispone de cuatro soplantes de 75 kW."
HIT = Hit(passage(TEXT), 0.87, 0.87, 1.0)
READ = Read(HIT, (TEXT,), (0.5,))
QUESTION = "¿Cuántas soplantes tiene la EDAR Norte?"


def test_nothing_found_is_nothing() -> None:
    """Without hits, or with hits that hold no sentence, the evidence never suffices."""
    for hits, reads in (([], []), ([HIT], [Read(HIT, (), ())])):
        found = strength(QUESTION, "es", hits, reads, EMBEDDED)
        assert (found.probability, found.sufficient) == (0.0, False)


def test_a_passage_that_answers_suffices_and_one_on_something_else_does_not() -> None:
    """High similarity and the question's words against neither."""
    assert strength(QUESTION, "es", [HIT], [READ], EMBEDDED).sufficient
    other = Hit(passage("El tranvía circula por la avenida."), 0.7, 0.7, 0.0)
    weak = strength(QUESTION, "es", [other], [Read(other, (other.passage.text,), (0.1,))], EMBEDDED)
    assert not weak.sufficient
    assert weak.measures.covered == 0.0
    assert weak.measures.unknown == 1.0


def test_a_name_that_nothing_holds_counts_against() -> None:
    """The same evidence for a question that names something unheard of is weaker."""
    known = strength(QUESTION, "es", [HIT], [READ], EMBEDDED)
    unknown = strength("¿Cuántas soplantes tiene la EDAR Atlantis?", "es", [HIT], [READ], EMBEDDED)
    assert (known.measures.unknown, unknown.measures.unknown) == (0.0, 1.0)
    assert unknown.probability < known.probability


def test_headings_count_as_held() -> None:
    """A word of the title or a heading covers the question's."""
    titled = Hit(passage("Son cuatro.", title="Soplantes de la EDAR Norte"), 0.8, 0.8, 0.0)
    found = strength("¿soplantes?", "es", [titled], [Read(titled, ("Son cuatro.",), (0.2,))], EMBEDDED)
    assert found.measures.covered == 1.0


@pytest.mark.parametrize("calibration", [EMBEDDED, OTHER])
@pytest.mark.parametrize("name", ["passage", "sentence", "covered"])
def test_more_of_anything_good_never_weakens(calibration: object, name: str) -> None:
    """No gate falls when a measure that speaks for the evidence rises; each falls when a name is unknown."""
    base = Measures(0.7, 0.3, 0.5, 0.0, 0.0)
    for gate in (calibration.monolingual, calibration.crosslingual):  # type: ignore[attr-defined]
        assert isinstance(gate, Gate)
        more = replace(base, **{name: getattr(base, name) + 0.2})
        assert gate.probability(more) >= gate.probability(base)
        assert gate.probability(replace(base, unknown=1.0)) < gate.probability(base)


def test_a_rare_word_tells_more() -> None:
    """A word in every hit weighs least; one in none weighs most."""
    hits = [Hit(passage(text, n), 0.8, 0.8, 0.0) for n, text in enumerate(["soplante nueva", "soplante vieja", "soplante azul"])]
    weights = rarity(["soplantes", "azul", "ornitorrinco"], hits)
    assert weights["soplantes"] < weights["azul"] < weights["ornitorrinco"]


@pytest.mark.parametrize(
    ("question", "language", "missing"),
    [
        ("¿A qué hora abre el comedor?", "es", [("comedor",)]),
        ("¿Cuántas canoas tiene la EDAR Norte?", "es", [("canoas",)]),
        ("¿Cuántas soplantes tiene la EDAR Norte?", "es", []),
        ("¿Qué ocurre en la EDAR Norte?", "es", []),
        ("¿Qué pasó en la EDAR 1987?", "es", []),
        ("What are the canteen's opening hours?", "en", [("canteen",)]),
        ("Where are the purple soplantes?", "en", []),
        ("What do the purple canoes cost?", "en", [("purple", "canoes", "cost")]),
    ],
)
def test_things_that_a_question_names_and_nothing_holds(question: str, language: str, missing: list[tuple[str, ...]]) -> None:
    """Behind an article or «cuántas»; verbs, numbers and what some word of its name is held of are none."""
    assert unheld(question, language, [HIT]) == missing


def test_a_thing_that_is_not_there_counts_against() -> None:
    """In the question's own language; across languages a word says too little."""
    there, absent = (strength(QUESTION, "es", [HIT], [READ], EMBEDDED, absent=flag) for flag in (False, True))
    assert (there.measures.absent, absent.measures.absent) == (0.0, 1.0)
    assert absent.probability < there.probability
    for calibration in (EMBEDDED, OTHER):
        assert calibration.monolingual.absent < 0 == calibration.crosslingual.absent


def test_the_words_of_the_best_passages() -> None:
    """Each once, with title and headings, of the first three passages alone."""
    reads = [Read(Hit(passage(f"Bomba {n} y bomba", n, title="Taller"), 0.8, 0.8, 0.0), (), ()) for n in range(1, 5)]
    assert told(reads) == ["taller", "bomba", "1", "2", "3"]


def test_a_sentence_that_holds_all_names_tells_of_the_very_thing() -> None:
    """Two names at least, in one sentence or row, in a passage with nearly all the words; what all know is no name."""
    row = "lunes | Camino Hondo 2 | fuga reparada"
    read = Read(Hit(passage(row, 1), 0.5, 0.5, 0.0), (row,), (0.1,))
    assert names_together("¿Qué pasó con la fuga de Camino Hondo?", [read], ())
    assert not names_together("¿Qué pasó con la fuga de Camino Hondo?", [read], {"hondo"})
    assert not names_together("¿Qué pasó con la fuga de Camino Alto?", [read], ())
    assert not names_together("¿Cuánto cobra la notaría de Camino Hondo?", [read], ())
    apart = Read(read.hit, ("lunes | Camino", "Hondo 2 | fuga reparada"), (0.1, 0.1))
    assert not names_together("¿Qué pasó con la fuga de Camino Hondo?", [apart], ())
