"""Slack over HTTP: signed events in, stored messages, and replies as people see them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import date

import pytest
from redis.asyncio import Redis

from bot.inbox import RedisInbox
from bot.memory import RedisMemory
from bot.messages import IncomingMessage, Progress, Reply
from rag.models import Answer, Citation
from tests.fakes import slack_events as says
from tests.fakes.redis_proc import RedisProcess
from tests.fakes.slack_api import FakeSlack
from tests.fakes.slack_app import SlackApp, slack_settings
from tests.fakes.slack_events import ANA, CHANNEL, DM, LUIS, TEAM

MANUAL = Citation(
    n=1, kind="passage", title="Manual de explotación", uri="https://docs.example/manual.pdf", locator="p. 14",
    quote="Tres soplantes quedan en marcha entre las 00:00 y las 06:00.", language="es", date=date(2025, 3, 3),
)  # fmt: skip
ANSWER = Answer("answered", "es", "Quedan **tres soplantes** en marcha de noche [1].", (MANUAL,), follow_ups=("¿Cuánto gastan?",))


async def say(app: SlackApp, payload: dict[str, object]) -> IncomingMessage:
    """Post a signed event; the message that was stored, as it comes out of the inbox again."""
    before = len(app.submitted)
    assert await app.event(payload) == 200
    assert len(app.submitted) == before + 1
    return app.submitted[-1]


async def test_mention_is_answered_in_its_thread(app: SlackApp, fake: FakeSlack) -> None:
    """A mention is stored without its mark; the answer stands in the thread with its source, and nothing of it unfolds."""
    asked = await say(app, says.app_mention("¿por qué gasta tanto la EDAR Norte?"))
    assert (asked.platform, asked.tenant, asked.channel, asked.user) == ("slack", TEAM, CHANNEL, ANA)
    assert (asked.text, asked.command, asked.direct) == ("¿por qué gasta tanto la EDAR Norte?", "ask", False)
    assert fake.posts == []
    await app.adapter.channel.post(asked, Reply(ANSWER))
    (shown,) = fake.visible(CHANNEL, asked.reply_to["thread"])
    assert shown.thread_ts == asked.id.split("/")[1]
    assert shown.seen == (
        "Quedan *tres soplantes* en marcha de noche [1].\n*Fuentes*\n"
        "[1] <https://docs.example/manual.pdf|Manual de explotación> · p. 14 · 3 mar 2025 · "
        "«Tres soplantes quedan en marcha entre las 00:00 y las 06:00.»\nPuedes seguir con:\n• ¿Cuánto gastan?"
    )
    assert (shown.unfurl_links, shown.unfurl_media) == (False, False)
    assert "tres soplantes" in shown.text


async def test_mention_comes_as_two_events_and_is_one_message(app: SlackApp) -> None:
    """app_mention and its twin `message` have two event_ids but give the inbox one id, and the same message."""
    ts = says.next_ts()
    first = await say(app, says.app_mention("hola", ts=ts))
    second = await say(app, says.channel_message(f"<@{says.BOT_USER}> hola", ts=ts))
    assert replace(first, received_at=0) == replace(second, received_at=0)


async def test_same_event_four_times_has_one_id(app: SlackApp) -> None:
    """Redeliveries give the inbox the same id, also when the first never came; another message has another."""
    event = says.app_mention("hola")
    for retry in (1, 0, 2, 3):
        assert await app.event(event, retry=retry) == 200
    assert len({message.id for message in app.submitted}) == 1
    await say(app, says.app_mention("hola"))
    assert len({message.id for message in app.submitted}) == 2


async def test_follow_up_needs_no_mention(app: SlackApp) -> None:
    """In a thread where the adviser takes part each message is for it, from the question on; elsewhere none is."""
    first = await say(app, says.app_mention("hola"))
    root = first.reply_to["thread"]
    follow = await say(app, says.channel_message("¿y cuánto ahorraríamos?", thread_ts=root, user=LUIS))
    assert (follow.key, follow.user) == (first.key, LUIS)
    app.known.add(replace(first, conversation=f"{CHANNEL}:1795000000.555555").key)
    await say(app, says.channel_message("¿y el agua?", thread_ts="1795000000.555555"))
    await say(app, says.channel_message("¿y?", thread_ts="1795000000.666666", parent_user_id=says.BOT_USER))
    stored = len(app.submitted)
    for other in (
        says.channel_message("hola a todos"),
        says.channel_message("en otro hilo", thread_ts="1795000000.777777"),
        says.channel_message(f"<@{LUIS}> ¿lo ves?", thread_ts=root),
        *(says.channel_message(words, thread_ts=root) for words in ("¡Gracias!", ":+1:", "jajaja", "👍")),
    ):
        assert await app.event(other) == 200
    assert len(app.submitted) == stored


async def test_direct_messages(app: SlackApp, fake: FakeSlack) -> None:
    """A plain direct message is one conversation, answered beneath; one in a thread is another, answered there."""
    first, second = await say(app, says.direct_message("hola")), await say(app, says.direct_message("¿y el agua?"))
    assert first.key == second.key
    assert (first.direct, first.channel) == (True, "")
    await app.adapter.channel.post(first, Reply(ANSWER))
    assert [post.thread_ts for post in fake.posts] == [""]
    assert fake.posts[0].channel == DM
    threaded = await say(app, says.direct_message("hola", thread_ts="1795000000.888888"))
    assert threaded.key != first.key
    await app.adapter.channel.post(threaded, Reply(ANSWER))
    assert fake.posts[-1].thread_ts == "1795000000.888888"


async def test_who_is_not_answered(app: SlackApp) -> None:
    """Other bots, its own messages, edits, deletions, joins and what merely happens are acknowledged and forgotten."""
    known = says.channel_message("x", thread_ts="1795000000.100001")
    root = known["event"]["thread_ts"]
    app.known.add(IncomingMessage("", "slack", TEAM, f"{CHANNEL}:{root}", "", "").key)
    for payload in (
        says.bot_message(f"<@{says.BOT_USER}> hola", thread_ts=root),
        says.bot_message("hola", thread_ts=root, own=True),
        says.app_mention("hola", bot_id="B0OTHER"),
        says.direct_message("hola", bot_id=says.BOT_ID, user=says.BOT_USER),
        says.message_changed("hola"),
        says.message_deleted(),
        says.channel_message("se ha unido", subtype="channel_join", thread_ts=root),
        says.home_opened(),
        says.envelope({"type": "channel_created", "channel": {"id": "C1"}}),
        {"type": "app_rate_limited", "team_id": TEAM, "minute_rate_limited": 1},
    ):
        assert await app.event(payload) == 200
    assert app.submitted == []


async def test_empty_mention_asks_for_help(app: SlackApp) -> None:
    """Someone who only names the adviser gets its help."""
    assert (await say(app, says.app_mention(""))).command == "help"


async def test_assistant_thread_is_greeted_once(app: SlackApp, fake: FakeSlack) -> None:
    """Opening the assistant greets in the person's language and suggests questions, once however often Slack tells."""
    opened = says.thread_started(user=LUIS, channel="D0LUIS")
    for retry in (0, 1):
        assert await app.event(opened, retry=retry) == 200
    await app.adapter.channel.stop()
    assert [post.seen.split("!")[0] for post in fake.posts] == ["Hello"]
    assert fake.posts[0].thread_ts == opened["event"]["assistant_thread"]["thread_ts"]
    assert len(fake.room.prompts[0]["prompts"]) == 3
    assert app.submitted == []


