"""A site as those who look after it see it: its meters, what was wrong with their readings, and what could not be reckoned."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from config.texts import number, text
from rag import explain
from rag.advice import Advice, Assessed, title
from rag.measures.model import NotApplicable
from rag.models import Language, Scope
from rag.readings.series import Series, Severity


@dataclass(frozen=True, slots=True)
class MeterState:
    """A meter with what was read of it: its interval in minutes, first and last day; `findings` are (severity, sentence)."""

    name: str
    carrier: str
    unit: str
    minutes: int
    first: str
    last: str
    files: tuple[str, ...]
    findings: tuple[tuple[Severity, str], ...]


@dataclass(frozen=True, slots=True)
class SiteState:
    """A site. `unread` are meters of whose files nothing could be read; `lacking` are (measure, why it is not reckoned)."""

    id: str
    name: str
    kind: str
    location: str
    meters: tuple[MeterState, ...]
    unread: tuple[str, ...]
    measures: tuple[str, ...]
    lacking: tuple[tuple[str, str], ...]


async def site_states(advice: Advice, may: frozenset[str], language: Language) -> list[SiteState]:
    """Each site that these audiences may see, in the order of advisor.yaml."""
    return [_state(one, language) for one in await advice.assessed(Scope(may))]


def state_json(state: SiteState) -> dict[str, Any]:
    """As the HTTP interface gives it."""
    return {
        **asdict(state),
        "meters": [
            {**asdict(one), "findings": [{"severity": severity, "text": said} for severity, said in one.findings]}
            for one in state.meters
        ],
        "lacking": [{"measure": measure, "why": why} for measure, why in state.lacking],
    }


def _state(one: Assessed, language: Language) -> SiteState:
    site, readings = one.site, one.readings
    unread = tuple(meter.name or meter.id for meter in site.meters if meter.id not in readings)
    measures = tuple(title(estimate, site, language) for estimate in one.estimates)
    lacking = tuple((title(other, site, language), why_not(other, language)) for other in one.others)
    meters = tuple(_meter(series, language) for series in readings.values())
    return SiteState(site.id, site.name, site.kind, site.location, meters, unread, measures, lacking)


def _meter(series: Series, language: Language) -> MeterState:
    index = series.values.index
    findings = tuple((one.severity, explain.finding(one, language)) for one in series.findings)
    first, last = (str(day)[:10] for day in (index[0], index[-1])) if len(index) else ("", "")
    minutes = round(60 * series.hours)
    return MeterState(series.name, series.carrier, series.unit.replace("m3", "m³"), minutes, first, last, series.files, findings)


def why_not(other: NotApplicable, language: Language) -> str:
    """Why a measure is not proposed, in a sentence."""
    values = {key: number(value, language, 2) if isinstance(value, float) else value for key, value in other.values.items()}
    if rule := values.get("rule") if other.reason == "unusable_readings" else None:
        values["rule"] = text(language, f"facility.rules.{rule}")
    return text(language, f"facility.why_not.{other.reason}", **values)
