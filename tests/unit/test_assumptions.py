"""What a follow-up to recommendations changes, and what is none."""

from __future__ import annotations

import pytest

from config.texts import text
from rag.assumptions import LIMITS, Changes, FollowUp, bare, changes, follow_up, taken_back
from rag.models import Language, Turn

HEADING = text("es", "advice.heading", site="EDAR Norte")


@pytest.mark.parametrize(
    ("said", "language", "expected"),
    [
        ("¿y a 0,18 €/kWh?", "es", Changes({"price": 0.18})),
        ("and at 0.18 €/kWh?", "en", Changes({"price": 0.18})),
        ("¿Y si la luz costara 18 céntimos el kWh?", "es", Changes({"price": 0.18})),
        ("¿y si el m3 fuera a 60 céntimos el m3?", "es", Changes({"water_price": 0.6})),
        ("y a 0,60 el m3", "es", Changes({"water_price": 0.6})),
        ("la desaladora gasta 3,47 kWh/m3", "es", Changes()),
        ("¿y con 600.000?", "es", Changes({}, 600_000.0)),
        ("and with 600k?", "en", Changes({}, 600_000.0)),
        ("con 4 bombas", "es", Changes()),
        ("¿y con 25?", "es", Changes()),
        ("con un interés del 7 %", "es", Changes({"discount_rate": 7.0})),
        ("with a discount rate of 7.5 %", "en", Changes({"discount_rate": 7.5})),
        ("¿y con el agua a 0,60 €/m3?", "es", Changes({"water_price": 0.6})),
        ("¿Qué haríamos con 100.000 €?", "es", Changes({}, 100_000.0)),
        ("what would we do with a budget of 50,000 euros?", "en", Changes({}, 50_000.0)),
        ("tenemos un presupuesto de 80 mil euros", "es", Changes({}, 80_000.0)),
        ("¿y a -0,18 €/kWh?", "es", Changes()),
        ("¿y entre 0,05-0,10 €/kWh?", "es", Changes()),
        ("with an interest of -3 %", "en", Changes()),
        ("¿y a 0,18 €/kWh con un presupuesto de 20.000 €?", "es", Changes({"price": 0.18}, 20_000.0)),
        ("¿y a 900 €/kWh?", "es", Changes()),
        ("¿por qué?", "es", Changes()),
        ("¿cuántas soplantes hay de 75 kW?", "es", Changes()),
    ],
)
def test_values_that_a_text_sets(said: str, language: Language, expected: Changes) -> None:
    """By what they are of, in the language's own numerals; none where none makes sense."""
    found = changes(said, language)
    assert found.values == pytest.approx(expected.values)
    assert found.budget == expected.budget


def test_only_after_recommendations() -> None:
    """A price in any other conversation is a question like others."""
    advised = [Turn("user", "recomienda energía"), Turn("assistant", f"{HEADING}\n- **x** ...")]
    answered = [Turn("user", "¿cuánto cuesta?"), Turn("assistant", "Cuesta 0,15 €/kWh [1].")]
    assert follow_up("¿y a 0,18 €/kWh?", advised, "es") == FollowUp(Changes({"price": 0.18}), "recomienda energía")
    assert follow_up("¿y a 0,18 €/kWh?", answered, "es") is None
    assert follow_up("¿y a 0,18 €/kWh?", [], "es") is None
    assert follow_up("¿por qué?", advised, "es") is None


def test_what_was_set_before_still_holds() -> None:
    """Until new recommendations are asked for."""
    history = [
        Turn("user", "recomienda"),
        Turn("assistant", HEADING),
        Turn("user", "¿y a 0,18 €/kWh?"),
        Turn("assistant", HEADING),
    ]
    both = Changes({"price": 0.18, "discount_rate": 8.0})
    assert follow_up("¿y con un interés del 8 %?", history, "es") == FollowUp(both, "recomienda")
    assert follow_up("¿y a 0,20 €/kWh?", history, "es") == FollowUp(Changes({"price": 0.2}), "recomienda")
    fresh = [*history, Turn("user", "recomienda agua"), Turn("assistant", HEADING)]
    assert follow_up("¿y con 30.000 €?", fresh, "es") == FollowUp(Changes({}, 30_000.0), "recomienda agua")


