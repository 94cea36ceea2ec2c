"""Forms beneath recommendations: what they say is understood as if it had been typed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.forms import ASSUMPTIONS, DECISIONS, FieldError, assumed, decided, offers, plain_number
from bot.register_words import Decision, decision
from rag.assumptions import LIMITS, changes
from rag.models import Answer, Language, Recommendation
from rag.registered import Standing

LANGUAGES = st.sampled_from(["es", "en"])
VALUES = st.fixed_dictionaries(
    {}, optional={name: st.floats(*LIMITS[name]).map(lambda one: float(f"{one:.4g}")) for name in ASSUMPTIONS}
)


@given(LANGUAGES, VALUES)
def test_assumptions_are_understood_as_written(language: Language, values: dict[str, float]) -> None:
    """Every value alone and all together, in both languages, to the last digit that was written."""
    written = {name: plain_number(value, language) for name, value in values.items()}
    if not values:
        with pytest.raises(FieldError):
            assumed(language, written)
        return
    found = changes(assumed(language, written), language)
    budget = {"budget": found.budget} if found.budget is not None else {}
    assert {**found.values, **budget} == pytest.approx(values, rel=1e-3, abs=1e-6)


@given(
    LANGUAGES,
    st.sampled_from(DECISIONS),
    st.integers(1, 9_999_999),
    st.text(max_size=80),
    st.dates(date(2001, 1, 1), date.today()),
)
def test_decisions_are_understood_as_chosen(language: Language, status: Standing, number: int, reason: str, on: date) -> None:
    """Whatever is written for a reason, the entry, what becomes of it and its day are those that were chosen."""
    if status == "rejected" and not reason.split():
        with pytest.raises(FieldError):
            decided(language, f"R{number}", status, reason, on)
        return
    found = decision(decided(language, f"R{number}", status, reason, on))
    assert isinstance(found, Decision)
    assert (found.status, found.number, found.bad_date) == (status, number, "")
    assert found.on == (on if status == "done" else None)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("price", "mucho"), ("price", "9"), ("price", "-5"), ("price", "−0,15"), ("discount_rate", "0"), ("life_years", "1.2.3"),
        ("budget", "-"), ("budget", "10-20"),
    ],
)  # fmt: skip
def test_what_is_no_such_number_is_told_at_its_field(name: str, said: str) -> None:
    """In the sender's language, with what would do."""
    with pytest.raises(FieldError, match="Escribe un número entre") as raised:
        assumed("es", {name: said})
    assert raised.value.field == name


def test_a_day_that_has_not_come_is_refused() -> None:
    """Nothing was done tomorrow."""
    with pytest.raises(FieldError, match="not come") as raised:
        decided("en", "R1", "done", on=date.today() + timedelta(days=1))
    assert raised.value.field == "day"


def test_forms_are_offered_for_numbers_of_ours() -> None:
    """Not for what only a document proposes; readings that somebody brought have no register."""

    def answer(basis: str, site: str | None) -> Answer:
        one = Recommendation("m", "M", "energy", "why", (1,), basis, "low", site=site)  # type: ignore[arg-type]
        return Answer("answered", "es", "x", recommendations=(one,))

    assert offers(answer("metered", "norte")) == (True, True)
    assert offers(answer("metered", "file-1")) == (False, True)
    assert offers(answer("document", "norte")) == (False, False)
    assert offers(Answer("answered", "es", "x")) == (False, False)
