"""Slack: pictures of the readings stand beneath the answer that rests on them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.messages import Reply
from rag.models import Picture
from tests.fakes import slack_events as says
from tests.fakes.faults import Fault
from tests.fakes.slack_api import FakeSlack
from tests.fakes.slack_app import SlackApp
from tests.fakes.slack_events import ANA, CHANNEL
from tests.fakes.teams_desk import NotingDesk
from tests.scenario.test_slack import ANSWER, MANUAL

PICTURES = (
    Picture("heat-map", "Mapa", "De noche se consume la mitad.", b"png 1"),
    Picture("savings", "Ahorro", "Alt.", b"png 2"),
)
COMPUTED = Reply(replace(ANSWER, citations=(replace(MANUAL, kind="calculation"),)), "e1")


@pytest.fixture
def desk() -> NotingDesk:
    """A desk that has drawn two pictures."""
    return NotingDesk(drawn=PICTURES)


async def answered(app: SlackApp, reply: Reply) -> None:
    """A question in a channel, answered, and what that began ended."""
    assert await app.event(says.app_mention("¿cuánto consume de noche?")) == 200
    await app.adapter.channel.post(app.submitted[-1], reply)
    await app.adapter.channel.stop()


async def test_pictures_are_uploaded_to_the_thread_once(app: SlackApp, fake: FakeSlack, desk: NotingDesk) -> None:
    """Their bytes with title and words; the same reply again, after a crash of the record, uploads nothing more."""
    await answered(app, COMPUTED)
    held = list(fake.room.uploads.values())
    assert [(one["data"], one["title"], one["alt_txt"]) for one in held] == [(p.png, p.title, p.alt) for p in PICTURES]
    assert {(one["channel"], one["thread_ts"]) for one in held} == {(CHANNEL, fake.posts[0].thread_ts)}
    await app.adapter.channel.post(app.submitted[-1], COMPUTED)
    await app.adapter.channel.stop()
    assert (len(fake.room.uploads), desk.asked) == (2, [("pictures", "e1")])


async def test_where_there_is_nothing_to_see(app: SlackApp, fake: FakeSlack, desk: NotingDesk) -> None:
    """An answer of documents asks for none; nor does one that the asker alone sees, where files would be seen by all."""
    await answered(app, Reply(ANSWER, "e1"))
    hook = fake.response_url(CHANNEL, ANA)
    await app.command(says.slash_command("¿cuánto?", command="/ask", response_url=hook))
    await app.adapter.channel.post(app.submitted[-1], COMPUTED)
    await app.adapter.channel.stop()
    assert (fake.room.uploads, desk.asked) == ({}, [])


@pytest.mark.parametrize("trouble", ["refused", "upload", "api"])
async def test_a_picture_that_fails_harms_no_answer(app: SlackApp, fake: FakeSlack, desk: NotingDesk, trouble: str) -> None:
    """The desk refuses, or Slack: the answer stands."""
    desk.refuses = trouble == "refused"
    if trouble == "upload":
        fake.faults.plan(Fault(status=500), path="/upload/")
    if trouble == "api":
        fake.faults.plan(Fault(status=500), path="files.getUploadURLExternal")
    await answered(app, COMPUTED)
    assert len(fake.posts) == 1
    assert not any("channel" in one for one in fake.room.uploads.values())
