"""Replies on their way to Slack: refused, slowed, cut, begun by another process; each is seen once."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from adapters.slack.client import RefusedCallError, UnsureError
from adapters.slack.pace import Pace, patiently
from bot.inbox import RedisInbox
from bot.kept import KeptHere
from bot.messages import IncomingMessage, Progress, Reply
from bot.ports import OnProgress
from bot.worker import Worker
from config.texts import text
from rag.errors import DeliveryError
from rag.models import Answer
from tests.fakes import slack_events as says
from tests.fakes.faults import Fault
from tests.fakes.slack_api import FakeSlack, broken, limited
from tests.fakes.slack_app import SlackApp, slack_settings
from tests.fakes.slack_events import CHANNEL
from tests.fakes.slack_room import Place
from tests.worker_world import failed

REPLY = Reply(Answer("answered", "es", "Son 182 kWh."))
LONG = Reply(Answer("answered", "es", "\n".join(f"Línea {n} " + "agua " * 400 for n in range(12))))


async def asked(app: SlackApp, channel: str = CHANNEL) -> IncomingMessage:
    """A question, as it comes out of the inbox."""
    assert await app.event(says.app_mention("hola", channel=channel)) == 200
    return app.submitted[-1]


async def refusal(app: SlackApp, message: IncomingMessage, reply: Reply = REPLY) -> DeliveryError:
    """The error with which a post fails."""
    with pytest.raises(DeliveryError) as caught:
        await app.adapter.channel.post(message, reply)
    return caught.value


@pytest.mark.parametrize(
    ("retry_after", "waited"), [(0, 0.0), (1, 1.0), ("30", 30.0), (9999, 60.0), ("abc", None), (None, None), ("-5", None)]
)
async def test_429_says_when_to_come_again(app: SlackApp, fake: FakeSlack, retry_after: object, waited: float | None) -> None:
    """A 429 is for later, at the time that Slack names, never more than a minute away; the SDK does not wait or retry itself."""
    fake.faults.plan(limited(retry_after), path="chat.postMessage")
    error = await refusal(app, await asked(app))
    assert (error.retryable, error.retry_after) == (True, waited)
    assert fake.calls("chat.postMessage") == 1


async def test_a_slack_that_is_away_is_asked_once_a_second(app: SlackApp, fake: FakeSlack) -> None:
    """Thirty replies to thirty channels cost it five calls and a probe; a second after it is back, the next goes out."""
    channels = [f"C1{n:03}" for n in range(30)]
    fake.room.places |= {channel: Place(channel) for channel in channels}
    waiting = [await asked(app, channel) for channel in channels]
    fake.faults.plan(broken(), times=-1)
    before = fake.calls("/api/")
    errors = [await refusal(app, one) for one in waiting]
    assert all(error.retryable for error in errors)
    assert fake.calls("/api/") - before <= 8
    fake.faults.clear()
    await asyncio.sleep(1.05)
    for one in waiting[:2]:
        await app.adapter.channel.post(one, REPLY)
    assert [len(fake.visible(one.channel, one.reply_to["thread"])) for one in waiting[:3]] == [1, 1, 0]


async def test_429_holds_its_channel_only(app: SlackApp, fake: FakeSlack) -> None:
    """Until the time that Slack named, no other reply goes to the channel; other channels go on."""
    fake.faults.plan(limited(30), path="chat.postMessage")
    await refusal(app, await asked(app))
    error = await refusal(app, await asked(app))
    assert 28 < (error.retry_after or 0) <= 30
    assert fake.calls("chat.postMessage") == 1
    await app.adapter.channel.post(await asked(app, "C0002"), REPLY)
    assert [post.channel for post in fake.posts] == ["C0002"]


@pytest.mark.parametrize("code", ["channel_not_found", "is_archived", "not_in_channel", "restricted_action", "token_revoked"])
async def test_refusals_are_for_good(app: SlackApp, fake: FakeSlack, code: str) -> None:
    """What another try would meet again is not tried again."""
    fake.errors["chat.postMessage"] = code
    error = await refusal(app, await asked(app))
    assert not error.retryable
    assert code in str(error)


@pytest.mark.parametrize(
    "fault", [broken(500), broken(503), Fault(cut=True), Fault(status=502, body="x"), Fault(status=200, body="x")],
    ids=["500", "503", "cut", "502 text", "200 text"],
)  # fmt: skip
async def test_troubles_are_for_later(app: SlackApp, fake: FakeSlack, fault: Fault) -> None:
    """A Slack in trouble is tried again; the second try looks whether the first came through, and posts."""
    message = await asked(app)
    fake.faults.plan(fault, path="chat.postMessage")
    error = await refusal(app, message)
    assert (error.retryable, error.retry_after) == (True, None)
    await app.adapter.channel.post(message, REPLY)
    assert [post.seen for post in fake.posts] == ["Son 182 kWh."]
    assert fake.calls("conversations.replies") == 1


@pytest.mark.parametrize("where", ["thread", "direct"])
async def test_unclear_outcome_is_looked_up(app: SlackApp, fake: FakeSlack, where: str) -> None:
    """Slack posts and the answer is lost on the way: the next try finds the message and does not post again."""
    if where == "thread":
        message = await asked(app)
    else:
        assert await app.event(says.direct_message("hola")) == 200
        message = app.submitted[-1]
    fake.faults.plan(Fault(cut=True, after=True), path="chat.postMessage")
    assert (await refusal(app, message)).retryable
    await app.adapter.channel.post(message, REPLY)
    assert len(fake.posts) == 1


async def test_long_reply_goes_on_where_it_ended(app: SlackApp, fake: FakeSlack) -> None:
    """The second of several messages fails: the next try posts from there, each line stands once and in order."""
    message = await asked(app)
    fake.faults.plan(Fault(delay=0.0), path="chat.postMessage")
    fake.faults.plan(broken(), path="chat.postMessage")
    await refusal(app, message, LONG)
    await app.adapter.channel.post(message, LONG)
    whole = "\n".join(post.seen for post in fake.posts)
    assert [whole.count(f"Línea {n} ") for n in range(12)] == [1] * 12
    assert whole.index("Línea 0 ") < whole.index("Línea 11 ")


async def test_blocks_that_slack_refuses_go_as_text(app: SlackApp, fake: FakeSlack) -> None:
    """If a limit of Slack's is lower than we know, the reply still comes, whole, without its looks."""
    message = await asked(app)
    refused = '{"ok": false, "error": "msg_blocks_too_long"}'
    fake.faults.plan(Fault(status=200, headers={"Content-Type": "application/json"}, body=refused), path="chat.postMessage")
    await app.adapter.channel.post(message, REPLY)
    assert [post.seen for post in fake.posts] == ["Son 182 kWh."]
    assert fake.calls("chat.postMessage") == 2


