"""Slack: a question that is edited or deleted, told as Slack tells it; what becomes of its answer, as people see it."""

from __future__ import annotations

import pytest

from bot.kept import KeptHere
from bot.messages import Reply
from rag.errors import DeliveryError
from rag.models import Answer, Citation, Picture
from tests.fakes import slack_events as says
from tests.fakes.faults import Fault
from tests.fakes.slack_api import FakeSlack, limited
from tests.fakes.slack_app import SlackApp, slack_settings
from tests.fakes.slack_events import ANA, BOT_USER, CHANNEL, DM
from tests.fakes.slack_room import Post
from tests.fakes.teams_desk import NotingDesk

FIRST = Reply(Answer("answered", "es", "Quedan tres soplantes en marcha de noche."))
SECOND = Reply(Answer("answered", "es", "La EDAR Sur no consta en los documentos."))
COMPUTED = Reply(
    Answer("answered", "es", "Gasta 182 kW [1].", (Citation(1, "calculation", "Carga", "", "", "182 kW", "es"),)), "e1"
)
TWO = Reply(Answer("answered", "es", " ".join(f"Frase número {n} de la respuesta, que es larga." for n in range(260))))
LONG = Reply(Answer("answered", "es", " ".join(f"Frase número {n} de la respuesta, que es larga." for n in range(600))))


async def asked(app: SlackApp, ts: str, reply: Reply) -> None:
    """A mention in the channel, answered."""
    assert await app.event(says.app_mention("¿por qué gasta tanto?", ts=ts)) == 200
    await app.adapter.channel.post(app.submitted[-1], reply)


def answers(fake: FakeSlack, ts: str) -> list[str]:
    """What of ours stands in the thread."""
    return [post.seen for post in fake.visible(CHANNEL, ts) if post.author == BOT_USER]


async def test_an_edited_question_is_answered_where_its_answer_stood(app: SlackApp, fake: FakeSlack) -> None:
    """The new words replace the old message; the new answer stands in the old one's place, once, also if posted again."""
    ts = says.next_ts()
    await asked(app, ts, FIRST)
    first = app.submitted[-1]
    changed = says.message_changed(f"<@{BOT_USER}> ¿y la EDAR Sur?", ts=ts, before=f"<@{BOT_USER}> ¿por qué gasta tanto?")
    assert await app.event(changed) == 200
    edited = app.submitted[-1]
    assert (edited.text, edited.command, edited.said, edited.replaces) == ("¿y la EDAR Sur?", "ask", ts, ts)
    assert (edited.key, edited.user, edited.channel) == (first.key, ANA, CHANNEL)
    assert edited.id != first.id
    for _ in range(2):
        await app.adapter.channel.post(edited, SECOND)
        assert answers(fake, ts) == ["La EDAR Sur no consta en los documentos."]
    assert len(fake.posts) == 1


async def test_a_shorter_answer_leaves_nothing_of_a_longer_one(app: SlackApp, fake: FakeSlack) -> None:
    """What is too much is removed; an answer that grows again is posted beneath."""
    ts = says.next_ts()
    await asked(app, ts, LONG)
    before = answers(fake, ts)
    assert len(before) > 1
    assert await app.event(says.message_changed(f"<@{BOT_USER}> corto", ts=ts)) == 200
    await app.adapter.channel.post(app.submitted[-1], SECOND)
    await app.adapter.channel.stop()
    assert answers(fake, ts) == ["La EDAR Sur no consta en los documentos."]
    assert await app.event(says.message_changed(f"<@{BOT_USER}> largo", ts=ts)) == 200
    await app.adapter.channel.post(app.submitted[-1], LONG)
    assert answers(fake, ts) == before


async def test_an_answer_that_went_is_given_anew(app: SlackApp, fake: FakeSlack) -> None:
    """Someone deleted our answer in the meantime, or Slack lets it be changed no more: the reply is posted."""
    ts = says.next_ts()
    await asked(app, ts, FIRST)
    assert await app.event(says.message_changed(f"<@{BOT_USER}> ¿y la EDAR Sur?", ts=ts)) == 200
    for post in fake.visible(CHANNEL, ts):
        if post.author == BOT_USER:
            fake.room.change(post, deleted=True)
    await app.adapter.channel.post(app.submitted[-1], SECOND)
    assert answers(fake, ts) == ["La EDAR Sur no consta en los documentos."]


