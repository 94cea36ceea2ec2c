"""Slack: what is pressed or sent is taken, and shown once, however little Slack lets us read and however busy it is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.kept import KeptHere
from rag.errors import MemoryStoreError
from tests.fakes import slack_events as says
from tests.fakes.faults import Fault
from tests.fakes.slack_api import FakeSlack, broken, limited
from tests.fakes.slack_app import SlackApp, slack_settings
from tests.fakes.slack_events import ANA, CHANNEL
from tests.fakes.slack_room import Place, Post
from tests.fakes.teams_desk import NotingDesk
from tests.scenario.test_measure_forms import REPLY, opened, pick, write

READS = ("conversations.replies", "conversations.history")


@pytest.fixture
def desk() -> NotingDesk:
    """A desk that notes what it is asked."""
    return NotingDesk()


async def replied(app: SlackApp, fake: FakeSlack, channel: str = CHANNEL) -> Post:
    """A question in a channel was answered."""
    assert await app.event(says.app_mention("recomienda", channel=channel)) == 200
    await app.adapter.channel.post(app.submitted[-1], REPLY)
    return fake.posts[-1]


def follows(post: Post, question: str = "¿y el agua?") -> dict[str, Any]:
    """Somebody presses a question beneath an answer."""
    place = {"channel": post.channel, "message_ts": post.ts, "thread_ts": post.thread_ts}
    return says.block_action("follow-1", question, user=ANA, **place)


def decision(view: dict[str, Any], which: str, status: str, reason: str | None = None) -> dict[str, Any]:
    """The form of a decision, sent."""
    values = pick("which", which) | pick("status", status) | write("reason", reason) | {"day": {"day": {"selected_date": None}}}
    return says.form_sent("decide", view["private_metadata"], values)


def standing(fake: FakeSlack, words: str) -> list[Post]:
    """Our messages with these words that all see."""
    return [one for one in fake.posts if words in one.text and not (one.deleted or one.ephemeral)]


@pytest.mark.parametrize("refusal", ["limited", "missing_scope"])
async def test_what_slack_lets_us_read_does_not_matter(app: SlackApp, fake: FakeSlack, refusal: str) -> None:
    """Threads may be read once a minute, or not at all: presses and forms are taken all the same, and nothing is read."""
    post = await replied(app, fake)
    view = await opened(app, fake, "decide")
    for method in READS:
        if refusal == "limited":
            fake.faults.plan(limited(60), path=method, times=-1)
        else:
            fake.errors[method] = refusal
    for n in range(3):
        await app.press(follows(post, f"¿y {n}?"))
        await asyncio.sleep(1.05)  # the channel's pace
    assert await app.press(decision(view, "R7", "rejected", "no cabe")) == {}
    assert [one.text for one in app.submitted[-4:]] == ["¿y 0?", "¿y 1?", "¿y 2?", "rechaza R7 porque no cabe"]
    assert sum(fake.calls(method) for method in READS) == 0


async def test_presses_in_different_channels_do_not_wait_for_each_other(app: SlackApp, fake: FakeSlack) -> None:
    """Ten people press in ten channels while each call of Slack takes 0.3 s: all ten are taken."""
    posts = []
    for n in range(10):
        fake.room.places[f"C9{n:03d}"] = Place(f"C9{n:03d}", f"c{n}")
        posts.append(await replied(app, fake, f"C9{n:03d}"))
    before = len(app.submitted)
    fake.faults.plan(Fault(delay=0.3), times=-1)
    await asyncio.gather(*(app.post(*says.form_request(says.pressed(follows(post)))) for post in posts))
    assert sorted(one.channel for one in app.submitted[before:]) == sorted(post.channel for post in posts)


@pytest.mark.parametrize("talk", ["before", "between"])
async def test_a_busy_thread_shows_it_once(app: SlackApp, fake: FakeSlack, talk: str) -> None:
    """More messages than one reading of a thread shows, before the form was sent or since: sent again it says nothing more."""
    view = await opened(app, fake, "decide")
    root = fake.posts[0]

    def much() -> None:
        for n in range(20):
            fake.room.hear(says.channel_message(f"mensaje {n}", thread_ts=root.thread_ts, channel=root.channel))

    if talk == "before":
        much()
    assert await app.press(decision(view, "R7", "rejected", "no cabe")) == {}
    if talk == "between":
        much()
    assert await app.press(decision(view, "R7", "rejected", "no cabe")) == {}
    assert len(standing(fake, "rechaza R7")) == 1
    assert len({one.id for one in app.submitted if "rechaza" in one.text}) == 1


async def test_sent_again_with_other_values_it_says_those(app: SlackApp, fake: FakeSlack) -> None:
    """The answer to a form came too late, and other values are sent: both stand there and are taken, each by its own name."""
    view = await opened(app, fake, "decide")
    assert await app.press(decision(view, "R7", "rejected", "no cabe")) == {}
    await asyncio.sleep(1.05)
    assert await app.press(decision(view, "R3", "accepted")) == {}
    first, second = app.submitted[-2:]
    assert (first.text, second.text) == ("rechaza R7 porque no cabe", "acepta R3")
    assert first.id != second.id
    assert [len(standing(fake, said)) for said in ("rechaza R7", "acepta R3")] == [1, 1]


async def test_alone_too_other_values_are_another_message(app: SlackApp, fake: FakeSlack) -> None:
    """Beneath an answer that the asker alone sees: the same values are known again, others are not taken for them."""
    alone = {"type": "message", "channel_id": CHANNEL, "message_ts": "1.1", "is_ephemeral": True}
    view = await opened(app, fake, "assume", response_url=f"{fake.url}/hooks/1", container=alone)
    for price in ("0,2", "0,2", "0,3"):
        assert await app.press(says.form_sent("assume", view["private_metadata"], write("price", price))) == {}
    first, again, other = app.submitted[-3:]
    assert first.id == again.id != other.id


async def test_words_that_were_not_taken_give_way_to_others(app: SlackApp, fake: FakeSlack) -> None:
    """They were shown, but could not be stored: the form says so, and when other values are sent only those stand there."""
    view = await opened(app, fake, "decide")
    app.submit_down = True
    assert (await app.press(decision(view, "R7", "rejected", "no cabe")))["response_action"] == "errors"
    app.submit_down = False
    await asyncio.sleep(1.05)
    assert await app.press(decision(view, "R3", "accepted")) == {}
    assert app.submitted[-1].text == "acepta R3"
    assert [len(standing(fake, said)) for said in ("rechaza R7", "acepta R3")] == [0, 1]
    await asyncio.sleep(1.05)
    assert await app.press(decision(view, "R7", "rejected", "no cabe")) == {}
    assert len(standing(fake, "rechaza R7")) == 1


@pytest.mark.parametrize("process", ["same", "another"])
async def test_lost_between_post_and_record_it_is_found_in_the_thread(fake: FakeSlack, desk: NotingDesk, process: str) -> None:
    """Slack posted it and its answer was lost: the next try, of any process, finds it there; if that is refused, it is posted."""
    kept = KeptHere()
    settings = slack_settings(fake)
    async with SlackApp.running(settings, desk, kept) as app, SlackApp.running(settings, desk, kept) as other:
        view = await opened(app, fake, "decide")
        fake.faults.plan(Fault(status=500, after=True), path="chat.postMessage")
        assert (await app.press(decision(view, "R7", "rejected", "no cabe")))["response_action"] == "errors"
        second = app if process == "same" else other
        assert await second.press(decision(view, "R7", "rejected", "no cabe")) == {}
        assert len(standing(fake, "rechaza R7")) == 1
        assert second.submitted[-1].said == standing(fake, "rechaza R7")[0].ts
        fake.faults.plan(Fault(status=500, after=True), path="chat.postMessage")
        await asyncio.sleep(1.05)
        assert (await app.press(decision(view, "R3", "accepted")))["response_action"] == "errors"
        fake.errors["conversations.replies"] = "missing_scope"
        await asyncio.sleep(1.05)
        assert await second.press(decision(view, "R3", "accepted")) == {}
        assert second.submitted[-1].text == "acepta R3"


async def test_what_was_surely_not_posted_is_not_looked_for(app: SlackApp, fake: FakeSlack) -> None:
    """Slack said no, so there is nothing to find: the next try posts."""
    view = await opened(app, fake, "decide")
    fake.faults.plan(limited(1), path="chat.postMessage")
    assert (await app.press(decision(view, "R7", "rejected", "no cabe")))["response_action"] == "errors"
    await asyncio.sleep(1.05)
    assert await app.press(decision(view, "R7", "rejected", "no cabe")) == {}
    assert fake.calls("conversations.replies") == 0
    assert len(standing(fake, "rechaza R7")) == 1


class BrokenKept(KeptHere):
    """A store that does not answer."""

    async def add(self, name: str, value: str, seconds: int) -> bool:
        raise MemoryStoreError("down")


async def test_nothing_is_shown_that_cannot_be_kept(fake: FakeSlack, desk: NotingDesk) -> None:
    """While the store is away who presses is told, and nothing stands in the thread that would get no answer."""
    async with SlackApp.running(slack_settings(fake), desk, BrokenKept()) as app:
        post = await replied(app, fake)
        await app.press(follows(post))
        assert standing(fake, "¿y el agua?") == []
        assert fake.posts[-1].ephemeral == ANA


async def test_shared_answers_need_no_reading(app: SlackApp, fake: FakeSlack) -> None:
    """Two presses of an answer's share button while Slack's history may not be read: one question stands in the channel."""
    asked = says.slash_command("¿cuántas soplantes quedan?", command="/ask")
    assert (await app.command(asked))[0] == 200
    fake.faults.plan(broken(), path="conversations.history", times=-1)
    box = {"type": "message", "channel_id": CHANNEL, "message_ts": "1.1", "is_ephemeral": True}
    share = says.block_action("share", '{"exchange":"e1"}', user=ANA, channel=CHANNEL, message_ts="1.1") | {"container": box}
    before = len(app.submitted)
    for _ in range(2):
        await app.press(share)
    assert {(one.command, one.id) for one in app.submitted[before:]} == {("share", "share/e1")}
    assert len(app.submitted) - before == 2
    assert len([one for one in fake.posts if not one.ephemeral]) == 1
