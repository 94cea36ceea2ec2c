"""Which connector reads which kind of source: built-in and third-party ones come through the same door, checked before use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from config.company import SourceConfig
from config.settings import SettingsError, secret_variable
from rag.ports import Connector

CONNECTORS: Mapping[str, str] = {
    "folder": "rag.connectors.folder:KIND",
    "web": "rag.connectors.web:KIND",
    "s3": "rag.connectors.s3:KIND",
    "confluence": "rag.connectors.confluence:KIND",
}
"""Where each connector's Kind is. Imported with the first source that needs it."""
GROUP = "efficiency_advisor.connectors"
"""Entry-point group of third parties: `name = "package.module:KIND"`."""


class Options(BaseModel):
    """A connector's own keys of a source in advisor.yaml. An unknown key is an error that names it.

    A field of type SecretStr is never read from advisor.yaml, only from the environment: ADVISOR_SOURCE_<NAME>_<FIELD>.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Context:
    """What a connector may use besides its options: the source's name and a folder that keeps its state between runs."""

    name: str
    state: Path


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of connector: the options it takes, and what makes one of them (`connect(options, context)`)."""

    options: type[Options]
    connect: Callable[[Any, Context], Connector]


def connect(source: SourceConfig, state: Path, secrets: Mapping[str, str]) -> Connector:
    """The source's connector; SettingsError lists every fault of its options. `secrets` are fields by name in lower case."""
    kind = _kind(source)
    options = _options(source, kind, secrets)
    return kind.connect(options, Context(source.name, state / source.name))


def check(source: SourceConfig, secrets: Mapping[str, str]) -> None:
    """SettingsError if the source could not be connected to as it is configured."""
    _options(source, _kind(source), secrets)


def _kind(source: SourceConfig) -> Kind:
    where = CONNECTORS.get(source.connector) or _third_party().get(source.connector)
    if where is None:
        known = ", ".join(sorted({*CONNECTORS, *_third_party()}))
        raise SettingsError([f"sources {source.name}: unknown connector {source.connector}; known: {known}"])
    module, _, name = where.partition(":")
    kind = getattr(import_module(module), name)
    if not isinstance(kind, Kind):
        raise SettingsError([f"sources {source.name}: {where} is no connector Kind"])
    return kind


def _third_party() -> dict[str, str]:
    return {entry.name: entry.value for entry in entry_points(group=GROUP)}


def _options(source: SourceConfig, kind: Kind, secrets: Mapping[str, str]) -> Options:
    fields = kind.options.model_fields
    secret = {name for name, field in fields.items() if "SecretStr" in str(field.annotation)}
    given = dict(source.options)
    problems = [
        f"sources {source.name}: {name} is a secret: set it as {secret_variable(source.name, name)}"
        for name in sorted(secret & given.keys())
    ]
    if problems:
        raise SettingsError(problems)
    given |= {name: SecretStr(value) for name, value in secrets.items() if name in secret}
    try:
        return kind.options.model_validate(given)
    except ValidationError as error:
        faults = [f"sources {source.name}.{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise SettingsError(faults) from None
