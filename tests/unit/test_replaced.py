"""Of two documents of the same name the one in force comes first: what it says of the same, then what it replaces."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from rag.extract import extract
from rag.replaced import replaced, said_now
from rag.retrieve import Retrieved
from tests.unit.test_extract import retrieved
from tests.unit.test_extract_to_the_point import both

OLD = "Se aprueban inversiones en prensas cuando el plazo de retorno simple sea inferior a dos años."
NEW = "Se aprueban inversiones en prensas con un plazo de retorno simple de hasta nueve años."
CLAUSE = "Sustituye y deja sin efecto la política de prensas de 3 de mayo de 2029."


def dated(found: Retrieved, identity: str, day: date, title: str = "Política de prensas") -> Retrieved:
    """The same as passages of one document of this day."""
    reads = []
    for read in found.reads:
        document = replace(read.hit.passage.document, id=identity, title=title, date=day)
        passage = replace(read.hit.passage, id=f"{identity}-{read.hit.passage.id}", document=document)
        reads.append(replace(read, hit=replace(read.hit, passage=passage)))
    return replace(found, hits=tuple(read.hit for read in reads), reads=tuple(reads))


def versions(clause: str = CLAUSE, title: str = "Política de prensas y molinos") -> Retrieved:
    """The old one, found best, and the newer one."""
    old = dated(retrieved(OLD, cosines={"Se": 0.9}), "old", date(2029, 5, 3))
    return both(old, dated(retrieved(f"{NEW}\n{clause}", cosines={"Se": 0.1, "Sustituye": -0.5}), "new", date(2034, 2, 1), title))


def test_the_newer_document_says_which_it_replaces() -> None:
    """By its date or its year; not one of another name, nor an older one a newer."""
    assert replaced(versions().hits) == {"old": "new"}
    assert replaced(versions("Sustituye a la de 2029.").hits) == {"old": "new"}
    assert replaced(versions("Sustituye a la de 2030.").hits) == {}
    assert replaced(versions("Es la segunda desde 2029.").hits) == {}
    assert replaced(versions(title="Manual del horno").hits) == {}


def test_what_the_newer_document_says_of_the_same_comes_first() -> None:
    """Though the old one is more like the question."""
    said = [span.text for span in extract("¿Qué plazo exige la política?", "es", versions())]
    assert said[0] == NEW
    unlike = versions().hits
    assert said_now("El patio se barre cada lunes por la mañana.", "new", unlike) is None


def test_who_names_the_old_one_is_told_of_it() -> None:
    """Its year in the question is enough."""
    said = [span.text for span in extract("¿Qué plazo exigía la política de 2029?", "es", versions())]
    assert said[0].startswith(OLD)
