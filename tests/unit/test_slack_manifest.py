"""The manifest that people paste: what the code listens to and calls, no more and no less."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.slack.adapter import SCOPES
from adapters.slack.inbound import command_name
from adapters.slack.payload import HOME, Command, read
from tests.fakes.slack_events import slash_command

PATH = Path("deploy/slack-manifest.yaml")


@pytest.fixture
def manifest() -> dict[str, Any]:
    """The manifest as Slack reads it."""
    loaded: dict[str, Any] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return loaded


def test_scopes_are_those_that_the_start_looks_for(manifest: dict[str, Any]) -> None:
    """An app made from the manifest lacks no scope, and asks for none beyond."""
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == SCOPES


def test_events_that_are_handled(manifest: dict[str, Any]) -> None:
    """Every kind of conversation, mentions, and the opened direct message."""
    kinds = {f"message.{kind}" for kind in ("channels", "groups", "im", "mpim")}
    assert set(manifest["settings"]["event_subscriptions"]["bot_events"]) == {HOME, "app_mention", *kinds}


def test_one_address_for_all(manifest: dict[str, Any]) -> None:
    """Events, commands and interactions come to the one route; the comment counts them right."""
    settings, commands = manifest["settings"], manifest["features"]["slash_commands"]
    urls = [
        settings["event_subscriptions"]["request_url"],
        settings["interactivity"]["request_url"],
        *(one["url"] for one in commands),
    ]
    assert set(urls) == {"https://YOUR-HOST/slack/events"}
    assert len(urls) == 5
    assert "(five times)" in PATH.read_text(encoding="utf-8")


def test_commands_mean_what_they_say(manifest: dict[str, Any]) -> None:
    """/ask asks, /recommend recommends, and /advisor does what its first word says."""
    names = [one["command"] for one in manifest["features"]["slash_commands"]]
    assert [command_name(read(Command, slash_command("x", command=name))) for name in names] == ["ask", "recommend", "help"]
    hint = manifest["features"]["slash_commands"][2]["usage_hint"].split(" | ")
    assert [command_name(read(Command, slash_command(f"{word} x", command="/advisor"))) for word in hint] == hint


def test_lengths(manifest: dict[str, Any]) -> None:
    """Names and descriptions within Slack's limits (app manifest reference, seen 2025)."""
    shown = manifest["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert len(manifest["features"]["bot_user"]["display_name"]) <= 80
    assert len(manifest["features"]["agent_view"]["agent_description"]) <= 300