async def test_message_of_a_killed_process_is_not_answered_twice(fake: FakeSlack) -> None:
    """One process posts and is killed before that is recorded: the eyes tell the next one, which finds the reply."""
    async with SlackApp.running(slack_settings(fake)) as first:
        message = await asked(first)
        await first.adapter.channel.progress(message, Progress("retrieve"))
        await first.adapter.channel.post(message, REPLY)
        async with SlackApp.running(slack_settings(fake)) as second:
            await second.adapter.channel.progress(message, Progress("retrieve"))
            await second.adapter.channel.post(message, REPLY)
    assert len(fake.posts) == 1
    assert fake.calls("conversations.replies") == 1


@pytest.mark.parametrize("eyes", [True, False])
async def test_what_was_posted_is_known_to_all_processes(fake: FakeSlack, eyes: bool) -> None:
    """Without reading the thread, which Slack may refuse: the next process goes on where the one before ended, then no more."""
    kept, settings = KeptHere(), slack_settings(fake)
    fake.errors["conversations.replies"] = "missing_scope"
    if not eyes:
        fake.errors["reactions.add"] = "missing_scope"
    async with SlackApp.running(settings, kept=kept) as first, SlackApp.running(settings, kept=kept) as second:
        message = await asked(first)
        await first.adapter.channel.progress(message, Progress("retrieve"))
        fake.faults.plan(Fault(delay=0.0), path="chat.postMessage")
        fake.faults.plan(limited(), path="chat.postMessage")
        await refusal(first, message, LONG)
        for one in (second, first):
            await one.adapter.channel.progress(message, Progress("retrieve"))
            await one.adapter.channel.post(message, LONG)
    whole = "\n".join(post.seen for post in fake.posts)
    assert [whole.count(f"Línea {n} ") for n in range(12)] == [1] * 12


@pytest.mark.parametrize("may_speak", [True, False])
async def test_what_is_more_than_a_response_url_takes(fake: FakeSlack, may_speak: bool) -> None:
    """An answer to a command in seven messages: the asker alone reads all of it, or that there is more where we may not speak."""
    many = Reply(Answer("answered", "es", "\n\n".join(f"Línea {n} " + "agua " * 400 for n in range(30))))
    async with SlackApp.running(slack_settings(fake)) as app:
        hook = fake.response_url(CHANNEL, says.ANA)
        assert (await app.command(says.slash_command("¿cuánto?", command="/ask", response_url=hook)))[0] == 200
        if not may_speak:
            fake.errors["chat.postEphemeral"] = "not_in_channel"
        await app.adapter.channel.post(app.submitted[-1], many)
    shown = [post.seen for post in fake.room.visible(CHANNEL, user=says.ANA) if post.ephemeral == says.ANA]
    assert fake.calls("/hooks/") == (4 if may_speak else 5)
    told = [n for n in range(30) if any(f"Línea {n} " in one for one in shown)]
    assert (len(told) == 30, told == list(range(len(told)))) == (may_speak, True)
    assert any(text("es", "slack.cut") in one for one in shown) != may_speak


