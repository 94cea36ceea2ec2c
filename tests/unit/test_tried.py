"""What came of a trial, the highest quarter of an hour that a document states, default prices: told with a measure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from config.company import SiteConfig
from config.texts import text
from rag.advice import statement
from rag.advised import held, step
from rag.for_and_against import ForAndAgainst, Said, Topic
from rag.measures.model import Calculation, Case, Estimate, Quantity
from rag.measures.proposed import proposed
from rag.models import Language, Passage, Range, Scope
from rag.peaks import quarter_hour_peak
from rag.states import approved, rows, stopped, tried
from rag.told_peaks import FACT, ToldPeaks
from tests.answer_fixtures import EVERYONE, encoder, passage
from tests.register_world import BLOWERS
from tests.unit.test_for_and_against import Given, of_site
from tests.unit.test_states import PLAN, SITES, of

DONE = (
    "La prueba de octubre en la EDAR Norte redujo el consumo de la parada nocturna de 90 a 40 kWh por hora. "
    "El ahorro es de 9.000 kWh. Se aprueba su implantación definitiva. La próxima revisión será en enero."
)
SITE = SiteConfig.model_validate({"id": "norte", "name": "EDAR Norte", "kind": "x", "proposals": [BLOWERS]})


def made() -> Estimate:
    """What the site's first proposal would do."""
    found = proposed(Case(SITE, {}, date(2026, 1, 15), {}), SITE.proposals[0])
    assert isinstance(found, Estimate)
    return found


async def told(*passages: Passage, about: str = "parada nocturna", most_kw: float | None = None) -> list[Said]:
    """What is shown beneath a measure of these words at the site."""
    documents = ForAndAgainst(Given(*passages), encoder(), SITES)
    topic = Topic({"es": "Medida", "en": "Measure"}, (about,), "norte", most_kw=most_kw)
    (found,) = await documents.of([topic], Scope(EVERYONE, "norte"))
    assert all(one.sentence in one.passage.text for one in found)
    return list(found)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("La prueba de noviembre redujo el consumo nocturno.", True),
        ("El ensayo terminó sin incumplimientos.", True),
        ("The four-week trial ran from 3 to 30 November.", True),
        ("The pilot on line 2 reduced the pressure loss.", True),
        ("Se recomienda empezar con una prueba de cuatro semanas.", False),
        ("Acuerdo 1. Hacer una prueba de cuatro semanas en noviembre.", False),
        ("I recommend a four-week trial in autumn.", False),
    ],
)
def test_a_trial_that_is_over(said: str, *, expected: bool) -> None:
    """It is told with what came of it; one that is proposed or agreed is none."""
    assert tried(said) is expected


def test_what_is_approved_and_what_is_stopped() -> None:
    """By words, in both languages, and not where they are denied; of a row by its state alone."""
    assert approved("Se aprueba su implantación.")
    assert approved("It was approved.")
    assert not approved("No se aprueba su implantación.")
    assert stopped("Actuación: Parada; Estado: Aplazada")
    assert not stopped("Actuación: Obra aplazada; Estado: Aprobada")


async def test_the_trial_is_quoted_with_its_decision() -> None:
    """As far as it is approved, and no further; a plan of before says no more how the measure stands, one of after does."""
    review = of(passage(DONE), "2026-01-20", "Revisión")
    (alone,) = await told(review)
    assert (alone.side, alone.sentence) == ("tried", DONE.removesuffix(" La próxima revisión será en enero."))
    older, newer = (of(passage(PLAN, n), day) for n, day in ((2, "2025-02-05"), (3, "2026-02-05")))
    assert [one.side for one in await told(review, older)] == ["tried"]
    assert [one.side for one in await told(review, newer)] == ["standing", "tried"]


def test_what_was_tried_is_not_tried_again() -> None:
    """Approved, it is put in for good; without a decision one is due. It settles what was said against it before."""
    review = of(passage(DONE), "2026-01-20", "Revisión")
    done, open_yet = Said("tried", DONE, review), Said("tried", DONE.split(". ")[0], review)
    assert step(made(), "es", [done]) == text("es", "advice.adopt", title="Revisión")
    assert step(made(), "en", [open_yet]) == text("en", "advice.decide", title="Revisión")
    before, after = (Said("con", "No se debe", of(passage("No se debe"), day, "Nota")) for day in ("2025-01-01", "2026-06-01"))
    adopt = step(made(), "es", [done])
    assert step(made(), "es", [done, before]) == adopt
    assert step(made(), "es", [done, after]) == text("es", "advice.agree_first", title="Nota", step=adopt)
    row = rows("Actuación | Estado\nParada nocturna | Aplazada")[0]
    late = Said("standing", row.line, of(passage(row.line), "2026-06-01"), row.shown)
    assert step(made(), "es", [done, late]) == step(made(), "es", ())


