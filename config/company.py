"""The company's file, advisor.yaml: sources, sites, audiences and channel settings. An unknown key is an error that names it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from config.settings import SettingsError

EVERYONE = "everyone"
AD_HOC = "cli-"
"""How the names begin that paths and addresses given on the command line get as sources."""
BUILT_IN = frozenset({"expert-answers", "conversation"})
"""Sources of the adviser's own: what experts answered, and files sent in conversations."""
CONVERSATION = "conversation:"
"""How the audiences of single conversations begin; no person, token, channel or source is given one."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceConfig(BaseModel):
    """A place that documents come from, who may read them, and tags that go with each of them (site, client).

    Keys that are not named here are the connector's own options (`path`, `url` ...): it checks them, and refuses unknown ones.
    `every` is how often `serve` reads the source again: a number with m, h or d; empty: only when asked. `watch`: whenever a
    file of a folder on this machine changes.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    connector: str = "folder"
    audience: tuple[str, ...] = (EVERYONE,)
    tags: Mapping[str, str] = {}
    licence: str = ""
    description: str = ""
    every: str = Field(default="", pattern=r"^(?:[1-9]\d{0,4}[mhd])?$")
    watch: bool = False

    @property
    def options(self) -> Mapping[str, Any]:
        """The connector's own keys, as they are written."""
        return self.model_extra or {}


class MeterConfig(_Strict):
    """A measured series of a site and the files that hold it.

    `unit` is what the files hold: an amount in each interval (kWh, Wh, MWh, m3, l), a rate (kW, m3/h, l/s) or, of the outdoor
    air, degC. Where a file
    leaves it open: `column` holds the readings, hours are labelled by their `hour` (start, end), `zone` is its time zone,
    `decimal` the mark before its decimals; `counter`: readings of a counter, not what ran through it, or surely not; without it
    readings that only rise are asked about. `kwh_per_m3`: of gas read in m3, the bill's conversion factor
    times its gross heat value. `use`: whether the site consumes what is measured, or
    handles it (treated waste water, water produced).
    """

    id: str
    name: str = ""
    carrier: Literal["electricity", "gas", "water", "heat", "fuel", "temperature"]
    unit: str
    files: tuple[Path, ...] = ()
    description: str = ""
    column: str = ""
    hour: Literal["", "start", "end"] = ""
    zone: str = "Europe/Madrid"
    decimal: Literal["", ",", "."] = ""
    counter: bool | None = None
    kwh_per_m3: float | None = Field(default=None, gt=0)
    use: Literal["consumed", "handled"] = "consumed"


class FactConfig(_Strict):
    """A figure of a site that a document states: what its measures are reckoned with, and where it was read."""

    value: float
    unit: str
    source: str
    low: float | None = None
    high: float | None = None


class ProposalConfig(_Strict):
    """A measure that a document proposes for a site with its own figures: they are taken as they stand, and cited.

    `about`: phrases by which other documents speak of it, to find what they say for and against. `instead_of`: measures of the
    site that it makes needless.
    """

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    title: Mapping[Literal["es", "en"], str]
    kind: Literal["energy", "water", "infrastructure"]
    load: str = ""
    energy_kwh: float | None = None
    water_m3: float | None = None
    cost_eur: float | None = None
    investment_eur: float | None = None
    life_years: int = 15
    source: str
    about: tuple[str, ...] = ()
    instead_of: tuple[str, ...] = ()


