"""The words of numbers: quantities with their source, calculations, estimates, and the protocol of a measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

from config.company import SiteConfig
from rag.models import Kind, Range
from rag.readings.series import Series

Origin = Literal["metered", "configured", "default", "computed", "asked"]
"""From readings; from advisor.yaml or a bill; a published default; from other quantities; set by the asker in the chat."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with where it comes from. `key` names it under `quantities` in config/texts; `unit` is read by pint.

    `source` is for a reader: "Electricidad EDAR Norte, 2025-01-01 to 2025-06-30", "METHODS key", a file name, a resolution.
    `low` and `high` are its range where one is published.
    """

    key: str
    value: float
    unit: str
    source: str
    origin: Origin
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Calculation:
    """One step that can be opened: formula, inputs, results, the published method. The numbers shown are these, rounded.

    id         unique in a site: "base_load.electricity"; with the site's id it opens the calculation
    method     key under `methods` in config/texts
    formula    in symbols, the keys' names: "idle_kw * hours * price"; "" where values are told as a document states them
    reference  the published source of the method: paper, standard, clause; with an address where it has one
    caveats    keys under `caveats` in config/texts, with what to fill in
    """

    id: str
    method: str
    formula: str
    reference: str
    inputs: tuple[Quantity, ...]
    results: tuple[Quantity, ...]
    caveats: tuple[tuple[str, Mapping[str, object]], ...] = ()

    def result(self, key: str) -> Quantity:
        """The result with this key; KeyError if there is none."""
        return next(one for one in (*self.results, *self.inputs) if one.key == key)


@dataclass(frozen=True, slots=True)
class Case:
    """A site as a measure sees it: its profile, its readings by meter id, its neighbours' weather if any.

    assumptions  values that the asker set in the conversation, by quantity key, in that quantity's unit; they win over others.
                 Of one measure alone by rag.models.Given.name
    temperature  outdoor mean temperature in degC, hourly or daily, by local time; None if there is no weather file
    """

    site: SiteConfig
    readings: Mapping[str, Series]
    today: date
    assumptions: Mapping[str, float] = field(default_factory=dict)
    temperature: Series | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a measure saves and costs at a site, a year. What cannot be estimated is None, and `missing` says why.

    load         what it acts on ("blowers", "base_load", "lighting" ...): measures on one load are not added up
    load_kwh     what that load uses a year, if known: the ceiling of all that acts on it
    calculations in the order of reading; the last one gives the savings in money
    changeable   keys of quantities that the asker may set in the conversation
    missing      keys under `missing` in config/texts, with what to fill in
    instead_of   measures of the site that it makes needless: it or they count, not both
    given        keys of its values (investment, cost_saving) that the asker set in place of what would be reckoned
    """

    measure: str
    kind: Kind
    site: str
    load: str
    basis: Literal["metered", "engineering", "document"]
    confidence: Literal["high", "medium", "low"]
    calculations: tuple[Calculation, ...]
    energy_kwh: Range | None = None
    water_m3: Range | None = None
    cost_eur: Range | None = None
    co2_t: Range | None = None
    investment_eur: Range | None = None
    payback_years: Range | None = None
    npv_eur: Range | None = None
    irr: Range | None = None
    load_kwh: float | None = None
    life_years: int | None = None
    changeable: tuple[str, ...] = ()
    missing: tuple[tuple[str, Mapping[str, object]], ...] = ()
    instead_of: tuple[str, ...] = ()
    given: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """Why a measure is not proposed: a key under `missing` in config/texts, with what to fill in."""

    measure: str
    reason: str
    values: Mapping[str, object] = field(default_factory=dict)


class Measure(Protocol):
    """An efficiency measure. Pure: the same case gives the same estimate. Third parties add theirs by entry point.

    `building_sync` is its name in BuildingSync's enumerations, "" where that has none.
    """

    @property
    def id(self) -> str: ...

    @property
    def kind(self) -> Kind: ...

    @property
    def building_sync(self) -> str: ...

    def assess(self, case: Case) -> Estimate | NotApplicable:
        """What it would do at this site, or why it does not apply. Never raises for what a site's file may hold."""
        ...