def test_a_look_into_the_register_changes_nothing() -> None:
    """Recommendations, their standing, and only then another price: it is one of those recommendations."""
    register = Turn("assistant", text("en", "register.heading", where="EDAR Norte", counts="proposed: 4"))
    history = [Turn("user", "recommend energy"), Turn("assistant", HEADING), Turn("user", "recommend status"), register]
    assert follow_up("and at 0.18 €/kWh?", history, "en") == FollowUp(Changes({"price": 0.18}), "recommend energy")
    assert follow_up("and at 0.18 €/kWh?", history[2:], "en") is None


@pytest.mark.parametrize(
    ("said", "language", "sets"),
    [
        ("¿y a 0,20 €/kWh?", "es", True),
        ("¿Y con un interés del 7 %?", "es", True),
        ("and with 100,000 €?", "en", True),
        ("¿cuánto cuesta la bomba a 0,20 €/kWh?", "es", False),
        ("¿y en P6 a 0,20 €/kWh?", "es", False),
        ("¿y la de la noche?", "es", False),
    ],
)
def test_a_text_that_sets_a_value_and_nothing_else(said: str, language: Language, sets: bool) -> None:
    """It may follow any answer about a facility; a question that only names a value is one."""
    assert bool(bare(said, language)) is sets


@pytest.mark.parametrize(
    ("said", "language", "budget"),
    [
        ("¿y si sólo tengo 40.000 €?", "es", 40_000),
        ("what about 20,000 €?", "en", 20_000),
        ("what about €20,000?", "en", 20_000),
        ("tengo 15.000 € ¿qué hago?", "es", 15_000),
        ("I only have 8,000 €", "en", 8_000),
        ("¿y si el led cuesta 30.000 €?", "es", None),
        ("¿y 0,18 €/kWh?", "es", None),
        ("¿qué bomba cuesta 3.000 €?", "es", None),
    ],
)
def test_a_budget_in_other_words(said: str, language: Language, budget: float | None) -> None:
    """What one has, or an amount alone, after recommendations; nowhere else is a bare amount a budget."""
    advised = [Turn("user", "recomienda energía"), Turn("assistant", f"{HEADING}\n- **x** ...")]
    found = follow_up(said, advised, language)
    assert (found.changes.budget if found else None) == budget
    assert not bare("what about 20,000 €?", "en")


@pytest.mark.parametrize(
    ("said", "gone"),
    [
        ("vuelve a la tasa normal", {"discount_rate"}),
        ("quita el precio", {"price", "water_price"}),
        ("quita el precio del agua", {"water_price"}),
        ("back to normal values", set(LIMITS)),
        ("without the budget", {"budget"}),
        ("quita la bomba", set()),
        ("vuelve", set()),
        ("precio normal de la luz", set()),
    ],
)
def test_values_are_taken_back(said: str, gone: set[str]) -> None:
    """One of them, or all; nothing where anything else is said."""
    assert taken_back(said) == gone


def test_what_was_taken_back_holds_no_longer() -> None:
    """The others do; what was set before it is not found again, and with nothing set there is nothing to take back."""
    history = [Turn("user", "recomienda"), Turn("assistant", HEADING)]
    assert follow_up("quita el precio", history, "es") is None
    for words in ("¿y a 0,18 €/kWh?", "con un interés del 9 %"):
        history += [Turn("user", words), Turn("assistant", HEADING)]
    rate = FollowUp(Changes({"discount_rate": 9.0}), "recomienda")
    assert follow_up("quita el precio", history, "es") == rate
    history += [Turn("user", "quita el precio"), Turn("assistant", HEADING)]
    ordered = Turn("assistant", f"**{text('es', 'again.by.npv')}, ...", recommended="x")
    history += [Turn("user", "la más rentable"), ordered]
    assert follow_up("¿qué haríamos con 30.000 €?", history, "es") == FollowUp(
        Changes({"discount_rate": 9.0}, 30_000), "recomienda"
    )
    assert follow_up("vuelve a los valores normales", history, "es") == FollowUp(Changes(), "recomienda")
