"""A question that found nothing, handed to an expert: the running program seen from Slack, until the answer is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import yaml

from tests.app_process import Home, make_home
from tests.fakes import slack_events
from tests.fakes.slack_api import FakeSlack
from tests.fakes.slack_events import ANA, CHANNEL, DM, LUIS
from tests.fakes.slack_room import Post
from tests.scenario.test_channels import deliver, serving, slack, until

NOWHERE = "¿Cada cuánto se cambia la cerámica vibrante del extractor?"
ANSWER = "La cerámica vibrante del extractor se cambia cada 14 meses, en la parada de mayo."


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    """A company with an expert, indexed."""
    with make_home() as made:
        file = made.folder / "advisor.yaml"
        company = yaml.safe_load(file.read_text("utf-8"))
        company["experts"] = [{"audience": "everyone", "name": "Luis Mora", "platform": "slack", "id": LUIS}]
        file.write_text(yaml.safe_dump(company), encoding="utf-8")
        made.json("ingest")
        yield made


@dataclass(frozen=True, slots=True)
class Talk:
    """The program and its Slack."""

    fake: FakeSlack
    url: str

    async def says(self, event: dict[str, Any]) -> None:
        """Somebody says something."""
        assert await deliver(self.url, event) == 200

    async def shows(self, words: str, *where: str) -> Post:
        """The latest message of ours in a place that holds these words, when it is there."""

        def found() -> list[Post]:
            return [post for post in self.fake.visible(*where) if words in post.seen]

        await until(lambda: bool(found()))
        return found()[-1]

    async def press(self, post: Post, action: str, user: str) -> None:
        """Somebody presses a button beneath a message."""
        elements = [one for block in post.blocks for one in block.get("elements", [])]
        value = next(one["value"] for one in elements if one.get("action_id") == action)
        pressed = slack_events.block_action(
            action, value, user=user, channel=post.channel, message_ts=post.ts, thread_ts=post.thread_ts
        )
        body, headers = slack_events.form_request(slack_events.pressed(pressed))
        async with aiohttp.ClientSession() as http, http.post(f"{self.url}/slack/events", data=body, headers=headers) as response:
            assert response.status == 200


@pytest.fixture
async def talk(home: Home) -> AsyncIterator[Talk]:
    """Both up."""
    async with FakeSlack() as fake, serving(home, **slack(fake)) as server:
        yield Talk(fake, server.url)


async def test_an_expert_answers_in_the_thread_and_the_answer_is_kept(talk: Talk) -> None:
    """Asked in a channel, answered there by who is named, kept on request, found by the next who asks, with its author."""
    ts = slack_events.next_ts()
    await talk.says(slack_events.app_mention(NOWHERE, ts=ts))
    nothing = await talk.shows("Preguntar a Luis Mora", CHANNEL, ts)
    await talk.press(nothing, "expert", ANA)
    asked = await talk.shows(NOWHERE, CHANNEL, ts)
    assert asked.seen.startswith(f"<@{LUIS}>")
    await talk.says(slack_events.channel_message(ANSWER, user=LUIS, thread_ts=ts))
    await talk.shows("Gracias, Luis Mora", CHANNEL, ts)
    await talk.says(slack_events.channel_message("guardar respuesta", user=LUIS, thread_ts=ts))
    await talk.shows("Guardado", CHANNEL, ts)
    again = slack_events.next_ts()
    await talk.says(slack_events.app_mention(NOWHERE, ts=again, channel="C0002"))
    found = await talk.shows("14 meses", "C0002", again)
    assert "Respuesta de Luis Mora" in found.seen


async def test_who_asked_alone_is_told_where_they_asked(talk: Talk) -> None:
    """The expert is asked in a direct message of their own, and the answer comes to the asker's."""
    other = "¿Qué aceite lleva el reductor del espesador de fangos?"
    await talk.says(slack_events.direct_message(other))
    nothing = await talk.shows("Preguntar a Luis Mora", DM)
    await talk.press(nothing, "expert", ANA)
    asked = await talk.shows(other, "D0LUIS")
    assert asked.seen.startswith(f"<@{LUIS}>")
    await talk.shows("He preguntado a Luis Mora", DM)
    assert not [post for post in talk.fake.visible(DM) if f"<@{LUIS}>" in post.seen]
    await talk.says(slack_events.direct_message("Lleva aceite sintético ISO VG 220.", user=LUIS, channel="D0LUIS"))
    await talk.shows("Gracias, Luis Mora", "D0LUIS")
    told = await talk.shows("ISO VG 220", DM)
    assert "Luis Mora" in told.seen
