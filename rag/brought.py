"""Readings that somebody brought into a conversation, as a facility of that conversation's own. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.company import MeterConfig, SiteConfig
from rag.assumptions import Changes, FollowUp, changes
from rag.models import Language, Turn
from rag.readings.series import Series

PREFIX = "file-"
"""How the ids of such facilities begin; none of advisor.yaml's is given one."""
OF = "of"
"""Key in the tariff of such a facility for whose prices they are, if they are another's."""
_PRICES = {("gas", "kWh"): "gas_eur_per_kwh", ("water", "m3"): "water_eur_per_m3"}
_PERIODS = tuple(f"P{number}" for number in range(1, 7))


@dataclass(frozen=True, slots=True)
class Brought:
    """A file of readings as a facility with its meters. Its audience is the conversation in which the file was sent, alone."""

    site: SiteConfig
    readings: Mapping[str, Series]


def brought(identity: str, name: str, series: Sequence[Series], audience: str, like: SiteConfig | None) -> Brought:
    """A file as a facility. Prices are those that its bills tell, else those of the facility `like` that is talked of there.

    Nothing else is taken from that one but its place and the carbon of its electricity: its equipment and contracted power are
    of its own supply, and whether the file is of the same one is not known.
    """
    meters = tuple(MeterConfig(id=one.meter, name=one.name, carrier=one.carrier, unit=one.unit) for one in series)
    site = SiteConfig(
        id=identity,
        name=name,
        kind=like.kind if like else "",
        location=like.location if like else "",
        tariff=_tariff(name, series, like),
        grid_factor=like.grid_factor if like else {},
        meters=meters,
        audience=(audience,),
    )
    return Brought(site, {one.meter: one for one in series})


def priced_before(history: Sequence[Turn], name: str, language: Language) -> FollowUp | None:
    """The price that was last set for a file of this name since it was sent or named, for recommendations; None if none was."""
    for turn in reversed(history):
        if turn.role == "user":
            told = changes(turn.text, language).values
            if prices := {key: told[key] for key in ("price", "water_price") if key in told}:
                return FollowUp(Changes(prices), "")
            if name.casefold() in turn.text.casefold():
                break
    return None


def _tariff(name: str, series: Sequence[Series], like: SiteConfig | None) -> dict[str, Any]:
    """What a kWh and a cubic metre cost."""
    told = {**like.tariff, OF: like.name} if like else {}
    for key in ("contracted_kw", "power_eur_per_kw_year"):
        told.pop(key, None)
    for one in series:
        amount = float(one.values.sum())
        if one.cost_eur is None or amount <= 0:
            continue
        price = (
            one.energy_eur or one.cost_eur
        ) / amount  # what is saved is energy: power and taxes are told apart where they can be
        if one.carrier == "electricity":
            told |= {"energy_eur_per_kwh": dict.fromkeys(_PERIODS, price), "source": name}
            told.pop(OF, None)
        elif (one.carrier, one.unit) in _PRICES:
            told |= {_PRICES[one.carrier, one.unit]: price, f"{one.carrier}_source": name}
    return told
