"""What scenarios of Slack share: a stand-in workspace, and the adapter served against it. Those of Teams have their own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.ports import Desk
from tests.fakes.slack_api import FakeSlack
from tests.fakes.slack_app import SlackApp, slack_settings


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    """A stand-in Slack."""
    async with FakeSlack() as running:
        yield running


@pytest.fixture
def desk() -> Desk | None:
    """None: buttons are not understood, unless a file has a desk of its own."""
    return None


@pytest.fixture
async def app(fake: FakeSlack, desk: Desk | None) -> AsyncIterator[SlackApp]:
    """The adapter, served, with the desk if there is one."""
    async with SlackApp.running(slack_settings(fake), desk) as running:
        yield running
