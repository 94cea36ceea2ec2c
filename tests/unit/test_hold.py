"""The one rule for numbers: in cited text or out of a cited calculation, or gone with their sentence."""

from __future__ import annotations

import random

from hypothesis import example, given
from hypothesis import strategies as st

from config.texts import number
from rag.cite import cite
from rag.evidence import Computed, Quoted, Statement
from rag.hold import held, numbers_hold
from tests.answer_fixtures import passage

SAVING = Computed(
    "calc:a/b", "Cálculo: carga base", "EDAR Norte", "ahorro = 151.110 kWh/año (de: S-401, 69 kW)", (151110.4, 69.0)
)
MANUAL = passage("Tres soplantes de 75 kW quedan en marcha de 00:00 a 06:00.")


def test_a_calculation_bears_out_its_values_rounded() -> None:
    """As shown in the quote, and to any fewer digits down to two; no other number, and none rounded to one digit."""
    for good in ("151.110 kWh", "151.000 kWh", "150.000 kWh", "69 kW", "de S-401"):
        assert numbers_hold(good, "es", [SAVING]), good
    for bad in ("152.000 kWh", "200.000 kWh", "70 kW", "S-402"):
        assert not numbers_hold(bad, "es", [SAVING]), bad


def test_a_sentence_with_a_number_of_nobody_goes_alone() -> None:
    """The others stay, with their marks counted anew and only the evidence that is still named."""
    said = Statement(
        "Se ahorran 151.110 kWh [1]. Se ahorran además 9.999 kWh [2]. Hay soplantes de 75 kW [2].",
        (SAVING, Quoted(MANUAL, MANUAL.text)),
    )
    text, citations = cite([said], "es")
    assert text == "Se ahorran 151.110 kWh [1]. Hay soplantes de 75 kW [2]."
    assert [one.kind for one in citations] == ["calculation", "passage"]


def test_a_mark_after_the_full_stop_goes_with_its_sentence() -> None:
    """No mark is left without what it bore out, no statement without evidence."""
    assert held(Statement("Se ahorran 9.999 kWh. [1]", (SAVING,)), "es") is None
    kept = held(Statement("Se ahorran 9.999 kWh. [1] Son 69 kW. [2]", (Quoted(MANUAL, MANUAL.text), SAVING)), "es")
    assert kept is not None
    assert (kept.text, kept.evidence) == ("Son 69 kW. [1]", (SAVING,))


def test_headings_of_our_own_pass() -> None:
    """They rest on nothing, and their digits are names."""
    heading = Statement("**Energía: Planta 3**", ())
    assert held(heading, "es") is heading


@given(st.floats(1, 1e7), st.integers(0, 3))
@example(9.5, 0)
def test_what_is_computed_may_be_said_as_it_is_shown(exact: float, digits: int) -> None:
    """Whatever the language prints with two significant digits or more."""
    evidence = Computed("c", "t", "p", "q", (exact,))
    if round(exact, digits) >= 10:
        for language in ("es", "en"):
            assert numbers_hold(f"{number(exact, language, digits)} kWh", language, [evidence])


def test_inventions_do_not_get_through_in_a_thousand_tries() -> None:
    """Numbers by chance beside true ones: each sentence that holds one of them is gone."""
    chance = random.Random(11)
    for _ in range(1000):
        invented = chance.randrange(1000, 10_000_000)
        if numbers_hold(str(invented), "es", [SAVING]):
            continue  # it happens to be one of ours
        said = Statement(f"Ahorra 69 kW [1]. Y también {number(invented, 'es', 0)} kWh [1].", (SAVING,))
        assert cite([said], "es")[0] == "Ahorra 69 kW [1]."
