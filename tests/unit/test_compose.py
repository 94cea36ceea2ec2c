"""Statements into answers: marks, languages, dates, nearest documents, follow-ups."""

from __future__ import annotations

from datetime import date

from config.texts import text
from rag.compose import answered, from_spans, needs_input, not_found
from rag.evidence import Quoted, Statement
from rag.extract import Span
from rag.models import Answer, Hit
from tests.answer_fixtures import passage, well_cited

OLD = passage("En 2018 fueron 355.000 kWh.", 1, title="Auditoría 2019", when=date(2019, 2, 4))
NEW = passage("En 2024 fueron 310.000 kWh [12].", 2, title="Auditoría 2024", when=date(2024, 11, 20))
ENGLISH = passage("The setpoint is 25 °C.", 3, "en", title="Energy guide " + "of the head office " * 8, headings=("Cooling",))
TEXTS = {one.id: one.text for one in (OLD, NEW, ENGLISH)}


def hit(one: object, score: float = 0.8) -> Hit:
    """A passage as a hit."""
    return Hit(one, score, score, 0.0)  # type: ignore[arg-type]


def test_spans_are_said_verbatim_or_quoted() -> None:
    """In the asker's language as they stand; in another one in quotes, with the title, cut at a word, and the language."""
    statements = from_spans([Span(NEW.text, hit(NEW), 1.0), Span(ENGLISH.text, hit(ENGLISH), 0.9)], "es")
    answer = answered(statements, [], "es")
    well_cited(answer, TEXTS)
    assert answer.text.startswith("En 2024 fueron 310.000 kWh (12). [1]")
    assert "(en inglés): «The setpoint is 25 °C.» [2]" in answer.text
    assert "head office…»" in answer.text
    assert answer.citations[0].quote == NEW.text


def test_the_newest_source_is_told_where_dates_differ() -> None:
    """With two dates the notice names the newest's number; with one date, or none, there is nothing to tell."""
    both = answered(from_spans([Span(OLD.text, hit(OLD), 1.0), Span(NEW.text, hit(NEW), 0.9)], "en"), [], "en")
    assert both.notices == ("The sources have different dates; the newest is [2], of 20 Nov 2024.",)
    assert answered(from_spans([Span(NEW.text, hit(NEW), 1.0)], "es"), [], "es").notices == ()
    with_undated = from_spans([Span(NEW.text, hit(NEW), 1.0), Span(ENGLISH.text, hit(ENGLISH), 1.0)], "es")
    assert answered(with_undated, [], "es").notices == ()


def test_notices_come_before_the_dates() -> None:
    """What happened to the answer is told first."""
    statements = from_spans([Span(OLD.text, hit(OLD), 1.0), Span(NEW.text, hit(NEW), 0.9)], "es")
    assert answered(statements, [], "es", ["Primero."]).notices[0] == "Primero."


def test_nothing_found_names_the_nearest_documents_once_each() -> None:
    """Three at most, each cited by words that stand in it; the site is named if there was one."""
    again = passage("Otra frase.", 1, title="Auditoría 2019")
    answer = not_found([hit(OLD), hit(again), hit(ENGLISH), hit(NEW), hit(passage("x", 9))], "es", "EDAR Norte")
    well_cited(answer, TEXTS)
    assert answer.status == "not_found"
    assert "EDAR Norte" in answer.text.splitlines()[0]
    assert [citation.passage_id for citation in answer.citations] == ["p1", "p3", "p2"]
    assert not_found([], "en") == Answer("not_found", "en", text("en", "answer.empty"))


def test_the_nearest_are_shown_by_a_sentence_that_says_something() -> None:
    """No date, code, question or table's headings; a passage that has nothing else comes behind one that says something."""
    told = "Date: 2025-04-10\nMAN-001 rev. 4\n14 de enero de 2026.\n¿Qué hay aquí?\nLa prensa consume 30 kW en vacío."
    table = passage("Mes | Consumo (kWh)\nenero | 400\nfebrero | 500", 2, title="Tabla")
    code, said = passage("MAN-002 rev. 1", 3, title="Manual"), passage(told, 4, title="Informe")
    later = passage("El manual explica cada maniobra.", 5, title="Manual")
    answer = not_found([hit(table), hit(code), hit(said), hit(later)], "es")
    quotes = ["enero | 400", "La prensa consume 30 kW en vacío.", "El manual explica cada maniobra."]
    assert [one.quote for one in answer.citations] == quotes
    assert not_found([hit(code)], "es").citations[0].quote == "MAN-002 rev. 1"


def test_a_question_over_a_passage_is_offered_as_it_stands() -> None:
    """No «… sobre ¿…??»; a heading's number is left out."""
    cited, asked = passage("a", 1), passage("b", 2, headings=("¿Qué pasa los fines de semana?",))
    numbered = passage("c", 3, headings=("1. Resumen",))
    offered = answered([Statement("Algo [1]", (Quoted(cited, "a"),))], [hit(cited), hit(asked), hit(numbered)], "es").follow_ups
    assert offered[0] == "¿Qué pasa los fines de semana?"
    assert offered[1].endswith("sobre Resumen?")


def test_a_forged_mark_in_a_title_is_defused() -> None:
    """«Informe [7]» in the list of nearest documents is no citation."""
    forged = passage("Algo.", 4, title="Informe [7]")
    answer = not_found([hit(forged)], "es")
    well_cited(answer, {"p4": "Algo."})
    foreign = answered(from_spans([Span(forged.text, hit(forged), 1.0)], "en"), [], "en")
    well_cited(foreign, {"p4": "Algo."})


def test_follow_ups_lead_to_passages_that_exist() -> None:
    """Offered: headings of passages found but not cited, in the asker's language, two at most, the site's first."""
    cited = passage("a", 1, headings=("Soplantes",))
    others = [passage("b", n, headings=(f"Apartado {n}",)) for n in range(2, 6)]
    foreign = passage("c", 8, "en", headings=("Cooling",))
    statement = Statement("Algo [1]", (Quoted(cited, "a"),))
    offered = answered([statement], [hit(cited), hit(foreign), *map(hit, others)], "es", site="EDAR Norte").follow_ups
    assert len(offered) == 2
    assert offered[0] == text("es", "answer.follow_recommend", site="EDAR Norte")
    assert offered[1] == text("es", "answer.follow_passage", title="Documento B", heading="Apartado 2")


def test_one_question_back() -> None:
    """A message that asks nothing is answered with a question, in either language."""
    assert needs_input("es").text != needs_input("en").text
    assert {needs_input("es").status, needs_input("en").status} == {"needs_input"}
    assert needs_input("en").text.strip().endswith((".", "?"))