async def test_opened_direct_message_gets_suggestions(app: SlackApp, fake: FakeSlack) -> None:
    """In newer apps the direct message itself is the place: questions are suggested there, without a word."""
    opened = says.home_opened(user=LUIS, channel="D0LUIS")
    opened["event"]["tab"] = "messages"
    for _ in range(2):
        assert await app.event(opened) == 200
    await app.adapter.channel.stop()
    (suggested,) = fake.room.prompts
    assert "thread_ts" not in suggested
    assert suggested["prompts"][0]["title"] == "What has been recommended to save energy?"
    assert fake.posts == []


async def test_progress_is_shown_and_taken_away(app: SlackApp, fake: FakeSlack) -> None:
    """Eyes stand on a question while it is worked on; a thread with the assistant says what it does. Failures are harmless."""
    channel = app.adapter.channel
    asked = await say(app, says.app_mention("hola"))
    for stage in ("retrieve", "answer"):
        await channel.progress(asked, Progress(stage))
    assert {name for *_, name in fake.room.reactions} == {"eyes"}
    assert fake.calls("reactions.add") == 1
    await channel.post(asked, Reply(ANSWER))
    await asyncio.sleep(1.3)
    assert fake.room.reactions == set()
    threaded = await say(app, says.direct_message("How much energy do the blowers use?", thread_ts="1795000000.888888"))
    await channel.progress(threaded, Progress("retrieve"))
    assert [status for *_, status in fake.room.statuses] == ["is searching the documents…"]
    fake.errors["assistant.threads.setStatus"] = "missing_scope"
    await channel.progress(threaded, Progress("answer"))


