"""Extracted answers to the point: warnings come along; rows, causes, times and places are those that are asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from rag.extract import extract
from rag.facility import Facility
from rag.models import Hit, Locator
from rag.retrieve import Retrieved
from tests.answer_fixtures import passage
from tests.unit.test_extract import retrieved

GATE = "La compuerta del canal se abre a mano con la llave gris del armario de la entrada."
NEVER = "No la abra con la bomba en marcha."


def first(question: str, found: Retrieved, facility: Facility | None = None, language: str = "es") -> str:
    """What is said first."""
    spans = extract(question, language, found, facility) if facility else extract(question, language, found)
    return spans[0].plain


def at(found: Retrieved, **changed: object) -> Retrieved:
    """The same with each document changed: its site, its date."""
    reads = []
    for read in found.reads:
        document = replace(read.hit.passage.document, **changed)  # type: ignore[arg-type]  # as the test gives them
        hit = replace(read.hit, passage=replace(read.hit.passage, document=document))
        reads.append(replace(read, hit=hit))
    return replace(found, hits=tuple(read.hit for read in reads), reads=tuple(reads))


def both(one: Retrieved, other: Retrieved) -> Retrieved:
    """What two searches would bring together."""
    return replace(one, hits=(*one.hits, *other.hits), reads=(*one.reads, *other.reads))


def test_a_warning_comes_with_what_stands_before_it() -> None:
    """However unlike the question it is, and beyond the length of other spans; what stands after it does not."""
    alike = {"La compuerta": 0.8, "No la": -0.2, "El": -0.2}
    found = retrieved(f"{GATE} {NEVER} El color de la llave se eligió hace muchos años en una reunión.", cosines=alike)
    assert first("¿Puedo abrir la compuerta a mano?", found) == f"{GATE} {NEVER}"
    long = GATE[:-1] + ", tras avisar a quien esté de turno en la sala" * 8 + "."
    assert first("¿Puedo abrir la compuerta a mano?", retrieved(f"{long} {NEVER}", cosines=alike)).endswith(NEVER)


@pytest.mark.parametrize("rejected", ["Se descarta.", "No se propone ahora.", "This option is discarded.", "It was ruled out."])
def test_what_was_rejected_is_shown_as_rejected(rejected: str) -> None:
    """A price of an option that the document does not take comes with that."""
    price = "Cambiar sólo las lámparas de las farolas cuesta 118.000 euros."
    found = retrieved(f"{price} {rejected} Las farolas son verdes.", cosines={"Cambiar": 0.8, "Las": -0.2, rejected[:5]: -0.3})
    assert first("¿Cuánto cuesta cambiar las lámparas de las farolas?", found) == f"{price} {rejected}"


def test_a_warning_within_reason() -> None:
    """A span does not grow for ever, and a table's row is no warning."""
    chain = " ".join(f"Pero la compuerta número {n} del canal viejo se abre de otra manera distinta." for n in range(40))
    assert len(first("¿Puedo abrir la compuerta a mano?", retrieved(f"{GATE} {chain}", cosines={"La": 0.9, "Pero": -1.0}))) < 1000
    row = retrieved(f"{GATE}\nNo abrir | nunca\nAbrir | siempre", cosines={"La": 0.9, "No": -1.0, "Abrir": -1.0})
    assert first("¿Puedo abrir la compuerta a mano?", row) == GATE


def test_an_answer_comes_with_its_question_and_no_other() -> None:
    """In a sheet of questions and answers neither the one before nor the one after is run into it."""
    sheet = (
        "P: ¿Quién riega el patio?\nR: El turno de mañana, con la manguera verde.\nP: ¿Cuándo llega el motor?\nR: Está pedido. "
        "Llega en otoño con el camión.\nP: ¿Cuándo se barre el patio?\nR: Cada lunes por la mañana temprano."
    )
    found = retrieved(sheet, cosines={"P: ¿Cuándo llega": 0.7, "R: El": 0.4, "P: ¿Cuándo se": 0.6})
    said = "P: ¿Cuándo llega el motor?\nR: Está pedido. Llega en otoño con el camión."
    assert first("¿Cuándo llega el motor?", found) == said
    assert first("¿Cuándo llega el motor?", retrieved(sheet, cosines={"Llega": 0.9, "R: Está": 0.6})) == said


def test_a_question_within_prose_is_rhetoric() -> None:
    """What stands before it in its line is not an answer to another question."""
    prose = "La nave gasta 38 kW de noche sin nadie dentro. ¿Cuánto sobra? La iluminación y el horno suman 30 kW de ellos."
    alike = {"La nave": 0.5, "¿Cuánto": 0.6, "La iluminación": 0.5}
    assert first("¿Cuánto sobra de noche en la nave?", retrieved(prose, cosines=alike)) == prose


