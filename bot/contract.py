"""An answer as the JSON that others build on: `ask --json`, `POST /v1/ask` and `/v1/recommend`. Pure."""

from __future__ import annotations

import dataclasses
from typing import Any

from rag.models import Answer, Citation, Range, Recommendation


def answer_json(answer: Answer) -> dict[str, Any]:
    """The answer in the published shape; ranges are null where nothing could be estimated."""
    return {
        "status": answer.status,
        "language": answer.language,
        "text": answer.text,
        "citations": [_citation(citation) for citation in answer.citations],
        "recommendations": [_recommendation(one) for one in answer.recommendations],
        "follow_ups": list(answer.follow_ups),
        "notices": list(answer.notices),
        "trace_id": answer.trace_id,
        "timings_ms": {"retrieve": 0, "answer": 0, "total": 0, **answer.timings_ms},
    }


def _citation(citation: Citation) -> dict[str, Any]:
    published = {name: value for name, value in dataclasses.asdict(citation).items() if name != "site"}
    return {**published, "date": citation.date.isoformat() if citation.date else None}


def _range(value: Range | None) -> dict[str, float] | None:
    return dataclasses.asdict(value) if value else None


def _recommendation(one: Recommendation) -> dict[str, Any]:
    return {
        "measure": one.measure,
        "title": one.title,
        "site": one.site,
        "kind": one.kind,
        "why": one.why,
        "savings": {
            "energy_kwh": _range(one.energy_kwh),
            "water_m3": _range(one.water_m3),
            "cost_eur": _range(one.cost_eur),
            "co2_t": _range(one.co2_t),
        },
        "investment_eur": _range(one.investment_eur),
        "payback_years": _range(one.payback_years),
        "npv_eur": _range(one.npv_eur),
        "basis": one.basis,
        "method": one.method,
        "assumptions": [dataclasses.asdict(assumption) for assumption in one.assumptions],
        "citations": list(one.citations),
        "confidence": one.confidence,
        "missing": one.missing,
        "next_step": one.next_step,
    }
