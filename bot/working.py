"""A calculation opened from an answer: its formula, with the values put in, where each comes from, and what limits it. Pure."""

from __future__ import annotations

from config.texts import text
from rag import explain
from rag.explain import Line
from rag.measures.model import Calculation
from rag.models import Language


def working(calculation: Calculation, quote: str, language: Language) -> tuple[str, str]:
    """The working, which begins with the `quote`, and the sentences on its limits (may be empty)."""
    inputs, results = explain.lines(calculation, language)
    steps = [
        f"{text(language, 'desk.working_formula')}: {explain.formula(calculation, language)}",
        f"= {explain.with_values(calculation, language)}",
    ]
    parts = [
        quote,
        *(steps if calculation.formula else ()),
        _list(text(language, "desk.working_inputs"), inputs),
        _list(text(language, "desk.working_results"), results),
        text(language, "desk.working_method", reference=calculation.reference) if calculation.reference else "",
    ]
    return "\n\n".join(filter(None, parts)), "\n".join(explain.caveats(calculation, language))


def _list(heading: str, lines: list[Line]) -> str:
    told = [f"- {one.name}: {one.value}" + (f" ({one.source})" if one.source else "") for one in lines]
    return "\n".join([f"{heading}:", *told]) if told else ""
