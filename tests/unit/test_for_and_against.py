"""What documents say for and against a measure: sides, what a sentence is about, whose it is, and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from config.company import SiteConfig
from config.texts import keys, text
from rag.advice import statement
from rag.advised import held
from rag.cite import cite
from rag.for_and_against import ForAndAgainst, Said, Topic, named, phrases, side_of, speaks_of
from rag.hold import held as borne_out
from rag.measures.model import Case, Estimate
from rag.measures.proposed import proposed
from rag.measures.registry import BUILT_IN
from rag.models import Hit, Language, Passage, Scope
from rag.retrieve import Retriever
from tests.answer_fixtures import EVERYONE, encoder, passage
from tests.register_world import BLOWERS
from tests.unit.test_demo import DOCUMENTS, text_of

SITES = {"norte": ("EDAR Norte",), "costa": ("Desaladora Costa",)}
PV: dict[Language, str] = {"es": "Instalar fotovoltaica para autoconsumo", "en": "Install photovoltaics for self-consumption"}

SIDES = [
    ("Se recomienda parar dos soplantes de noche.", "for"),
    ("We recommend variable-speed drives.", "for"),
    ("No se recomiendan baterías con los precios actuales.", "con"),
    ("Se recomienda no licitar la fotovoltaica hasta medir el consumo.", "con"),
    ("Queda prohibido parar las soplantes durante el turno de noche.", "con"),
    ("The blowers must not be switched off while the basin is being fed.", "con"),
    ("Apague sólo el refuerzo, nunca el permanente.", "limit"),
    ("La frecuencia mínima de las soplantes es de 30 Hz.", "limit"),
    ("Keep effluent ammonia below 4 mg/L.", "limit"),
    ("The ammonia-based set-point is worth less than the audit says.", "limit"),
    ("El control del oxígeno ahorrará menos de lo previsto en el proyecto.", "limit"),
    ("C. Vidaurre explica por qué no se propone bajar de 105 kW aunque el máximo sea 104.", "limit"),
    ("El Real Decreto 56/2016 obliga a una auditoría cada cuatro años.", "obliges"),
    ("Large companies shall be audited every four years, Royal Decree 56/2016.", "obliges"),
    ("We advise against throttling: it costs about 10 % of the energy.", "for"),
    ("La auditoría se realizó conforme al Real Decreto 56/2016.", None),
    ("Las soplantes descargan en un colector común de 500 mm.", None),
    ("El sistema no puede saber cuánto aire hace falta.", None),
]

GOLDEN = [
    ("oxygen_control", "limit", "edar-norte/aeration-control-memo.md", "The ammonia-based set-point is worth less"),
    ("idle_load", "limit", "edar-norte/aeration-control-memo.md", "Keep effluent ammonia below 4 mg/L"),
    ("idle_load", "for", "edar-norte/auditoria-energetica-edar-norte-2024.pdf", "Se recomienda parar dos de las tres soplantes"),
    (
        "photovoltaics",
        "con",
        "general/plan-inversiones-2026-2030.xlsx",
        "Se recomienda no licitar la fotovoltaica",
    ),
    (
        "photovoltaics",
        "con",
        "general/estudio-fotovoltaico-2025.docx",
        "Se recomienda el bombeo nocturno y descartar",
    ),
    ("contracted_power", "con", "edar-norte/auditoria-energetica-edar-norte-2024.pdf", "La potencia contratada, 420 kW"),
    ("night_pumping", "limit", "red-valdemora/manual-red-y-bombeo.docx", "Nivel mínimo de seguridad del depósito alto: 35 %"),
    ("throttled_pumps", "limit", "red-valdemora/especificacion-variadores-solana.docx", "Frecuencia mínima de 32 Hz"),
    ("membrane_cleaning", "for", "desaladora-costa/parte-turno-2025-11.txt", "Se recomienda fijar ya la fecha de la limpieza"),
    ("night_dimming", "con", "tunel-sierra/manual-ventilacion-alumbrado.docx", "El nivel nocturno reducido (50 % del interior"),
    (
        "night_dimming",
        "for",
        "tunel-sierra/tunnel-retrocommissioning-2023.pdf",
        "We recommend a night-time reduction",
    ),
    ("audit", "obliges", "general/registro-obligaciones-energia.md", "El Real Decreto 56/2016 obliga a las grandes empresas"),
    # What looks like it and is of something else, or tells how things are:
    ("idle_load", None, "edar-norte/manual-explotacion-edar-norte.pdf", "Entre las 00:00 y las 06:00 quedan tres"),
    ("led_lighting", None, "oficina-central/acta-comite-energia-2025-10.md", "Se recomienda dejar un margen del 5 %"),
    ("early_start", None, "oficina-central/acta-comite-energia-2025-10.md", "Se recomienda dejar un margen del 5 %"),
    ("photovoltaics", None, "oficina-central/acta-comite-energia-2025-10.md", "Se recomienda instalar un gestor de carga"),
    ("led_lighting", None, "tunel-sierra/tunnel-retrocommissioning-2023.pdf", "We recommend a night-time reduction"),
    ("led_lighting", None, "tunel-sierra/tunnel-retrocommissioning-2023.pdf", "We recommend a 60 m³ tank at the north portal"),
    ("audit", None, "edar-norte/auditoria-energetica-edar-norte-2024.pdf", "La auditoría se realizó entre febrero y mayo"),
]


def _estimate(site: SiteConfig) -> Estimate:
    """What the site's first proposal would do."""
    made = proposed(Case(site, {}, date(2026, 1, 15), {}), site.proposals[0])
    assert isinstance(made, Estimate)
    return made


