"""The OpenAPI 3.1 document of the /v1 interface; a test holds real responses to its schemas."""

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


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_STRING: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "number"}
_WHOLE: Schema = {"type": "integer", "minimum": 0}
_RANGE = _optional(_ref("Range"))
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
            "question": {"type": "string", "minLength": 1, "maxLength": limits.WEB_QUESTION_CHARS},
            "thread": _THREAD, "site": _SITE, "audience": _AUDIENCE,
        },
        ["question"],
    ),
    "Recommend": _object(
        {"kind": {"enum": [*KINDS, None]}, "thread": _THREAD, "site": _SITE, "audience": _AUDIENCE}, []
    ),
    "Range": _object({"low": _NUMBER, "mid": _NUMBER, "high": _NUMBER}),
    "Citation": _object(
        {
            "n": {"type": "integer", "minimum": 1, "description": "The number in the text's [n]."},
            "kind": {"enum": ["passage", "calculation"]},
            "title": _STRING, "uri": _STRING,
            "locator": {"type": "string", "description": "Page, article, heading, or sheet and rows."},
            "quote": {"type": "string", "description": "Verbatim text of the source, white space aside; or the calculation."},
            "language": _STRING, "passage_id": _STRING,
            "date": _optional({"type": "string", "format": "date"}),
        }
    ),
    "Recommendation": _object(
        {
            "measure": _STRING, "title": _STRING, "site": _optional(_STRING), "kind": {"enum": list(KINDS)}, "why": _STRING,
            "savings": _object({"energy_kwh": _RANGE, "water_m3": _RANGE, "cost_eur": _RANGE, "co2_t": _RANGE}),
            "investment_eur": _RANGE, "payback_years": _RANGE, "npv_eur": _RANGE,
            "basis": {"enum": ["metered", "engineering", "document"]}, "method": _STRING,
            "assumptions": _list(_object({"name": _STRING, "value": _NUMBER, "unit": _STRING, "source": _STRING})),
            "citations": _list({"type": "integer"}), "confidence": {"enum": ["high", "medium", "low"]},
            "missing": {"type": "string", "description": "Why something could not be estimated."}, "next_step": _STRING,
        }
    ),
    "Answer": _object(
        {
            "status": {"enum": ["answered", "not_found", "needs_input", "failed"]}, "language": _LANGUAGE,
            "text": {"type": "string", "description": "Paragraphs, `- ` items, **bold**, and [n] for each citation."},
            "citations": _list(_ref("Citation")), "recommendations": _list(_ref("Recommendation")),
            "follow_ups": _list(_STRING), "notices": _list(_STRING), "trace_id": _STRING,
            "exchange": {"type": "string", "description": "Feedback on the answer names it; absent if there can be none."},
            "timings_ms": {
                "type": "object", "additionalProperties": _WHOLE, "required": ["retrieve", "answer", "total"],
            },
        },
        "status language text citations recommendations follow_ups notices trace_id timings_ms".split(),
    ),
    "Progress": _object({"stage": {"enum": ["retrieve", "answer"]}, "text": {"type": "string", "description": "All so far."}}),
    "Source": _object(
        {
            "name": _STRING, "connector": _STRING, "description": _STRING,
            "configured": {"type": "boolean", "description": "False: indexed from the command line, and never read again."},
            "audience": _list(_STRING), "documents": _WHOLE, "passages": _WHOLE, "indexed_at": _TIME,
            "failures": _list(_object({"uri": _STRING, "reason": _STRING})),
            "notes": _list(_object({"uri": _STRING, "note": _STRING})),
            "under_way": {"type": "boolean"}, "watched": {"type": "boolean"},
            "wanted": {"type": "boolean", "description": "A run was asked for and has not begun."},
            "next_run": _TIME, "last_run": _optional(_ref("Run")),
        }
    ),
    "Run": _object(
        {
            "started": _TIME, "seconds": _NUMBER, "added": _WHOLE, "changed": _WHOLE, "removed": _WHOLE, "unchanged": _WHOLE,
            "passages": _WHOLE, "failed": _WHOLE, "error": _optional(_STRING),
        }
    ),
    "Sources": _object(
        {
            "sources": _list(_ref("Source")),
            "problem": {"type": ["string", "null"], "description": "Why advisor.yaml as it is now is not in force."},
        }
    ),
    "Pictures": _object(
        {
            "pictures": _list(
                _object(
                    {
                        "name": _STRING, "title": _STRING, "alt": {"type": "string", "description": "What it shows, in words."},
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
                        "id": _STRING, "name": _STRING, "kind": _STRING, "location": _STRING,
                        "meters": _list(
                            _object(
                                {
                                    "name": _STRING, "carrier": _STRING, "unit": _STRING, "minutes": _WHOLE, "first": _STRING,
                                    "last": _STRING, "files": _list(_STRING),
                                    "findings": _list(_object({"severity": _STRING, "text": _STRING})),
                                }
                            )
                        ),
                        "unread": _list(_STRING), "measures": _list(_STRING),
                        "lacking": _list(_object({"measure": _STRING, "why": _STRING})),
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
    "Judged": _object({"exchange": _STRING, "verdict": {"enum": ["up", "down"]}}),
    "Report": _object(
        {
            "days": _NUMBER, "asked": _WHOLE, "answered": _WHOLE, "not_found": _WHOLE, "up": _WHOLE, "down": _WHOLE,
            "unanswered": _list(_object({"question": _STRING, "site": _optional(_STRING), "count": _WHOLE, "last": _TIME})),
            "disliked": _list(
                _object(
                    {
                        "exchange": _STRING, "question": _STRING, "text": _STRING, "at": _TIME, "up": _WHOLE, "down": _WHOLE,
                        "reasons": _list(_STRING),
                    }
                )
            ),
            "sources": _list(_object({"title": _STRING, "answers": _WHOLE})),
        }
    ),
    "Wanted": _object({"name": _STRING, "wanted": {"const": True}}),
    "Error": _object({"error": _object({"code": _STRING, "message": _STRING})}),
}  # fmt: skip

_ERRORS = {
    400: "Not as the contract says; the message says what to change.",
    401: "No token, or not a valid one.",
    403: "From another machine while no tokens are set; or an audience that is not the token's.",
    404: "No such message, or its events have expired; no such source that the token may read; no such exchange of the caller's.",
    408: "The body came too slowly.",
    413: "The body is too large.",
    415: "The content type is not application/json.",
    503: "Cannot be taken now; nothing was stored. See Retry-After.",
}
_STREAM_TEXT = (
    "Server-sent events: `progress` (Progress) any number of times, then one `answer` (Answer), or `error` (Error). "
    "After a lost connection, GET the address in Location with Last-Event-ID."
)


def _error(description: str) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": _ref("Error")}}}


def _responses(*errors: int) -> dict[str, Any]:
    answer = {
        "description": "The answer; its `status` says how it ended, also when it failed or did not come in time.",
        "headers": {"Location": {"description": "Where this answer can be had again for a while.", "schema": _STRING}},
        "content": {
            "application/json": {"schema": _ref("Answer")},
            "text/event-stream": {"schema": {"type": "string", "description": _STREAM_TEXT}},
        },
    }
    return {"200": answer, **{str(status): _error(_ERRORS[status]) for status in errors}}


def _json_responses(status: str, schema: str, *errors: int) -> dict[str, Any]:
    good = {"description": schema, "content": {"application/json": {"schema": _ref(schema)}}}
    return {status: good, **{str(error): _error(_ERRORS[error]) for error in errors}}


def _post(summary: str, schema: str, *, required: bool) -> Schema:
    return {
        "post": {
            "operationId": schema.lower(), "summary": summary,
            "requestBody": {"required": required, "content": {"application/json": {"schema": _ref(schema)}}},
            "responses": _responses(400, 401, 403, 408, 413, 415, 503),
        }
    }  # fmt: skip


OPENAPI: Schema = {
    "openapi": "3.1.0",
    "info": {
        "title": "Efficiency Advisor", "version": "1",
        "description": "Cited answers on using less energy and water. Errors are in the language of Accept-Language.",
    },
    "security": [{"bearer": []}],
    "paths": {
        "/v1/ask": _post("Ask a question", "Ask", required=True),
        "/v1/recommend": _post("What to improve or build", "Recommend", required=True),
        "/v1/messages/{id}": {
            "get": {
                "operationId": "message", "summary": "The answer of an earlier request, or the rest of its stream",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": _STRING},
                    {"name": "Last-Event-ID", "in": "header", "schema": _STRING, "description": "Leaves out what was received."},
                ],
                "responses": _responses(401, 403, 404, 503),
            }
        },
        "/v1/exchanges/{id}/feedback": {
            "post": {
                "operationId": "judge", "summary": "What the asker thinks of an answer; the last word counts",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": _STRING}],
                "requestBody": {"required": True, "content": {"application/json": {"schema": _ref("Feedback")}}},
                "responses": _json_responses("200", "Judged", 400, 401, 403, 404, 415, 503),
            }
        },
        "/v1/feedback": {
            "get": {
                "operationId": "feedback", "summary": "What found nothing, what was disliked and why, which documents are cited",
                "parameters": [
                    {
                        "name": "days", "in": "query",
                        "schema": {"type": "integer", "minimum": 1, "maximum": limits.REVIEW_DAYS, "default": 30},
                    }
                ],
                "responses": _json_responses("200", "Report", 400, 401, 403, 503),
            }
        },
        "/v1/exchanges/{id}/pictures": {
            "get": {
                "operationId": "pictures", "summary": "What an answer's calculations look like: two pictures at most, often none",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": _STRING}],
                "responses": _json_responses("200", "Pictures", 401, 403, 404, 503),
            }
        },
        "/v1/sites": {
            "get": {
                "operationId": "sites", "summary": "How the facilities stand that the token may see: meters, findings, measures",
                "responses": _json_responses("200", "Sites", 401, 403, 503),
            }
        },
        "/v1/sources": {
            "get": {
                "operationId": "sources", "summary": "How the sources stand that the token may read",
                "responses": _json_responses("200", "Sources", 401, 403, 503),
            }
        },
        "/v1/sources/{name}/retry": {
            "post": {
                "operationId": "retry", "summary": "Have a source read at once, with what failed before",
                "parameters": [{"name": "name", "in": "path", "required": True, "schema": _STRING}],
                "responses": _json_responses("202", "Wanted", 401, 403, 404, 503),
            }
        },
    },
    "components": {
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer", "description": "One of API_TOKENS; with none set, this machine only."}
        },
        "schemas": SCHEMAS,
    },
}  # fmt: skip