async def test_store_down_is_503(app: SlackApp, fake: FakeSlack) -> None:
    """What cannot be stored is not acknowledged: Slack delivers it again. A command then leaves nothing to be seen."""
    app.store_down = True
    assert await app.event(says.direct_message("hola")) == 503
    assert await app.event(says.channel_message("hola", thread_ts="1795000000.100001")) == 503
    status, _ = await app.command(says.slash_command("hola", command="/ask"))
    assert (status, fake.posts) == (503, [])
    app.store_down, app.submit_down = False, True
    assert (await app.command(says.slash_command("hola", command="/ask")))[0] == 503
    fields = says.slash_command("hola", command="/ask", channel=DM)
    assert (await app.command(fields))[0] == 503
    await app.adapter.channel.stop()
    assert [post.deleted for post in fake.posts] == [True]
    app.submit_down = False
    assert (await app.command(fields))[0] == 200
    assert len(app.submitted) == 1


class RedisApp(SlackApp):
    """The adapter, served over the real inbox and memory."""

    inbox: RedisInbox
    memory: RedisMemory

    async def _submit(self, message: IncomingMessage) -> bool:
        return await self.inbox.put(message)

    async def _knows(self, key: str, said: str = "") -> bool:
        return await self.memory.known(key, said)


async def test_frozen_redis_is_503_within_a_second(fake: FakeSlack, redis: Redis, redis_process: RedisProcess) -> None:
    """A Redis that answers nothing: every kind of request gets its 503 in time, shows nothing, and is taken once it is back."""
    requests = [
        says.json_request(says.app_mention("hola")),
        says.json_request(says.direct_message("hola")),
        says.json_request(says.channel_message("hola", thread_ts="1795000000.100001")),
        says.form_request(says.slash_command("hola", command="/ask", channel="C0002")),
    ]
    async with RedisApp.running(slack_settings(fake)) as app:
        assert isinstance(app, RedisApp)
        app.inbox, app.memory = RedisInbox(redis), RedisMemory(redis)
        assert await app.event(says.direct_message("antes")) == 200
        redis_process.freeze()
        started = time.monotonic()
        refused = await asyncio.gather(*(app.post(*request) for request in requests))
        took = time.monotonic() - started
        redis_process.thaw()
        taken = [await app.post(*request) for request in requests]
    assert [status for status, _ in refused] == [503] * 4
    assert took < 1.2  # a second, and what a busy machine adds
    assert [status for status, _ in taken] == [200] * 4
    assert await app.inbox.depth() == 4  # all but the message of a thread that nobody knows
    assert fake.posts == []


async def test_wrong_token_stops_the_start(fake: FakeSlack) -> None:
    """A token that Slack does not take is a fault of the settings; a Slack that does not answer is not."""
    with pytest.raises(Exception, match="SLACK_BOT_TOKEN: Slack says invalid_auth"):
        async with SlackApp.running(slack_settings(fake, slack_bot_token="xoxb-other")):
            pass
    async with SlackApp.running(slack_settings(fake, slack_api_url="http://127.0.0.1:9/api")) as app:
        assert await app.event(says.direct_message("hola")) == 200