class Given(Retriever):
    """Whatever is searched for, these are the hits; what was searched within is kept."""

    def __init__(self, *passages: Passage) -> None:
        self._hits = [Hit(one, 0.8, 0.8, 0.0) for one in passages]
        self.scopes: list[Scope] = []

    async def search(self, question: str, language: str, scope: Scope) -> list[Hit]:
        self.scopes.append(scope)
        return self._hits


def of_site(one: Passage, site: str) -> Passage:
    """The passage, of a document of this site."""
    return replace(one, document=replace(one.document, site=site))


async def spoken(*passages: Passage, site: str | None = "norte") -> list[tuple[str, str]]:
    """What these passages say of photovoltaics at the site: side and sentence."""
    documents = ForAndAgainst(Given(*passages), encoder(), SITES)
    (found,) = await documents.of([Topic(PV, phrases("photovoltaics"), site or "")], Scope(EVERYONE, site))
    return [(one.side, one.sentence) for one in found]


@pytest.mark.parametrize(("sentence", "side"), SIDES)
def test_sides(sentence: str, side: str | None) -> None:
    """Proposes, forbids, limits, obliges, in both languages; what only states speaks for nothing."""
    assert side_of(sentence, passage(sentence)) == side


def test_a_heading_speaks_for_what_stands_under_it() -> None:
    """A list of what not to do forbids, although its items only name it."""
    said = "Bajar la presión todo el día a 40 m dejaría sin agua la última planta."
    assert side_of(said, passage(said)) is None
    assert side_of(said, passage(said, headings=("4. Lo que no conviene hacer",))) == "con"


@pytest.mark.parametrize(("measure", "side", "document", "begins"), GOLDEN)
def test_the_demo_is_judged_as_by_hand(measure: str, side: str | None, document: str, begins: str) -> None:
    """Sentences of the demo's documents, each judged by a person: on which side, or about something else."""
    whole = text_of(DOCUMENTS / document)
    start = whole.index(begins)
    sentence = whole[start : whole.index(".", start + len(begins) + 15) + 1]
    held_by = passage(sentence, title=text_of(DOCUMENTS / document)[:40])
    assert (side_of(sentence, held_by) if speaks_of(phrases(measure), sentence, held_by) else None) == side


def test_every_measure_has_its_phrases() -> None:
    """In both languages, and no phrases are kept for a measure that is none."""
    known = {one.id for one in BUILT_IN} | {"audit"}
    for language in ("es", "en"):
        about = {key.removeprefix("advice.about.") for key in keys(language) if key.startswith("advice.about.")}
        assert about == known


