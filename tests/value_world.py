"""A company with three metered sites, one of them the management's, for tests of values that are asked for by name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pandas as pd

from bot.conversation import ConversationManager
from bot.messages import Reply
from config.company import CompanyConfig, SiteConfig
from rag.direct import Direct
from rag.figures import Figures
from rag.pipeline import Pipeline
from rag.readings.indicators import of_site
from rag.readings.replies import reply
from rag.readings.series import Carrier, Series
from tests.answer_corpus import COMPANY
from tests.answer_fixtures import ListMemory, library, said, unseen

TODAY = date(2026, 2, 10)
SOURCE = "contrato.pdf, 2024-12-12"


def tariff(price: float) -> dict[str, object]:
    """A contract of six periods: the first two and the last at different prices."""
    return {
        "toll": "6.1TD",
        "contracted_kw": {f"P{n}": 120 if n < 6 else 150 for n in range(1, 7)},
        "energy_eur_per_kwh": {f"P{n}": round(price - 0.01 * n, 3) for n in range(1, 7)},
        "source": SOURCE,
        "water_eur_per_m3": 0.5,
        "water_source": "agua.pdf",
    }


def site(name: str, called: str, kind: str, *aliases: str, price: float = 0.2, **more: object) -> dict[str, object]:
    """A site with one electricity meter."""
    meter = {"id": "electricity", "name": f"Electricidad {called}", "carrier": "electricity", "unit": "kWh"}
    told = {"id": name, "name": called, "kind": kind, "aliases": aliases, "meters": [meter], "tariff": tariff(price)}
    return {**told, **more}


FLOWS = [
    {"id": f"flow-{n}", "name": f"Caudal {called}", "carrier": "water", "unit": "m3/h"}
    for n, called in ((1, "S1 Centro"), (2, "S2 Ensanche"))
]
SITES = [
    site("edar-norte", "EDAR Norte", "wastewater_treatment", "EDAR", "la depuradora"),
    site("oficina", "Oficina central", "office", "la oficina", "head office", price=0.3),
    site("cpd", "Centro de datos", "office", audience=["direccion"]),
    {**site("red", "Red Este", "water_distribution", "la red", "Ensanche"), "meters": FLOWS},
]
COMPANY_OF_SITES = CompanyConfig.model_validate({**COMPANY, "sites": SITES, "sources": [], "channels": []})


def series(
    values: pd.Series[float], meter: str = "electricity", name: str = "Electricidad", carrier: Carrier = "electricity"
) -> Series:
    """Readings on their own grid."""
    step = values.index[1] - values.index[0]  # type: ignore[operator]  # times
    unit = "kWh" if carrier == "electricity" else "m3"
    return Series("s", meter, name, carrier, unit, timedelta(seconds=step.total_seconds()), values, values < 0)


def hours(first: str, last: str, kwh: float = 1.0) -> pd.Series[float]:
    """Hours of local time, from a day up to another, all alike."""
    index = pd.date_range(first, last, freq="h", tz="Europe/Madrid", inclusive="left")
    return pd.Series(kwh, index=index)


def flows(rise: float, until: str = "2026-01-01") -> pd.Series[float]:
    """A year of 50 m3/h by day and 20 at night, `rise` more from 12 May to a day."""
    values = hours("2025-01-01", "2026-01-01", 50.0)
    values[pd.DatetimeIndex(values.index).hour < 6] = 20.0
    values.loc["2025-05-12" : str(pd.Timestamp(until) - pd.Timedelta(hours=1))] += rise  # type: ignore[misc]  # a slice of days
    return values


async def readings(one: SiteConfig) -> Mapping[str, Series]:
    """A year of each: 10 kW at the plant, twice that on 3 July at noon; 4 kW at the office; the red with a leak in S2 alone."""
    if one.id == "red":
        found = {"flow-1": flows(9.0, "2025-06-20"), "flow-2": flows(18.0)}
        return {
            key: series(value, key, f"Caudal {'S1 Centro' if key == 'flow-1' else 'S2 Ensanche'}", "water")
            for key, value in found.items()
        }
    values = hours("2025-01-01", "2026-01-01", {"edar-norte": 10.0, "oficina": 4.0}.get(one.id, 100.0))
    if one.id == "edar-norte":
        values.loc["2025-07-03 12:00"] = 20.0
    return {"electricity": series(values, name=one.meters[0].name)}


class ValueWorld:
    """A conversation with the adviser of that company, which has the small company's documents."""

    def __init__(self) -> None:
        company, similarity = COMPANY_OF_SITES, library().similarity
        direct = Direct(readings, reply, lambda: company, lambda: TODAY)
        figures = Figures(readings, of_site, lambda: company, similarity, direct)
        pipeline = Pipeline(library().retriever(), similarity, figures=figures)
        self.manager = ConversationManager(pipeline, library().recommender(), ListMemory(), company, 20.0)

    async def ask(self, text: str, **more: object) -> Reply:
        """What the adviser says next."""
        return await self.manager.respond(said(text, **more), unseen)
