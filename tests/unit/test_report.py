"""The printable page: every measure with its numbers, every calculation with its inputs, nothing of a document as markup."""

from __future__ import annotations

import html
from datetime import date
from pathlib import Path

import pytest

from config.company import load_company
from config.texts import LANGUAGES
from rag import explain
from rag.advice import Assessed, title
from rag.measures.model import Case
from rag.measures.registry import assess
from rag.models import Language
from rag.pictures import Picture
from rag.readings.load import load
from rag.report import page

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def office() -> Assessed:
    """The demo's head office, assessed."""
    site = load_company(ROOT / "config" / "advisor.yaml").site("oficina-central")
    assert site is not None
    readings = {one.id: load(site.id, one, {file.name: (ROOT / file).read_bytes() for file in one.files}) for one in site.meters}
    estimates, others = assess(Case(site, readings, date(2026, 1, 15)))
    return Assessed(site, tuple(estimates), tuple(others))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_opens_its_calculation(office: Assessed, language: Language) -> None:
    """Title, formula, and each input and result with its value and source."""
    made = html.unescape(page([office], {}, language, date(2026, 1, 15)))
    for one in office.estimates:
        assert title(one, office.site, language) in made
        for held in one.calculations:
            assert held.formula in made
            for line in (part for side in explain.lines(held, language) for part in side):
                assert line.name in made
                assert line.value in made
                assert line.source in made


def test_nothing_is_markup_that_was_written_elsewhere(office: Assessed) -> None:
    """Names of sites, titles of pictures."""
    site = office.site.model_copy(update={"name": "<script>alert(1)</script>"})
    evil = Picture("x", "x", '"><img src=x onerror=alert(1)>', b"png")
    made = page([Assessed(site, office.estimates, office.others)], {site.id: [evil]}, "es", date(2026, 1, 15))
    assert "<script>" not in made
    assert "<img src=x" not in made
    assert 'src="http' not in made
