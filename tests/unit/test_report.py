"""The printable page: every measure with its numbers, every calculation with its inputs, nothing of a document as markup."""

from __future__ import annotations

import html
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from pathlib import Path

import pypdfium2
import pytest

from config.company import MeterConfig, SiteConfig, load_company
from config.texts import LANGUAGES
from rag import explain
from rag.advice import Advice, Assessed, title
from rag.errors import InputError
from rag.measures.model import Case
from rag.measures.registry import assess
from rag.models import Language, Picture, Scope
from rag.pictures import savings
from rag.readings.load import load
from rag.readings.series import Series
from rag.report import page, written
from rag.report_blocks import blocks
from rag.report_pdf import pdf

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


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_says_what_the_page_says(office: Assessed, language: Language) -> None:
    """The same numerals, as text that can be copied, in the same order of blocks; the pictures' words are below them."""
    drawn = {office.site.id: [savings([("LED", 1234.0, 5678.0), ("PV", 4321.0, 8765.0)], office.site.name, language)]}
    day = date(2026, 1, 15)
    said = re.sub(r'<img alt="([^"]*)"[^>]*>', r" \1 ", page([office], drawn, language, day).partition("<body>")[2])
    said = html.unescape(re.sub(r"<[^>]+>", " ", said))
    document = pypdfium2.PdfDocument(pdf(blocks([office], drawn, language, day), language))
    printed = "\n".join(_without_number(one.get_textpage().get_text_bounded()) for one in document)
    assert sorted(_numerals(said)) == sorted(_numerals(printed))
    assert len(_numerals(said)) > 100
    for one in office.estimates:
        assert _joined(title(one, office.site, language)) in _joined(printed)
    assert _joined(drawn[office.site.id][0].alt) in _joined(printed)


def test_the_same_report_is_the_same_file(office: Assessed) -> None:
    """No time of writing and no random name is in it; it says its title and its language."""
    made = [pdf(blocks([office], {}, "es", date(2026, 1, 15)), "es") for _ in range(2)]
    assert made[0] == made[1]
    assert pypdfium2.PdfDocument(made[0]).get_metadata_value("Title") == "Medidas de eficiencia"
    assert b"/Lang (es)" in made[0]


def test_what_was_written_elsewhere_is_no_markup_in_the_pdf(office: Assessed) -> None:
    """A site's name with tags is printed as it stands."""
    site = office.site.model_copy(update={"name": "<b>Norte</b> & <img src='file:///etc/passwd'/>"})
    made = pdf(blocks([Assessed(site, office.estimates, office.others)], {}, "en", date(2026, 1, 15)), "en")
    assert "<b>Norte</b> &" in pypdfium2.PdfDocument(made)[0].get_textpage().get_text_bounded()


def test_every_source_of_a_figure_is_listed_once(office: Assessed) -> None:
    """What was measured, configured or taken from a publication, and each method, at the end of the report."""
    made = html.unescape(page([office], {}, "es", date(2026, 1, 15)))
    listed = re.findall("<li>(.*?)</li>", made)
    assert len(listed) == len(set(listed))
    for one in (held for estimate in office.estimates for held in estimate.calculations):
        assert not one.reference or one.reference in listed
        given = [quantity.source for quantity in one.inputs if quantity.source and quantity.origin != "computed"]
        assert all(any(source in item for item in listed) for source in given)


def test_a_site_without_measures_has_no_empty_table(office: Assessed) -> None:
    """Its name stands alone, on the page and in the PDF."""
    bare = [Assessed(office.site, (), office.others)]
    day = date(2026, 1, 15)
    assert "<table>" not in page(bare, {}, "es", day)
    assert pdf(blocks(bare, {}, "es", day), "es").startswith(b"%PDF")


@pytest.fixture(scope="module")
def written_by(office: Assessed) -> Callable[[Path], Awaitable[None]]:
    """Writes the demo's report on its head office to a file."""
    company = load_company(ROOT / "config" / "advisor.yaml")
    case_of = {one.id: load("oficina-central", one, _bytes(one)) for one in office.site.meters}

    async def readings(site: SiteConfig) -> Mapping[str, Series]:
        return case_of if site.id == office.site.id else {}

    def write(file: Path) -> Awaitable[None]:
        advice = Advice(readings, assess, lambda: company)
        scope = Scope(frozenset(office.site.audience), office.site.id)
        return written(file, advice, readings, scope, "en", date(2026, 1, 15))

    return write


async def test_the_ending_chooses_the_form(written_by: Callable[[Path], Awaitable[None]], tmp_path: Path) -> None:
    """With the pictures of the readings in both, and their words."""
    for name in ("a.pdf", "a.HTML"):
        await written_by(tmp_path / name)
    assert (tmp_path / "a.HTML").read_text("utf-8").count("<figure>") >= 2
    document = pypdfium2.PdfDocument((tmp_path / "a.pdf").read_bytes())
    pictures = [held for sheet in document for held in sheet.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])]
    assert len(pictures) >= 2
    assert "heat map" in "".join(sheet.get_textpage().get_text_bounded() for sheet in document).lower()


@pytest.mark.parametrize(("name", "said"), [("a.docx", "written as"), ("none/a.pdf", "no folder")])
async def test_a_file_that_cannot_be_made_is_refused_in_words(
    written_by: Callable[[Path], Awaitable[None]], tmp_path: Path, name: str, said: str
) -> None:
    """An ending that is not known, a folder that is not there."""
    with pytest.raises(InputError, match=said):
        await written_by(tmp_path / name)


def _bytes(meter: MeterConfig) -> dict[str, bytes]:
    return {file.name: (ROOT / file).read_bytes() for file in meter.files}


def _numerals(said: str) -> list[str]:
    return re.findall(r"\d+(?:[.,]\d+)*", said)


def _without_number(printed: str) -> str:
    """A page's text without its number, which is drawn first."""
    return re.sub(r"^\d+\r?\n", "", printed)


def _joined(said: str) -> str:
    return re.sub(r"\s+", "", said)
