"""An EPANET network over a day, pressure-driven: what leaks lose, what pumps take, how little pressure there is. By wntr.

Loading wntr takes three seconds: only what looks at a site with a network may import this. Source: Klise et al. 2017, "A software
framework for assessing the resilience of drinking water systems to disasters" (WNTR); leaks as Cd * A * sqrt(2 g h).
"""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import wntr
from scipy.optimize import OptimizeWarning

from rag.errors import InputError

_HOUR, _HOURS = 3600, 24
_DISCHARGE = 0.75
"""Of a hole with rounded edges, as WNTR has it."""
logging.getLogger("wntr").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Leak:
    """A round hole at a junction."""

    node: str
    diameter_mm: float


@dataclass(frozen=True, slots=True)
class Valve:
    """A pressure-reducing valve put into a pipe, with the head in m that it holds behind it."""

    pipe: str
    setting_m: float


@dataclass(frozen=True, slots=True)
class Day:
    """24 hours: m3 lost by junction, m3 delivered, kWh of pumps, and the least head (m) where water is asked for."""

    lost: Mapping[str, float]
    delivered: float
    pumping_kwh: float
    least_pressure: float


def day(file: Path, leaks: tuple[Leak, ...] = (), valve: Valve | None = None) -> Day:
    """A day of the network with these leaks, and a valve if given; kept until the file changes. InputError: cannot be run."""
    try:
        stat = file.stat()
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from None
    return _day(file, (stat.st_mtime_ns, stat.st_size), leaks, valve)


@lru_cache(maxsize=32)
def _day(file: Path, _state: tuple[int, int], leaks: tuple[Leak, ...], valve: Valve | None) -> Day:
    try:
        network = wntr.network.WaterNetworkModel(str(file))
        for one in leaks:
            area = math.pi * (one.diameter_mm / 1000) ** 2 / 4
            network.get_node(one.node).add_leak(network, area, discharge_coeff=_DISCHARGE, start_time=0, end_time=None)
        if valve is not None:
            network = _with(network, valve)
        network.options.time.duration = _HOURS * _HOUR
        network.options.time.hydraulic_timestep = network.options.time.report_timestep = _HOUR
        network.options.hydraulic.demand_model = "PDD"
        with warnings.catch_warnings():  # a pump curve of three points is met exactly, which scipy finds worth a warning
            warnings.simplefilter("ignore", OptimizeWarning)
            found = wntr.sim.WNTRSimulator(network).run_sim()
            energy = wntr.metrics.pump_energy(found.link["flowrate"], found.node["head"], network).iloc[:-1]
    except (LookupError, ValueError, AttributeError, RuntimeError, wntr.epanet.exceptions.EpanetException) as error:
        raise InputError(f"{file.name}: the network cannot be computed: {error}") from None
    demand = found.node["demand"].loc[:, network.junction_name_list].iloc[:-1]
    asked = [name for name in network.junction_name_list if network.get_node(name).base_demand > 0]
    return Day(
        {one.node: float(found.node["leak_demand"][one.node].iloc[:-1].sum()) * _HOUR for one in leaks},
        float(demand.sum().sum()) * _HOUR,
        float(energy.sum().sum()) / 3.6e6,
        float(found.node["pressure"].loc[:, asked].min().min()) if asked else 0.0,
    )


def _with(network: wntr.network.WaterNetworkModel, valve: Valve) -> wntr.network.WaterNetworkModel:
    """The valve stands at the end of the pipe where water enters it."""
    near, far = f"{valve.pipe}-in", f"{valve.pipe}-out"
    broken = wntr.morph.break_pipe(network, valve.pipe, f"{valve.pipe}-after", near, far, split_at_point=0.5)
    diameter = broken.get_link(valve.pipe).diameter
    broken.add_valve(f"{valve.pipe}-prv", near, far, diameter=diameter, valve_type="PRV", initial_setting=valve.setting_m)
    return broken
