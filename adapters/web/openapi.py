"""The OpenAPI 3.1 document of the /v1 interface."""

from __future__ import annotations

from typing import Any

from adapters.web.schemas import SCHEMAS, STRING, Schema, ref
from config import limits

_ERRORS = {
    400: "Not as the contract says; the message says what to change.",
    401: "No token, or not a valid one.",
    403: "From another machine while no tokens are set; or an audience that is not the token's.",
    404: "No such message, or its events have expired; no such source that the token may read; no such exchange of the caller's.",
    408: "The body came too slowly.",
    413: "The body is too large.",
    415: "The content type is not application/json; of a file, not application/octet-stream.",
    429: "Too many files in a short while.",
    503: "Cannot be taken now; nothing was stored. See Retry-After.",
}
_STREAM_TEXT = (
    "Server-sent events: `progress` (Progress) any number of times, then one `answer` (Answer), or `error` (Error). "
    "After a lost connection, GET the address in Location with Last-Event-ID."
)


def _error(description: str) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": ref("Error")}}}


def _responses(*errors: int) -> dict[str, Any]:
    answer = {
        "description": "The answer; its `status` says how it ended, also when it failed or did not come in time.",
        "headers": {"Location": {"description": "Where this answer can be had again for a while.", "schema": STRING}},
        "content": {
            "application/json": {"schema": ref("Answer")},
            "text/event-stream": {"schema": {"type": "string", "description": _STREAM_TEXT}},
        },
    }
    return {"200": answer, **{str(status): _error(_ERRORS[status]) for status in errors}}


def _json_responses(status: str, schema: str, *errors: int) -> dict[str, Any]:
    good = {"description": schema, "content": {"application/json": {"schema": ref(schema)}}}
    return {status: good, **{str(error): _error(_ERRORS[error]) for error in errors}}


def _post(summary: str, schema: str, *, required: bool) -> Schema:
    return {
        "post": {
            "operationId": schema.lower(), "summary": summary,
            "requestBody": {"required": required, "content": {"application/json": {"schema": ref(schema)}}},
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
        limits.WEB_UPLOAD_PATH: {
            "post": {
                "operationId": "send", "summary": "A file for a question that follows within a quarter of an hour",
                "parameters": [{"name": "name", "in": "query", "required": True, "schema": STRING}],
                "requestBody": {"required": True, "content": {"application/octet-stream": {}}},
                "responses": _json_responses("201", "Sent", 400, 401, 403, 408, 413, 415, 429, 503),
            }
        },
        "/v1/messages/{id}": {
            "get": {
                "operationId": "message", "summary": "The answer of an earlier request, or the rest of its stream",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": STRING},
                    {"name": "Last-Event-ID", "in": "header", "schema": STRING, "description": "Leaves out what was received."},
                ],
                "responses": _responses(401, 403, 404, 503),
            }
        },
        "/v1/exchanges/{id}/feedback": {
            "post": {
                "operationId": "judge", "summary": "What the asker thinks of an answer; the last word counts",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": STRING}],
                "requestBody": {"required": True, "content": {"application/json": {"schema": ref("Feedback")}}},
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
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": STRING}],
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
                "parameters": [{"name": "name", "in": "path", "required": True, "schema": STRING}],
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