async def test_a_deleted_question_takes_its_answer_with_it(app: SlackApp, fake: FakeSlack) -> None:
    """In a channel it leaves a tombstone over its thread; in a direct message it is gone."""
    ts = says.next_ts()
    await asked(app, ts, LONG)
    assert await app.event(says.tombstone(ts=ts, text=f"<@{BOT_USER}> ¿por qué gasta tanto?")) == 200
    gone = app.submitted[-1]
    assert (gone.command, gone.replaces, gone.text, gone.user) == ("retract", ts, "", ANA)
    await app.adapter.channel.post(gone, FIRST)
    await app.adapter.channel.stop()
    assert answers(fake, ts) == []
    direct = says.direct_message("hola")
    assert await app.event(direct) == 200
    await app.adapter.channel.post(app.submitted[-1], FIRST)
    ts = direct["event"]["ts"]
    assert await app.event(says.message_deleted(channel=DM, kind="im", ts=ts, text="hola")) == 200
    assert (app.submitted[-1].command, app.submitted[-1].direct) == ("retract", True)
    await app.adapter.channel.post(app.submitted[-1], FIRST)
    await app.adapter.channel.stop()
    assert [post.seen for post in fake.visible(DM) if post.author == BOT_USER] == []


@pytest.mark.parametrize("refusal", ["limited", "missing_scope"])
async def test_what_slack_lets_us_read_does_not_matter(fake: FakeSlack, refusal: str) -> None:
    """Threads may be read once a minute, or not at all: what another process answered is changed and taken away all the same."""
    kept, settings = KeptHere(), slack_settings(fake)
    async with SlackApp.running(settings, kept=kept) as app, SlackApp.running(settings, kept=kept) as other:
        for method in ("conversations.replies", "conversations.history"):
            if refusal == "limited":
                fake.faults.plan(limited(60), path=method, times=-1)
            else:
                fake.errors[method] = refusal
        ts = says.next_ts()
        await asked(app, ts, LONG)
        assert await other.event(says.message_changed(f"<@{BOT_USER}> ¿y la EDAR Sur?", ts=ts)) == 200
        await other.adapter.channel.post(other.submitted[-1], SECOND)
        await other.adapter.channel.stop()
        assert answers(fake, ts) == ["La EDAR Sur no consta en los documentos."]
        assert await app.event(says.tombstone(ts=ts, text=f"<@{BOT_USER}> ¿y la EDAR Sur?")) == 200
        await app.adapter.channel.post(app.submitted[-1], FIRST)
        await app.adapter.channel.stop()
        assert answers(fake, ts) == []
        assert fake.calls("conversations") == 0


@pytest.mark.parametrize("fault", [limited(1), Fault(status=500, after=True)], ids=["refused", "unclear"])
async def test_a_correction_goes_on_where_it_ended(fake: FakeSlack, fault: Fault) -> None:
    """The second of several messages fails: another process writes the rest over what is left of the earlier answer."""
    kept, settings = KeptHere(), slack_settings(fake)
    async with SlackApp.running(settings, kept=kept) as app, SlackApp.running(settings, kept=kept) as other:
        ts = says.next_ts()
        await asked(app, ts, LONG)
        before = [post.ts for post in fake.visible(CHANNEL, ts) if post.author == BOT_USER]
        assert len(before) > 2
        changed = says.message_changed(f"<@{BOT_USER}> otra vez", ts=ts)
        for one in (app, other):
            assert await one.event(changed) == 200
        fake.faults.plan(Fault(), path="chat.update")
        fake.faults.plan(fault, path="chat.update")
        again = Reply(Answer("answered", "es", LONG.text.replace("larga", "corta")))
        with pytest.raises(DeliveryError):
            await app.adapter.channel.post(app.submitted[-1], again)
        other.adapter.channel._unsure[other.submitted[-1].tenant, other.submitted[-1].id] = True  # as the eyes tell
        await other.adapter.channel.post(other.submitted[-1], again)
        await other.adapter.channel.stop()
        stands = [post for post in fake.visible(CHANNEL, ts) if post.author == BOT_USER]
        assert [post.ts for post in stands] == before
        assert not any("larga" in post.seen for post in stands)


@pytest.mark.parametrize("deleted", [True, False])
async def test_a_correction_far_back_is_honoured(fake: FakeSlack, deleted: bool) -> None:
    """In a plain direct message, with more said since than Slack shows at once: also by a process that has not posted it."""
    kept, first = KeptHere(), says.direct_message("hola")
    async with SlackApp.running(slack_settings(fake), kept=kept) as app:
        assert await app.event(first) == 200
        await app.adapter.channel.post(app.submitted[-1], TWO)
        for _ in range(20):
            fake.room.add(Post(DM, says.next_ts(), text=FIRST.text))
    where = {"channel": DM, "kind": "im", "ts": first["event"]["ts"]}
    change = says.message_deleted(text="hola", **where) if deleted else says.message_changed("¿y la Sur?", before="hola", **where)
    async with SlackApp.running(slack_settings(fake), kept=kept) as other:
        assert await other.event(change) == 200
        for _ in range(2):
            await other.adapter.channel.post(other.submitted[-1], SECOND)
        await other.adapter.channel.stop()
    standing = [post.seen for post in fake.visible(DM) if post.author == BOT_USER]
    assert standing[0] == (FIRST.text if deleted else SECOND.text)
    assert len(standing) == (20 if deleted else 21)
    assert fake.calls("conversations.history") == 0


