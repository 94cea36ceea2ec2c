"""The package for Teams: complete, within the manifest's limits, in both languages."""

from __future__ import annotations

import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from bot.commands import parse
from bot.messages import IncomingMessage
from config.company import CompanyConfig
from deploy.teams.package import main

APP_ID = "11111111-2222-3333-4444-555555555555"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a package."""
    target = tmp_path_factory.mktemp("teams") / "sub" / "package.zip"
    arguments = [
        "--app-id",
        APP_ID,
        "--company",
        'Aguas "del Norte"',
        "--website",
        "https://example.com",
        "--output",
        str(target),
    ]
    assert main(arguments) == 0
    first = target.read_bytes()
    assert main(arguments) == 0
    assert target.read_bytes() == first
    with zipfile.ZipFile(target) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def manifest(package: dict[str, bytes]) -> dict[str, Any]:
    """The manifest of that package."""
    loaded: dict[str, Any] = json.loads(package["manifest.json"])
    return loaded


def test_values_are_filled_in(package: dict[str, bytes], manifest: dict[str, Any]) -> None:
    """No placeholder is left; app, bot and consent carry the same id."""
    assert b"{{" not in package["manifest.json"]
    assert {manifest["id"], manifest["bots"][0]["botId"], manifest["webApplicationInfo"]["id"]} == {APP_ID}
    assert manifest["developer"]["name"] == 'Aguas "del Norte"'


def test_texts_keep_to_the_limits_of_the_schema(package: dict[str, bytes], manifest: dict[str, Any]) -> None:
    """Names, descriptions and commands in both languages are as short as the manifest's schema 1.19 wants."""
    english = json.loads(package["en.json"])
    limits = {"name.short": 30, "name.full": 100, "description.short": 80, "description.full": 4000}
    for key, limit in limits.items():
        group, part = key.split(".")
        assert len(manifest[group][part]) <= limit
        assert len(english[key]) <= limit
    lists = manifest["bots"][0]["commandLists"]
    assert [one["scopes"] for one in lists] == [["personal"], ["team", "groupChat"]]
    for number, one in enumerate(lists):
        assert len(one["commands"]) <= 10
        for index, command in enumerate(one["commands"]):
            for field, limit in (("title", 32), ("description", 128)):
                assert len(command[field]) <= limit
                assert len(english[f"bots[0].commandLists[{number}].commands[{index}].{field}"]) <= limit
    assert len([key for key in english if key.startswith("bots")]) == 2 * sum(len(one["commands"]) for one in lists)


def test_each_command_of_the_menu_is_one(package: dict[str, bytes], manifest: dict[str, Any], company: CompanyConfig) -> None:
    """What the menu offers, in both languages, is understood as a command, not as a question; two are Teams' own."""
    english = json.loads(package["en.json"])
    wanted = {"recommend", "site", "language", "sources", "help", "forget"}
    for number, one in enumerate(manifest["bots"][0]["commandLists"]):
        titles = [command["title"] for command in one["commands"]]
        titles += [english[f"bots[0].commandLists[{number}].commands[{index}].title"] for index in range(len(titles))]
        ours = {"inicio", "home"} if one["scopes"] == ["personal"] else {"ajustes", "settings"}
        names = {parse(said(title), company).name for title in titles if title not in ours}
        assert names == wanted
        assert ours < set(titles)


def said(text: str) -> IncomingMessage:
    """A message with this text."""
    return IncomingMessage("1", "teams", "t", "c", "u", text)


@pytest.fixture
def company() -> CompanyConfig:
    """A company without sites."""
    return CompanyConfig()


def test_follow_ups_without_mention_are_asked_for(manifest: dict[str, Any]) -> None:
    """The consent to hear messages without a mention is in the manifest, and what it is for stands in the description."""
    assert manifest["authorization"]["permissions"]["resourceSpecific"] == [
        {"name": "ChannelMessage.Read.Group", "type": "Application"}
    ]
    assert "sin que haga falta mencionarlo" in manifest["description"]["full"]


@pytest.mark.parametrize(("name", "size"), [("color.png", 192), ("outline.png", 32)])
def test_icons_have_the_sizes_that_teams_wants(package: dict[str, bytes], name: str, size: int) -> None:
    """Each icon is a PNG of its size."""
    assert package[name].startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", package[name][16:24]) == (size, size)


@pytest.mark.parametrize(
    "changes",
    [{"--app-id": "no-id"}, {"--company": "x" * 33}, {"--company": ""}, {"--website": "http://example.com"}],
)
def test_impossible_values_are_refused(tmp_path: Path, changes: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """A value that Teams would refuse ends with exit code 2 and a sentence, and writes nothing."""
    values = {"--app-id": APP_ID, "--company": "Aguas", "--website": "https://example.com", "--output": str(tmp_path / "p.zip")}
    arguments = [part for pair in {**values, **changes}.items() for part in pair]
    assert main(arguments) == 2
    assert capsys.readouterr().err
    assert not (tmp_path / "p.zip").exists()
