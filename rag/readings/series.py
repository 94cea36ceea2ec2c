"""A meter's readings as data: a regular series of quantities, and what the checks on the way in found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # half a second to load, and only types here: a question about documents does without
    import pandas as pd

Carrier = Literal["electricity", "gas", "water", "heat", "fuel", "temperature"]
Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found in a file or series. `rule` is a key under `readings.findings` in config/texts, `values` fill its text.

    `error`: no number may be computed from the series by a method that this rule guards; `blocks` names those methods ("*" all).
    """

    rule: str
    severity: Severity
    values: Mapping[str, object] = field(default_factory=dict)
    blocks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Series:
    """Readings of one meter on a regular grid.

    values    quantity in each interval (kWh, m3: an amount, never a rate; of the outdoor air its mean, degC); NaN where
              nothing was read. Index: tz-aware local start of the interval, ascending, without gaps
    estimated True where the distributor estimated; same index
    unit      of the amounts: "kWh" or "m3"
    interval  length of an interval
    files     names of the files it was read from, for the citation
    cost_eur  what bills say that all of it cost; None where the files tell no money
    energy_eur  of that, for the energy alone; None where the bills do not tell it apart
    paid_for  what the money is said to be for beside the energy (keys under `bill_parts` in config/texts); "net": without VAT
    """

    site: str
    meter: str
    name: str
    carrier: Carrier
    unit: str
    interval: timedelta
    values: pd.Series[float]
    estimated: pd.Series[bool]
    files: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    cost_eur: float | None = None
    energy_eur: float | None = None
    paid_for: tuple[str, ...] = ()

    @property
    def hours(self) -> float:
        """Length of an interval in hours."""
        return self.interval / timedelta(hours=1)

    @property
    def rate(self) -> pd.Series[float]:
        """Mean power in kW, or flow in m3/h, of each interval."""
        return self.values / self.hours

    def blocked(self, method: str) -> Finding | None:
        """The finding that forbids this method, if one does."""
        return next((one for one in self.findings if one.severity == "error" and one.blocks & {method, "*"}), None)