@pytest.mark.parametrize(
    ("said", "language", "expected"),
    [
        ("La potencia máxima cuarto-horaria del año fue de 386 kW en enero.", "es", 386),
        ("The highest quarter-hour was 1,250.5 kW in July.", "en", 1250.5),
        ("El maxímetro marcó un máximo de 1.386 kW.", "es", 1386),
        ("La potencia máxima horaria fue de 386 kW.", "es", None),
        ("Con 400 kW contratados, el máximo cuartohorario no se conoce.", "es", None),
        ("La punta cuarto-horaria costó 386 kWh.", "es", None),
    ],
)
def test_a_maximum_of_quarter_hours(said: str, language: str, expected: float | None) -> None:
    """The power behind the word; neither one of hours, nor energy, nor what is contracted."""
    assert quarter_hour_peak(said, language) == expected


async def test_a_higher_quarter_hour_limits_the_power_that_is_proposed() -> None:
    """Of that site, and only if it is higher than all that is proposed; it makes the measure less sure."""
    said = passage("La potencia máxima cuarto-horaria del año fue de 386 kW en enero, con lluvia.")
    audit = of_site(said, "norte")
    found = await told(audit, about="potencia contratada", most_kw=379.4)
    assert [(one.side, one.sentence) for one in found] == [("peak", said.text)]
    assert await told(audit, about="potencia contratada", most_kw=390) == []
    assert await told(audit, about="potencia contratada") == []
    assert await told(of_site(said, "red"), about="potencia contratada", most_kw=379.4) == []
    sure = replace(made(), confidence="high")
    assert held(SITE, sure, "es", tuple(found)).recommendation("es", (1,)).confidence == "medium"
    assert "más alto que la potencia propuesta" in held(SITE, made(), "es", tuple(found)).statement.text


async def test_a_quarter_hour_that_is_allowed_for_is_quoted_and_casts_no_doubt() -> None:
    """The power proposed is the one that the document tells: it stands beneath the measure, which is as sure as before."""
    audit = of_site(passage("La potencia máxima cuarto-horaria del año fue de 386 kW en enero."), "norte")
    found = await told(audit, about="potencia contratada", most_kw=386)
    assert [one.side for one in found] == ["allowed"]
    told_of = held(SITE, replace(made(), confidence="high"), "es", tuple(found))
    assert "Se tiene en cuenta el máximo de cuarto de hora" in told_of.statement.text
    assert told_of.recommendation("es", (1,)).confidence == "high"


async def test_the_newest_quarter_hour_of_a_site_is_a_figure_of_it() -> None:
    """With the document that tells it; not that of another site, and not where no powers are contracted."""
    old, new, others = (
        of_site(of(passage(f"El máximo cuarto-horario fue de {kilowatts} kW."), when), site)
        for kilowatts, site, when in ((400, "norte", "2020-05-01"), (386, "norte", "2024-05-01"), (900, "red", "2025-05-01"))
    )
    peaks = ToldPeaks(Given(old, new, others), SITES)
    powers = SITE.model_copy(update={"tariff": {"contracted_kw": {"P1": 420}}})
    found = (await peaks.of(powers, Scope(EVERYONE))).facts[FACT]
    assert (found.value, found.unit, found.source) == (386, "kW", new.document.title)
    assert await peaks.of(SITE, Scope(EVERYONE)) == SITE
    assert await ToldPeaks(Given(others), SITES).of(powers, Scope(EVERYONE)) == powers


@pytest.mark.parametrize("language", ["es", "en"])
def test_an_investment_of_default_prices_says_so(language: Language) -> None:
    """With what the price is of; nothing is said of one that the site or the asker gave."""
    price = Quantity("leak_repair_cost", 6_000, "EUR", "assumed", "default")
    spent = Quantity("investment", 6_000, "EUR", "", "computed")
    repair = Calculation("x.repair", "repair", "investment = leak_repair_cost", "", (price,), (spent,))
    base = made()
    one = replace(base, calculations=(*base.calculations, repair), investment_eur=Range(3_000, 6_000, 12_000))
    name = {"es": "coste de una reparación", "en": "cost of a repair"}[language]
    assert text(language, "advice.default_price", name=name) in statement(one, SITE, language).text
    given = replace(one, investment_eur=Range(42_000, 42_000, 42_000))
    asked = replace(one, calculations=(replace(repair, inputs=(replace(price, origin="asked"),)),))
    assert all(name not in statement(each, SITE, language).text for each in (given, asked))
