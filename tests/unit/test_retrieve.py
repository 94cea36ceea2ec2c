"""Search over the real index: what is found, by whom, and about which site."""

from __future__ import annotations

import pytest

from rag.ground import EMBEDDED, Read
from rag.models import Hit, Scope
from rag.retrieve import Retriever
from tests.answer_corpus import CANARY
from tests.answer_fixtures import EVERYONE, library, passage

BOARD = "¿Qué operación aprueba el consejo sobre la línea de fangos?"


async def test_hits_are_read_and_weighed() -> None:
    """The best hits' sentences each have a cosine to the question; strength is a probability."""
    found = await library().retriever().retrieve("¿Cuántas soplantes tiene la EDAR Norte?", "es", Scope(EVERYONE))
    assert found.hits[0].passage.document.uri.endswith("planta/manual.md")
    assert [read.hit for read in found.reads] == list(found.hits[: len(found.reads)])
    assert all(len(read.sentences) == len(read.cosines) > 0 for read in found.reads)
    assert found.strength.sufficient
    assert 0 <= found.strength.probability <= 1


@pytest.mark.parametrize("question", [BOARD, CANARY, "venta línea de fangos 4,2 millones", "acta reservada"])
async def test_what_an_audience_may_not_read_is_not_among_the_hits(question: str) -> None:
    """Asked for by its very words: no hit, no follow-up, no neighbour of another audience; its own audience has it."""
    hidden = await library().retriever().search(question, "es", Scope(EVERYONE))
    assert hidden
    assert all(hit.passage.document.audience <= EVERYONE and CANARY not in hit.passage.text for hit in hidden)
    shown = await library().retriever().search(question, "es", Scope(frozenset({"direccion"})))
    assert {hit.passage.document.source for hit in shown} == {"direccion"}
    secret = shown[0].passage
    assert await library().store().passage(secret.id, Scope(EVERYONE)) == []
    assert await library().store().passage(secret.id, Scope(frozenset({"direccion"}))) != []


async def test_a_site_admits_its_documents_and_those_of_none() -> None:
    """A search about the plant sees the plant's and the company's documents, never the office's."""
    hits = await library().retriever().search("¿Cuál es la consigna de refrigeración?", "es", Scope(EVERYONE, "edar-norte"))
    assert {hit.passage.document.site for hit in hits} == {"edar-norte", None}


async def test_hostile_words_are_only_words() -> None:
    """Quotes, operators and wildcards in question or site break no filter."""
    for hostile in ("' OR 1=1 --", "soplantes') OR ('1'='1", "a" * 5000, "AND OR NOT (", "%_*\x00"):
        hits = await library().retriever().search(hostile, "es", Scope(EVERYONE))
        assert all(hit.passage.document.audience <= EVERYONE for hit in hits)
        hits = await library().retriever().search("soplantes", "es", Scope(EVERYONE, hostile))
        assert {hit.passage.document.site for hit in hits} <= {None}
        assert await library().retriever().search("soplantes", "es", Scope(frozenset({hostile}))) == []


async def test_a_thing_that_no_document_means_counts_against() -> None:
    """What a document says in another word is meant, and what the company calls its facilities is known."""
    made = library()
    known = Retriever(made.embedder, made.store(), made.similarity, EMBEDDED, ["los faraones"])

    async def absent(question: str, language: str = "es", retriever: Retriever | None = None) -> float:
        return (await (retriever or made.retriever()).retrieve(question, language, Scope(EVERYONE))).strength.measures.absent

    assert await absent("¿Cuántos faraones tiene la EDAR Norte?") == 1.0
    assert await absent("¿Cuántos faraones tiene la EDAR Norte?", retriever=known) == 0.0
    assert await absent("¿Cuántas soplantes tiene la EDAR Norte?") == 0.0
    assert await absent("¿Cada cuánto es la limpia de los difusores?") == 0.0
    assert await absent("How many pharaohs does the EDAR Norte have?", "en") == 0.0


async def test_words_in_translation_and_what_is_forbidden() -> None:
    """Each word of the question must be there in the other language; what forbids comes with what was found."""
    made = library()
    retriever = made.retriever()
    english = Hit(passage("We have 312 employees in the company.", 1, language="en"), 0.5, 0.5, 0.0)
    read = Read(english, ("We have 312 employees in the company.",), (0.4,))
    found = await retriever._translated("¿Cuántos empleados tiene la empresa?", "es", [english], [read])
    assert found == {"employees", "company"}
    assert await retriever._translated("¿Cuántos canarios tiene la empresa?", "es", [english], [read]) == frozenset()
    assert await retriever._translated("How many employees has the company?", "en", [english], [read]) == frozenset()
    rule = Hit(passage("Los ventiladores no se deben parar a mano.", 2), 0.5, 0.5, 0.0)
    told = await retriever._rules("May I stop the fans by hand?", "en", [english, rule])
    assert [one.text for one in told] == ["Los ventiladores no se deben parar a mano."]
    assert await retriever._rules("May I stop the kettle?", "en", [english, rule]) == []
    assert await retriever._rules("Where are the fans?", "en", [english, rule]) == []
