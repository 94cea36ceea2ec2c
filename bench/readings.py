"""How long a year of quarter-hours of many sites takes: read from files, read from what is kept, and answered from.

    .venv/bin/python -m bench.readings --sites 100

Answered: base load and nights, and energy and cost by tariff period, of every site. Prints seconds for all sites together.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from config.company import SiteConfig
from rag.readings import profile, tariffs
from rag.readings.series import Series
from rag.readings.store import Readings

_YEAR = 35_040
_PRICES = {f"P{number}": 0.2 - 0.02 * number for number in range(1, 7)}


def main() -> None:
    """Write, read, keep, read again, answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=100)
    count = parser.parse_args().sites
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sites = [_site(folder, number) for number in range(count)]
        first, _ = _read(folder, sites)
        print(f"{count} sites, {_YEAR:,} quarter-hours each")
        print(f"files read and kept    {first:8.2f} s")
        again, _ = _read(folder, sites)
        print(f"read from what is kept {again:8.2f} s")
        readings = Readings(folder / "state")
        _held(readings, sites)
        start = time.perf_counter()
        held = _held(readings, sites)
        print(f"held in memory         {time.perf_counter() - start:8.2f} s")
        start = time.perf_counter()
        for site, series in zip(sites, held, strict=True):
            answer(site, series)
        print(f"answered               {time.perf_counter() - start:8.2f} s")


def answer(site: SiteConfig, readings: Mapping[str, Series]) -> float:
    """EUR of energy a year, with the base load looked at."""
    series = readings["electricity"]
    profile.base_load(series)
    return tariffs.by_period(series, site).result("energy_cost").value


def _read(folder: Path, sites: list[SiteConfig]) -> tuple[float, list[Mapping[str, Series]]]:
    start = time.perf_counter()
    held = _held(Readings(folder / "state"), sites)
    return time.perf_counter() - start, held


def _held(readings: Readings, sites: list[SiteConfig]) -> list[Mapping[str, Series]]:
    async def every() -> list[Mapping[str, Series]]:
        return [await readings.of(site) for site in sites]

    return asyncio.run(every())


def _site(folder: Path, number: int) -> SiteConfig:
    file = folder / f"{number}.csv"
    index = pd.date_range("2025-01-01", periods=_YEAR, freq="15min", tz="Europe/Madrid")
    made = 20 + 5 * np.random.default_rng(number).random(_YEAR)
    stamps = index.strftime("%Y-%m-%dT%H:%M:%S%z")
    file.write_text("start;kWh\n" + "\n".join(f"{one};{value:.3f}" for one, value in zip(stamps, made, strict=True)), "utf-8")
    meter = {"id": "electricity", "carrier": "electricity", "unit": "kWh", "files": [str(file)]}
    tariff = {"toll": "6.1TD", "energy_eur_per_kwh": _PRICES, "source": "bench"}
    return SiteConfig.model_validate({"id": f"s{number}", "name": f"S{number}", "kind": "x", "meters": [meter], "tariff": tariff})


if __name__ == "__main__":
    main()
