"""Slack and Teams from the platforms' side: the running program, signed events in, cited replies in the right place out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from tests.app_process import Home, Server, make_home
from tests.fakes import bot_activities, slack_events
from tests.fakes.bot_connector import APP_ID, PASSWORD, TENANT, FakeConnector
from tests.fakes.openai_api import FakeOpenAI
from tests.fakes.slack_api import FakeSlack
from tests.fakes.slack_room import Place, Post

pytestmark = pytest.mark.asyncio(loop_scope="module")
QUESTION, ANSWER = "¿Cuántas soplantes tiene la EDAR Norte?", "cuatro soplantes de 75 kW"


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    """Three documents, indexed."""
    with make_home(indexed=True) as made:
        yield made


@asynccontextmanager
async def serving(home: Home, **environment: str) -> AsyncIterator[Server]:
    """The program, started without holding up the stand-ins, which answer in this process."""
    running = home.serving(**environment)
    server = await asyncio.to_thread(running.__enter__)
    try:
        yield server
        server.process.terminate()  # it records what it has posted: nothing is left for the next test's server
        await asyncio.to_thread(server.process.wait, 15)
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)


def slack(fake: FakeSlack) -> dict[str, str]:
    """The environment that connects the program to the stand-in Slack."""
    return {"SLACK_BOT_TOKEN": fake.token, "SLACK_SIGNING_SECRET": slack_events.SECRET, "SLACK_API_URL": fake.base_url}


def teams(fake: FakeConnector) -> dict[str, str]:
    """The environment that connects the program to the stand-in Bot Connector."""
    return {
        "TEAMS_APP_ID": APP_ID,
        "TEAMS_APP_PASSWORD": PASSWORD,
        "TEAMS_TENANT_ID": TENANT,
        "TEAMS_OPENID_URL": fake.openid_url,
        "TEAMS_LOGIN_URL": fake.login_url,
        "TEAMS_SERVICE_HOSTS": "127.0.0.1",
    }


async def until(holds: Callable[[], bool], seconds: float = 25.0) -> None:
    """Wait until something holds; fails after `seconds`."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what it waits for happens in another process
            await asyncio.sleep(0.05)


async def deliver(url: str, payload: dict[str, Any], retry: int = 0) -> int:
    """An event as Slack sends it; the status."""
    body, headers = slack_events.json_request(payload, retry=retry)
    async with aiohttp.ClientSession() as http, http.post(f"{url}/slack/events", data=body, headers=headers) as response:
        return response.status


def whole(fake: FakeSlack, channel: str, ts: str) -> list[Post]:
    """The replies that stand in a thread, not what was only begun."""
    return [post for post in fake.visible(channel, ts) if (post.metadata.get("event_payload") or {}).get("part") == 1]


@dataclass(frozen=True, slots=True)
class Running:
    """A program, its state and its Slack."""

    home: Home
    fake: FakeSlack
    url: str

    def anew(self) -> tuple[FakeSlack, str]:
        """Slack and the program's address, as if nothing had been said yet."""
        self.home.forget()
        self.fake.forget()
        return self.fake, self.url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[Running]:
    """One for all that need no model."""
    with make_home(indexed=True) as home:
        async with FakeSlack() as fake, serving(home, **slack(fake)) as server:
            yield Running(home, fake, server.url)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def writing() -> AsyncIterator[Running]:
    """One with a model that writes."""
    model = {"OPENAI_API_KEY": "sk-test", "OPENAI_MODEL": "ttft50-itl60"}
    with make_home(indexed=True) as home:
        async with (
            FakeOpenAI() as written,
            FakeSlack() as fake,
            serving(home, **slack(fake), **model, OPENAI_BASE_URL=written.base_url) as server,
        ):
            yield Running(home, fake, server.url)