def test_the_row_of_the_year_that_is_asked_for() -> None:
    """Though another row is more alike; and no row where the table has not that year."""
    table = "Año | Obra | Total\n2030 | 10 | 11\n2031 | 20 | 22"
    alike = {"2030": 0.9, "2031": 0.3}
    assert first("¿Qué total tiene el plan en 2031?", retrieved(table, cosines=alike)) == "Año: 2031; Obra: 20; Total: 22"
    assert extract("¿Qué total tiene el plan en 2035?", "es", retrieved(table, cosines=alike)) == []


def test_the_row_of_the_name_that_is_asked_for() -> None:
    """Period, line or site: the rows that lack it come behind, and a column's name counts for its rows."""
    table = "Periodo | Potencia contratada (kW)\nP1 | 160\nP6 | 180"
    found = retrieved(table, cosines={"P1": 0.5, "P6": 0.3})
    assert first("potencia contratada en P6", found) == "Periodo: P6; Potencia contratada (kW): 180"


def test_headings_of_columns_are_no_answer() -> None:
    """Where amounts stand below them."""
    table = "Sector | Fugas halladas | Fugas reparadas\nNorte | 5 | 4"
    found = retrieved(table, cosines={"Sector": 0.9, "Norte": 0.1})
    assert first("¿Qué fugas hay?", found) == "Sector: Norte; Fugas halladas: 5; Fugas reparadas: 4"


def test_lines_about_the_document_answer_only_who_asks_for_them() -> None:
    """Author and date are told to whoever asks for them; to others the text, and nothing if there is none."""
    head = "Autora: A. Nadie, Taller de Prensas\nCódigo PR-7 rev. 2"
    found = retrieved(f"{head}\nLa prensa se engrasa por la mañana con grasa de litio.", cosines={"Autora": 0.9, "Código": 0.9})
    assert "litio" in first("¿Cómo se engrasa la prensa?", found)
    assert "Nadie" not in first("¿Cómo se engrasa la prensa?", found)
    assert "A. Nadie" in first("¿Quién es la autora de la hoja de la prensa?", found)
    assert extract("¿Cómo se engrasa la prensa?", "es", retrieved(head)) == []


def test_a_cause_is_preferred_where_one_is_asked_for() -> None:
    """With what it is the cause of, and marked as told, as no figure tells it."""
    text = (
        "La prensa se compró de segunda mano hace ya bastantes años. La prensa gasta mucho de noche según el contador. La causa "
        "es un temporizador mal puesto.\n\nLa prensa gasta mucho y se nota en la factura de cada mes."
    )
    alike = {"La prensa gasta mucho de": 0.4, "La causa": 0.1, "La prensa gasta mucho y": 0.45, "La prensa se": -0.2}
    best = extract("¿Por qué gasta tanto la prensa?", "es", retrieved(text, cosines=alike))[0]
    assert "de noche según el contador. La causa es un temporizador mal puesto." in best.text
    assert best.tells_cause
    assert not extract("¿Cuánto gasta la prensa?", "es", retrieved(text, cosines=alike))[0].tells_cause


def test_a_time_is_preferred_where_one_is_asked_for() -> None:
    """Between two sentences that are as good, «¿cuándo…?» takes the one with a date."""
    text = "El motor nuevo del taller llega con todas sus piezas.\n\nEl motor nuevo del taller llega el 3 de mayo de 2031."
    assert "2031" in first("¿Cuándo llega el motor nuevo?", retrieved(text))


def test_of_two_times_the_newer_documents_comes_first() -> None:
    """By the document's date, or by one in the heading; what gives no time keeps its place."""
    older = at(retrieved("El motor nuevo llega en otoño según el proveedor.", scores=(0.83,)), date=date(2031, 3, 1))
    newer = at(retrieved("La entrega del motor se espera en enero de 2032.", scores=(0.82,)), date=date(2031, 9, 1))
    assert "enero" in first("¿Cuándo llega el motor nuevo?", both(older, newer))
    assert "otoño" in first("¿Cómo llega el motor nuevo?", both(older, newer))
    read = newer.reads[0]
    headed = passage(read.hit.passage.text, 7, headings=("Novedades, 22 de septiembre de 2031",), when=date(2030, 1, 1))
    update = Retrieved((), (replace(read, hit=Hit(headed, 0.82, 0.82, 0.0)),), newer.strength)
    assert "enero" in first("¿Cuándo llega el motor nuevo?", both(older, update))


