"""Which pictures belong to an answer, and who gets them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from config.company import CompanyConfig, SiteConfig
from rag.advice import Advice
from rag.measures.interactions import together
from rag.measures.registry import assess
from rag.models import Answer, Citation, Range, Recommendation, Scope
from rag.pictured import Pictures, Wanted, _paid, of_site, wanted
from rag.readings.series import Series
from tests.answer_corpus import COMPANY
from tests.answer_fixtures import EVERYONE
from tests.figure_world import hourly
from tests.register_world import BLOWERS, TAPS

PNG = b"\x89PNG\r\n\x1a\n"


def answer(*names: str, recommended: tuple[Recommendation, ...] = ()) -> Answer:
    """One that cites these calculations of the plant."""
    cited = [
        Citation(n, "calculation", name, "", "", "q", "es", passage_id=f"calculation:edar-norte/{name}")
        for n, name in enumerate(names, start=1)
    ]
    return Answer("answered", "es", "x", tuple(cited), recommendations=recommended)


def paid(measure: str, site: str = "edar-norte") -> Recommendation:
    """A measure with money on both sides."""
    money = Range(1, 2, 3)
    return Recommendation(measure, measure, "energy", "", (1,), "metered", "high", site, cost_eur=money, investment_eur=money)


def pictures(done: date | None = None, series: Series | None = None) -> Pictures:
    """Of a plant with a meter and two proposals."""
    plant = {"id": "edar-norte", "name": "EDAR Norte", "kind": "wastewater_treatment", "proposals": [BLOWERS, TAPS]}
    company = CompanyConfig.model_validate({**COMPANY, "sites": [{**plant, "audience": ["direccion"]}]})

    async def readings(site: SiteConfig) -> dict[str, object]:
        return {"electricity": series or hourly()}

    async def done_on(site: str, measure: str) -> date | None:
        return done

    return Pictures(Advice(readings, assess, lambda: company), done_on)  # type: ignore[arg-type]  # of the one site


@pytest.mark.parametrize(
    ("given", "kinds"),
    [
        (answer("base_load.m", "weekend.m"), [Wanted("heat_map", "edar-norte", "m")]),
        (answer("load_shape.m", "night_flow.w", "base_load.m"), [
            Wanted("duration_curve", "edar-norte", "m"), Wanted("night_flow", "edar-norte", "w")]),
        (answer("realised.led"), [Wanted("before_after", "edar-norte", "led")]),
        (answer("idle_load.idle", recommended=(paid("a"), paid("b"))), [
            Wanted("savings", "edar-norte"), Wanted("heat_map", "edar-norte")]),
        (answer("idle_load.idle", recommended=(paid("a"), paid("b", "other"))), [Wanted("heat_map", "edar-norte")]),
        (answer("led_lighting.saving"), []),
        (Answer("answered", "es", "x", (Citation(1, "passage", "t", "u", "l", "q", "es", passage_id="base_load.m"),)), []),
    ],
)  # fmt: skip
def test_pictures_follow_the_calculations(given: Answer, kinds: list[Wanted]) -> None:
    """Two at most, each once; none of a document, and savings only where one site's measures are told."""
    assert list(wanted(given)) == kinds


async def test_who_may_not_see_the_site_gets_no_picture() -> None:
    """As with its calculations."""
    asked = answer("base_load.electricity", recommended=(paid("a"), paid("b")))
    assert await pictures().of(asked, Scope(EVERYONE)) == []
    made = await pictures().of(asked, Scope(EVERYONE | {"direccion"}))
    assert [one.png[:8] for one in made] == [PNG, PNG]
    assert [one.title for one in made] == ["EDAR Norte: ahorro acumulado e inversión", "Contador general: mapa de carga"]
    assert all(one.alt for one in made)


async def test_before_and_after_needs_a_day() -> None:
    """Of a measure that was done and the same days before it; else nothing is drawn: another season is no saving."""
    board = Scope(frozenset({"direccion"}))
    assert await pictures().of(answer("realised.led"), board) == []
    assert await pictures(date(2025, 6, 1)).of(answer("realised.led"), board) == []
    year = hourly()
    index = pd.date_range("2024-01-01", "2026-01-01", freq="h", tz="Europe/Madrid", inclusive="left")
    summer = pd.Series(100.0 + 300.0 * index.month.isin([6, 7, 8]) - 50.0 * (index >= "2025-11-01"), index=index)
    two = replace(year, values=summer, estimated=summer < 0)
    (made,) = await pictures(date(2025, 11, 1), two).of(answer("realised.led"), board)
    assert "1 nov 2025" in made.alt
    assert "100 kW" in made.alt
    assert "50 kW" in made.alt


async def test_savings_in_a_picture_are_not_added_up_twice() -> None:
    """Each point adds what is new: in all they are what the text says of the measures together."""
    (one,) = await pictures()._advice.assessed(Scope(frozenset({"direccion"})))
    assert [made.name.partition("-edar")[0] for made in of_site(one, "es")] == ["heat-map", "duration-curve", "savings"]
    rivals = [replace(held, load="blowers", load_kwh=100_000.0, energy_kwh=Range(9e4, 9e4, 9e4)) for held in one.estimates]
    points = _paid(replace(one, estimates=tuple(rivals)), "es")
    alone = sum(held.cost_eur.mid for held in rivals if held.cost_eur)
    assert sum(saved for _, saved, _ in points) == pytest.approx(together(rivals).mid)
    assert together(rivals).mid < 0.9 * alone