async def test_a_mention_is_answered_once_in_its_thread_and_followed_up_there(running: Running) -> None:
    """The same event four times gives one cited reply; the next question in the thread needs no mention."""
    fake, url = running.anew()
    ts, channel = slack_events.next_ts(), slack_events.CHANNEL
    event = slack_events.app_mention(QUESTION, ts=ts)
    statuses = [await deliver(url, event, retry) for retry in range(4)]
    assert statuses == [200] * 4

    def said() -> list[str]:
        return [post.seen for post in fake.visible(channel, ts)]

    await until(lambda: any(ANSWER in text for text in said()))
    follow_up = slack_events.channel_message("¿y cada cuánto se limpian los difusores?", thread_ts=ts)
    assert await deliver(url, follow_up) == 200
    await until(lambda: any("18 meses" in text for text in said()))
    await asyncio.sleep(1.0)
    replies = [text for text in said() if ANSWER in text]
    assert len(replies) == 1
    assert "[1]" in replies[0]
    assert "Soplantes de la EDAR Norte" in replies[0]


async def test_it_joins_a_thread_and_says_what_it_has_not_read(running: Running) -> None:
    """Mentioned in the middle of others' thread: it answers there, says once that it has not read what came before, and knows
    later what was said to it.
    """
    fake, url = running.anew()
    root, channel = slack_events.next_ts(), slack_events.CHANNEL
    begun = slack_events.channel_message("Ayer volvió a saltar el diferencial del cuadro 3.", ts=root)
    assert await deliver(url, begun) == 200
    assert await deliver(url, slack_events.app_mention(QUESTION, thread_ts=root)) == 200

    def said(words: str) -> list[str]:
        return [post.seen for post in fake.visible(channel, root) if words in post.seen and post.author != slack_events.ANA]

    await until(lambda: bool(said(ANSWER)))
    assert "lo que se dijo antes no lo he leído" in said(ANSWER)[0]
    assert await deliver(url, slack_events.channel_message("¿y qué se recomienda instalar en ellas?", thread_ts=root)) == 200
    await until(lambda: len(fake.posts) == 2)
    assert "variadores" in fake.posts[1].seen
    assert "lo he leído" not in fake.posts[1].seen


async def test_a_file_dropped_in_a_thread_is_read_for_that_thread(running: Running) -> None:
    """It answers the question that it came with and the next one there; in another thread nobody knows of it."""
    fake, url = running.anew()
    fake.files = {"acta.md": "# Acta de la presa\n\nLa válvula de fondo de la presa se engrasa cada 45 días.\n".encode()}
    file = {"id": "F1", "name": "acta.md", "mimetype": "text/markdown", "size": 80}
    file["url_private_download"] = f"{fake.url}/files/acta.md"
    asked, channel = "¿Cada cuánto se engrasa la válvula de fondo de la presa?", slack_events.CHANNEL
    first, other = slack_events.next_ts(), slack_events.next_ts()
    event = slack_events.app_mention(asked, ts=first, subtype="file_share", files=[file])
    assert await deliver(url, event) == 200

    def said(thread: str) -> list[str]:
        return [post.seen for post in fake.visible(channel, thread)]

    await until(lambda: any("45 días" in text for text in said(first)))
    assert "acta.md" in said(first)[0]
    assert await deliver(url, slack_events.channel_message("¿y qué válvula es esa?", thread_ts=first)) == 200
    assert await deliver(url, slack_events.app_mention(asked, ts=other)) == 200
    await until(lambda: bool(said(other)) and len(said(first)) > 1)
    assert not any("45 días" in text for text in said(other))
    assert any("válvula de fondo" in text for text in said(first)[1:])


