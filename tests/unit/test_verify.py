"""What holds of a written sentence and what does not: marks, numbers, notation, and whether the evidence bears it out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.evidence import Quoted
from rag.hold import numbers_hold
from rag.models import Passage
from rag.numerals import numerals
from rag.verify import Checked, check, marks, without_marks
from tests.answer_fixtures import encoder, passage

BLOWERS = passage(
    "La EDAR Norte dispone de cuatro soplantes de 75 kW. Entre las 00:00 y las 06:00 quedan tres soplantes en marcha. "
    "El consumo base nocturno es de 1.234,5 kWh/h, el 61 % de la media diurna.",
    1,
    headings=("Soplantes 2024",),
    when=date(2024, 3, 12),
)
OFFICE = passage("The cooling setpoint of the head office is 25 °C in summer, which saves 14,200 kWh a year.", 2, "en")
EVIDENCE = [BLOWERS, OFFICE]


async def held(sentence: str, language: str = "es") -> Checked | None:
    """The verdict on a sentence over the two passages, by the real sentence encoder."""
    return await check(sentence, language, EVIDENCE, encoder())


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("Entre las 00:00 y las 06:00 quedan tres soplantes en marcha [1].", "es"),
        ("Hay 4 soplantes de 75 kW [1].", "es"),
        ("At night three blowers of the plant keep running between 00:00 and 06:00 [1].", "en"),
        ("The night base consumption is 1,234.5 kWh/h, 61 % of the daytime mean [1].", "en"),
        ("La consigna de refrigeración de la oficina central es de 25 °C en verano, lo que ahorra 14.200 kWh al año [2].", "es"),
        (
            "The plant has four blowers [1] and the cooling setpoint of the head office saves 14,200 kWh a year [2].",
            "en",
        ),
        ("Según el documento de marzo de 2024, quedan tres soplantes en marcha [1].", "es"),
    ],
)
async def test_what_the_evidence_says_is_kept(sentence: str, language: str) -> None:
    """True sentences pass as they are, in either language, with a verbatim quote for each mark."""
    found = await held(sentence, language)
    assert found is not None
    assert found.text == sentence
    assert list(found.quotes) == marks(sentence)
    for n, quote in found.quotes.items():
        assert quote in EVIDENCE[n - 1].text


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("Entre las 00:00 y las 06:00 quedan tres soplantes en marcha.", "es"),  # no mark
        ("Entre las 00:00 y las 06:00 quedan tres soplantes en marcha [3].", "es"),  # beyond the evidence
        ("Entre las 00:00 y las 06:00 quedan tres soplantes en marcha [0].", "es"),
        ("Entre las 00:00 y las 06:00 quedan tres soplantes en marcha [1][99].", "es"),  # one mark of two
        ("Entre las 00:00 y las 06:00 quedan tres soplantes en marcha [-1].", "es"),
        ("Entre las 00:00 y las 06:00 quedan tres soplantes en marcha [1] [^2].", "es"),
        ("Entre las 00:00 y las 06:00 quedan tres soplantes en marcha 【1】 [1].", "es"),
        ("Quedan cinco soplantes en marcha [1].", "es"),  # a number word that is not there
        ("La planta dispone de cuatro soplantes de 90 kW [1].", "es"),
        ("The night base consumption is 1.234,6 kWh/h [1].", "en"),
        ("El consumo base nocturno es de 1,234 kWh/h [1].", "es"),  # another value: 1.234 in Spanish notation
        ("La oficina ahorra 14,2 kWh con la consigna de refrigeración [2].", "es"),
        ("La planta dispone de soplantes de 75 kW [2].", "es"),  # the number stands in another passage than the cited one
        ("El tranvía de Zaragoza circula por la avenida [1].", "es"),  # not borne out
        ("The board sold the sludge line to a competitor [1].", "en"),
        ("NaN kWh [1].", "es"),  # what a failed computation prints
        ("El consumo base nocturno es de inf kWh/h [1].", "es"),
        ("[1]", "es"),
        ("[1][2][1]", "es"),
        ("", "es"),
    ],
)
async def test_what_the_evidence_does_not_say_is_dropped(sentence: str, language: str) -> None:
    """No mark, a wrong mark, a number from nowhere, a value misread, or a claim about something else: not sent."""
    assert await held(sentence, language) is None


async def test_the_quote_is_the_sentence_that_bears_the_claim_out() -> None:
    """Of a passage's sentences the one with the claim's numbers and words, not merely the first."""
    found = await held("El consumo base es el 61 % de la media [1].")
    assert found is not None
    assert found.quotes[1].startswith("El consumo base nocturno es de 1.234,5")


async def test_documents_brackets_are_not_numbers_lost() -> None:
    """A reference in a document counts as its text: a claim may repeat the number in round brackets."""
    cited = passage("La presión de servicio es de 5,2 bar, según el estudio [12].")
    found = await check("La presión de servicio es de 5,2 bar, según el estudio (12) [1].", "es", [cited], encoder())
    assert found is not None
    assert found.quotes[1] == cited.text


def quoted(passages: Sequence[Passage]) -> list[Quoted]:
    """Passages as evidence, each quoted whole."""
    return [Quoted(one, one.text) for one in passages]


def test_numbers_may_stand_in_title_headings_or_date() -> None:
    """What a citation shows of its document counts as evidence; what it does not, does not."""
    assert numbers_hold("soplantes en 2024", "es", quoted([BLOWERS]))
    assert numbers_hold("de 12 de marzo de 2024", "es", quoted([BLOWERS]))
    assert not numbers_hold("soplantes en 2023", "es", quoted([BLOWERS]))


def test_each_number_needs_one_of_the_cited_passages_only() -> None:
    """Two passages may carry a sentence together; a number in neither fails it."""
    assert numbers_hold("75 kW y 14.200 kWh", "es", quoted(EVIDENCE))
    assert not numbers_hold("75 kW y 14.201 kWh", "es", quoted(EVIDENCE))


@given(st.integers(2, 10**7), st.integers(2, 10**7))
def test_an_integer_holds_only_where_its_value_stands(written: int, claimed: int) -> None:
    """Whatever the grouping: a number holds if and only if the evidence has that value."""
    source = passage(f"El consumo fue de {written:,} kWh.".replace(",", "."))
    english = f"The consumption was {claimed:,} kWh"
    assert numbers_hold(english, "en", quoted([source])) == (written == claimed)


_FRAGMENTS = (
    "la EDAR Norte dispone de|cuatro|cinco|soplantes de|75|76|kW|entre las|00:00|06:00|quedan tres|en marcha"
    "|61 %|1.234,5|1.234|kWh"
).split("|")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(_FRAGMENTS), max_size=9).map(" ".join), st.lists(st.sampled_from([0, 1, 1, 1, 2, 3])))
async def test_no_sentence_gets_through_without_evidence(text: str, numbers: list[int]) -> None:
    """True words and false ones in any mixture: what holds cites only what is there, verbatim, and no number from nowhere."""
    found = await held(text + "".join(f"[{n}]" for n in numbers))
    if found is None:
        return
    assert "cinco" not in text
    assert "76" not in text
    assert found.quotes
    assert all(1 <= n <= len(EVIDENCE) and quote in EVIDENCE[n - 1].text for n, quote in found.quotes.items())
    assert "1.234" not in numerals(text)


def test_marks_are_read_in_order_and_once() -> None:
    """A mark has one to three digits; what stands before it goes with it when it is taken out."""
    assert marks("a [2] b [1][2] [1234] [x]") == [2, 1]
    assert without_marks("Tres soplantes [1][2]. Otra [3]") == "Tres soplantes. Otra"