def test_what_is_said_of_another_facility_is_no_answer() -> None:
    """By its document or by a name in the sentence or its heading; one that names the facility asked for is."""
    about = Facility("nave", ("Nave Azul", "la nave"), ("Patio Rojo", "el patio"))
    question = "¿Cuánto gasta el alumbrado de la nave?"
    of_patio = at(retrieved("El alumbrado gasta 300 kWh al año en total.", scores=(0.83,)), site="patio")
    general = retrieved("El alumbrado gasta 200 kWh al año según la factura.")
    assert "200" in first(question, both(of_patio, general), about)
    assert "300" in first(question, both(of_patio, general))
    assert extract(question, "es", of_patio, about) == []
    assert extract(question, "es", both(of_patio, retrieved("Nada de eso se sabe.", scores=(0.6,))), about) == []
    assert extract(question, "es", retrieved("El alumbrado del Patio Rojo gasta 300 kWh al año."), about) == []
    assert first(question, retrieved("El alumbrado del patio gasta 300 kWh al año."), about)  # a word like any other
    assert first(question, at(retrieved("El alumbrado de la Nave Azul gasta 300 kWh al año."), site="patio"), about)
    assert first(question, at(retrieved("El alumbrado gasta como el del Patio Rojo."), site="nave"), about)


def test_rows_of_the_same_name_come_together() -> None:
    """What happened at a place stands in several rows of a log: those next to each other are one answer, others are not."""
    table = (
        "Día | Lugar | Nota\nlunes | Camino Alto 2 | Ruido\nmartes | Camino Hondo 2 | Salto\njueves | Camino Hondo 2 | Reparada"
    )
    found = retrieved(table, cosines={"martes": 0.5, "jueves": 0.2, "lunes": 0.4})
    said = "Día: martes; Lugar: Camino Hondo 2; Nota: Salto\nDía: jueves; Lugar: Camino Hondo 2; Nota: Reparada"
    assert first("¿Qué pasó en Camino Hondo?", found) == said


def test_the_row_of_the_month_that_is_asked_for() -> None:
    """Of rows named by a period the one that lies within the month, not one that ends in it."""
    table = "Periodo | Amonio (mg/L)\n2031-10-06 a 2031-11-02 | 1.1\n2031-11-03 a 2031-11-30 | 1.7\n2031-12-01 a 2031-12-28 | 1.2"
    found = retrieved(table, cosines={"2031-10": 0.5, "2031-11": 0.4, "2031-12": 0.5})
    assert "1.7" in first("¿Cuánto amonio hubo en noviembre?", found)


def test_a_passage_of_another_year_comes_behind() -> None:
    """Where nothing in it, above it or of its date is of the year that is asked for."""
    old = at(retrieved("Se repararon 187 averías en toda la red de riego.", cosines={"Se": 0.5}), date=date(2032, 12, 1))
    new = at(retrieved("Se arreglaron 54 fugas en la campaña de otoño.", cosines={"Se": 0.45}), date=date(2034, 12, 1))
    assert "54" in first("¿Cuánto se encontró en 2034?", both(old, new))
    assert "187" in first("¿Cuánto se encontró?", both(old, new))


def test_a_sentence_of_other_years_comes_behind_one_that_tells_none() -> None:
    """Where a year is asked for; of that year it comes first."""
    said = "El riego del patio ha bajado bastante este año. El riego del patio bajará un poco más en 2033."
    found = retrieved(said, cosines={"El": 0.5})
    assert first("¿cuánto bajó el riego en 2031?", found).startswith("El riego del patio ha bajado")
    assert extract("¿cuánto bajará el riego en 2033?", "es", found)[0].core.endswith("2033.")


def test_the_row_that_bears_the_name_asked_for_comes_before_prose() -> None:
    """Though an older report's sentence is more alike; the title over the row says what its numbers are."""
    table = "Concepto | 2030 | 2031\nRiego medido | 9 | 8\nRiego no medido ni cobrado | 6 | 7"
    rows = retrieved(table, cosines={"Riego": 0.3}, scores=(0.82,))
    prose = retrieved("En 2029 el riego que no se midió fue de 915 m³, que es mucho.", cosines={"En 2029": 0.5}, scores=(0.83,))
    question = "¿cuánto riego no medido ni cobrado hubo?"
    assert first(question, both(prose, rows)) == "Concepto: Riego no medido ni cobrado; 2030: 6; 2031: 7"
    read = rows.reads[0]
    titled = replace(read.hit.passage, locator=Locator(headings=("2. Balance, en m³",)))
    found = replace(rows, reads=(replace(read, hit=replace(read.hit, passage=titled)),))
    assert first(question, found) == "Balance, en m³ — Concepto: Riego no medido ni cobrado; 2030: 6; 2031: 7"


def test_a_table_of_revisions_is_no_answer() -> None:
    """«Motivo: Puesta en marcha de la planta» says why the manual was written, unless that is asked for."""
    rows = (
        "Rev. | Fecha | Motivo | Redactado",
        "1 | 2029-05-01 | Puesta en marcha de la nave | Taller",
        "2 | 2031-05-01 | Otro | Taller",
    )
    table = "\n".join(rows)
    assert extract("¿Cómo se mejora la puesta en marcha de la nave?", "es", retrieved(table)) == []
    assert extract("¿Quién redactó la puesta en marcha de la nave?", "es", retrieved(table))