async def test_one_of_each_side_and_nothing_of_another_site() -> None:
    """The likeliest of each; another site's rule is not said here, nor one under another site's heading, nor a table's row."""
    study = of_site(passage("Se recomienda instalar fotovoltaica para autoconsumo en la cubierta."), "norte")
    again = of_site(passage("Se recomienda estudiar la fotovoltaica algún año de estos con calma.", 2), "norte")
    rule = passage("No se debe instalar fotovoltaica sobre cubiertas de fibrocemento.", 3)
    other = of_site(passage("No se debe instalar fotovoltaica para autoconsumo.", 4), "costa")
    under = passage("No conviene instalar fotovoltaica para autoconsumo.", 5, headings=("6. Desaladora Costa",))
    row = of_site(passage("No se recomienda | instalar fotovoltaica | 2027", 6), "norte")
    assert await spoken(again, study, rule, other, under, row) == [
        ("for", "Se recomienda instalar fotovoltaica para autoconsumo en la cubierta."),
        ("con", "No se debe instalar fotovoltaica sobre cubiertas de fibrocemento."),
    ]
    assert named(SITES, under.text, under) == {"costa"}


async def test_rather_nothing_than_something_else() -> None:
    """No side, another subject, a question, a sentence that leans on the one before: silence."""
    assert (
        await spoken(
            passage("La fotovoltaica de la nave produce electricidad desde el año pasado."),
            passage("No se debe regar el jardín entre las diez y las ocho.", 2),
            passage("¿No se debe instalar fotovoltaica en esta cubierta?", 3),
            passage("Esa no conviene instalarla como fotovoltaica en la cubierta norte.", 4),
        )
        == []
    )
    assert phrases("measure_of_a_package") == ()


async def test_a_remark_in_a_log_tells_what_was_tried_in_vain() -> None:
    """Read with its row and the document's title, shown alone: how far it is, no objection; of another row nothing is said."""
    rows = passage(
        "fecha | sector | resultado | observaciones"
        "\n2025-07-22 | S2 | sin localizar | Segunda búsqueda sin éxito con el correlador"
        "\n2025-08-01 | S1 | reparada | Se sustituye la acometida de plomo por otra de polietileno"
    )
    log = replace(rows, document=replace(rows.document, title="bitacora-fugas-2025.csv", site="norte"))
    names = {"es": "Localizar y reparar las fugas abiertas", "en": "Find and repair the open leaks"}
    documents = ForAndAgainst(Given(log), encoder(), SITES)
    (found,) = await documents.of([Topic(names, ("localizar fuga",), "norte")], Scope(EVERYONE, "norte"))  # type: ignore[arg-type]  # literals
    assert [(one.side, one.shown) for one in found] == [("standing", "Segunda búsqueda sin éxito con el correlador")]


async def test_what_came_to_nothing_may_lead_to_a_measure() -> None:
    """The same remark tells how far it is with what was tried, and stands for what it proposes instead."""
    rows = passage(
        "fecha | sector | resultado | observaciones\n"
        "2025-08-20 | S2 | abierta | Sigue sin localizar. Se propone subdividir el sector"
    )
    log = replace(rows, document=replace(rows.document, title="Fugas", site="norte"))
    documents = ForAndAgainst(Given(log), encoder(), SITES)
    find = Topic({"es": "Localizar las fugas abiertas", "en": "Find the open leaks"}, ("localizar fuga",), "norte")
    divide = Topic({"es": "Subdividir el sector", "en": "Subdivide the sector"}, ("subdividir sector",), "norte")
    found = await documents.of([find, divide], Scope(EVERYONE, "norte"))
    assert [[one.side for one in each] for each in found] == [["standing"], ["for"]]


async def test_a_doubt_of_what_a_measure_is_worth_brings_its_figures() -> None:
    """The rest of its paragraph, where that can be shown whole; else the sentence alone."""
    doubt = "La fotovoltaica ahorrará menos de lo previsto."
    for rest, shown in ((" Ahora contaría con 85 MWh al año, no con 118.", True), (" " + "Y así sucesivamente. " * 30, False)):
        (found,) = await spoken(passage(f"# Nota\n\n{doubt}{rest}\n\nOtra cosa."))
        assert found == ("limit", f"{doubt}{rest}".strip() if shown else doubt)


