"""What-ifs on published networks against WNTR run by hand: python -m bench.networks FOLDER (of .inp files, as Net3 and ky4).

For each network: what three holes of 20 mm lose in a day, delivered water and pump energy, by the product and by a plain WNTR
script that shares none of its code; exit code 1 if they differ by more than 0.01 %.
"""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path

import wntr

from rag.measures.hydraulics import Leak, day

_HOLE_MM, _TOLERANCE = 20.0, 1e-4


def by_hand(file: Path, nodes: list[str]) -> tuple[float, float, float]:
    """(m3 lost, m3 delivered, kWh of pumps) of the first 24 hours, pressure-driven, hour by hour."""
    net = wntr.network.WaterNetworkModel(str(file))
    net.options.hydraulic.demand_model = "PDD"
    net.options.time.duration, net.options.time.hydraulic_timestep, net.options.time.report_timestep = 86_400, 3600, 3600
    for name in nodes:
        net.get_node(name).add_leak(net, area=math.pi * 0.01**2, discharge_coeff=0.75, start_time=0)
    made = wntr.sim.WNTRSimulator(net).run_sim()
    hours = made.node["demand"].index[:-1]
    lost = made.node["leak_demand"].loc[hours, nodes].to_numpy().sum() * 3600
    given = made.node["demand"].loc[hours, net.junction_name_list].to_numpy().sum() * 3600
    energy = wntr.metrics.pump_energy(made.link["flowrate"], made.node["head"], net).loc[hours].to_numpy().sum()
    return float(lost), float(given), float(energy) / 3.6e6


def main(folder: Path) -> int:
    """A line a network; how many differ."""
    wrong = 0
    print("network        hole at                     lost m3/day  delivered m3/day  pumps kWh/day  differs by  seconds")
    for file in sorted(folder.glob("*.inp")):
        asked = [n for n in wntr.network.WaterNetworkModel(str(file)).junctions() if n[1].base_demand > 0]
        nodes = [name for name, _ in asked[:: max(1, len(asked) // 3)]][:3]
        started = time.perf_counter()
        held = day(file, tuple(Leak(name, _HOLE_MM) for name in nodes))
        seconds = time.perf_counter() - started
        ours = (sum(held.lost.values()), held.delivered, held.pumping_kwh)
        off = max(abs(a - b) / max(abs(b), 1e-9) for a, b in zip(ours, by_hand(file, nodes), strict=True) if b)
        wrong += off > _TOLERANCE
        lost, given, energy = ours
        figures = f"{lost:12,.2f} {given:17,.1f} {energy:14,.1f} {100 * off:10.4f}% {seconds:8.1f}"
        print(f"{file.stem:14} {', '.join(nodes):26} {figures}")
    return wrong


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])) > 0)