async def test_what_the_asker_alone_was_told_is_known_to_all_processes(fake: FakeSlack) -> None:
    """Slack keeps no trace of it, and takes five messages: another process goes on where one ended, then no more."""
    kept, settings = KeptHere(), slack_settings(fake)
    async with SlackApp.running(settings, kept=kept) as first, SlackApp.running(settings, kept=kept) as second:
        hook = fake.response_url(CHANNEL, says.ANA)
        assert (await first.command(says.slash_command("¿cuánto?", command="/ask", response_url=hook)))[0] == 200
        message = first.submitted[-1]
        fake.faults.plan(Fault(delay=0.0), path="/hooks/")
        fake.faults.plan(limited(), path="/hooks/")
        few = Reply(Answer("answered", "es", "\n".join(f"Línea {n} " + "agua " * 400 for n in range(7))))
        await refusal(first, message, few)
        for one in (second, first):
            await one.adapter.channel.post(message, few)
    whole = "\n".join(post.seen for post in fake.posts)
    assert [whole.count(f"Línea {n} ") for n in range(7)] == [1] * 7


async def test_what_nobody_waits_for_is_asked_again() -> None:
    """A removal that Slack refuses for now, or that was not asked of a Slack that is away; not one that may have been done."""
    failures: list[DeliveryError] = [RefusedCallError("ratelimited", retryable=True, retry_after=0.01)]
    failures.append(DeliveryError("away", retryable=True, retry_after=0.01))

    async def call() -> None:
        if failures:
            raise failures.pop(0)

    await patiently(call)
    for error in (RefusedCallError("channel_not_found"), UnsureError("no answer")):
        failures.append(error)
        with pytest.raises(DeliveryError):
            await patiently(call)


async def test_killed_before_the_post_is_answered(fake: FakeSlack) -> None:
    """One process begins and is killed: the next one finds no reply, and posts."""
    async with SlackApp.running(slack_settings(fake)) as first, SlackApp.running(slack_settings(fake)) as second:
        message = await asked(first)
        await first.adapter.channel.progress(message, Progress("retrieve"))
        fake.errors["conversations.replies"] = "ratelimited"
        await second.adapter.channel.progress(message, Progress("retrieve"))
        await second.adapter.channel.post(message, REPLY)
    assert len(fake.posts) == 1


async def test_late_message_of_the_assistant_is_looked_up(fake: FakeSlack) -> None:
    """The assistant's threads have no eyes: what is taken up late there is looked up before it is answered."""
    async with SlackApp.running(slack_settings(fake)) as first, SlackApp.running(slack_settings(fake)) as second:
        assert await first.event(says.direct_message("hola", thread_ts="1795000000.888888")) == 200
        message = first.submitted[-1]
        await first.adapter.channel.post(message, REPLY)
        late = replace(message, received_at=time.time() - 10)
        await second.adapter.channel.progress(late, Progress("retrieve"))
        await second.adapter.channel.post(late, REPLY)
    assert len(fake.posts) == 1


async def test_one_post_a_second_and_channel(app: SlackApp, fake: FakeSlack) -> None:
    """Replies to one channel come a second apart, another channel is not held up, and who would wait long comes again."""
    fake.post_gap = 0.95
    messages = [await asked(app) for _ in range(6)] + [await asked(app, "C0002")]
    posts = (app.adapter.channel.post(message, REPLY) for message in messages)
    started = time.monotonic()
    outcomes = await asyncio.gather(*posts, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None)] * 4 + [DeliveryError] * 2 + [type(None)]
    other = next(call for call in fake.sent("chat.postMessage") if call.sent["channel"] == "C0002")
    assert other.at - started < 0.5
    assert len(fake.posts) == 5


async def test_pace_forgets() -> None:
    """What is known of channels stays bounded."""
    now = 0.0
    pace = Pace(clock=lambda: now)
    for number in range(2500):
        now += 1.0
        await pace.wait(f"C{number}")
    assert len(pace._next) <= 2001


async def test_worker_answers_once_through_trouble(fake: FakeSlack, redis: Redis) -> None:
    """The real inbox and worker: a mention delivered four times, Slack answering 429, then once: one answer in the thread."""
    inbox = RedisInbox(redis)

    async def respond(message: IncomingMessage, on_progress: OnProgress) -> Reply:
        """Answers at once."""
        return REPLY

    async with SlackApp.running(slack_settings(fake)) as app:
        app.adapter._submit = inbox.put
        worker = Worker(inbox, respond, failed, {"slack": app.adapter.channel})
        fake.faults.plan(limited(1), path="chat.postMessage")
        event = says.app_mention("hola")
        for retry in range(4):
            assert await app.event(event, retry=retry) == 200
        running = asyncio.create_task(worker.run())
        async with asyncio.timeout(8):
            while await inbox.depth():  # noqa: ASYNC110 - the test waits from outside
                await asyncio.sleep(0.02)
        await worker.stop(1.0)
        await running
    assert [(post.seen, post.thread_ts) for post in fake.posts] == [("Son 182 kWh.", event["event"]["ts"])]
    assert fake.room.reactions == set()
