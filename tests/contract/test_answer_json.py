"""What others build on: the answers of the real chain in the published shape, and the OpenAPI document that promises it."""

from __future__ import annotations

import json

import jsonschema
import pytest

from adapters.web.schemas import SCHEMAS
from bot.contract import answer_json
from tests.answer_fixtures import library, said, unseen
from tests.answer_schema import ANSWER, check


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("¿Cuántas soplantes tiene la EDAR Norte?", "answered"),
        ("What is the cooling setpoint of the head office?", "answered"),
        ("¿Quién ganó el mundial de fútbol de 1998?", "not_found"),
        ("", "needs_input"),
        ("recomienda", "answered"),
        ("recomienda energía en la depuradora", "answered"),
        ("/recommend gold", "needs_input"),
        ("ayuda", "answered"),
        ("olvida", "answered"),
    ],
)
async def test_every_kind_of_reply_has_the_shape(words: str, status: str) -> None:
    """Answers, refusals, recommendations and commands alike, in our own schema and in the one that is published."""
    answer = (await library().manager().respond(said(words), unseen)).answer
    shown = check(json.loads(json.dumps(answer_json(answer), allow_nan=False)))
    assert shown["status"] == status
    published = {"$ref": "#/components/schemas/Answer", "components": {"schemas": SCHEMAS}}
    jsonschema.Draft202012Validator(published).validate(shown)


def test_a_failure_has_the_shape() -> None:
    """What is told when nothing worked is an answer too, with a reference."""
    shown = check(answer_json(library().manager().failed(said("¿?"), RuntimeError("x"), 3).answer))
    assert shown["status"] == "failed"
    assert shown["trace_id"] in shown["text"]


def test_the_published_keys_are_ours() -> None:
    """The OpenAPI document and the shape written down here name the same keys, all required."""
    published = SCHEMAS["Answer"]
    assert set(published["required"]) == set(ANSWER["required"])
    for name in ("Citation", "Recommendation"):
        part = ANSWER["properties"]["citations" if name == "Citation" else "recommendations"]["items"]
        assert set(SCHEMAS[name]["properties"]) == set(part["required"])