async def test_pictures_go_with_their_question(fake: FakeSlack) -> None:
    """Edited or deleted, also while they are being uploaded: nothing of the old answer is left, and nothing else is touched."""
    desk = NotingDesk(drawn=(Picture("load", "Carga", "De noche, la mitad.", b"png"),))
    async with SlackApp.running(slack_settings(fake), desk) as app:
        asked_at = [says.next_ts() for _ in range(3)]
        for ts, channel in zip(asked_at, (CHANNEL, CHANNEL, "C0002"), strict=True):
            assert await app.event(says.app_mention("¿por qué gasta tanto?", ts=ts, channel=channel)) == 200
            await app.adapter.channel.post(app.submitted[-1], COMPUTED)
        changes = [
            says.tombstone(ts=asked_at[0], text=f"<@{BOT_USER}> ¿por qué gasta tanto?"),
            says.message_changed(f"<@{BOT_USER}> ¿y la EDAR Sur?", ts=asked_at[1], before="x"),
        ]
        for change in changes:
            assert await app.event(change) == 200
            await app.adapter.channel.post(app.submitted[-1], SECOND)
        await app.adapter.channel.stop()
    (left,) = fake.room.uploads.values()
    assert left["thread_ts"] == asked_at[2]


async def test_an_edit_counts_only_of_what_was_for_the_adviser(app: SlackApp) -> None:
    """In a thread in which it takes part, also one that it began: not a colleague's words that it was never told to answer."""
    root = says.next_ts()
    assert await app.event(says.app_mention("hola", ts=root)) == 200
    follow = says.channel_message("¿y la Norte?", thread_ts=root, ts=says.next_ts())
    assert await app.event(follow) == 200
    for parent in (ANA, BOT_USER):
        here = {"thread_ts": root, "parent_user_id": parent}
        assert await app.event(says.message_changed("Luis, ¿vienes?", ts=says.next_ts(), before="Luis vienes", **here)) == 200
    assert len(app.submitted) == 2
    ts = follow["event"]["ts"]
    assert await app.event(says.message_changed("¿y la Sur?", ts=ts, before="¿y la Norte?", thread_ts=root)) == 200
    assert app.submitted[-1].text == "¿y la Sur?"


async def test_what_is_no_correction_for_the_adviser(app: SlackApp) -> None:
    """Unfolded links, messages of bots, and questions to others; but one that names the adviser only now is asked."""
    for payload in (
        says.message_changed(f"<@{BOT_USER}> hola", before=f"<@{BOT_USER}> hola", edited=False),
        says.message_changed(f"<@{BOT_USER}> hola", before=f"<@{BOT_USER}> hola"),
        says.message_changed("hola", user=BOT_USER),
        says.message_changed(f"<@{BOT_USER}> hola", bot_id="B0OTHER"),
        says.message_changed("hola a todos"),
        says.message_deleted(text="hola a todos"),
        says.message_deleted(text="nuestra", user=BOT_USER),
    ):
        assert await app.event(payload) == 200
    assert app.submitted == []
    assert await app.event(says.message_changed(f"<@{BOT_USER}> hola", before="hola")) == 200
    assert app.submitted[-1].text == "hola"


@pytest.mark.parametrize("thanks", ["gracias", "sí, ahora voy", "Luis, ¿puedes venir a las 12?"])
async def test_what_is_left_alone_and_becomes_a_question_is_asked(app: SlackApp, thanks: str) -> None:
    """Nothing is there to be corrected: a new message, which counts only where it is followed."""
    root, ts = says.next_ts(), says.next_ts()
    assert await app.event(says.app_mention("hola", ts=root)) == 200
    assert await app.event(says.channel_message(thanks, thread_ts=root, ts=ts)) == 200
    elsewhere = says.message_changed("gracias, ¿y la Sur?", ts=ts, before=thanks, thread_ts=says.next_ts())
    assert await app.event(elsewhere) == 200
    assert len(app.submitted) == 1
    assert await app.event(says.message_changed("gracias, ¿y la Sur?", ts=ts, before=thanks, thread_ts=root)) == 200
    asked = app.submitted[-1]
    assert (asked.text, asked.said, asked.replaces) == ("gracias, ¿y la Sur?", ts, "")
