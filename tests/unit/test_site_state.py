"""How a site stands: readings with their findings, measures that are reckoned, and why others are not."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot.site_state import site_states, state_json, why_not
from config.company import CompanyConfig
from config.texts import LANGUAGES, keys
from rag import explain
from rag.advice import Advice
from rag.measures.model import NotApplicable
from rag.measures.registry import assess
from rag.models import Language
from rag.readings.series import Finding, Series
from tests.answer_corpus import COMPANY
from tests.answer_fixtures import EVERYONE
from tests.figure_world import hourly

GAPS = Finding("gaps", "warning", {"count": 12, "share": 0.14, "first": "2025-04-22 03:00"})
ROOT = Path(__file__).resolve().parents[2]


def advice(series: Series) -> Advice:
    """A plant with a meter that was read and one that was not, and an office for the board alone."""
    meters = [{"id": one, "name": one, "carrier": "electricity", "unit": "kWh"} for one in ("electricity", "lost")]
    plant = {"id": "edar-norte", "name": "EDAR Norte", "kind": "wastewater_treatment", "location": "Valdemora", "meters": meters}
    office = {"id": "oficina", "name": "Head office", "kind": "office", "audience": ["direccion"]}
    company = CompanyConfig.model_validate({**COMPANY, "sites": [plant, office]})

    async def readings(site: object) -> dict[str, Series]:
        return {"electricity": series} if site == company.sites[0] else {}

    return Advice(readings, assess, lambda: company)


async def test_how_a_site_stands() -> None:
    """Its meter with what was wrong, the meter of which nothing was read, and each other measure with a reason in words."""
    (state,) = [state_json(one) for one in await site_states(advice(replace(hourly(), findings=(GAPS,))), EVERYONE, "es")]
    assert (state["id"], state["unread"], state["location"]) == ("edar-norte", ("lost",), "Valdemora")
    (meter,) = state["meters"]
    assert (meter["minutes"], meter["first"], meter["last"], meter["files"]) == (60, "2025-01-01", "2025-12-31", ("a.csv",))
    assert meter["findings"] == [{"severity": "warning", "text": "faltan 12 lecturas (0,14 %), la primera el 2025-04-22 03:00"}]
    lacking = {one["measure"]: one["why"] for one in state["lacking"]}
    assert lacking["Ajustar la potencia contratada"] == "Faltan las potencias contratadas o sus precios por periodo."


async def test_a_site_of_others_is_not_told() -> None:
    """What the board alone may see is for the board."""
    both = await site_states(advice(hourly()), frozenset({"everyone", "direccion"}), "en")
    assert [one.id for one in both] == ["edar-norte", "oficina"]
    assert "office" not in str(await site_states(advice(hourly()), EVERYONE, "en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_reason_of_the_measures_has_words(language: Language) -> None:
    """Whatever a measure gives for not applying can be said."""
    code = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "rag" / "measures").glob("*.py")))
    reasons = set(re.findall(r'NotApplicable\(\s*[\w.]+,\s*"(\w+)"', code))
    assert len(reasons) > 30
    assert {one for one in reasons if f"facility.why_not.{one}" not in keys(language)} == set()
    blocked = NotApplicable("idle_load", "unusable_readings", {"meter": "Contador", "rule": "gaps"})
    assert why_not(blocked, "es") == "Las lecturas de Contador no sirven para este método: demasiadas lecturas que faltan."


def test_what_was_wrong_is_told_with_numbers() -> None:
    """One sentence a meter, in the asker's language; what is only to be known is not told."""
    known = replace(hourly(), findings=(Finding("estimated", "info", {"count": 6}),))
    wrong = replace(hourly(), findings=(GAPS,))
    assert explain.wrong_with([known, wrong], "en") == [
        "Readings of Contador general (a.csv): 12 readings are missing (0.14 %), the first on 2025-04-22 03:00."
    ]
