"""The shapes of the /v1 interface as JSON Schema; a test holds real responses to them."""

from __future__ import annotations

from typing import Any

from config import limits
from rag.models import KINDS

Schema = dict[str, Any]


def _object(properties: dict[str, Any], required: list[str] | None = None) -> Schema:
    """An object with exactly these properties; all are required unless some are named."""
    names = list(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _optional(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def ref(name: str) -> Schema:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


STRING: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "number"}
_WHOLE: Schema = {"type": "integer", "minimum": 0}
_RANGE = _optional(ref("Range"))
_TIME = {"type": ["string", "null"], "format": "date-time"}
_LANGUAGE: Schema = {"enum": ["es", "en"]}
_THREAD: Schema = {
    "type": ["string", "null"], "minLength": 1, "maxLength": limits.WEB_THREAD_CHARS,
    "description": "Requests of one thread know what was said before. Callers with other tokens never share it.",
}  # fmt: skip
_SITE: Schema = {"type": ["string", "null"], "description": "Id of the facility that it is about."}
_AUDIENCE: Schema = {"type": ["string", "null"], "description": "Draw on this audience's documents only; one of the token's."}

SCHEMAS: dict[str, Schema] = {
    "Ask": _object(
        {
            "question": {"type": "string", "maxLength": limits.WEB_QUESTION_CHARS},
            "thread": _THREAD, "site": _SITE, "audience": _AUDIENCE,
            "files": {
                "type": ["array", "null"], "items": STRING, "maxItems": limits.CONVERSATION_FILES,
                "description": "Ids from /v1/files: read for this thread alone. With files the question may be empty.",
            },
        },
        [],
    ),
    "Sent": _object({"file": STRING, "name": STRING, "size": _WHOLE}),
    "Recommend": _object(
        {"kind": {"enum": [*KINDS, None]}, "thread": _THREAD, "site": _SITE, "audience": _AUDIENCE}, []
    ),
    "Range": _object({"low": _NUMBER, "mid": _NUMBER, "high": _NUMBER}),
    "Citation": _object(
        {
            "n": {"type": "integer", "minimum": 1, "description": "The number in the text's [n]."},
            "kind": {"enum": ["passage", "calculation"]},
            "title": STRING, "uri": STRING,
            "locator": {"type": "string", "description": "Page, article, heading, or sheet and rows."},
            "quote": {"type": "string", "description": "Verbatim text of the source, white space aside; or the calculation."},
            "language": STRING, "passage_id": STRING,
            "date": _optional({"type": "string", "format": "date"}),
        }
    ),
    "Recommendation": _object(
        {
            "measure": STRING, "title": STRING, "site": _optional(STRING), "kind": {"enum": list(KINDS)}, "why": STRING,
            "savings": _object({"energy_kwh": _RANGE, "water_m3": _RANGE, "cost_eur": _RANGE, "co2_t": _RANGE}),
            "investment_eur": _RANGE, "payback_years": _RANGE, "npv_eur": _RANGE,
            "basis": {"enum": ["metered", "engineering", "document"]}, "method": STRING,
            "assumptions": _list(_object({"name": STRING, "value": _NUMBER, "unit": STRING, "source": STRING})),
            "citations": _list({"type": "integer"}), "confidence": {"enum": ["high", "medium", "low"]},
            "missing": {"type": "string", "description": "Why something could not be estimated."}, "next_step": STRING,
        }
    ),
    "Answer": _object(
        {
            "status": {"enum": ["answered", "not_found", "needs_input", "failed"]}, "language": _LANGUAGE,
            "text": {"type": "string", "description": "Paragraphs, `- ` items, **bold**, and [n] for each citation."},
            "citations": _list(ref("Citation")), "recommendations": _list(ref("Recommendation")),
            "follow_ups": _list(STRING), "notices": _list(STRING), "trace_id": STRING,
            "exchange": {"type": "string", "description": "Feedback on the answer names it; absent if there can be none."},
            "timings_ms": {
                "type": "object", "additionalProperties": _WHOLE, "required": ["retrieve", "answer", "total"],
            },
        },
        "status language text citations recommendations follow_ups notices trace_id timings_ms".split(),
    ),
    "Progress": _object(
        {"stage": {"enum": ["queued", "retrieve", "answer"]}, "text": {"type": "string", "description": "All so far."}}
    ),
    "Source": _object(
        {
            "name": STRING, "connector": STRING, "description": STRING,
            "configured": {"type": "boolean", "description": "False: indexed from the command line, and never read again."},
            "audience": _list(STRING), "documents": _WHOLE, "passages": _WHOLE, "indexed_at": _TIME,
            "failures": _list(_object({"uri": STRING, "reason": STRING})),
            "notes": _list(_object({"uri": STRING, "note": STRING})),
            "under_way": {"type": "boolean"}, "watched": {"type": "boolean"},
            "wanted": {"type": "boolean", "description": "A run was asked for and has not begun."},
            "next_run": _TIME, "last_run": _optional(ref("Run")),
        }
    ),
    "Run": _object(
        {
            "started": _TIME, "seconds": _NUMBER, "added": _WHOLE, "changed": _WHOLE, "removed": _WHOLE, "unchanged": _WHOLE,
            "passages": _WHOLE, "failed": _WHOLE, "error": _optional(STRING),
        }
    ),
    "Sources": _object(
        {
            "sources": _list(ref("Source")),
            "problem": {"type": ["string", "null"], "description": "Why advisor.yaml as it is now is not in force."},
        }
    ),
    "Pictures": _object(
        {
            "pictures": _list(
                _object(
                    {
                        "name": STRING, "title": STRING, "alt": {"type": "string", "description": "What it shows, in words."},
                        "png": {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"},
                    }
                )
            )
        }
    ),
    "Sites": _object(
        {
            "sites": _list(
                _object(
                    {
                        "id": STRING, "name": STRING, "kind": STRING, "location": STRING,
                        "meters": _list(
                            _object(
                                {
                                    "name": STRING, "carrier": STRING, "unit": STRING, "minutes": _WHOLE, "first": STRING,
                                    "last": STRING, "files": _list(STRING),
                                    "findings": _list(_object({"severity": STRING, "text": STRING})),
                                }
                            )
                        ),
                        "unread": _list(STRING), "measures": _list(STRING),
                        "lacking": _list(_object({"measure": STRING, "why": STRING})),
                    }
                )
            )
        }
    ),
    "Feedback": _object(
        {
            "verdict": {"enum": ["up", "down"]},
            "reason": {"type": "string", "maxLength": limits.REVIEW_REASON_CHARS},
        },
        ["verdict"],
    ),
    "Judged": _object({"exchange": STRING, "verdict": {"enum": ["up", "down"]}}),
    "Report": _object(
        {
            "days": _NUMBER, "asked": _WHOLE, "answered": _WHOLE, "not_found": _WHOLE, "up": _WHOLE, "down": _WHOLE,
            "unanswered": _list(_object({"question": STRING, "site": _optional(STRING), "count": _WHOLE, "last": _TIME})),
            "disliked": _list(
                _object(
                    {
                        "exchange": STRING, "question": STRING, "text": STRING, "at": _TIME, "up": _WHOLE, "down": _WHOLE,
                        "reasons": _list(STRING),
                    }
                )
            ),
            "sources": _list(_object({"title": STRING, "answers": _WHOLE})),
        }
    ),
    "Wanted": _object({"name": STRING, "wanted": {"const": True}}),
    "Error": _object({"error": _object({"code": STRING, "message": STRING})}),
}  # fmt: skip