class SiteConfig(_Strict):
    """A facility. What the readings' methods need (tariff, equipment, factors) is kept as it is written.

    `audience` may see its readings and what is reckoned from them. `facts` are named by the quantity that they give, for one
    measure ("lighting.investment") or for all ("water_price"). `network`: its EPANET model (.inp), for what-ifs of leaks and
    pressure.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    name: str
    kind: str
    aliases: tuple[str, ...] = ()
    location: str = ""
    area_m2: float | None = None
    throughput: Mapping[str, Any] = {}
    tariff: Mapping[str, Any] = {}
    grid_factor: Mapping[str, Any] = {}
    equipment: tuple[Mapping[str, Any], ...] = ()
    meters: tuple[MeterConfig, ...] = ()
    description: str = ""
    audience: tuple[str, ...] = (EVERYONE,)
    facts: Mapping[str, FactConfig] = {}
    proposals: tuple[ProposalConfig, ...] = ()
    network: Path | None = None


class ChannelConfig(_Strict):
    """Settings of one channel or group: its site, who reads it, its language, whether it wants each message to mention us."""

    platform: Literal["slack", "teams", "web", "console"]
    id: str
    site: str | None = None
    audience: tuple[str, ...] = (EVERYONE,)
    language: Literal["es", "en"] | None = None
    mention_only: bool = False


class PersonConfig(_Strict):
    """What one person may read in a direct message, beyond what everyone may."""

    platform: Literal["slack", "teams", "web", "console"]
    id: str
    audience: tuple[str, ...]


class ExpertConfig(_Strict):
    """Who is asked where the documents say nothing, for questions of one audience; of some topics only, if any are named."""

    audience: str
    name: str
    platform: Literal["slack", "teams"]
    id: str
    topics: tuple[str, ...] = ()


class CompanyConfig(_Strict):
    """advisor.yaml as a whole. `facts` hold for every site that does not tell its own: the company's discount rate, say."""

    name: str = ""
    language: Literal["es", "en"] = "es"
    audiences: Mapping[str, str] = {EVERYONE: ""}
    sources: tuple[SourceConfig, ...] = ()
    sites: tuple[SiteConfig, ...] = ()
    channels: tuple[ChannelConfig, ...] = ()
    people: tuple[PersonConfig, ...] = ()
    experts: tuple[ExpertConfig, ...] = ()
    facts: Mapping[str, FactConfig] = {}

    def site(self, site_id: str | None) -> SiteConfig | None:
        """The site with this id, or None."""
        return next((site for site in self.sites if site.id == site_id), None)


def load_company(path: Path) -> CompanyConfig:
    """Read advisor.yaml; SettingsError lists every fault with its place (sources.2.path: ...)."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        company = CompanyConfig.model_validate(raw)
    except FileNotFoundError:
        raise SettingsError([f"ADVISOR_CONFIG: no such file: {path}"]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"ADVISOR_CONFIG: cannot be read: {path}: {error}"]) from None
    except yaml.YAMLError as error:
        raise SettingsError([f"{path}: not YAML: {error}"]) from None
    except ValidationError as error:
        faults = [f"{path}: {'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        raise SettingsError(faults) from None
    problems = _inconsistent(company)
    if problems:
        raise SettingsError([f"{path}: {problem}" for problem in problems])
    sites = tuple(site.model_copy(update={"facts": {**company.facts, **site.facts}}) for site in company.sites)
    return company.model_copy(update={"sites": sites, "sources": tuple(_apart(one, company.sources) for one in company.sources)})


def _apart(source: SourceConfig, sources: Sequence[SourceConfig]) -> SourceConfig:
    """A folder without the folders in it that are sources of their own: who may read those, their own entry says."""
    root = _folder(source)
    inner = [path for path in map(_folder, sources) if root and path and path != root and path.is_relative_to(root)]
    if root is None or not inner:
        return source
    exclude = (*source.options.get("exclude", ()), *(path.relative_to(root).as_posix() for path in inner))
    return source.model_copy(update={"exclude": exclude})


def _folder(source: SourceConfig) -> Path | None:
    path = source.options.get("path")
    return Path(os.path.abspath(path)) if source.connector == "folder" and isinstance(path, str | Path) else None


def _inconsistent(company: CompanyConfig) -> list[str]:
    """References to audiences or sites that are not defined, and names given twice."""
    sites = [site.id for site in company.sites]
    sources = [source.name for source in company.sources]
    problems = [f"given twice: {name}" for names in (sites, sources) for name in sorted(set(names)) if names.count(name) > 1]
    for where, audience in [
        *((f"sources {source.name}", source.audience) for source in company.sources),
        *((f"channels {channel.id}", channel.audience) for channel in company.channels),
        *((f"people {person.id}", person.audience) for person in company.people),
        *((f"sites {site.id}", site.audience) for site in company.sites),
        *((f"experts {expert.id}", (expert.audience,)) for expert in company.experts),
    ]:
        problems += [f"{where}: unknown audience {name}" for name in audience if name not in company.audiences]
        problems += [f"{where}: audience is empty"] if not audience else []
    problems += [
        f"audiences: {name}: this name is the adviser's own" for name in company.audiences if name.startswith(CONVERSATION)
    ]
    for one in company.sources:
        problems += [f"sources {one.name}: names beginning with {AD_HOC} are for the command line"] * one.name.startswith(AD_HOC)
        problems += [f"sources {one.name}: this name is the adviser's own"] * (one.name in BUILT_IN)
        problems += [f"sources {one.name}: only a folder can be watched"] * (one.watch and one.connector != "folder")
    for where, named in [
        *((f"sources {source.name}", source.tags.get("site")) for source in company.sources),
        *((f"channels {channel.id}", channel.site) for channel in company.channels),
    ]:
        problems += [f"{where}: unknown site {named}"] if named is not None and named not in sites else []
    return problems