async def test_a_sentence_that_names_the_site_comes_before_a_general_one() -> None:
    """Of a document for all sites, what it says of this one; a margin that is kept is a limit."""
    general = passage("En los peajes de seis periodos la potencia contratada nunca puede ser menor que la del anterior.")
    own = passage(
        "En la EDAR Norte se mantiene el margen para las pruebas de los equipos por encima de la potencia contratada.", 2
    )
    names = {"es": "Ajustar la potencia contratada", "en": "Adjust the contracted power"}
    documents = ForAndAgainst(Given(general, own), encoder(), SITES)
    (found,) = await documents.of([Topic(names, phrases("contracted_power"), "norte")], Scope(EVERYONE, "norte"))  # type: ignore[arg-type]  # literals
    assert [(one.side, one.sentence) for one in found] == [("limit", own.text)]


async def test_nothing_is_searched_beyond_the_scope() -> None:
    """Each search keeps the audiences, and narrows to the measure's site even where all sites are asked about."""
    retriever = Given(passage("El Real Decreto 56/2016 obliga a una auditoría energética cada cuatro años."))
    documents = ForAndAgainst(retriever, encoder(), SITES)
    await documents.of([Topic(PV, ("fotovoltaica",), "norte"), Topic(PV, ("batería",), "costa")], Scope(EVERYONE))
    duty = await documents.duty(Scope(EVERYONE), "en")
    norte, costa = Scope(EVERYONE, "norte"), Scope(EVERYONE, "costa")
    for_each = [norte, costa]
    assert retriever.scopes == [norte, norte, costa, costa, *for_each, Scope(EVERYONE)]  # plans and trials, then each measure
    assert duty is not None
    body, (citation,) = cite([duty], "en")
    assert "(in Spanish)" in body
    assert citation.quote in body
    assert await ForAndAgainst(Given(passage("Nada de la ley.")), encoder(), SITES).duty(Scope(EVERYONE), "es") is None


@pytest.mark.parametrize("language", ["es", "en"])
def test_what_speaks_against_is_settled_first(language: Language) -> None:
    """Each is said verbatim and cited beneath the measure; a limit lowers the confidence and comes before the next step."""
    plant = {
        "id": "norte",
        "name": "EDAR Norte",
        "kind": "wastewater_treatment",
        "proposals": [BLOWERS],
        "grid_factor": {"kg_co2_per_kwh": 0.1},
    }
    site = SiteConfig.model_validate(plant)
    estimate = replace(_estimate(site), confidence="medium")
    manual = passage("Nunca se paran [9] las tres soplantes.", title="Manual de explotación")
    limit, law = Said("limit", manual.text, manual), Said("obliges", "Real Decreto: se debe medir.", passage("x", 2))
    plain = held(site, estimate, language, ()).recommendation(language, (1,))
    told = held(site, estimate, language, (limit, law))
    made = told.recommendation(language, (1,))
    body, citations = cite([told.statement], language)
    assert [one.quote for one in citations[-2:]] == [manual.text, law.sentence]
    assert "(9)" in body
    assert body.splitlines()[-1].strip() == text(language, "advice.next", step=made.next_step)
    assert made.next_step == text(language, "advice.agree_first", title="Manual de explotación", step=plain.next_step)
    assert (plain.confidence, made.confidence) == ("medium", "low")


def test_what_a_document_proposes_keeps_its_name_and_figures() -> None:
    """Water alone, at a site without any price or factor: what is said rests on the document's own figures."""
    told = {"id": "taps", "title": {"es": "Cambiar los grifos", "en": "Change the taps"}, "kind": "water", "water_m3": 650,
            "source": "informe.pdf"}  # fmt: skip
    site = SiteConfig.model_validate({"id": "s", "name": "S", "kind": "office", "proposals": [told]})
    made = borne_out(statement(_estimate(site), site, "es"), "es")
    assert made is not None
    assert "**Cambiar los grifos**" in made.text
    assert "650 m³/año [1]" in made.text
