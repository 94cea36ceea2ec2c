"""The chain by extraction and with a scripted model: statuses, timings, follow-ups, and what a model is asked."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from config.texts import text
from rag.errors import ModelError
from rag.evidence import Computed, Statement
from rag.extract import Span
from rag.facility import Facility
from rag.figures import NOTHING, Told
from rag.models import Hit, Scope, Turn
from rag.pipeline import EVIDENCE, Question, with_figures
from tests.answer_fixtures import EVERYONE, Scripted, library, passage, well_cited

SCOPE = Scope(EVERYONE)
BLOWERS = "¿Cuántas soplantes tiene la EDAR Norte?"


class Broken(Scripted):
    """A model that fails before it says anything."""

    async def stream(self, system: str, user: str) -> AsyncIterator[str]:
        """Nothing comes."""
        self.asked.append((system, user))
        raise ModelError("broken")
        yield ""


async def test_extraction_answers_with_citations_and_timings() -> None:
    """Without a model: the sentence that answers, its source, and how long each part took."""
    answer = await library().ask(BLOWERS)
    assert answer.status == "answered"
    assert "cuatro soplantes de 75 kW" in answer.text
    assert answer.citations[0].title == "Manual de explotación de la EDAR Norte"
    assert set(answer.timings_ms) == {"retrieve", "answer", "total"}
    assert answer.timings_ms["total"] >= answer.timings_ms["retrieve"]
    assert answer.notices == ()


async def test_a_table_is_answered_by_its_row() -> None:
    """A cell is found by its row and read with its heading."""
    answer = await library().ask("¿Cuál es la potencia de la bomba B-202?")
    assert "Bomba: B-202; Potencia (kW): 37" in answer.text
    assert answer.citations[0].quote == "B-202 | 37 | 520 | 2013"


async def test_document_brackets_are_no_marks() -> None:
    """«[12]» in a document is shown in round brackets and quoted as it stands."""
    answer = await library().ask("¿Qué presión de servicio tiene la red de abastecimiento?")
    assert "estudio (12)" in answer.text
    assert "[12]" in answer.citations[0].quote


async def test_the_newest_of_two_sources_is_told() -> None:
    """Two audits say different figures: both are cited and the newer one is named."""
    answer = await library().ask("¿Qué consumo anual tiene el bombeo de cabecera?")
    assert "310.000" in answer.text
    assert "355.000" in answer.text
    newest = next(citation for citation in answer.citations if "2024" in citation.title)
    assert answer.notices == (text("es", "answer.dates", n=newest.n, date="20 nov 2024"),)


async def test_another_language_is_quoted_in_the_askers() -> None:
    """A Spanish question over an English document: framed in Spanish, quoted in English, and the other way round."""
    spanish = await library().ask("¿Cuál es la consigna de refrigeración de la oficina central en verano?")
    assert spanish.text.startswith("Según «Head office energy guide» (en inglés): «The cooling setpoint")
    english = await library().ask("How many blowers does the EDAR Norte have?", "en")
    assert "(in Spanish): “La EDAR Norte dispone de cuatro soplantes" in english.text


async def test_nothing_to_ask_and_nothing_to_find() -> None:
    """Empty or courteous text is asked back, also in a conversation; what no document answers is said to be not found."""
    for words in ("", " ", "?", "hola", "gracias"):
        for history in ((), (Turn("user", BLOWERS), Turn("assistant", "Cuatro [1]."))):
            answer = await library().pipeline().ask(Question(words, "es", SCOPE, history))
            assert (answer.status, answer.citations) == ("needs_input", ())
    answer = await library().ask("Who won the football world cup in 1998?", "en")
    assert answer.status == "not_found"
    assert text("en", "answer.not_found") in answer.text


async def test_an_empty_index_finds_nothing() -> None:
    """An audience without documents: not found, and nothing to list."""
    answer = await library().ask(BLOWERS, audiences=frozenset({"nobody"}))
    assert (answer.status, answer.text, answer.citations) == ("not_found", text("es", "answer.empty"), ())


async def test_a_follow_up_is_understood_by_what_went_before() -> None:
    """«¿y de noche?» alone finds nothing; after the question about blowers it does."""
    history = (Turn("user", BLOWERS), Turn("assistant", "Cuatro [1]."))
    alone = await library().pipeline().ask(Question("¿y de noche?", "es", SCOPE))
    assert alone.status == "not_found"
    answer = await library().pipeline().ask(Question("¿y de noche?", "es", SCOPE, history))
    well_cited(answer, library().texts)
    assert "00:00 y las 06:00" in answer.text


async def test_a_model_that_declines_is_believed() -> None:
    """NOT FOUND gives not_found with the nearest documents, also after a sentence that held."""
    for reply in ("NOT FOUND", "La EDAR Norte dispone de cuatro soplantes de 75 kW [1].\nNOT FOUND"):
        answer = await library().pipeline(Scripted(reply)).ask(Question(BLOWERS, "es", SCOPE))
        well_cited(answer, library().texts)
        assert answer.status == "not_found"
        assert answer.citations


async def test_a_model_is_given_numbered_evidence_in_the_askers_language() -> None:
    """At most EVIDENCE passages, the question as asked, the language named, and no rewriting without a conversation."""
    model = Scripted("La EDAR Norte dispone de cuatro soplantes de 75 kW [1].")
    answer = await library().pipeline(model).ask(Question(BLOWERS, "es", SCOPE))
    well_cited(answer, library().texts)
    ((system, user),) = model.asked
    assert "in Spanish" in system
    assert user.endswith(f"<question>{BLOWERS}</question>")
    assert f"\n[{EVIDENCE}] (" in user
    assert f"\n[{EVIDENCE + 1}] (" not in user


async def test_a_model_rewrites_a_follow_up_and_may_fail_at_it() -> None:
    """With a conversation it is asked twice, and told what was said; if it fails the question is still answered."""
    history = (Turn("user", BLOWERS), Turn("assistant", "Cuatro [1]."))
    model = Scripted("¿Cuántas soplantes de la EDAR Norte quedan en marcha de noche?")
    answer = await library().pipeline(model).ask(Question("¿y de noche?", "es", SCOPE, history))
    assert len(model.asked) == 2
    assert f"user: {BLOWERS}" in model.asked[0][1]
    assert model.asked[1][1].endswith(f"<question>{model.reply}</question>")
    assert answer.notices[0] == text("es", "answer.model_unsupported")
    broken = await library().pipeline(Broken("")).ask(Question("¿y de noche?", "es", SCOPE, history))
    assert broken.notices[0] == text("es", "answer.model_failed")
    assert "00:00 y las 06:00" in broken.text


async def test_a_deadline_that_has_passed_still_brings_an_answer() -> None:
    """With no time left for a model the documents' sentences are there."""
    model = Scripted("x" * 10)
    late = Question(BLOWERS, "es", SCOPE, deadline=time.monotonic() - 5)
    assert (await library().pipeline(model).ask(late)).status == "answered"


async def test_only_what_is_said_of_another_facility_is_not_an_answer() -> None:
    """Asked about the office, the plant's documents do not answer: not found, with the nearest ones."""
    office = Facility("oficina", ("Head office", "la oficina"), ("EDAR Norte",))
    answer = await library().pipeline().ask(Question(BLOWERS, "es", SCOPE, facility=office))
    well_cited(answer, library().texts)
    assert answer.status == "not_found"
    assert answer.citations


async def test_a_cause_is_told_beside_figures() -> None:
    """Figures of the meters are no cause: the sentence that gives it comes too, however little it is like the question."""
    figure = Statement("38 kW [1]", (Computed("c", "carga base", "Nave", "carga base = 38 kW"),))
    hit = Hit(passage("La causa es el temporizador."), 0.8, 0.8, 0.0)
    spans = [
        Span(said, hit, score, tells_cause=score < 0.3) for said, score in (("Usada.", 0.3), ("Causa.", 0.2), ("Otra.", 0.1))
    ]
    assert with_figures(spans, Told((figure,), sure=True)) == spans[1:2]
    assert with_figures(spans, NOTHING) == spans
