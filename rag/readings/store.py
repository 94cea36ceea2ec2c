"""Readings of the company's sites, parsed once and kept as Parquet in the state folder until a file or a setting changes."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from config.company import MeterConfig, SiteConfig
from rag.errors import InputError
from rag.readings.load import load
from rag.readings.series import Finding, Series

log = logging.getLogger(__name__)
_FORMAT = 5
"""Counts up when what is kept changes its form, or when files are read otherwise: what was read wrongly must not stay."""


class Readings:
    """Series by site and meter. Files are looked at on each call, and parsed again only where they changed."""

    def __init__(self, folder: Path, root: Path | None = None) -> None:
        """`folder` keeps what was parsed; relative paths of files begin at `root`, by default where the program runs."""
        self._folder, self._root = folder, root or Path()
        self._lock = asyncio.Lock()
        self._held: dict[tuple[str, str], tuple[str, Series]] = {}

    async def of(self, site: SiteConfig) -> Mapping[str, Series]:
        """The site's series by meter id; one that cannot be read is left out, which `faults` tells."""
        async with self._lock:
            return await asyncio.to_thread(self._of, site)

    async def faults(self, site: SiteConfig) -> Mapping[str, str]:
        """Why a meter's readings cannot be used, by meter id."""
        async with self._lock:
            return await asyncio.to_thread(self._faults, site)

    def _of(self, site: SiteConfig) -> dict[str, Series]:
        found = {}
        for meter in site.meters:
            try:
                found[meter.id] = self._series(site.id, meter)
            except InputError as error:
                log.warning("readings of %s, %s: %s", site.id, meter.id, error)
        return found

    def _faults(self, site: SiteConfig) -> dict[str, str]:
        faults = {}
        for meter in site.meters:
            try:
                self._series(site.id, meter)
            except InputError as error:
                faults[meter.id] = str(error)
        return faults

    def _series(self, site: str, meter: MeterConfig) -> Series:
        files = [self._root / file for file in meter.files]
        missing = [str(file) for file in files if not file.is_file()]
        if missing or not files:
            raise InputError(f"{meter.id}: no such file: {', '.join(missing) or '(none given)'}")
        key = _key(meter, files)
        held = self._held.get((site, meter.id))
        if held and held[0] == key:
            return held[1]
        kept = self._folder / site / f"{meter.id}.parquet"
        series = _read(kept, key)
        if series is None:
            series = load(site, meter, {file.name: file.read_bytes() for file in files})
            _write(kept, key, series)
        self._held[site, meter.id] = (key, series)
        return series


def _key(meter: MeterConfig, files: list[Path]) -> str:
    states = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    told = json.dumps([_FORMAT, meter.model_dump(mode="json"), states])
    return hashlib.sha256(told.encode()).hexdigest()


def _write(path: Path, key: str, series: Series) -> None:
    frame = pd.DataFrame({"value": series.values, "estimated": series.estimated})
    frame.index.name = "start"
    findings = [{**asdict(one), "blocks": sorted(one.blocks)} for one in series.findings]
    told = {
        "key": key,
        "interval": series.interval.total_seconds(),
        "zone": str(pd.DatetimeIndex(series.values.index).tz),
        "findings": findings,
        **{name: getattr(series, name) for name in ("site", "meter", "name", "carrier", "unit", "cost_eur", "energy_eur")},
        "files": list(series.files),
        "paid_for": list(series.paid_for),
    }
    made = pa.Table.from_pandas(frame.tz_convert("UTC").reset_index(), preserve_index=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    pq.write_table(made.replace_schema_metadata({b"readings": json.dumps(told).encode()}), fresh, compression="zstd")
    fresh.replace(path)


def _read(path: Path, key: str) -> Series | None:
    """What is kept, if it was made of the same files and settings."""
    try:
        made = pq.read_table(path)
        told = json.loads((made.schema.metadata or {})[b"readings"])
    except (OSError, pa.ArrowException, KeyError, ValueError):
        return None
    if told["key"] != key:
        return None
    index = pd.DatetimeIndex(made["start"].to_pandas()).tz_convert(told["zone"])
    findings = tuple(Finding(**{**one, "blocks": frozenset(one["blocks"])}) for one in told["findings"])
    return Series(
        **{name: told[name] for name in ("site", "meter", "name", "carrier", "unit", "cost_eur", "energy_eur")},
        paid_for=tuple(told["paid_for"]),
        interval=timedelta(seconds=told["interval"]),
        values=pd.Series(made["value"].to_numpy(), index=index, name="value"),
        estimated=pd.Series(made["estimated"].to_numpy(), index=index, name="estimated"),
        files=tuple(told["files"]),
        findings=findings,
    )
