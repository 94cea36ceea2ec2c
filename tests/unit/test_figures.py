"""What meters say in an answer: to the question that was asked, and with no more of the documents beside it than answers."""

from __future__ import annotations

from collections.abc import Mapping

from config.company import CompanyConfig, SiteConfig
from rag.figures import Figures
from rag.models import Scope, Turn
from rag.pipeline import Pipeline, Question
from rag.readings.indicators import of_site
from rag.readings.series import Series
from tests.answer_corpus import COMPANY
from tests.answer_fixtures import EVERYONE, library
from tests.figure_world import hourly

SITE = Scope(EVERYONE, "edar-norte")


def pipeline() -> Pipeline:
    """The small company's documents, with a year of its plant's readings."""
    meters = [{"id": "electricity", "name": "Contador general", "carrier": "electricity", "unit": "kWh"}]
    told = {"id": "edar-norte", "name": "EDAR Norte", "kind": "wastewater_treatment", "meters": meters}
    company = CompanyConfig.model_validate({**COMPANY, "sites": [told]})

    async def readings(_: SiteConfig) -> Mapping[str, Series]:
        return {"electricity": hourly()}

    said = Figures(readings, of_site, lambda: company, library().similarity)
    return Pipeline(library().retriever(), library().similarity, figures=said)


async def test_a_meter_answers_without_what_only_names_the_place() -> None:
    """Which days were odd is reckoned; sentences that merely speak of the plant are not set beside it."""
    answer = await pipeline().ask(Question("¿Qué días fueron raros en la EDAR Norte?", "es", SITE, site_name="EDAR Norte"))
    assert answer.status == "answered"
    assert {one.kind for one in answer.citations} == {"calculation"}


async def test_a_figure_that_was_not_asked_for_comes_after_what_answers() -> None:
    """What runs at night is asked of the documents: what the meter says of nights only bears on it."""
    asked = Question("¿Cuántas soplantes quedan en marcha por la noche en la EDAR Norte?", "es", SITE, site_name="EDAR Norte")
    kinds = [one.kind for one in (await pipeline().ask(asked)).citations]
    assert kinds[0] == "passage"
    assert kinds[-1] == "calculation"


async def test_a_question_of_its_own_is_not_answered_with_the_last_ones_figures() -> None:
    """The consumption by night was asked for; then something that no meter of the plant says."""
    history = (Turn("user", "¿Cuánto consume de noche la EDAR Norte?"), Turn("assistant", "100 kW [1]."))
    asked = Question("What is the colour of Red Este?", "en", SITE, history, "EDAR Norte")
    assert "calculation" not in {one.kind for one in (await pipeline().ask(asked)).citations}
    follow_up = Question("¿y los fines de semana?", "es", SITE, history, "EDAR Norte")
    assert "calculation" in {one.kind for one in (await pipeline().ask(follow_up)).citations}
