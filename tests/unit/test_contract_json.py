"""An answer as JSON: complete, plain types, null where nothing is known."""

from __future__ import annotations

import json
from datetime import date

from bot.contract import answer_json
from rag.models import Answer, Assumption, Citation, Range, Recommendation
from tests.answer_schema import check

CITATION = Citation(1, "passage", "T", "t.md", "p. 3", "verbatim", "es", "p1", date(2024, 3, 1))


def test_a_bare_answer_has_every_key() -> None:
    """Lists empty, timings zero."""
    said = check(answer_json(Answer("not_found", "es", "Nada.")))
    assert said["timings_ms"] == {"retrieve": 0, "answer": 0, "total": 0}
    assert (said["citations"], said["recommendations"], said["follow_ups"], said["notices"]) == ([], [], [], [])


def test_a_full_answer_survives_json() -> None:
    """Dates as ISO, ranges as objects, what is unknown as null; nothing that JSON cannot hold."""
    one = Recommendation(
        "vsd", "T", "energy", "why", (1,), "metered", "high", site="s", energy_kwh=Range(1, 2, 3),
        assumptions=(Assumption("n", 2.5, "", "ISO"),),
    )  # fmt: skip
    answer = Answer("answered", "en", "A [1]", (CITATION,), (one,), ("next?",), ("note",), "t", {"total": 9, "answer": 3})
    said = check(json.loads(json.dumps(answer_json(answer), allow_nan=False)))
    assert said["citations"][0]["date"] == "2024-03-01"
    assert said["recommendations"][0]["savings"] == {
        "energy_kwh": {"low": 1, "mid": 2, "high": 3}, "water_m3": None, "cost_eur": None, "co2_t": None,
    }  # fmt: skip
    assert said["recommendations"][0]["assumptions"] == [{"name": "n", "value": 2.5, "unit": "", "source": "ISO"}]
    assert said["timings_ms"] == {"retrieve": 0, "answer": 3, "total": 9}
