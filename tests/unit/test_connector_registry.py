"""Sources in advisor.yaml reach their connector checked: unknown keys, unknown connectors and secrets in the file are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from config.company import SourceConfig
from config.settings import SettingsError
from rag.connectors import registry
from rag.connectors.folder import FolderConnector
from rag.connectors.registry import Context, Kind, Options
from rag.ports import Connector


class _WithSecret(Options):
    token: SecretStr | None = None


def _connect(options: _WithSecret, context: Context) -> Connector:
    assert options.token is not None
    return FolderConnector(Path(options.token.get_secret_value()))


KIND = Kind(_WithSecret, _connect)


def source(**keys: object) -> SourceConfig:
    """A source called a."""
    return SourceConfig.model_validate({"name": "a", **keys})


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ({"path": "x", "pth": "y"}, "sources a.pth"),
        ({}, "sources a.path"),
        ({"connector": "flder", "path": "x"}, "unknown connector flder"),
    ],
)
def test_faults_are_named(keys: dict[str, object], named: str) -> None:
    """An unknown key, a missing one and an unknown connector are refused by name."""
    with pytest.raises(SettingsError, match=named):
        registry.check(source(**keys), {})


def test_secrets_come_from_the_environment_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A secret written into the file is refused, with the variable that should hold it; from the environment it arrives."""
    monkeypatch.setattr(registry, "CONNECTORS", {"secretive": f"{__name__}:KIND"})
    with pytest.raises(SettingsError, match="ADVISOR_SOURCE_A_TOKEN"):
        registry.check(source(connector="secretive", token="x"), {})
    connected = registry.connect(source(connector="secretive"), tmp_path, {"token": str(tmp_path)})
    assert isinstance(connected, FolderConnector)
