"""The published shape of an answer, written down apart from the code, so that a change of either breaks a test."""

from __future__ import annotations

import re
from typing import Any

import jsonschema

_RANGE = {
    "oneOf": [
        {"type": "null"},
        {
            "type": "object", "required": ["low", "mid", "high"], "additionalProperties": False,
            "properties": {name: {"type": "number"} for name in ("low", "mid", "high")},
        },
    ]
}  # fmt: skip
_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}


def _exactly(**properties: object) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


ANSWER = _exactly(
    status={"enum": ["answered", "not_found", "needs_input", "failed"]},
    language={"enum": ["es", "en"]},
    text={"type": "string", "minLength": 1},
    citations={
        "type": "array",
        "items": _exactly(
            n={"type": "integer", "minimum": 1}, kind={"enum": ["passage", "calculation"]}, title=_TEXT, uri=_TEXT, locator=_TEXT,
            quote={"type": "string", "minLength": 1}, language=_TEXT, passage_id=_TEXT,
            date={"oneOf": [{"type": "null"}, {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}]},
        ),
    },
    recommendations={
        "type": "array",
        "items": _exactly(
            measure=_TEXT, title=_TEXT, site={"type": ["string", "null"]}, kind={"enum": ["energy", "water", "infrastructure"]},
            why=_TEXT, savings=_exactly(energy_kwh=_RANGE, water_m3=_RANGE, cost_eur=_RANGE, co2_t=_RANGE),
            investment_eur=_RANGE, payback_years=_RANGE, npv_eur=_RANGE, basis={"enum": ["metered", "engineering", "document"]},
            method=_TEXT, citations={"type": "array", "items": {"type": "integer"}, "minItems": 1},
            assumptions={
                "type": "array",
                "items": _exactly(name=_TEXT, value={"type": "number"}, unit=_TEXT, source=_TEXT),
            },
            confidence={"enum": ["high", "medium", "low"]}, missing=_TEXT, next_step=_TEXT,
        ),
    },
    follow_ups={"type": "array", "items": _TEXT},
    notices={"type": "array", "items": _TEXT},
    trace_id=_TEXT,
    timings_ms={"type": "object", "required": ["retrieve", "answer", "total"], "additionalProperties": _COUNT},
)  # fmt: skip

ANSWER["properties"]["exchange"] = {"type": "string", "minLength": 1}
"""Over HTTP only, where the answer is kept for review: feedback names it."""


def check(said: dict[str, Any]) -> dict[str, Any]:
    """The answer, held against the shape and against what it promises of marks and citations."""
    jsonschema.Draft202012Validator(ANSWER).validate(said)
    numbers = [citation["n"] for citation in said["citations"]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {int(n) for n in re.findall(r"\[(\d+)\]", said["text"])} == set(numbers)
    assert all(n in numbers for one in said["recommendations"] for n in one["citations"])
    return said
