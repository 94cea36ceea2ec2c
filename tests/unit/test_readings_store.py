"""Readings are parsed once, and again when a file or a setting changes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from config.company import SiteConfig
from rag.readings.store import Readings


def site(folder: Path, unit: str = "kWh") -> SiteConfig:
    """A site with a meter whose file exists and one whose does not."""
    there = {"id": "luz", "carrier": "electricity", "unit": unit, "files": [str(folder / "luz.csv")]}
    gone = {"id": "gas", "carrier": "gas", "unit": "kWh", "files": [str(folder / "gas.csv")]}
    return SiteConfig.model_validate({"id": "planta", "name": "Planta", "kind": "office", "meters": [there, gone]})


def write(path: Path, first: int) -> None:
    """A day of hours, from a value up, with one estimated."""
    rows = [f"2025-01-07T{hour:02d}:00+01:00;{first + hour};{'Estimada' if hour == 3 else 'Real'}" for hour in range(24)]
    path.write_text("inicio;consumo;calidad\n" + "\n".join(rows), encoding="utf-8")


async def test_what_is_kept_is_what_was_read(tmp_path: Path) -> None:
    """The same series from the file, from Parquet and from memory; a missing file is told and the others are there."""
    write(tmp_path / "luz.csv", 10)
    first = await Readings(tmp_path / "state").of(site(tmp_path))
    second = await Readings(tmp_path / "state").of(site(tmp_path))
    assert list(first) == list(second) == ["luz"]
    pd.testing.assert_series_equal(first["luz"].values, second["luz"].values, check_names=False, check_freq=False)
    pd.testing.assert_series_equal(first["luz"].estimated, second["luz"].estimated, check_names=False, check_freq=False)
    assert second["luz"].findings == first["luz"].findings
    assert first["luz"].files == ("luz.csv",)
    faults = await Readings(tmp_path / "state").faults(site(tmp_path))
    assert "gas.csv" in faults["gas"]


async def test_a_changed_file_or_setting_is_read_anew(tmp_path: Path) -> None:
    """At once, in the same process and in another."""
    write(tmp_path / "luz.csv", 10)
    readings = Readings(tmp_path / "state")
    before = (await readings.of(site(tmp_path)))["luz"].values.iloc[0]
    write(tmp_path / "luz.csv", 1000)
    after = (await readings.of(site(tmp_path)))["luz"].values.iloc[0]
    other = (await Readings(tmp_path / "state").of(site(tmp_path, "MWh")))["luz"].values.iloc[0]
    assert (before, after, other) == (10.0, 1000.0, 1_000_000.0)
