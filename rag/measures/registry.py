"""Every measure that is looked at: the built-in ones, and those that other packages bring by entry point."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from rag.measures.air import AirLeaks, AirPressure, HeatRecovery
from rag.measures.climate import Insulation, SetPoint
from rag.measures.contract import ContractedPower
from rag.measures.heating import HeatPumpRenewal
from rag.measures.lighting import LedLighting, LightingControls, NightDimming, PortalLighting
from rag.measures.model import Case, Estimate, Measure, NotApplicable
from rag.measures.network import NetworkLeak, NetworkPressure
from rag.measures.proposed import proposed
from rag.measures.pumping import NightPumping, PumpSpeed, ThrottledPumps
from rag.measures.reactive import PowerFactor
from rag.measures.recovery import BiogasEngine, PressureTurbine
from rag.measures.renewal import BlowerRenewal, BoilerRenewal, HeatPumpForBoiler, MotorRenewal, PumpReplacement
from rag.measures.running import DayOffRunning, DemandVentilation, EarlyStart, IdleLoad
from rag.measures.solar import Photovoltaics
from rag.measures.storage import Battery, SolarBattery
from rag.measures.supply import Rainwater, ReusePlant, TowerCycles
from rag.measures.treatment import EnergyRecovery, MembraneCleaning, OxygenControl
from rag.measures.water import Fixtures, LeakRepair, PressureManagement, WaterReuse

GROUP = "efficiency_advisor.measures"
BUILT_IN: tuple[Measure, ...] = (
    IdleLoad(), EarlyStart(), DayOffRunning(), DemandVentilation(), ContractedPower(), LedLighting(), PortalLighting(),
    NightDimming(), ThrottledPumps(), NightPumping(), OxygenControl(), MembraneCleaning(), EnergyRecovery(), HeatPumpRenewal(),
    PumpReplacement(), BoilerRenewal(), HeatPumpForBoiler(), AirLeaks(), AirPressure(), HeatRecovery(), PowerFactor(),
    BlowerRenewal(), MotorRenewal(), LightingControls(), PressureTurbine(), BiogasEngine(), PumpSpeed(), SolarBattery(),
    LeakRepair(), PressureManagement(), Fixtures(), WaterReuse(), ReusePlant(), Rainwater(), TowerCycles(), Photovoltaics(),
    Battery(), NetworkLeak(), NetworkPressure(), SetPoint(), Insulation(),
)  # fmt: skip


@cache
def measures() -> tuple[Measure, ...]:
    """Built-in and installed ones; of two with one id the built-in one."""
    found = {one.id: one for one in (*(point.load()() for point in entry_points(group=GROUP)), *BUILT_IN)}
    return tuple(found.values())


def assess(case: Case) -> tuple[list[Estimate], list[NotApplicable]]:
    """What each measure would do at the site, and why the others do not apply.

    Where a document of the site proposes one under the same name, its figures are told in place of ours.
    """
    told = {one.id for one in case.site.proposals}
    outcomes = [
        *(one.assess(case) for one in measures() if one.id not in told), *(proposed(case, one) for one in case.site.proposals),
    ]  # fmt: skip
    return (
        [one for one in outcomes if isinstance(one, Estimate)],
        [one for one in outcomes if isinstance(one, NotApplicable)],
    )
