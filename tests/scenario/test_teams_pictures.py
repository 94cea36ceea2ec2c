"""Teams: pictures of the readings stand beneath the answer that rests on them."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from adapters.teams.pictures import PICTURE_BYTES, shown
from adapters.teams.place import Place
from adapters.teams.render import MESSAGE_BYTES, wire_bytes
from bot.messages import Actor, IncomingMessage, Reply
from rag.models import Answer, Citation, Language, Picture
from rag.pictures import savings
from tests.fakes.bot_activities import changed, channel_message, group_message, message
from tests.fakes.bot_connector import FakeConnector, drawn, images_of
from tests.fakes.faults import Fault
from tests.fakes.teams_app import TeamsApp, say, teams_settings
from tests.fakes.teams_desk import NotingDesk

CALCULATED = Citation(1, "calculation", "t", "", "", "q", "es", passage_id="calculation:norte/base_load.m")
ALT = {"es": "De noche se consume la mitad.", "en": "Half is used at night."}


def cells(width: int, height: int, cell: int) -> bytes:
    """A picture of squares of `cell` dots, as a heat map has them; single dots are what no palette makes small."""
    out, small = io.BytesIO(), Image.effect_noise((width // cell, height // cell), 90)
    small.resize((width, height), Image.Resampling.NEAREST).convert("RGB").save(out, "PNG")
    return out.getvalue()


def picture(png: bytes | None = None, language: Language = "es") -> Picture:
    """One that is drawn, with its words."""
    out = io.BytesIO()
    Image.new("RGB", (96, 60), "red").save(out, "PNG")
    return Picture("heat-map", "Mapa", ALT[language], png or out.getvalue())


def reply(language: Language = "es") -> Reply:
    """What rests on readings."""
    return Reply(Answer("answered", language, "100 kW [1].", (CALCULATED,)), "e1")


@pytest.fixture
async def fake() -> AsyncIterator[FakeConnector]:
    """A stand-in Bot Connector."""
    async with FakeConnector() as running:
        yield running


@pytest.fixture
def desk() -> NotingDesk:
    """A desk that has drawn a picture."""
    return NotingDesk(drawn=(picture(),))


@pytest.fixture
async def app(fake: FakeConnector, desk: NotingDesk) -> AsyncIterator[TeamsApp]:
    """The adapter with that desk, served."""
    async with TeamsApp.running(teams_settings(fake), desk) as running:
        yield running


async def answered(app: TeamsApp, asked: IncomingMessage, given: Reply) -> None:
    """The reply is posted, and what that began has ended."""
    await app.adapter.channel.post(asked, given)
    await app.adapter.channel.stop()


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("where", [message, channel_message, group_message])
async def test_pictures_stand_beneath_the_answer_once(
    app: TeamsApp, fake: FakeConnector, desk: NotingDesk, where: Any, language: Language
) -> None:
    """In every kind of conversation: a message each, in its thread, with the words in the answer's language; never twice.

    One that cannot be made to fit is left out.
    """
    desk.drawn = (picture(language=language), picture(cells(480, 300, 1)), picture(language=language))
    asked = await say(app, fake, where("<at>Asesor</at> ¿cuánto de noche?", fake.service_url))
    await answered(app, asked, reply(language))
    await answered(app, asked, reply(language))
    assert [bool(one.pictures) for one in fake.shown] == [False, True, True]
    assert [one.text for one in fake.shown[1:]] == [ALT[language]] * 2
    assert len({(one.conversation, one.reply_to) for one in fake.shown}) == 1
    assert desk.asked == [("pictures", "e1")]


async def test_where_there_is_nothing_to_see(app: TeamsApp, fake: FakeConnector, desk: NotingDesk) -> None:
    """An answer without such calculations asks for none, nor does one that is not kept."""
    asked = await say(app, fake, message("hola", fake.service_url))
    await answered(app, asked, Reply(Answer("answered", "es", "Hola."), "e1"))
    again = await say(app, fake, message("¿y?", fake.service_url))
    await answered(app, again, replace(reply(), exchange=""))
    assert (len(fake.shown), desk.asked) == (2, [])


@pytest.mark.parametrize("event", ["editMessage", "softDeleteMessage"])
async def test_a_changed_question_takes_its_pictures_away(app: TeamsApp, fake: FakeConnector, event: str) -> None:
    """Also those that were still on their way; what takes the place of an answer shows none."""
    original = message("¿cuánto de noche?", fake.service_url)
    await app.adapter.channel.post(await say(app, fake, original), reply())
    await answered(app, await say(app, fake, changed(original, event, "¿cuánto?")), reply())
    assert [(one.edited, one.pictures) for one in fake.shown] == [(True, ())]
    assert len(fake.deleted) == 1


async def test_pictures_of_two_forms_do_not_get_in_each_others_way(app: TeamsApp, fake: FakeConnector, desk: NotingDesk) -> None:
    """What a dialog says is no message that could be edited: two of one conversation are shown, and waited for at the end."""
    asked = await say(app, fake, message("¿cuánto de noche?", fake.service_url))
    waiting = [asyncio.Event(), asyncio.Event()]

    async def drawn(actor: Actor, exchange: str) -> tuple[Picture, ...]:
        await waiting[int(exchange[1:])].wait()
        return (picture(),)

    app.adapter.channel._pictures._drawn = drawn
    for n in range(2):
        given = replace(reply(), exchange=f"e{n}")
        await app.adapter.channel.post(replace(asked, id=f"form/{n}", said=""), given)
    waiting[0].set()
    await asyncio.sleep(0.5)
    asyncio.get_running_loop().call_later(0.2, waiting[1].set)
    await app.adapter.channel.stop()
    assert len([one for one in fake.shown if one.pictures]) == 2


@pytest.mark.parametrize("trouble", ["desk", "refused", "cut"])
async def test_a_picture_that_fails_harms_no_answer(app: TeamsApp, fake: FakeConnector, desk: NotingDesk, trouble: str) -> None:
    """The desk refuses, or Teams does, or the line breaks: the answer stands, and nothing is tried for long."""
    desk.refuses = trouble == "desk"
    if trouble != "desk":
        fake.faults.plan(Fault(), path="/activities")
        fake.faults.plan(Fault(status=400) if trouble == "refused" else Fault(status=502), path="/activities", times=-1)
    asked = await say(app, fake, group_message("<at>Asesor</at> hola", fake.service_url))
    await answered(app, asked, reply())
    (stands,) = fake.shown
    assert stands.text.startswith("100 kW")


async def test_a_picture_refused_for_its_size_is_drawn_smaller(app: TeamsApp, fake: FakeConnector, desk: NotingDesk) -> None:
    """If Teams counts the bytes of pictures as it does those of text, it still gets one."""
    fake.picture_bytes = MESSAGE_BYTES
    desk.drawn = (savings([("A", 100.0, 1000.0), ("B", 300.0, 700.0)] * 5, "Norte", "es"),)
    asked = await say(app, fake, channel_message("<at>Asesor</at> hola", fake.service_url))
    await answered(app, asked, reply())
    (smaller,) = fake.shown[1].pictures
    assert fake.shown[1].text == desk.drawn[0].alt
    with Image.open(io.BytesIO(smaller)) as seen:
        assert 360 <= max(seen.size) < 960


@pytest.mark.parametrize("limit", [PICTURE_BYTES, MESSAGE_BYTES])
def test_a_large_picture_keeps_within_the_limit(limit: int) -> None:
    """Measured on the activity that is sent, with no more dots than Teams draws and its words whole."""
    made = shown(picture(cells(1500, 900, 60)), Place("https://x.example/", "c"), "es", limit)
    assert made is not None
    assert wire_bytes(made) <= limit
    assert made.text == ALT["es"]
    wire = made.model_dump(by_alias=True, exclude_none=True, mode="json")
    (held,) = images_of(wire)
    assert drawn(held)


def test_a_picture_that_fits_nowhere_is_left_out() -> None:
    """Rather than refused with its words."""
    assert shown(picture(cells(480, 300, 1)), Place("https://x.example/", "c"), "es", MESSAGE_BYTES) is None