async def test_who_waits_behind_others_is_told_so(home: Home) -> None:
    """One worker, and a model that takes its time: the second asker alone reads that others come first, then gets the answer."""
    model = {"OPENAI_API_KEY": "sk-test", "OPENAI_MODEL": "ttft5000-itl1", "ADVISOR_WORKERS": "1"}
    places = [(slack_events.CHANNEL, slack_events.next_ts()), ("C0002", slack_events.next_ts())]
    async with (
        FakeOpenAI() as written,
        FakeSlack() as fake,
        serving(home, **slack(fake), **model, OPENAI_BASE_URL=written.base_url) as server,
    ):
        for channel, ts in places:
            assert await deliver(server.url, slack_events.app_mention(QUESTION, channel=channel, ts=ts)) == 200
        await until(lambda: fake.calls("chat.postEphemeral") == 1, 4.0)
        (told,) = [post for post in fake.room.messages if post.ephemeral]
        assert (told.channel, told.thread_ts, told.ephemeral) == (*places[1], slack_events.ANA)
        assert "otras preguntas delante" in told.seen
        await until(lambda: all(whole(fake, *place) for place in places))
        assert all("75 kW" in whole(fake, *place)[0].seen for place in places)
        assert fake.calls("chat.postEphemeral") == 1


@pytest.mark.parametrize("assistant", [True, False])
async def test_a_written_answer_grows_in_slack(writing: Running, assistant: bool) -> None:
    """With a model: a stream in a thread with the assistant, a message that is changed in a channel; one reply in the end."""
    fake, url = writing.anew()
    ts = slack_events.next_ts()
    event = slack_events.direct_message(QUESTION, thread_ts=ts) if assistant else slack_events.app_mention(QUESTION, ts=ts)
    assert await deliver(url, event) == 200
    channel = event["event"]["channel"]
    await until(lambda: bool(whole(fake, channel, ts)))
    await until(lambda: not any(post.streaming for post in fake.visible(channel, ts)))
    standing = fake.visible(channel, ts)
    assert len(standing) == len(fake.posts) == 1, "the text so far became the reply"
    assert "75 kW" in standing[0].seen
    assert "Soplantes de la EDAR Norte" in standing[0].seen
    assert not standing[0].streaming
    assert fake.calls("chat.startStream") == int(assistant)
    assert fake.calls("chat.postMessage") == int(not assistant)
    assert fake.calls("chat.update") >= 1


async def test_a_teams_message_is_answered_once_with_native_citations(home: Home) -> None:
    """The same activity three times gives one reply in its chat; an unsigned one gives none."""
    async with FakeConnector() as fake, serving(home, **teams(fake)) as server, aiohttp.ClientSession() as http:
        activity = bot_activities.message(QUESTION, fake.service_url)
        signed = {"Authorization": f"Bearer {fake.sign()}"}
        for _ in range(3):
            async with http.post(f"{server.url}/api/messages", json=activity, headers=signed) as response:
                assert response.status in {200, 202}
        async with http.post(f"{server.url}/api/messages", json={**activity, "id": "forged"}) as response:
            assert response.status == 401
        await until(lambda: any(ANSWER in shown.text for shown in fake.shown))
        await asyncio.sleep(1.0)
        replies = [shown for shown in fake.shown if ANSWER in shown.text]
        assert len(replies) == 1
        assert replies[0].conversation == bot_activities.PERSONAL
        assert [citation["position"] for citation in replies[0].citations] == [1]
        assert replies[0].ai_label


async def test_twenty_acknowledged_mentions_outlive_a_kill(home: Home) -> None:
    """Twenty events acknowledged, kill -9, a new start: each thread has its answer, and hardly any has it twice."""
    async with FakeSlack() as fake:
        places = [(f"C0KILL{n:03}", slack_events.next_ts()) for n in range(20)]
        fake.room.places.update((channel, Place(channel, channel.lower())) for channel, _ in places)
        async with serving(home, **slack(fake)) as first:
            events = [slack_events.app_mention(QUESTION, channel=channel, ts=ts) for channel, ts in places]
            assert await asyncio.gather(*(deliver(first.url, event) for event in events)) == [200] * 20
            first.process.kill()

        def answers(place: tuple[str, str]) -> int:
            return sum(ANSWER in post.seen for post in fake.visible(*place))

        before = sum(map(answers, places))
        async with serving(home, **slack(fake)):
            await until(lambda: all(answers(place) for place in places), 40)
    assert before < 20, "the kill came too late to prove anything"
    assert sum(map(answers, places)) <= 21
