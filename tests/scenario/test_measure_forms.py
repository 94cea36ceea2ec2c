"""Deciding and assuming otherwise by button and form, in Slack and in Teams, from the platform's side."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.messages import Reply
from rag.models import Answer, Range, Recommendation
from tests.fakes import slack_events as says
from tests.fakes.bot_activities import ANA as ANA_OF_TEAMS
from tests.fakes.bot_activities import message, press
from tests.fakes.bot_connector import FakeConnector
from tests.fakes.card_schema import actions, faults
from tests.fakes.slack_api import FakeSlack
from tests.fakes.slack_app import SlackApp
from tests.fakes.slack_events import ANA
from tests.fakes.teams_app import TeamsApp, teams_settings
from tests.fakes.teams_desk import NotingDesk
from tests.scenario.test_slack_presses import button
from tests.security.teams_tokens import bearer

MEASURE = Recommendation(
    "idle_load", "Apagar lo que sobra", "energy", "Sobra.", (), "metered", "high", site="norte", cost_eur=Range(1, 2, 3)
)
REPLY = Reply(Answer("answered", "es", "Una medida.", recommendations=(MEASURE,)), "e1")


@pytest.fixture
def desk() -> NotingDesk:
    """A desk that notes what it is asked."""
    return NotingDesk()


@pytest.fixture
async def teams(desk: NotingDesk) -> AsyncIterator[tuple[TeamsApp, FakeConnector]]:
    """Teams with recommendations in a personal chat."""
    async with FakeConnector() as fake, TeamsApp.running(teams_settings(fake), desk) as app:
        assert await app.post(message("recomienda", fake.service_url), headers=bearer(fake.sign())) == 202
        await app.adapter.channel.post(app.submitted[-1], REPLY)
        yield app, fake


def pick(name: str, value: str) -> dict[str, Any]:
    """A choice in a Slack form."""
    return {name: {name: {"selected_option": {"value": value}}}}


def write(name: str, value: str | None) -> dict[str, Any]:
    """Something written in a Slack form."""
    return {name: {name: {"value": value}}}


async def opened(app: SlackApp, fake: FakeSlack, action: str, **changes: Any) -> dict[str, Any]:
    """The form that a button beneath recommendations opens."""
    assert await app.event(says.app_mention("recomienda")) == 200
    await app.adapter.channel.post(app.submitted[-1], REPLY)
    post = fake.posts[-1]
    value = button(post, action)["value"]
    pressed = says.block_action(action, value, user=ANA, channel=post.channel, message_ts=post.ts, thread_ts=post.thread_ts)
    await app.press({**pressed, **changes})
    view: dict[str, Any] = fake.room.views[-1]
    return view


async def test_slack_decides(app: SlackApp, fake: FakeSlack, desk: NotingDesk) -> None:
    """The form lists what is in the register; sent, it says so in the thread for all to see, and the inbox has the words."""
    view = await opened(app, fake, "decide")
    assert desk.asked == [("measures", ANA, "e1")]
    which = next(block for block in view["blocks"] if block.get("block_id") == "which")
    assert [one["value"] for one in which["element"]["options"]] == ["R3", "R7"]
    values = pick("which", "R7") | pick("status", "rejected") | write("reason", None) | {"day": {"day": {"selected_date": None}}}
    refused = await app.press(says.form_sent("decide", view["private_metadata"], values))
    assert refused["errors"] == {"reason": "Escribe por qué se rechaza."}
    before = len(app.submitted)
    decided = says.form_sent("decide", view["private_metadata"], values | write("reason", "no cabe"))
    assert await app.press(decided) == {}
    shown, taken = len(fake.posts), len(app.submitted)
    assert await app.press(decided) == {}  # sent again: its answer came too late for Slack
    assert len(fake.posts) == shown
    assert {one.id for one in app.submitted[taken:]} == {app.submitted[taken - 1].id}
    said = app.submitted[before]
    assert (said.text, said.user, said.exchange) == ("rechaza R7 porque no cabe", ANA, "e1")
    assert said.conversation == app.submitted[before - 1].conversation
    assert "rechaza R7 porque no cabe" in fake.posts[-1].text
    assert fake.posts[-1].thread_ts == fake.posts[0].thread_ts


async def test_slack_assumes(app: SlackApp, fake: FakeSlack) -> None:
    """The form begins with what was set before; a number that cannot be is told at its field."""
    view = await opened(app, fake, "assume")
    boxes = {one["block_id"]: one["element"] for one in view["blocks"] if "block_id" in one}
    assert (boxes["price"]["initial_value"], "initial_value" in boxes["budget"]) == ("0,125", False)
    refused = await app.press(
        says.form_sent("assume", view["private_metadata"], write("price", "0,18") | write("life_years", "x"))
    )
    assert list(refused["errors"]) == ["life_years"]
    values = write("price", "0,18") | write("discount_rate", "7 %") | write("budget", "")
    assert await app.press(says.form_sent("assume", view["private_metadata"], values)) == {}
    assert app.submitted[-1].text == "¿Y a 0,18 €/kWh, con un interés del 7 %?"


async def test_slack_keeps_to_whom_it_was_shown(app: SlackApp, fake: FakeSlack) -> None:
    """Beneath an answer that the asker alone sees, what the form says is answered to them alone."""
    hook = f"{fake.url}/hooks/1"
    alone = {"type": "message", "channel_id": "C0001", "message_ts": "1.1", "is_ephemeral": True}
    view = await opened(app, fake, "assume", response_url=hook, container=alone)
    posts = len(fake.posts)
    assert await app.press(says.form_sent("assume", view["private_metadata"], write("price", "0,2"))) == {}
    said = app.submitted[-1]
    assert (said.alone, said.reply_to["hook"], said.text) == (True, hook, "¿Y a 0,2 €/kWh?")
    assert len(fake.posts) == posts


async def test_slack_refuses_what_is_not_its_form(app: SlackApp, fake: FakeSlack) -> None:
    """Values that no form of ours has are not put into words."""
    view = await opened(app, fake, "decide")
    before = len(app.submitted)
    for which, status in (("R7 olvida", "accepted"), ("R7", "burnt"), ("", "")):
        values = pick("which", which) | pick("status", status)
        assert (await app.press(says.form_sent("decide", view["private_metadata"], values)))["response_action"] == "errors"
    assert len(app.submitted) == before


async def test_teams_decides_and_assumes(teams: tuple[TeamsApp, FakeConnector], desk: NotingDesk) -> None:
    """The same dialogs; what cannot be taken comes back with what was written, and nothing is lost."""
    app, fake = teams
    cards = [one["content"] for one in fake.shown[-1].raw["attachments"]]
    assert [faults(card) for card in cards] == [[] for _ in cards]
    forms = {
        one["data"]["do"]: one["data"] for card in cards for one in actions(card) if one["data"].get("do") in {"decide", "assume"}
    }

    async def pressed(name: str, data: dict[str, Any], activity: str = "f-1") -> Any:
        made = replace_id(press(name, {"data": data}, fake.service_url), activity)
        return (await app.press(made, headers=bearer(fake.sign())))["task"]

    for form in ("decide", "assume"):
        task = await pressed("task/fetch", forms[form])
        assert faults(task["value"]["card"]["content"]) == []
    sent = {"do": "assume", "exchange": "e1", "price": "0,18", "life_years": "x"}
    again = (await pressed("task/submit", sent))["value"]["card"]["content"]
    assert faults(again) == []
    assert "Escribe un número entre 1 y 100." in str(again["body"])
    assert {one["id"]: one.get("value") for one in again["body"] if "id" in one}["price"] == "0,18"
    before = len(app.submitted)
    assert (await pressed("task/submit", sent | {"life_years": ""}, "f-2"))["type"] == "message"
    sent = {"do": "decide", "exchange": "e1", "which": "R3", "status": "done", "day": "2026-03-01"}
    assert (await pressed("task/submit", sent, "f-3"))["value"] == "He entendido: hecha R3 2026-03-01"
    assert [(one.text, one.user, one.exchange) for one in app.submitted[before:]] == [
        ("¿Y a 0,18 €/kWh?", ANA_OF_TEAMS["aadObjectId"], "e1"), ("hecha R3 2026-03-01", ANA_OF_TEAMS["aadObjectId"], "e1"),
    ]  # fmt: skip
    assert len({one.id for one in app.submitted}) == len(app.submitted)
    desk.form = replace(desk.form, entries=())
    empty = (await pressed("task/fetch", forms["decide"]))["value"]["card"]["content"]
    assert "actions" not in empty


async def test_teams_says_once_what_is_sent_twice(teams: tuple[TeamsApp, FakeConnector]) -> None:
    """The answer to a dialog was lost and it is sent again: one message. Other values, or the dialog opened anew, are another."""
    app, fake = teams
    numbers = iter(range(100))

    async def pressed(name: str, data: dict[str, Any]) -> Any:
        made = replace_id(press(name, {"data": data}, fake.service_url), f"s-{next(numbers)}")
        return (await app.press(made, headers=bearer(fake.sign())))["task"]

    async def opened_dialog() -> dict[str, Any]:
        task = await pressed("task/fetch", {"do": "assume", "exchange": "e1"})
        (send,) = actions(task["value"]["card"]["content"])
        data: dict[str, Any] = send["data"]
        return data

    sent, before = await opened_dialog(), len(app.submitted)
    again = (await pressed("task/submit", sent | {"price": "x"}))["value"]["card"]["content"]
    assert actions(again)[0]["data"] == sent
    for values in (sent | {"price": "0,18"}, sent | {"price": "0,18"}, sent | {"price": "0,2"}):
        await pressed("task/submit", values)
    await pressed("task/submit", await opened_dialog() | {"price": "0,18"})
    first, second, other, anew = (one.id for one in app.submitted[before:])
    assert first == second
    assert len({first, other, anew}) == 3


def replace_id(activity: dict[str, Any], identity: str) -> dict[str, Any]:
    """The activity under another id."""
    return {**activity, "id": identity}
