"""Profiles and baselines of measured sites, with their fit: what the methods make of data that nobody here made up.

    .venv/bin/python -m bench.profiles FOLDER

FOLDER holds the files that SOURCES names, as their publishers give them; what is not there is left out. The daily baseline is
held against figures of opendsm 1.2.7's own daily model on the same sample (1 % of the sum, 0.005 of R²).
"""

from __future__ import annotations

import argparse
import gzip
import io
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from rag.readings import anomalies, profile, regression
from rag.readings.series import Series

SOURCES = """
melbourne_wwtp_daily.csv           Bagherzadeh et al., Full Scale Waste Water Treatment Plant Data (Mendeley Data, CC BY 4.0)
steel_15min_2018_H1.csv            UCI, Steel Industry Energy Consumption (CC BY 4.0), January to June 2018
il-electricity-cdd-hdd-daily.csv.gz, il-gas-hdd-only-daily.csv.gz, il-tempF.csv.gz   samples of opendsm (Apache-2.0)
"""
OPENDSM = {"model_sum": 10_467.82, "r2": 0.7675, "avoided": 890.58}
"""opendsm 1.2.7 on il-electricity-cdd-hdd-daily: kWh of the baseline year, its R², kWh avoided in the reporting year."""
_BASELINE_END, _REPORTING = "2016-12-25", "2017-01-05"


def main() -> None:
    """Print each sample that is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    for name, show in (
        ("melbourne_wwtp_daily.csv", melbourne), ("steel_15min_2018_H1.csv", steel),
        ("il-electricity-cdd-hdd-daily.csv.gz", electricity), ("il-gas-hdd-only-daily.csv.gz", gas),
    ):  # fmt: skip
        if (folder / name).is_file():
            print(f"\n{name}")
            show(folder / name)


def melbourne(file: Path) -> None:
    """A treatment plant: energy by inflow, organic load and weather."""
    rows = pd.read_csv(file)
    stamps = pd.to_datetime(rows[["Year", "Month", "Day"]].astype(int).rename(columns=str.lower))
    rows = rows.set_index(stamps).sort_index()
    rows = rows[~rows.index.duplicated()]
    energy = rows["Energy Consumption"].to_numpy(dtype=float)
    flow = rows["Average Inflow"].to_numpy(dtype=float)
    load = flow * rows["Chemical Oxygen Demand"].to_numpy(dtype=float)
    print(f"  {len(rows)} days, mean {energy.mean():,.0f} kWh a day")
    for name, driver in (
        ("inflow", flow),
        ("COD load", load),
        ("temperature", rows["Average Temperature"].to_numpy(dtype=float)),
    ):
        fit = regression.weather(driver, energy, 0.5) if name == "temperature" else regression.line(driver, energy)
        told(f"energy by {name}", fit)
    index = pd.DatetimeIndex(rows.index).tz_localize("Australia/Melbourne")
    grid = pd.Series(energy, index=index).asfreq("D")
    odd = anomalies.odd_days(series(grid, timedelta(days=1)))
    print(f"  odd days {len(odd)}, the strangest {[one.day.isoformat() for one in odd[:3]]}")


def steel(file: Path) -> None:
    """A steel plant's quarter-hours: base, shape, weekends."""
    rows = pd.read_csv(file)
    ends = pd.to_datetime(rows["date"], format="%d/%m/%Y %H:%M")
    # the file calls the quarter that ends a day 00:00 of the same day
    ends = ends.where(ends.dt.strftime("%H:%M") != "00:00", ends + pd.Timedelta(days=1))
    index = pd.DatetimeIndex(ends - pd.Timedelta(minutes=15)).tz_localize("Asia/Seoul")
    values = pd.Series(rows["Usage_kWh"].to_numpy(dtype=float), index=index).sort_index()
    held = series(values[~values.index.duplicated()].asfreq("15min"), timedelta(minutes=15))
    for made in (profile.base_load(held), profile.load_shape(held), profile.weekend(held)):
        print("  " + ", ".join(f"{one.key} {one.value:,.1f} {one.unit}" for one in (*made.inputs, *made.results)))


def electricity(file: Path) -> None:
    """The baseline year before the change and what was avoided in the year after it, against opendsm's own figures.

    Those were made with the temperature of UTC days; that of the meter's own days fits better and stands beside it.
    """
    for days in ("UTC", "local"):
        temperature, energy = _daily(file, utc=days == "UTC")
        held = energy.loc[:_BASELINE_END].iloc[-365:]
        fit = regression.weather(temperature[held.index].to_numpy(), held.to_numpy())
        told(f"energy by weather, temperature of {days} days", fit)
        total = float(fit.predict(temperature[held.index].to_numpy()).sum())
        after = energy.loc[_REPORTING:].iloc[:365].dropna()
        avoided = float(fit.predict(temperature[after.index].to_numpy()).sum() - after.sum())
        print(f"    read {held.sum():,.2f} kWh; modelled {total:,.2f}, opendsm {OPENDSM['model_sum']:,.2f}: "
              f"{100 * (total / OPENDSM['model_sum'] - 1):+.2f} %; R2 {fit.r2:.4f}, opendsm {OPENDSM['r2']}")  # fmt: skip
        share = avoided / (avoided + float(after.sum()))
        doubt = regression.savings_uncertainty(fit.cv_rmse, share, len(held), len(after), fit.parameters, max(0.0, fit.rho))
        print(f"    avoided {avoided:,.2f} kWh, within {100 * doubt:.1f} % at 90 %; opendsm {OPENDSM['avoided']}")


def gas(file: Path) -> None:
    """Gas: no cooling in the model."""
    temperature, energy = _daily(file)
    held = energy.loc[:_BASELINE_END].iloc[-365:]
    told("gas by weather", regression.weather(temperature[held.index].to_numpy(), held.to_numpy(), cooling=False))


def told(what: str, fit: regression.Fit) -> None:
    """A line on a fit, and whether it may be published."""
    balance = ", ".join(f"{one:g}" for one in (fit.heating_balance, fit.cooling_balance) if one is not None)
    print(f"  {what}: {fit.model} ({balance or 'no balance point'}), R2 {fit.r2:.4f}, CV(RMSE) {100 * fit.cv_rmse:.2f} %, "
          f"{'may be told' if fit.fitness() else 'low confidence'}")  # fmt: skip


def series(values: pd.Series[float], interval: timedelta) -> Series:
    """A series of kWh."""
    return Series("bench", "electricity", "electricity", "electricity", "kWh", interval, values, values.isna())


def _daily(file: Path, utc: bool = False) -> tuple[pd.Series[float], pd.Series[float]]:
    """(Mean temperature in degF, energy) of each local day of the meter; the sample's last day is not a whole one."""
    energy = _column(file, "value", utc=False).iloc[:-1]
    hourly = _column(file.with_name("il-tempF.csv.gz"), "tempF", utc)
    temperature = hourly.groupby(pd.DatetimeIndex(hourly.index).normalize()).mean()
    both = temperature.index.intersection(energy.index)
    return temperature[both], energy[both]


def _column(file: Path, name: str, utc: bool) -> pd.Series[float]:
    """By UTC, or by the wall clock that the files write."""
    rows = pd.read_csv(io.BytesIO(gzip.decompress(file.read_bytes())))
    told_times = rows.iloc[:, 0].astype(str)
    stamps = pd.to_datetime(told_times, utc=True).dt.tz_localize(None) if utc else pd.to_datetime(told_times.str.slice(0, 19))
    return pd.Series(rows[name].to_numpy(dtype=np.float64), index=pd.DatetimeIndex(stamps))


if __name__ == "__main__":
    main()
