"""A company whose sites have measures to reckon, with its register in a real Redis, for tests of the register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd

from bot.conversation import ConversationManager
from bot.desk import BotDesk
from bot.register import Register
from bot.registrar import Registrar
from config.company import CompanyConfig, SiteConfig
from rag.advice import Advice
from rag.measures.registry import assess
from rag.models import Range
from rag.pipeline import Pipeline
from rag.readings.series import Carrier, Series
from rag.recommend import Recommender
from rag.registered import Change, Entry
from tests.answer_corpus import COMPANY
from tests.answer_fixtures import library
from tests.desk_world import DeskWorld

TODAY = date(2026, 1, 15)
BLOWERS = {
    "id": "blower_control", "title": {"es": "Regular las soplantes", "en": "Control the blowers"}, "kind": "energy",
    "energy_kwh": 87_600, "cost_eur": 10_500, "investment_eur": 42_000, "source": "informe.pdf",
}  # fmt: skip
TAPS = {
    "id": "new_taps", "title": {"es": "Cambiar los grifos", "en": "Change the taps"}, "kind": "water",
    "water_m3": 650, "cost_eur": 1_300, "investment_eur": 2_000, "source": "informe.pdf",
}  # fmt: skip
BOARD = {
    "id": "secret_works", "title": {"es": "Obra reservada", "en": "Secret works"}, "kind": "energy",
    "energy_kwh": 50_000, "cost_eur": 6_000, "investment_eur": 9_000, "source": "acta.pdf",
}  # fmt: skip


def company() -> CompanyConfig:
    """The small company; its plant has two measures with figures, and its office one that only the board may see."""
    plant = {"id": "edar-norte", "name": "EDAR Norte", "kind": "wastewater_treatment", "aliases": ["la depuradora"],
             "proposals": [BLOWERS, TAPS]}  # fmt: skip
    office = {"id": "oficina", "name": "Head office", "kind": "office", "proposals": [BOARD], "audience": ["direccion"]}
    return CompanyConfig.model_validate({**COMPANY, "sites": [plant, office]})


def daily(
    meter: str, carrier: Carrier, values: np.ndarray[tuple[int], np.dtype[np.float64]], first: str = "2024-01-01"
) -> Series:
    """A meter that is read once a day."""
    index = pd.date_range(first, periods=len(values), freq="D", tz="Europe/Madrid")
    held = pd.Series(values, index=index)
    unit = "m3" if carrier == "water" else "kWh"
    return Series("edar-norte", meter, meter, carrier, unit, timedelta(days=1), held, pd.Series(False, index=index), ("a.csv",))


def plant(saved: float = 240.0, noise: float = 60.0, days: int = 731) -> dict[str, Series]:
    """Two years of a plant that uses 1,000 kWh a day and half a kWh for each m3, and `saved` less from 2025 on."""
    random = np.random.default_rng(7)
    season = np.sin(np.arange(days) / 365 * 2 * np.pi)
    influent = 8000 + 1500 * season + random.normal(0, 700, days)
    energy = 1000 + 0.5 * influent + random.normal(0, noise, days)
    energy[366:] -= saved
    return {"electricity": daily("electricity", "electricity", energy), "influent": daily("influent", "water", influent)}


def entry(done: date | None = date(2024, 12, 31), **values: object) -> Entry:
    """A measure of the plant that was done, with what a test changes."""
    changes = (Change(TODAY, "done", done_on=done),) if done else ()
    given: dict[str, object] = {
        "number": 1, "site": "edar-norte", "measure": "blower_control", "kind": "energy", "title": "Regular las soplantes",
        "proposed": TODAY, "updated": TODAY, "energy_kwh": Range(70_000, 87_600, 100_000), "changes": changes, **values,
    }  # fmt: skip
    return Entry(**given)  # type: ignore[arg-type]  # as the test gives them


@dataclass
class RegisterWorld(DeskWorld):
    """The installation with readings, advice and its register."""

    company: CompanyConfig = field(default_factory=company)
    readings: Mapping[str, Series] = field(default_factory=plant)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.register = Register(self.redis)
        self.registrar = Registrar(self.register, self.read, lambda: TODAY)
        self.advice = Advice(self.read, assess, lambda: self.company, lambda: TODAY)

    async def read(self, site: SiteConfig) -> Mapping[str, Series]:
        """The plant's readings; the office has none."""
        return self.readings if site.id == "edar-norte" else {}

    @property
    def manager(self) -> ConversationManager:
        """With the company as it is now."""
        names = {site.id: (site.name, *site.aliases) for site in self.company.sites}
        recommender = Recommender(self.retriever, library().similarity, names, self.advice)
        pipeline = Pipeline(self.retriever, library().similarity)
        return ConversationManager(pipeline, recommender, self.memory, self.company, 20.0, self.records, registrar=self.registrar)

    def opening(self) -> BotDesk:
        """The desk as it is wired, for calculations of the register."""
        return BotDesk(
            self.records, self.desk._prompts, lambda: self.company,
            lambda identity, scope: self.registrar.calculation(self.company, identity, scope),
        )  # fmt: skip
